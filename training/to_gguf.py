"""A Qwen3-VL of ``transformers`` -> the pair of GGUF files that Jianwei and llama.cpp read.

Keys, tensor names and number formats are those of llama.cpp's converter (``conversion/qwen3vl.py`` and
``conversion/base.py``), so that a file written here differs from an official one in its numbers alone. Needs
neither llama.cpp nor, for :func:`write_gguf_pair`, torch: tensors may be anything that numpy takes.

    python training/to_gguf.py CHECKPOINT OUT [--name NAME] [--language-type Q8_0] [--vision-type F16]

CHECKPOINT is a folder as ``save_pretrained`` writes it (with ``tokenizer.json``); OUT gets
``NAME-TYPE.gguf`` and ``mmproj-NAME-TYPE.gguf``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType
from gguf import TokenType

FILE_TYPES = {
    GgmlType.F32: gguf.LlamaFileType.ALL_F32,
    GgmlType.F16: gguf.LlamaFileType.MOSTLY_F16,
    GgmlType.BF16: gguf.LlamaFileType.MOSTLY_BF16,
    GgmlType.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
}
"""Number formats of the matrices, and what a file in which they prevail calls itself."""

VISION_EPS = 1e-6
"""Of all norms of the vision tower (``modeling_qwen3_vl.py`` has no setting for it)."""


@dataclass(frozen=True)
class Extras:
    """What the files say beside weights and shapes.

    Attributes:
        name: ``general.name``.
        general: further ``general.*`` keys, such as ``author``, ``license``, ``description``.
        image_mean, image_std: of each channel, for pixels scaled to 0..1.
        min_pixels, max_pixels: how large a picture is shown to the model; official files do not say it.
        sampling: ``general.sampling.*`` keys, such as ``temp`` and ``top_k``.
    """

    name: str
    general: Mapping[str, str] = field(default_factory=dict)
    image_mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    image_std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    min_pixels: int | None = None
    max_pixels: int | None = None
    sampling: Mapping[str, float | int] = field(default_factory=dict)


def write_gguf_pair(
    state: Mapping[str, Any],
    config: Mapping[str, Any],
    tokenizer: Mapping[str, Any],
    language: Path,
    vision: Path,
    *,
    extras: Extras,
    language_type: GgmlType = GgmlType.F16,
    vision_type: GgmlType = GgmlType.F16,
) -> None:
    """Write both files.

    Args:
        state: name -> torch tensor or array, as ``Qwen3VLForConditionalGeneration.state_dict()`` names them.
        config: as ``config.json`` or ``Qwen3VLConfig.to_dict()``; a tied head is written once.
        tokenizer: ``tokenizer.*`` keys as the file shall hold them (:func:`tokenizer_keys`).
        language: path of the language model's file.
        vision: path of the vision tower's file (mmproj).
        extras: what else the files say.
        language_type: number format of the language model's matrices.
        vision_type: number format of the vision tower's.

    Raises:
        ValueError: a tensor that no part of a Qwen3-VL has, or a vocabulary that is not the embedding's.
    """
    text = config["text_config"]
    tied = config.get("tie_word_embeddings", text.get("tie_word_embeddings", False))
    of_language, of_vision = _sorted_out(state, config, with_head=not tied)
    if len(tokenizer["tokenizer.ggml.tokens"]) != of_language["token_embd.weight"].shape[0]:
        raise ValueError("the vocabulary and the embedding differ in length")

    writer = _writer(language, "qwen3vl", extras=extras, tensors=of_language, matrix_type=language_type)
    _add_language_keys(writer, config)
    _add_tokenizer(writer, tokenizer)
    _write(writer, of_language, language_type)

    writer = _writer(vision, "clip", extras=extras, tensors=of_vision, matrix_type=vision_type)
    _add_vision_keys(writer, config, extras)
    _write(writer, of_vision, vision_type)


def read_gguf_pair(state: Mapping[str, Any], config: Mapping[str, Any], language: Path, vision: Path) -> None:
    """Copy a pair of files written by :func:`write_gguf_pair` into the tensors of ``state``, in place.

    Raises:
        KeyError: the files lack a tensor of ``state``.
        ValueError: a shape in the files is another one.
    """
    tied = config.get("tie_word_embeddings", config["text_config"].get("tie_word_embeddings", False))
    for path, tensors in zip((language, vision), _sorted_out(state, config, with_head=not tied), strict=True):
        stored = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
        for name, tensor in tensors.items():
            values = gguf.quants.dequantize(stored[name].data, stored[name].tensor_type)
            # The file's shapes are in llama.cpp's order, its data already in ours.
            tensor.copy_(tensor.new_tensor(values.reshape(tuple(tensor.shape))))


def _writer(
    path: Path, architecture: str, *, extras: Extras, tensors: Mapping[str, Any], matrix_type: GgmlType
) -> gguf.GGUFWriter:
    """A writer with the ``general.*`` keys."""
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_type(gguf.GGUFType.MMPROJ if architecture == "clip" else gguf.GGUFType.MODEL)
    for key, value in extras.sampling.items():
        add = writer.add_uint32 if isinstance(value, int) else writer.add_float32
        add(f"general.sampling.{key}", value)
    writer.add_name(extras.name)
    for key, value in extras.general.items():
        writer.add_string(f"general.{key}", value)
    writer.add_size_label(gguf.size_label(sum(math.prod(t.shape) for t in tensors.values()), 0, 0, 0))
    writer.add_file_type(FILE_TYPES[matrix_type])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    return writer


def _add_language_keys(writer: gguf.GGUFWriter, config: Mapping[str, Any]) -> None:
    text = config["text_config"]
    # ``rope_parameters`` since transformers 5, ``rope_scaling`` beside ``rope_theta`` before it.
    rope = text.get("rope_parameters") or text["rope_scaling"]
    writer.add_block_count(text["num_hidden_layers"])
    writer.add_context_length(text["max_position_embeddings"])
    writer.add_embedding_length(text["hidden_size"])
    writer.add_feed_forward_length(text["intermediate_size"])
    writer.add_head_count(text["num_attention_heads"])
    writer.add_head_count_kv(text["num_key_value_heads"])
    writer.add_rope_dimension_sections([*rope["mrope_section"], 0][:4])
    writer.add_rope_freq_base(float(rope.get("rope_theta", text.get("rope_theta"))))
    writer.add_layer_norm_rms_eps(text["rms_norm_eps"])
    writer.add_key_length(text["head_dim"])
    writer.add_value_length(text["head_dim"])
    writer.add_num_deepstack_layers(len(config["vision_config"]["deepstack_visual_indexes"]))


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Mapping[str, Any]) -> None:
    for key, value in tokenizer.items():
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, [int(v) if isinstance(v, int) else v for v in value])


def _add_vision_keys(writer: gguf.GGUFWriter, config: Mapping[str, Any], extras: Extras) -> None:
    tower = config["vision_config"]
    if tower.get("temporal_patch_size", 2) != 2:
        raise ValueError("GGUF has room for patches of two frames")
    writer.add_clip_has_vision_encoder(True)
    writer.add_vision_projection_dim(config["text_config"]["hidden_size"])
    writer.add_vision_image_size(math.isqrt(tower["num_position_embeddings"]) * tower["patch_size"])
    writer.add_vision_patch_size(tower["patch_size"])
    writer.add_vision_embedding_length(tower["hidden_size"])
    writer.add_vision_feed_forward_length(tower["intermediate_size"])
    writer.add_vision_block_count(tower["depth"])
    writer.add_vision_head_count(tower["num_heads"])
    writer.add_vision_image_mean(list(extras.image_mean))
    writer.add_vision_image_std(list(extras.image_std))
    if extras.min_pixels is not None:
        writer.add_vision_min_pixels(extras.min_pixels)
    if extras.max_pixels is not None:
        writer.add_vision_max_pixels(extras.max_pixels)
    writer.add_clip_projector_type(gguf.VisionProjectorType.QWEN3VL)
    writer.add_vision_use_gelu(True)
    writer.add_vision_spatial_merge_size(tower["spatial_merge_size"])
    # llama.cpp's converter writes the decoder's ``rms_norm_eps`` here: the same number in official models.
    writer.add_vision_attention_layernorm_eps(VISION_EPS)
    taps = tower["deepstack_visual_indexes"]
    writer.add_vision_is_deepstack_layers([layer in taps for layer in range(tower["depth"])])


def _sorted_out(
    state: Mapping[str, Any], config: Mapping[str, Any], with_head: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of each file under their GGUF names, not yet copied."""
    tower = config["vision_config"]
    language_map = gguf.get_tensor_name_map(
        gguf.MODEL_ARCH.QWEN3VL, config["text_config"]["num_hidden_layers"]
    )
    vision_map = gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, tower["depth"])
    of_language: dict[str, Any] = {}
    of_vision: dict[str, Any] = {}
    for name, tensor in state.items():
        if name == "lm_head.weight" and not with_head:
            continue
        if "visual." in name:
            short = name.removeprefix("model.")
            of_vision.update(_vision_tensor(short, tensor, vision_map, tower["deepstack_visual_indexes"]))
        else:
            of_language[_mapped(language_map, name.replace("language_model.", ""))] = tensor
    return of_language, of_vision


def _vision_tensor(
    name: str, tensor: Any, names: gguf.TensorNameMap, taps: Sequence[int]
) -> Iterator[tuple[str, Any]]:
    """GGUF name and value of a tensor of the tower (``Qwen3VLVisionModel.modify_tensors``)."""
    kind, _, rest = name.removeprefix("visual.").partition(".")
    if kind == "deepstack_merger_list":
        index, part, suffix = rest.split(".")
        part = part.replace("linear_fc", "fc")
        yield f"v.deepstack.{taps[int(index)]}.{part}.{suffix}", tensor
    elif kind == "merger":
        part, suffix = rest.split(".")
        yield {"norm": "v.post_ln", "linear_fc1": "mm.0", "linear_fc2": "mm.2"}[part] + f".{suffix}", tensor
    elif name == "visual.patch_embed.proj.weight":
        # The 3-D convolution as one 2-D convolution a frame.
        yield "v.patch_embd.weight", tensor[:, :, 0]
        yield "v.patch_embd.weight.1", tensor[:, :, 1]
    else:
        yield _mapped(names, name), tensor


def _mapped(names: gguf.TensorNameMap, name: str) -> str:
    found = names.get_name(name, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise ValueError(f"no part of a Qwen3-VL is called {name}")
    return found


def _stored_type(name: str, shape: Sequence[int], matrix_type: GgmlType) -> GgmlType:
    """The number format of one tensor in a file of ``matrix_type`` (``ModelBase.prepare_tensors``)."""
    if len(shape) <= 1 or name == "v.position_embd.weight":
        return GgmlType.F32
    if name.startswith("v.patch_embd."):
        return GgmlType.F16 if matrix_type == GgmlType.F16 else GgmlType.F32
    if shape[-1] % gguf.GGML_QUANT_SIZES[matrix_type][0]:
        return GgmlType.F16
    return matrix_type


def _write(writer: gguf.GGUFWriter, tensors: Mapping[str, Any], matrix_type: GgmlType) -> None:
    """Head first, then one tensor after the other: a large model is never in memory twice."""
    types = {name: _stored_type(name, tensor.shape, matrix_type) for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        shape = tuple(tensor.shape)
        block, block_bytes = gguf.GGML_QUANT_SIZES[types[name]]
        n_bytes = math.prod(shape) // block * block_bytes
        # The dtype given is the one that leaves the shape as it is; the number format is the raw type.
        writer.add_tensor_info(name, shape, np.dtype(np.float32), n_bytes, raw_dtype=types[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, tensor in tensors.items():
        writer.write_tensor_data(gguf.quants.quantize(_array(tensor), types[name]))
    writer.close()


def _array(tensor: Any) -> npt.NDArray[np.float32]:
    """A torch tensor of any float type, or an array, as float32."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().float().cpu().numpy()
    return np.ascontiguousarray(tensor, dtype=np.float32)


def tokenizer_keys(folder: Path, vocab_size: int) -> dict[str, Any]:
    """The ``tokenizer.*`` keys of a checkpoint's ``tokenizer.json`` (Qwen2's kind of byte-level BPE).

    Ids up to ``vocab_size`` that the vocabulary leaves free become ``[PAD<id>]``, as in official files.
    """
    description = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = [f"[PAD{i}]" for i in range(vocab_size)]
    types = [int(TokenType.UNUSED)] * vocab_size
    for text, i in description["model"]["vocab"].items():
        tokens[i], types[i] = text, int(TokenType.NORMAL)
    for added in description["added_tokens"]:
        # The converter also takes for special what looks so, <|fim_prefix|> (does_token_look_special).
        special = added["special"] or (added["content"].startswith("<|") and added["content"].endswith("|>"))
        kind = TokenType.CONTROL if special else TokenType.USER_DEFINED
        tokens[added["id"]], types[added["id"]] = added["content"], int(kind)
    merges = [m if isinstance(m, str) else " ".join(m) for m in description["model"]["merges"]]
    keys: dict[str, Any] = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.eos_token_id": tokens.index("<|im_end|>"),
        "tokenizer.ggml.padding_token_id": tokens.index("<|endoftext|>"),
        "tokenizer.ggml.bos_token_id": tokens.index("<|endoftext|>"),
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_eos_token": False,
    }
    template = folder / "chat_template.jinja"
    if template.exists():
        keys["tokenizer.chat_template"] = template.read_text(encoding="utf-8")
    else:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        if "chat_template" in settings:
            keys["tokenizer.chat_template"] = settings["chat_template"]
    return keys


def _checkpoint_state(folder: Path) -> dict[str, Any]:
    """All tensors of a checkpoint's safetensors files, mapped."""
    from safetensors.torch import load_file

    state: dict[str, Any] = {}
    for part in sorted(folder.glob("*.safetensors")):
        state.update(load_file(part))
    return state


def main() -> None:
    """Command line: see the module docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", help="default: the checkpoint folder's name")
    names = [kind.name for kind in FILE_TYPES]
    parser.add_argument("--language-type", choices=names, default="F16")
    parser.add_argument("--vision-type", choices=names, default="F16")
    arguments = parser.parse_args()
    folder: Path = arguments.checkpoint
    name = arguments.name or folder.resolve().name
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    preprocessor = folder / "preprocessor_config.json"
    pictures = json.loads(preprocessor.read_text(encoding="utf-8")) if preprocessor.exists() else {}
    extras = Extras(
        name=name,
        image_mean=tuple(pictures.get("image_mean", Extras.image_mean)),
        image_std=tuple(pictures.get("image_std", Extras.image_std)),
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_gguf_pair(
        _checkpoint_state(folder),
        config,
        tokenizer_keys(folder, config["text_config"]["vocab_size"]),
        arguments.out / f"{name}-{arguments.language_type}.gguf",
        arguments.out / f"mmproj-{name}-{arguments.vision_type}.gguf",
        extras=extras,
        language_type=GgmlType[arguments.language_type],
        vision_type=GgmlType[arguments.vision_type],
    )


if __name__ == "__main__":
    main()
