"""What a small model is told once more before a question: the rows of what the question names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.reminding import MAX_ROWS, reminder
from jianwei.evidence.telling import tell_rows, told_rows


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
        ("price of tea", "Tea\t£3.10\n"),
        ("What is the POSTAGE?", "Postage: £4.99\n"),  # the label before its colon
        ("合 计是多少？", "合计\t¥128.50\n"),
        ("商品合计多少", "商品合计\t¥120.00\n"),  # the shorter name within it is not meant
        ("商品合计和合计差多少？", "合计\t¥128.50\n商品合计\t¥120.00\n"),
        ("How much is the Cola?", "Cola\n5 × £1.00\t£5.00\n"),  # figures below
        ("哪个卖¥128.50？", "合计\t¥128.50\n"),
        ("哪个卖¥128.5？", ""),
        ("Is tea-time stated, steam or teas?", "Tea\t£3.10\n"),
        ("Does it steam?", ""),  # no word of its own
        ("Is there no price?", ""),  # too short to be meant
        ("What is the weather like?", ""),
        ("", ""),
    ],
)
def test_the_rows_that_a_question_names(question: str, told: str) -> None:
    assert reminder(question, ORDER, "en").text == told


def test_sides_are_told_instead_where_a_question_asks_for_them() -> None:
    said = reminder("Is tea above or below 合计?", ORDER, "en").text
    assert said == "Tea is above 合计. 合计 is below Tea.\n"


def test_a_question_for_a_place_is_told_nothing_more() -> None:
    assert reminder("“合计”在哪里？", ORDER, "zh").text == ""


def test_of_many_rows_those_with_the_longest_names_are_told() -> None:
    page = rows("aaa\t1", "bbbb\t2", "ccccc\t3", "dddddd\t4", "eeeeeee\t5")
    told = reminder("aaa bbbb ccccc dddddd eeeeeee", page, "en").text
    assert told == "ccccc\t3\ndddddd\t4\neeeeeee\t5\n"
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
    if told and "的" not in told:
        assert all(f"{row}\n" in known for row in told.splitlines())
