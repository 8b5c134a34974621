"""Shapes of a Qwen3-VL, read from the metadata of its two GGUF files.

Key names as llama.cpp writes them (``conversion/qwen3vl.py``, ``gguf/constants.py``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from jianwei.errors import ModelFileError
from jianwei.model.weights import WeightFile

ARCHITECTURE = "qwen3vl"
VISION_ARCHITECTURE = "clip"
"""What ``general.architecture`` says in the language model's file and in the vision tower's."""

PROJECTOR = "qwen3vl_merger"

TEMPORAL_PATCH = 2
"""Frames in one patch; Qwen3-VL has no key for it, the two patch embedding tensors say it."""


@dataclass(frozen=True)
class DecoderConfig:
    """Shape of the language model; lengths in elements, ``rope_sections`` in pairs of elements (t, h, w)."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    feed_forward: int
    vocab: int
    eps: float
    rope_theta: float
    rope_sections: tuple[int, int, int]
    deepstack_layers: int
    context_length: int


@dataclass(frozen=True)
class VisionConfig:
    """Shape of the vision tower.

    ``deepstack`` are the layers whose output is tapped, ``out_hidden`` is the decoder's hidden size, and
    ``table_side`` the side of the learned position table in patches.
    """

    layers: int
    hidden: int
    heads: int
    feed_forward: int
    patch: int
    merge: int
    eps: float
    out_hidden: int
    deepstack: tuple[int, ...]
    table_side: int
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]


def decoder_config(file: WeightFile) -> DecoderConfig:
    """Read the language model's shape; raises ``ModelFileError`` for another architecture or absurd shapes."""
    architecture = file.get("general.architecture")
    if architecture != ARCHITECTURE:
        raise ModelFileError(
            "model_wrong_architecture", name=file.name, got=architecture, expected="a Qwen3-VL language model"
        )

    def key(name: str) -> str:
        return f"{ARCHITECTURE}.{name}"

    heads = int(file.get(key("attention.head_count")))
    hidden = int(file.get(key("embedding_length")))
    sections = [int(section) for section in file.get(key("rope.dimension_sections"))]
    config = DecoderConfig(
        layers=int(file.get(key("block_count"))),
        hidden=hidden,
        heads=heads,
        kv_heads=int(file.get(key("attention.head_count_kv"))),
        head_dim=int(file.metadata.get(key("attention.key_length"), hidden // max(heads, 1))),
        feed_forward=int(file.get(key("feed_forward_length"))),
        vocab=file.shape("token_embd.weight")[0],
        eps=float(file.get(key("attention.layer_norm_rms_epsilon"))),
        rope_theta=float(file.get(key("rope.freq_base"))),
        rope_sections=(sections[0], sections[1], sections[2]),
        deepstack_layers=int(file.metadata.get(key("n_deepstack_layers"), 0)),
        context_length=int(file.get(key("context_length"))),
    )
    for layer in range(config.layers):
        for name, shape in _layer_shapes(config).items():
            _expect_shape(file, f"blk.{layer}.{name}.weight", shape)
    return config


def _layer_shapes(config: DecoderConfig) -> dict[str, tuple[int, ...]]:
    queries, keys = config.heads * config.head_dim, config.kv_heads * config.head_dim
    return {
        "attn_q": (queries, config.hidden),
        "attn_k": (keys, config.hidden),
        "attn_v": (keys, config.hidden),
        "attn_output": (config.hidden, queries),
        "ffn_gate": (config.feed_forward, config.hidden),
        "ffn_up": (config.feed_forward, config.hidden),
        "ffn_down": (config.hidden, config.feed_forward),
    }


def vision_config(file: WeightFile) -> VisionConfig:
    """Read the vision tower's shape; raises ``ModelFileError`` for another projector or absurd shapes."""
    projector = file.metadata.get("clip.projector_type", file.metadata.get("clip.vision.projector_type"))
    if projector != PROJECTOR:
        raise ModelFileError(
            "model_wrong_architecture",
            name=file.name,
            got=projector or file.metadata.get("general.architecture", "?"),
            expected="the vision part (mmproj) of a Qwen3-VL",
        )
    hidden = int(file.get("clip.vision.embedding_length"))
    mean = [float(value) for value in file.get("clip.vision.image_mean")]
    std = [float(value) for value in file.get("clip.vision.image_std")]
    table = file.shape("v.position_embd.weight")
    config = VisionConfig(
        layers=int(file.get("clip.vision.block_count")),
        hidden=hidden,
        heads=int(file.get("clip.vision.attention.head_count")),
        feed_forward=int(file.get("clip.vision.feed_forward_length")),
        patch=int(file.get("clip.vision.patch_size")),
        merge=int(file.metadata.get("clip.vision.spatial_merge_size", 2)),
        eps=float(file.get("clip.vision.attention.layer_norm_epsilon")),
        out_hidden=file.shape("mm.2.weight")[0],
        deepstack=tuple(i for i, tapped in enumerate(file.get("clip.vision.is_deepstack_layers")) if tapped),
        table_side=math.isqrt(table[0]),
        image_mean=(mean[0], mean[1], mean[2]),
        image_std=(std[0], std[1], std[2]),
    )
    for layer in range(config.layers):
        _expect_shape(file, f"v.blk.{layer}.attn_qkv.weight", (3 * hidden, hidden))
        _expect_shape(file, f"v.blk.{layer}.ffn_up.weight", (config.feed_forward, hidden))
    return config


def check_pair(language: WeightFile, decoder: DecoderConfig, vision: WeightFile, tower: VisionConfig) -> None:
    """Raise ``ModelFileError`` unless the tower's output fits the decoder."""
    if tower.out_hidden != decoder.hidden or len(tower.deepstack) != decoder.deepstack_layers:
        raise ModelFileError(
            "model_pair_mismatch",
            name=language.name,
            other=vision.name,
            reason=f"{tower.out_hidden} != {decoder.hidden}"
            if tower.out_hidden != decoder.hidden
            else f"{len(tower.deepstack)} != {decoder.deepstack_layers} DeepStack layers",
        )


def _expect_shape(file: WeightFile, name: str, shape: tuple[int, ...]) -> None:
    if file.shape(name) != shape:
        raise ModelFileError(
            "model_unsupported", name=file.name, reason=f"{name} is {file.shape(name)}, not {shape}"
        )
