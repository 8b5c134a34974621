"""Keys tell beginnings apart by words, pictures and places."""

from __future__ import annotations

import numpy as np

from jianwei.engine.prefix_cache import VISUAL, PictureSpan, block_keys


def keys(ids: list[int], *spans: PictureSpan) -> list[bytes]:
    return block_keys(np.array(ids, np.int64), list(spans), [])


def test_only_full_blocks_have_keys() -> None:
    assert [len(keys([1] * n)) for n in (31, 32, 63, 64)] == [0, 1, 1, 2]


def test_equal_beginnings_have_equal_keys_up_to_the_difference() -> None:
    a, b = keys([1] * 64 + [2] * 32), keys([1] * 64 + [3] * 32)
    assert a[:2] == b[:2]
    assert a[2] != b[2]


def test_difference_in_an_early_block_changes_all_later_keys() -> None:
    a, b = keys([1] * 96), keys([2] + [1] * 95)
    assert not set(a) & set(b)


def test_pictures_are_told_apart_by_digest() -> None:
    ids = [VISUAL] * 32
    assert keys(ids, PictureSpan(0, 32, "aa")) != keys(ids, PictureSpan(0, 32, "bb"))


def test_same_block_of_words_behind_another_picture_has_another_key() -> None:
    ids = [VISUAL] * 40 + [1] * 24
    assert keys(ids, PictureSpan(0, 40, "aa"))[1] != keys(ids, PictureSpan(0, 40, "bb"))[1]


def test_keys_go_on_from_known_ones() -> None:
    ids = np.arange(100)
    assert block_keys(ids, [], block_keys(ids[:40], [], [])) == block_keys(ids, [], [])
