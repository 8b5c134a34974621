"""Unpacked weights come back from the disk as they were, or are made anew; nobody notices a damaged cache."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as GgmlType

from jianwei.errors import ModelFileError
from jianwei.model.matrix import Matrix
from jianwei.model.weight_cache import WeightCache
from jianwei.model.weights import WeightFile

NAMES = ["c", "a", "b", "d"]
BUDGET = 1 << 30


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "model.gguf", 0)


def write(path: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "qwen3vl")
    for name, kind in {"a": GgmlType.Q8_0, "b": GgmlType.Q8_0, "c": GgmlType.Q4_0, "d": GgmlType.F16}.items():
        data = gguf.quants.quantize(rng.standard_normal((96, 512)).astype(np.float32), kind)
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the matrices that were unpacked."""
    names: list[str] = []
    unpack = WeightFile.matrix

    def note(self: WeightFile, name: str, *args: str) -> Matrix:
        names.append(name)
        return unpack(self, name, *args)

    monkeypatch.setattr(WeightFile, "matrix", note)
    return names


def load(source: Path, cache: WeightCache | None) -> dict[str, Matrix]:
    return WeightFile(source, cache).matrices(NAMES)


def settled(folder: Path) -> Path:
    """The one finished file of a folder; waits for the disk."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        files = list(folder.glob("*.weights"))
        if files and not list(folder.glob("*.part")):
            (file,) = files
            return file
        time.sleep(0.01)
    raise AssertionError(list(folder.iterdir()))


def assert_equal(got: dict[str, Matrix], expected: dict[str, Matrix]) -> None:
    assert list(got) == list(expected)
    for name, other in expected.items():
        one = got[name]
        assert (one.rows, one.cols, one.bits, one.n_sums) == (
            other.rows,
            other.cols,
            other.bits,
            other.n_sums,
        )
        np.testing.assert_array_equal(one.dequantize(), other.dequantize())
        assert one.values.ctypes.data % 64 == 0  # else the plugin would copy it


def test_second_start_unpacks_nothing_and_gets_the_same(
    source: Path, tmp_path: Path, unpacked: list[str]
) -> None:
    plain = load(source, None)
    unpacked.clear()
    assert_equal(load(source, WeightCache(tmp_path / "cache", BUDGET)), plain)
    assert sorted(unpacked) == ["a", "b", "c", "d"]
    settled(tmp_path / "cache")
    unpacked.clear()
    assert_equal(load(source, WeightCache(tmp_path / "cache", BUDGET)), plain)
    assert unpacked == []


def test_nothing_written_into_the_arrays_reaches_the_file(source: Path, tmp_path: Path) -> None:
    cache = WeightCache(tmp_path / "cache", BUDGET)
    load(source, cache)
    settled(tmp_path / "cache")
    for matrix in load(source, cache).values():
        matrix.values[...] = 1
    assert_equal(load(source, cache), load(source, None))


@pytest.mark.parametrize("damage", ["empty", "cut", "trailer", "index", "arrays"])
def test_damaged_file_is_made_anew(source: Path, tmp_path: Path, unpacked: list[str], damage: str) -> None:
    cache = WeightCache(tmp_path / "cache", BUDGET)
    load(source, cache)
    path = settled(tmp_path / "cache")
    data = bytearray(path.read_bytes())
    if damage == "empty":
        data.clear()
    elif damage == "cut":
        del data[-100:]
    else:
        data[{"trailer": -3, "index": -60, "arrays": 5}[damage]] ^= 0xFF
    path.write_bytes(data)
    unpacked.clear()
    assert_equal(load(source, cache), load(source, None))
    assert len(unpacked) == 8
    settled(tmp_path / "cache")


def test_another_file_under_the_same_name_is_another_cache(source: Path, tmp_path: Path) -> None:
    cache = WeightCache(tmp_path / "cache", BUDGET)
    load(source, cache)
    settled(tmp_path / "cache")
    before = source.stat()
    write(source, 1)
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert source.stat().st_size == before.st_size
    assert_equal(load(source, cache), load(source, None))


def test_least_recently_used_files_go_beyond_the_budget(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    sources = [write(tmp_path / f"{i}.gguf", i) for i in range(3)]
    load(sources[0], WeightCache(folder, BUDGET))
    first = settled(folder)
    os.utime(first, (1, 1))
    room = int(2.3 * first.stat().st_size)
    known = {first}
    for source in sources[1:]:
        load(source, WeightCache(folder, room))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (
            list(folder.glob("*.part")) or len(set(folder.iterdir()) - known) < 1
        ):
            time.sleep(0.01)
        known |= set(folder.iterdir())
    deadline = time.monotonic() + 30
    while first.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not first.exists()
    assert len(list(folder.glob("*.weights"))) == 2


def test_cache_that_cannot_be_written_is_done_without(source: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    for cache in (
        WeightCache(blocked, BUDGET),
        WeightCache(tmp_path / "small", 1000),
        WeightCache(tmp_path, 0),
    ):
        assert_equal_values(load(source, cache), load(source, None))
    assert not list(tmp_path.rglob("*.weights"))
    assert not list(tmp_path.rglob("*.part"))


def assert_equal_values(got: dict[str, Matrix], expected: dict[str, Matrix]) -> None:
    for name, other in expected.items():
        np.testing.assert_array_equal(got[name].dequantize(), other.dequantize())


def test_matrix_that_cannot_be_had_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    cache = WeightCache(tmp_path / "cache", BUDGET)
    with pytest.raises(ModelFileError):
        WeightFile(source, cache).matrices(["missing"])
    assert list((tmp_path / "cache").iterdir()) == []


def test_two_at_once_both_get_their_weights(source: Path, tmp_path: Path) -> None:
    plain = load(source, None)
    got: list[dict[str, Matrix]] = []

    def one() -> None:
        got.append(load(source, WeightCache(tmp_path / "cache", BUDGET)))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    for matrices in got:
        assert_equal(matrices, plain)
    settled(tmp_path / "cache")
