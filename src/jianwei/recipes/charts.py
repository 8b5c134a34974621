"""Reader of charts and tables of figures: what is printed in them, chart by chart.

Only printed figures are read. Which percentage belongs to which entry of a legend is told by colour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from jianwei.evidence.prompt import text_width
from jianwei.recipes.found import Row
from jianwei.recipes.page import Cell, Page, Value

ChartKind = Literal["bar", "line", "pie", "table"]

_FIGURE = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")
_PERCENT = re.compile(
    r"(?:(?P<name>.*?[^\s:：=|（(])\s*[:：=|（(]?\s*)?(?<!\d)(?P<figure>\d{1,3}(?:\.\d+)?)\s*[%％]\s*[)）]?"
    r"(?:\s*[,，]\s*(?P<behind>\S.*))?"
)
"""A share with or without what it is of, before or behind it."""
_UNIT = re.compile(r"(?:单位|unit)\s*[:：]\s*(\S.*)", re.IGNORECASE)
_AXIS = re.compile(
    r"([^\d(（/\[【][^(（/\[【]*?)\s*(?:[(（\[【]\s*([^()（）\]】]{1,12})\s*[)）\]】]?|\s/\s*(\S{1,12})|/(\S{1,12}))"
)

_TIME = re.compile(
    r"\d{1,2}\s?月|(?:19|20)\d\d|(?:周.)+|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun",
    re.IGNORECASE,
)

_TITLE_GAP = 0.9
"""Free room above a title, in heights of a line."""

_SHORTEST = 3.9
"""Width of a title in Chinese characters; shorter words name categories and axes."""

_SAME_COLOUR = 90.0
"""Differences of red, green and blue of a slice and its entry in the legend, added up, are less than that."""

_SAME_LINE = 0.6
"""Middles closer than this, in heights, stand on one level, or below each other."""


@dataclass
class _Chart:
    """What belongs to one title."""

    title: Cell | None
    cells: list[Cell] = field(default_factory=list[Cell])


def chart_rows(page: Page) -> tuple[list[Row], list[Row]]:
    """Charts, and their figures."""
    charts: list[Row] = []
    figures: list[Row] = []
    for chart in _apart(page):
        about, values = _read(page, chart)
        charts.append(about)
        figures += values
    return charts, figures


def _apart(page: Page) -> list[_Chart]:
    """The page's cells by the title that they stand under."""
    cells = list(page.cells)
    titles = [cell for cell in cells if _wordy(cell) and _heads(page, cell, cells)]
    if not titles:
        return [_Chart(None, cells)] if cells else []
    charts = [_Chart(title) for title in titles]
    for cell in cells:
        if cell in titles:
            continue
        above = [i for i, title in enumerate(titles) if title.box[1] < cell.middle[1]]
        if not above:
            continue
        lowest = max(titles[i].box[1] for i in above)
        level = [i for i in above if titles[i].box[1] > lowest - 2 * page.height]
        charts[min(level, key=lambda i: _away(cell, titles, i, level))].cells.append(cell)
    return charts


def _heads(page: Page, cell: Cell, cells: Sequence[Cell]) -> bool:
    """Whether a line stands where a title stands: nothing right above it, no figure on its line, no part of a chart.

    Its size would tell less: boxes of lines differ by more than a title from the rest.
    """
    if _UNIT.search(cell.text) or _AXIS.fullmatch(cell.text) or _PERCENT.fullmatch(cell.text):
        return False
    if text_width(cell.text) < _SHORTEST:
        return False
    high = page.height
    left, top, right, _ = cell.box
    for other in cells:
        if other is cell:
            continue
        apart = max(left - other.box[2], other.box[0] - right)
        above = top - other.box[3]
        if other.middle[1] < cell.middle[1] - 0.5 * high and above < _TITLE_GAP * high and apart < 5 * high:
            return False
        beside = abs(other.middle[1] - cell.middle[1]) < _SAME_LINE * high
        if beside and 0 < other.box[0] - right < 12 * high and _FIGURE.fullmatch(other.text):
            return False
    bare = sum(
        match is not None and not _shared(match)
        for match in (_PERCENT.fullmatch(each.text) for each in cells)
    )
    if bare >= 2 and _has_patch(page, cell):
        return False  # an entry of a legend
    return any(other.middle[1] > cell.middle[1] + high for other in cells)


def _has_patch(page: Page, cell: Cell) -> bool:
    """Whether a patch of colour stands before a line, as before the entries of a legend."""
    colour = _swatch_colour(page, cell)
    return float(colour.max() - colour.min()) > 60


def _away(cell: Cell, titles: Sequence[Cell], place: int, level: Sequence[int]) -> tuple[int, float]:
    """How far a cell is from a title of those side by side; titles that begin at the left edge hold what follows."""
    left = min(titles[i].box[0] for i in level)
    first = min(level, key=lambda i: titles[i].box[0])
    flush = len(level) > 1 and titles[first].middle[0] < 0.5 * (left + _right_neighbour(titles, first, level))
    title = titles[place]
    if flush:
        return (
            (0, cell.middle[0] - title.box[0]) if cell.middle[0] >= title.box[0] - cell.height else (1, 0.0)
        )
    return 0, abs(cell.middle[0] - title.middle[0])


def _right_neighbour(titles: Sequence[Cell], place: int, level: Sequence[int]) -> float:
    return min((titles[i].box[0] for i in level if titles[i].box[0] > titles[place].box[2]), default=1e9)


def _wordy(cell: Cell) -> bool:
    return len(re.findall(r"[^\W\d]", cell.text)) >= 2


def _read(page: Page, chart: _Chart) -> tuple[Row, list[Row]]:
    cells = chart.cells
    name = Value(chart.title.text, (chart.title.place(),)) if chart.title is not None else None
    unit = next((match for cell in cells if (match := _UNIT.fullmatch(cell.text))), None)
    pie = [cell for cell in cells if _PERCENT.fullmatch(cell.text)]
    measure: Value | None = None
    told: Value | None = None
    kind: ChartKind
    if unit is not None:
        kind = "table"
        where = next(cell for cell in cells if _UNIT.fullmatch(cell.text))
        told = Value(unit[1], (where.place(unit[1]),))
        values = _table([cell for cell in cells if cell is not where])
    elif len(pie) >= 2:
        kind, values = "pie", _pie(page, cells)
    else:
        axis = next(((cell, match) for cell in cells if (match := _AXIS.fullmatch(cell.text))), None)
        if axis is not None:
            cell, match = axis
            unit_text = next((group for group in match.groups()[1:] if group), "").strip()
            measure = Value(match[1].strip(), (cell.place(match[1].strip()),))
            told = Value(unit_text, (cell.place(unit_text),)) if unit_text else None
        rest = [cell for cell in cells if axis is None or cell is not axis[0]]
        level, names, values = _plotted(rest)
        kind = "bar" if level or not _are_times(names) else "line"
    about: Row = {"title": name, "kind": Value(kind, ()), "measure": measure, "unit": told}
    return about, [{**row, "chart": name} for row in values]


def _are_times(names: Sequence[Cell]) -> bool:
    """Whether the categories are times, as those of lines are."""
    words = [word for name in names for word in name.text.split()]
    return bool(words) and sum(_TIME.fullmatch(word) is not None for word in words) > 0.6 * len(words)


def _figure(cell: Cell, text: str | None = None) -> Value:
    said = text or cell.text
    return Value(said.replace(",", ""), (cell.place(said),))


def _table(cells: Sequence[Cell]) -> list[Row]:
    """A head of columns, then rows of a name and its figures."""
    rows = _levels(cells)
    while rows and len(rows[0]) < 2:
        rows = rows[1:]
    if len(rows) < 2:
        return []
    head, *body = rows
    columns = head[1:]
    found: list[Row] = []
    for row in body:
        name, *values = row
        figures = [cell for cell in values if _FIGURE.fullmatch(cell.text)]
        for cell in figures:
            column = min(columns, key=lambda c: abs(c.middle[0] - cell.middle[0]), default=None)
            series = Value(column.text, (column.place(),)) if column is not None else None
            found.append(
                {"name": Value(name.text, (name.place(),)), "series": series, "value": _figure(cell)}
            )
    return found


def _levels(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells in rows by their middles."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda c: c.middle[1]):
        if rows and abs(rows[-1][-1].middle[1] - cell.middle[1]) < _SAME_LINE * cell.height:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda c: c.middle[0]) for row in rows]


def _pie(page: Page, cells: Sequence[Cell]) -> list[Row]:
    """Names with their percentages beside them, or matched by the colour of slice and legend."""
    found: list[Row] = []
    bare: list[tuple[Cell, str]] = []
    names: list[Cell] = []
    for cell in cells:
        match = _PERCENT.fullmatch(cell.text)
        if match is None:
            names.append(cell)
        elif name := _shared(match):
            figure = _figure(cell, match["figure"])
            found.append({"name": Value(name, (cell.place(name),)), "value": figure})
        else:
            bare.append((cell, match["figure"]))
    beside = [(cell, number, _left_of(cell, names)) for cell, number in bare]
    if bare and all(name is not None for *_, name in beside):
        for cell, number, name in beside:
            if name is not None:
                found.append({"name": Value(name.text, (name.place(),)), "value": _figure(cell, number)})
        return found
    # The best matches first, so that one colour that is off does not take another's entry.
    pairs = [
        (float(np.abs(_swatch_colour(page, name) - _ring_colour(page, cell)).sum()), i, j)
        for i, (cell, _) in enumerate(bare)
        for j, name in enumerate(names)
    ]
    done: set[tuple[str, int]] = set()
    for apart, i, j in sorted(pairs):
        if apart < _SAME_COLOUR and not {("cell", i), ("name", j)} & done:
            done |= {("cell", i), ("name", j)}
            (cell, number), name = bare[i], names[j]
            found.append({"name": Value(name.text, (name.place(),)), "value": _figure(cell, number)})
    return found


def _shared(match: re.Match[str]) -> str:
    """What a share is of; empty where its line does not say."""
    name = match["name"] or match["behind"] or ""
    return name if re.search(r"\w", name) else ""


def _left_of(cell: Cell, names: Sequence[Cell]) -> Cell | None:
    """The name right before a percentage on its line."""
    return next(
        (
            name
            for name in names
            if abs(name.middle[1] - cell.middle[1]) < _SAME_LINE * cell.height
            and -0.3 * cell.height < cell.box[0] - name.box[2] < 1.2 * cell.height
        ),
        None,
    )


def _ring_colour(page: Page, cell: Cell) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The colour around a text."""
    left, top, right, bottom = (round(edge) for edge in cell.box)
    pixels = page.view.image.pixels
    above = pixels[max(0, top - 3) : max(1, top - 1), max(0, left) : right]
    below = pixels[bottom + 1 : bottom + 3, max(0, left) : right]
    around = np.concatenate([above.reshape(-1, 3), below.reshape(-1, 3)])
    return np.median(around, axis=0) if len(around) else np.zeros(3)


def _swatch_colour(page: Page, cell: Cell) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The colour of the patch before an entry of a legend: the strongest one there."""
    left, top, _, bottom = cell.box
    high = bottom - top
    pixels = page.view.image.pixels
    part = pixels[
        round(top) : round(bottom), max(0, round(left - 1.7 * high)) : max(1, round(left - 0.2 * high))
    ]
    if not part.size:
        return np.full(3, 255.0)
    flat = part.reshape(-1, 3).astype(np.float64)
    spread = flat.max(1) - flat.min(1)
    return np.median(flat[spread >= np.quantile(spread, 0.7)], axis=0)


def _plotted(cells: Sequence[Cell]) -> tuple[bool, list[Cell], list[Row]]:
    """Whether bars lie, the categories, and the figures printed for them.

    The ticks of the value axis stand in one column or row with even steps; categories stand along the other axis.
    """
    numbers = [cell for cell in cells if _FIGURE.fullmatch(cell.text)]
    upright = _axis(numbers, across=False)
    lying = _axis(numbers, across=True)
    if len(lying) > len(upright):
        ticks, level = lying, True
    else:
        ticks, level = upright, False
    rest = [cell for cell in cells if cell not in ticks]
    names = _column_of_names(rest, ticks) if level else _row_of_names(rest, ticks)
    figures = [cell for cell in rest if cell not in names and _FIGURE.fullmatch(cell.text)]
    found: list[Row] = []
    for name in names:
        match = _matching(name, figures, level=level)
        if match is not None:
            found.append({"name": Value(name.text, (name.place(),)), "series": None, "value": _figure(match)})
    return level, names, found


def _axis(numbers: Sequence[Cell], *, across: bool) -> list[Cell]:
    """The largest set of numbers on one line that rise by even steps, in value as in place: ticks of an axis.

    Ticks are multiples of their step, and begin at 0 or near it; years below each other or in a row are none.
    """
    along = 0 if across else 1
    best: list[Cell] = []
    for start in numbers:
        line = [cell for cell in numbers if cell is not start and _on_line(start, cell, across=across)]
        for second in line:
            step, way = _value(second) - _value(start), second.middle[along] - start.middle[along]
            if step <= 0 or (way < 0) == across or _value(start) % step or _value(start) > 2 * step:
                continue
            ticks = [start, second]
            while True:
                wanted, at = _value(ticks[-1]) + step, ticks[-1].middle[along] + way
                following = [
                    cell for cell in line
                    if _value(cell) == wanted and abs(cell.middle[along] - at) < 0.2 * abs(way) + 0.3 * cell.height
                ]  # fmt: skip
                if not following:
                    break
                ticks.append(min(following, key=lambda cell: abs(cell.middle[along] - at)))
            if len(ticks) >= max(3, len(best) + 1):
                best = ticks
    return best


def _on_line(one: Cell, other: Cell, *, across: bool) -> bool:
    if across:
        return abs(one.middle[1] - other.middle[1]) < 0.8 * one.height
    return abs(one.box[2] - other.box[2]) < 0.9 * one.height


def _value(cell: Cell) -> float:
    return float(cell.text.replace(",", "").replace("−", "-"))


def _row_of_names(cells: Sequence[Cell], ticks: Sequence[Cell]) -> list[Cell]:
    """Categories below an upright axis: the row right below its lowest tick."""
    floor = max((cell.middle[1] for cell in ticks), default=0.0)
    rows = [
        row for row in _levels([c for c in cells if c.middle[1] > floor - 0.2 * c.height]) if len(row) > 1
    ]
    return rows[0] if rows else []


def _column_of_names(cells: Sequence[Cell], ticks: Sequence[Cell]) -> list[Cell]:
    """Categories beside a lying axis: what ends left of its zero, above its ticks."""
    start = min(cell.middle[0] for cell in ticks)
    floor = min(cell.box[1] for cell in ticks)
    return [cell for cell in cells if cell.box[2] < start + 0.3 * cell.height and cell.middle[1] < floor][
        -12:
    ]


def _matching(name: Cell, figures: Sequence[Cell], *, level: bool) -> Cell | None:
    """The figure on a category's own line."""
    if level:
        on_line = [c for c in figures if abs(c.middle[1] - name.middle[1]) < _SAME_LINE * name.height]
        return min(on_line, key=lambda c: c.middle[0], default=None)
    on_line = [c for c in figures if abs(c.middle[0] - name.middle[0]) < 1.2 * name.height]
    return max(on_line, key=lambda c: c.middle[1], default=None)
