"""Choosing tokens: against a slow, plain reading of the same rules, and by counting draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jianwei.engine.sampler import (
    Sampler,
    TokenCounts,
    draw,
    keep_likely,
    log_probability,
    place_of,
    top_k,
    top_p,
)
from jianwei.errors import InputError
from jianwei.types import SamplingParams

VOCAB = 700  # more than the tokens that top-p looks at first


def slow_probabilities(logits, params, prompt=(), generated=(), allowed=None):
    """Probability of every token: loops and a full sort in float64, straight from the definitions."""
    logits = [float(value) for value in logits]
    for token in {*prompt, *generated}:
        value = logits[token]
        logits[token] = value * params.repetition_penalty if value < 0 else value / params.repetition_penalty
    for token in set(generated):
        logits[token] -= params.presence_penalty + params.frequency_penalty * list(generated).count(token)
    left = [i for i in range(len(logits)) if allowed is None or (i < len(allowed) and allowed[i])]
    if params.top_k:
        edge = sorted((logits[i] for i in left), reverse=True)[: params.top_k][-1]
        left = [i for i in left if logits[i] >= edge]
    best = max(logits[i] for i in left)
    weights = {i: math.exp((logits[i] - best) / params.temperature) for i in left}
    if params.top_p < 1:
        total, reached, edge_weight = sum(weights.values()), 0.0, 1.0
        for i in sorted(left, key=lambda i: -weights[i]):
            if reached >= params.top_p * total:
                break
            reached += weights[i]
            edge_weight = weights[i]
        weights = {i: w for i, w in weights.items() if w >= edge_weight}
    weights = {i: w for i, w in weights.items() if w >= params.min_p}
    total = sum(weights.values())
    return {i: w / total for i, w in weights.items()}


def fast_probabilities(logits, params):
    kept, weights = keep_likely(logits, params)
    kept = np.arange(len(logits)) if kept is None else kept
    return dict(zip(kept.tolist(), (weights / weights.sum(dtype=np.float64)).tolist(), strict=True))


def assert_same(fast, slow):
    """Equal tokens and probabilities; rounding may put one token on a filter's edge on either side."""
    if fast.keys() == slow.keys():
        assert fast == pytest.approx(slow, rel=1e-4, abs=1e-9)
    else:
        larger, smaller = sorted((fast, slow), key=len, reverse=True)
        assert larger.keys() - smaller.keys() == {min(larger, key=larger.__getitem__)}


def test_greedy_takes_the_largest_logit():
    logits = np.array([0.5, 3.0, -1.0, 2.9], np.float32)
    assert Sampler(SamplingParams(), 4, []).sample(logits, None) == 1


def test_greedy_takes_the_largest_allowed_logit():
    logits = np.array([0.5, 3.0, -1.0, 2.9], np.float32)
    assert Sampler(SamplingParams(), 4, []).sample(logits, np.array([True, False, True, False])) == 0


def test_logits_of_the_caller_are_never_changed():
    logits = np.arange(8, dtype=np.float32)
    params = SamplingParams(temperature=0.7, top_k=3, presence_penalty=1.0, repetition_penalty=1.3)
    sampler = Sampler(params, 8, [7, 6])
    sampler.accept(5)
    sampler.sample(logits, np.ones(8, bool))
    assert logits.tolist() == list(range(8))


@pytest.mark.parametrize("temperature", [0.0, 1e-6, 0.8, 50.0])
@given(data=st.data())
def test_a_masked_token_is_never_chosen(temperature, data):
    logits = data.draw(arrays(np.float32, 40, elements=st.floats(-60, 60, width=32)))
    allowed = data.draw(arrays(np.bool_, data.draw(st.integers(1, 40))).filter(np.any))
    params = SamplingParams(
        temperature=temperature,
        top_k=data.draw(st.sampled_from([0, 1, 5])),
        top_p=data.draw(st.sampled_from([1.0, 0.5, 0.01])),
        min_p=data.draw(st.sampled_from([0.0, 0.2])),
        presence_penalty=data.draw(st.sampled_from([0.0, 2.0])),
        seed=data.draw(st.integers(0, 2**32)),
    )
    sampler = Sampler(params, 40, [])
    for _ in range(5):
        token = sampler.sample(logits, allowed)
        assert token < len(allowed)
        assert allowed[token]
        sampler.accept(token)


def test_no_allowed_token_is_an_error_not_a_token():
    sampler = Sampler(SamplingParams(), 4, [])
    with pytest.raises(ValueError, match="no token"):
        sampler.sample(np.zeros(4, np.float32), np.zeros(4, bool))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_numbers_are_an_error(bad, temperature):
    sampler = Sampler(SamplingParams(temperature=temperature), 4, [])
    with pytest.raises(ValueError, match="finite"):
        sampler.sample(np.array([1, bad, 0, 2], np.float32), None)


@given(data=st.data())
def test_filters_keep_what_the_definitions_say(data):
    seed = data.draw(st.integers(0, 10**6))
    spread = data.draw(st.sampled_from([0.01, 1.0, 5.0]))
    logits = (np.random.default_rng(seed).standard_normal(VOCAB) * spread).astype(np.float32)
    params = SamplingParams(
        temperature=data.draw(st.floats(0.05, 3.0)),
        top_k=data.draw(st.sampled_from([0, 1, 3, 50, 600, VOCAB, 10**6])),
        top_p=data.draw(st.one_of(st.just(1.0), st.floats(0.001, 0.999))),
        min_p=data.draw(st.one_of(st.just(0.0), st.floats(1e-6, 1.0))),
    )
    assert_same(fast_probabilities(logits, params), slow_probabilities(logits, params))


@given(
    prompt=st.lists(st.integers(0, 19), max_size=12),
    generated=st.lists(st.integers(0, 19), max_size=12),
    repetition=st.floats(0.5, 2.0),
    presence=st.floats(-2, 2),
    frequency=st.floats(-2, 2),
)
def test_penalties_are_those_of_transformers_and_openai(prompt, generated, repetition, presence, frequency):
    logits = np.linspace(-2, 2, 20).astype(np.float32)
    params = SamplingParams(
        temperature=1.0,
        repetition_penalty=repetition,
        presence_penalty=presence,
        frequency_penalty=frequency,
    )
    sampler = Sampler(params, 20, prompt)
    for token in generated:
        sampler.accept(token)
    slow = slow_probabilities(logits, params, prompt, generated)
    greedy = Sampler(
        SamplingParams(repetition_penalty=repetition, presence_penalty=presence, frequency_penalty=frequency),
        20,
        prompt,
    )
    for token in generated:
        greedy.accept(token)
    assert slow[greedy.sample(logits, None)] == pytest.approx(max(slow.values()), rel=1e-5)
    assert_same(fast_probabilities(sampler._penalized(logits), params), slow)


def test_presence_and_frequency_count_generated_tokens_only():
    logits = np.array([1.0, 0.9], np.float32)
    sampler = Sampler(SamplingParams(presence_penalty=2.0, frequency_penalty=2.0), 2, [0, 0, 0])
    assert sampler.sample(logits, None) == 0
    sampler.accept(0)
    assert sampler.sample(logits, None) == 1


@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(temperature=1.0),
        SamplingParams(temperature=0.7, top_p=0.8, top_k=20),
        SamplingParams(temperature=1.5, min_p=0.1),
        SamplingParams(temperature=1.0, top_p=0.9, presence_penalty=1.5, repetition_penalty=1.2),
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_draws_follow_the_probabilities(params, masked):
    """Pearson's chi-square over 20,000 draws with a fixed seed."""
    random = np.random.default_rng(5)
    logits = (random.standard_normal(50) * 2).astype(np.float32)
    allowed = random.random(50) < 0.6 if masked else None
    params = SamplingParams(**{**vars(params), "seed": 11})
    sampler = Sampler(params, 50, [1, 2, 3])
    for token in (4, 4, 5):
        sampler.accept(token)
    expected = slow_probabilities(logits, params, [1, 2, 3], [4, 4, 5], allowed)
    n = 20_000
    counts = np.bincount([sampler.sample(logits, allowed) for _ in range(n)], minlength=50)
    assert set(np.flatnonzero(counts)) <= set(expected)
    often = [i for i in expected if expected[i] * n >= 5]
    chi_square = sum((counts[i] - n * expected[i]) ** 2 / (n * expected[i]) for i in often)
    freedom = len(often) - 1
    assert chi_square < freedom + 4 * math.sqrt(2 * freedom) + 8  # beyond the 99.9% quantile


def test_equal_seeds_give_equal_tokens_and_other_seeds_others():
    logits = np.zeros(1000, np.float32)

    def tokens(seed):
        sampler = Sampler(SamplingParams(temperature=1.0, seed=seed), 1000, [])
        return [sampler.sample(logits, None) for _ in range(20)]

    assert tokens(3) == tokens(3)
    assert tokens(3) != tokens(4)
    assert tokens(None) != tokens(None)


def test_a_very_low_temperature_neither_overflows_nor_wanders():
    logits = np.array([80.0, 79.9, -80.0], np.float32)
    with np.errstate(all="raise", under="ignore"):
        sampler = Sampler(SamplingParams(temperature=2e-5, seed=1), 3, [])
        assert {sampler.sample(logits, None) for _ in range(50)} == {0}


def test_equal_logits_on_an_edge_are_kept_together():
    logits = np.array([1.0, 2.0, 1.0, 1.0, 0.0], np.float32)
    assert top_k(logits, 2).tolist() == [0, 1, 2, 3]
    assert top_p(np.array([0.1, 0.4, 0.25, 0.25], np.float32), 0.5).tolist() == [1, 2, 3]
    assert top_p(np.array([0.5, 0.25, 0.25], np.float32), 0.5).tolist() == [0]


@given(arrays(np.float32, st.integers(1, 900), elements=st.floats(0, 1, width=32)), st.floats(2**-53, 1))
def test_a_weight_of_zero_is_never_reached(weights, share):
    weights[len(weights) // 2] = 1.0
    place = place_of(weights, share)
    running = np.cumsum(weights, dtype=np.float64)
    assert weights[place] > 0
    assert running[place] >= share * running[-1] * (1 - 1e-5)
    assert running[place] - weights[place] <= share * running[-1] * (1 + 1e-5)


def test_draw_uses_the_whole_range():
    class Fixed:
        def __init__(self, value):
            self.value = value

        def random(self):
            return self.value

    weights = np.array([0, 1, 2, 0], np.float32)
    assert draw(weights, Fixed(0.0)) == 2
    assert draw(weights, Fixed(1 - 2**-53)) == 1


@given(st.lists(st.integers(-3, 320), max_size=400))
def test_token_counts_count(tokens):
    counts = TokenCounts(300)
    counts.extend(tokens)
    inside = [token for token in tokens if 0 <= token < 300]
    assert dict(zip(counts.ids.tolist(), counts.counts.tolist(), strict=True)) == {
        token: inside.count(token) for token in inside
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("top_k", -1),
        ("min_p", 1.5),
        ("presence_penalty", 2.5),
        ("frequency_penalty", math.nan),
        ("repetition_penalty", 0.0),
        ("seed", -1),
        ("max_tokens", 0),
    ],
)
def test_a_parameter_out_of_range_is_named(name, value):
    with pytest.raises(InputError) as caught:
        Sampler(SamplingParams(**{name: value}), 10, [])
    assert caught.value.code == "bad_value"
    assert caught.value.params["name"] == name


def test_the_log_probability_is_that_of_the_softmax():
    logits = np.random.default_rng(3).normal(0, 30, 500).astype(np.float32)
    weights = np.exp(logits.astype(np.float64) - logits.max())
    for token in (0, 17, int(logits.argmax())):
        expected = np.log(weights[token] / weights.sum())
        assert log_probability(logits, token) == pytest.approx(expected, abs=1e-4)
