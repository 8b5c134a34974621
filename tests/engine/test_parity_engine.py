"""Through the whole engine, answers are those of transformers: chunked, batched, or begun from the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType
from parity_cases import CASES, GENERATED, PRUNED
from parity_harness import Ask, Loaded, Tap, load, segments

from jianwei.engine.engine import Engine
from jianwei.model.decoder import KvPrecision

FLOAT32 = 1e-4
"""Relative error of one position's logits; the bar is 1e-3."""
ROW_BFLOAT16 = 3e-2
"""As in ``tests/model/test_parity.py``."""
MODELS = tuple(tiny_qwen3vl.MODELS)
NO_END: frozenset[int] = frozenset()
"""The reference goes on generating after an end token."""

MakeEngine = Callable[..., tuple[Engine, Tap]]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("tiny")

    @cache
    def loaded(
        model: str, precision: Literal["bf16", "f32"] = "f32", kv_precision: KvPrecision = "f32"
    ) -> Loaded:
        kind = GgmlType.F32 if precision == "f32" else GgmlType.F16
        return load(model, folder, kind, precision=precision, kv_precision=kv_precision)

    return loaded


@pytest.fixture(params=[False, True], ids=["plain", "drafts"])
def make_engine(request: pytest.FixtureRequest) -> Iterator[MakeEngine]:
    """Engines without and with guesses: the answers are the reference's either way."""
    engines: list[Engine] = []

    def make(loaded: Loaded, **options: Any) -> tuple[Engine, Tap]:
        tap = Tap(loaded.decoder)
        engine = Engine(tap, loaded.tower, NO_END, drafts=request.param, **options)
        engines.append(engine)
        return engine, tap

    yield make
    for engine in engines:
        engine.close()


def ask(engine: Engine, case: str, loaded: Loaded, name: str = "") -> Ask:
    return Ask(engine, name or case, segments(case, loaded), GENERATED)


@pytest.mark.parametrize("model", MODELS)
def test_greedy_answers_equal_the_reference(tiny: Any, make_engine: MakeEngine, model: str) -> None:
    loaded = tiny(model)
    engine, tap = make_engine(loaded)
    for case in CASES:
        result = ask(engine, case, loaded).result()
        assert result.tokens == loaded.of(case, "greedy").tolist(), case
        assert tap.found(loaded.of(case, "logits")) < FLOAT32, case


@pytest.mark.parametrize("chunk", [32, 45])
@pytest.mark.parametrize("model", MODELS)
def test_prompts_in_chunks_give_the_same_logits_and_answers(
    tiny: Any, make_engine: MakeEngine, model: str, chunk: int
) -> None:
    """45: chunks end within KV blocks and within pictures."""
    loaded = tiny(model)
    engine, tap = make_engine(loaded, prefill_chunk=chunk)
    for case in CASES:
        result = ask(engine, case, loaded).result()
        assert result.tokens == loaded.of(case, "greedy").tolist(), case
        assert tap.found(loaded.of(case, "logits")) < FLOAT32, case
    assert max(map(sum, tap.steps)) == chunk


@pytest.mark.parametrize("model", MODELS)
def test_answers_computed_together_are_those_computed_alone(
    tiny: Any, make_engine: MakeEngine, model: str
) -> None:
    loaded = tiny(model)
    engine, tap = make_engine(loaded, max_running=len(CASES), prefill_chunk=64)
    asks = {case: ask(engine, case, loaded) for case in CASES}
    for case, asked in asks.items():
        assert asked.result().tokens == loaded.of(case, "greedy").tolist(), case
        assert tap.found(loaded.of(case, "logits")) < FLOAT32, case
    assert max(map(len, tap.steps)) >= len(CASES) // 2, "hardly anything was computed together"


@pytest.mark.parametrize("case", [case for case in CASES if case != "smallest"])
@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_begun_from_the_cache_gives_the_same_logits_and_answer(
    tiny: Any, make_engine: MakeEngine, model: str, case: str
) -> None:
    loaded = tiny(model)
    engine, tap = make_engine(loaded)
    cold = ask(engine, case, loaded, "cold").result()
    tap.sequences.clear()
    warm = ask(engine, case, loaded, "warm").result()
    assert warm.cached_tokens >= 32 > cold.cached_tokens
    assert warm.vision_runs == 0
    assert warm.tokens == cold.tokens == loaded.of(case, "greedy").tolist()
    assert tap.found(loaded.of(case, "logits"), start=warm.cached_tokens) < FLOAT32


@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_taken_one_token_at_a_time_is_near_the_reference_in_8_bit_kv(
    tiny: Any, make_engine: MakeEngine, model: str
) -> None:
    """The way of every decoded token, held to the reference where bfloat16 and 8 bits are used."""
    loaded = tiny(model, "bf16", "u8")
    engine, tap = make_engine(loaded, prefill_chunk=1)
    for case in ("one_picture", "history"):
        Ask(engine, case, segments(case, loaded), 1).result()
        assert tap.found(loaded.of(case, "logits")) < ROW_BFLOAT16, case
    assert max(map(sum, tap.steps)) == 1


@pytest.mark.parametrize("chunk", [32, 45, 512])
@pytest.mark.parametrize("case", PRUNED)
@pytest.mark.parametrize("model", MODELS)
def test_pruned_pictures_give_the_references_answers_whole_in_chunks_and_from_the_cache(
    tiny: Any, make_engine: MakeEngine, model: str, case: str, chunk: int
) -> None:
    loaded = tiny(model)
    engine, tap = make_engine(loaded, prefill_chunk=chunk)
    cold = ask(engine, case, loaded, "cold").result()
    assert cold.pruned_tokens > cold.visual_tokens > 0 < cold.vision_runs
    assert cold.tokens == loaded.of(case, "greedy").tolist()
    assert tap.found(loaded.of(case, "logits")) < FLOAT32
    tap.sequences.clear()
    warm = ask(engine, case, loaded, "warm").result()
    assert warm.cached_tokens >= 32
    assert warm.vision_runs == 0
    assert warm.tokens == cold.tokens
    assert tap.found(loaded.of(case, "logits"), start=warm.cached_tokens) < FLOAT32
