"""Spots on a surface: what is darker than the surface around it and is no print, as dents and tears on a carton are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jianwei.errors import Language
from jianwei.evidence.ocr import OcrLine
from jianwei.types import Box, Image

_SIDE = 320
"""Pixels of the surface's longer side at which it is looked at."""
_DARKER = 9
"""Steps of brightness of 255 by which a spot is darker than the surface around it."""
_BLACK = 0.42
"""Brightness of a hole, as a share of the surface around it."""
_LEAST, _MOST = 0.045, 0.5
"""Width of a spot, as shares of the surface's."""
_SIGN = 2.2
"""Heights of a line above and around it in which its signs stand, as an umbrella above "keep dry"."""

_GROUNDS, _FAR = 4, 14.0
"""Colours of the ground, and the distance in CIELAB from all of them at which something is no ground."""

Place = Literal["top left", "top right", "bottom left", "bottom right", "centre"]

WORDS: dict[Place, str] = {
    "top left": "左上角",
    "top right": "右上角",
    "bottom left": "左下角",
    "bottom right": "右下角",
    "centre": "中间",
}
"""Places on a surface in Chinese."""


@dataclass(frozen=True)
class Spot:
    """A spot on a surface.

    Attributes:
        box: in pixels of the picture.
        hole: whether a good part of it is black; else it is a shadow.
        place: where on the surface its middle is.
    """

    box: Box
    hole: bool
    place: Place

    def name(self, language: Language) -> str:
        """What it looks like in words."""
        if language == "zh":
            return "黑洞" if self.hole else "阴影"
        return "hole" if self.hole else "shadow"

    def where(self, language: Language) -> str:
        """Its place in words."""
        return WORDS[self.place] if language == "zh" else self.place


def find_surface(image: Image) -> Box | None:
    """The largest thing before a ground that reaches around the picture, in pixels; None where nothing stands out."""
    import cv2

    scale = min(1.0, _SIDE / max(image.width, image.height))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (5, 5), 0), cv2.COLOR_RGB2LAB)
    edge = max(2, round(0.02 * max(size)))
    sides = lab[:edge], lab[-edge:], lab[:, :edge], lab[:, -edge:]
    colours = np.concatenate([side.reshape(-1, 3) for side in sides])
    cv2.setRNGSeed(1)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    _, _, grounds = cv2.kmeans(colours, _GROUNDS, np.empty((0,)), criteria, 1, cv2.KMEANS_PP_CENTERS)
    far = np.min([np.linalg.norm(lab - ground, axis=2) for ground in grounds], axis=0)
    mask = cv2.morphologyEx((far > _FAR).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return None
    left, top, wide, high, _ = max(stats.tolist()[1:], key=lambda each: each[4])
    return left / scale, top / scale, (left + wide) / scale, (top + high) / scale


def find_spots(image: Image, lines: Sequence[OcrLine] = ()) -> list[Spot]:
    """The spots on the largest thing in a picture, the clearest first.

    Args:
        image: the picture.
        lines: that were read in it; print, and the signs beside it, are no spots.
    """
    import cv2

    surface = find_surface(image)
    if surface is None:
        return []
    left, top, right, bottom = (round(edge) for edge in surface)
    part = image.pixels[max(0, top) : bottom, max(0, left) : right]
    if min(part.shape[:2]) < 16:
        return []
    scale = min(1.0, _SIDE / max(part.shape[:2]))
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    grey = cv2.cvtColor(cv2.resize(part, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (5, 5), 0)
    around = cv2.medianBlur(grey, round(0.3 * min(size)) | 1)
    mask = ((around.astype(np.int16) - grey) > _DARKER).astype(np.uint8)
    for line in lines:
        x1, y1, x2, y2 = line.box
        high = line.height
        box = (x1 - 0.3 * high - left, y1 - _SIGN * high - top, x2 + 0.3 * high - left, y2 + 0.3 * high - top)
        a, b, c, d = (max(0, round(edge * scale)) for edge in box)
        mask[b:d, a:c] = 0
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((round(0.06 * size[0]) | 1,) * 2, np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found: list[tuple[float, Spot]] = []
    for label, (x, y, wide, high, _) in enumerate(stats.tolist()[1:], 1):
        edge = x <= 1 or y <= 1 or x + wide >= size[0] - 1 or y + high >= size[1] - 1
        if edge or not _LEAST * size[0] <= wide <= _MOST * size[0] or not 0.36 * wide <= high <= 2.8 * wide:
            continue
        here = slice(y, y + high), slice(x, x + wide)
        inside = labels[here] == label
        depth = (around[here].astype(np.float32) - grey[here])[inside]
        black = (grey[here][inside] < _BLACK * around[here][inside]).mean()
        box = (left + x / scale, top + y / scale, left + (x + wide) / scale, top + (y + high) / scale)
        place = _place((x + wide / 2) / size[0], (y + high / 2) / size[1])
        found.append((float(depth.sum()), Spot(box, bool(black > 0.15), place)))
    found.sort(key=lambda each: -each[0])
    return [spot for _, spot in found]


def _place(across: float, down: float) -> Place:
    if 0.35 < across < 0.65 and 0.35 < down < 0.65:
        return "centre"
    if down < 0.5:
        return "top left" if across < 0.5 else "top right"
    return "bottom left" if across < 0.5 else "bottom right"
