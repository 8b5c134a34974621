"""Cards that stand side by side: price tags on a shelf, figures under their headings.

In reading order their names come as one row, their prices as the next, and which belong together is lost. Told one
card after the other, a price stands beside its name, as a value beside its label does in every other row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from jianwei.evidence.ocr import OcrLine

_APART = 0.9
"""Rows of a card are at most so far apart, as a share of the higher line."""

_OFF_MIDDLE = 0.4
"""A piece stands in a column when their middles differ by at most this share of the columns' distance."""

_WIDEST = 1.05
"""A piece of a card is at most so wide, as a share of the columns' distance."""

_FIGURE = re.compile(r"[A-Z]{0,3} ?[¥￥$€£]? ?-?\d")
_DATE = re.compile(r"\d{4} ?[-/年] ?\d|\d{1,4}[-/.]\d{1,2}[-/.]\d")


def whole_cards(rows: Sequence[list[OcrLine]]) -> list[list[OcrLine]]:
    """The rows of a picture, with a row for each card in place of the rows that cards side by side make up.

    Cards are two or more columns of rows close below each other, of which one has nothing but figures and the others
    none: names over prices. A table is none: its rows begin with a name, or have figures in more than one. What stands
    first on a card is told first, but no figure: as everywhere, it follows what it belongs to.

    Args:
        rows: from the top, each from the left, as ``reading_rows`` gives them.

    Returns:
        Every line once.
    """
    found: list[list[OcrLine]] = []
    at = 0
    while at < len(rows):
        cards, end = _cards(rows, at)
        found += cards or [rows[at]]
        at = end if cards else at + 1
    return found


def _cards(rows: Sequence[list[OcrLine]], at: int) -> tuple[list[list[OcrLine]], int]:
    """The cards whose first row is ``rows[at]``, and the row behind them; none where it begins none."""
    if len(rows[at]) < 2:
        return [], at
    end = at + 1
    while end < len(rows) and _close(rows[end - 1], rows[end]) and _columns(rows[at : end + 1]):
        end += 1
    kinds = [{_is_figure(line) for line in row} for row in rows[at:end]]
    wide = sum(len(row) > 1 for row in rows[at:end])
    if wide < 2 or any(len(kind) > 1 for kind in kinds) or sum(True in kind for kind in kinds) != 1:
        return [], at
    figures = next(row for row, kind in zip(rows[at:end], kinds, strict=True) if True in kind)
    if len(figures) < 2:
        return [], at
    return [_named_first(card) for card in _columns(rows[at:end])], end


def _named_first(card: list[OcrLine]) -> list[OcrLine]:
    """The card with a figure that stands first behind what follows it."""
    return [card[1], card[0], *card[2:]] if len(card) > 1 and _is_figure(card[0]) else card


def _columns(rows: Sequence[list[OcrLine]]) -> list[list[OcrLine]]:
    """The rows' pieces by columns, those of the row with most pieces; empty where a piece stands in none."""
    widest = max(rows, key=len)
    middles = [_middle(line) for line in widest]
    step = min(right - left for left, right in itertools.pairwise(middles))
    columns: list[list[OcrLine]] = [[] for _ in middles]
    for row in rows:
        taken: set[int] = set()
        for line in row:
            nearest = min(range(len(middles)), key=lambda i: abs(middles[i] - _middle(line)))
            off = abs(middles[nearest] - _middle(line))
            if nearest in taken or off > _OFF_MIDDLE * step or line.box[2] - line.box[0] > _WIDEST * step:
                return []
            taken.add(nearest)
            columns[nearest].append(line)
    return columns


def _close(upper: list[OcrLine], lower: list[OcrLine]) -> bool:
    """Whether the one row stands right below the other."""
    high = max(line.box[3] - line.box[1] for line in (*upper, *lower))
    return min(line.box[1] for line in lower) - max(line.box[3] for line in upper) <= _APART * high


def _is_figure(line: OcrLine) -> bool:
    text = line.text.strip()
    return bool(_FIGURE.match(text)) and not _DATE.match(text)


def _middle(line: OcrLine) -> float:
    return (line.box[0] + line.box[2]) / 2
