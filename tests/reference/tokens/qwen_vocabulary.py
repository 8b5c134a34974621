"""Qwen's vocabulary as an official GGUF file's ``tokenizer.ggml.*`` keys have it, rebuilt from its merges.

A token's id follows from the merges: 256 bytes in GPT-2's order, then one token for each merge, then the
control tokens and added words, then unused rows up to the size of the embedding. ``qwen-merges.txt.xz`` holds
the merge rules of Qwen's tokenizer (Apache-2.0, Alibaba Cloud), compressed.
"""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

MERGES_FILE = Path(__file__).parent / "qwen-merges.txt.xz"
VOCABULARY_SIZE = 151936
# fmt: off
CONTROL_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)
ADDED_WORDS = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
    "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)
# fmt: on
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""``TokenType`` of the ``gguf`` library."""


def merges() -> list[str]:
    """The 151 387 merge rules in order, ``"left right"``."""
    lines = lzma.decompress(MERGES_FILE.read_bytes()).decode("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#version")]


def metadata() -> dict[str, Any]:
    """The ``tokenizer.ggml.*`` keys of ``Qwen3VL-2B-Instruct-Q4_K_M.gguf``."""
    rules = merges()
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    tokens = [chr(b) for b in shown] + [chr(256 + i) for i in range(256 - len(shown))]
    tokens += [rule.replace(" ", "", 1) for rule in rules]
    types = [NORMAL] * len(tokens)
    tokens += CONTROL_TOKENS
    types += [CONTROL] * len(CONTROL_TOKENS)
    tokens += ADDED_WORDS
    # llama.cpp's converter calls every name in <|...|> a control token (does_token_look_special).
    types += [CONTROL if word.startswith("<|") else USER_DEFINED for word in ADDED_WORDS]
    tokens += [f"[PAD{i}]" for i in range(len(tokens), VOCABULARY_SIZE)]
    types += [UNUSED] * (VOCABULARY_SIZE - len(types))
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": rules,
        "tokenizer.ggml.eos_token_id": 151645,
        "tokenizer.ggml.padding_token_id": 151643,
        "tokenizer.ggml.bos_token_id": 151643,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_eos_token": False,
    }
