"""Embeddings in memory: within a budget in bytes, and no more than some pictures."""

from __future__ import annotations

import numpy as np

from jianwei.engine.picture_cache import MOST_PICTURES, PictureCache
from jianwei.model.vision import VisualTokens


def tokens(count: int) -> VisualTokens:
    return VisualTokens(np.zeros((count, 8), np.float16), np.zeros((3, count, 8), np.float16))


def test_the_least_recently_used_go_where_the_budget_is_exceeded() -> None:
    cache = PictureCache(3 * tokens(10).n_bytes)
    for name in "abc":
        cache.put(name, tokens(10))
    assert cache.get("a") is not None
    cache.put("d", tokens(10))
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert cache.n_bytes == cache.max_bytes


def test_one_that_could_never_fit_is_not_kept_and_drives_nothing_out() -> None:
    cache = PictureCache(tokens(10).n_bytes)
    cache.put("a", tokens(10))
    cache.put("b", tokens(11))
    assert cache.get("b") is None
    assert cache.get("a") is not None


def test_small_pictures_do_not_fill_a_large_budget_for_ever() -> None:
    cache = PictureCache(1 << 30)
    for number in range(3 * MOST_PICTURES):
        cache.put(str(number), tokens(1))
    assert len(cache) == MOST_PICTURES
    assert cache.n_bytes == MOST_PICTURES * tokens(1).n_bytes
    assert cache.get(str(3 * MOST_PICTURES - 1)) is not None
