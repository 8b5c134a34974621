"""Our own, faster layout of a model's two files, each made once from its GGUF; another model, with a loss of its own.

What it gives and what it loses is measured in docs/performance.md. The result is a GGUF file with the same metadata,
vocabulary and norms, which only this program reads. Each matrix ``NAME.weight`` becomes two tensors, as they are
computed with, so that nothing is unpacked at a start. Three quarters of the language model's weights, those of the
feed-forward layers, are rounded to 4 bits in groups of 256 columns (of 128, where rows are not that long)::

    NAME.int4    I8   [rows, cols / 2]      two signed nibbles a byte, the low one first
    NAME.scales  F32  [rows, cols / 256]

and those of attention, where rounding shows most, to 8 bits in groups of 128, as are all of the vision tower, and the
output layer with a scale a row::

    NAME.int8    I8   [rows, cols]
    NAME.scales  F32  [rows, groups]

The output layer is there in 4 bits too (``shortlist.int4``, made from those 8): they say which tokens come into
question, and the 8 bits which of them is the likeliest. A matrix of a layer whose columns are no multiple of 128 stays
as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType
from gguf import GGUFValueType

from jianwei.errors import ModelFileError, Phrase
from jianwei.model.configuration import VISION_ARCHITECTURE, decoder_config, vision_config
from jianwei.model.gguf_writing import NewTensor, OnBytes, write_gguf
from jianwei.model.matrix import WIDE_GROUP, four_bit_group
from jianwei.model.weights import SCALES, SHORTLIST, WeightFile

LAYOUT_KEY = "jianwei.layout"
LAYOUT = "fast"
ALIGNMENT = 64
"""Bytes; OpenVINO would copy weights that lie otherwise."""

_DECODER_MATRIX = re.compile(r"blk\.\d+\.(attn|ffn)_(?:q|k|v|output|gate|up|down)\.weight")
_TOWER_MATRIX = re.compile(
    r"(?:v\.blk\.\d+\.(?:attn_qkv|attn_out|ffn_up|ffn_down)|v\.deepstack\.\d+\.fc[12]|mm\.[02])\.weight"
)


def write_fast(source: Path, out: Path, on_bytes: OnBytes | None = None) -> None:
    """Write ``source``, a language model or a tower, in this layout to ``out``, which gets its name when it is whole.

    Best from Q8_0, F16 or BF16: four bits that are rounded to four bits again lose twice.

    Raises:
        ModelFileError: ``source`` is neither of a Qwen3-VL, not whole, or has this layout already.
        InputError: ``source`` is not there or cannot be read.
        OSError: ``out`` cannot be written.
    """
    file = WeightFile(source)
    architecture = file.get("general.architecture")
    (vision_config if architecture == VISION_ARCHITECTURE else decoder_config)(file)
    if file.metadata.get(LAYOUT_KEY):
        reason = Phrase("it has the fast layout already", "它已是快速布局")
        raise ModelFileError("model_unsupported", name=file.name, reason=reason)
    names = list(file.file.tensors)
    write_gguf(
        out,
        architecture,
        lambda writer: _add_keys(writer, source),
        [tensor for name in names for tensor in _tensors(file, name)],
        itertools.chain.from_iterable(_arrays(file, name) for name in names),
        on_bytes,
    )


def _add_keys(writer: gguf.GGUFWriter, source: Path) -> None:
    """Every key of the source but those that the writer sets itself, with its type, and this layout's."""
    for field in gguf.GGUFReader(source).fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.alignment"):
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
    writer.add_custom_alignment(ALIGNMENT)
    writer.add_string(LAYOUT_KEY, LAYOUT)


class _Form(NamedTuple):
    """What a matrix becomes: the beginning of its tensors' names, so many bits, in groups of so many columns."""

    stem: str
    bits: int
    group: int


def _forms(file: WeightFile, name: str) -> list[_Form]:
    """What a tensor becomes; none: it stays as it is."""
    shape, stem = file.shape(name), name.removesuffix("weight")
    cols = shape[-1]
    if name == ("output.weight" if "output.weight" in file else "token_embd.weight"):
        return [_Form(stem, 8, cols), _Form(SHORTLIST.removesuffix("weight"), 4, four_bit_group(cols))]
    decoder = _DECODER_MATRIX.fullmatch(name)
    if cols % WIDE_GROUP or not (decoder or _TOWER_MATRIX.fullmatch(name)):
        return []
    if decoder and decoder.group(1) == "ffn":
        return [_Form(stem, 4, four_bit_group(cols))]
    return [_Form(stem, 8, WIDE_GROUP)]


def _tensors(file: WeightFile, name: str) -> Iterator[NewTensor]:
    """What stands in the new file for a tensor of the source."""
    forms, info = _forms(file, name), file.info(name)
    if not forms:
        yield NewTensor(name, info.shape, GgmlType(info.ggml_type))
    for form in forms:
        rows, cols = info.shape
        yield NewTensor(f"{form.stem}int{form.bits}", (rows, cols * form.bits // 8), GgmlType.I8)
        yield NewTensor(form.stem + SCALES, (rows, cols // form.group), GgmlType.F32)


def _arrays(file: WeightFile, name: str) -> Iterator[npt.NDArray[Any]]:
    """The values of these."""
    forms = _forms(file, name)
    if not forms:
        yield file.raw(name)
    for form in forms:
        matrix = file.rounded_to_int4(name) if form.bits == 4 else file.rounded_to_int8(name, form.group)
        yield from (array for array in (matrix.values, matrix.scales) if array is not None)
