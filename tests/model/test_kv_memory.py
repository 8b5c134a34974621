"""The KV blocks' memory: taken out and put back as bytes, resident only where written."""

from __future__ import annotations

import sys

import numpy as np
import psutil
import pytest
from test_paged_attention import KV_HEADS, OneLayer

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.model.kv_memory import KvMemory
from jianwei.model.ops import graph, parameter
from jianwei.model.runtime import Runtime


@pytest.mark.parametrize("kv_precision", ["u8", "u4", "f32"])
def test_a_sequence_goes_on_from_blocks_that_were_taken_out_and_put_back_elsewhere(kv_precision: str) -> None:
    whole, moved = OneLayer(kv_precision, "f32"), OneLayer(kv_precision, "f32")
    for layer in (whole, moved):
        layer.error([(0, 2 * KV_BLOCK_TOKENS + 5)])
    first, second, *rest = moved.tables[0]
    spare = moved.tables[1][:2]
    for block, place in zip((first, second), spare, strict=True):
        moved.kv.write(place, moved.kv.read(block))
        moved.kv.write(block, np.zeros(moved.kv.block_bytes, np.uint8))
    moved.tables[0] = [*spare, *rest]
    assert moved.error([(0, 3)]) == pytest.approx(whole.error([(0, 3)]), abs=1e-6)


def test_a_block_is_as_large_as_its_parts() -> None:
    layer = OneLayer("f32", "f32")
    assert layer.kv.block_bytes == 2 * 4 * KV_BLOCK_TOKENS * KV_HEADS * 64
    assert layer.kv.read(3).nbytes == layer.kv.block_bytes


def test_blocks_given_back_are_not_resident_and_others_stay() -> None:
    lets_go = sys.platform == "linux"  # elsewhere nothing happens, and every block keeps what it holds
    shape = [-1, 8, 40, 128]
    cache = parameter("cache", shape, np.float32)
    compiled = Runtime(1).compile(graph([cache], [cache]))
    kv = KvMemory([compiled.input("cache")], 256 << 20)
    held = np.random.default_rng(0).integers(0, 255, kv.block_bytes, np.uint8)
    before = psutil.Process().memory_info().rss
    for block in range(kv.n_blocks):
        kv.write(block, held)
    assert psutil.Process().memory_info().rss - before > 200 << 20
    kv.give_back(range(1, kv.n_blocks))
    assert (psutil.Process().memory_info().rss - before < 20 << 20) == lets_go
    assert np.array_equal(kv.read(0), held)
    assert kv.read(5).any() != lets_go


def test_blocks_given_back_can_be_written_again() -> None:
    kv = OneLayer("f32", "f32").kv
    held = np.random.default_rng(0).integers(0, 255, kv.block_bytes, np.uint8)
    kv.write(1, held)
    kv.give_back(range(1, kv.n_blocks))
    kv.write(1, held)
    assert np.array_equal(kv.read(1), held)
