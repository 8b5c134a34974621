"""From the tensors of a GGUF file to the matrices that the graphs are built from.

Knows GGUF's quantized block formats (ggml-quants.c in llama.cpp); knows no architecture and no OpenVINO.

What a stored block becomes (``group`` values share a scale):

=====  =======================================  ==========================================
GGUF   here                                     exact?
=====  =======================================  ==========================================
Q4_0   i4 x f16 scale, groups of 32             yes
Q4_K   i4 x f16 scale + f16 offset, groups 32   to f16 rounding of the products of scales
Q6_K   i8 x f16 scale, groups of 32             two groups of 16 share a scale: < 0.2 of a step
Q8_0   i8 x f16 scale, groups of 32             yes
F16    f16                                      yes
BF16   f16 of the value                         where f16 can hold it
F32    f16 (matrices), f32 (vectors)            rounded to 11 bits
=====  =======================================  ==========================================
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType

from jianwei.errors import ModelFileError
from jianwei.model.gguf_metadata import GgufFile, TensorInfo, read_gguf

Floats = npt.NDArray[np.float32]
Precision = Literal["f16", "f32"]

GROUP = 32
"""Columns that share one scale in every quantized layout here."""

_OFFSET_CENTRE = 8
"""Q4_K counts 0..15; i4 holds -8..7. The difference goes into the offset."""


@dataclass(frozen=True)
class Matrix:
    """A compressed matrix ``[rows, cols]`` (see the module docstring).

    Attributes:
        bits: 4 (``values`` holds two signed nibbles a byte, low one first), 8 (int8), 16 or 32 (floats).
        group: columns that share one scale; ``cols`` where there are no groups.
        scales: f16 ``[rows, cols / group]``, or None for floats.
        offsets: f16 ``[rows, cols / group]``: what is added to every value of a group; None where nothing is.
    """

    rows: int
    cols: int
    bits: int
    group: int
    values: npt.NDArray[Any]
    scales: npt.NDArray[np.float16] | None = None
    offsets: npt.NDArray[np.float16] | None = None

    @property
    def layout(self) -> tuple[int, int, int, bool]:
        """Matrices of equal layout can be stacked."""
        return (self.cols, self.bits, self.group, self.offsets is not None)

    def dequantize(self) -> Floats:
        """The matrix in float32 ``[rows, cols]``: what the graph computes with, for tests and measurements."""
        if self.scales is None:
            return self.values.astype(np.float32)
        if self.bits == 4:
            nibbles = np.stack([self.values & 15, self.values >> 4], axis=-1).reshape(self.rows, self.cols)
            values = ((nibbles.astype(np.int8) ^ 8) - 8).astype(np.float32)
        else:
            values = self.values.reshape(self.rows, self.cols).astype(np.float32)
        grouped = values.reshape(self.rows, -1, self.group) * self.scales[..., None].astype(np.float32)
        if self.offsets is not None:
            grouped += self.offsets[..., None].astype(np.float32)
        return grouped.reshape(self.rows, self.cols)


def stack(matrices: Sequence[Matrix]) -> list[Matrix]:
    """Join neighbours of equal layout row-wise, so that one product does the work of several."""
    stacked: list[Matrix] = []
    for _, run in itertools.groupby(matrices, key=lambda matrix: matrix.layout):
        parts = list(run)
        first = parts[0]
        stacked.append(
            first
            if len(parts) == 1
            else Matrix(
                rows=sum(part.rows for part in parts),
                cols=first.cols,
                bits=first.bits,
                group=first.group,
                values=np.concatenate([part.values for part in parts]),
                scales=_concatenate([part.scales for part in parts]),
                offsets=_concatenate([part.offsets for part in parts]),
            )
        )
    return stacked


def _concatenate(arrays: Sequence[npt.NDArray[np.float16] | None]) -> npt.NDArray[np.float16] | None:
    present = [array for array in arrays if array is not None]
    return np.concatenate(present) if present else None


class WeightFile:
    """One GGUF file: its metadata, and its tensors in the forms that the graphs take."""

    def __init__(self, path: Path) -> None:
        """Open and check ``path``; raises ``ModelFileError`` for what is not a whole GGUF file."""
        self.path = path
        self.file: GgufFile = read_gguf(path)
        self.metadata = self.file.metadata

    @property
    def name(self) -> str:
        """File name, for messages."""
        return self.path.name

    def get(self, key: str) -> Any:
        """A metadata value that must be there."""
        try:
            return self.metadata[key]
        except KeyError as error:
            raise ModelFileError("model_unsupported", name=self.name, reason=f"{key} is missing") from error

    def __contains__(self, tensor: str) -> bool:
        """Whether the file has this tensor."""
        return tensor in self.file.tensors

    def info(self, name: str) -> TensorInfo:
        """Description of a tensor that must be there."""
        try:
            return self.file.tensors[name]
        except KeyError as error:
            raise ModelFileError("model_truncated", name=self.name, reason=f"{name} is missing") from error

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor as numpy sees it (rows first)."""
        return self.info(name).shape

    def raw(self, name: str) -> npt.NDArray[np.uint8]:
        """Bytes of a tensor as they are stored: a view of the mapped file."""
        info = self.info(name)
        return self.file.data[info.offset : info.offset + info.n_bytes]

    def floats(self, name: str) -> Floats:
        """A tensor in float32, dequantized by the ``gguf`` library where it is not stored as floats."""
        info = self.info(name)
        kind = GgmlType(info.ggml_type)
        raw = self.raw(name)
        if kind == GgmlType.F32:
            return raw.view(np.float32).reshape(info.shape).copy()
        if kind == GgmlType.F16:
            return raw.view(np.float16).reshape(info.shape).astype(np.float32)
        return self._dequantize(raw.reshape(-1, _row_bytes(info)), kind).reshape(info.shape)

    def rows(self, name: str, indices: npt.NDArray[np.int64]) -> Floats:
        """Chosen rows of a matrix in float32 ``[len(indices), cols]``, read from the mapped file."""
        info = self.info(name)
        kind = GgmlType(info.ggml_type)
        table = self.raw(name).reshape(info.shape[0], _row_bytes(info))
        chosen = np.ascontiguousarray(table[indices])
        if kind == GgmlType.F32:
            return chosen.view(np.float32)
        if kind == GgmlType.F16:
            return chosen.view(np.float16).astype(np.float32)
        return self._dequantize(chosen, kind)

    def _dequantize(self, rows: npt.NDArray[np.uint8], kind: GgmlType) -> Floats:
        return gguf.quants.dequantize(rows, kind)

    def matrix(self, name: str, floats: Precision = "f16") -> Matrix:
        """A weight matrix ``[rows, cols]`` in the layout that the graph computes with."""
        info = self.info(name)
        shape = (info.shape[0], int(np.prod(info.shape[1:])))
        kind = GgmlType(info.ggml_type)
        raw = self.raw(name)
        if kind == GgmlType.Q4_K:
            return _from_q4_k(raw, *shape)
        if kind == GgmlType.Q6_K:
            return _from_q6_k(raw, *shape)
        if kind == GgmlType.Q4_0:
            return _from_q4_0(raw, *shape)
        if kind == GgmlType.Q8_0:
            return _from_q8_0(raw, *shape)
        if kind in (GgmlType.F16, GgmlType.BF16, GgmlType.F32):
            if kind == GgmlType.F16 and floats == "f16":
                return Matrix(*shape, 16, shape[1], raw.view(np.float16).reshape(shape).copy())
            values = self.floats(name).reshape(shape)
            return (
                Matrix(*shape, 32, shape[1], values)
                if floats == "f32"
                else Matrix(*shape, 16, shape[1], values.astype(np.float16))
            )
        raise ModelFileError("model_unsupported", name=self.name, reason=f"{name} is stored as {kind.name}")

    def matrices(self, names: Sequence[str], floats: Precision = "f16") -> dict[str, Matrix]:
        """Several matrices, unpacked on all cores (numpy lets go of the GIL in its loops)."""
        with ThreadPoolExecutor() as pool:
            return dict(zip(names, pool.map(lambda name: self.matrix(name, floats), names), strict=True))


def _row_bytes(info: TensorInfo) -> int:
    return info.n_bytes // info.shape[0]


def _from_q4_k(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q4_K: 256 values in 144 bytes: f16 d, f16 dmin, 8 six-bit (scale, min) pairs in 12 bytes, 128 of nibbles.

    value = d * scale * q - dmin * min (``dequantize_row_q4_K`` in ggml-quants.c). Byte i of the 32 of a pair of
    groups holds value i of the first group low and of the second one high.
    """
    blocks = raw.reshape(-1, 144)
    d = blocks[:, 0:2].view(np.float16).astype(np.float32)
    d_min = blocks[:, 2:4].view(np.float16).astype(np.float32)
    scale, minimum = gguf.quants.Q4_K.get_scale_min(blocks[:, 4:16])
    step = d * scale.astype(np.float32)
    offset = _OFFSET_CENTRE * step - d_min * minimum.astype(np.float32)

    pairs = np.ascontiguousarray(blocks[:, 16:]).view(np.uint16).reshape(-1, 4, 16)
    values = np.empty((len(blocks), 4, 2, 16), np.uint8)
    values[:, :, 0] = (pairs & 0x0F) | ((pairs >> 4) & 0xF0)
    values[:, :, 1] = ((pairs >> 4) & 0x0F) | ((pairs >> 8) & 0xF0)
    values ^= 0x88  # 0..15 -> -8..7 in two's complement
    return Matrix(
        rows,
        cols,
        4,
        GROUP,
        values.reshape(rows, cols // 2),
        step.astype(np.float16).reshape(rows, cols // GROUP),
        offset.astype(np.float16).reshape(rows, cols // GROUP),
    )


def _from_q4_0(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q4_0: 32 values in 18 bytes: f16 d, 16 bytes; byte i holds value i low and value i + 16 high; minus 8."""
    blocks = raw.reshape(-1, 18)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    values = (nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)) ^ 0x88
    scales = blocks[:, 0:2].copy().view(np.float16)
    return Matrix(
        rows, cols, 4, GROUP, values.reshape(rows, cols // 2), scales.reshape(rows, cols // GROUP)
    )


def _from_q8_0(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q8_0: 32 values in 34 bytes: f16 d, 32 int8."""
    blocks = raw.reshape(-1, 34)
    values = blocks[:, 2:].copy().view(np.int8)
    scales = blocks[:, 0:2].copy().view(np.float16)
    return Matrix(rows, cols, 8, GROUP, values.reshape(rows, cols), scales.reshape(rows, cols // GROUP))


_Q6_K_CHUNK = 4096
"""Q6_K blocks unpacked at a time: the float temporaries of so many stay in the second-level cache."""


def _from_q6_k(raw: npt.NDArray[np.uint8], rows: int, cols: int) -> Matrix:
    """Q6_K: 256 values in 210 bytes: 128 of low nibbles, 64 of high bit pairs, 16 int8 scales, f16 d; minus 32.

    (``dequantize_row_q6_K`` in ggml-quants.c.) Two groups of 16 become one of 32 under the larger scale, spread
    over the whole int8 range.
    """
    blocks = raw.reshape(-1, 210)
    values = np.empty((len(blocks), 256), np.int8)
    scales = np.empty((len(blocks), 8), np.float16)
    for start in range(0, len(blocks), _Q6_K_CHUNK):
        part = blocks[start : start + _Q6_K_CHUNK]
        low = part[:, :128].reshape(-1, 2, 64)
        high = part[:, 128:192].reshape(-1, 2, 32)
        q = np.empty((len(part), 2, 4, 32), np.uint8)
        q[:, :, 0] = low[..., :32] & 15
        q[:, :, 1] = low[..., 32:] & 15
        q[:, :, 2] = low[..., :32] >> 4
        q[:, :, 3] = low[..., 32:] >> 4
        for shift in range(4):
            q[:, :, shift] |= ((high >> (2 * shift)) & 3) << 4
        step = part[:, 192:208].view(np.int8).astype(np.float32) * part[:, 208:210].view(np.float16).astype(np.float32)
        pairs = step.reshape(-1, 8, 2)
        largest = np.abs(pairs).max(axis=-1) * (32 / 127)
        scale = largest.astype(np.float16)
        factor = np.divide(pairs, scale[..., None], out=np.zeros_like(pairs), where=scale[..., None] != 0)
        spread = (q.view(np.int8) - np.int8(32)).reshape(-1, 8, 2, 16) * factor[..., None]
        np.rint(spread, out=spread)
        np.clip(spread, -128, 127, out=spread)
        values[start : start + len(part)] = spread.reshape(-1, 256)
        scales[start : start + len(part)] = scale
    return Matrix(rows, cols, 8, GROUP, values.reshape(rows, cols), scales.reshape(rows, cols // GROUP))
