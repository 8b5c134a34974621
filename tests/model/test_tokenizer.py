from __future__ import annotations

import json
import runpy
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianwei.errors import ModelFileError
from jianwei.model.tokenizer import Tokenizer

REFERENCE = Path(__file__).parents[1] / "reference" / "tokens"
STRINGS: dict[str, Any] = runpy.run_path(str(REFERENCE / "mixed_strings.py"))
QWEN: dict[str, Any] = runpy.run_path(str(REFERENCE / "qwen_vocabulary.py"))


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    return QWEN["metadata"]()


@pytest.fixture(scope="module")
def tokenizer(metadata: dict[str, Any]) -> Tokenizer:
    return Tokenizer.from_gguf(metadata)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    texts: list[str] = STRINGS["mixed_strings"]()
    examples = json.loads((REFERENCE / "token-examples.json").read_text(encoding="utf-8"))
    assert STRINGS["fingerprint"](texts) == examples["strings"], "these are not the strings of the reference"
    return texts


@pytest.fixture(scope="module")
def ours(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [tokenizer.encode(text) for text in texts]


@pytest.fixture(scope="module")
def hashes(ours: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of our ids, and the three rows of the reference (see ``make_token_reference.py``)."""
    mine = np.array([STRINGS["hash_ids"](ids) for ids in ours], dtype=np.uint32)
    return mine, np.load(REFERENCE / "token-hashes.npy")


def test_first_hundred_strings_have_the_reference_ids(tokenizer: Tokenizer) -> None:
    examples = json.loads((REFERENCE / "token-examples.json").read_text(encoding="utf-8"))["examples"]
    assert len(examples) == 100
    for example in examples:
        assert tokenizer.encode(example["text"]) == example["ids"], ascii(example["text"])


def test_ids_of_10_000_mixed_strings_equal_llama_cpp_on_normalized_text(
    hashes: tuple[np.ndarray, np.ndarray],
) -> None:
    mine, reference = hashes
    assert len(mine) == 10_000
    assert np.flatnonzero(mine != reference[2]).tolist() == []


def test_ids_equal_the_official_tokenizer_json_but_for_control_tokens_it_finds_in_text(
    hashes: tuple[np.ndarray, np.ndarray], texts: list[str]
) -> None:
    mine, reference = hashes
    found_by_official = [word for word in QWEN["ADDED_WORDS"] if word.startswith("<|")]
    different = np.flatnonzero(mine != reference[0])
    assert all(any(name in texts[i] for name in found_by_official) for i in different)
    assert 0 < len(different) < 300


def test_without_normalization_llama_cpp_differs_in_decomposed_text_only(
    hashes: tuple[np.ndarray, np.ndarray], texts: list[str]
) -> None:
    mine, reference = hashes
    for i in np.flatnonzero(mine != reference[1]):
        assert not texts[i].isascii()
    assert (mine == reference[1]).sum() > 8900


def test_decomposed_characters_become_the_composed_ones(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("cafe\u0301") == tokenizer.encode("café")


@pytest.mark.parametrize("name", [*QWEN["CONTROL_TOKENS"], "<|fim_prefix|>", "<|file_sep|>", "[PAD151935]"])
@pytest.mark.parametrize("form", ["{}", "{0}{0}", " {} ", "a{}b", "<{}>", "\n{}\n"])
def test_text_that_looks_like_a_control_token_stays_text(tokenizer: Tokenizer, name: str, form: str) -> None:
    text = form.format(name)
    ids = tokenizer.encode(text)
    assert not set(ids) & (set(tokenizer.special.values()) | set(range(151669, 151936)))
    assert tokenizer.decode(ids) == text


def test_added_words_that_are_not_special_have_their_id(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a<think>b</think>") == [64, 151667, 65, 151668]
    assert tokenizer.token_bytes(151667) == b"<think>"


def test_no_string_gives_a_control_or_unused_token(ours: list[list[int]], tokenizer: Tokenizer) -> None:
    forbidden = set(tokenizer.special.values()) | set(range(151669, 151936))
    assert not any(forbidden.intersection(ids) for ids in ours)


# Only characters that every Python knows: how they normalize never changes again.
@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cn"))))
def test_any_text_comes_back_in_its_composed_form(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == unicodedata.normalize("NFC", text)


def test_half_surrogates_do_not_break_encoding(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("a\ud83d")) == "a\ufffd"
    assert tokenizer.encode("\ud83d\ude00") == tokenizer.encode("😀")


def test_every_token_of_the_vocabulary_has_its_bytes(tokenizer: Tokenizer) -> None:
    pieces = tokenizer.all_token_bytes()
    assert len(pieces) == tokenizer.vocab_size == 151936
    assert sorted(pieces[:256]) == [bytes([b]) for b in range(256)]
    assert len(set(pieces[:151643])) == 151643
    silent = [i for i, piece in enumerate(pieces) if not piece]
    assert silent == [*range(151643, 151657), *range(151659, 151665), *range(151669, 151936)]
    assert tokenizer.token_bytes(108386) == "你好".encode()


def test_stream_never_splits_a_character(tokenizer: Tokenizer) -> None:
    text = "👨‍👩‍👧‍👦𠮷野家 naïve 🇨🇳 ꧁"
    decoder = tokenizer.stream_decoder()
    pieces = [decoder.push(token) for token in tokenizer.encode(text)]
    assert "" in pieces, "no character of this text spans two tokens"
    assert "\ufffd" not in "".join(pieces)
    assert "".join(pieces) + decoder.flush() == text


@settings(deadline=None)
@given(tokens=st.lists(st.integers(0, 151935), max_size=40))
def test_streamed_pieces_make_up_the_whole_text_whatever_the_tokens(
    tokenizer: Tokenizer, tokens: list[int]
) -> None:
    decoder = tokenizer.stream_decoder()
    pieces = [decoder.push(token) for token in tokens]
    whole = b"".join(map(tokenizer.token_bytes, tokens)).decode("utf-8", errors="replace")
    assert "".join(pieces) + decoder.flush() == whole == tokenizer.decode(tokens)


@settings(deadline=None)
@given(raw=st.lists(st.integers(0, 255), max_size=24))
def test_streamed_single_bytes_decode_as_a_whole_would(tokenizer: Tokenizer, raw: list[int]) -> None:
    token_of = {piece: i for i, piece in enumerate(tokenizer.all_token_bytes()[:256])}
    decoder = tokenizer.stream_decoder()
    streamed = "".join(decoder.push(token_of[bytes([byte])]) for byte in raw) + decoder.flush()
    assert streamed == bytes(raw).decode("utf-8", errors="replace")


def test_control_tokens_are_silent_in_a_stream(tokenizer: Tokenizer) -> None:
    decoder = tokenizer.stream_decoder()
    assert decoder.push(tokenizer.special["<|im_end|>"]) == ""
    assert decoder.flush() == ""


def test_both_ends_of_an_answer_are_known(tokenizer: Tokenizer) -> None:
    assert tokenizer.eos_ids == {151645, 151643}
    assert tokenizer.special["<|image_pad|>"] == 151655


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tokenizer.ggml.model": "llama"}, "model_unsupported"),
        ({"tokenizer.ggml.pre": "gpt-4o"}, "model_unsupported"),
        ({"tokenizer.ggml.model": None}, "model_unsupported"),
        ({"tokenizer.ggml.tokens": None}, "model_truncated"),
        ({"tokenizer.ggml.tokens": []}, "model_truncated"),
        ({"tokenizer.ggml.tokens": ["a", 3]}, "model_truncated"),
        ({"tokenizer.ggml.token_type": [1, 1]}, "model_truncated"),
        pytest.param({"tokenizer.ggml.token_type": [3] * 151936}, "model_truncated", id="no bytes"),
        pytest.param({"tokenizer.ggml.tokens": ["一"] * 151936}, "model_truncated", id="no byte alphabet"),
        pytest.param({"tokenizer.ggml.tokens": ["!"] * 151936}, "model_truncated", id="all alike"),
        ({"tokenizer.ggml.merges": ["zzzz qqqq9"]}, "model_truncated"),
        ({"tokenizer.ggml.merges": ["nospace"]}, "model_truncated"),
        ({"tokenizer.ggml.merges": "a b"}, "model_truncated"),
        ({"tokenizer.ggml.eos_token_id": 151936}, "model_truncated"),
        ({"tokenizer.ggml.eos_token_id": None}, "model_truncated"),
        ({"tokenizer.ggml.eos_token_id": True}, "model_truncated"),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_one_clear_error(
    metadata: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(ModelFileError) as caught:
        Tokenizer.from_gguf(metadata | change, name="model.gguf")
    assert caught.value.code == code
    assert "model.gguf" in caught.value.text("zh")


def test_two_tokens_written_alike_are_refused(metadata: dict[str, Any]) -> None:
    tokens = metadata["tokenizer.ggml.tokens"].copy()
    tokens[5000] = tokens[6000]
    with pytest.raises(ModelFileError):
        Tokenizer.from_gguf(metadata | {"tokenizer.ggml.tokens": tokens})
