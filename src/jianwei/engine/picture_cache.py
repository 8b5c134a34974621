"""Embeddings of pictures that went through the vision tower, by digest, least recently used out first."""

from __future__ import annotations

from collections import OrderedDict

from jianwei.model.vision import VisualTokens

MOST_PICTURES = 32
"""Pictures kept at most: a small model's are so small that a budget in bytes would take hundreds to fill, and memory
would grow as long. Older ones are on disk."""


class PictureCache:
    """Keeps at most ``max_bytes`` of embeddings, and of ``MOST_PICTURES``. One thread owns it."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.n_bytes = 0
        self._entries: OrderedDict[str, VisualTokens] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: str) -> VisualTokens | None:
        """The embeddings of this picture, if they are here."""
        tokens = self._entries.get(digest)
        if tokens is not None:
            self._entries.move_to_end(digest)
        return tokens

    def put(self, digest: str, tokens: VisualTokens) -> None:
        """Keep these embeddings; older ones go until all fit. One that could never fit is not kept."""
        if digest in self._entries or tokens.n_bytes > self.max_bytes:
            return
        self._entries[digest] = tokens
        self.n_bytes += tokens.n_bytes
        while self.n_bytes > self.max_bytes or len(self._entries) > MOST_PICTURES:
            _, oldest = self._entries.popitem(last=False)
            self.n_bytes -= oldest.n_bytes
