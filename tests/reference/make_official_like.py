"""Makes full-shape GGUF files exactly as Qwen3-VL-2B-Instruct's official ones are made, with random weights.

The official files come from a Hugging Face checkpoint through llama.cpp's ``convert_hf_to_gguf.py`` and its
quantizer. This script writes a checkpoint folder with the true configuration, vocabulary, pre-tokenizer,
special tokens, chat template and tensor names and shapes, but random weights, and sends it the same way. What
reads these files reads the real ones: names, number formats, metadata and sizes are theirs.

It proves itself on the way: the converter knows a pre-tokenizer by a hash over the token ids of a test
string (``get_vocab_base_pre``), and the sizes of the results are compared with those of the official files.

Not part of ``make test``. Needs 20 GB of disk, 8 GB of memory and, in one environment, ``torch``,
``transformers``, ``safetensors``, ``tokenizers`` and ``sentencepiece``; and ``llama-cpp-python==0.3.36``
in the same or another one (``--llama-python``). Two inputs come from PyPI:

- ``pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36``, unpacked: ``--llama-cpp`` is its
  folder ``vendor/llama.cpp`` (conversion scripts);
- ``pip download --no-deps dashscope``, unpacked: ``--ranks`` is its ``dashscope/resources/qwen.tiktoken``
  (Qwen's 151 643 tokens in order of rank).

    python tests/reference/make_official_like.py OUT --llama-cpp DIR --ranks FILE [--types Q4_K_M Q8_0 ...]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "Qwen3VL-2B-Instruct"
TEMPLATE = Path(__file__).parent / "templates" / "qwen3-vl-instruct.jinja"
OFFICIAL_SIZES = {
    f"{NAME}-Q4_K_M.gguf": 1_107_409_952,
    f"mmproj-{NAME}-Q8_0.gguf": 445_053_216,
    f"mmproj-{NAME}-F16.gguf": 819_394_848,
}
"""Bytes of the files in ``Qwen/Qwen3-VL-2B-Instruct-GGUF``."""

SPECIAL_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
    "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
ADDED_WORDS = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
    "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)  # fmt: skip
"""Added tokens that ``tokenizer_config.json`` does not call special."""
FIRST_ADDED = 151643
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3VLForConditionalGeneration"],
    "image_token_id": 151655,
    "model_type": "qwen3_vl",
    "text_config": {
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": 151643,
        "dtype": "bfloat16",
        "eos_token_id": 151645,
        "head_dim": 128,
        "hidden_act": "silu",
        "hidden_size": 2048,
        "initializer_range": 0.02,
        "intermediate_size": 6144,
        "max_position_embeddings": 262144,
        "model_type": "qwen3_vl_text",
        "num_attention_heads": 16,
        "num_hidden_layers": 28,
        "num_key_value_heads": 8,
        "rms_norm_eps": 1e-06,
        "rope_scaling": {"mrope_interleaved": True, "mrope_section": [24, 20, 20], "rope_type": "default"},
        "rope_theta": 5000000,
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": 151936,
    },
    "tie_word_embeddings": True,
    "transformers_version": "4.57.0.dev0",
    "video_token_id": 151656,
    "vision_config": {
        "deepstack_visual_indexes": [5, 11, 17],
        "depth": 24,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_size": 1024,
        "in_channels": 3,
        "initializer_range": 0.02,
        "intermediate_size": 4096,
        "model_type": "qwen3_vl",
        "num_heads": 16,
        "num_position_embeddings": 2304,
        "out_hidden_size": 2048,
        "patch_size": 16,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    },
    "vision_end_token_id": 151653,
    "vision_start_token_id": 151652,
}
PREPROCESSOR_CONFIG: dict[str, Any] = {
    "size": {"longest_edge": 16777216, "shortest_edge": 65536},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "processor_class": "Qwen3VLProcessor",
    "image_processor_type": "Qwen2VLImageProcessorFast",
}
GENERATION_CONFIG: dict[str, Any] = {
    "bos_token_id": 151643,
    "pad_token_id": 151643,
    "do_sample": True,
    "eos_token_id": [151645, 151643],
    "top_p": 0.8,
    "top_k": 20,
    "temperature": 0.7,
    "repetition_penalty": 1.0,
    "transformers_version": "4.56.0",
}


def byte_characters() -> dict[int, str]:
    """The printable character that stands for each byte in a byte-level BPE vocabulary (GPT-2)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(hidden)}


def vocabulary_and_merges(ranks_file: Path) -> tuple[dict[str, int], list[list[str]]]:
    """Vocabulary and merge rules from tiktoken's ranks: a token's rule joins the two pieces it last had."""
    ranks: dict[bytes, int] = {}
    for line in ranks_file.read_bytes().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    characters = byte_characters()

    def shown(token: bytes) -> str:
        return "".join(characters[b] for b in token)

    merges: list[list[str]] = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        pieces = [bytes([b]) for b in token]
        while len(pieces) > 1:
            best, at = min((ranks.get(pieces[i] + pieces[i + 1], rank), i) for i in range(len(pieces) - 1))
            if best >= rank:
                break
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        if len(pieces) == 2:
            merges.append([shown(pieces[0]), shown(pieces[1])])
    return {shown(token): rank for token, rank in ranks.items()}, merges


def tokenizer_json(vocabulary: dict[str, int], merges: list[list[str]]) -> dict[str, Any]:
    """``tokenizer.json`` as in the official repository."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": SPLIT}, "behavior": "Isolated", "invert": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": FIRST_ADDED + i,
                "content": text,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": i < len(SPECIAL_TOKENS),
            }
            for i, text in enumerate((*SPECIAL_TOKENS, *ADDED_WORDS))
        ],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }


def tokenizer_config() -> dict[str, Any]:
    """``tokenizer_config.json`` as in the official repository."""
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(FIRST_ADDED + i): {"content": text, **flags, "special": i < len(SPECIAL_TOKENS)}
            for i, text in enumerate((*SPECIAL_TOKENS, *ADDED_WORDS))
        },
        "additional_special_tokens": list(SPECIAL_TOKENS[1:]),
        "bos_token": None,
        "chat_template": TEMPLATE.read_text(encoding="utf-8"),
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 262144,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }


def write_settings(folder: Path, ranks_file: Path) -> None:
    """Everything of the checkpoint but the weights."""
    vocabulary, merges = vocabulary_and_merges(ranks_file)
    template = TEMPLATE.read_text(encoding="utf-8")
    files: dict[str, Any] = {
        "config.json": CONFIG,
        "generation_config.json": GENERATION_CONFIG,
        "preprocessor_config.json": PREPROCESSOR_CONFIG,
        "tokenizer.json": tokenizer_json(vocabulary, merges),
        "tokenizer_config.json": tokenizer_config(),
        "vocab.json": vocabulary,
        "chat_template.json": {"chat_template": template},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "merges.txt").write_text(
        "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8"
    )


def tensor_shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the checkpoint's tensors; the head is tied to the embedding and has none."""
    t, v = CONFIG["text_config"], CONFIG["vision_config"]
    hidden, ffn, head = t["hidden_size"], t["intermediate_size"], t["head_dim"]
    queries, keys = t["num_attention_heads"] * head, t["num_key_value_heads"] * head
    yield "model.language_model.embed_tokens.weight", (t["vocab_size"], hidden)
    yield "model.language_model.norm.weight", (hidden,)
    for i in range(t["num_hidden_layers"]):
        layer = f"model.language_model.layers.{i}."
        yield layer + "input_layernorm.weight", (hidden,)
        yield layer + "post_attention_layernorm.weight", (hidden,)
        yield layer + "self_attn.q_norm.weight", (head,)
        yield layer + "self_attn.k_norm.weight", (head,)
        yield layer + "self_attn.q_proj.weight", (queries, hidden)
        yield layer + "self_attn.k_proj.weight", (keys, hidden)
        yield layer + "self_attn.v_proj.weight", (keys, hidden)
        yield layer + "self_attn.o_proj.weight", (hidden, queries)
        yield layer + "mlp.gate_proj.weight", (ffn, hidden)
        yield layer + "mlp.up_proj.weight", (ffn, hidden)
        yield layer + "mlp.down_proj.weight", (hidden, ffn)
    width, vision_ffn, merged = v["hidden_size"], v["intermediate_size"], v["hidden_size"] * 4

    def with_bias(name: str, *shape: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"model.visual.{name}.weight", shape
        yield f"model.visual.{name}.bias", (shape[0],)

    yield from with_bias("patch_embed.proj", width, 3, 2, v["patch_size"], v["patch_size"])
    yield "model.visual.pos_embed.weight", (v["num_position_embeddings"], width)
    for i in range(v["depth"]):
        yield from with_bias(f"blocks.{i}.norm1", width)
        yield from with_bias(f"blocks.{i}.norm2", width)
        yield from with_bias(f"blocks.{i}.attn.qkv", 3 * width, width)
        yield from with_bias(f"blocks.{i}.attn.proj", width, width)
        yield from with_bias(f"blocks.{i}.mlp.linear_fc1", vision_ffn, width)
        yield from with_bias(f"blocks.{i}.mlp.linear_fc2", width, vision_ffn)
    for name, norm in [("merger", width), *((f"deepstack_merger_list.{i}", merged) for i in range(3))]:
        yield from with_bias(f"{name}.norm", norm)
        yield from with_bias(f"{name}.linear_fc1", merged, merged)
        yield from with_bias(f"{name}.linear_fc2", v["out_hidden_size"], merged)


def write_weights(folder: Path) -> None:
    """Random bf16 weights: matrices and biases around 0, norms around 1, so that a missed one shows."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(0)
    tensors: dict[str, torch.Tensor] = {}
    for name, shape in tensor_shapes():
        centre, spread = (1.0, 0.1) if "norm" in name and name.endswith("weight") else (0.0, 0.02)
        values = torch.empty(shape, dtype=torch.float32).normal_(centre, spread, generator=generator)
        tensors[name] = values.to(torch.bfloat16)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


QUANTIZE = """
import ctypes, sys, llama_cpp
source, target, kind = sys.argv[1:4]
params = llama_cpp.llama_model_quantize_default_params()
params.ftype = getattr(llama_cpp, "LLAMA_FTYPE_MOSTLY_" + kind)
params.nthread = int(sys.argv[4])
code = llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params))
sys.exit(code)
"""


def run(command: list[str], **environment: str) -> None:
    """Runs one step and stops with its output where it fails."""
    print("+", " ".join(command[:6]), flush=True)
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"failed with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")


def main() -> None:
    """Checkpoint, conversion, quantization, sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--llama-cpp", type=Path, required=True, help="folder with convert_hf_to_gguf.py")
    parser.add_argument("--ranks", type=Path, required=True, help="qwen.tiktoken")
    parser.add_argument("--llama-python", default=sys.executable, help="a Python that has llama_cpp")
    parser.add_argument("--types", nargs="*", default=["Q4_K_M", "Q8_0", "Q4_0"], help="of the language file")
    parser.add_argument("--mmproj-types", nargs="*", default=["q8_0", "f16", "bf16"])
    parser.add_argument("--float-types", nargs="*", default=["f16", "bf16"])
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()

    folder: Path = options.out / "checkpoint" / "Qwen3-VL-2B-Instruct"
    folder.mkdir(parents=True, exist_ok=True)
    write_settings(folder, options.ranks)
    if not (folder / "model.safetensors").exists():
        write_weights(folder)

    def convert(target: Path, kind: str, *flags: str) -> None:
        if not target.exists():
            script = str(options.llama_cpp / "convert_hf_to_gguf.py")
            part = target.with_suffix(".part")
            run([sys.executable, script, str(folder), "--outfile", str(part), "--outtype", kind, *flags])
            part.rename(target)

    floats = [options.out / f"{NAME}-{kind.upper()}.gguf" for kind in options.float_types]
    convert(floats[0], options.float_types[0])
    for kind in options.types:
        target = options.out / f"{NAME}-{kind}.gguf"
        if not target.exists():
            part = target.with_suffix(".part")
            run([options.llama_python, "-c", QUANTIZE, str(floats[0]), str(part), kind, options.threads])
            part.rename(target)
        for vision in options.mmproj_types:
            convert(options.out / f"mmproj-{NAME}-{vision.upper()}.gguf", vision, "--mmproj")
    for path, kind in zip(floats[1:], options.float_types[1:], strict=True):
        convert(path, kind)
    for path in sorted(options.out.glob("*.gguf")):
        expected = OFFICIAL_SIZES.get(path.name)
        note = f"official {expected}, difference {path.stat().st_size - expected}" if expected else ""
        print(f"{path.name:40} {path.stat().st_size:>12} {note}")


if __name__ == "__main__":
    main()
