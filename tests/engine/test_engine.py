"""The engine's promises, on a model whose answers change with any wrong block, position or order."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from fakes import Bench, expected, picture, words
from hypothesis import given, settings
from hypothesis import strategies as st

from jianwei.engine import engine
from jianwei.errors import EngineError, InputError
from jianwei.model.chat_template import Segment, TextSegment
from jianwei.model.decoder import Batch


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.close()


PROMPT: list[Segment] = [words(*range(1, 41)), picture("cat"), words(5, 6, 7)]


def test_answer_depends_on_every_word_picture_and_position(bench: Bench) -> None:
    ask = bench.ask("a", *PROMPT)
    assert ask.wait().tokens == expected(PROMPT, 8) == ask.tokens


def test_second_question_on_a_picture_runs_no_vision_tower_and_no_picture_prefill(bench: Bench) -> None:
    bench.ask("a", *PROMPT).wait()
    steps = len(bench.decoder.steps)
    again = [words(*range(1, 41)), picture("cat"), words(9, 9, 9)]
    result = bench.ask("b", *again).wait()
    assert result.tokens == expected(again, 8)
    assert len(bench.tower.encoded) == 1
    assert result.vision_runs == 0
    assert result.cached_tokens == 32 * (len_of(again) // 32)
    assert bench.decoder.steps[steps] == [len_of(again) - result.cached_tokens]


def test_attention_rows_are_those_that_predict_and_keys_come_from_known_blocks_too(bench: Bench) -> None:
    bench.ask("a", *PROMPT).wait()
    result = bench.ask("b", *PROMPT, attention=True).wait()
    assert result.cached_tokens > 0
    rows, prompt = result.attention, len_of(PROMPT)
    assert rows is not None
    assert rows.queries.shape == (8, 1, 1, 2)
    assert rows.queries[:, 0, 0, 0].tolist() == list(range(prompt, prompt + 8))
    answer = result.tokens[:-1]
    assert rows.keys[0, :40, 0, 0].tolist() == list(range(1, 41))
    assert rows.keys[0, prompt:, 0, 0].tolist() == answer


def test_attention_is_not_gathered_unless_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.decoder, "queries", None)
    assert bench.ask("a", *PROMPT).wait().attention is None


def test_sequences_sent_back_to_the_queue_keep_their_attention_rows() -> None:
    small = Bench(n_blocks=6)
    try:
        small.decoder.gated = True  # until both are there
        prompts = {name: [words(*range(1, 41)), words(i + 1, 2)] for i, name in enumerate("ab")}
        asks = {n: small.ask(n, *p, attention=True, max_tokens=60) for n, p in prompts.items()}
        small.decoder.gated = False
        small.decoder.gate.release(50)
        for name, ask in asks.items():
            rows = ask.wait().attention
            assert rows is not None
            start = len_of(prompts[name])
            assert rows.queries[:, 0, 0, 0].tolist() == list(range(start, start + 60))
        assert small.engine.scheduler.preempted_total > 0
    finally:
        small.engine.close()


def test_known_picture_elsewhere_in_a_prompt_runs_no_vision_tower(bench: Bench) -> None:
    bench.ask("a", *PROMPT).wait()
    other = [words(8, 8), picture("cat"), words(1)]
    result = bench.ask("b", *other).wait()
    assert result.tokens == expected(other, 8)
    assert (result.vision_runs, result.cached_tokens) == (0, 0)


def test_equal_words_around_different_pictures_share_nothing_of_the_pictures(bench: Bench) -> None:
    bench.ask("a", *PROMPT).wait()
    other = [words(*range(1, 41)), picture("dog"), words(5, 6, 7)]
    result = bench.ask("b", *other).wait()
    assert result.tokens == expected(other, 8)
    assert result.cached_tokens == 32


def test_long_prompt_in_chunks_does_not_hold_up_an_answer_under_way() -> None:
    bench = Bench(prefill_chunk=32)
    bench.decoder.gated = True
    short = bench.ask("short", words(1, 2, 3), max_tokens=20)
    bench.decoder.gate.release()
    long = bench.ask("long", words(*[i % 49 + 1 for i in range(400)]))
    bench.decoder.gated = False
    bench.decoder.gate.release(50)
    assert short.wait().tokens == expected([words(1, 2, 3)], 20)
    assert long.wait().tokens == expected([words(*[i % 49 + 1 for i in range(400)])], 8)
    together = [step for step in bench.decoder.steps if len(step) == 2 and max(step) == 32]
    assert len(together) >= 10, "prompt chunks and decoded tokens must share steps"
    bench.engine.close()


def test_picture_larger_than_a_chunk_of_the_prompt_is_taken_in_chunks() -> None:
    bench = Bench(prefill_chunk=32)
    prompt = [words(1, 2), picture("page", 10, 12), words(3)]
    assert bench.ask("a", *prompt).wait().tokens == expected(prompt, 8)
    bench.engine.close()


def test_decoder_rests_once_when_nothing_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_REST_AFTER", 0.01)
    rested: list[int] = []
    for name in ("a", "b"):
        assert bench.ask(name, words(1, 2)).wait().tokens == expected([words(1, 2)], 8)
        rested.append(len(bench.decoder.steps))
        deadline = time.monotonic() + 10
        while bench.decoder.rested_after != rested and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.1)
        assert bench.decoder.rested_after == rested


def test_blocks_that_hold_nothing_any_more_are_given_back_at_rest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_REST_AFTER", 0.01)
    prompt = [words(*range(1, 40))]
    assert bench.ask("a", *prompt).wait().tokens == expected(prompt, 8)
    deadline = time.monotonic() + 10
    while not bench.decoder.kv.given_back and time.monotonic() < deadline:
        time.sleep(0.005)
    assert bench.decoder.kv.given_back == [1], (
        "the first block may be asked for again, the second was not full"
    )
    assert bench.ask("b", *prompt).wait().tokens == expected(prompt, 8)


def test_end_token_ends_the_answer_and_is_not_part_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = bench.decoder
    original = decoder.step

    def step(batch: Batch) -> np.ndarray:
        logits = original(batch)
        if len(decoder.steps) == 4:
            logits[:] = 0
            logits[:, 0] = 1
        return logits

    monkeypatch.setattr(decoder, "step", step)
    result = bench.ask("a", words(1, 2, 3)).wait()
    assert (result.finish_reason, result.tokens) == ("stop", expected([words(1, 2, 3)], 3))


def test_caller_can_end_the_answer(bench: Bench) -> None:
    bench.decoder.gated = True
    ask = bench.ask("a", words(1, 2, 3), max_tokens=500)
    ask.stop_after = 3
    bench.decoder.gate.release(50)
    result = ask.wait()
    assert (result.finish_reason, len(result.tokens)) == ("stop", 3)


def test_cancel_ends_an_answer_within_one_step(bench: Bench) -> None:
    bench.decoder.gated = True
    ask = bench.ask("a", words(1, 2, 3), max_tokens=500)
    bench.decoder.gate.release(2)
    while len(ask.tokens) < 2:
        pass
    bench.engine.cancel("a")
    bench.decoder.gate.release(1)
    result = ask.wait()
    assert result.finish_reason == "cancelled"
    assert len(result.tokens) <= 3
    assert bench.engine.stats()["kv_blocks_used"] == 0


def test_cancel_of_an_unknown_id_changes_nothing(bench: Bench) -> None:
    bench.engine.cancel("nobody")
    assert bench.ask("a", words(1)).wait().tokens == expected([words(1)], 8)


def test_prompt_beyond_the_context_is_refused_before_any_work(bench: Bench) -> None:
    with pytest.raises(InputError) as caught:
        bench.ask("a", words(*[1] * 64 * 32))
    assert caught.value.code == "context_too_long"
    assert not bench.decoder.steps


def test_answer_ends_with_length_where_the_kv_budget_ends() -> None:
    bench = Bench(n_blocks=2)
    result = bench.ask("a", words(*[3] * 60), max_tokens=100).wait()
    assert (result.finish_reason, result.tokens) == ("length", expected([words(*[3] * 60)], 4))
    bench.engine.close()


def test_failed_step_fails_its_requests_and_the_engine_goes_on(bench: Bench) -> None:
    bench.decoder.fail_next = True
    error = bench.ask("a", words(1, 2)).wait_error()
    assert isinstance(error, EngineError)
    assert error.code == "engine_failed"
    assert bench.ask("b", words(1, 2)).wait().tokens == expected([words(1, 2)], 8)
    assert bench.engine.stats()["kv_blocks_used"] == 0


def test_a_plan_that_fails_fails_what_is_asked_and_the_engine_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bench.engine.scheduler, "plan", broken)
    assert bench.ask("a", words(1, 2)).wait_error().code == "engine_failed"
    monkeypatch.undo()
    assert bench.ask("b", words(1, 2)).wait().tokens == expected([words(1, 2)], 8)
    assert bench.engine.stats()["kv_blocks_used"] == 0


def test_failed_vision_tower_fails_its_request_and_the_engine_goes_on(bench: Bench) -> None:
    bench.tower.fail_next = True
    assert bench.ask("a", *PROMPT).wait_error().code == "engine_failed"
    assert bench.ask("b", *PROMPT).wait().tokens == expected(PROMPT, 8)


def test_closing_ends_what_runs_as_cancelled() -> None:
    bench = Bench()
    bench.decoder.gated = True
    ask = bench.ask("a", words(1), max_tokens=100)
    bench.decoder.gate.release(200)
    bench.engine.close()
    assert ask.wait().finish_reason in ("cancelled", "length")


def test_same_picture_asked_by_two_at_once_runs_the_tower_once(bench: Bench) -> None:
    asks = [bench.ask(str(i), words(i + 1), picture("cat"), words(2)) for i in range(4)]
    for i, ask in enumerate(asks):
        assert ask.wait().tokens == expected([words(i + 1), picture("cat"), words(2)], 8)
    assert len(bench.tower.encoded) == 1


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_blocks=st.integers(5, 24),
    chunk=st.sampled_from([32, 33, 64, 512]),
    running=st.integers(1, 6),
)
def test_any_mix_of_requests_in_scarce_blocks_answers_as_each_would_alone(
    seed: int, n_blocks: int, chunk: int, running: int
) -> None:
    """Chunks, classes, shared beginnings, evicted and preempted blocks: none of it may show in an answer."""
    random_ = random.Random(seed)
    bench = Bench(n_blocks=n_blocks, prefill_chunk=chunk, max_running=running)
    common = [random_.randrange(1, 50) for _ in range(40)]
    asks = []
    for i in range(10):
        segments: list[Segment] = [words(*common[: random_.randrange(1, 41)])]
        if random_.random() < 0.5:
            segments += [picture(random_.choice("abc"), 2, random_.choice([2, 5])), words(3)]
        segments.append(words(*[random_.randrange(1, 50) for _ in range(random_.randrange(1, 60))]))
        n_tokens = random_.randrange(1, 24)
        priority = random_.choice(["interactive", "batch"])
        ask = bench.ask(f"{i}", *segments, max_tokens=n_tokens, priority=priority)
        asks.append((segments, n_tokens, ask))
    for segments, n_tokens, ask in asks:
        assert ask.wait().tokens == expected(segments, n_tokens)[: len(ask.tokens)]
        assert len(ask.tokens) == n_tokens or len_of(segments) + len(ask.tokens) == n_blocks * 32
    assert bench.engine.stats()["kv_blocks_used"] == 0
    bench.engine.close()


def len_of(segments: Sequence[Segment]) -> int:
    return sum(
        len(segment.ids) if isinstance(segment, TextSegment) else segment.n_tokens for segment in segments
    )
