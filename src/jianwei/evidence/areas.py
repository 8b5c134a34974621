"""Areas of one colour in a picture: what stands out by its colour, found without a model.

A small model sees a page in a few dozen tokens; a button, a bar, a tick or a stamp is less than one of them. What each
such thing looks like is for the model to say, but where it is and which colour it has can be measured.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from jianwei.errors import Language
from jianwei.evidence.boxes import area as area_of
from jianwei.evidence.ocr import OcrLine
from jianwei.types import Box, Image

MAX_AREAS = 12
"""Areas of a picture at most: the largest."""
_MAX_BLACK = 4
"""Of these are black at most, and come last: much that is black is shadow, or the ground beside a page."""

_SIDE = 400
"""Pixels of the longer side at which colours are looked at."""
_LEAST = 0.014
"""Share of the longer side that an area at least has, across or down."""
_HOLLOW = 0.75
"""Share of its hull that strokes and stars fill at most."""
_THIN = 0.55
"""Share of its hull that a cross fills at most."""
_SEAM = 0.8
"""Share of an area within two pixels of a larger one from which on it is that one's seam."""
_MOST_LOOKED_AT = 60
"""Areas that are looked at, the largest: a photo without paper may have hundreds."""
_PART = 0.12
"""Share of an area's box from which on what lies in it is a part of it."""
_CHROMA = 30.0
"""Distance from grey in CIELAB from which on a pixel has a colour."""
_BLACK = 26.0
"""Lightness in CIELAB below which a pixel is black."""

COLOURS: dict[str, tuple[str, str]] = {
    "red": ("红色", "red"),
    "orange": ("橙色", "orange"),
    "yellow": ("黄色", "yellow"),
    "green": ("绿色", "green"),
    "blue": ("蓝色", "blue"),
    "purple": ("紫色", "purple"),
    "pink": ("粉色", "pink"),
    "brown": ("棕色", "brown"),
    "black": ("黑色", "black"),
}
"""Names of colours in Chinese and English, in the order of ``_named``."""
_NAMES = tuple(COLOURS)

FORMS: dict[str, tuple[str, str]] = {
    "circle": ("圆形", "circle"),
    "square": ("正方形", "square"),
    "triangle": ("三角形", "triangle"),
    "star": ("五角星", "star"),
    "tick": ("勾", "tick"),
    "cross": ("叉", "cross"),
    "": ("", ""),
}
"""Names of forms in Chinese and English; none for what has no plain form."""
_ALSO = {
    "circle": ("圆圈",),
    "square": ("方形", "方块"),
    "star": ("星形", "星星"),
    "tick": ("钩", "√", "对号", r"\bcheck ?marks?\b"),
    "cross": ("×", "错号", r"\b(?-i:X)(?:'?s|es| marks?)?\b"),
}
"""What people also call a form."""
_TINTED = {
    "zh": "[色勾叉钩章印圆正方三五星]",
    "en": r" (?:circle|square|triangle|star|tick|check|cross|x|mark|stamp|seal|button|bar|slice|shape|thing|area|box|"
    r"spot)",
}
"""What stands behind the name of a colour, which is also in names of goods and people (黄瓜, Orange Juice)."""


@dataclass(frozen=True)
class Area:
    """A connected area of one colour.

    Attributes:
        colour: a key of ``COLOURS``.
        form: a key of ``FORMS``.
        box: in pixels of the picture.
        size: of the area itself, as a share of the picture.
    """

    colour: str
    form: str
    box: Box
    size: float

    def tint(self, language: Language) -> str:
        """Its colour in words."""
        return COLOURS[self.colour][0 if language == "zh" else 1]

    def name(self, language: Language) -> str:
        """Its colour and form in words."""
        form = FORMS[self.form][0 if language == "zh" else 1]
        return self.tint(language) + (" " + form if form and language == "en" else form)


def looks_named(question: str) -> tuple[set[str], set[str]]:
    """The colours and the forms that a question names, as keys of ``COLOURS`` and ``FORMS``."""

    def named(pattern: str) -> bool:
        return re.search(pattern, question, re.IGNORECASE) is not None

    colours = {
        key
        for key, (chinese, english) in COLOURS.items()
        if named(chinese[0] + _TINTED["zh"]) or named(rf"\b{english}{_TINTED['en']}|\bin {english}\b")
    }
    forms = {
        key
        for key, (chinese, english) in FORMS.items()
        if key and named("|".join((chinese, *_ALSO.get(key, ()), rf"\b{english}(?:e?s)?\b")))
    }
    return colours, forms


def find_areas(image: Image, lines: Sequence[OcrLine] = ()) -> list[Area]:
    """The areas that stand out, the largest first and black ones last: no print of a read line, and no ground."""
    import cv2

    scale = min(1.0, _SIDE / max(image.width, image.height))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    named = _named(_whitened(np.asarray(small, np.uint8)))
    # OCR reads a cross as "X", a star as "★" and four squares as "::": what has no two letters is no print.
    texts = [
        tuple(edge * scale for edge in line.box) for line in lines if sum(map(str.isalnum, line.text)) > 1
    ]
    found = sorted(_without_fringes(_painted(named, texts), named.shape), key=lambda area: -area_of(area.box))
    # What lies in another of its colour, or is a good part of it, is a fragment.
    whole = [
        area
        for at, area in enumerate(found)
        if not any(
            (other.colour == area.colour or area_of(area.box) > _PART * area_of(other.box))
            and _lies_in(area.box, other.box)
            for other in found[:at]
        )
    ]
    black = [area for area in whole if area.colour == "black"][:_MAX_BLACK]
    others = [area for area in whole if area.colour != "black"]
    x, y = image.width / size[0], image.height / size[1]
    return [
        replace(area, box=(area.box[0] * x, area.box[1] * y, area.box[2] * x, area.box[3] * y))
        for area in (others + black)[:MAX_AREAS]
    ]


def _painted(named: npt.NDArray[np.int8], texts: Sequence[tuple[float, ...]]) -> list[tuple[Area, _Pixels]]:
    """Every connected area of one colour that is large enough, with its pixels; boxes are in those of ``named``."""
    import cv2

    size = named.shape[1], named.shape[0]
    least = max(3.0, _LEAST * max(size))
    kernel = np.ones((max(3, round(least / 1.5)) | 1,) * 2, np.uint8)
    found: list[tuple[Area, _Pixels]] = []
    for number, name in enumerate(_NAMES):
        # Print is black and thin; a thing that is black is solid. Strokes of a colour are joined.
        way = cv2.MORPH_OPEN if name == "black" else cv2.MORPH_CLOSE
        mask = cv2.morphologyEx((named == number).astype(np.uint8), way, kernel)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        for label, (left, top, wide, high, count) in enumerate(stats.tolist()[1:], 1):
            box = float(left), float(top), float(left + wide), float(top + high)
            big = max(wide, high) >= least and min(wide, high) >= 0.5 * least and count >= 0.2 * least**2
            if not big or _is_ground(box, size) or _is_print(box, texts):
                continue
            here = slice(top, top + high), slice(left, left + wide)
            inside = (labels[here] == label) & (named[here] == number)
            if inside.any():
                share = float(inside.sum()) / named.size
                found.append((Area(name, _form(inside), box, share), _Pixels(here, inside)))
    return found


class _Pixels(NamedTuple):
    """Which pixels an area has: ``inside`` of the part ``here`` of the picture."""

    here: tuple[slice, slice]
    inside: npt.NDArray[np.bool_]


def _without_fringes(found: Sequence[tuple[Area, _Pixels]], shape: tuple[int, ...]) -> list[Area]:
    """The areas but for the seams of larger ones: where a colour fades into paper, it is another for a pixel or two."""
    import cv2

    taken = np.zeros(shape, np.uint8)
    kept: list[Area] = []
    for area, (here, inside) in sorted(found, key=lambda each: -each[0].size)[:_MOST_LOOKED_AT]:
        if taken[here][inside].mean() > _SEAM:
            continue
        kept.append(area)
        own = np.zeros(shape, np.uint8)
        own[here][inside] = 1
        taken = np.maximum(taken, np.asarray(cv2.dilate(own, np.ones((5, 5), np.uint8))))
    return kept


def _form(inside: npt.NDArray[np.bool_]) -> str:
    """Which of ``FORMS`` an area has: by how much it fills of its hull and this of other shapes, and by its corners."""
    import cv2

    mask = inside.astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate(outlines)
    hull = cv2.convexHull(points)
    filled, around = float(inside.sum()), max(1.0, cv2.contourArea(hull))
    (_, (a, b), _), (_, radius) = cv2.minAreaRect(hull), cv2.minEnclosingCircle(hull)
    if filled < _HOLLOW * around:
        high, wide = inside.shape
        y, x = max(1, round(0.3 * high)), max(1, round(0.3 * wide))
        corners = [
            bool(part.any()) for part in (inside[:y, :x], inside[:y, -x:], inside[-y:, :x], inside[-y:, -x:])
        ]
        if all(corners):
            return "cross" if filled < _THIN * around and inside[y:-y, x:-x].any() else ""
        if corners[1] and not corners[0] and not corners[3]:
            return "tick"
        return "star" if 0.6 < a / max(1.0, b) < 1.6 and filled > 0.35 * around else ""
    shares = {
        "circle": around / (math.pi * max(1.0, radius) ** 2),
        "square": around / max(1.0, a * b),
        "triangle": around / max(1.0, cv2.minEnclosingTriangle(hull)[0]),
    }
    best = max(shares, key=lambda form: shares[form])
    return best if shares[best] > 0.86 else ""


def _whitened(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The picture as if its brightest part were white paper, where that is nearly so: lamps are often warm."""
    light = pixels.min(2)
    paper = np.median(pixels[light >= np.percentile(light, 92)], axis=0)
    if paper.min() <= 0.6 * paper.max():
        return pixels
    return np.clip(pixels * (paper.max() / paper), 0, 255).astype(np.uint8)


def _named(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """Which of ``COLOURS`` each pixel has ``[height, width]``; -1 for white and grey."""
    import cv2

    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a)) % 360
    found = np.full(pixels.shape[:2], -1, np.int8)

    def give(name: str, where: npt.NDArray[np.bool_]) -> None:
        found[where & (found < 0)] = _NAMES.index(name)

    coloured = chroma > _CHROMA
    give("black", (light < _BLACK) & ~coloured)
    give("pink", coloured & (light > 60) & ((hue < 25) | (hue > 330)) & (chroma < 60))
    give("brown", coloured & (hue >= 40) & (hue < 85) & (light < 52))
    give("red", coloured & ((hue < 47) | (hue > 345)))
    give("orange", coloured & (hue < 78))
    give("yellow", coloured & (hue < 112))
    give("green", coloured & (hue < 200))
    give("blue", coloured & (hue < 306))
    give("purple", coloured)
    return found


def _is_ground(box: Box, size: tuple[int, int]) -> bool:
    """Whether it reaches from one edge of the picture to the opposite one."""
    across, down = size
    return (box[0] <= 1 and box[2] >= across - 1) or (box[1] <= 1 and box[3] >= down - 1)


def _is_print(box: Box, texts: Sequence[tuple[float, ...]]) -> bool:
    """Whether it is part of what a line prints, and not the ground that it stands on."""
    return any(
        _lies_in(box, (left - 2, top - 2, right + 2, bottom + 2)) for left, top, right, bottom in texts
    )


def _lies_in(box: Box, outer: tuple[float, float, float, float]) -> bool:
    width = min(box[2], outer[2]) - max(box[0], outer[0])
    height = min(box[3], outer[3]) - max(box[1], outer[1])
    return width > 0 and height > 0 and width * height >= 0.85 * (box[2] - box[0]) * (box[3] - box[1])
