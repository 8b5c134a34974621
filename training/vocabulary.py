"""The built-in model's vocabulary: byte-level BPE in which every hanzi and symbol is one token.

All of GB2312 (6763 hanzi, 682 symbols), ASCII, units and the symbols of simple formulas are single tokens, each
built from its UTF-8 bytes by merges; anything else falls back to bytes. Digits stay single, so that copying a value
is copying its characters; letters are merged into the words of ``english.py``. Control tokens are those of Qwen3-VL,
by the same names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gguf.constants import TokenType

from jianwei.model.tokenizer import Tokenizer

CONTROL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip

EXTRA_SYMBOLS = "£¢¥€₩₹฿©®™µΩ½¼¾²³¹⁰⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄≤≥≪≫≅⇒⇔←→↑↓↗↘✓✔✗✘☐☑☒★☆●○■□▲△▼▽◆◇•·…—–‘’“”„«»℃℉㎡㎏㎜㎝㎞㎎㏄"
"""Beyond GB2312: what prices, labels, homework and forms print."""

PHRASES = (
    "]\n",
    "]\n\n",
    "\n\n",
    ":\n",
    '":',
    '","',
    '["',
    '"]',
    '"],"',
    '":["',
    '{"',
    '"}',
    "}]",
    "[{",
)
"""Strings that the prompt's form and JSON repeat; each becomes one token."""


ENGLISH = Path(__file__).with_name("english.txt")
"""Merges of letters, one a line, as ``english.py`` has found them."""


def byte_alphabet() -> dict[int, str]:
    """Byte to the printable character that stands for it in a byte-level vocabulary (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {byte: chr(byte) for byte in printable}
    spare = 0x100
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(spare)
            spare += 1
    return table


def gb2312_characters() -> list[str]:
    """Every character of GB2312, symbols first, in the order of the standard."""
    found: list[str] = []
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def build() -> dict[str, Any]:
    """The ``tokenizer.ggml.*`` keys of the language file."""
    alphabet = byte_alphabet()
    tokens = [alphabet[byte] for byte in range(256)]
    known = set(tokens)
    merges: list[str] = []

    def merge(left: str, right: str) -> str:
        whole = left + right
        if whole not in known:
            known.add(whole)
            tokens.append(whole)
            merges.append(f"{left} {right}")
        return whole

    for character in dict.fromkeys([*gb2312_characters(), *EXTRA_SYMBOLS]):
        pieces = [alphabet[byte] for byte in character.encode()]
        whole = pieces[0]
        for piece in pieces[1:]:
            whole = merge(whole, piece)
    for line in ENGLISH.read_text(encoding="ascii").splitlines():
        merge(*line.split(" "))
    for phrase in PHRASES:
        pieces = [alphabet[byte] for byte in phrase.encode()]
        whole = pieces[0]
        for piece in pieces[1:]:
            whole = merge(whole, piece)
    types = [int(TokenType.NORMAL)] * len(tokens) + [int(TokenType.CONTROL)] * len(CONTROL)
    tokens.extend(CONTROL)
    end = tokens.index("<|im_end|>")
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.eos_token_id": end,
        "tokenizer.ggml.padding_token_id": tokens.index("<|endoftext|>"),
        "tokenizer.ggml.add_bos_token": False,
    }


def tokenizer() -> Tokenizer:
    """The tokenizer that the engine will use, read from the same keys."""
    return Tokenizer.from_gguf(build())


def save_for_transformers(folder: Path) -> None:
    """Write ``vocab.json``, ``merges.txt``, ``tokenizer.json`` and ``tokenizer_config.json`` of the vocabulary."""
    from tokenizers import AddedToken, Regex, decoders, normalizers, pre_tokenizers
    from tokenizers import Tokenizer as HfTokenizer
    from tokenizers.models import BPE

    from jianwei.model.tokenizer import QWEN2_SPLIT

    keys = build()
    tokens: list[str] = keys["tokenizer.ggml.tokens"]
    plain = {token: i for i, token in enumerate(tokens) if token not in CONTROL}
    merges = [tuple(line.split(" ")) for line in keys["tokenizer.ggml.merges"]]
    (folder / "vocab.json").write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(keys["tokenizer.ggml.merges"]) + "\n", encoding="utf-8")
    bpe = HfTokenizer(BPE(vocab=plain, merges=merges))
    bpe.normalizer = normalizers.NFC()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    bpe.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in CONTROL])
    if [bpe.token_to_id(name) for name in CONTROL] != [tokens.index(name) for name in CONTROL]:
        raise ValueError("control tokens must follow the plain ones")
    bpe.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "bos_token": None,
        "add_bos_token": False,
        "additional_special_tokens": list(CONTROL),
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
