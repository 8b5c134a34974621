"""Which parts of a picture carry something: predictive coding over visual tokens, before the vision tower.

A visual token shows one merge group: a square of pixels. A group that only goes on with what its left or upper
neighbour shows is left out, as in PixelPrune (arXiv 2604.00886); what is kept stays at its true place. Stricter
than PixelPrune in one thing: a group must also be even along the direction in which it goes on. So plain ground and
the middles of straight lines go, while two equal letters side by side are both kept: no text is left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from jianwei.config import MAX_PRUNE
from jianwei.errors import InputError, Phrase
from jianwei.types import Prune

Groups = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


def parse_prune(text: str) -> Prune:
    """The option in words: ``auto``, ``off``, ``exact``, or a number of levels of 255.

    Raises:
        InputError: ``bad_value``.
    """
    if text in ("auto", "off", "exact"):
        return text
    if text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= MAX_PRUNE:
        return int(text)
    reason = Phrase(f"auto, off, exact, or 0 to {MAX_PRUNE}", f"应为 auto、off、exact，或 0 到 {MAX_PRUNE}")
    raise InputError("bad_value", name="prune", got=text[:40], reason=reason)


def kept_groups(pixels: npt.NDArray[np.uint8], side: int, tolerance: int) -> Groups:
    """The merge groups that the model shall see, counted row by row, in order.

    A group is left out if it is even along a row and like the group on its left, or even along a column and like
    the group above it, or rather like that kept group which the neighbour already repeats: so small differences
    do not add up over a gradient. Kept all the same are the corners, which tell how large the picture is, and
    groups that would be left out on both sides of an edge between them: nothing else would tell where it is.

    Args:
        pixels: ``[height, width, 3]`` as shown to the model; both sides are multiples of ``side``.
        side: of a merge group, in pixels.
        tolerance: greatest difference in any channel of any pixel that counts as none, of 255; 0: exactly equal.
    """
    height, width = pixels.shape[:2]
    rows, columns = height // side, width // side
    # [row, column, channel, y, x]: numpy runs over long last axes much faster than over channels.
    groups = np.ascontiguousarray(pixels.reshape(rows, side, columns, side, 3).transpose(0, 2, 4, 1, 3))
    # Values of which each is within the tolerance of one between them differ by twice that at most.
    along = np.ptp(groups, axis=4).max(axis=(2, 3)) <= 2 * tolerance
    down = np.ptp(groups, axis=3).max(axis=(2, 3)) <= 2 * tolerance
    dropped = _repeating(groups, along, down, tolerance)
    kept = ~dropped | _at_edges(groups, dropped, tolerance)
    kept[:: max(1, rows - 1), :: max(1, columns - 1)] = True
    return np.flatnonzero(kept)


def _repeating(groups: npt.NDArray[np.uint8], along: _Flags, down: _Flags, tolerance: int) -> _Flags:
    """``[rows, columns]``: groups that repeat a kept one."""
    rows, columns = along.shape
    flat: Any = groups.reshape(rows * columns, -1)
    source = np.arange(rows * columns)
    for group in np.flatnonzero(along | down).tolist():
        row, column = divmod(group, columns)
        candidates: list[int] = []
        if column and along[row, column]:
            candidates.append(int(source[group - 1]))
        if row and down[row, column]:
            candidates.append(int(source[group - columns]))
        for candidate in candidates:
            if _difference(flat[group], flat[candidate]).max() <= tolerance:
                source[group] = candidate
                break
    return (source != np.arange(rows * columns)).reshape(rows, columns)


def _difference(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The absolute difference; unsigned values would wrap around."""
    return np.maximum(a, b) - np.minimum(a, b)


def _at_edges(groups: npt.NDArray[np.uint8], dropped: _Flags, tolerance: int) -> _Flags:
    """``[rows, columns]``: groups left out that touch another such group with an edge between them."""
    found = np.zeros_like(dropped)
    across = _difference(groups[:, 1:, ..., 0], groups[:, :-1, ..., -1]).max(axis=(2, 3)) > 2 * tolerance
    across &= dropped[:, 1:] & dropped[:, :-1]
    found[:, 1:] |= across
    found[:, :-1] |= across
    below = _difference(groups[1:, :, :, 0], groups[:-1, :, :, -1]).max(axis=(2, 3)) > 2 * tolerance
    below &= dropped[1:] & dropped[:-1]
    found[1:] |= below
    found[:-1] |= below
    return found
