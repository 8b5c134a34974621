"""What a small model is told right before a question: rows that it names, and what is seen of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seen_things import area, sight

from jianwei.evidence import sight as sights
from jianwei.evidence.areas import Area
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.reminding import MAX_ROWS, reminder
from jianwei.evidence.sight import Sight
from jianwei.evidence.spots import Spot
from jianwei.evidence.telling import tell_rows, told_rows
from jianwei.types import Image


def rows(*texts: str) -> list[list[OcrLine]]:
    """Rows from the top; pieces of a row are parted by tabs."""
    lines = [
        OcrLine(piece, ((x, y), (x + 80, y), (x + 80, y + 20), (x, y + 20)), 0.99)
        for row, text in enumerate(texts)
        for column, piece in enumerate(text.split("\t"))
        for x, y in [(200 * column, 40 * row)]
    ]
    return told_rows(lines)


ORDER = rows(
    "Order page",
    "Green Tea ×2\t£9.00",
    "Tea\t£3.10",
    "Postage: £4.99",
    "合计\t¥128.50",
    "商品合计\t¥120.00",
    "Cola",
    "5 × £1.00\t£5.00",
    "No",
)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many Green Tea were ordered?", "Green Tea ×2\t£9.00\n"),  # the article without its number
        ("price of tea", "Tea:\t£3.10\n"),
        ("What is the POSTAGE?", "Postage: £4.99\n"),  # the label before its colon
        ("合 计是多少？", "合计:\t¥128.50\n"),
        ("商品合计多少", "商品合计:\t¥120.00\n"),  # the shorter name within it is not meant
        ("商品合计和合计差多少？", "合计:\t¥128.50\n商品合计:\t¥120.00\n"),
        ("How much is the Cola?", "Cola\n5 × £1.00\t£5.00\n"),  # figures below
        ("哪个卖¥128.50？", "合计\t¥128.50\n"),
        ("哪个卖¥128.5？", ""),
        ("Is tea-time stated, steam or teas?", "Tea:\t£3.10\n"),
        ("Does it steam?", ""),  # no word of its own
        (
            "Is there no tax?",
            "Tea\t£3.10\nPostage: £4.99\n合计\t¥128.50\n商品合计\t¥120.00\n5 × £1.00\t£5.00\n",
        ),  # "No" is too short
        ("What is the weather like?", ""),
        ("", ""),
    ],
)
def test_the_rows_that_a_question_names(question: str, told: str) -> None:
    assert reminder(question, ORDER, "en").text == told


def test_sides_are_told_instead_where_a_question_asks_for_them() -> None:
    said = reminder("Is tea above or below 合计?", ORDER, "en").text
    assert said == "Tea is above 合计.\n"


def test_a_question_for_a_place_is_told_nothing_more() -> None:
    assert reminder("“合计”在哪里？", ORDER, "zh").text == ""


def test_of_many_rows_those_with_the_longest_names_are_told() -> None:
    page = rows("aaa\t1", "bbbb\t2", "ccccc\t3", "dddddd\t4", "eeeeeee\t5")
    told = reminder("aaa bbbb ccccc dddddd eeeeeee", page, "en").text
    assert told == "ccccc:\t3\ndddddd:\t4\neeeeeee:\t5\n"
    assert told.count("\n") == MAX_ROWS


def test_every_line_told_again_is_known_by_its_place_in_the_text() -> None:
    told = reminder("price of tea and 合计", ORDER, "en")
    assert [told.text.encode()[each.start : each.end].decode() for each in told.lines] == [
        each.line.text for each in told.lines
    ]
    assert len(told.lines) == 4


TEXTS = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12), max_size=8)


@given(TEXTS, st.text(max_size=40))
def test_whatever_is_read_and_asked_whole_rows_are_told(texts: Sequence[str], question: str) -> None:
    page = rows(*texts)
    told = reminder(question + "".join(texts[:1]), page, "zh").text
    known = {tell_rows([row]).text for row in page}
    # A label and what stands below it are told as a pair.
    known |= {tell_rows([[*above, *below]]).text for above, below in pairwise(page)}
    if told and "的" not in told:
        assert all(f"{row}\n" in known for row in told.splitlines())


TICKS = (area("red", "tick", 300, 40), area("red", "tick", 300, 80), area("red", "cross", 300, 120))
LEGEND = rows("Sales by team", "Finance", "Design")
PAINTED = (area("blue", "square", 90, 40), area("green", "square", 90, 80))
SPOT = Spot((100, 50, 200, 100), hole=False, place="top left")


@pytest.mark.parametrize(
    ("question", "seen", "told"),
    [
        ("What colour is Design?", sight(PAINTED), "Design\tgreen\n"),  # the nearest
        ("What colour is it?", sight(PAINTED), "blue square ×1\tgreen square ×1\n"),
        ("How many red ticks are there?", sight(TICKS), "red tick ×2\n"),
        ("How many circles are there?", sight(TICKS), "circle ×0\n"),
        ("How many marks are there?", sight(TICKS), "all ×3\tred tick ×2\tred cross ×1\n"),
        ("How many are there?", sight(), ""),
        ("Is the parcel damaged?", sight((), (SPOT,)), "shadow\n"),
        ("Which part of it is damaged?", sight((), (SPOT,)), "shadow\ttop left\n"),
        ("Is the parcel damaged?", sight(PAINTED), "no spots\n"),
        ("Mark the damage.", sight(TICKS, (SPOT,)), '{"label":"shadow","bbox_2d":[100,100,200,200]}\n'),
        ("Locate the cross.", sight(TICKS[2:]), '{"label":"red cross","bbox_2d":[300,240,340,280]}\n'),
        ('Where is "Finance"?', sight(PAINTED), ""),  # its line is told with its place
    ],
)
def test_what_is_seen_is_told_where_it_is_asked_for(question: str, seen: Sight, told: str) -> None:
    assert reminder(question, LEGEND, "en", seen).text == told


def test_what_can_be_pressed_is_told_by_its_ground() -> None:
    page = rows("Order", "Pay now", "Help")
    ground = Area("blue", "", (-20, 25, 120, 75), 0.02)
    banner = Area("red", "", (-20, -20, 400, 300), 0.5)
    assert reminder("What is the button called?", page, "en", sight([banner, ground])).text == "Pay now\n"
    assert reminder("哪个键可以按？", page, "zh", sight([banner])).text == ""


def test_what_is_seen_is_told_in_chinese() -> None:
    page = rows("各部门", "财务部", "研发部")
    assert reminder("有几个红勾？", page, "zh", sight(TICKS)).text == "红色勾 ×2\n"
    assert reminder("研发部是什么颜色？", page, "zh", sight(PAINTED)).text == "研发部\t绿色\n"
    assert reminder("箱子哪里坏了", page, "zh", sight((), (SPOT,))).text == "阴影\t左上角\n"
    assert reminder("箱子坏了吗", page, "zh", sight()).text == "没有斑块\n"


def test_the_largest_and_the_smallest_are_told() -> None:
    bars = (area("blue", "square", 90, 40, 200), area("green", "square", 90, 80, 30))
    sized = tuple(replace(bar, size=bar.box[2] - bar.box[0]) for bar in bars)
    assert reminder("Which is largest?", LEGEND, "en", sight(sized)).text == "largest\tFinance\n"


def test_of_a_row_of_labels_and_values_only_what_is_named_is_told() -> None:
    page = rows("Name: Jo Li\tClass: 8A", "Signed:\tDate:", "Tea\tPrice: £3\tUse by: 5 Feb")
    assert reminder("Which class is it?", page, "en").text == "Class: 8A\n"
    assert reminder("Which day is beside “Signed”?", page, "en").text.startswith("Signed:\tDate:\n")
    assert reminder("What about the tea?", page, "en").text == "Tea\tPrice: £3\tUse by: 5 Feb\n"


@pytest.mark.parametrize(("inked", "told"), [(False, "blank"), (True, "handwriting")])
def test_blank_fields_are_told_as_they_look(inked: bool, told: str) -> None:
    page = rows("Signed:\tDate: 5 Feb")
    said = reminder("Is there a name at “Signed”?", page, "en", sight(inked=inked)).text
    assert said == f"Signed:\t{told}\tDate: 5 Feb\n"


def test_kinds_of_goods_are_counted() -> None:
    page = rows("Green Tea ×2\t£9.00", "Milk × 1\t£3.10", "Total\t£12.10")
    assert reminder("How many different items were ordered?", page, "en").text == "goods ×2\n"
    assert reminder("买了几种商品？", page, "zh").text == "商品 ×2\n"


def test_of_a_bill_only_its_total_is_told() -> None:
    page = rows("Item\tSum", "Tea\t£3.00", "Milk\t£2.00", "Balance due\t£5.00")
    assert reminder("What is the sum?", page, "en").text == "Balance due\t£5.00\n"
    assert reminder("What is the total of milk?", page, "en").text == "Milk:\t£2.00\n"


def test_numbered_rows_are_told_alone() -> None:
    page = rows("1. 算一算：3×4", "步骤1：=12", "2. 算一算：5×6", "步骤1：=30")
    assert reminder("第2题步骤1写了什么？", page, "zh", sight(TICKS)).text == "=30\n"


@pytest.mark.parametrize(
    ("question", "rows_seen", "told"),
    [
        ("In which unit is the rainfall measured?", 5, "Unit: mm\n"),
        ("In which unit is the fee?", 5, "Unit: EUR\n"),
        ("In which unit is it measured?", 3, "Unit: mm\n"),
        ("What does the axis show?", 3, "Rainfall\n"),
        ("In which unit is it measured?", 5, ""),  # which of two?
    ],
)
def test_quantities_and_units_are_told(question: str, rows_seen: int, told: str) -> None:
    page = rows("Rainfall by team", "Finance", "Rainfall / mm", "Fee (EUR)", "2030 / 31")
    assert reminder(question, page[:rows_seen], "en").text == told


def test_the_head_of_a_block_is_told_above_its_line() -> None:
    page = [*rows("Offers", "Coupon\t-£3"), *below(rows("Amount due", "Goods\t£9", "To pay\t£6"), 140)]
    assert reminder("Under which heading stands “To pay”?", page, "en").text == "Amount due\nTo pay:\t£6\n"


def test_a_general_word_of_the_page_is_not_all_that_is_told() -> None:
    page = rows("Issued on: 5 Feb 2028", "Signature:\tDate:")
    assert reminder("What is the date?", page, "en").text == "Signature:\tDate:\nIssued on: 5 Feb 2028\n"
    assert reminder("How much is Tea?", ORDER, "en").text == "Tea:\t£3.10\n"


def test_a_picture_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(sights, "find_areas", lambda image, lines: calls.append("areas") or [])
    monkeypatch.setattr(sights, "find_spots", lambda image, lines: calls.append("spots") or [])
    seen = Sight.of(Image(np.zeros((10, 10, 3), np.uint8)), [])
    for _ in range(3):
        reminder("What colour is it? Is it damaged?", [], "en", seen)
        reminder("Is it damaged?", [], "en", seen)
    assert sorted(calls) == ["areas", "spots"]


def below(page: Sequence[Sequence[OcrLine]], down: float) -> list[list[OcrLine]]:
    return [[replace(line, quad=tuple((x, y + down) for x, y in line.quad)) for line in row] for row in page]


def test_a_title_far_from_all_that_is_painted_has_no_colour() -> None:
    page = [*LEGEND[:1], *below(LEGEND[1:], 100)]
    painted = tuple(replace(each, box=(90, each.box[1] + 100, 130, each.box[3] + 100)) for each in PAINTED)
    told = reminder('Which colour has Finance in "Sales by team"?', page, "en", sight(painted)).text
    assert told == "Finance\tblue\n"


def test_a_misread_name_is_meant_where_nothing_else_is() -> None:
    page = rows("鲷鬆香菇\t¥37.90", "大白菜\t¥3.00")
    assert reminder("鲷鬏香菇多少钱？", page, "zh").text == "鲷鬆香菇：\t¥37.90\n"
    assert reminder("大白菜比鲷鬏香菇便宜吗？", page, "zh").text == "大白菜：\t¥3.00\n"


def test_a_total_without_a_label_beside_it_has_one() -> None:
    page = rows("Tea\t£3.00", "Milk\t£4.50", "£7.50")
    assert reminder("What is the total?", page, "en").text == "Total: £7.50\n"
    page = rows("Tea\t£3.00", "Milk\t£4.50", "Due\t£7.50")
    assert reminder("What is the total?", page, "en").text == "Due\t£7.50\n"


def test_a_label_before_a_number_is_named_as_a_whole() -> None:
    page = rows("Paper Number:2020104208", "Delivery fee 20")
    assert reminder("Is the paper torn?", page, "en").text == ""
    assert reminder("What is the paper number?", page, "en").text == "Paper Number:2020104208\n"
    assert reminder("What is the delivery fee?", page, "en").text == "Delivery fee 20\n"


def test_a_price_of_one_figure_names_its_row() -> None:
    page = rows("Umbrella\t£3", "Jeans\t£38")
    assert reminder("What bears a tag of £3?", page, "en").text == "Umbrella\t£3\n"
