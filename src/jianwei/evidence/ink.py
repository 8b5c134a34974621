"""What code can tell of ink: whether somebody wrote on a line, and what is written in red."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jianwei.types import Box, Pixels

_DARKER = 38
"""Steps of brightness by which ink is darker than its paper."""

_LEAST_INK = 0.35
"""Ink of a signature, in squares of the height of a line: a small scribble has more, specks have less."""


def has_ink(pixels: Pixels, box: Box, height: float) -> bool:
    """Whether there is handwriting in a part of a picture; the line to write on, and red stamps, do not count.

    Args:
        pixels: RGB.
        box: the part, in pixels.
        height: of a line of text, in pixels.
    """
    import cv2

    left, top, right, bottom = (round(edge) for edge in box)
    part = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if min(part.shape[:2]) < 4:
        return False
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.int16)
    # The brightest of each column's neighbourhood is paper, also in a shadow.
    ground = cv2.blur(
        cv2.dilate(grey.astype(np.uint8), np.ones((max(3, part.shape[0] // 2), 15), np.uint8)), (15, 15)
    )
    dark = ((ground.astype(np.int16) - grey) > _DARKER) & ~red_pixels(part, 60)
    mask = dark.astype(np.uint8)
    # What is thicker than any pen is the ground beside the paper, with the paper's edge.
    thick = max(3, round(0.35 * height))
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    mask[cv2.dilate(solid, np.ones((7, 7), np.uint8)) > 0] = 0
    (columns,) = np.nonzero(solid.any(0))
    if len(columns) and columns[0] > 0.3 * mask.shape[1]:
        mask[:, columns[0] :] = 0
    # What runs level for long is the line to write on, also where it falls a little.
    length = max(9, round(2.2 * height))
    for row in cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), _slanted(mask, length):
        mask[cv2.dilate(row, np.ones((3, 3), np.uint8)) > 0] = 0
    return float(mask.sum()) >= _LEAST_INK * 0.25 * height * height


def field_behind(label: Box, slope: float, left: float, right: float) -> Box:
    """Where people write behind a label: from ``left`` to ``right`` along its line, in pixels, and higher than print.

    Args:
        label: its box.
        slope: pixels by which its line falls for each pixel to the right.
        left: where the label ends.
        right: where the field ends.
    """
    x1, top, x2, bottom = label
    high = bottom - top
    lift = slope * ((left + right) / 2 - (x1 + x2) / 2)
    return left + 0.25 * high, top - 0.55 * high + lift, right, bottom + lift


def _slanted(mask: npt.NDArray[np.uint8], length: int) -> npt.NDArray[np.uint8]:
    """Pixels on long nearly level lines."""
    import cv2

    lines = cv2.HoughLinesP(mask, 1, np.pi / 720, length, minLineLength=length, maxLineGap=2)
    drawn = np.zeros_like(mask)
    for line in [] if lines is None else lines.reshape(-1, 4):
        x1, y1, x2, y2 = (int(value) for value in line)
        if abs(y2 - y1) <= 0.12 * abs(x2 - x1):
            cv2.line(drawn, (x1, y1), (x2, y2), 1, 2)
    return drawn


def red_pixels(pixels: Pixels, saturation: int) -> npt.NDArray[np.bool_]:
    """Which pixels are red."""
    import cv2

    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hue, strength, light = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    return ((hue <= 9) | (hue >= 168)) & (strength >= saturation) & (light >= 80)


def is_red(pixels: Pixels, box: Box) -> bool:
    """Whether what stands in a part of a picture is written in red."""
    import cv2

    left, top, right, bottom = (round(edge) for edge in box)
    part = pixels[max(0, top) : bottom, max(0, left) : right]
    if not part.size:
        return False
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.int16)
    ink = grey < np.quantile(grey, 0.9) - _DARKER
    return bool(ink.any()) and float(red_pixels(part, 60)[ink].mean()) > 0.5
