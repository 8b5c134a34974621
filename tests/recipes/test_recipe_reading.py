"""What is read without a model: labels, tables, slips, tags, clauses, steps, signatures, stamps, charts."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
from recipe_pages import blank, page

from jianwei.evidence.values import amount_of, as_type, date_of, money
from jianwei.recipes.computed import compute_fields
from jianwei.recipes.labels import after_label
from jianwei.recipes.library import find_recipe
from jianwei.recipes.page import Page
from jianwei.recipes.picture_marks import find_stamp
from jianwei.recipes.readers import read_fields
from jianwei.recipes.recipe import FieldType
from jianwei.recipes.report import data_of
from jianwei.types import Image


def read(name: str, *pages: Page) -> dict[str, Any]:
    recipe = find_recipe(name)
    found = read_fields(recipe, pages)
    return data_of(recipe, {**found, **compute_fields(recipe, found)})


@pytest.mark.parametrize(
    ("text", "label", "behind"),
    [
        ("合计：¥42.40", "合计", (True, "¥42.40")),
        ("合 计 ¥42.40", "合计", (False, "¥42.40")),
        ("税额(13%)", "税额", (False, "")),
        ("开票曰期：2024-05-06", "开票日期", (True, "2024-05-06")),
        ("Totals: 3", "Total", None),
        ("金额合计：3", "合计", None),
        ("Tax Invoice", "Tax", (False, "Invoice")),
    ],
)
def test_a_label_is_a_whole_word_at_the_beginning(
    text: str, label: str, behind: tuple[bool, str] | None
) -> None:
    assert after_label(text, label) == behind


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("¥29.9/盒", "money", "¥29.9"),
        ("$1,234.50", "money", "$1,234.50"),
        ("免费", "money", "免费"),
        ("12%", "money", None),
        ("Q3 2024", "money", None),
        ("29.9元", "number", "29.9"),
        ("2024年5月6日 14:00", "date", "2024年5月6日"),
        ("Mar 3", "date", "Mar 3"),
        ("——", "text", None),
    ],
)
def test_a_value_must_be_of_its_type(text: str, kind: FieldType, value: str | None) -> None:
    assert as_type(text, kind) == value


def test_amounts_are_exact_and_written_as_they_were_printed() -> None:
    assert amount_of("-￥1,200.10") == amount_of("-1200.10")
    assert amount_of("Free") == 0
    assert amount_of("12a") is None
    wanted = amount_of("12.5")
    assert wanted is not None
    assert [money(wanted, like) for like in ("¥3", "3元", "USD 3", "1,000.00")] == [
        "¥12.50", "12.50元", "USD 12.50", "12.50"
    ]  # fmt: skip
    assert str(date_of("6 May 2024")) == "2024-05-06"
    assert date_of("Mar 3") is None


INVOICE = page(
    [("电子发票", 20)],
    [("流水号：AB12", 20), ("签发日期：2024-05-06", 300)],
    [("货品", 20), ("件数", 250), ("每件", 350), ("共计", 480)],
    [("牛奶", 20), ("3", 270), ("¥5.00", 345), ("¥15.00", 475)],
    [("面包", 20), ("2", 270), ("¥8.00", 345), ("¥16.00", 475)],
    [("不含税金额", 200), ("¥31.00", 475)],
    [("税款(10%)", 200), ("¥3.10", 475)],
    [("应收总额", 200), ("¥34.10", 475)],
)


def test_an_invoice_is_read_with_its_lines_and_places() -> None:
    recipe = find_recipe("invoice")
    found = read_fields(recipe, [INVOICE])
    said = {key: value.value for key, value in found.items()}
    assert (said["number"], said["date"]) == ("AB12", "2024-05-06")
    assert (said["subtotal"], said["tax"], said["total"]) == ("¥31.00", "¥3.10", "¥34.10")
    assert said["lines"] == [
        {"name": "牛奶", "count": 3, "price": "¥5.00", "amount": "¥15.00"},
        {"name": "面包", "count": 2, "price": "¥8.00", "amount": "¥16.00"},
    ]
    (place,) = found["total"].places
    assert place.bbox[0] == pytest.approx(478, abs=1)
    assert place.source == "ocr"
    assert "buyer" not in found


def test_a_slip_without_a_head_is_read_too() -> None:
    slip = page(
        [("牛奶", 20), ("x2", 250), ("¥7.00", 400)],
        "苹果",
        [("3 × ¥2.50", 40), ("¥7.50", 400)],
        [("合计", 20), ("¥14.50", 400)],
    )
    said = read("invoice", slip)
    assert said["lines"] == [
        {"name": "牛奶", "count": 2, "price": None, "amount": "¥7.00"},
        {"name": "苹果", "count": 3, "price": "¥2.50", "amount": "¥7.50"},
    ]
    assert said["total"] == "¥14.50"


def test_what_is_missing_for_free_shipping_is_worked_out() -> None:
    screen = page(
        [("牛奶 ×2", 20), ("¥86.50", 400)],
        [("货款", 20), ("¥86.50", 400)],
        [("邮费", 20), ("¥6.00", 400)],
        [("实付款", 20), ("¥92.50", 400)],
        "消费达99元免邮",
    )
    said = read("support", screen)
    assert (said["threshold"], said["remaining"]) == (99, "¥12.50")
    assert said["goods"] == [{"name": "牛奶", "count": 2, "amount": "¥86.50"}]
    reached = page([("Goods", 20), ("$40.00", 400)], "Spend $35 to ship free")
    said = read("support", reached)
    assert (said["threshold"], said["remaining"]) == (35, None)


def test_names_of_price_tags_stand_on_the_side_where_they_are_nearer() -> None:
    above = page([("蓝莓", 40), ("牛奶", 340)], [("¥29.9/盒", 30), ("¥5.00", 335)])
    assert read("price_tag", above)["tags"] == [
        {"name": "蓝莓", "price": "¥29.9", "unit": "盒", "best_before": None},
        {"name": "牛奶", "price": "¥5.00", "unit": None, "best_before": None},
    ]
    below = page([("¥3.20", 40), ("¥5.00", 340)], [("茶", 45), ("糖", 345)], "保质期至 2031-05-01")
    said = read("price_tag", below)
    assert [tag["name"] for tag in said["tags"]] == ["茶", "糖"]
    assert said["tags"][0]["best_before"] == "2031-05-01"
    assert said["dearest"] == "糖 (¥5.00)"


def test_homework_is_cut_into_exercises_and_steps() -> None:
    sheet = page("姓名：王芳", "1. 解方程：2x+1=7", "(1) 2x=6", "(2) x=3", "2. 计算：3×4", "(1) =12")
    said = read("homework", sheet)
    assert said["name"] == "王芳"
    assert [task["text"] for task in said["tasks"]] == ["解方程:2x+1=7", "计算:3×4"]
    steps = [(row["exercise"], row["number"], row["text"]) for row in said["steps"]]
    assert steps == [(1, 1, "2x=6"), (1, 2, "x=3"), (2, 1, "=12")]


def test_clauses_go_on_in_the_next_line() -> None:
    contract = page(
        "买卖合同", "甲方：长风公司", "1、甲方订购茶叶，数量20", "每箱十二盒。", "2、价款共计¥600.00。"
    )
    said = read("contract", contract)
    assert said["clauses"] == [
        {"number": 1, "text": "甲方订购茶叶,数量20每箱十二盒"},
        {"number": 2, "text": "价款共计¥600.00"},
    ]
    assert (said["party_a"], said["total"]) == ("长风公司", "¥600.00")


def scribble(pixels: np.ndarray, left: int, top: int, width: int, height: int) -> None:
    points = [(left + i, round(top + height / 2 + height / 2 * math.sin(i / 6))) for i in range(width)]
    cv2.polylines(pixels, [np.array(points, np.int32)], False, (30, 40, 120), 2)


def test_blank_and_signed_places_are_told_apart_on_the_page() -> None:
    pixels = blank().pixels.copy()
    for row in (0, 1):
        y = 20 + 36 * row + 22
        cv2.line(pixels, (140, y), (340, y), (20, 20, 20), 1)
    scribble(pixels, 160, 16, 100, 18)
    sheet = page(
        [("甲方签名：", 20), ("签署日：2024-05-06", 360)],
        [("乙方签名：", 20), ("签署日：", 360)],
        image=Image(pixels),
    )
    assert read("contract", sheet)["signatures"] == [
        {"field": "甲方签名", "signed": True, "dated": True},
        {"field": "乙方签名", "signed": False, "dated": False},
    ]
    assert read("contract", sheet)["date"] is None, "the day beside a signature is not the contract's"


def test_a_round_red_seal_is_found_and_red_words_are_none() -> None:
    pixels = np.full((400, 400, 3), 250, np.uint8)
    cv2.putText(pixels, "RED WORDS", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (210, 30, 30), 3)
    assert find_stamp(pixels) is None
    cv2.circle(pixels, (250, 250), 60, (210, 40, 40), 5)
    cv2.putText(pixels, "PAID", (215, 260), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (210, 40, 40), 2)
    box = find_stamp(pixels)
    assert box is not None
    assert box == pytest.approx((188, 188, 312, 312), abs=4)


def test_a_table_of_figures_and_a_pie_are_read() -> None:
    table = page(
        [("Stock by city", 20)],
        [("Unit: boxes", 420)],
        [("City", 20), ("Plan", 250), ("Actual", 420)],
        [("London", 20), ("120", 255), ("98", 430)],
        [("Miami", 20), ("75", 258), ("81", 430)],
    )
    said = read("chart", table)
    assert said["charts"][0]["kind"] == "table"
    assert said["charts"][0]["unit"] == "boxes"
    figures = [(row["name"], row["series"], row["value"]) for row in said["figures"]]
    assert figures == [
        ("London", "Plan", 120),
        ("London", "Actual", 98),
        ("Miami", "Plan", 75),
        ("Miami", "Actual", 81),
    ]
    pie = page([("East 40%", 20), ("West 35%", 300)], [("North 25%", 100)])
    said = read("chart", pie)
    assert [(row["name"], row["value"]) for row in said["figures"]] == [
        ("East", 40),
        ("West", 35),
        ("North", 25),
    ]
    assert said["largest"] == [{"chart": None, "name": "East", "value": 40}]
