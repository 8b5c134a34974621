"""Lengths, sizes, distances and places in cm, each with its error, and the words that tell them.

The words are made from the numbers, so that both agree. Without a scale nothing is told in cm: only pixels and
parts of the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from jianwei.errors import Language
from jianwei.evidence.plane import Plane, position
from jianwei.evidence.views import apply
from jianwei.types import Box, Image, Measure, Scale

EDGE_SIGMA = 0.7
"""Pixels: standard deviation of the place of an edge that a person or a model marks."""

WIDE = 1.96
"""Standard deviations of the error told: 19 of 20 lengths lie within it."""

MAX_PAIRS_OF = 4
"""Distances are told between so many things at most."""

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(cm|mm|厘米|毫米|公分)(?![a-z])", re.IGNORECASE)

Points = tuple[tuple[float, float], ...]
Lengths = dict[str, float]

_NAMES: dict[str, tuple[str, str]] = {
    "width": ("width of {}", "{}的宽"),
    "height": ("height of {}", "{}的高"),
    "length": ("length of {}", "{}的长"),
    "breadth": ("breadth of {}", "{}的宽"),
    "left": ("middle of {} from the picture's left edge", "{}中心距图片左边"),
    "top": ("middle of {} from the picture's top edge", "{}中心距图片上边"),
    "across": ("middle of {} from the reference's left edge", "{}中心距参照物左边"),
    "down": ("middle of {} from the reference's top edge", "{}中心距参照物上边"),
    "before": ("middle of {} to the left of the reference", "{}中心在参照物左边以外"),
    "over": ("middle of {} above the reference", "{}中心在参照物上边以外"),
    "distance": ("distance between {} and {}", "{}与{}的距离"),
}
_SCALES: dict[str, tuple[str, str]] = {
    "a4": ("by the A4 sheet in the picture", "按图中的 A4 纸"),
    "dpi": ("at {:g} DPI", "按 {:g} DPI"),
    "mm_per_px": ("at {:g} mm a pixel", "按每像素 {:g} 毫米"),
    "ref": ("by “{}” of {:g} x {:g} cm", "按“{}”（{:g} x {:g} 厘米）"),
}


@dataclass(frozen=True)
class Thing:
    """What is to be measured.

    Attributes:
        label: what to call it.
        points: in pixels of the original; two are the corners of an upright box, more a polygon around it.
        picture: which picture of the conversation, counted from 0.
    """

    label: str
    points: Points
    picture: int = 0

    @property
    def box(self) -> Box:
        """The upright rectangle around it."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs), min(ys), max(xs), max(ys)


def measure(plane: Plane, things: Sequence[Thing], language: Language) -> tuple[Measure, ...]:
    """Sizes and places of things on a plane, and distances between them (middle to middle).

    The size of a box is measured across its middle, that of a polygon as the smallest rectangle around it on the
    plane. Places are from the sheet's left and top edge; where the scale was stated, from the picture's.
    """
    told: list[Measure] = []
    for thing in things:
        told += _told(plane, (thing.points,), _sizes(thing), (thing.label,), thing, language)
    for one, other in combinations(things[:MAX_PAIRS_OF], 2):
        both = Thing("", (*_box_points(one.box), *_box_points(other.box)), one.picture)
        shapes = (one.points, other.points)
        told += _told(plane, shapes, _distance, (one.label, other.label), both, language)
    return tuple(told)


Sizes = Callable[[Plane, Sequence[Points]], Lengths]


def _told(
    plane: Plane,
    shapes: Sequence[Points],
    sizes: Sizes,
    labels: tuple[str, ...],
    thing: Thing,
    language: Language,
) -> list[Measure]:
    here = 1 if language == "zh" else 0
    errors = _errors(plane, shapes, sizes)
    told: list[Measure] = []
    for name, value in sizes(plane, shapes).items():
        what = _NAMES[_place_name(name, value) if plane.corners else name][here].format(*labels)
        told.append(Measure(what, round(abs(value), 2), _rounded_up(errors[name]), thing.box, thing.picture))
    return told


def _place_name(name: str, value: float) -> str:
    """Places are told from the reference where there is one, on either side of its edge."""
    if name == "left":
        return "before" if value < 0 else "across"
    if name == "top":
        return "over" if value < 0 else "down"
    return name


def _sizes(thing: Thing) -> Sizes:
    return _box_sizes if len(thing.points) == 2 else _polygon_sizes


def _box_sizes(plane: Plane, shapes: Sequence[Points]) -> Lengths:
    (x1, y1), (x2, y2) = shapes[0]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    west, east, north, south = apply(plane.to_cm, [(x1, y), (x2, y), (x, y1), (x, y2)]).tolist()
    across, down = position(plane, (x, y))
    return {"width": math.dist(west, east), "height": math.dist(north, south), "left": across, "top": down}


def _polygon_sizes(plane: Plane, shapes: Sequence[Points]) -> Lengths:
    placed = apply(plane.to_cm, shapes[0])
    (x, y), sides, _ = cv2.minAreaRect(placed.astype(np.float32))
    return {"length": max(sides), "breadth": min(sides), "left": x, "top": y}


def _distance(plane: Plane, shapes: Sequence[Points]) -> Lengths:
    one, other = (position(plane, _middle(points)) for points in shapes)
    return {"distance": math.dist(one, other)}


def _middle(points: Points) -> tuple[float, float]:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _box_points(box: Box) -> Points:
    return (box[0], box[1]), (box[2], box[3])


def _errors(plane: Plane, shapes: Sequence[Points], sizes: Sizes) -> Lengths:
    """Error of each length at 95%, to first order: every coordinate is moved by its standard deviation in turn.

    The coordinates are those of the marked points and of the corners that tell the scale; they err independently.
    """
    plain = sizes(plane, shapes)
    squares = dict.fromkeys(plain, 0.0)

    def add(moved: Lengths) -> None:
        for name, value in moved.items():
            squares[name] += (value - plain[name]) ** 2

    for corner in range(len(plane.corners)):
        for axis in (0, 1):
            add(sizes(plane.moved(corner, axis, max(plane.sigma, 0.05)), shapes))
    for index, points in enumerate(shapes):
        for at in range(len(points)):
            for axis in (0, 1):
                shifted = [list(point) for point in points]
                shifted[at][axis] += EDGE_SIGMA
                other = list(shapes)
                other[index] = tuple((x, y) for x, y in shifted)
                add(sizes(plane, other))
    return {name: WIDE * math.sqrt(value) for name, value in squares.items()}


def _rounded_up(error: float) -> float:
    return max(0.01, math.ceil(100 * error) / 100)


def words(scale: Scale, measures: Sequence[Measure], language: Language) -> str:
    """What was measured, as sentences; every number stands in ``measures`` too."""
    here = 1 if language == "zh" else 0
    by = _SCALES[scale.kind][here].format(
        *((scale.label, *scale.size) if scale.kind == "ref" else (scale.value,))
    )
    if not measures:
        return f"{by}：没有可测量的对象。" if here else f"Measured {by}: nothing to measure was found."
    told = [f"{m.what} {m.value:.2f} ± {m.error:.2f} {'厘米' if here else 'cm'}" for m in measures]
    if here:
        return f"{by}测量：{'；'.join(told)}。"
    return f"Measured {by}: {'; '.join(told)}."


def guesses(text: str, measures: Sequence[Measure], read: Sequence[str]) -> bool:
    """Whether a model tells a length that was neither measured nor is printed in the picture."""
    for number, unit in _LENGTH.findall(text):
        cm = float(number) * (0.1 if unit.lower() in ("mm", "毫米") else 1.0)
        measured = any(abs(measure.value - cm) <= measure.error + 0.05 for measure in measures)
        if not measured and not any(number in line for line in read):
            return True
    return False


def guess_note(language: Language) -> str:
    """What is said where a model guesses lengths."""
    if language == "zh":
        return "其他以厘米或毫米给出的长度是模型的估计，并非测量结果。"
    return "Other lengths in cm or mm are guesses of the model, not measured."


def refusal(scale: Scale | None, things: Sequence[Thing], images: Sequence[Image], language: Language) -> str:
    """What is said where the picture does not tell a length: why, and sizes in pixels and in parts of the picture."""
    here = 1 if language == "zh" else 0
    sizes: list[str] = []
    for thing in things:
        left, top, right, bottom = thing.box
        image = images[thing.picture]
        wide, high = right - left, bottom - top
        across, down = 100 * wide / image.width, 100 * high / image.height
        sizes.append(
            f"{thing.label}宽 {wide:.0f} 像素（图宽的 {across:.0f}%），高 {high:.0f} 像素（图高的 {down:.0f}%）"
            if here
            else f"{thing.label}: {wide:.0f} px wide, {across:.0f}% of the width, "
            f"{high:.0f} px high, {down:.0f}% of the height"
        )
    why = _why(scale, here)
    if not sizes:
        return f"{why}，无法给出厘米长度。" if here else f"{why}, so no length can be told in cm."
    return f"{why}：{'；'.join(sizes)}。" if here else f"{why}: {'; '.join(sizes)}."


def _why(scale: Scale | None, here: int) -> str:
    if scale is not None and scale.kind == "a4":
        return ("No scale in this picture (no A4 sheet is seen whole)", "图中没有比例尺（未见完整的 A4 纸）")[
            here
        ]
    if scale is not None and scale.kind == "ref":
        return (
            f"No scale in this picture (“{scale.label}” of that shape is not seen)",
            f"图中没有比例尺（未找到该形状的“{scale.label}”）",
        )[here]
    return ("No scale in this picture", "图中没有比例尺")[here]
