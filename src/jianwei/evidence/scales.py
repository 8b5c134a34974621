"""What is measured in a chart, and in which unit: ``Rainfall (mm)`` at its axis, for a question after either."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from jianwei.errors import Language
from jianwei.evidence.intent import asks_for_scale, asks_for_unit
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut

_NONE = re.compile(r"\d|\bby\b|按|各|每[日天]|[年月季]度")
"""A figure, or a title, which says for whom something was measured: "Rainfall, by store"."""
_SCALE = re.compile(r"([^\d:：]{2,24}?)\s*(?:[/／·，,]\s*(\D{1,10})|[(（【\[](\D{1,10})[)）】\]])")
"""A quantity and its unit, as axes and heads of columns have them."""
_BEHIND = re.compile(r"\s*[|｜/／·，,:：(（【\[–—-]?\s*([^\W\d][^)）】\]]*|[℃°%$][^)）】\]]*)[)）】\]]?")
"""A unit right behind a quantity, or with a sign between them."""
_IN = re.compile(r"in(?:\s+(?=\S)|(?=[\u4e00-\u9fff]))", re.IGNORECASE)
"""What may stand before a unit: "Distance (in km)"."""
_LABEL = re.compile(r"\s*(?:unit|单位)\s*[:：]\s*\S", re.IGNORECASE)
_NEAR = 3
"""Heights of a title that the unit of its table stands below it at most."""
_FIGURE = re.compile(r"[\d.,]+ ?%?")
_FIGURES = 3
"""Bare figures of a chart at least."""
_PRICE = re.compile(r"[¥￥$€£]\s?\d")
_HOW = re.compile(
    r"什么图|图表?[类种]|\bhow (?:is|are|was|were)\b.*\b(?:plotted|drawn|shown|charted)\b", re.IGNORECASE
)
"""Asks for the kind of chart."""
_LEAST, _MOST = 2, 12
"""Characters of a quantity at least and of a unit at most, where nothing stands between the two."""


class _Scale(NamedTuple):
    """A line, where in it the quantity ends, and where the unit stands."""

    line: OcrLine
    quantity: int
    unit: tuple[int, int]


def told_scale(
    question: str, lines: Sequence[OcrLine], named: Sequence[OcrLine], language: Language
) -> OcrLine | None:
    """``Rainfall``, or ``Unit: mm`` as tables have it, of the only chart or of the one that the question names.

    Args:
        question: any.
        lines: of the page.
        named: those of the lines that the question names.
        language: in which the unit's label is told.
    """
    if not asks_for_scale(question) or _HOW.search(question):
        return None
    scales = {line.text.strip(): scale for line in lines if (scale := _scale(line, lines))}
    # A title names what its chart shows: "Rainfall by store".
    said = question.lower()
    meant = [one for one in scales.values() if one.line.text[: one.quantity].strip().lower() in said]
    found = meant or ([] if named else list(scales.values()))
    if not found and asks_for_unit(question) and _is_chart(lines):
        labels = [line for line in lines if _LABEL.match(line.text) and (not named or _heads(named[0], line))]
        return labels[0] if len(labels) == 1 else None
    if len(found) != 1:
        return None
    line, quantity, (start, end) = found[0]
    if not asks_for_unit(question):
        return cut(line, 0, quantity)
    preposition = _IN.match(line.text, start, end)
    unit = cut(line, preposition.end() if preposition else start, end)
    return replace(unit, text=f"{'单位：' if language == 'zh' else 'Unit: '}{unit.text}")


def is_scale(line: OcrLine, lines: Sequence[OcrLine]) -> bool:
    """Whether it is what a chart among these lines measures, or the unit of a table."""
    return _LABEL.match(line.text) is not None or _scale(line, lines) is not None


def _heads(title: OcrLine, line: OcrLine) -> bool:
    """Whether a line stands right below a title, about where it does."""
    (left, _, right, bottom), (x1, top, x2, _) = title.box, line.box
    return 0 <= top - bottom + title.height < _NEAR * title.height and abs(left + right - x1 - x2) < 3 * (
        right - left
    )


def _is_chart(lines: Sequence[OcrLine]) -> bool:
    """Whether there are bare figures and no prices: a bill has titles that its stamp repeats, and no scale."""
    figures = sum(_FIGURE.fullmatch(line.text.strip()) is not None for line in lines)
    return figures >= _FIGURES and not any(_PRICE.search(line.text) for line in lines)


def _scale(line: OcrLine, lines: Sequence[OcrLine]) -> _Scale | None:
    """The quantity of a title with a unit right behind it, ``Rainfallmm``, or both with a sign between them."""
    text = line.text.rstrip()
    if _NONE.search(text) or _LABEL.match(text):
        return None
    chart = lines if _is_chart(lines) else ()
    begun = max((_begun(text, title.text) for title in chart if title is not line), default=0)
    if begun and len(text) - begun <= _MOST and (unit := _BEHIND.fullmatch(text, begun)):
        return _Scale(line, begun, unit.span(1))
    found = _SCALE.fullmatch(text.strip())
    if found is None:
        return None
    before = len(text) - len(text.lstrip())
    start, end = found.span(2 if found[2] else 3)
    return _Scale(line, before + found.end(1), (before + start, before + end))


def _begun(text: str, title: str) -> int:
    """How much of a text's beginning is a word of a longer title; 0 where it is all of it, or too little."""
    if text[:_LEAST].lower() not in title.lower():
        return 0
    for end in range(len(text), _LEAST - 1, -1):
        word = text[:end].rstrip()
        apart = rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
        if re.search(apart, title, re.IGNORECASE):
            more = len(re.sub(r"\W", "", title)) > len(word)
            return end if more and end < len(text) else 0
    return 0
