"""KV blocks on disk: a conversation goes on from them after a restart, and only where that is faster."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import Ask, HashDecoder, HashTower, expected, picture, words

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine import engine as engine_module
from jianwei.engine.engine import Engine
from jianwei.engine.kv_files import KvFiles

BUDGET = 1 << 20
PROMPT = [words(*range(1, 40)), picture("a", 6, 8), words(*range(1, 40))]
"""126 tokens: three full blocks and a rest."""


def held(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, 5000, np.uint8)


def kept(files: KvFiles, seed: int) -> None:
    files.put(f"key {seed}".encode(), lambda: held(seed), 0)


def test_what_was_kept_is_what_comes_back_in_another_process(tmp_path: Path) -> None:
    files = KvFiles(tmp_path / "new", BUDGET, "model")
    kept(files, 1)
    files.close()
    found = KvFiles(tmp_path / "new", BUDGET, "model").get(b"key 1", 0)
    assert found is not None
    assert np.array_equal(found, held(1))
    (file,) = (tmp_path / "new").iterdir()
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_model_or_block_finds_nothing(tmp_path: Path) -> None:
    files = KvFiles(tmp_path, BUDGET, "model")
    kept(files, 1)
    files.close()
    assert KvFiles(tmp_path, BUDGET, "another").get(b"key 1", 0) is None
    assert files.get(b"key 2", 0) is None


@pytest.mark.parametrize("cut", [0, 3, 2000])
def test_a_damaged_file_is_removed(tmp_path: Path, cut: int) -> None:
    files = KvFiles(tmp_path, BUDGET, "model")
    kept(files, 1)
    files.close()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:cut])
    assert files.get(b"key 1", 0) is None
    assert list(tmp_path.iterdir()) == ([file] if cut == 0 else [])


def test_the_end_of_a_conversation_goes_before_its_beginning(tmp_path: Path) -> None:
    files = KvFiles(tmp_path, 4 * 5004, "model")
    for place in range(5):
        files.put(f"key {place}".encode(), lambda: held(0), 100 - place)
        while not files.has_room() or files.stats()["kv_blocks_to_disk_total"] <= place:
            time.sleep(0.001)
    files.close()
    assert files.get(b"key 0", 0) is None
    assert files.get(b"key 4", 0) is not None
    assert len(list(tmp_path.iterdir())) <= 4


def test_where_computing_is_faster_nothing_is_kept_or_read(tmp_path: Path) -> None:
    files = KvFiles(tmp_path, BUDGET, "model")
    assert files.is_worth_it(1.0)
    kept(files, 1)
    files.close()
    files.get(b"key 1", 0)
    assert files.read_seconds is not None
    assert files.is_worth_it(None)
    assert files.is_worth_it(2 * files.read_seconds / KV_BLOCK_TOKENS)
    assert not files.is_worth_it(files.read_seconds / KV_BLOCK_TOKENS / 2)


Make = Callable[..., Engine]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Engines one after the other, each with an empty memory, on one folder; each step takes its time."""
    engines: list[Engine] = []

    def start(n_blocks: int = 64) -> Engine:
        for engine in engines:
            engine.close()
        engines.clear()
        files = KvFiles(tmp_path, BUDGET, "model")
        decoder = SlowDecoder(n_blocks)
        engines.append(Engine(decoder, HashTower(), frozenset({0}), kv_files=files))
        return engines[0]

    yield start
    for engine in engines:
        engine.close()


class SlowDecoder(HashDecoder):
    """So that reading from disk is worth it."""

    def step(self, batch):
        time.sleep(0.01 * sum(batch.new_lens))
        return super().step(batch)


def test_a_conversation_goes_on_after_a_restart_without_being_computed_again(make: Make) -> None:
    engine = make()
    answer = expected(PROMPT, 8)
    assert Ask(engine, "1", PROMPT).wait().tokens == answer
    engine = make()
    follow_up = [*PROMPT, words(*answer), words(9, 9, 9)]
    result = Ask(engine, "2", follow_up).wait()
    assert result.tokens == expected(follow_up, 8)
    assert result.cached_tokens == 4 * KV_BLOCK_TOKENS
    assert result.vision_runs == 0
    assert engine.stats()["kv_blocks_from_disk_total"] == 4


def test_a_conversation_whose_blocks_others_took_comes_back_from_disk(make: Make) -> None:
    engine = make(n_blocks=6)
    Ask(engine, "1", PROMPT).wait()
    for number in range(3):
        Ask(engine, f"other {number}", [words(*(1 + (i + number) % 40 for i in range(150)))]).wait()
    while engine.store.keep_next():
        time.sleep(0.001)
    result = Ask(engine, "2", PROMPT).wait()
    assert result.tokens == expected(PROMPT, 8)
    assert result.cached_tokens == 3 * KV_BLOCK_TOKENS
    assert result.vision_runs == 0


def test_a_conversation_that_rests_takes_no_memory_and_goes_on_from_disk(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_REST_AFTER", 0.01)
    monkeypatch.setattr(engine_module, "_LEAVE_AFTER", 0.2)
    engine = make()
    Ask(engine, "1", PROMPT).wait()
    deadline = time.monotonic() + 10
    while engine.stats()["kv_blocks_idle"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert engine.stats()["kv_blocks_idle"] == 0
    assert len(engine.decoder.kv.given_back) >= 4
    result = Ask(engine, "2", PROMPT).wait()
    assert result.tokens == expected(PROMPT, 8)
    assert result.cached_tokens == 3 * KV_BLOCK_TOKENS
    assert result.vision_runs == 0


def test_batch_work_is_not_kept(make: Make, tmp_path: Path) -> None:
    Ask(make(), "1", PROMPT, priority="batch").wait()
    make()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_block_is_computed_again(make: Make, tmp_path: Path) -> None:
    Ask(make(), "1", PROMPT).wait()
    engine = make()
    for file in tmp_path.iterdir():
        data = bytearray(file.read_bytes())
        data[100] ^= 1
        file.write_bytes(data)
    result = Ask(engine, "2", PROMPT).wait()
    assert result.tokens == expected(PROMPT, 8)
    assert result.cached_tokens == 0
