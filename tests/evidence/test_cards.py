"""Cards side by side are told one after the other; tables, panels and prose stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.cards import whole_cards
from jianwei.evidence.ocr import OcrLine, OcrReader, reading_rows
from jianwei.evidence.telling import format_evidence
from jianwei.scenes import families
from jianwei.types import Image


def laid_out(*rows: tuple[str, ...], step: float = 200, pitch: float = 40) -> list[OcrLine]:
    """Pieces in columns ``step`` apart and rows ``pitch`` apart, 30 high; an empty one is left out."""
    found: list[OcrLine] = []
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            if text:
                left, top = 20 + step * x, 100 + pitch * y
                right, bottom = left + min(150, 20 * len(text)), top + 30
                found.append(OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0))
    return found


def told(lines: list[OcrLine]) -> list[list[str]]:
    return [[line.text for line in row] for row in whole_cards(reading_rows(lines))]


@pytest.mark.parametrize("pitch", [31, 40, 50])
def test_price_tags_are_told_one_after_the_other(pitch: float) -> None:
    rows = (
        ("¥14.80", "￥6683.16/箱", "864元/份"),
        ("跳绳", "鱼香肉丝", "猫粮"),
        ("", "保质期至 2024年3月9日", ""),
    )
    assert told(laid_out(*rows, pitch=pitch)) == [
        ["跳绳", "¥14.80"],
        ["鱼香肉丝", "￥6683.16/箱", "保质期至 2024年3月9日"],
        ["猫粮", "864元/份"],
    ]


@pytest.mark.parametrize(
    ("joined", "parts"),
    [
        ("USD 83 USD 7193", ("USD 83", "USD 7193")),
        ("€3.36¥12.79", ("€3.36", "¥12.79")),
        ("￥259/包80.9元/双", ("￥259/包", "80.9元/双")),
    ],
)
def test_what_ocr_joined_over_two_cards_is_parted(joined: str, parts: tuple[str, str]) -> None:
    lines = laid_out(("Cap", "Banana", "Tissue"), ("", "", "$789"))
    lines.append(OcrLine(joined, ((10, 142), (370, 142), (370, 172), (10, 172)), 1.0))
    assert told(lines) == [["Cap", parts[0]], ["Banana", parts[1]], ["Tissue", "$789"]]


@pytest.mark.parametrize("price", ["f9.05/each", "83.24/1", "5"])
def test_a_misread_price_is_one_all_the_same(price: str) -> None:
    assert told(laid_out(("Cap", "Tea"), ("$7.10", price))) == [["Cap", "$7.10"], ["Tea", price]]


def test_a_day_in_small_print_may_stand_out_of_its_card() -> None:
    lines = laid_out(("Cap", "Banana", "Tissue"), ("$7", "$8", "$9"))
    day, note = "Date of expiration Nov 3, 2028", "Very good value for everybody"
    for text, kept in ((day, True), (note, False)):
        below = OcrLine(text, ((120, 175), (450, 175), (450, 190), (120, 190)), 1.0)
        assert (["Banana", "$8", text] in told([*lines, below])) is kept


def test_a_single_day_above_the_names_is_on_its_card() -> None:
    rows = (("", "Use by 5 Feb 2028"), ("Cap", "Tea"), ("$73270.02/500g", "$8"))
    assert told(laid_out(*rows)) == [["Cap", "$73270.02/500g"], ["Tea", "Use by 5 Feb 2028", "$8"]]
    assert told(laid_out(("Use by 5 Feb 2028",), ("Cap",))) == [["Use by 5 Feb 2028"], ["Cap"]]


def test_figures_stand_beside_their_headings() -> None:
    assert told(laid_out(("Orders", "Sales"), ("42", "USD 9,120"))) == [
        ["Orders", "42"],
        ["Sales", "USD 9,120"],
    ]


@pytest.mark.parametrize(
    "rows",
    [
        # A table: its rows begin with names.
        (("名称", "数量", "金额"), ("苹果", "2", "¥7.00"), ("梨", "3", "¥9.00")),
        # A table of figures alone below its head.
        (("2019", "2020", "2021"), ("3", "5", "8"), ("2", "1", "9")),
        (("数量", "单价"), ("2", "3.50"), ("4", "7.10")),
        # Labels with values.
        (("订单编号", "A2031-0457"), ("合计", "¥42.40")),
        # Words alone: a shelf without prices, a menu of links.
        (("首页", "订单", "我的"), ("牛奶", "面包", "鸡蛋")),
        # Dates are no figures.
        (("提交", "审核"), ("2024-03-09", "2024-03-11")),
    ],
)
def test_what_is_no_card_stays_in_rows(rows: tuple[tuple[str, ...], ...]) -> None:
    assert told(laid_out(*rows)) == [list(row) for row in rows]


def test_rows_far_apart_or_out_of_line_are_no_cards() -> None:
    names, prices = ("牛奶", "面包"), ("¥1.00", "¥2.00")
    assert told(laid_out(names, prices, pitch=60)) == [list(names), list(prices)]
    shifted = laid_out(names) + laid_out((), ("", "¥1.00", "¥2.00"))
    assert told(shifted) == [list(names), list(prices)]


_EDGE = st.floats(0, 900, allow_nan=False)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), _EDGE, _EDGE, _EDGE, _EDGE), max_size=14))
def test_every_line_is_told_once(pieces: list[tuple[str, float, float, float, float]]) -> None:
    lines = [
        OcrLine(text, ((a, b), (a + c, b), (a + c, b + d), (a, b + d)), 1.0) for text, a, b, c, d in pieces
    ]
    rows = whole_cards(reading_rows(lines))
    assert sorted(id(line) for row in rows for line in row) == sorted(map(id, lines))


def test_on_drawn_shelves_a_price_stands_in_the_row_of_its_product() -> None:
    reader = OcrReader(threads=1)
    beside, asked = 0, 0
    for seed in range(8):
        scene = families.draw("shelves", seed, "test", "en")
        rows = format_evidence(reader.read(scene.image), scene.image).splitlines()
        for question in scene.questions:
            if question.kind == "price" and question.match == "text":
                asked += 1
                name = question.answer.split(":")[0]
                beside += any(name in row and question.value in row for row in rows)
    assert asked >= 10
    assert beside >= 0.7 * asked


def test_an_empty_picture_has_no_cards() -> None:
    assert whole_cards([]) == []
    assert format_evidence([], Image(np.zeros((10, 10, 3), np.uint8))) == "OCR:\n\n"
