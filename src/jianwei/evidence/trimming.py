"""Named rows without what a question does not ask for: the day of a tag alone, an article without its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from jianwei.errors import Language
from jianwei.evidence.answer_types import asks_for_amount, asks_for_day, day_in
from jianwei.evidence.intent import asks_for_scale, asks_for_unit
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut
from jianwei.evidence.plain import spaced
from jianwei.evidence.sums import ARTICLE
from jianwei.evidence.values import price_of

_PER = re.compile(r"\d\s*[元块]?\s*[/／]\s*(\d*\s*[^\d/／]{1,10})$")
_NAME_AND_VALUE = 2
_WEEKDAY = re.compile(
    r"(?:星期|周)[一二三四五六日天]\W*$|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*$", re.IGNORECASE
)


def trimmed(
    question: str, row: Sequence[OcrLine], named: Sequence[OcrLine], language: Language
) -> Sequence[OcrLine]:
    """A row as it is told for the question; of what is named and a value beside it, as ``Tea:`` and the value.

    - For a unit: what the price of what is named is for: ``box`` of ``£2.10/box``.
    - For a day: what is named in the row and its day, without what stands before it ("Use by 4 Jul 2028").
    - For an amount: no days, and an article without its number: ``Tea`` of ``Tea ×2``.

    Args:
        question: that names something in the row.
        row: of the page.
        named: the lines of the page that the question names.
        language: of the question.
    """
    names = [line for line in row if any(line is each for each in named)]
    others = [line for line in row if line not in names]
    if names and asks_for_unit(question) and (units := [unit for line in others if (unit := _unit(line))]):
        return _labelled([*names, *units], names, language)
    if asks_for_day(question) and any(day_in(line.text) for line in row):
        kept = [
            _day(line) if names and line not in names else line
            for line in row
            if line in names or day_in(line.text)
        ]
        return _labelled(kept, names, language)
    if asks_for_amount(question) and len(row) > 1:
        prices = any(not day_in(line.text) for line in others)
        labels = [without_number(line) for line in names]
        bare = [labels[names.index(line)] if line in names else line for line in row]
        if not prices:
            return bare
        return _labelled([line for line in bare if not day_in(line.text)], labels, language)
    # What was found for no unit is not the answer to a question after one.
    return row if asks_for_scale(question) else _labelled(row, names, language)


def is_asked_for(question: str, row: Sequence[OcrLine]) -> bool:
    """Whether a row is a name and a value of the kind that is asked for: a unit, a day or an amount.

    Not where the question names the value: which article costs £3.40?
    """
    if len(row) != _NAME_AND_VALUE:
        return False
    value = row[1].text
    if re.search(r"\d", value) and spaced(value) in spaced(question):
        return False
    if asks_for_unit(question):
        return price_of(value) is None and day_in(value) is None
    if asks_for_day(question):
        return day_in(value) is not None
    return asks_for_amount(question) and price_of(value) is not None


def _labelled(row: Sequence[OcrLine], names: Sequence[OcrLine], language: Language) -> Sequence[OcrLine]:
    """Of a name and a value the name first and with a colon, as labels have it; any other row as it is."""
    if len(row) != 2 or len(names) != 1 or not any(line is names[0] for line in row):
        return row
    (name,), (value,) = names, [line for line in row if line is not names[0]]
    if (
        ARTICLE.search(name.text.rstrip())
        or price_of(name.text) is not None
        or re.search("[:：]", name.text + value.text[:1])
    ):
        return row
    return [replace(name, text=name.text.rstrip() + ("：" if language == "zh" else ":")), value]


def _unit(price: OcrLine) -> OcrLine | None:
    """What a price is for, where it says so."""
    found = _PER.search(price.text)
    return cut(price, found.start(1)) if found else None


def _day(line: OcrLine) -> OcrLine:
    day = day_in(line.text)
    if day is None:
        return line
    weekday = _WEEKDAY.search(line.text, 0, day.start())
    return cut(line, weekday.start() if weekday else day.start())


def without_number(line: OcrLine) -> OcrLine:
    """An article without its number behind it; any other line as it is."""
    found = ARTICLE.search(line.text.rstrip())
    return cut(line, 0, found.start() + 1) if found else line
