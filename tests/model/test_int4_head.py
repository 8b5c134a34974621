"""The output layer in 4 bits: what it loses, what is made exact again, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType
from hypothesis import given
from hypothesis import strategies as st
from parity_harness import error

from jianwei.model.configuration import decoder_config
from jianwei.model.decoder import Batch, Decoder, Head
from jianwei.model.matrix import four_bit_group
from jianwei.model.runtime import Runtime
from jianwei.model.shortlist import MOST, likeliest
from jianwei.model.weights import INT4, WeightFile

ROWS = 30


@pytest.fixture(scope="module", params=["tied", "untied"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WeightFile:
    folder: Path = tmp_path_factory.mktemp("tiny")
    return WeightFile(tiny_qwen3vl.write(tiny_qwen3vl.MODELS[request.param], folder, GgmlType.F32)[0])


def stepped(file: WeightFile, head: Head) -> tuple[Decoder, np.ndarray]:
    """A decoder after one step, and the step's logits, a copy."""
    config = decoder_config(file)
    decoder = Decoder(file, config, Runtime(2, "f32"), "f32", 4 << 20, attention_layers=(0,), head=head)
    ids = np.random.default_rng(1).integers(0, config.vocab, ROWS)
    batch = Batch(
        embeddings=decoder.embed(ids),
        positions=np.tile(np.arange(ROWS), (3, 1)),
        deepstack=None,
        past_lens=[0],
        new_lens=[ROWS],
        tables=[[0]],
        logit_rows=list(range(ROWS)),
    )
    return decoder, decoder.step(batch).copy()


def test_rounding_to_four_bits_loses_under_a_tenth(file: WeightFile) -> None:
    name = "token_embd.weight"
    stored, rounded = file.floats(name), file.matrix(name + INT4)
    assert rounded.bits == 4
    lost = error(rounded.dequantize(), stored)
    assert 0.02 < lost < 0.095
    step = np.repeat(np.abs(rounded.scales), rounded.group, axis=1)
    assert (np.abs(rounded.dequantize() - stored) <= 1.3 * step).all()


@pytest.mark.parametrize(("cols", "group"), [(2048, 256), (384, 128), (96, 32), (256, 256)])
def test_groups_are_as_wide_as_rows_allow(cols: int, group: int) -> None:
    assert four_bit_group(cols) == group


def test_only_the_output_layer_is_rounded(file: WeightFile) -> None:
    exact, coarse = stepped(file, "file")[1], stepped(file, "int4")[1]
    assert 0.01 < error(coarse, exact) < 0.12


def test_the_likeliest_tokens_are_made_exact(file: WeightFile) -> None:
    _, exact = stepped(file, "file")
    decoder, logits = stepped(file, "int4")
    coarse = logits.copy()
    for row in range(ROWS):
        decoder.sharpen(logits[row], row)
        changed = np.flatnonzero(logits[row] != coarse[row])
        assert 0 < len(changed) <= MOST
        np.testing.assert_allclose(logits[row, changed], exact[row, changed], rtol=1e-3, atol=1e-4)
        best = exact[row].argmax()
        assert logits[row].argmax() == best
        assert logits[row, best] == pytest.approx(exact[row, best], rel=1e-3)


def test_among_the_allowed_ones_too(file: WeightFile) -> None:
    _, exact = stepped(file, "file")
    decoder, logits = stepped(file, "int4")
    # All but the likeliest hundred: what is chosen from lies far below.
    for row in range(ROWS):
        allowed = np.ones(logits.shape[1], bool)
        allowed[np.argsort(exact[row])[-100:]] = False
        decoder.sharpen(logits[row], row, allowed)
        best = np.where(allowed, exact[row], -np.inf).argmax()
        assert np.where(allowed, logits[row], -np.inf).argmax() == best
        assert (logits[row][allowed].max(), logits[row, best]) == pytest.approx(
            [exact[row, best]] * 2, rel=1e-3
        )


def test_a_layer_that_is_held_as_it_is_stays_so(file: WeightFile) -> None:
    for head in ("file", "auto"):  # a small one is held as the file has it
        decoder, logits = stepped(file, head)
        before = logits.copy()
        decoder.sharpen(logits[3], 3)
        np.testing.assert_array_equal(logits, before)


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.floats(0.01, 30))
def test_the_likeliest_are_the_highest(count: int, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    logits = (spread * rng.standard_normal(count)).astype(np.float32)
    allowed = rng.random(max(1, count - seed % 5)) < 0.5
    for mask in (None, allowed):
        chosen = likeliest(logits, mask)
        others = np.ones(count, bool) if mask is None else np.pad(mask, (0, count - len(mask)))
        if not others.any():
            assert len(chosen) == 0
            continue
        assert 0 < len(chosen) <= MOST
        assert len(set(chosen.tolist())) == len(chosen)
        assert others[chosen].all()
        others[chosen] = False
        assert not others.any() or logits[others].max() <= logits[chosen].min()


def test_of_few_allowed_ones_all_come_into_question() -> None:
    logits = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    for wanted in ([5, 777], [7, 8, 9_999]):
        allowed = np.zeros(10_000, bool)
        allowed[wanted] = True
        logits[wanted] = [0.1 * i for i in range(len(wanted))]
        assert sorted(likeliest(logits, allowed).tolist()) == wanted


def test_logits_that_are_all_the_same_or_no_numbers_are_taken() -> None:
    assert len(likeliest(np.zeros(1000, np.float32))) == MOST
    assert len(likeliest(np.full(1000, np.nan, np.float32))) == 0
