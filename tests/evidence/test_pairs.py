"""Rows in labels and their values, and lines in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut, is_blank, is_labelled, pairs


def line(text: str, x: float = 0, wide: float = 100) -> OcrLine:
    return OcrLine(text, ((x, 0), (x + wide, 10), (x + wide, 30), (x, 20)), 0.9)


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (["Name: John Walker", "Class: 8A"], [["Name: John Walker"], ["Class: 8A"]]),
        (["No：", "978853118", "供应方：", "家具公司"], [["No：", "978853118"], ["供应方：", "家具公司"]]),
        (["姓名：高华 班级：五(5)班"], [["姓名：高华"], ["班级：五(5)班"]]),
        (["Name: John Walker Class: 4B"], [["Name: John Walker"], ["Class: 4B"]]),
        (["Party A: Fuyi Ltd Party B: Yumi Ltd"], [["Party A: Fuyi Ltd"], ["Party B: Yumi Ltd"]]),
        (["Party A please sign:", "Date:"], [["Party A please sign:"], ["Date:"]]),
        (["日期：11月8日", "77"], [["日期：11月8日", "77"]]),
        (["2027-03-18 15:50", "Tea"], [["2027-03-18 15:50", "Tea"]]),  # a time of day is no label
        (["Tea", "£3.10", "Use by: 5 Feb"], [["Tea", "£3.10"], ["Use by: 5 Feb"]]),
        ([], []),
    ],
)
def test_a_row_in_its_labels_and_values(row: list[str], parts: list[list[str]]) -> None:
    assert [[each.text for each in pair] for pair in pairs([line(text) for text in row])] == parts


def test_what_is_filled_in() -> None:
    assert is_blank([line("Signed:")])
    assert not is_blank([line("Signed: Jo")])
    assert not is_blank([line("Signed:"), line("Jo")])
    assert not is_blank([line("Signed")])
    assert is_labelled([line("Signed: Jo")])
    assert not is_labelled([line("Jo")])


def test_a_part_of_a_line_stands_where_it_stood() -> None:
    part = cut(line("abcd 1234 ", 50), 4)
    assert part.text == "1234"
    assert part.quad == ((100, 5), (140, 9), (140, 29), (100, 25))


@given(st.lists(st.text(max_size=30), max_size=5))
def test_whatever_is_read_nothing_is_lost(texts: list[str]) -> None:
    found = [each.text for pair in pairs([line(text) for text in texts]) for each in pair]
    assert "".join("".join(found).split()) == "".join("".join(texts).split())
