"""What a model is shown of a picture, and the way back from there to the original's pixels.

A view is the whole picture, a smaller copy of it, a part cut out, or a mended copy. Whatever it is, a matrix
maps its pixels to those of the original, so that boxes and heat maps come out right through any chain of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageDraw

from jianwei.types import Box, Image, Region

Matrix = npt.NDArray[np.float64]
"""A homography ``[3, 3]`` on pixels: ``(x, y, 1)`` is mapped up to scale."""


def _identity() -> Matrix:
    return np.eye(3)


@dataclass(frozen=True, eq=False)
class View:
    """A picture as the model sees it.

    Attributes:
        image: the pixels shown.
        picture: which picture of the conversation it shows, counted from 0.
        to_original: maps pixels of ``image`` to pixels of that picture.
        part: what it was cut out for; None: it shows the whole picture.
    """

    image: Image
    picture: int = 0
    to_original: Matrix = field(default_factory=_identity)
    part: Region | None = None

    def original_points(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Points ``[n, 2]`` of the view, in pixels of the original."""
        return apply(self.to_original, points)

    def view_points(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Points ``[n, 2]`` of the original, in pixels of the view."""
        return apply(np.linalg.inv(self.to_original).astype(np.float64), points)

    def original_box(self, box: Box) -> Box:
        """The upright box in the original around a box of the view."""
        left, top, right, bottom = box
        corners = self.original_points([(left, top), (right, top), (right, bottom), (left, bottom)])
        (x1, y1), (x2, y2) = corners.min(0).tolist(), corners.max(0).tolist()
        return x1, y1, x2, y2

    @property
    def whole_box(self) -> Box:
        """What of the original the view shows."""
        return self.original_box((0, 0, self.image.width, self.image.height))


def apply(matrix: Matrix, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Points ``[n, 2]`` through a homography."""
    array = np.asarray(points, np.float64).reshape(-1, 2)
    mapped = np.concatenate([array, np.ones((len(array), 1))], axis=1) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def scaling(x: float, y: float, left: float = 0.0, top: float = 0.0) -> Matrix:
    """Scale by ``x`` and ``y``, then move by ``left`` and ``top``."""
    return np.array([[x, 0.0, left], [0.0, y, top], [0.0, 0.0, 1.0]])


def shrunk(image: Image, pixels: float, picture: int = 0) -> View:
    """The whole picture with at most so many pixels; it is never enlarged."""
    scale = (pixels / (image.width * image.height)) ** 0.5
    if scale >= 1:
        return View(image, picture)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = PillowImage.fromarray(image.pixels).resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    back = scaling(image.width / size[0], image.height / size[1])
    return View(Image(np.asarray(small), image.name), picture, back)


def cut(image: Image, region: Region, margin: float = 0.0) -> View:
    """The part of a picture inside a region, at full resolution; outside a polygon it is white.

    Args:
        image: the original.
        region: inside it; see ``regions.clip``.
        margin: pixels to add on every side where the picture has them (to a box, not to a polygon).
    """
    left, top, right, bottom = region.box
    if len(region.points) > 2:
        margin = 0.0
    x1, y1 = max(0, int(np.floor(left - margin))), max(0, int(np.floor(top - margin)))
    x2 = min(image.width, max(x1 + 1, int(np.ceil(right + margin))))
    y2 = min(image.height, max(y1 + 1, int(np.ceil(bottom + margin))))
    pixels = image.pixels[y1:y2, x1:x2]
    if len(region.points) > 2:
        pixels = _only_inside(pixels, [(x - x1, y - y1) for x, y in region.points])
    move = scaling(1, 1, x1, y1)
    return View(Image(np.ascontiguousarray(pixels), image.name), region.picture, move, region)


def cut_together(image: Image, regions: Sequence[Region], margin: float = 0.0) -> View:
    """One view of several regions of a picture, where they lie to each other; white between them.

    Args:
        image: the original.
        regions: inside it, at least one.
        margin: as ``cut`` has it.
    """
    boxes = [region.box for region in regions]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    whole = Region(((left, top), (right, bottom)), regions[0].picture)
    view = cut(image, whole, margin)
    made: Any = PillowImage.new("L", (view.image.width, view.image.height), 0)
    draw = ImageDraw.Draw(made)
    x, y = (float(value) for value in view.to_original[:2, 2])
    for region in regions:
        points = [(px - x, py - y) for px, py in region.points]
        if len(points) == 2:
            (x1, y1), (x2, y2) = points
            draw.rectangle((x1 - margin, y1 - margin, x2 + margin, y2 + margin), fill=1)
        else:
            draw.polygon(points, fill=1, outline=1)
    shown = np.where(np.asarray(made, bool)[..., None], view.image.pixels, np.uint8(255))
    return View(Image(shown, image.name), whole.picture, view.to_original, whole)


def _only_inside(
    pixels: npt.NDArray[np.uint8], points: Sequence[tuple[float, float]]
) -> npt.NDArray[np.uint8]:
    mask: Any = PillowImage.new("L", (pixels.shape[1], pixels.shape[0]), 0)
    ImageDraw.Draw(mask).polygon(list(points), fill=1, outline=1)
    return np.where(np.asarray(mask, bool)[..., None], pixels, np.uint8(255))
