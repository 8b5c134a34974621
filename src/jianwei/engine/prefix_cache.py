"""Names for the beginning of a prompt, so that equal beginnings find each other's KV blocks.

The key of a block is a hash over the key of the block before it and what stands in the block: token ids, and for
a picture its digest and which of its tokens. Equal keys mean equal keys and values in the cache, because the
positions of a prompt follow from what it consists of.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS

VISUAL = -1
"""Stands for a visual token among token ids."""


@dataclass(frozen=True)
class PictureSpan:
    """Where a picture's tokens stand in a prompt.

    Attributes:
        start: index of its first token.
        n_tokens: how many it has.
        digest: of the pixels and of how they are shown to the model.
    """

    start: int
    n_tokens: int
    digest: str

    @property
    def end(self) -> int:
        """Index after its last token."""
        return self.start + self.n_tokens


def reduced(key: bytes) -> bytes:
    """The key of a block that was computed with blocks before it left out: near to what ``key`` stands for."""
    return hashlib.blake2b(key, digest_size=16, person=b"reduced").digest()


def block_keys(ids: npt.NDArray[np.int64], spans: list[PictureSpan], known: list[bytes]) -> list[bytes]:
    """Keys of all full blocks of ``ids`` (``VISUAL`` where a picture stands), going on from ``known`` ones."""
    keys = list(known)
    for block in range(len(known), len(ids) // KV_BLOCK_TOKENS):
        start, end = block * KV_BLOCK_TOKENS, (block + 1) * KV_BLOCK_TOKENS
        digest = hashlib.blake2b(keys[-1] if keys else b"", digest_size=16)
        digest.update(ids[start:end].tobytes())
        for span in spans:
            if span.start < end and span.end > start:
                digest.update(f"{span.digest}:{start - span.start};".encode())
        keys.append(digest.digest())
    return keys
