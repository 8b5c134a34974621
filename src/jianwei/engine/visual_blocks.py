"""Which visual KV blocks a conversation can do without when it is larger than the budget.

Of pictures of earlier turns only (``EngineRequest.may_leave_out``), and only of blocks in which nothing but a
picture's tokens stands. Two things decide:

- *Attention received.* After each answer, what its rows looked at is added up for each block, and a block keeps the
  most that any question has given it: what one question used stays, whatever the next one is about.
- *Coverage.* Of any ``COVERAGE`` neighbouring blocks of a picture (128 tokens: some rows of it) the best one stays,
  so that no part of a picture is lost; only when that is not enough do whole pictures go, the least looked at first.

A block that is left out is not lost: when a later question names its picture it is computed again from the picture's
embeddings, and what stands before and after it is not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.prefix_cache import PictureSpan

Floats = npt.NDArray[np.float32]

COVERAGE = 4
"""Of so many neighbouring blocks of a picture, one stays while the picture does."""

_REMEMBERED = 100_000
"""Blocks whose attention is remembered, the last ones: some 10 MB."""


class VisualScores:
    """The attention that blocks have received, by their keys. One thread owns it."""

    def __init__(self) -> None:
        self._scores: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._scores)

    def get(self, key: bytes) -> float:
        """The most that any answer gave this block; 0 where none has looked at it."""
        return self._scores.get(key, 0.0)

    def add(self, keys: Sequence[bytes], weights: Iterable[float]) -> None:
        """Note what one answer gave each of these blocks."""
        for key, weight in zip(keys, weights, strict=True):
            self._scores[key] = max(float(weight), self._scores.pop(key, 0.0))
        while len(self._scores) > _REMEMBERED:
            self._scores.popitem(last=False)


def whole_blocks(span: PictureSpan) -> range:
    """The blocks in which only this picture's tokens stand."""
    return range(-(-span.start // KV_BLOCK_TOKENS), span.end // KV_BLOCK_TOKENS)


def least_needed(
    pictures: Sequence[range], keys: Sequence[bytes], scores: VisualScores, count: int
) -> frozenset[int]:
    """``count`` blocks to leave out, or as many as there are.

    Args:
        pictures: for each picture that may lose blocks, in order, its blocks (:func:`whole_blocks`).
        keys: of all blocks of the prompt.
        scores: of those that have been looked at.
        count: how many to leave out.
    """
    spare: list[tuple[float, int, int]] = []
    kept: list[list[int]] = []
    for blocks in pictures:
        kept.append([])
        for start in range(blocks.start, blocks.stop, COVERAGE):
            group = range(start, min(start + COVERAGE, blocks.stop))
            best = max(
                group, key=lambda block: (scores.get(keys[block]), -abs(block - group[len(group) // 2]))
            )
            kept[-1].append(best)
            # Where nothing has been looked at, every second one goes first: the picture gets coarser, evenly.
            spare += [(scores.get(keys[b]), (b - start + 1) % 2, b) for b in group if b != best]
    gone = [block for *_, block in sorted(spare)[: max(0, count)]]
    for blocks in sorted(kept, key=lambda blocks: max((scores.get(keys[b]) for b in blocks), default=0.0)):
        if len(gone) >= count:
            break
        gone += blocks
    return frozenset(gone)


def block_attention(queries: Floats, keys: Floats) -> Floats:
    """The attention that each full block received from some rows, averaged over rows, layers and heads.

    Args:
        queries: ``[rows, layers, heads, head_dim]``.
        keys: ``[layers, tokens, kv_heads, head_dim]``; NaN: of a token that is not there.

    Returns:
        ``[tokens // 32]``; a token that is not there receives none.
    """
    rows, layers, heads, head_dim = queries.shape
    tokens, kv_heads = keys.shape[1], keys.shape[2]
    total = np.zeros(tokens, np.float32)
    for layer in range(layers):
        grouped = queries[:, layer].reshape(rows, kv_heads, heads // kv_heads, head_dim)
        logits = np.einsum("rkgd,tkd->rkgt", grouped, keys[layer], optimize=True) / np.float32(head_dim**0.5)
        np.nan_to_num(logits, copy=False, nan=-np.inf, posinf=None, neginf=-np.inf)
        logits -= logits.max(axis=-1, keepdims=True)
        weights = np.exp(logits)
        weights /= weights.sum(axis=-1, keepdims=True)
        total += weights.sum(axis=(0, 1, 2))
    total /= np.float32(layers * rows * heads)
    blocks = tokens // KV_BLOCK_TOKENS
    return total[: blocks * KV_BLOCK_TOKENS].reshape(blocks, KV_BLOCK_TOKENS).sum(axis=1)
