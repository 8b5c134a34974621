"""Red stamps, found by code."""

from __future__ import annotations

import cv2
import numpy as np

from jianwei.evidence.ink import red_pixels
from jianwei.types import Box, Pixels

_LEAST_STAMP, _MOST_STAMP = 0.06, 0.45
"""Width of a stamp, as shares of the picture's shorter side."""


def find_stamp(pixels: Pixels) -> Box | None:
    """The largest round or oval red seal, in pixels; None where there is none."""
    side = min(pixels.shape[:2])
    mask = red_pixels(pixels, 55).astype(np.uint8)
    reach = max(3, side // 60)
    closed = cv2.morphologyEx(
        mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    )
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    best: tuple[int, Box] | None = None
    for label in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[label])
        round_enough = 0.62 <= width / height <= 1.6
        if not (round_enough and _LEAST_STAMP * side <= max(width, height) <= _MOST_STAMP * side):
            continue
        inside = mask[top : top + height, left : left + width]
        # A ring with a star or words: not full, and red near the middle of each side.
        if not 0.05 <= float(inside.mean()) <= 0.75:
            continue
        thirds = [
            inside[: height // 5],
            inside[-height // 5 :],
            inside[:, : width // 5],
            inside[:, -width // 5 :],
        ]
        if all(part.any() for part in thirds) and (best is None or width * height > best[0]):
            best = width * height, (float(left), float(top), float(left + width), float(top + height))
    return best[1] if best else None
