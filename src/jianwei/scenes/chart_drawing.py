"""Draws bar, line and pie charts and tables into a part of a page; each split has its style."""

from __future__ import annotations

import math
from random import Random

from jianwei.scenes.board import Board
from jianwei.scenes.chart_figures import Chart, colour_of, nice_ceiling
from jianwei.scenes.fonts import Face
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Box, Language, Split

KINDS: dict[Language, dict[str, str]] = {
    "zh": {"bar": "柱状图", "line": "折线图", "pie": "饼图", "table": "表格"},
    "en": {"bar": "bar chart", "line": "line chart", "pie": "pie chart", "table": "table"},
}
"""Words for the kinds of charts."""

_INK: Rgb = (34, 36, 42)
_FAINT: Rgb = (120, 122, 130)


_AXIS = (
    *("{}（{}）", "{} ({})", "{}({})", "{}，{}", "{}, {}", "{}：{}", "{} [{}]"),
    *("{} - {}", "{} in {}", "{}【{}】", "{}·{}", "{} {}", "{}|{}"),
)
"""How the value axis is named in training: by what was measured and its unit."""


_LEGEND = ("", "", "{}：{}%", "{}: {}%", "{}（{}%）", "{} = {}%", "{1}%，{0}", "{} | {} %")
"""An entry of a legend in training: with its percents or, where it is empty, without."""


def chart_label(item: Chart, language: Language) -> str:
    """How a chart is named among the things of a scene."""
    word = KINDS[language][item.kind]
    return f"{word}“{item.title}”" if language == "zh" else f'{word} "{item.title}"'


def draw_chart(
    rng: Random, split: Split, language: Language, board: Board, face: Face, item: Chart, area: Box
) -> None:
    """Draws a chart into an area of the board, which remembers it and its texts."""
    plot = _Plot(rng, split, board, face, item, area)
    board.add(chart_label(item, language), area, item.kind)
    {"bar": plot.bars, "line": plot.line, "pie": plot.pie, "table": plot.table}[item.kind]()


class _Plot:
    """The area of one chart: title on top, the rest below it."""

    def __init__(self, rng: Random, split: Split, board: Board, face: Face, item: Chart, area: Box) -> None:
        self._rng, self._board, self._face, self._item = rng, board, face, item
        self._training = split == "train"
        left, top, right, bottom = area
        self._size = min((right - left) / 26, (bottom - top) / 14)
        size = self._size
        x = (left + right) / 2 if self._training else left + 0.4 * size
        align = "middle" if self._training else "left"
        board.write(item.title, x, top + 0.3 * size, face, 1.35 * size, _INK, align=align)
        self._area: Box = (left + 0.6 * size, top + 2.3 * size, right - 0.6 * size, bottom - 0.4 * size)
        self._thick = max(1, round(size / 10))

    def _write(
        self, text: str, x: float, y: float, align: str = "middle", room: float = 0.0, ink: Rgb = _INK
    ) -> Box:
        side = "right" if align == "right" else "left" if align == "left" else "middle"
        return self._board.write(text, x, y, self._face, self._size, ink, align=side, room=room or None)

    def _value_axis(self, *, level: bool) -> tuple[Box, float]:
        """Axes, ticks, grid and names of the axes; the inner box, and the value at the axis' end."""
        item, size, pen = self._item, self._size, self._board.pen
        left, top, right, bottom = self._area
        end, step = nice_ceiling(max(item.series) * 1.04)
        axis = self._rng.choice(_AXIS) if self._training else "{} / {}"
        named = axis.format(item.measure, item.unit)
        font = self._face.at(size)
        if level:
            wide = max(font.getlength(name) for name in item.names)
            inner = (
                left + min(wide, 0.3 * (right - left)) + 0.6 * size,
                top + 1.4 * size,
                right - 1.5 * size,
                bottom - 2.9 * size,
            )
        else:
            wide = font.getlength(f"{end:g}")
            inner = (left + wide + 0.7 * size, top + 1.7 * size, right - 0.5 * size, bottom - 2.9 * size)
        x1, y1, x2, y2 = inner
        if not self._training:
            pen.rectangle(inner, fill=(236, 237, 242))
        grid: Rgb = (218, 220, 224) if self._training else (255, 255, 255)
        tick = 0.0
        while tick <= end + 1e-9:
            share = tick / end
            if level:
                x = x1 + share * (x2 - x1)
                pen.line((x, y1, x, y2), fill=grid, width=self._thick)
                self._write(f"{tick:g}", x, y2 + 0.3 * size, ink=_FAINT)
            else:
                y = y2 - share * (y2 - y1)
                pen.line((x1, y, x2, y), fill=grid, width=self._thick)
                self._write(f"{tick:g}", x1 - 0.4 * size, y - 0.5 * size, "right", ink=_FAINT)
            tick += step
        pen.line((x1, y1, x1, y2), fill=_INK, width=self._thick)
        pen.line((x1, y2, x2, y2), fill=_INK, width=self._thick)
        if level:
            self._write(named, (x1 + x2) / 2, y2 + 1.6 * size)
            self._write(item.across, left, y1 - 1.3 * size, "left", x2 - x1)
        else:
            self._write(named, left, y1 - 1.6 * size, "left", x2 - x1)
            self._write(item.across, (x1 + x2) / 2, y2 + 1.6 * size)
        return inner, end

    def bars(self) -> None:
        """Upright bars in training, lying ones in the test split."""
        item, size, pen = self._item, self._size, self._board.pen
        level = not self._training
        (x1, y1, x2, y2), end = self._value_axis(level=level)
        step = ((y2 - y1) if level else (x2 - x1)) / len(item.names)
        half = step * self._rng.uniform(0.24, 0.38)
        for i, (name, value) in enumerate(zip(item.names, item.series, strict=True)):
            fill = colour_of(item, i)
            if level:
                middle, reach = y1 + (i + 0.5) * step, x1 + value / end * (x2 - x1)
                pen.rectangle((x1, middle - half, reach, middle + half), fill=fill)
                self._write(name, x1 - 0.4 * size, middle - 0.5 * size, "right", x1 - self._area[0])
                if item.printed:
                    self._write(str(value), reach + 0.25 * size, middle - 0.5 * size, "left")
            else:
                middle, reach = x1 + (i + 0.5) * step, y2 - value / end * (y2 - y1)
                pen.rectangle((middle - half, reach, middle + half, y2), fill=fill)
                self._write(name, middle, y2 + 0.35 * size, room=0.94 * step)
                if item.printed:
                    self._write(str(value), middle, reach - 1.15 * size, room=0.98 * step)

    def line(self) -> None:
        """Round points in training, square ones in the test split."""
        item, size, pen = self._item, self._size, self._board.pen
        (x1, y1, x2, y2), end = self._value_axis(level=False)
        step = (x2 - x1) / len(item.names)
        points = [
            (x1 + (i + 0.5) * step, y2 - value / end * (y2 - y1)) for i, value in enumerate(item.series)
        ]
        fill, reach = colour_of(item, 0), 0.28 * size
        pen.line(points, fill=fill, width=2 * self._thick, joint="curve")
        for (x, y), name, value in zip(points, item.names, item.series, strict=True):
            mark = (x - reach, y - reach, x + reach, y + reach)
            if self._training:
                pen.ellipse(mark, fill=fill)
            else:
                pen.rectangle(mark, fill=fill, outline=(255, 255, 255))
            self._write(name, x, y2 + 0.35 * size, room=0.94 * step)
            if item.printed:
                self._write(str(value), x, y - 1.45 * size, room=0.98 * step)

    def pie(self) -> None:
        """A legend, percents there or on the slices, in training; a ring, names around it, in the test split."""
        item, size, pen = self._item, self._size, self._board.pen
        left, top, right, bottom = self._area
        radius = min((bottom - top) / 2 - (0.2 if self._training else 1.6) * size, (right - left) * 0.28)
        x = left + radius + 0.06 * (right - left) if self._training else (left + right) / 2
        y = (top + bottom) / 2
        start = self._rng.uniform(0, 360)
        entry = self._rng.choice(_LEGEND) if self._training else ""
        legend = top + (bottom - top - 1.6 * size * len(item.names)) / 2
        turn = start
        for i, value in enumerate(item.series):
            swing = 3.6 * value
            box = (x - radius, y - radius, x + radius, y + radius)
            pen.pieslice(box, turn, turn + swing, fill=colour_of(item, i), outline=(255, 255, 255))
            turn += swing
        if not self._training:
            hole = 0.5 * radius
            pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=(255, 255, 255))
        turn = start
        for i, (name, value) in enumerate(zip(item.names, item.series, strict=True)):
            middle = math.radians(turn + 1.8 * value)
            turn += 3.6 * value
            if self._training:
                across, down = x + 0.68 * radius * math.cos(middle), y + 0.68 * radius * math.sin(middle)
                dark = sum(colour_of(item, i)) < 380
                if not entry:
                    self._write(f"{value}%", across, down - 0.5 * size, ink=(255, 255, 255) if dark else _INK)
                at = right - 0.36 * (right - left)
                row = legend + 1.6 * size * i
                pen.rectangle((at, row, at + 0.9 * size, row + 0.9 * size), fill=colour_of(item, i))
                said = entry.format(name, value) if entry else name
                self._write(said, at + 1.4 * size, row, "left", right - at - 1.4 * size)
            else:
                across, down = x + 1.12 * radius * math.cos(middle), y + 1.12 * radius * math.sin(middle)
                right_side = math.cos(middle) >= 0
                room = (right - across) if right_side else (across - left)
                self._write(
                    f"{name} {value}%", across, down - 0.5 * size, "left" if right_side else "right", room
                )

    def table(self) -> None:
        """Rules around the head in training; striped rows with a dark head in the test split."""
        item, size, pen = self._item, self._size, self._board.pen
        left, top, right, bottom = self._area
        rows = [(item.across, *item.columns)] + [
            (name, *(str(value) for value in row)) for name, row in zip(item.names, item.values, strict=True)
        ]
        unit = f"Unit: {item.unit}" if item.across.isascii() else f"单位：{item.unit}"
        self._write(unit, right, top - 0.6 * size, "right", ink=_FAINT)
        top += 0.9 * size
        high = min(2.2 * size, (bottom - top) / len(rows))
        wide = (right - left) / len(rows[0])
        for i, row in enumerate(rows):
            y = top + i * high
            ink = _INK
            if self._training:
                if i < 2:
                    pen.line((left, y, right, y), fill=_INK, width=self._thick)
            else:
                fill: Rgb = (52, 64, 92) if i == 0 else (238, 241, 247) if i % 2 else (255, 255, 255)
                pen.rectangle((left, y, right, y + high), fill=fill)
                ink = (255, 255, 255) if i == 0 else _INK
            for j, text in enumerate(row):
                at = left + (j + 0.5) * wide
                self._write(text, at, y + (high - size) / 2, room=0.92 * wide, ink=ink)
        low = top + len(rows) * high
        pen.line((left, low, right, low), fill=_INK, width=self._thick)
