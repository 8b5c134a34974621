"""The built-in model's vocabulary: hanzi and common words are one token each, digits stay alone."""

from __future__ import annotations

import pytest

import vocabulary
from jianwei.model.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return vocabulary.tokenizer()


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.token_bytes(token).decode() for token in tokenizer.encode(text)]


def test_it_is_small(tokenizer: Tokenizer) -> None:
    assert 8_000 <= tokenizer.vocab_size <= 12_000


def test_every_character_of_gb2312_is_one_token(tokenizer: Tokenizer) -> None:
    characters = [one for one in vocabulary.gb2312_characters() if one.strip()]
    assert len(characters) > 7_400
    assert all(len(tokenizer.encode(one)) == 1 for one in characters)


@pytest.mark.parametrize("word", ["total", "Total", "picture", "What", "assistant", "bbox", "JSON"])
def test_common_words_are_one_token_wherever_they_stand(tokenizer: Tokenizer, word: str) -> None:
    assert pieces(tokenizer, word) == [word]
    assert pieces(tokenizer, f"a {word}.")[1:] == [" ", word, "."]


def test_digits_stay_alone(tokenizer: Tokenizer) -> None:
    assert pieces(tokenizer, "2030-11-05") == list("2030-11-05")


@pytest.mark.parametrize("text", ["Qazxw Ltd", "ẞ🙂", "鑫森淼焱垚", "\tprice\n"])
def test_whatever_is_written_comes_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_merges_of_words_are_of_letters_alone() -> None:
    merges = vocabulary.ENGLISH.read_text(encoding="ascii").splitlines()
    assert len(merges) == len(set(merges)) == 3000
    assert all(left.isalpha() and right.isalpha() for left, right in (line.split(" ") for line in merges))
