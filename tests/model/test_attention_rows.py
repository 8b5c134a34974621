"""Queries and keys that the decoder gives out are those that its own attention uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_qwen3vl

from jianwei.model.configuration import decoder_config
from jianwei.model.decoder import Batch, Decoder
from jianwei.model.rope import text_cos_sin
from jianwei.model.runtime import Runtime
from jianwei.model.weights import WeightFile

KV_BYTES = 4 << 20


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> WeightFile:
    folder: Path = tmp_path_factory.mktemp("tiny")
    return WeightFile(tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], folder)[0])


def batch(decoder: Decoder, embeddings: np.ndarray, past: int, rows: list[int]) -> Batch:
    n_tokens = len(embeddings)
    return Batch(
        embeddings=embeddings,
        positions=np.tile(np.arange(past, past + n_tokens), (3, 1)),
        deepstack=None,
        past_lens=[past],
        new_lens=[n_tokens],
        tables=[[2, 0, 1]],
        logit_rows=rows,
    )


def norm(x: np.ndarray, weight: np.ndarray, eps: float) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight


def expected(file: WeightFile, decoder: Decoder, embeddings: np.ndarray, name: str, heads: int) -> np.ndarray:
    """Layer 0's queries or keys after norm and rotation, in numpy."""
    config = decoder.config
    x = norm(embeddings, file.floats("blk.0.attn_norm.weight"), config.eps)
    product = x @ file.rows(f"blk.0.attn_{name}.weight", np.arange(heads * config.head_dim)).T
    product = product.reshape(len(x), heads, config.head_dim)
    product = norm(product, file.floats(f"blk.0.attn_{name}_norm.weight"), config.eps)
    positions = np.tile(np.arange(len(x)), (3, 1))
    cos, sin = text_cos_sin(positions, config.head_dim, config.rope_sections, config.rope_theta)
    first, second = np.split(product, 2, axis=-1)
    return product * cos[:, None] + np.concatenate([-second, first], -1) * sin[:, None]


def test_rows_and_keys_are_those_of_the_layer(file: WeightFile) -> None:
    config = decoder_config(file)
    decoder = Decoder(file, config, Runtime(2, "f32"), "f32", KV_BYTES, (0, config.layers - 1))
    embeddings = decoder.embed(np.arange(5, 75))
    decoder.step(batch(decoder, embeddings[:40], 0, [39]))
    decoder.step(batch(decoder, embeddings[40:], 40, [0, 29]))
    queries, keys = decoder.queries(), decoder.keys([2, 0, 1], 70)
    assert queries.shape == (2, 2, config.heads, config.head_dim)
    assert keys.shape == (2, 70, config.kv_heads, config.head_dim)
    q = expected(file, decoder, embeddings, "q", config.heads)
    k = expected(file, decoder, embeddings, "k", config.kv_heads)
    assert np.abs(queries[0] - q[[40, 69]]).max() < 1e-3 * np.abs(q).max()
    assert np.abs(keys[0] - k).max() < 1e-3 * np.abs(k).max()


def test_giving_rows_out_changes_no_logits(file: WeightFile) -> None:
    config, runtime = decoder_config(file), Runtime(2, "f32")
    plain = Decoder(file, config, runtime, "f32", KV_BYTES)
    giving = Decoder(file, config, runtime, "f32", KV_BYTES, range(config.layers))
    embeddings = plain.embed(np.arange(9, 60))
    one = plain.step(batch(plain, embeddings, 0, [50])).copy()
    other = giving.step(batch(giving, embeddings, 0, [50]))
    assert np.array_equal(one, other)
