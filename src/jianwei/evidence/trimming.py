"""Named rows without what a question does not ask for: the day of a tag alone, an article without its number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.evidence.answer_types import asks_for_amount, asks_for_day, day_in
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut
from jianwei.evidence.sums import ARTICLE

_WEEKDAY = re.compile(
    r"(?:星期|周)[一二三四五六日天]\W*$|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*$", re.IGNORECASE
)


def trimmed(question: str, row: Sequence[OcrLine], named: Sequence[OcrLine]) -> Sequence[OcrLine]:
    """A row as it is told for the question.

    - For a day: what is named in the row and its day, without what stands before it ("Use by 4 Jul 2028").
    - For an amount: an article without its number: ``Tea`` of ``Tea ×2``.

    Args:
        question: that names something in the row.
        row: of the page.
        named: the lines of the page that the question names.
    """
    names = [line for line in row if any(line is each for each in named)]
    if asks_for_day(question) and any(day_in(line.text) for line in row):
        return [
            _day(line) if names and line not in names else line
            for line in row
            if line in names or day_in(line.text)
        ]
    if asks_for_amount(question) and len(row) > 1:
        return [_without_number(line) if line in names else line for line in row]
    return row


def _day(line: OcrLine) -> OcrLine:
    day = day_in(line.text)
    if day is None:
        return line
    weekday = _WEEKDAY.search(line.text, 0, day.start())
    return cut(line, weekday.start() if weekday else day.start())


def _without_number(line: OcrLine) -> OcrLine:
    found = ARTICLE.search(line.text.rstrip())
    return cut(line, 0, found.start() + 1) if found else line
