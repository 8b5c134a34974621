"""Which named thing of a chart is the largest and which the smallest: by printed figures, else by painted areas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from jianwei.evidence.areas import Area
from jianwei.evidence.boxes import gap
from jianwei.evidence.ocr import OcrLine

_REACH = 3.0
"""Heights of a line between a name and what is painted for it, or between two things of one chart."""
_FIGURE = re.compile(r"(?<![\d.])(\d[\d,]*(?:\.\d+)?)(?: ?%|$)")
_EDGES = " %:：=|·,，;；-–—()（）[]【】□"
_WORDS = re.compile(r"[^\W\d_]")


def extremes(lines: Sequence[OcrLine], areas: Sequence[Area], near: OcrLine | None) -> tuple[str, str] | None:
    """The names of the largest and the smallest thing; None where fewer than two things have a name.

    Args:
        lines: that were read in the picture.
        areas: of it.
        near: the title of the chart that is meant, where a page has several.
    """
    things = _of_one_chart([area for area in areas if area.colour != "black"], near)
    beside = [line for line in lines if line is not near and _WORDS.search(line.text)]
    if not beside:
        return None
    nearest = [(area, min(beside, key=lambda line: gap(area.box, line.box))) for area in things]
    close = [(area, line) for area, line in nearest if gap(area.box, line.box) <= _REACH * line.height]
    if len({area.colour for area in things}) > 1:
        # Each has a colour of its own: a legend names it, and its size is that of its largest area.
        close.sort(key=lambda pair: gap(pair[0].box, pair[1].box))
        largest = {area.colour: area.size for area in sorted(things, key=lambda area: area.size)}
        close = [
            (replace(area, size=largest[area.colour]), line)
            for colour in largest
            for area, line in [pair for pair in close if pair[0].colour == colour][:1]
        ]
    sizes: dict[str, float] = {}
    for area, line in close:
        figure = _FIGURE.search(line.text)
        name = _FIGURE.sub("", line.text).strip(_EDGES) if figure else line.text
        sizes[name] = float(figure[1].replace(",", "")) if figure else area.size
    if len(sizes) < 2:
        return None
    order = sorted(sizes, key=lambda name: sizes[name])
    return order[-1], order[0]


def _of_one_chart(areas: Sequence[Area], near: OcrLine | None) -> list[Area]:
    """The areas that belong together with the one nearest below a title; all where none is meant."""
    if near is None:
        return list(areas)
    reach = _REACH * near.height
    below = [area for area in areas if area.box[3] > near.box[3]]
    found = sorted(below, key=lambda area: gap(area.box, near.box))[:1]
    left = [area for area in areas if area not in found]
    while close := [a for a in left if any(gap(a.box, b.box) < reach for b in found)]:
        found += close
        left = [area for area in left if area not in close]
    return found
