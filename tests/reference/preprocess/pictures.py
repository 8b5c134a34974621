"""Test pictures that any machine draws the same: shades, hard edges, fine lines and noise, by formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CASES: tuple[tuple[int, int], ...] = (
    (64, 64),
    (200, 123),
    (96, 300),
    (33, 31),
    (257, 255),
    (7, 19),
    (500, 20),
)
"""``(width, height)``: already fitting, shrunk, grown, odd, smaller than a token, long and thin."""
MIN_TOKENS, MAX_TOKENS = 4, 16
LARGE_CASES: tuple[tuple[int, int], ...] = ((1024, 1024), (1600, 1200), (640, 480))
"""Compared by a hash only, at the model's own budget."""


def draw(width: int, height: int) -> npt.NDArray[np.uint8]:
    """``[height, width, 3]``; integer arithmetic only."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    red = x * 255 // max(1, width - 1)
    green = ((x // 5 + y // 7) % 2) * 200 + y % 50
    blue = (x * x * 31 + y * y * 17 + x * y * 7) % 256
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)
