"""Embeddings of pictures on disk, so that a picture seen before a restart needs no vision tower after it.

One file a picture::

    magic | length of the head | head (JSON: types and shapes) | arrays | CRC-32 of all before it

- *Whole or not at all.* It is written under another name and renamed; the check finds what a crash of the machine left.
- *Never in the way.* A file that is damaged is removed and the tower runs again; where nothing can be written (no
  room, no right) nothing is kept.
- *Its own reader's.* A file's name is a hash of the picture's digest and of the tower that made it, so another
  model, or the same one in another arithmetic, never finds it. Only the user may read these files.
"""

from __future__ import annotations

import hashlib
import json
import logging
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from jianwei.cache_folder import CacheFolder
from jianwei.model.vision import VisualTokens

log = logging.getLogger(__name__)

VERSION = 1
"""Of this file's form and of what is computed; raise it when either changes."""

_MAGIC = b"JIANWEIP"
_HEAD = struct.Struct("<8sI")
_CHECK = struct.Struct("<I")


class PictureFiles:
    """Such files within a budget (``cache_folder``). One thread uses it."""

    def __init__(self, folder: Path, budget: int, tower: str) -> None:
        """Nothing is read or made yet.

        Args:
            folder: made when the first picture is kept; processes may share it.
            budget: bytes.
            tower: which tower's embeddings these are (``VisionTower.identity``).
        """
        self.read_total = 0
        self.damaged_total = 0
        self._files = CacheFolder(folder, budget, ".picture")
        self._tower = tower

    def get(self, digest: str) -> VisualTokens | None:
        """The embeddings of a picture; None if they are not here or damaged."""
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.info("a picture's embeddings cannot be read: %s", error)
            return None
        tokens = _unpack(data)
        if tokens is None:
            self.damaged_total += 1
            self._files.remove(path)
            return None
        self._files.touch(path)
        self.read_total += 1
        return tokens

    def put(self, digest: str, tokens: VisualTokens) -> None:
        """Keep the embeddings of a picture, unless they are here or larger than the budget."""
        path = self._path(digest)
        if not path.exists():
            self._files.write(path, _pack(tokens))

    def _path(self, digest: str) -> Path:
        name = hashlib.sha256(f"{VERSION};{self._tower};{digest}".encode()).hexdigest()
        return self._files.path(name[:40])


def _pack(tokens: VisualTokens) -> list[bytes]:
    """The parts of a file, in order."""
    arrays = [np.ascontiguousarray(array) for array in (tokens.embeddings, tokens.deepstack)]
    head = json.dumps([[array.dtype.str, array.shape] for array in arrays]).encode()
    parts = [_HEAD.pack(_MAGIC, len(head)), head, *(array.tobytes() for array in arrays)]
    check = 0
    for part in parts:
        check = zlib.crc32(part, check)
    return [*parts, _CHECK.pack(check)]


def _unpack(data: bytes) -> VisualTokens | None:
    """What :func:`_pack` packed; None if it is damaged."""
    try:
        magic, length = _HEAD.unpack_from(data)
        (check,) = _CHECK.unpack_from(data, len(data) - _CHECK.size)
        if magic != _MAGIC or zlib.crc32(memoryview(data)[: -_CHECK.size]) != check:
            return None
        at = _HEAD.size + length
        arrays: list[Any] = []
        for kind, shape in json.loads(data[_HEAD.size : at]):
            count = int(np.prod(shape))
            arrays.append(np.frombuffer(data, np.dtype(kind), count, at).reshape(shape))
            at += arrays[-1].nbytes
        embeddings, deepstack = arrays
    except (ValueError, TypeError, struct.error):
        return None
    return VisualTokens(embeddings, deepstack)
