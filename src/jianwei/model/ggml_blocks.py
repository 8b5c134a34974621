"""GGUF's quantized blocks as the matrices that the graphs compute with; and floats rounded to few bits.

Knows GGUF's block formats (ggml-quants.c in llama.cpp); knows no file, no architecture and no OpenVINO.

What a stored block becomes (``error``: relative error of a product against the stored values):

=====  ===================================================  =======
GGUF   here                                                 error
=====  ===================================================  =======
Q4_0   i4 x scale, groups of 32                             none
Q4_K   i4 x scale, groups of 32; offsets folded in          0.3 %
Q6_K   i8 x scale, one a row                                1 %
Q8_0   i8 x scale, groups of 32                             none
F16    f16                                                  none
BF16   f16 (f32 where arithmetic is f32)                    none *
F32    f16 (f32 where arithmetic is f32)                    rounding to 11 bits
=====  ===================================================  =======

(* within f16's range; the error of quantization itself is about 8 % for Q4_K and 2 % for Q6_K.)

Scales are f32, as the plugin computes with them: it takes those as they are, and would make a copy of others.

A group of Q4_K is ``q * scale + offset`` with an offset of its own. Zero points cannot express it: rounded to
integers they lose as much as the quantization did, and as floats they fall onto a slow path of OpenVINO's. But
``x W^T = x (q * scale)^T + sums(x) offset^T``, with sums of ``x`` over groups of 32 columns: so the offsets become
further columns of the same 4-bit matrix, and the sums further columns of ``x``. One number of 4 bits is too coarse
for an offset; it is split into a high and a low nibble (``offset = 16 step * high + step * low``).
"""

from __future__ import annotations

from collections.abc import Iterator

import gguf
import numpy as np
import numpy.typing as npt

from jianwei.model.matrix import GROUP, Floats, Matrix, pack

_OFFSET_CENTRE = 8
"""Q4_K counts 0..15; i4 holds -8..7. The difference goes into the offset."""

_REACHES = (-9.0, -8.0, -7.2, 7.0, 8.0)
"""What the value of a group that is largest becomes, before it is cut to -8..7."""

_OFFSET_STEPS = 119
"""Largest offset in steps: 16 * 7 + 7, the most that two signed nibbles can say."""

_VALUES_AT_ONCE = 1 << 19
"""Matrices are unpacked in parts whose temporaries stay in the cache, and in memory that is there already: larger
ones would be taken from the system, and given back, each time."""


def chunks(rows: int, cols: int) -> Iterator[slice]:
    """Rows in parts of about ``_VALUES_AT_ONCE`` values."""
    step = max(1, _VALUES_AT_ONCE // cols)
    return (slice(start, start + step) for start in range(0, rows, step))


def from_q4_k(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q4_K: 256 values in 144 bytes: f16 d, f16 dmin, 8 six-bit (scale, min) pairs in 12 bytes, 128 of nibbles.

    value = d * scale * q - dmin * min (``dequantize_row_q4_K`` in ggml-quants.c). Byte i of the 32 of a pair of
    groups holds value i of the first group low and of the second one high.
    """
    blocks = raw.reshape(rows, cols // 256, 144)
    n_sums = -(-cols // GROUP // GROUP) * GROUP
    values = np.empty((rows, cols // 2 + n_sums), np.uint8)
    scales = np.empty((rows, (cols + 2 * n_sums) // GROUP), np.float32)
    for here in chunks(rows, cols):
        part = blocks[here]
        d, d_min = (part[..., at : at + 2].view(np.float16).astype(np.float32) for at in (0, 2))
        scale, minimum = gguf.quants.Q4_K.get_scale_min(part[..., 4:16].reshape(-1, 12))
        step = d * scale.reshape(*d.shape[:-1], 8).astype(np.float32)
        offset: Floats = np.float32(_OFFSET_CENTRE) * step - d_min * minimum.reshape(step.shape).astype(
            np.float32
        )
        high_low, offset_scales = _split_offsets(offset.reshape(len(part), -1), n_sums)

        pairs = np.ascontiguousarray(part[..., 16:]).view(np.uint16).reshape(len(part), -1, 16)
        grouped = values[here, : cols // 2].reshape(len(part), -1, 2, 16)
        grouped[:, :, 0] = (pairs & 0x0F) | ((pairs >> 4) & 0xF0)
        grouped[:, :, 1] = ((pairs >> 4) & 0x0F) | ((pairs >> 8) & 0xF0)
        # 0..15 -> -8..7 in two's complement
        values[here, : cols // 2] = grouped.reshape(len(part), -1) ^ np.uint8(0x88)
        values[here, cols // 2 :] = pack(high_low)
        scales[here, : cols // GROUP] = step.reshape(len(part), -1)
        scales[here, cols // GROUP :] = offset_scales
    return Matrix(rows, cols, 4, GROUP, values, scales, n_sums)


def _split_offsets(offsets: Floats, n_sums: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Offsets ``[rows, groups]`` as nibbles ``[rows, 2 * n_sums]`` and their scales ``[rows, 2 * n_sums / 32]``."""
    rows, groups = offsets.shape
    padded = np.zeros((rows, n_sums), np.float32)
    padded[:, :groups] = offsets
    blocks = padded.reshape(rows, -1, GROUP)
    step = np.abs(blocks).max(axis=-1) / np.float32(_OFFSET_STEPS)
    counts = np.rint(np.divide(blocks, step[..., None], out=np.zeros_like(blocks), where=step[..., None] > 0))
    high = np.clip(np.rint(counts / 16), -8, 7)
    low = np.clip(counts - 16 * high, -8, 7)
    nibbles = np.concatenate([high.reshape(rows, n_sums), low.reshape(rows, n_sums)], axis=1)
    return nibbles.astype(np.int8), np.concatenate([step * np.float32(16), step], axis=1)


def round_to_four_bits(groups: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Groups ``[..., group]`` as signed nibbles and the step of each group.

    As ``quantize_row_q4_0_ref`` in ggml-quants.c, where the largest value becomes -8; but of several steps the one
    with the least squared error is taken, each fitted to its nibbles by least squares (``make_qx_quants`` there), and
    its nibbles and itself once more (Lloyd's algorithm).
    """
    at = np.abs(groups).argmax(axis=-1)[..., None]
    largest = np.take_along_axis(groups, at, axis=-1)
    least = np.full(groups.shape[:-1], np.inf, np.float32)
    steps = np.zeros(groups.shape[:-1], np.float32)
    for reach in _REACHES:
        rounded, fitted = _fitted(groups, (largest[..., 0] / reach).astype(np.float32))
        error = np.square(rounded * fitted[..., None] - groups).sum(axis=-1)
        better = error < least
        least[better], steps[better] = error[better], fitted[better]
    rounded, steps = _fitted(groups, steps)
    return rounded.astype(np.int8), steps


def _fitted(groups: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """The nearest nibbles for steps, and for these nibbles the steps of the least squared error."""
    step = steps[..., None]
    rounded = np.rint(np.divide(groups, step, out=np.zeros_like(groups), where=step != 0))
    rounded = np.clip(rounded, -8, 7)
    power = np.square(rounded).sum(axis=-1)
    return rounded, np.divide((rounded * groups).sum(axis=-1), power, out=steps.copy(), where=power > 0)


def from_q4_0(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q4_0: 32 values in 18 bytes: f16 d, 16 bytes; byte i holds value i low and value i + 16 high; minus 8."""
    blocks = raw.reshape(-1, 18)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    values = pack(nibbles.view(np.int8) - np.int8(8))
    scales = blocks[:, 0:2].copy().view(np.float16).astype(np.float32)
    return Matrix(rows, cols, 4, GROUP, values.reshape(rows, cols // 2), scales.reshape(rows, cols // GROUP))


def from_q8_0(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q8_0: 32 values in 34 bytes: f16 d, 32 int8."""
    blocks = raw.reshape(-1, 34)
    values = blocks[:, 2:].copy().view(np.int8)
    scales = blocks[:, 0:2].copy().view(np.float16).astype(np.float32)
    return Matrix(rows, cols, 8, GROUP, values.reshape(rows, cols), scales.reshape(rows, cols // GROUP))


def from_q6_k(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q6_K: 256 values in 210 bytes: 128 of low nibbles, 64 of high bit pairs, 16 int8 scales, f16 d; minus 32.

    (``dequantize_row_q6_K`` in ggml-quants.c.) A row's groups of 16 come under one scale, spread over the whole
    int8 range: the plugin multiplies such rows fastest, and what is lost is a third of what Q6_K itself lost.
    """
    blocks = raw.reshape(rows, cols // 256, 210)
    values = np.empty((rows, cols), np.int8)
    scales = np.empty((rows, 1), np.float32)
    for here in chunks(rows, cols):
        part = blocks[here]
        step = part[..., 192:208].view(np.int8) * part[..., 208:210].view(np.float16).astype(np.float32)
        scale = np.abs(step).max(axis=(1, 2))[:, None] * np.float32(32 / 127)
        # In 256ths, at most 127 / 32 * 256 = 1016: times 32 it still fits into 16 bits.
        factor = np.rint(256 * step.reshape(len(part), -1) / np.where(scale == 0, 1, scale)).astype(np.int16)
        spread = _six_bits(part).reshape(len(part), -1, 16) * factor[..., None]
        spread += 128
        spread >>= 8
        values[here] = spread.reshape(len(part), cols)
        scales[here] = scale
    return Matrix(rows, cols, 8, cols, values, scales)


def _six_bits(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """The values -32..31 of Q6_K blocks ``[..., 210]`` as ``[..., 256]``."""
    low = blocks[..., :128].reshape(*blocks.shape[:-1], 2, 2, 32)
    high = blocks[..., 128:192].reshape(*blocks.shape[:-1], 2, 32)
    q = np.empty((*blocks.shape[:-1], 2, 4, 32), np.uint8)
    q[..., :2, :] = low & 15
    q[..., 2:, :] = low >> 4
    for quarter in range(4):
        q[..., quarter, :] |= ((high >> (2 * quarter)) & 3) << 4
    return (q.view(np.int8) - np.int8(32)).reshape(*blocks.shape[:-1], 256)
