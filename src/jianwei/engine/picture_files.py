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

import contextlib
import hashlib
import json
import logging
import os
import struct
import time
import uuid
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from jianwei.model.vision import VisualTokens

log = logging.getLogger(__name__)

VERSION = 1
"""Of this file's form and of what is computed; raise it when either changes."""

_MAGIC = b"JIANWEIP"
_HEAD = struct.Struct("<8sI")
_CHECK = struct.Struct("<I")
_ENDING = ".picture"
_ABANDONED_SECONDS = 600.0
"""A file that is still being written after this long belongs to a process that died."""


class PictureFiles:
    """A folder of such files; the least recently used ones go where they exceed a budget. One thread uses it."""

    def __init__(self, folder: Path, budget: int, tower: str) -> None:
        """Nothing is read or made yet.

        Args:
            folder: made when the first picture is kept; processes may share it.
            budget: bytes.
            tower: which tower's embeddings these are (``VisionTower.identity``).
        """
        self.read_total = 0
        self.damaged_total = 0
        self._folder = folder
        self._budget = budget
        self._tower = tower
        self._bytes: int | None = None

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
        with contextlib.suppress(OSError):
            if tokens is None:
                self.damaged_total += 1
                path.unlink(missing_ok=True)
            else:
                os.utime(path)
        self.read_total += tokens is not None
        return tokens

    def put(self, digest: str, tokens: VisualTokens) -> None:
        """Keep the embeddings of a picture, unless they are here or larger than the budget."""
        path = self._path(digest)
        data = _pack(tokens)
        size = sum(len(part) for part in data)
        if size > self._budget or path.exists():
            return
        unfinished = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for part in data:
                    file.write(part)
            unfinished.replace(path)
        except OSError as error:
            log.info("a picture's embeddings are not kept on disk: %s", error)
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return
        if self._bytes is not None:
            self._bytes += size
        if self._bytes is None or self._bytes > self._budget:
            self._prune(path)

    def _path(self, digest: str) -> Path:
        name = hashlib.sha256(f"{VERSION};{self._tower};{digest}".encode()).hexdigest()
        return self._folder / f"{name[:40]}{_ENDING}"

    def _prune(self, newest: Path) -> None:
        """Count what is here; remove what dead processes left, and the oldest files down to nine tenths."""
        found: list[tuple[float, int, Path]] = []
        now = time.time()
        for entry in os.scandir(self._folder):
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                about = entry.stat()
                if entry.name.endswith(_ENDING):
                    found.append((about.st_mtime, about.st_size, Path(entry.path)))
                elif now - about.st_mtime > _ABANDONED_SECONDS:
                    os.unlink(entry.path)
        total = sum(size for _, size, _ in found)
        if total > self._budget:
            for _, size, path in sorted(found):
                if total <= 0.9 * self._budget:
                    break
                if path != newest:
                    with contextlib.suppress(OSError):
                        path.unlink(missing_ok=True)
                    total -= size
        self._bytes = total


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
