"""What OCR takes for something else by its looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.lookalikes import told_apart
from jianwei.evidence.ocr import OcrLine


def read(*texts: str) -> list[str]:
    lines = [OcrLine.around(text, (0, 40 * at, 100, 40 * at + 20), 20.0) for at, text in enumerate(texts)]
    return [line.text for line in told_apart(lines)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("May 1o", "May 10"),
        ("2O5 boxes", "205 boxes"),
        ("H2O", "H2O"),
        ("5o'clock", "5o'clock"),
        ("2oz", "2oz"),
        ("x+1C=7C", "x+10=70"),
        ("Class: 7C", "Class: 7C"),
        ("Λ square", "A square"),
        ("Λ = λ/2", "Λ = λ/2"),
    ],
)
def test_a_character_that_the_line_tells(text: str, meant: str) -> None:
    assert read(text) == [meant]


def test_a_page_in_simplified_hanzi_has_no_traditional_ones() -> None:
    assert read("1．汽車2小時行66千米", "=33千米/时") == ["1．汽车2小时行66千米", "=33千米/时"]
    assert read("汽車2小時行66千米", "總計與單價") == ["汽車2小時行66千米", "總計與單價"]


@given(st.lists(st.text(max_size=12)))
def test_nothing_is_moved_within_a_line(texts: list[str]) -> None:
    assert [len(text) for text in read(*texts)] == [len(text) for text in texts]
