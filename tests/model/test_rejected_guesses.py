"""Tokens that were guessed wrongly are written over: what stays in the KV blocks is as good as if they had never come.

Keys of 8 bits share scales over a block, so a wrong token may widen a scale for those beside it. What that does to
logits is held here against what 8 bits do anyway.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGMLQuantizationType as GgmlType
from parity_harness import error, load, worst_row_error

from jianwei.model.decoder import Batch, Decoder, KvPrecision

Floats = npt.NDArray[np.float32]
PROMPT, END = 40, 104
"""The answer goes over two ends of blocks."""
TABLE = list(range(6))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("tiny")

    @cache
    def loaded(precision: Literal["bf16", "f32"], kv_precision: KvPrecision) -> Decoder:
        return load("tied", folder, GgmlType.F32, precision=precision, kv_precision=kv_precision).decoder

    return loaded


def answer(decoder: Decoder, right: int, wrong: int) -> Floats:
    """Logits of a given answer's tokens, so many a step, each step's followed by wrong ones that are then forgotten."""
    random = np.random.default_rng(0)
    ids = random.integers(0, decoder.config.vocab, END)

    def step(tokens: npt.NDArray[np.int64], past: int, rows: int) -> Floats:
        end = past + len(tokens)
        batch = Batch(
            embeddings=decoder.embed(tokens),
            positions=np.tile(np.arange(past, end), (3, 1)),
            deepstack=None,
            past_lens=[past],
            new_lens=[len(tokens)],
            tables=[TABLE],
            logit_rows=list(range(rows)),
        )
        return decoder.step(batch).copy()

    step(ids[:PROMPT], 0, 1)
    logits: list[Floats] = []
    for at in range(PROMPT, END, right):
        tokens = ids[at : at + right]
        junk = random.integers(0, decoder.config.vocab, wrong)
        logits.append(step(np.concatenate([tokens, junk]), at, len(tokens)))
    return np.concatenate(logits)


@pytest.mark.parametrize("wrong", [1, 7, 15])
@pytest.mark.parametrize("right", [1, 5])
def test_float_keys_know_nothing_of_wrong_guesses(decoder: Any, right: int, wrong: int) -> None:
    exact = decoder("f32", "f32")
    assert worst_row_error(answer(exact, right, wrong), answer(exact, 1, 0)) < 1e-5


@pytest.mark.parametrize("wrong", [3, 15])
@pytest.mark.parametrize("right", [1, 5])
def test_wrong_guesses_cost_8_bit_keys_little_beside_what_8_bits_cost(
    decoder: Any, right: int, wrong: int
) -> None:
    exact = answer(decoder("f32", "f32"), 1, 0)
    coarse = decoder("f32", "u8")
    with_, without = (error(answer(coarse, right, n), exact) for n in (wrong, 0))
    assert 0 < without < 0.03
    assert with_ < 1.8 * without, (
        "random tokens, one right and fifteen wrong at every step: the worst there is"
    )
