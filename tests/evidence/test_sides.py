"""How two texts that a question names lie to each other, as it is told before the question."""

from __future__ import annotations

import pytest

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.sides import told_sides


def line(text: str, left: float, top: float, wide: float = 100, high: float = 20) -> OcrLine:
    right, bottom = left + wide, top + high
    return OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99)


SHELF = [line("牛奶", 0, 100), line("面包", 200, 100), line("Green Tea", 0, 300), line("Rice", 210, 304)]


@pytest.mark.parametrize(
    "question",
    [
        "牛奶在面包的左边还是右边？",
        "牛奶摆在面包左边还是右边？",
        "以面包为准，牛奶在左边还是右边？",
        "相较于“面包”，“牛奶”排在左边还是右边？",
        "“牛奶”和“面包”比，处于左边还是右边？",
        "“牛奶”相对“面包”摆在何处？",
    ],
)
def test_of_the_one_that_is_asked_for_is_told_where_it_is_to_the_other(question: str) -> None:
    assert told_sides(question, SHELF, "zh") == "牛奶在面包的左边。"


@pytest.mark.parametrize(
    "question",
    [
        "Is Green Tea left or right of rice?",
        "Seen from Rice, is Green Tea on the left or right?",
        'Compared with "Rice", does "Green Tea" stand left or right?',
        'How does "Green Tea" lie to "Rice": left or right?',
        "Is Green Tea further left than the rice?",
    ],
)
def test_the_same_in_english(question: str) -> None:
    assert told_sides(question, SHELF, "en") == "Green Tea is left of Rice."


def test_where_that_is_not_said_it_is_told_once_from_each() -> None:
    said = "Green Tea is left of Rice. Rice is right of Green Tea."
    assert told_sides("Green Tea, rice: which one is left?", SHELF, "en") == said


def test_of_what_stands_askew_both_directions_are_told() -> None:
    said = told_sides("以“Rice”为准，“牛奶”在哪个方位？", SHELF, "zh")
    assert said == "牛奶在Rice的左边、上方。"


@pytest.mark.parametrize(
    "question",
    [
        "牛奶多少钱？",  # asks no side
        "牛奶比面包贵多少？",
        "牛奶在左边吗？",  # names one
        "牛奶、面包和Rice从左到右怎么排？",  # names three
        "“牛”在“面包”的左边吗？",  # no line of its own
        "Which number is where Rice meets Green Tea?",
        "",
    ],
)
def test_otherwise_nothing_is_told(question: str) -> None:
    assert told_sides(question, SHELF, "zh") == ""


def test_what_is_read_twice_is_meant_at_no_place() -> None:
    assert told_sides("牛奶在面包的左边吗？", [*SHELF, line("牛奶", 500, 500)], "zh") == ""


def test_a_shorter_name_within_a_longer_one_is_not_meant() -> None:
    lines = [line("牛奶", 0, 0), line("纯牛奶", 200, 0), line("面包", 400, 0)]
    assert told_sides("纯牛奶在面包的左边吗？", lines, "zh") == "纯牛奶在面包的左边。"


def test_what_lies_upon_the_other_has_no_side() -> None:
    assert told_sides("A1在B2左边吗？", [line("A1", 0, 0), line("B2", 10, 5)], "zh") == ""
