"""A picture with its heat map and boxes drawn over it, for people."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageDraw

from jianwei.types import GroundedBox, HeatGrid, Image

MAX_SIDE = 1600
"""Pixels of the overlay's longer side."""

_HOT, _WARM = np.array([255.0, 235.0, 60.0]), np.array([230.0, 30.0, 30.0])
_MOST_OPAQUE = 0.7
_BOX_COLOURS = {"model": (20, 110, 255), "ocr": (0, 150, 70)}


def overlay(image: Image, heat: HeatGrid | None, boxes: Sequence[GroundedBox] = ()) -> Image:
    """The picture, at most ``MAX_SIDE`` pixels wide and high.

    Args:
        image: the original.
        heat: its map, drawn from clear over red to yellow; None: none.
        boxes: of this picture, in its pixels: blue ones are the model's, green ones OCR's.
    """
    scale = min(1.0, MAX_SIDE / max(image.width, image.height))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    base = PillowImage.fromarray(image.pixels).resize(size, PillowImage.Resampling.LANCZOS)
    if heat is not None:
        base = PillowImage.fromarray(_heated(np.asarray(base, np.float32), heat))
    draw = ImageDraw.Draw(base)
    width = max(2, round(max(size) / 400))
    for box in boxes:
        corners = [value * scale for value in box.bbox]
        draw.rectangle(corners, outline=_BOX_COLOURS[box.source], width=width)
    return Image(np.asarray(base), image.name)


def overlay_png(image: Image, heat: HeatGrid, boxes: Sequence[GroundedBox] = ()) -> bytes:
    """``overlay`` as a PNG file, with the boxes of this picture."""
    target = io.BytesIO()
    mine = [box for box in boxes if box.picture == heat.picture]
    PillowImage.fromarray(overlay(image, heat, mine).pixels).save(target, "PNG")
    return target.getvalue()


def _heated(pixels: npt.NDArray[np.float32], heat: HeatGrid) -> npt.NDArray[np.uint8]:
    """Blend a map, smoothed to the picture's size, over its pixels."""
    small = PillowImage.fromarray(heat.grid)
    large = small.resize((pixels.shape[1], pixels.shape[0]), PillowImage.Resampling.BICUBIC)
    level = (np.asarray(large, np.float32) / 255.0)[..., None]
    colour = _WARM + (_HOT - _WARM) * np.clip(2 * level - 1, 0, 1)
    opacity = _MOST_OPAQUE * np.sqrt(level)
    return np.clip(pixels * (1 - opacity) + colour * opacity, 0, 255).astype(np.uint8)
