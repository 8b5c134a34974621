"""Which kind of chart stands below a title: told by what was read there, and by what is painted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from statistics import median

from jianwei.errors import Language
from jianwei.evidence.areas import Area
from jianwei.evidence.ocr import OcrLine, reading_rows
from jianwei.evidence.scales import is_scale
from jianwei.evidence.values import amount_of

_NAMES: dict[str, tuple[str, str]] = {
    "table": ("表格", "table"),
    "pie": ("饼图", "pie chart"),
    "bar": ("柱状图", "bar chart"),
    "line": ("折线图", "line chart"),
}
_LARGE, _LONG = 0.7, 1.6
"""A title is at least so high as a share of the highest head, and so long as a share of half of all lines."""
_FIGURE = re.compile(r"[|\s]*[-−]?[\d.,]+")
_SHARE = re.compile(r"\d\s?%")


def told_charts(
    heads: Sequence[OcrLine], lines: Sequence[OcrLine], areas: Sequence[Area], language: Language
) -> list[OcrLine]:
    """Each title behind the kind of chart below it, ``bar chart "Sales by team"``; empty where there is no chart.

    Args:
        heads: of blocks on the page, titles and others.
        lines: all that were read, with the heads.
        areas: what stands out by its colour.
        language: of the kinds.
    """
    titles = _titles(heads, lines)
    found: list[OcrLine] = []
    for title in titles:
        below = [line for line in lines if _title_of(line.box, titles) is title]
        painted = [area for area in areas if _title_of(area.box, titles) is title]
        chinese, english = _NAMES.get(_kind(below, painted), ("", ""))
        named = f"{chinese}“{title.text}”" if language == "zh" else f'{english} "{title.text}"'
        if chinese:
            found.append(replace(title, text=named))
    return found


def _titles(heads: Sequence[OcrLine], lines: Sequence[OcrLine]) -> list[OcrLine]:
    """Those of the heads that are long and written large, and are no scale of a chart."""
    if not heads:
        return []
    large = _LARGE * max(head.height for head in heads)
    long = _LONG * median(line.box[2] - line.box[0] for line in lines)
    return [
        head
        for head in heads
        if head.height >= large
        and head.box[2] - head.box[0] > long
        and not _SHARE.search(head.text)
        and not is_scale(head, lines)
    ]


def _title_of(box: tuple[float, float, float, float], titles: Sequence[OcrLine]) -> OcrLine | None:
    """The title that something stands below: the nearest to its middle among the lowest above it."""
    above = [title for title in titles if title.box[3] <= box[1] + title.height]
    if not above:
        return None
    lowest = max(title.box[1] for title in above)
    middle = (box[0] + box[2]) / 2
    row = [title for title in above if lowest - title.box[1] < 2 * title.height]
    return min(row, key=lambda title: abs(title.box[0] + title.box[2] - 2 * middle))


def _kind(lines: Sequence[OcrLine], areas: Sequence[Area]) -> str:
    figures = [line for line in lines if _FIGURE.fullmatch(line.text)]
    if sum(_SHARE.search(line.text) is not None for line in lines) >= 2:
        return "pie"
    if sum(_is_table_row(row) for row in reading_rows(list(lines))) >= 2:
        return "table"
    if not _have_ticks(figures):
        return ""
    return "bar" if sum(area.form == "square" for area in areas) >= 2 else "line"


def _have_ticks(figures: Sequence[OcrLine]) -> bool:
    """Whether three figures in one column or one row are evenly apart, in value as on the page: 0, 50, 100."""
    spots = [
        ((x1 + x2) / 2, (y1 + y2) / 2, float(value), line.height)
        for line in figures
        for x1, y1, x2, y2 in [line.box]
        if (value := amount_of(line.text.strip())) is not None
    ]
    for (x, y, low, height), (x2, y2, high, _) in permutations(spots, 2):
        if low == high or min(abs(x - x2), abs(y - y2)) > height:
            continue
        beyond = (2 * x2 - x, 2 * y2 - y, 2 * high - low)
        if any(
            abs(x3 - beyond[0]) < height and abs(y3 - beyond[1]) < height and value == beyond[2]
            for x3, y3, value, _ in spots
        ):
            return True
    return False


def _is_table_row(row: Sequence[OcrLine]) -> bool:
    """Whether it is a name with two or more figures."""
    figures = sum(_FIGURE.fullmatch(line.text) is not None for line in row)
    return len(row) >= 3 and figures >= len(row) - 1 and _FIGURE.fullmatch(row[0].text) is None
