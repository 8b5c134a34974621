"""Embeddings on disk: found again by a next process, never damaged, never over budget, never in the way."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import Ask, HashDecoder, HashTower, expected, picture, words

from jianwei.engine.engine import Engine
from jianwei.engine.picture_files import PictureFiles
from jianwei.model.vision import VisualTokens

BUDGET = 1 << 20


def tokens(seed: int, count: int = 24) -> VisualTokens:
    values = np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float16)
    return VisualTokens(values, np.stack([values + 1, values + 2]))


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_was_kept_is_what_comes_back_in_another_process(tmp_path: Path) -> None:
    PictureFiles(tmp_path / "new", BUDGET, "tower").put("a", tokens(1))
    found = PictureFiles(tmp_path / "new", BUDGET, "tower").get("a")
    assert found is not None
    assert found.embeddings.dtype == np.float16
    assert np.array_equal(found.embeddings, tokens(1).embeddings)
    assert np.array_equal(found.deepstack, tokens(1).deepstack)
    (file,) = files_in(tmp_path / "new")
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_tower_or_picture_finds_nothing(tmp_path: Path) -> None:
    PictureFiles(tmp_path, BUDGET, "tower").put("a", tokens(1))
    assert PictureFiles(tmp_path, BUDGET, "another").get("a") is None
    assert PictureFiles(tmp_path, BUDGET, "tower").get("b") is None


def flip(data: bytearray) -> None:
    data[len(data) // 2] ^= 1


def cut(data: bytearray) -> None:
    del data[-100:]


@pytest.mark.parametrize("damage", [flip, cut, bytearray.clear, lambda data: data.extend(b"more")])
def test_a_damaged_file_is_removed_and_can_be_made_anew(
    tmp_path: Path, damage: Callable[[bytearray], None]
) -> None:
    files = PictureFiles(tmp_path, BUDGET, "tower")
    files.put("a", tokens(1))
    (file,) = files_in(tmp_path)
    data = bytearray(file.read_bytes())
    damage(data)
    file.write_bytes(data)
    assert files.get("a") is None
    assert files_in(tmp_path) == []
    assert files.damaged_total == 1
    files.put("a", tokens(1))
    assert files.get("a") is not None


def test_the_least_recently_used_go_first_and_the_folder_stays_within_its_budget(tmp_path: Path) -> None:
    size = PictureFiles(tmp_path / "probe", BUDGET, "t")
    size.put("a", tokens(0))
    one = files_in(tmp_path / "probe")[0].stat().st_size
    files = PictureFiles(tmp_path / "files", 5 * one, "t")
    for number in range(5):
        files.put(str(number), tokens(number))
        for path in files_in(tmp_path / "files"):
            os.utime(path, (path.stat().st_mtime - 10,) * 2)  # time goes by
    assert files.get("0") is not None
    files.put("5", tokens(5))
    assert sum(path.stat().st_size for path in files_in(tmp_path / "files")) <= 5 * one
    assert files.get("5") is not None
    assert files.get("0") is not None
    assert files.get("1") is None


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "x.part"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    PictureFiles(tmp_path, BUDGET, "tower").put("a", tokens(1))
    assert not left.exists()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    files = PictureFiles(tmp_path / "file", BUDGET, "tower")
    files.put("a", tokens(1))
    assert files.get("a") is None
    small = PictureFiles(tmp_path / "small", 100, "tower")
    small.put("a", tokens(1))
    assert small.get("a") is None


def engine(folder: Path, tower: HashTower) -> Engine:
    files = PictureFiles(folder, BUDGET, "hash")
    return Engine(HashDecoder(64), tower, frozenset({0}), picture_files=files)


def test_the_next_engine_looks_at_no_known_picture_and_answers_the_same(tmp_path: Path) -> None:
    prompt = [words(1, 2), picture("cat"), words(3)]
    first, second = HashTower(), HashTower()
    for tower in (first, second):
        running = engine(tmp_path, tower)
        result = Ask(running, "a", list(prompt)).wait()
        running.close()
        assert result.tokens == expected(prompt, 8)
        assert result.vision_runs == len(tower.encoded)
    assert (len(first.encoded), len(second.encoded)) == (1, 0)
    assert running.stats()["pictures_from_disk_total"] == 1


def test_a_damaged_file_costs_one_more_look_and_no_answer(tmp_path: Path) -> None:
    prompt = [words(1, 2), picture("cat"), words(3)]
    running = engine(tmp_path, HashTower())
    Ask(running, "a", list(prompt)).wait()
    running.close()
    (file,) = files_in(tmp_path)
    file.write_bytes(file.read_bytes()[:-9])
    tower = HashTower()
    running = engine(tmp_path, tower)
    assert Ask(running, "a", list(prompt)).wait().tokens == expected(prompt, 8)
    running.close()
    assert len(tower.encoded) == 1
    assert running.stats()["picture_files_damaged_total"] == 1


def test_a_picture_that_memory_has_no_room_for_comes_back_from_disk(tmp_path: Path) -> None:
    tower = HashTower()
    files = PictureFiles(tmp_path, BUDGET, "hash")
    running = Engine(HashDecoder(8), tower, frozenset({0}), picture_bytes=0, picture_files=files)
    prompts = [[picture(name, 6, 8), words(5)] for name in ("cat", "dog", "cow", "ant")]
    for count, prompt in enumerate([*prompts, *prompts]):
        assert Ask(running, str(count), list(prompt)).wait().tokens == expected(prompt, 8)
    running.close()
    assert len(tower.encoded) == 4
    assert running.stats()["pictures_from_disk_total"] == 4
