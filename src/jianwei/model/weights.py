"""From the tensors of a GGUF file to the matrices that the graphs are built from.

Knows no architecture and no OpenVINO; ``ggml_blocks`` says what a stored block becomes.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType

from jianwei.errors import ModelFileError
from jianwei.model.ggml_blocks import chunks, from_q4_0, from_q4_k, from_q6_k, from_q8_0, round_to_four_bits
from jianwei.model.gguf_metadata import GgufFile, TensorInfo, read_gguf
from jianwei.model.matrix import Floats, Matrix, four_bit_group, pack
from jianwei.model.weight_cache import WeightCache, load_all, sample

Precision = Literal["f16", "f32"]

INT4 = "@int4"
"""After a tensor's name: in 4 bits, symmetric in groups, whatever the file has."""

SHORTLIST = "shortlist.weight"
"""The output layer in 4 bits, beside the one that a file of our own layout has in 8 (``shortlist`` says what for)."""

PACKED_BITS = {"int4": 4, "int8": 8}
SCALES = "scales"
"""Endings of the two tensors that stand for one ``weight`` in a file of our own layout (``fast_file``)."""


class WeightFile:
    """One GGUF file: its metadata, and its tensors in the forms that the graphs take."""

    def __init__(self, path: Path, cache: WeightCache | None = None) -> None:
        """Open and check ``path``; raises ``ModelFileError`` for what is not a whole GGUF file.

        ``cache``: where unpacked matrices are kept for the next start; None: nowhere.
        """
        self.path = path
        self._cache = cache
        self.file: GgufFile = read_gguf(path)
        self.metadata = self.file.metadata

    @property
    def name(self) -> str:
        """File name, for messages."""
        return self.path.name

    @property
    def fingerprint(self) -> str:
        """Which weights these are, wherever the file lies: a hash of its size and of a sample of its bytes."""
        digest = hashlib.sha256(str(len(self.file.data)).encode())
        sample(self.file.data, digest.update)
        return digest.hexdigest()

    @property
    def parameters(self) -> int:
        """Number of weights."""
        count = 0
        for name, info in self.file.tensors.items():
            stem, _, ending = name.rpartition(".")
            if ending != SCALES and f"{stem}.weight" != SHORTLIST:
                count += math.prod(info.shape) * 8 // PACKED_BITS.get(ending, 8)
        return count

    def get(self, key: str) -> Any:
        """A metadata value that must be there."""
        try:
            return self.metadata[key]
        except KeyError as error:
            raise ModelFileError("model_unsupported", name=self.name, reason=f"{key} is missing") from error

    def __contains__(self, tensor: str) -> bool:
        """Whether the file has this tensor."""
        return tensor in self.file.tensors or tensor in self._packed

    def info(self, name: str) -> TensorInfo:
        """Description of a tensor that must be there."""
        try:
            return self.file.tensors[name]
        except KeyError as error:
            raise ModelFileError("model_truncated", name=self.name, reason=f"{name} is missing") from error

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor as numpy sees it (rows first)."""
        packed = self._packed.get(name)
        return (packed.rows, packed.cols) if packed else self.info(name).shape

    def stored_as(self, name: str) -> str:
        """How a tensor is stored: "Q8_0", or "int8/128" (bits, columns of a group) in our own layout."""
        packed = self._packed.get(name)
        return f"int{packed.bits}/{packed.group}" if packed else GgmlType(self.info(name).ggml_type).name

    def raw(self, name: str) -> npt.NDArray[np.uint8]:
        """Bytes of a tensor as they are stored: a view of the mapped file."""
        info = self.info(name)
        return self.file.data[info.offset : info.offset + info.n_bytes]

    def floats(self, name: str) -> Floats:
        """A tensor in float32, dequantized by the ``gguf`` library where it is not stored as floats."""
        if packed := self._packed.get(name):
            return packed.dequantize()
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
        if packed := self._packed.get(name):
            return packed.rows_of(indices)
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

    @functools.cached_property
    def _packed(self) -> dict[str, Matrix]:
        """Matrices that the file holds as they are computed with (``fast_file``), mapped; none in any other file."""
        found: dict[str, Matrix] = {}
        for tensor, values in self.file.tensors.items():
            stem, _, ending = tensor.rpartition(".")
            if ending not in PACKED_BITS:
                continue
            bits, scales = PACKED_BITS[ending], self.info(f"{stem}.{SCALES}")
            kinds = values.ggml_type, scales.ggml_type
            if kinds != (GgmlType.I8, GgmlType.F32) or not _groups_fit(values.shape, scales.shape, 8 // bits):
                reason = f"{stem} has the shapes {values.shape} and {scales.shape}"
                raise ModelFileError("model_truncated", name=self.name, reason=reason)
            cols = values.shape[1] * 8 // bits
            mapped = self._mapped[values.offset : values.offset + values.n_bytes]
            steps = self._mapped[scales.offset : scales.offset + scales.n_bytes].view(np.float32)
            found[f"{stem}.weight"] = Matrix(
                values.shape[0],
                cols,
                bits,
                cols // scales.shape[1],
                mapped.view(np.uint8 if bits == 4 else np.int8).reshape(values.shape),
                steps.reshape(scales.shape),
            )
        return found

    @functools.cached_property
    def _mapped(self) -> npt.NDArray[np.uint8]:
        """The file, mapped so that OpenVINO takes its pages as they are (it wants them writable; none is written)."""
        return np.memmap(self.path, np.uint8, "c").view(np.ndarray)

    def matrix(self, name: str, floats: Precision = "f16") -> Matrix:
        """A weight matrix ``[rows, cols]`` in the layout that the graph computes with; see ``INT4`` too."""
        if name.endswith(INT4):
            return self._in_four_bits(name.removesuffix(INT4), floats)
        if packed := self._packed.get(name):
            return packed
        info = self.info(name)
        shape = (info.shape[0], int(np.prod(info.shape[1:])))
        kind = GgmlType(info.ggml_type)
        raw = self.raw(name)
        if kind == GgmlType.Q4_K:
            return from_q4_k(raw, *shape)
        if kind == GgmlType.Q6_K:
            return from_q6_k(raw, *shape)
        if kind == GgmlType.Q4_0:
            return from_q4_0(raw, *shape)
        if kind == GgmlType.Q8_0:
            return from_q8_0(raw, *shape)
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

    def _in_four_bits(self, name: str, floats: Precision) -> Matrix:
        """A matrix rounded to 4 bits; one that has them already stays as it is."""
        packed = self._packed.get(name)
        if packed and packed.bits == 4:
            return packed
        if not packed and GgmlType(self.info(name).ggml_type) in (GgmlType.Q4_0, GgmlType.Q4_K):
            return self.matrix(name, floats)
        return self.rounded_to_int4(name)

    def rounded_to_int4(self, name: str) -> Matrix:
        """A matrix ``[rows, cols]`` rounded to 4 bits, in the groups of ``four_bit_group``.

        The error of a product is 8 to 9 % with groups of 32, 10 % with 128, 11 % with 256, for weights of a normal
        distribution.
        """
        rows, cols = self.shape(name)
        group = four_bit_group(cols)
        values = np.empty((rows, cols // 2), np.uint8)
        scales = np.empty((rows, cols // group), np.float32)
        for here in chunks(rows, cols):
            part = self.rows(name, np.arange(rows)[here]).reshape(-1, cols // group, group)
            nibbles, steps = round_to_four_bits(part)
            values[here], scales[here] = pack(nibbles.reshape(-1, cols)), steps
        return Matrix(rows, cols, 4, group, values, scales)

    def rounded_to_int8(self, name: str, group: int) -> Matrix:
        """A matrix ``[rows, cols]`` rounded to 8 bits in groups of so many columns."""
        rows, cols = self.shape(name)
        values = np.empty((rows, cols), np.int8)
        scales = np.empty((rows, cols // group), np.float32)
        for here in chunks(rows, cols):
            part = self.rows(name, np.arange(rows)[here]).reshape(-1, cols // group, group)
            scale = np.abs(part).max(axis=-1) / np.float32(127)
            steps = scale[..., None]
            rounded = np.rint(np.divide(part, steps, out=np.zeros_like(part), where=steps > 0))
            values[here], scales[here] = rounded.reshape(-1, cols), scale
        return Matrix(rows, cols, 8, group, values, scales)

    def matrices(self, names: Sequence[str], floats: Precision = "f16") -> dict[str, Matrix]:
        """The matrices named, as :meth:`matrix` gives them: mapped from the cache if there is one, else in memory."""

        def load(name: str) -> Matrix:
            return self.matrix(name, floats)

        here = {name: packed for name in names if (packed := self._packed.get(name))}
        others = [name for name in names if name not in here]
        if self._cache is None or not others:
            return here | load_all(others, load)
        return here | self._cache.matrices(self.path, self.file.data, others, floats, load)


def _groups_fit(values: tuple[int, ...], scales: tuple[int, ...], each: int) -> bool:
    """Whether these are shapes of a packed matrix, so many values a byte, and of its scales."""
    if len(values) != 2 or len(scales) != 2 or not all((*values, *scales)):
        return False
    return values[0] == scales[0] and values[1] * each % scales[1] == 0


def _row_bytes(info: TensorInfo) -> int:
    return info.n_bytes // info.shape[0]
