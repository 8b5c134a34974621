"""A matrix as the graphs compute with it: values of 4, 8, 16 or 32 bits, and the scales of their groups.

Knows no file and no OpenVINO; ``weights`` makes them from GGUF's blocks, ``ops`` turns them into graph nodes.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

GROUP = 32
"""Columns that share one scale where GGUF's own blocks are computed with."""

WIDE_GROUP = 128
"""The same in our own layout of a file (``fast_file``): faster, for fewer scales are met on the way."""

WIDEST_GROUP = 256
"""The same for values that we round to 4 bits, where rows are long enough; wider ones gain nothing."""


def four_bit_group(cols: int) -> int:
    """Columns that share one scale where rows of so many columns are rounded to 4 bits."""
    return next(group for group in (WIDEST_GROUP, WIDE_GROUP, GROUP) if cols % group == 0 or group == GROUP)


@dataclass(frozen=True)
class Matrix:
    """A compressed matrix ``[rows, cols]`` (``weights`` says how a file's values become one).

    Attributes:
        bits: 4 (``values`` holds two signed nibbles a byte, low one first), 8 (int8), 16 or 32 (floats).
        group: columns that share one scale; ``cols`` where a row has one.
        values: ``[rows, cols + 2 * n_sums]`` as ``bits`` says.
        scales: f32 ``[rows, (cols + 2 * n_sums) / group]``, or None for floats.
        n_sums: columns for offsets, twice so many: first the high nibbles, then the low ones. They meet the sums of
            ``x`` over groups of columns, padded with zeros to a whole group. 0: the matrix has no offsets.
    """

    rows: int
    cols: int
    bits: int
    group: int
    values: npt.NDArray[Any]
    scales: Floats | None = None
    n_sums: int = 0

    def dequantize(self) -> Floats:
        """The matrix in float32 ``[rows, cols]``: what the graph computes with, for tests and measurements."""
        if self.scales is None:
            return self.values.astype(np.float32)
        values = unpack(self.values) if self.bits == 4 else self.values
        grouped = values.reshape(self.rows, -1, self.group) * self.scales[..., None]
        full = grouped.reshape(self.rows, -1)
        weights, offsets = full[:, : self.cols], full[:, self.cols :].reshape(self.rows, 2, self.n_sums)
        if self.n_sums:
            per_group = offsets.sum(axis=1)[:, : self.cols // self.group]
            weights = weights + np.repeat(per_group, self.group, axis=1)
        return weights

    def cut(self, parts: int) -> list[Matrix]:
        """The matrix as so many of equally many rows, in the same memory."""
        values = np.split(self.values, parts)
        scales = [None] * parts if self.scales is None else np.split(self.scales, parts)
        return [
            dataclasses.replace(self, rows=self.rows // parts, values=of_part, scales=steps)
            for of_part, steps in zip(values, scales, strict=True)
        ]

    def rows_of(self, indices: npt.NDArray[np.int64]) -> Floats:
        """Chosen rows in float32 ``[len(indices), cols]``."""
        scales = None if self.scales is None else self.scales[indices]
        return dataclasses.replace(
            self, rows=len(indices), values=self.values[indices], scales=scales
        ).dequantize()


def pack(nibbles: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Signed nibbles, two a byte along the last axis, the first one low."""
    unsigned = nibbles.view(np.uint8) & 15
    return (unsigned[..., 0::2] | (unsigned[..., 1::2] << 4)).astype(np.uint8, copy=False)


def unpack(packed: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """What :func:`pack` packed."""
    nibbles = np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:-1], -1)
    return (nibbles.view(np.int8) ^ 8) - 8
