"""Answers with guesses and forced tokens are those without: token by token, row by row, block by block."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fakes import Ask, CopyDecoder, HashTower, picture, words
from hypothesis import given, settings
from hypothesis import strategies as st

from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarCompiler
from jianwei.engine.scheduler import Work
from jianwei.engine.sequence import EngineResult
from jianwei.model.chat_template import Segment
from jianwei.types import Grammar

TEXT = [random.Random(0).randrange(5, 50) for _ in range(70)]
COPYING: list[Segment] = [words(*TEXT), picture("page"), words(*TEXT[:12])]
SAMPLED = {"temperature": 0.9, "seed": 7, "top_p": 0.9}

VOCABULARY = [b"", *(bytes([byte]) for byte in range(1, 256))]
COMPILER = GrammarCompiler(VOCABULARY, {0}, lambda text: list(text.encode()))
FORM = Grammar(
    "json_schema",
    json.dumps(
        {
            "type": "object",
            "properties": {
                "merchant": {"enum": ["shop", "shore"]},
                "total": {"type": "integer", "maximum": 9},
            },
            "required": ["merchant", "total"],
            "additionalProperties": False,
        }
    ),
)


class Pair:
    """One engine with guesses, and one without."""

    def __init__(self, n_blocks: int = 64, vocab: int = 50, **options: Any) -> None:
        self.decoders = CopyDecoder(n_blocks, vocab), CopyDecoder(n_blocks, vocab)
        self.engines = tuple(
            Engine(decoder, HashTower(), frozenset({0}), drafts=drafts, **options)
            for decoder, drafts in zip(self.decoders, (True, False), strict=True)
        )

    def ask(self, *segments: Segment, form: Grammar | None = None, **options: Any) -> list[EngineResult]:
        """The answer of each."""
        return [
            Ask(
                engine,
                "a",
                segments,
                grammar=COMPILER.compile(form) if form else None,
                **options,
            ).wait()
            for engine in self.engines
        ]

    @property
    def steps(self) -> list[int]:
        return [len(decoder.steps) for decoder in self.decoders]

    def close(self) -> None:
        for engine in self.engines:
            engine.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


@pytest.mark.parametrize("sampling", [{}, SAMPLED, {**SAMPLED, "presence_penalty": 0.5}])
def test_answers_are_the_same_in_fewer_steps(pair: Pair, sampling: dict[str, Any]) -> None:
    with_, without = pair.ask(*COPYING, max_tokens=100, **sampling)
    assert with_.tokens == without.tokens
    assert len(with_.tokens) == 100
    assert with_.drafted_tokens >= with_.accepted_tokens > 10
    assert without.drafted_tokens == 0
    assert pair.steps[0] < 0.9 * pair.steps[1]
    stats = pair.engines[0].stats()
    assert stats["drafted_tokens_total"] == with_.drafted_tokens
    assert stats["accepted_tokens_total"] == with_.accepted_tokens


def test_steps_that_only_decode_are_told_from_those_with_prompts(pair: Pair) -> None:
    pair.ask(*COPYING, max_tokens=40)
    for engine, steps in zip(pair.engines, pair.steps, strict=True):
        assert engine.stats()["decode_steps_total"] == steps - 1


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_blocks=st.integers(8, 24),
    chunk=st.sampled_from([32, 64, 512]),
    running=st.integers(1, 6),
    attention=st.booleans(),
)
def test_any_mix_of_requests_in_scarce_blocks_answers_as_without_guesses(
    seed: int, n_blocks: int, chunk: int, running: int, attention: bool
) -> None:
    random_ = random.Random(seed)
    pair = Pair(n_blocks, prefill_chunk=chunk, max_running=running)
    requests = []
    for i in range(8):
        text = [random_.randrange(5, 50) for _ in range(random_.randrange(4, 40))]
        segments = [
            words(*text),
            picture(random_.choice("abc"), 2, 3),
            words(*text[: random_.randrange(1, 20)]),
        ]
        sampling = random_.choice([{}, {"temperature": 0.8, "seed": i}])
        requests.append((segments, {"max_tokens": random_.randrange(1, 60), **sampling}))
    answers = []
    for engine in pair.engines:
        asks = [
            Ask(engine, str(i), segments, attention=attention, **sampling)
            for i, (segments, sampling) in enumerate(requests)
        ]
        answers.append([ask.wait() for ask in asks])
        assert engine.stats()["kv_blocks_used"] == 0
    for with_, without in zip(*answers, strict=True):
        assert with_.tokens == without.tokens
        assert with_.finish_reason == without.finish_reason
        same_rows(with_, without)
    pair.close()


def same_rows(with_: EngineResult, without: EngineResult) -> None:
    """The heat map gets the same queries and keys."""
    assert (with_.attention is None) == (without.attention is None)
    if with_.attention is not None and without.attention is not None:
        np.testing.assert_array_equal(with_.attention.queries, without.attention.queries)
        np.testing.assert_array_equal(with_.attention.keys, without.attention.keys)


@pytest.mark.parametrize("n_tokens", range(20, 36))
def test_attention_rows_are_the_same_wherever_the_answer_is_cut_off(pair: Pair, n_tokens: int) -> None:
    with_, without = pair.ask(*COPYING, attention=True, max_tokens=n_tokens)
    assert with_.tokens == without.tokens
    assert with_.attention is not None
    assert len(with_.attention.queries) == n_tokens
    same_rows(with_, without)


def test_an_answer_ended_by_its_caller_ends_at_the_same_token(pair: Pair) -> None:
    for stop_after in range(5, 25):
        results = []
        for engine in pair.engines:
            ask = Ask(engine, "a", COPYING, max_tokens=100)
            ask.stop_after = stop_after
            results.append((ask.wait().tokens, ask.tokens, ask.wait().finish_reason))
        assert results[0] == results[1]
        assert len(results[0][0]) <= 100


def test_a_cancelled_answer_ends_within_a_step_and_gives_its_blocks_back(pair: Pair) -> None:
    decoder, engine = pair.decoders[0], pair.engines[0]
    decoder.gated = True
    ask = Ask(engine, "a", COPYING, max_tokens=500)
    decoder.gate.release(6)
    while len(decoder.steps) < 6:
        pass
    engine.cancel("a")
    decoder.gate.release(1)
    assert ask.wait().finish_reason == "cancelled"
    assert len(decoder.steps) <= 7
    assert engine.stats()["kv_blocks_used"] == 0


def test_blocks_filled_by_guesses_serve_the_next_question(pair: Pair) -> None:
    first, _ = pair.ask(*COPYING, max_tokens=90)
    assert first.accepted_tokens > 10
    follow_up = [*COPYING, words(*first.tokens), words(7, 8, 9)]
    with_, without = pair.ask(*follow_up, max_tokens=30)
    assert with_.tokens == without.tokens
    assert with_.cached_tokens == without.cached_tokens > first.prompt_tokens


def test_an_answer_ends_at_the_end_of_the_kv_budget() -> None:
    pair = Pair(n_blocks=5)
    with_, without = pair.ask(words(*TEXT), words(*TEXT[:12]), max_tokens=500)
    assert with_.tokens == without.tokens
    assert (with_.finish_reason, len(with_.tokens)) == ("length", 5 * 32 - 82)
    pair.close()


@pytest.mark.parametrize("sampling", [{}, {"temperature": 1.5, "seed": 3}, {"temperature": 1.5, "seed": 4}])
@pytest.mark.parametrize("attention", [False, True])
def test_forced_tokens_change_no_answer_and_take_fewer_steps(
    sampling: dict[str, Any], attention: bool
) -> None:
    pair = Pair(vocab=len(VOCABULARY))
    with_, without = pair.ask(words(1, 2, 3), form=FORM, attention=attention, max_tokens=200, **sampling)
    assert with_.tokens == without.tokens
    assert set(json.loads(bytes(with_.tokens))) == {"merchant", "total"}
    assert with_.finish_reason == without.finish_reason == "stop"
    assert with_.forced_tokens >= len("merchantho") + len("otal")
    assert without.forced_tokens == 0
    assert pair.steps[1] - pair.steps[0] >= with_.forced_tokens
    same_rows(with_, without)
    pair.close()


def test_guesses_that_a_grammar_does_not_allow_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(vocab=len(VOCABULARY))
    tried: list[tuple[int, ...]] = []
    step = pair.engines[0]._step

    def watched(work: list[Work]) -> None:
        for item in work:
            if item.draft:
                said = bytes(item.sequence.ids[item.sequence.prompt_tokens :])
                state = COMPILER.compile(FORM)
                for token in (*said, *item.draft):
                    assert state.mask()[token]
                    state.accept(token)
                tried.append(item.draft)
        step(work)

    monkeypatch.setattr(pair.engines[0], "_step", watched)
    prompt = words(*b'{"merchant": "none", "total": 99} {"merchant": "shop", "total": 33}')
    with_, without = pair.ask(prompt, form=FORM, max_tokens=200)
    assert with_.tokens == without.tokens
    assert tried
    pair.close()


@pytest.mark.parametrize("n_tokens", range(1, 20))
def test_a_form_cut_off_among_forced_tokens_is_closed_all_the_same(n_tokens: int) -> None:
    pair = Pair(vocab=len(VOCABULARY))
    with_, without = pair.ask(words(1, 2, 3), form=FORM, max_tokens=n_tokens)
    assert (with_.tokens, with_.closing) == (without.tokens, without.closing)
    assert len(with_.tokens) == n_tokens
    json.loads(bytes([*with_.tokens, *with_.closing]))
    pair.close()


@pytest.mark.parametrize("chunk", [2, 512])
def test_an_answer_that_is_there_is_weighed_token_by_token(chunk: int) -> None:
    pair = Pair(prefill_chunk=chunk)
    said = (7, 0, 9, 31, 8, 12)  # 0 ends answers, but not this one
    with_, without = pair.ask(*COPYING, said=said, max_tokens=len(said))
    for result in (with_, without):
        assert tuple(result.tokens) == said
        assert result.finish_reason == "stop"
        assert len(result.said_logprobs) == len(said)
        assert all(value < 0 for value in result.said_logprobs)
    assert with_.said_logprobs == pytest.approx(without.said_logprobs)
    likeliest, _ = pair.ask(*COPYING, max_tokens=len(said))
    best, _ = pair.ask(*COPYING, said=tuple(likeliest.tokens), max_tokens=len(said))
    assert sum(best.said_logprobs) > sum(with_.said_logprobs)
    pair.close()


def test_a_weighed_answer_takes_one_step_with_guesses() -> None:
    pair = Pair()
    before = pair.steps
    pair.ask(*COPYING, said=tuple(range(3, 13)), max_tokens=10)
    steps = [after - began for after, began in zip(pair.steps, before, strict=True)]
    assert steps[0] <= 3 < steps[1]
    pair.close()
