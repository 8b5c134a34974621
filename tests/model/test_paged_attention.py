"""OpenVINO's PagedAttention, as this version has it, attends to what the block tables say."""

from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.model.kv_memory import KvMemory
from jianwei.model.ops import parameter
from jianwei.model.paged_attention import (
    OPENVINO_SERIES,
    batch_inputs,
    cache_inputs,
    paged_attention,
    stored_keys,
)
from jianwei.model.runtime import infer

HEADS, KV_HEADS, DIM, BLOCKS = 4, 2, 64, 24


def test_openvino_is_the_version_whose_inputs_are_known() -> None:
    assert ov.get_version().startswith(OPENVINO_SERIES), (
        "another OpenVINO: compare src/core/include/openvino/op/paged_attention.hpp with model/paged_attention.py, "
        "run this file, then move OPENVINO_SERIES and the pin in pyproject.toml"
    )


class OneLayer:
    """PagedAttention alone, with a numpy twin that keeps the whole history."""

    def __init__(self, kv_precision: str, arithmetic: str) -> None:
        q = parameter("q", [-1, HEADS * DIM], np.float32)
        k, v = (parameter(name, [-1, KV_HEADS * DIM], np.float32) for name in "kv")
        batch, caches = batch_inputs(), cache_inputs(0)
        y = paged_attention(q, k, v, caches, batch, KV_HEADS, DIM)
        compiled = ov.Core().compile_model(
            ov.Model([op.result(y)], [q, k, v, *batch, *caches]),
            "CPU",
            {"KV_CACHE_PRECISION": kv_precision, "INFERENCE_PRECISION_HINT": arithmetic},
        )
        self.request = compiled.create_infer_request()
        names = ("key_cache.0", "value_cache.0")
        self.kv = KvMemory(map(compiled.input, names), 1)
        self.kv = KvMemory(map(compiled.input, names), BLOCKS * self.kv.block_bytes)
        for name, tensor in self.kv.tensors.items():
            self.request.set_tensor(name, tensor)
        self.rng = np.random.default_rng(0)
        scattered = self.rng.permutation(BLOCKS)
        self.tables = [scattered[:12].tolist(), scattered[12:].tolist()]
        self.history = [[np.zeros((0, KV_HEADS, DIM))] * 2 for _ in self.tables]

    def error(self, lengths: list[tuple[int, int]]) -> float:
        """Feed ``(sequence, new tokens)`` and compare with numpy: relative error."""
        n_tokens = sum(n for _, n in lengths)
        q, k, v = (
            self.rng.standard_normal((n_tokens, heads, DIM)).astype(np.float32)
            for heads in (HEADS, KV_HEADS, KV_HEADS)
        )
        past = [len(self.history[s][0]) for s, _ in lengths]
        used = [
            self.tables[s][: -(-(p + n) // KV_BLOCK_TOKENS)] for (s, n), p in zip(lengths, past, strict=True)
        ]
        infer(
            self.request,
            {
                "q": q.reshape(n_tokens, -1),
                "k": k.reshape(n_tokens, -1),
                "v": v.reshape(n_tokens, -1),
                "past_lens": np.array(past, np.int32),
                "subsequence_begins": np.cumsum([0, *(n for _, n in lengths)], dtype=np.int32),
                "block_indices": np.concatenate(used).astype(np.int32),
                "block_indices_begins": np.cumsum([0, *map(len, used)], dtype=np.int32),
                "max_context_len": np.array(
                    max(p + n for (_, n), p in zip(lengths, past, strict=True)), np.int32
                ),
            },
        )
        got = self.request.get_output_tensor(0).data.reshape(n_tokens, HEADS, DIM)
        exact, row = np.empty_like(got, np.float64), 0
        for (s, n), p in zip(lengths, past, strict=True):
            keys = self.history[s][0] = np.concatenate([self.history[s][0], k[row : row + n]])
            values = self.history[s][1] = np.concatenate([self.history[s][1], v[row : row + n]])
            exact[row : row + n] = attention(q[row : row + n], keys, values, p)
            row += n
        return float(np.linalg.norm(got - exact) / np.linalg.norm(exact))


def attention(q: np.ndarray, keys: np.ndarray, values: np.ndarray, past: int) -> np.ndarray:
    keys, values = (np.repeat(x, HEADS // KV_HEADS, axis=1) for x in (keys, values))
    scores = np.einsum("thd,shd->hts", q, keys) / DIM**0.5
    future = np.arange(len(keys))[None] > (past + np.arange(len(q)))[:, None]
    weights = np.exp(np.where(future[None], -np.inf, scores))
    return np.einsum("hts,shd->thd", weights / weights.sum(-1, keepdims=True), values)


@pytest.mark.parametrize(
    ("kv_precision", "arithmetic", "bound"), [("f32", "f32", 1e-5), ("u8", "f32", 2e-2), ("u4", "f32", 0.2)]
)
def test_chunks_decoding_and_mixed_batches_over_scattered_blocks(
    kv_precision: str, arithmetic: str, bound: float
) -> None:
    layer = OneLayer(kv_precision, arithmetic)
    for lengths in (
        [(0, 70)],
        [(1, 33)],
        [(0, 50), (1, 1)],
        [(0, 1), (1, 1)],
        [(0, 1), (1, 40)],
        [(1, 1), (0, 31)],
    ):
        assert layer.error(lengths) < bound


@pytest.mark.parametrize(
    ("kv_precision", "arithmetic", "bound"),
    [
        ("f32", "f32", 1e-6),
        ("u8", "f32", 1e-2),
        ("u8", "bf16", 1e-2),
        ("bf16", "bf16", 5e-3),
        ("u4", "f32", 0.1),
    ],
)
def test_keys_are_read_back_from_scattered_blocks_in_every_precision(
    kv_precision: str, arithmetic: str, bound: float
) -> None:
    layer = OneLayer(kv_precision, arithmetic)
    for lengths in ([(0, 70)], [(1, 33)], [(0, 1), (1, 40)]):
        layer.error(lengths)
    cache = layer.request.get_tensor("key_cache.0")
    for table, (written, _) in zip(layer.tables, layer.history, strict=True):
        keys = stored_keys(cache, table, len(written))
        assert keys.shape == written.shape
        assert np.abs(keys - written).max() / np.abs(written).max() < bound


def test_a_cache_of_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="key cache"):
        stored_keys(ov.Tensor(np.zeros((2, KV_HEADS, KV_BLOCK_TOKENS, DIM), np.uint8)), [0], 5)
