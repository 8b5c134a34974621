"""Cards that stand side by side: price tags on a shelf, figures under their headings.

In reading order their names come as one row, their prices as the next, and which belong together is lost. Told one
card after the other, a price stands beside its name, as a value beside its label does in every other row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut
from jianwei.evidence.values import find_date, sign_of

_APART = 0.9
"""Rows of a card are at most so far apart, as a share of the higher line."""

_OFF_MIDDLE = 0.4
"""A piece stands in a column when their middles differ by at most this share of the columns' distance."""

_WIDEST, _WIDEST_DAY = 1.1, 1.9
"""A piece of a card is at most so wide, as a share of the columns' distance; a day in small print stands out."""

_FIGURE = re.compile(r"(?:[A-Z]{0,3} ?[¥￥$€£]? ?-?|f)\d")
"""A price, also one whose pound sign was read as an f."""
_PIECE_ENDS = re.compile(r" |(?=[¥￥$€£])|(?<=[A-Za-z\u4e00-\u9fff])(?=\d)")
"""Where what OCR joined may have been apart: at a space, before a currency, between a unit and the next figure."""


def whole_cards(rows: Sequence[list[OcrLine]]) -> list[list[OcrLine]]:
    """The rows of a picture, with a row for each card in place of the rows that cards side by side make up.

    Cards are two or more columns of rows close below each other, of which one has nothing but figures and the others
    none: names over prices. A table is none: its rows begin with a name, or have figures in more than one. What stands
    first on a card is told first, but no figure: as everywhere, it follows what it belongs to.

    Args:
        rows: from the top, each from the left, as ``reading_rows`` gives them.

    Returns:
        Every line once; one that OCR joined over several cards in its parts.
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
    if max(map(len, _first_two(rows, at))) < 2:
        return [], at
    block, end = [rows[at]], at + 1
    while end < len(rows) and _close(block[-1], rows[end]):
        longer = [_parted(row, max(*block, rows[end], key=len)) for row in (*block, rows[end])]
        if not _columns(longer):
            break
        block, end = longer, end + 1
    kinds = [{_is_figure(line) for line in row} for row in block]
    wide = sum(len(row) > 1 for row in block)
    if wide < 2 or any(len(kind) > 1 for kind in kinds) or sum(True in kind for kind in kinds) != 1:
        return [], at
    figures = next(row for row, kind in zip(block, kinds, strict=True) if True in kind)
    if len(figures) < 2:
        return [], at
    return [_named_first(card) for card in _columns(block)], end


def _first_two(rows: Sequence[list[OcrLine]], at: int) -> Sequence[list[OcrLine]]:
    """The row with which cards begin, and the next one below a single day: not every card has one."""
    return rows[at : at + 2] if _is_day(rows[at][0]) else rows[at : at + 1]


def _parted(row: list[OcrLine], widest: list[OcrLine]) -> list[OcrLine]:
    """The row with what OCR joined over several columns cut where a piece may end, nearest to between them."""
    middles = [_middle(line) for line in widest]
    step = _step(middles)
    return [
        piece for line in row for piece in (_cut_between(line, middles) if _is_wide(line, step) else [line])
    ]


def _step(middles: Sequence[float]) -> float:
    """How far apart columns are, at least."""
    return min(right - left for left, right in itertools.pairwise(middles))


def _cut_between(line: OcrLine, middles: Sequence[float]) -> list[OcrLine]:
    left, _, right, _ = line.box
    over = [middle for middle in middles if left < middle < right]
    ends = [found.start() for found in _PIECE_ENDS.finditer(line.text)]
    edges = [0]
    for one, other in itertools.pairwise(over):
        between = ((one + other) / 2 - left) / (right - left) * len(line.text)
        edges.append(min(ends, key=lambda end: abs(end - between), default=0))
    if any(end <= start for start, end in itertools.pairwise(edges)):
        return [line]
    return [cut(line, start, end) for start, end in itertools.pairwise([*edges, len(line.text)])]


def _named_first(card: list[OcrLine]) -> list[OcrLine]:
    """The card with a figure or a day that stands first behind its name."""
    name = next((line for line in card if not _is_figure(line) and not _is_day(line)), card[0])
    return [name, *(line for line in card if line is not name)]


def _columns(rows: Sequence[list[OcrLine]]) -> list[list[OcrLine]]:
    """The rows' pieces by columns, those of the row with most pieces; empty where a piece stands in none."""
    widest = max(rows, key=len)
    middles = [_middle(line) for line in widest]
    step = _step(middles)
    columns: list[list[OcrLine]] = [[] for _ in middles]
    for row in rows:
        taken: set[int] = set()
        for line in row:
            nearest = min(range(len(middles)), key=lambda i: abs(middles[i] - _middle(line)))
            off = abs(middles[nearest] - _middle(line))
            if nearest in taken or off > _OFF_MIDDLE * step or _is_wide(line, step):
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
    return bool(_FIGURE.match(text)) and not _is_day(line)


def _is_day(line: OcrLine) -> bool:
    return find_date(line.text) is not None and not sign_of(line.text)  # 3270.02/50 of a price is none


def _is_wide(line: OcrLine, step: float) -> bool:
    """Whether it is too wide for a card where columns are ``step`` apart."""
    return line.box[2] - line.box[0] > (_WIDEST_DAY if _is_day(line) else _WIDEST) * step


def _middle(line: OcrLine) -> float:
    return (line.box[0] + line.box[2]) / 2
