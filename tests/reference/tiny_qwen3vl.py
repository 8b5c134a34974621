"""Two tiny Qwen3-VL of the true structure, whose weights any machine makes the same from nothing but a seed.

Only what ``transformers`` computes with them is kept in the repository; the models are made where they are
needed and written as GGUF by ``training/to_gguf.py``. All of DeepStack, grouped queries, q and k norms,
interleaved M-RoPE, 2-D RoPE and a resampled position table is there, in uneven sizes, with a tied and an
untied head.

Every matrix is int8 times a power of two, with a 127 in every 32 values of a row: F32, F16, BF16 and Q8_0
hold it without any loss, so that one reference serves files of all four formats.
"""

from __future__ import annotations

import math
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType
from gguf import TokenType

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))

import to_gguf

Floats = npt.NDArray[np.float32]

CONTROL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
    "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
WORDS = (
    "system", "user", "assistant", " the", " is", " in", " this", " picture", " what", " colour", " box",
    " left", " right", " price", " seconds", " corner", " red", " blue", " number", " where", " how", " many",
    *"图片里的是么色箱子左右上下角价格数字请说明一二三个不有在哪这视频第秒物体文破损置尺寸红蓝绿黑白大小元",
    " second", "张照片", "什么", "颜色", "位置",
)  # fmt: skip


@dataclass(frozen=True)
class Tiny:
    """One tiny model: its configuration as ``transformers`` has it, and the seed of its weights."""

    name: str
    seed: int
    config: dict[str, Any]

    @property
    def tied(self) -> bool:
        """Whether the head is the embedding."""
        return self.config["tie_word_embeddings"]


def _characters() -> dict[int, str]:
    """The printable character that stands for each byte in a byte-level vocabulary (GPT-2)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(hidden)}


def tokenizer_keys() -> dict[str, Any]:
    """The vocabulary as a GGUF file holds it: bytes, words built from their bytes, control tokens."""
    characters = _characters()
    tokens = [characters[byte] for byte in range(256)]
    merges: list[str] = []
    for word in WORDS:
        pieces = [characters[byte] for byte in word.encode()]
        whole = pieces[0]
        for piece in pieces[1:]:
            if whole + piece not in tokens:
                tokens.append(whole + piece)
                merges.append(f"{whole} {piece}")
            whole += piece
    types = [int(TokenType.NORMAL)] * len(tokens) + [int(TokenType.CONTROL)] * len(CONTROL)
    tokens += CONTROL
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.eos_token_id": tokens.index("<|im_end|>"),
        "tokenizer.ggml.padding_token_id": tokens.index("<|endoftext|>"),
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": (
            Path(__file__).parent / "templates" / "qwen3-vl-instruct.jinja"
        ).read_text(encoding="utf-8"),
    }


def token_id(name: str) -> int:
    """Id of a control token."""
    return tokenizer_keys()["tokenizer.ggml.tokens"].index(name)


def _config(text: dict[str, Any], vision: dict[str, Any], tied: bool) -> dict[str, Any]:
    tokens = tokenizer_keys()["tokenizer.ggml.tokens"]
    rope = {"rope_type": "default", "mrope_interleaved": True, **text.pop("rope")}
    ids = {"pad_token_id": tokens.index("<|endoftext|>"), "eos_token_id": tokens.index("<|im_end|>")}
    return {
        "model_type": "qwen3_vl",
        "tie_word_embeddings": tied,
        "image_token_id": tokens.index("<|image_pad|>"),
        "video_token_id": tokens.index("<|video_pad|>"),
        "vision_start_token_id": tokens.index("<|vision_start|>"),
        "vision_end_token_id": tokens.index("<|vision_end|>"),
        "text_config": {
            "vocab_size": len(tokens),
            "max_position_embeddings": 32768,
            "rms_norm_eps": 1e-6,
            "rope_parameters": rope,
            "tie_word_embeddings": tied,
            "bos_token_id": None,
            **ids,
            **text,
        },
        "vision_config": {
            "out_hidden_size": text["hidden_size"],
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "in_channels": 3,
            **vision,
        },
    }


MODELS = {
    "tied": Tiny(
        "tied",
        seed=3,
        config=_config(
            text={
                "hidden_size": 128,
                "intermediate_size": 320,
                "num_hidden_layers": 5,
                "num_attention_heads": 4,
                "num_key_value_heads": 2,
                "head_dim": 64,
                "rope": {"rope_theta": 10000.0, "mrope_section": [12, 10, 10]},
            },
            vision={
                "depth": 6,
                "hidden_size": 64,
                "intermediate_size": 160,
                "num_heads": 2,
                "deepstack_visual_indexes": [1, 2, 4],
                "num_position_embeddings": 12 * 12,
            },
            tied=True,
        ),
    ),
    "untied": Tiny(
        "untied",
        seed=1,
        config=_config(
            text={
                "hidden_size": 96,
                "intermediate_size": 256,
                "num_hidden_layers": 4,
                "num_attention_heads": 3,
                "num_key_value_heads": 1,
                "head_dim": 128,
                "rope": {"rope_theta": 5000000.0, "mrope_section": [24, 20, 20]},
            },
            vision={
                "depth": 4,
                "hidden_size": 96,
                "intermediate_size": 192,
                "num_heads": 3,
                "deepstack_visual_indexes": [0, 1, 2],
                "num_position_embeddings": 9 * 9,
            },
            tied=False,
        ),
    ),
}


def shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of ``Qwen3VLForConditionalGeneration.state_dict()``."""
    t, v = config["text_config"], config["vision_config"]
    hidden, head, ffn = t["hidden_size"], t["head_dim"], t["intermediate_size"]
    queries, keys = t["num_attention_heads"] * head, t["num_key_value_heads"] * head
    found: dict[str, tuple[int, ...]] = {
        "model.language_model.embed_tokens.weight": (t["vocab_size"], hidden),
        "model.language_model.norm.weight": (hidden,),
        "lm_head.weight": (t["vocab_size"], hidden),
    }
    for i in range(t["num_hidden_layers"]):
        layer = {
            "self_attn.q_proj": (queries, hidden),
            "self_attn.k_proj": (keys, hidden),
            "self_attn.v_proj": (keys, hidden),
            "self_attn.o_proj": (hidden, queries),
            "self_attn.q_norm": (head,),
            "self_attn.k_norm": (head,),
            "mlp.gate_proj": (ffn, hidden),
            "mlp.up_proj": (ffn, hidden),
            "mlp.down_proj": (hidden, ffn),
            "input_layernorm": (hidden,),
            "post_attention_layernorm": (hidden,),
        }
        found.update({f"model.language_model.layers.{i}.{n}.weight": s for n, s in layer.items()})

    width, vision_ffn, out = v["hidden_size"], v["intermediate_size"], v["out_hidden_size"]
    merged = width * v["spatial_merge_size"] ** 2
    patch = (v["in_channels"], v["temporal_patch_size"], v["patch_size"], v["patch_size"])
    parts: dict[str, tuple[int, ...]] = {"patch_embed.proj": (width, *patch)}
    for i in range(v["depth"]):
        parts |= {
            f"blocks.{i}.norm1": (width,),
            f"blocks.{i}.norm2": (width,),
            f"blocks.{i}.attn.qkv": (3 * width, width),
            f"blocks.{i}.attn.proj": (width, width),
            f"blocks.{i}.mlp.linear_fc1": (vision_ffn, width),
            f"blocks.{i}.mlp.linear_fc2": (width, vision_ffn),
        }
    mergers = {"merger": width}
    mergers |= {f"deepstack_merger_list.{i}": merged for i in range(len(v["deepstack_visual_indexes"]))}
    for name, normed in mergers.items():
        parts |= {
            f"{name}.norm": (normed,),
            f"{name}.linear_fc1": (merged, merged),
            f"{name}.linear_fc2": (out, merged),
        }
    found["model.visual.pos_embed.weight"] = (v["num_position_embeddings"], width)
    for name, shape in parts.items():
        found[f"model.visual.{name}.weight"] = shape
        found[f"model.visual.{name}.bias"] = shape[:1]
    return found


def state(model: Tiny) -> dict[str, Floats]:
    """All weights by the names of ``transformers``; a tied head is not listed."""
    return {
        name: _weights(name, shape, model)
        for name, shape in shapes(model.config).items()
        if not (model.tied and name == "lm_head.weight")
    }


def _weights(name: str, shape: tuple[int, ...], model: Tiny) -> Floats:
    """One tensor. Every part of the model has a say in its answers, but no more than in a trained one."""
    draws = _int8(f"{model.seed}.{name}", math.prod(shape)).reshape(shape)
    if len(shape) == 1:
        return _vector(name, draws, model)
    rows = draws.reshape(shape[0], -1)
    rows[:, ::32] = np.where(rows[:, ::32] < 0, -127, 127)
    fan_in = rows.shape[1]
    wanted = 1 / math.sqrt(fan_in)
    if name.endswith("embed_tokens.weight"):
        wanted = 1.0
    elif name.endswith("pos_embed.weight"):
        wanted = 0.5
    elif name.endswith("lm_head.weight"):
        wanted = 0.25
    elif name.endswith("o_proj.weight"):
        wanted *= 0.5
    elif name.endswith("attn.qkv.weight"):
        wanted *= 1.4
    # int8 draws have a deviation of 74.
    power = round(math.log2(wanted / 74))
    return (rows * np.float32(2.0**power)).astype(np.float32).reshape(shape)


def _vector(name: str, draws: npt.NDArray[np.int64], model: Tiny) -> Floats:
    """Biases around 0, norms around 1."""
    noise = draws / np.float64(512)
    if name.endswith(".bias"):
        return noise.astype(np.float32)
    if name == "model.language_model.norm.weight" and model.tied:
        # A tied head would mostly repeat the last token, whose embedding is part of what comes out: signs part
        # them. A quarter makes logits as large as a trained model's.
        return (np.where(draws % 2 == 0, 1 + noise, -1 - noise) / 4).astype(np.float32)
    return (1 + noise).astype(np.float32)


def _int8(name: str, count: int) -> npt.NDArray[np.int64]:
    """Numbers -127..127, evenly. The raw stream of PCG64 is fixed for all versions of numpy (NEP 19)."""
    raw = np.random.PCG64(zlib.crc32(name.encode())).random_raw(-(-count // 8))
    draws = raw.astype("<u8").view(np.int8)[:count].astype(np.int64)
    return np.maximum(draws, -127)


def write(model: Tiny, folder: Path, kind: GgmlType = GgmlType.F32) -> tuple[Path, Path]:
    """The model as two GGUF files of one number format: paths of the language file and the vision file."""
    language = folder / f"tiny-{model.name}-{kind.name}.gguf"
    vision = folder / f"mmproj-tiny-{model.name}-{kind.name}.gguf"
    to_gguf.write_gguf_pair(
        state(model),
        model.config,
        tokenizer_keys(),
        language,
        vision,
        extras=to_gguf.Extras(name=f"Tiny {model.name}"),
        language_type=kind,
        vision_type=kind,
    )
    return language, vision
