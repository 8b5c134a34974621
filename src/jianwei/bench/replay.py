"""Given answers, said by a model of random weights: how fast they come with guesses and forced tokens.

Random weights copy nothing, so guesses from a prompt would never be right. Here the model computes every step in full,
and whatever it would like to say, the given token is chosen: so guesses are as often right as they are in that text.
``replay.json`` holds prompts (lines that OCR reads in drawn scenes, and a question) and the right answers, in tokens of
Qwen's vocabulary, and which of these the schema forces; ``scripts/make_replay.py`` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jianwei.engine.grammar import GrammarState
from jianwei.engine.sampler import TokenMask

_FILE = Path(__file__).with_name("replay.json")

_WORDS = 151643
"""Ordinary tokens of Qwen's vocabulary."""


@dataclass(frozen=True)
class Recording:
    """One answer.

    Attributes:
        kind: ``ocr`` or ``json``.
        prompt, answer: token ids.
        forced: places in the answer whose tokens the schema forces.
    """

    kind: str
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    forced: frozenset[int]


def recordings(vocab: int) -> list[Recording]:
    """All of them, for a vocabulary of so many tokens: in one smaller than Qwen's, other tokens stand for theirs."""

    def ids(tokens: list[int]) -> tuple[int, ...]:
        return tuple(tokens if vocab >= _WORDS else (token % (vocab // 2) for token in tokens))

    return [
        Recording(item["kind"], ids(item["prompt"]), ids(item["answer"]), frozenset(item["forced"]))
        for item in json.loads(_FILE.read_text(encoding="utf-8"))
    ]


class Replayed(GrammarState):
    """Lets nothing but a given answer be said; only tokens that its schema forced come as forced ones."""

    def __init__(self, recording: Recording, vocab: int) -> None:
        """Stand at the beginning of the answer, over a vocabulary of so many tokens."""
        self._recording = recording
        self._vocab = vocab
        self._said = 0

    def mask(self) -> TokenMask:
        """The given token alone."""
        mask = np.zeros(self._vocab, np.bool_)
        mask[self._recording.answer[self._said]] = True
        return mask

    def accept(self, token: int) -> None:
        """Go on by one token; raises ``ValueError`` if it is not the given one."""
        if token != self._recording.answer[self._said]:
            raise ValueError(f"token {token} is not the given one")
        self._said += 1

    @property
    def may_end(self) -> bool:
        """At the end of the recording."""
        return self.is_complete

    @property
    def is_complete(self) -> bool:
        """At the end of the recording."""
        return self._said == len(self._recording.answer)

    def forced_tokens(self) -> list[int]:
        """The tokens from here on that the schema forces."""
        end = self._said
        while end in self._recording.forced:
            end += 1
        return list(self._recording.answer[self._said : end])

    def count_allowed(self, tokens: Sequence[int]) -> int:
        """All: which of them the schema would not allow was not written down."""
        return len(tokens)

    def closing(self) -> list[int]:
        """Nothing to add."""
        return []
