"""Our own, faster layout of a language model, made once from a GGUF file; another model, with a loss of its own.

What it gives and what it loses is measured in docs/performance.md. The result is a GGUF file with the same metadata,
vocabulary and norms, which only this program reads. Each matrix ``NAME.weight`` becomes two tensors, as they are
computed with, so that nothing is unpacked at a start. Three quarters of the weights, those of the feed-forward layers,
are rounded to 4 bits in groups of 128 columns::

    NAME.int4    I8   [rows, cols / 2]      two signed nibbles a byte, the low one first
    NAME.scales  F32  [rows, cols / 128]

and those of attention, where rounding shows most, to 8 bits in such groups, as is the output layer with a scale a row::

    NAME.int8    I8   [rows, cols]
    NAME.scales  F32  [rows, groups]

A matrix of a layer whose columns are no multiple of 128 stays as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType
from gguf import GGUFValueType

from jianwei.errors import ModelFileError, Phrase
from jianwei.model.configuration import decoder_config
from jianwei.model.matrix import WIDE_GROUP
from jianwei.model.weights import SCALES, WeightFile

LAYOUT_KEY = "jianwei.layout"
LAYOUT = "fast"
ALIGNMENT = 64
"""Bytes; OpenVINO would copy weights that lie otherwise."""

_LAYER_MATRIX = re.compile(r"blk\.\d+\.(attn|ffn)_(?:q|k|v|output|gate|up|down)\.weight")

OnProgress = Callable[[int, int], None]
"""Told the bytes of the source that are done, and all of them."""


def write_fast(source: Path, out: Path, on_progress: OnProgress | None = None) -> None:
    """Write the language model ``source`` in this layout to ``out``, which gets its name when it is whole.

    Best from Q8_0, F16 or BF16: four bits that are rounded to four bits again lose twice.

    Raises:
        ModelFileError: ``source`` is no whole language model of a Qwen3-VL, or has this layout already.
        InputError: ``source`` is not there or cannot be read.
        OSError: ``out`` cannot be written.
    """
    file = WeightFile(source)
    decoder_config(file)
    if file.metadata.get(LAYOUT_KEY):
        reason = Phrase("it has the fast layout already", "它已是快速布局")
        raise ModelFileError("model_unsupported", name=file.name, reason=reason)
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.part")
    writer = gguf.GGUFWriter(str(unfinished), file.get("general.architecture"))
    try:
        _copy_metadata(source, writer)
        writer.add_custom_alignment(ALIGNMENT)
        writer.add_string(LAYOUT_KEY, LAYOUT)
        for name in file.file.tensors:
            _announce(writer, file, name)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        done, total = 0, sum(info.n_bytes for info in file.file.tensors.values())
        for name, info in file.file.tensors.items():
            for array in _stored(file, name):
                writer.write_tensor_data(array)
            done += info.n_bytes
            if on_progress:
                on_progress(done, total)
        writer.close()
        unfinished.replace(out)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)


def _copy_metadata(source: Path, writer: gguf.GGUFWriter) -> None:
    """Every key but those that the writer sets itself, with its type."""
    for field in gguf.GGUFReader(source).fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.alignment"):
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)


class _Form(NamedTuple):
    """What a matrix is rounded to: so many bits, in groups of so many columns."""

    bits: int
    group: int


def _form(file: WeightFile, name: str) -> _Form | None:
    """What a tensor becomes; None: it stays as it is."""
    shape = file.shape(name)
    if name == ("output.weight" if "output.weight" in file else "token_embd.weight"):
        return _Form(8, shape[1])
    kind = _LAYER_MATRIX.fullmatch(name)
    if kind is None or shape[1] % WIDE_GROUP:
        return None
    return _Form(8 if kind.group(1) == "attn" else 4, WIDE_GROUP)


def _announce(writer: gguf.GGUFWriter, file: WeightFile, name: str) -> None:
    """Tell the writer the shapes of what :func:`_stored` will give."""
    form, info = _form(file, name), file.info(name)
    if form is None:
        writer.add_tensor_info(
            name, info.shape, np.dtype(np.float32), info.n_bytes, raw_dtype=GgmlType(info.ggml_type)
        )
        return
    rows, cols = info.shape
    stem = name.removesuffix("weight")
    width, groups = cols * form.bits // 8, cols // form.group
    writer.add_tensor_info(
        f"{stem}int{form.bits}", (rows, width), np.dtype(np.int8), rows * width, raw_dtype=GgmlType.I8
    )
    writer.add_tensor_info(stem + SCALES, (rows, groups), np.dtype(np.float32), 4 * rows * groups)


def _stored(file: WeightFile, name: str) -> Iterator[npt.NDArray[np.generic]]:
    """The arrays of a tensor in the order of :func:`_announce`."""
    form = _form(file, name)
    if form is None:
        yield file.raw(name)
        return
    rounded = file.rounded_to_int4 if form.bits == 4 else file.rounded_to_int8
    matrix = rounded(name, form.group)
    yield matrix.values.view(np.int8)
    if matrix.scales is not None:
        yield matrix.scales
