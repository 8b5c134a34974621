"""Rows without what a question does not ask for."""

from __future__ import annotations

import pytest

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.regions import language_of
from jianwei.evidence.trimming import trimmed


def row(*texts: str) -> list[OcrLine]:
    return [
        OcrLine(text, ((200 * x, 0), (200 * x + 80, 0), (200 * x + 80, 20), (200 * x, 20)), 0.99)
        for x, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("question", "texts", "named", "told"),
    [
        (
            "By which day should eggs be used?",
            ("Eggs", "£2.10/box", "Use by 5 Feb 2028"),
            0,
            ("Eggs:", "5 Feb 2028"),
        ),
        ("How long do eggs keep?", ("Use by 5 Feb 2028", "£2.10", "Eggs"), 2, ("Eggs:", "5 Feb 2028")),
        ("When does the parcel come?", ("Parcel", "Arrives on Mon, Oct 3"), 0, ("Parcel:", "Mon, Oct 3")),
        ("When was it issued?", ("Issued on: 5 Feb 2028", "No. 8"), 0, ("Issued on: 5 Feb 2028",)),
        ("What day is it?", ("Seen on 5 Feb 2028", "Eggs"), None, ("Seen on 5 Feb 2028",)),
        ("When do eggs come?", ("Eggs", "£2.10"), 0, ("Eggs:", "£2.10")),
        (
            "What do eggs cost?",
            ("Eggs", "£2.10", "Use by 5 Feb 2028"),
            0,
            ("Eggs:", "£2.10"),
        ),
        ("What do eggs cost?", ("Eggs", "Use by 5 Feb 2028"), 0, ("Eggs", "Use by 5 Feb 2028")),
        ("What do eggs cost?", ("Eggs", "12", "£2.10", "£25.20"), 0, ("Eggs", "12", "£2.10", "£25.20")),
        ("By what unit are eggs sold?", ("£2.10/ box", "Eggs", "5 Feb 2028"), 1, ("Eggs:", "box")),
        ("酱油按什么单位卖？", ("酱油", "15.80元/500g"), 0, ("酱油：", "500g")),
        ("By what unit are eggs sold?", ("Eggs", "£2.10"), 0, ("Eggs", "£2.10")),
        ("Is it open? Tea", ("Tea", ": no"), 0, ("Tea", ": no")),
        ("Which one costs £2.10/box?", ("£2.10/box", "Eggs"), 0, ("£2.10/box", "Eggs")),
        ("茶多少钱？", ("茶 ×12", "¥30.99"), 0, ("茶：", "¥30.99")),
        ("How much is tea?", ("Tea x2",), 0, ("Tea x2",)),
        ("How many tea?", ("Tea ×2", "£9.00"), 0, ("Tea ×2", "£9.00")),
    ],
)
def test_what_is_left_of_a_row(
    question: str, texts: tuple[str, ...], named: int | None, told: tuple[str, ...]
) -> None:
    lines = row(*texts)
    kept = trimmed(question, lines, [] if named is None else [lines[named]], language_of(question))
    assert tuple(line.text for line in kept) == told


def test_what_is_cut_off_is_not_in_the_place() -> None:
    lines = row("Eggs", "Use by 5 Feb 2028")
    _, day = trimmed("Until when can eggs be eaten?", lines, lines[:1], "en")
    assert day.box[0] > lines[1].box[0]
    assert day.box[2] == lines[1].box[2]
