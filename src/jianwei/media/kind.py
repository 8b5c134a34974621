"""What kind of picture it is, told by its pixels alone.

A camera's pixels are never quite equal for long, a program's are: one that draws a page, a chart or a screen
repeats the ground's colour exactly, and even JPEG keeps most of that. Measured as the part of pixels whose next 16
are equal to it: at most 0.16 in 21 photographs and scans (scikit-image's and scikit-learn's examples, as they are
and as JPEG), 0.27 and more in screens, charts and printed pages.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from jianwei.types import Image

Kind = Literal["document", "screen", "photo"]
"""A page (drawn, scanned or photographed), anything else that a program has drawn, or what a camera saw."""

DRAWN = 0.22
"""Part of the pixels in runs of equal ones from which on a program has drawn the picture."""

_RUN = 16
_ROWS = 256
"""Rows that are looked at: enough of any picture."""

_SIDE = 720
"""Pixels of the longer side at which print is looked for."""

_BLOCK = 16
_LIGHT, _COLOURLESS = 110, 48
"""Paper is lighter than this, and its channels differ by less; in a dim room too."""

_STROKE = 28
"""Ink is darker than its surroundings by this."""

_INKY = (0.03, 0.45)
"""Part of a block of print that is ink."""

_PAGE, _DRAWN_PAGE, _PRINT = 0.8, 0.6, 0.1
"""Parts of a picture that are paper in a photographed and in a drawn page, and that are print in the first."""


def kind_of(image: Image) -> Kind:
    """The kind of a picture.

    A mistake costs time or detail, never the picture: kinds only choose defaults of how much is shown.
    """
    paper, print_ = _paper_and_print(image)
    if is_drawn(image):
        return "document" if paper >= _DRAWN_PAGE else "screen"
    return "document" if paper >= _PAGE and print_ >= _PRINT else "photo"


def is_drawn(image: Image) -> bool:
    """Whether a program has drawn the picture: pixels repeat exactly; a few milliseconds."""
    return equal_runs(image.pixels) >= DRAWN


def equal_runs(pixels: npt.NDArray[np.uint8]) -> float:
    """The part of the pixels, 0 to 1, with which the next 16 in their row are exactly equal."""
    rows = pixels[:: max(1, len(pixels) // _ROWS)]
    equal = (rows[:, 1:] == rows[:, :-1]).all(2)
    length = min(_RUN, equal.shape[1])
    counts = np.cumsum(np.pad(equal, ((0, 0), (1, 0))), axis=1)
    return float((counts[:, length:] - counts[:, :-length] == length).mean())


def _paper_and_print(image: Image) -> tuple[float, float]:
    """The parts of the picture that are paper, and paper with print on it, 0 to 1 each."""
    small: Any = PillowImage.fromarray(image.pixels)
    factor = round(max(image.width, image.height) / _SIDE)
    if factor > 1:
        small = small.reduce(factor)
    colours = np.asarray(small).astype(np.int16)
    grey = colours.mean(axis=2)
    blocks = _blocks(grey)
    lightest = np.sort(blocks, axis=1)[:, -_BLOCK]  # all but a few: a glint is no paper
    coloured = np.median(_blocks(np.ptp(colours, axis=2)), axis=1)
    paper = (lightest > _LIGHT) & (coloured < _COLOURLESS)
    ink = _blocks(_surroundings(grey) - grey > _STROKE).mean(axis=1)
    print_ = paper & (ink > _INKY[0]) & (ink < _INKY[1])
    return float(paper.mean()), float(print_.mean())


def _blocks(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``[blocks, pixels]``; a smaller picture is one block."""
    height, width = values.shape
    side_y, side_x = min(_BLOCK, height), min(_BLOCK, width)
    rows, columns = height // side_y, width // side_x
    cut = values[: rows * side_y, : columns * side_x].reshape(rows, side_y, columns, side_x)
    return cut.swapaxes(1, 2).reshape(rows * columns, -1)


def _surroundings(grey: npt.NDArray[np.float64], radius: int = 8) -> npt.NDArray[np.float64]:
    """The mean around each pixel, by sums over rectangles."""
    width = 2 * radius + 1
    padded = np.pad(grey, radius, mode="edge")
    sums = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return (
        sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width] + sums[:-width, :-width]
    ) / width**2
