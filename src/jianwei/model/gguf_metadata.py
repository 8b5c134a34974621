"""Reads the head of a GGUF file: metadata and where each tensor lies; the tensor data stays mapped on disk.

Knows the container (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) and the sizes of ggml's number
formats; knows nothing of what a model means by a key or a tensor. The ``gguf`` library's own reader makes
array objects of every string, which takes seconds for a vocabulary of 150 000 tokens; this one takes a tenth
of a second and trusts no count or length before the bytes for it are there.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from jianwei.errors import InputError, ModelFileError, Phrase

MAGIC = b"GGUF"
SUPPORTED_VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MAX_DIMENSIONS = 4
"""``GGML_MAX_DIMS`` in ``ggml.h``."""
MAX_NESTED_ARRAYS = 4
"""Arrays of arrays are allowed by the format; nobody writes them deeper."""

_SCALARS: dict[int, tuple[struct.Struct, np.dtype[Any]]] = {
    kind.value: (struct.Struct("<" + code), np.dtype(dtype))
    for kind, code, dtype in (
        (GGUFValueType.UINT8, "B", "u1"),
        (GGUFValueType.INT8, "b", "i1"),
        (GGUFValueType.UINT16, "H", "<u2"),
        (GGUFValueType.INT16, "h", "<i2"),
        (GGUFValueType.UINT32, "I", "<u4"),
        (GGUFValueType.INT32, "i", "<i4"),
        (GGUFValueType.FLOAT32, "f", "<f4"),
        (GGUFValueType.BOOL, "?", "?"),
        (GGUFValueType.UINT64, "Q", "<u8"),
        (GGUFValueType.INT64, "q", "<i8"),
        (GGUFValueType.FLOAT64, "d", "<f8"),
    )
}
_UINT32 = struct.Struct("<I")
_UINT64 = struct.Struct("<Q")


@dataclass(frozen=True)
class TensorInfo:
    """Where one tensor lies and how its numbers are stored.

    Attributes:
        name: as in the file, for example ``blk.0.attn_q.weight``.
        shape: in NumPy's order, slowest axis first: ``(rows, columns)`` of a matrix (reversed in the file).
        ggml_type: number format of the values.
        offset: first byte, from the start of the file.
        n_bytes: length in bytes.
    """

    name: str
    shape: tuple[int, ...]
    ggml_type: GGMLQuantizationType
    offset: int
    n_bytes: int


@dataclass(frozen=True, eq=False)
class GgufFile:
    """One opened GGUF file.

    Attributes:
        path: where it was read from.
        metadata: key to value; numbers, booleans, strings, or lists of these.
        tensors: name to place, in the order of the file.
        data: the whole file, mapped read-only, uint8.
    """

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, TensorInfo]
    data: npt.NDArray[np.uint8]

    def raw(self, name: str) -> npt.NDArray[np.uint8]:
        """The stored bytes of tensor ``name`` as a view of the mapped file, ``[n_bytes]`` uint8."""
        info = self.tensors[name]
        return self.data[info.offset : info.offset + info.n_bytes]


def read_gguf(path: str | Path) -> GgufFile:
    """Opens a GGUF file (versions 2 and 3, little endian) and reads its head.

    Raises:
        InputError: ``file_not_found`` or ``file_unreadable``.
        ModelFileError: ``model_not_gguf`` (something else), ``model_unsupported`` (a version, byte order or
            number format that nobody here reads), or ``model_truncated`` (cut off, or a count, length or
            offset that cannot be).
    """
    path = Path(path)
    try:
        if path.stat().st_size == 0:
            raise ModelFileError("model_not_gguf", name=path.name)
        data: npt.NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    except FileNotFoundError as error:
        raise InputError("file_not_found", name=path.name) from error
    except OSError as error:
        reason = Phrase(error.strerror or "unknown cause", "系统拒绝读取")
        raise InputError("file_unreadable", name=path.name, reason=reason) from error
    return _Head(path, data).read()


class _Head:
    """A cursor over one file's bytes; every step checks that the bytes are there before it takes them."""

    def __init__(self, path: Path, data: npt.NDArray[np.uint8]) -> None:
        self.path = path
        self.data = data
        self.view = memoryview(cast("bytes", data))  # an array has the buffer that the cast claims
        self.size = int(data.size)
        self.position = 0

    def read(self) -> GgufFile:
        if bytes(self.view[:4]) != MAGIC:
            raise ModelFileError("model_not_gguf", name=self.path.name)
        self.position = 4
        version = self.number(_UINT32)
        if version & 0xFFFF == 0:
            self.unsupported("its numbers are stored big-endian", "其数值为大端字节序")
        if version not in SUPPORTED_VERSIONS:
            self.unsupported(
                f"GGUF version {version}; 2 and 3 are read", f"GGUF 版本为 {version}，支持 2 和 3"
            )
        n_tensors, n_keys = self.number(_UINT64), self.number(_UINT64)
        metadata: dict[str, Any] = {}
        for _ in range(n_keys):
            key = self.string()
            if key in metadata:
                self.damaged(f"the key “{key[:80]}” stands twice", f"键“{key[:80]}”重复")
            metadata[key] = self.value(self.number(_UINT32), depth=0)
        tensors = self.tensor_infos(n_tensors, metadata.get("general.alignment", DEFAULT_ALIGNMENT))
        return GgufFile(self.path, metadata, tensors, self.data)

    def damaged(self, en: str, zh: str) -> NoReturn:
        raise ModelFileError("model_truncated", name=self.path.name, reason=Phrase(en, zh))

    def unsupported(self, en: str, zh: str) -> NoReturn:
        raise ModelFileError("model_unsupported", name=self.path.name, reason=Phrase(en, zh))

    def ends_early(self) -> NoReturn:
        self.damaged("it ends within its header", "文件头不完整")

    def not_text(self) -> NoReturn:
        self.damaged("a text in its header is not UTF-8", "文件头中的文字不是 UTF-8")

    def unknown_kind(self, kind: int) -> NoReturn:
        self.damaged(f"unknown type of value {kind}", f"未知的值类型 {kind}")

    def advance(self, n_bytes: int) -> int:
        """Steps over ``n_bytes`` and returns where they began."""
        start = self.position
        if n_bytes > self.size - start:
            self.ends_early()
        self.position = start + n_bytes
        return start

    def number(self, layout: struct.Struct) -> Any:
        return layout.unpack_from(self.view, self.advance(layout.size))[0]

    def string(self) -> str:
        n_bytes = self.number(_UINT64)
        start = self.advance(n_bytes)
        return self.text(self.view[start : self.position])

    def text(self, raw: memoryview) -> str:
        try:
            return str(raw, "utf-8")
        except UnicodeDecodeError:
            self.not_text()

    def value(self, kind: int, depth: int) -> Any:
        if kind == GGUFValueType.STRING:
            return self.string()
        if kind == GGUFValueType.ARRAY:
            return self.array(depth)
        if kind not in _SCALARS:
            self.unknown_kind(kind)
        return self.number(_SCALARS[kind][0])

    def array(self, depth: int) -> list[Any]:
        if depth >= MAX_NESTED_ARRAYS:
            self.damaged("arrays nested too deep", "数组嵌套过深")
        kind, count = self.number(_UINT32), self.number(_UINT64)
        if kind == GGUFValueType.STRING:
            return self.strings(count)
        if kind == GGUFValueType.ARRAY:
            if count * 12 > self.size - self.position:  # an empty array takes 12 bytes
                self.ends_early()
            return [self.array(depth + 1) for _ in range(count)]
        if kind not in _SCALARS:
            self.unknown_kind(kind)
        dtype = _SCALARS[kind][1]
        start = self.advance(count * dtype.itemsize)
        values = np.frombuffer(
            self.view[start : self.position], dtype=np.uint8 if dtype.kind == "b" else dtype
        )
        return (values != 0).tolist() if dtype.kind == "b" else values.tolist()

    def strings(self, count: int) -> list[str]:
        """A list of strings. A vocabulary has 150 000: names bound to locals, one bounds check a string."""
        view, size, position = self.view, self.size, self.position
        if count * 8 > size - position:  # an empty string takes 8 bytes
            self.ends_early()
        length_at: Callable[[memoryview, int], tuple[int]] = _UINT64.unpack_from
        texts: list[str] = []
        append = texts.append
        try:
            for _ in range(count):
                start = position + 8
                position = start + length_at(view, position)[0]
                if position > size:
                    self.ends_early()
                append(str(view[start:position], "utf-8"))
        except struct.error:
            self.ends_early()
        except UnicodeDecodeError:
            self.not_text()
        self.position = position
        return texts

    def tensor_infos(self, count: int, alignment: Any) -> dict[str, TensorInfo]:
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            self.damaged("its alignment is not a power of two", "对齐值不是 2 的幂")
        if count * 24 > self.size - self.position:  # name length, dimensions, type and offset of each
            self.ends_early()
        found = [self.tensor_info() for _ in range(count)]
        data_start = -(-self.position // alignment) * alignment
        tensors: dict[str, TensorInfo] = {}
        for name, shape, ggml_type, n_bytes, offset in found:
            if name in tensors:
                self.damaged(f"the tensor “{name[:80]}” stands twice", f"张量“{name[:80]}”重复")
            if offset % alignment:
                self.damaged(f"the tensor “{name[:80]}” is not aligned", f"张量“{name[:80]}”未对齐")
            start = data_start + offset
            if start + n_bytes > self.size:
                missing = start + n_bytes - self.size
                self.damaged(
                    f"{missing} bytes are missing at its end (tensor “{name[:80]}”)",
                    f"末尾缺少 {missing} 字节（张量“{name[:80]}”）",
                )
            tensors[name] = TensorInfo(name, shape, ggml_type, start, n_bytes)
        return tensors

    def tensor_info(self) -> tuple[str, tuple[int, ...], GGMLQuantizationType, int, int]:
        """One tensor's name, shape, format, bytes, and offset from where the tensor data begins."""
        name = self.string()
        n_dimensions = self.number(_UINT32)
        if n_dimensions > MAX_DIMENSIONS:
            self.damaged(
                f"the tensor “{name[:80]}” has {n_dimensions} axes", f"张量“{name[:80]}”有 {n_dimensions} 维"
            )
        shape = tuple(reversed([int(self.number(_UINT64)) for _ in range(n_dimensions)]))
        code, offset = self.number(_UINT32), self.number(_UINT64)
        try:
            ggml_type = GGMLQuantizationType(code)
            block, block_bytes = GGML_QUANT_SIZES[ggml_type]
        except (ValueError, KeyError):
            self.unsupported(
                f"the tensor “{name[:80]}” has the unknown number format {code}",
                f"张量“{name[:80]}”的数值格式 {code} 未知",
            )
        row = shape[-1] if shape else 1
        if row % block:
            self.damaged(
                f"the tensor “{name[:80]}” has rows of {row} values, not a multiple of {block}",
                f"张量“{name[:80]}”每行 {row} 个值，不是 {block} 的倍数",
            )
        return name, shape, ggml_type, math.prod(shape) // block * block_bytes, offset
