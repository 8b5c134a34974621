"""A Qwen3-VL of true size with random weights, as a pair of GGUF files, for measuring speed and memory.

What a step costs does not depend on the weights' values, only on shapes and storage types: these are the
official files' own (Q4_K_M language, Q8_0 vision; the recipe is ``llama_tensor_get_type`` in llama.cpp's
``llama-quant.cpp``). Nothing is quantized here: random bytes are drawn as *valid blocks*, with scales such
that weights have mean zero and standard deviation 0.02, so activations stay in a trained model's range.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType

from jianwei.hub import ModelPaths
from jianwei.model.gguf_writing import NewTensor, write_gguf

OnProgress = Callable[[str, int, int], None]
"""Called with (file name, bytes written, bytes in all)."""

Bytes = npt.NDArray[np.uint8]

_STD = 0.02
"""Standard deviation of all weights: as transformers initializes Qwen3-VL (``initializer_range``)."""

_SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
"""In the order of their ids, which follow the ordinary tokens'."""

_CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class RandomShape:
    """Sizes of the model to draw; the defaults are Qwen3-VL-2B's (its ``config.json``).

    ``words`` are the ordinary tokens of the vocabulary: 256 bytes and merges of them. Columns of quantized
    language matrices must be multiples of 256. ``tied``: the head is the embedding.
    """

    hidden: int = 2048
    layers: int = 28
    heads: int = 16
    kv_heads: int = 8
    head_dim: int = 128
    feed_forward: int = 6144
    vocab: int = 151936
    words: int = 151643
    rope_sections: tuple[int, int, int, int] = (24, 20, 20, 0)
    context_length: int = 262144
    vision_hidden: int = 1024
    vision_layers: int = 24
    vision_heads: int = 16
    vision_feed_forward: int = 4096
    patch: int = 16
    merge: int = 2
    positions: int = 48 * 48
    deepstack: tuple[int, ...] = (5, 11, 17)
    tied: bool = True


QWEN3_VL_2B = RandomShape()
QWEN3_VL_4B = RandomShape(hidden=2560, layers=36, heads=32, feed_forward=9728)
QWEN3_VL_8B = RandomShape(
    hidden=4096,
    layers=36,
    heads=32,
    feed_forward=12288,
    vision_hidden=1152,
    vision_layers=27,
    vision_feed_forward=4304,
    deepstack=(8, 16, 24),
    tied=False,
)
"""Sizes of the larger ones, as their ``config.json`` has them."""


def random_pair(
    folder: Path, shape: RandomShape = QWEN3_VL_2B, *, seed: int = 0, on_progress: OnProgress | None = None
) -> ModelPaths:
    """The random pair in ``folder``: drawn when it is not there yet, always the same bytes for the same seed.

    Files appear under their names only when they are whole.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pair = ModelPaths(
        folder / f"random-{seed}-qwen3vl-Q4_K_M.gguf", folder / f"mmproj-random-{seed}-qwen3vl-Q8_0.gguf"
    )
    if not pair.language.exists():
        _write(
            pair.language,
            "qwen3vl",
            tensors=_language_tensors(shape),
            add_keys=_language_keys,
            shape=shape,
            seed=seed,
            on_progress=on_progress,
        )
    if not pair.vision.exists():
        _write(
            pair.vision,
            "clip",
            tensors=_vision_tensors(shape),
            add_keys=_vision_keys,
            shape=shape,
            seed=seed,
            on_progress=on_progress,
        )
    return pair


def use_more_bits(layer: int, layers: int) -> bool:
    """Whether Q4_K_M gives this layer's ``attn_v`` and ``ffn_down`` six bits (as in llama-quant.cpp)."""
    first = layers // 8
    return layer < first or layer >= 7 * layers // 8 or (layer - first) % 3 == 2


def _language_tensors(shape: RandomShape) -> Iterator[NewTensor]:
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    # Six bits for the head, and so for the embedding where that is the head.
    kind = GgmlType.Q6_K if shape.tied else GgmlType.Q4_K
    yield NewTensor("token_embd.weight", (shape.vocab, shape.hidden), kind)
    for layer in range(shape.layers):
        better = GgmlType.Q6_K if use_more_bits(layer, shape.layers) else GgmlType.Q4_K
        for name, size, kind in (
            ("attn_norm", (shape.hidden,), GgmlType.F32),
            ("attn_q", (queries, shape.hidden), GgmlType.Q4_K),
            ("attn_k", (keys, shape.hidden), GgmlType.Q4_K),
            ("attn_v", (keys, shape.hidden), better),
            ("attn_q_norm", (shape.head_dim,), GgmlType.F32),
            ("attn_k_norm", (shape.head_dim,), GgmlType.F32),
            ("attn_output", (shape.hidden, queries), GgmlType.Q4_K),
            ("ffn_norm", (shape.hidden,), GgmlType.F32),
            ("ffn_gate", (shape.feed_forward, shape.hidden), GgmlType.Q4_K),
            ("ffn_up", (shape.feed_forward, shape.hidden), GgmlType.Q4_K),
            ("ffn_down", (shape.hidden, shape.feed_forward), better),
        ):
            yield NewTensor(f"blk.{layer}.{name}.weight", size, kind)
    yield NewTensor("output_norm.weight", (shape.hidden,), GgmlType.F32)
    if not shape.tied:
        yield NewTensor("output.weight", (shape.vocab, shape.hidden), GgmlType.Q6_K)


def _vision_tensors(shape: RandomShape) -> Iterator[NewTensor]:
    hidden, joined = shape.vision_hidden, shape.vision_hidden * shape.merge**2

    def norm(name: str, size: int) -> Iterator[NewTensor]:
        yield NewTensor(f"{name}.weight", (size,), GgmlType.F32)
        yield NewTensor(f"{name}.bias", (size,), GgmlType.F32)

    def linear(name: str, rows: int, columns: int) -> Iterator[NewTensor]:
        # What does not fill whole blocks stays F16, as the converter leaves it.
        kind = GgmlType.Q8_0 if columns % gguf.GGML_QUANT_SIZES[GgmlType.Q8_0][0] == 0 else GgmlType.F16
        yield NewTensor(f"{name}.weight", (rows, columns), kind)
        yield NewTensor(f"{name}.bias", (rows,), GgmlType.F32)

    frame = (hidden, 3, shape.patch, shape.patch)
    yield NewTensor("v.patch_embd.weight", frame, GgmlType.F32)
    yield NewTensor("v.patch_embd.weight.1", frame, GgmlType.F32)
    yield NewTensor("v.patch_embd.bias", (hidden,), GgmlType.F32)
    yield NewTensor("v.position_embd.weight", (shape.positions, hidden), GgmlType.F32)
    for layer in range(shape.vision_layers):
        prefix = f"v.blk.{layer}"
        yield from norm(f"{prefix}.ln1", hidden)
        yield from linear(f"{prefix}.attn_qkv", 3 * hidden, hidden)
        yield from linear(f"{prefix}.attn_out", hidden, hidden)
        yield from norm(f"{prefix}.ln2", hidden)
        yield from linear(f"{prefix}.ffn_up", shape.vision_feed_forward, hidden)
        yield from linear(f"{prefix}.ffn_down", hidden, shape.vision_feed_forward)
        if layer in shape.deepstack:
            yield from norm(f"v.deepstack.{layer}.norm", joined)
            yield from linear(f"v.deepstack.{layer}.fc1", joined, joined)
            yield from linear(f"v.deepstack.{layer}.fc2", shape.hidden, joined)
    yield from norm("v.post_ln", hidden)
    yield from linear("mm.0", joined, joined)
    yield from linear("mm.2", shape.hidden, joined)


def _write(
    path: Path,
    architecture: str,
    *,
    tensors: Iterator[NewTensor],
    add_keys: Callable[[gguf.GGUFWriter, RandomShape], None],
    shape: RandomShape,
    seed: int,
    on_progress: OnProgress | None,
) -> None:
    """Write one file, each tensor drawn when it is its turn."""
    listed = list(tensors)
    write_gguf(
        path,
        architecture,
        lambda writer: add_keys(writer, shape),
        listed,
        (random_tensor(tensor.name, tensor.shape, tensor.kind, seed) for tensor in listed),
        partial(on_progress, path.name) if on_progress else None,
    )


def random_tensor(
    name: str, shape: tuple[int, ...], kind: GgmlType, seed: int = 0
) -> npt.NDArray[np.generic]:
    """Values of one tensor as they are stored: float32 in ``shape``, or bytes of quantized blocks, flat.

    Each tensor has its own generator, seeded by ``seed`` and its name. Norm weights are ones, biases zeros.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if kind == GgmlType.F32:
        if len(shape) == 1:
            return np.full(shape, 0.0 if name.endswith(".bias") else 1.0, np.float32)
        return rng.standard_normal(shape, np.float32) * np.float32(_STD)
    if kind == GgmlType.F16:
        return (rng.standard_normal(shape, np.float32) * np.float32(_STD)).astype(np.float16)
    blocks = int(np.prod(shape)) // gguf.GGML_QUANT_SIZES[kind][0]
    return {GgmlType.Q4_K: _q4_k, GgmlType.Q6_K: _q6_k, GgmlType.Q8_0: _q8_0}[kind](rng, blocks).reshape(-1)


def _halves(values: npt.NDArray[np.float64]) -> Bytes:
    return values.astype("<f2").view(np.uint8).reshape(-1, 2)


def _steps(rng: np.random.Generator, blocks: int, mean: float) -> npt.NDArray[np.float64]:
    """Scales of blocks: a quarter up or down from ``mean``, as the largest weight of a block varies."""
    return rng.uniform(0.75, 1.25, blocks) * mean


def _q4_k(rng: np.random.Generator, blocks: int) -> Bytes:
    """``d * scale * q - dmin * min`` with q in 0..15, scale and min in 0..63, all uniform.

    Mean zero wants dmin = 7.5 d. The variance of the first term is 47532 d^2, of the second 341.25 (7.5 d)^2.
    """
    raw = rng.integers(0, 256, (blocks, 144), np.uint8)
    d = _steps(rng, blocks, _STD / (47532 + 341.25 * 7.5**2) ** 0.5)
    raw[:, 0:2] = _halves(d)
    raw[:, 2:4] = _halves(7.5 * d)
    return raw


def _q6_k(rng: np.random.Generator, blocks: int) -> Bytes:
    """``d * scale * (q - 32)`` with q in 0..63 (root mean square 18.5) and scale in 32..127 (83)."""
    raw = rng.integers(0, 256, (blocks, 210), np.uint8)
    raw[:, 192:208] = rng.integers(32, 128, (blocks, 16), np.uint8)
    raw[:, 208:210] = _halves(_steps(rng, blocks, _STD / (18.5 * 83)))
    return raw


def _q8_0(rng: np.random.Generator, blocks: int) -> Bytes:
    """``d * q`` with q in -128..127 (root mean square 74)."""
    raw = rng.integers(0, 256, (blocks, 34), np.uint8)
    raw[:, 0:2] = _halves(_steps(rng, blocks, _STD / 74))
    return raw


def _language_keys(writer: gguf.GGUFWriter, shape: RandomShape) -> None:
    writer.add_name("Random Qwen3-VL")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context_length)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(5e6)
    writer.add_rope_dimension_sections(list(shape.rope_sections))
    writer.add_num_deepstack_layers(len(shape.deepstack))
    tokens, merges = synthetic_vocabulary(shape.words)
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    tokens += _SPECIAL_TOKENS
    kinds += [gguf.TokenType.CONTROL] * len(_SPECIAL_TOKENS)
    kinds += [gguf.TokenType.UNUSED] * (shape.vocab - len(tokens))
    tokens += [f"[PAD{token}]" for token in range(len(tokens), shape.vocab)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(_CHAT_TEMPLATE)


def _vision_keys(writer: gguf.GGUFWriter, shape: RandomShape) -> None:
    writer.add_name("Random Qwen3-VL vision")
    writer.add_type(gguf.GGUFType.MMPROJ)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.QWEN3VL)
    writer.add_vision_projection_dim(shape.hidden)
    writer.add_vision_image_size(round(shape.positions**0.5) * shape.patch)
    writer.add_vision_patch_size(shape.patch)
    writer.add_vision_embedding_length(shape.vision_hidden)
    writer.add_vision_feed_forward_length(shape.vision_feed_forward)
    writer.add_vision_block_count(shape.vision_layers)
    writer.add_vision_head_count(shape.vision_heads)
    writer.add_vision_image_mean([0.5] * 3)
    writer.add_vision_image_std([0.5] * 3)
    writer.add_vision_use_gelu(True)
    writer.add_vision_spatial_merge_size(shape.merge)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_is_deepstack_layers([layer in shape.deepstack for layer in range(shape.vision_layers)])


def synthetic_vocabulary(words: int) -> tuple[list[str], list[str]]:
    """A byte-level BPE vocabulary without a language: the 256 bytes, then merges up to ``words`` tokens.

    Tokens of two bytes come first, printable ones before others, then those of three (one of two and a byte).
    So it has the size and the loading cost of a real one.

    Returns:
        (tokens, merges) in the byte alphabet of GPT-2 (printable characters stand for bytes).
    """
    alphabet = _byte_alphabet()
    tokens, merges = alphabet.copy(), list[str]()
    pairs = ((a, b) for a in alphabet for b in alphabet)
    triples = ((a + b, c) for a in alphabet for b in alphabet for c in alphabet)
    for parts in (pairs, triples):
        for left, right in parts:
            if len(tokens) >= words:
                return tokens, merges
            tokens.append(left + right)
            merges.append(f"{left} {right}")
    return tokens, merges


def _byte_alphabet() -> list[str]:
    """Characters that stand for bytes, printable bytes first (``bytes_to_unicode`` of GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = 256 - len(printable)
    return [chr(code) for code in (*printable, *range(256, 256 + others))]
