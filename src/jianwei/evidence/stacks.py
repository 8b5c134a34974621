"""Numbers written one above another with a bar between them, found in the ink of a picture; nothing is read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jianwei.evidence.ocr import OcrLine
from jianwei.types import Box, Pixels

WORKING_HEIGHT = 48.0
"""Pixels of a line's height at which ink is looked at: larger pictures tell no more and cost more."""

MOST_BARS = 400
"""Of one picture; what has more is a pattern."""

_SHORTEST, _LONGEST = 0.3, 7.0
"""Of a bar, in heights of a line."""

_NEAR, _LEAST_HIGH, _MOST_HIGH = 0.35, 0.28, 1.2
"""In heights of a line: the gap between a bar and its halves, and how high those are."""

_WIDER = 1.1
"""How much wider than its bar a half is at most."""

_SURELY = 0.7
"""In heights of a line: how long strokes of digits are at most."""

_TURN = 0.14
"""In heights of a line: how far around its ends a bar is alone."""


@dataclass(frozen=True)
class Stack:
    """A bar and what stands above and below it, in pixels."""

    bar: Box
    above: Box
    below: Box

    @property
    def box(self) -> Box:
        """Around all of it."""
        edges = np.array((self.bar, self.above, self.below))
        left, top = edges[:, :2].min(0)
        right, bottom = edges[:, 2:].max(0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def height(self) -> float:
        """Of all of it."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class Ink:
    """What is written in a picture.

    Attributes:
        mask: 1 where there is ink, ``[rows, columns]``.
        scale: pixels of the mask for one of the picture.
    """

    mask: npt.NDArray[np.uint8]
    scale: float

    @classmethod
    def of(cls, pixels: Pixels, lines: Sequence[OcrLine], height: float) -> Ink:
        """What is as much darker than its surroundings as the lines that were read.

        Args:
            pixels: RGB.
            lines: read there; at least one.
            height: of most of them, in pixels.
        """
        import cv2

        scale = min(1.0, WORKING_HEIGHT / height)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        side = max(9, round(0.8 * scale * height) | 1)
        darker = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((side, side), np.uint8))
        strokes = [
            np.quantile(part, 0.9)
            for line in lines
            for left, top, right, bottom in [(np.array(line.box) * scale).astype(int).tolist()]
            if (part := darker[top : bottom + 1, left : right + 1]).size
        ]
        return cls((darker > max(25.0, 0.5 * float(np.median(strokes)))).astype(np.uint8), scale)

    def part(self, box: Box) -> tuple[npt.NDArray[np.uint8], int, int]:
        """The mask of a part of the picture, and from which column and row of the mask on."""
        left, top, right, bottom = (max(0, round(self.scale * edge)) for edge in box)
        return self.mask[top:bottom, left:right], left, top


def find_stacks(ink: Ink, height: float) -> list[Stack]:
    """Bars with something right above and right below that is hardly wider than they are, the widest first.

    Args:
        ink: of the picture.
        height: of a line of text, in pixels of the picture.
    """
    found = _stacks(ink.mask, ink.scale * height)
    return [Stack(*(_scaled(box, 1 / ink.scale) for box in (of.bar, of.above, of.below))) for of in found]


def _scaled(box: Box, by: float) -> Box:
    left, top, right, bottom = box
    return left * by, top * by, right * by, bottom * by


def shared(box: Box, other: Box) -> float:
    """The part that two boxes share, of the smaller one."""
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    least = min((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
    return wide * high / least if wide > 0 and high > 0 and least > 0 else 0.0


def _stacks(ink: npt.NDArray[np.uint8], height: float) -> list[Stack]:
    import cv2

    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(6, round(_SHORTEST * height))), np.uint8))
    _, runs, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    _, wholes, extents, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    bars: dict[int, Box] = {}
    for at, (x, y, wide, high, area) in enumerate(stats[1:].tolist(), 1):
        if wide > _LONGEST * height or area > 0.25 * height * wide or high > 0.35 * height:
            continue
        bar = float(x), float(y), float(x + wide), float(y + high)
        row = y + int(runs[y : y + high, x + wide // 2].argmax())
        label = int(wholes[row, x + wide // 2])
        whole, start, spread, tall, _ = extents[label].tolist()
        if max(x - whole, whole + spread - x - wide) > _TURN * height:
            continue  # it runs on, as the stroke above a root does
        touching = wholes[start : start + tall, whole : whole + spread] == label
        touching[y - start : y - start + high] = False
        if wide < _SURELY * height and touching.any(0).sum() > 0.85 * wide:
            continue  # a stroke of a digit, which is as wide
        if _is_free(ink, bar, height):
            bars[at] = bar
    if not bars or len(bars) > MOST_BARS:
        return []
    single = [
        bar for bar in bars.values() if not any(_is_double(bar, other, height) for other in bars.values())
    ]
    barred = cv2.dilate(np.isin(runs, list(bars)).astype(np.uint8), np.ones((3, 3), np.uint8))
    rest = np.where(barred > 0, 0, ink).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    boxes = np.asarray(parts[1:, :4], np.float64)
    boxes[:, 2:] += boxes[:, :2]
    boxes = boxes[(boxes[:, 3] - boxes[:, 1] <= _MOST_HIGH * height)]
    found: list[Stack] = []
    for bar in sorted(single, key=lambda bar: bar[0] - bar[2]):
        above, below = (_half(boxes, bar, height, above=above) for above in (True, False))
        if above is None or below is None:
            continue
        stack = Stack(bar, above, below)
        if not any(shared(stack.box, other.box) > 0.3 for other in found):
            found.append(stack)
    return found


def _is_double(bar: Box, other: Box, height: float) -> bool:
    """Whether two bars are one double line, as below a score or in a sign of equality."""
    beside = min(bar[2], other[2]) - max(bar[0], other[0])
    return bar != other and beside > 0.5 * (bar[2] - bar[0]) and abs(bar[1] - other[1]) < _NEAR * height


def _is_free(ink: npt.NDArray[np.uint8], bar: Box, height: float) -> bool:
    """Whether the bar ends by itself on both sides: strokes of digits and lines of a grid go on or turn there."""
    left, top, right, bottom = (round(edge) for edge in bar)
    near, out = max(2, round(_TURN * height)), max(2, round(0.06 * height))
    for start, end in ((left - 1, left + out), (right - out, right + 1)):
        around = ink[max(0, top - near) : bottom + near, max(0, start) : max(0, end)]
        # The bar itself, which may be as slanted as a hand draws it.
        if int(around.sum()) > (bottom - top + 1) * (out + 1):
            return False
    return True


def _half(boxes: npt.NDArray[np.float64], bar: Box, height: float, *, above: bool) -> Box | None:
    """What stands right above the bar, or right below it; None: nothing as high as a digit, or something wider."""
    left, top, right, bottom = bar
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    gaps = top - boxes[:, 3] if above else boxes[:, 1] - bottom
    near = boxes[(middles > left) & (middles < right) & (gaps > -0.1 * height) & (gaps < _NEAR * height)]
    if not len(near):
        return None
    box = (*near[:, :2].min(0).tolist(), *near[:, 2:].max(0).tolist())
    high, wide = box[3] - box[1], box[2] - box[0]
    fits = _LEAST_HIGH * height <= high <= _MOST_HIGH * height and wide <= _WIDER * (right - left)
    return box if fits else None
