"""Positions: M-RoPE of the decoder, 2-D RoPE and the learned position table of the vision tower.

Pure numpy in float32; all arrays are made on the host and handed to the graphs. Follows
``transformers/models/qwen3_vl/modeling_qwen3_vl.py`` and ``transformers/vision_utils.py`` (5.23), the place
named at each function; ``tests/model/test_rope.py`` holds these functions to their values.

llama.cpp follows the same rules (``ggml_mrope_cache_init``, ``resize_position_embeddings``) but for two
things. It multiplies its way from one frequency to the next in float32, so its angles are off by some 1e-6 of
themselves. And of the slowest frequencies, behind the interleaved ones, it turns only every third with t and
leaves the others unturned, where ``transformers`` turns all: that is two of 64 in Qwen3-VL, and 0.01 radians
at position 30000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
_Scalar = TypeVar("_Scalar", bound=np.generic)


def mrope_positions(segments: Sequence[int | tuple[int, int, int]], start: int = 0) -> tuple[Positions, int]:
    """Positions of a prompt's tokens (``Qwen3VLModel.get_rope_index`` and ``get_vision_position_ids``).

    Text counts up, the same in all three rows. A picture that begins at position p has t = p, h = p + row,
    w = p + column; what follows goes on at p + max(rows, columns), however many tokens the picture has. A
    pair of video frames is a picture of its own; its time is written before it as text.

    Args:
        segments: length of a run of text, or merged grid ``(t, h, w)`` of a picture (``t`` is 1 in Qwen3-VL).
        start: position of the first token; what an earlier call returned, to go on after its tokens.

    Returns:
        ``[3, T]`` with rows t, h, w, and the position after the last token.
    """
    parts: list[Positions] = [np.zeros((3, 0), np.int64)]
    position = start
    for segment in segments:
        if isinstance(segment, int):
            parts.append(np.tile(np.arange(position, position + segment), (3, 1)))
            position += segment
        else:
            parts.append(np.indices(segment).reshape(3, -1) + position)
            position += max(segment[1:])
    return np.concatenate(parts, axis=1), position


def text_cos_sin(
    positions: Positions, head_dim: int, sections: tuple[int, int, int], theta: float
) -> tuple[Floats, Floats]:
    """Cosines and sines ``[T, head_dim]`` of interleaved M-RoPE (``Qwen3VLTextRotaryEmbedding``).

    Frequency i turns with t, except that every third one from 1 on turns with h, and every third one from 2
    on with w, as far as their sections reach: t h w t h w ... t t t. The second half repeats the first, as
    ``rotate_half`` pairs elements i and i + head_dim / 2.

    Args:
        positions: ``[3, T]``, rows t, h, w (:func:`mrope_positions`).
        head_dim: elements of a head.
        sections: frequencies of t, h and w; they add up to ``head_dim / 2``.
        theta: base of the frequencies.
    """
    inverse = _inverse_frequencies(head_dim, theta)
    axis_of = np.zeros(head_dim // 2, np.int64)
    for axis in (1, 2):
        axis_of[axis : sections[axis] * 3 : 3] = axis
    angles = positions.astype(np.float32)[axis_of].T * inverse
    return _twice(np.cos(angles)), _twice(np.sin(angles))


def vision_positions(grid_h: int, grid_w: int, merge: int = 2) -> Positions:
    """Row and column of every patch of a grid, ``[grid_h * grid_w, 2]``, in merge-group order.

    (``get_vision_position_ids``.)
    """
    return _merge_order(np.indices((grid_h, grid_w)).transpose(1, 2, 0), merge)


def vision_cos_sin(positions: Positions, head_dim: int, theta: float = 10000.0) -> tuple[Floats, Floats]:
    """Cosines and sines ``[n, head_dim]`` of 2-D RoPE (``Qwen3VLVisionRotaryEmbedding``).

    A quarter of the elements turns with the row, the next with the column, and so again.

    Args:
        positions: ``[n, 2]``, row and column of each patch, in any order.
        head_dim: elements of a head.
        theta: base of the frequencies.
    """
    inverse = _inverse_frequencies(head_dim // 2, theta)
    angles = (positions.astype(np.float32)[:, :, None] * inverse).reshape(len(positions), -1)
    return _twice(np.cos(angles)), _twice(np.sin(angles))


def vision_position_embedding(table: Floats, grid_h: int, grid_w: int, merge: int = 2) -> Floats:
    """The learned position table resampled to a grid: ``[grid_h * grid_w, hidden]`` in merge-group order.

    Bilinear, the corners of the grid on the corners of the table
    (``get_vision_interpolation_indices_and_weights``, once ``fast_pos_embed_interpolate``; in llama.cpp
    ``GGML_SCALE_MODE_BILINEAR | GGML_SCALE_FLAG_ALIGN_CORNERS``).

    Args:
        table: ``[side * side, hidden]``, row by row.
        grid_h: rows of patches.
        grid_w: columns of patches.
        merge: side of a merge group in patches.
    """
    side = round(len(table) ** 0.5)
    grid = table.reshape(side, side, -1)
    rows, row_weights = _taps(grid_h, side)
    cols, col_weights = _taps(grid_w, side)
    resampled = np.zeros((grid_h, grid_w, grid.shape[-1]), np.float32)
    for row, row_weight in zip(rows, row_weights, strict=True):
        for col, col_weight in zip(cols, col_weights, strict=True):
            weights = row_weight[:, None, None] * col_weight[None, :, None]
            resampled += grid[row[:, None], col[None, :]] * weights
    return _merge_order(resampled, merge)


def _inverse_frequencies(dim: int, theta: float) -> Floats:
    """``1 / theta ** (2 i / dim)``, ``[dim / 2]``; the power rounded once, as torch rounds it."""
    exponents = np.arange(0, dim, 2, dtype=np.float32) / np.float32(dim)
    return np.float32(1) / np.power(theta, exponents.astype(np.float64)).astype(np.float32)


def _twice(half: Floats) -> Floats:
    return np.concatenate([half, half], axis=1)


def _taps(count: int, side: int) -> tuple[tuple[Positions, Positions], tuple[Floats, Floats]]:
    """For ``count`` places spread over ``side`` entries: the entries around each, and their weights.

    (``_interpolation_axis_taps_weights`` with ``align_corners``.)
    """
    places = np.arange(count, dtype=np.float32)
    places = (places * np.float32(side - 1) / np.float32(max(count - 1, 1))).astype(np.float32)
    before = np.floor(places).astype(np.int64)
    part: Floats = places - before.astype(np.float32)
    return (before, np.minimum(before + 1, side - 1)), (np.float32(1) - part, part)


def _merge_order(grid: npt.NDArray[_Scalar], merge: int) -> npt.NDArray[_Scalar]:
    """``[grid_h, grid_w, k]`` -> ``[grid_h * grid_w, k]`` with the patches of a merge group adjacent."""
    grid_h, grid_w, k = grid.shape
    groups = grid.reshape(grid_h // merge, merge, grid_w // merge, merge, k)
    return groups.transpose(0, 2, 1, 3, 4).reshape(-1, k)
