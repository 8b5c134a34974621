"""KV blocks of idle conversations on disk, so that these go on after a restart, or after others took their blocks.

One file a block, named by a hash of the block's key and of the model that computed it::

    what the block holds (``model.kv_memory``) | CRC-32 of it

- *Only where it is faster.* Reading is timed on this machine, on the first file with the page cache emptied of it and
  then on every block that is read; where computing a block's tokens anew takes no longer, nothing is written or read.
- *Beside the engine.* Blocks are written by a thread of their own; they are read, as mapped files, by the threads that
  submit requests.
- *Of whom somebody may come back to.* Batch work is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from jianwei.cache_folder import CacheFolder
from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.class_pool import ClassPool

log = logging.getLogger(__name__)

Bytes = npt.NDArray[np.uint8]

VERSION = 1
"""Of this file's form and of what is computed; raise it when either changes."""

_CHECK = struct.Struct("<I")
_UNWRITTEN_BYTES = 64 << 20
"""Blocks that wait for the disk; more are not kept."""

_MEASURED = 0.1
"""Weight of a measured time among those before it."""


class KvFiles:
    """Such files within a budget (``cache_folder``)."""

    def __init__(self, folder: Path, budget: int, decoder: str) -> None:
        """Nothing is read or made yet.

        Args:
            folder: made when the first block is kept; processes may share it.
            budget: bytes.
            decoder: whose blocks these are (``Decoder.identity``); what a picture becomes belongs to it too.
        """
        self.read_total = 0
        self.written_total = 0
        self.damaged_total = 0
        self.read_seconds: float | None = None
        """Of one block, as measured here; None: nothing is known yet."""
        self._files = CacheFolder(folder, budget, ".kv")
        self._decoder = decoder
        self._pool = ClassPool(1, "jianwei-kv-files")
        self._lock = threading.Lock()
        self._unwritten = 0
        self._on_their_way: set[bytes] = set()

    def is_worth_it(self, prefill_seconds: float | None) -> bool:
        """Whether a block is read faster than its tokens are computed, at so many seconds a token; True: not known."""
        if self.read_seconds is None or prefill_seconds is None:
            return True
        return self.read_seconds < prefill_seconds * KV_BLOCK_TOKENS

    def has_room(self) -> bool:
        """Whether the disk keeps up."""
        return self._unwritten < _UNWRITTEN_BYTES

    def has(self, key: bytes) -> bool:
        """Whether a block is here or will be."""
        return key in self._on_their_way or self._path(key).exists()

    def put(self, key: bytes, read: Callable[[], Bytes], later: int) -> None:
        """Have a block written, unless it is here, or the disk has too much to do.

        Args:
            key: of the block.
            read: gives what it holds; called at once.
            later: how far from the beginning of its prompt it stands: of blocks of equal age, later ones go first.
        """
        if not self.has_room() or self.has(key):
            return
        held = read()
        with self._lock:
            self._unwritten += held.nbytes
            self._on_their_way.add(key)
        self._pool.submit(lambda: self._write(key, held, later))

    def get(self, key: bytes, later: int) -> Bytes | None:
        """What a block holds, as a mapped file; None if it is not here or damaged. Any thread."""
        path = self._path(key)
        start = time.perf_counter()
        try:
            data = np.memmap(path, np.uint8, mode="r")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.info("a KV block cannot be read: %s", error)
            return None
        held = data[: -_CHECK.size]
        if len(data) <= _CHECK.size or _CHECK.unpack(data[-_CHECK.size :].tobytes())[0] != _check(held):
            self.damaged_total += 1
            self._files.remove(path)
            return None
        self._measured(time.perf_counter() - start)
        self._files.touch(path, later)
        self.read_total += 1
        return held

    def stats(self) -> dict[str, float]:
        """Gauges and totals, by name."""
        return {
            "kv_blocks_from_disk_total": self.read_total,
            "kv_blocks_to_disk_total": self.written_total,
            "kv_files_damaged_total": self.damaged_total,
        }

    def close(self) -> None:
        """Wait for what is being written."""
        self._pool.close(drop=False)

    def _path(self, key: bytes) -> Path:
        return self._files.path(hashlib.sha256(f"{VERSION};{self._decoder};".encode() + key).hexdigest()[:40])

    def _write(self, key: bytes, held: Bytes, later: int) -> None:
        """In the disk's thread."""
        try:
            path = self._path(key)
            if self._files.write(path, [held.data, _CHECK.pack(_check(held))]):
                self.written_total += 1
                if self.read_seconds is None:
                    self._try(path)
                self._files.touch(path, later)
        finally:
            with self._lock:
                self._unwritten -= held.nbytes
                self._on_their_way.discard(key)

    def _try(self, path: Path) -> None:
        """Time how long a file takes that is not in the page cache."""
        if not hasattr(os, "posix_fadvise"):
            return
        with contextlib.suppress(OSError), path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = time.perf_counter()
            zlib.crc32(file.read())
            self._measured(time.perf_counter() - start)

    def _measured(self, seconds: float) -> None:
        known = self.read_seconds
        self.read_seconds = seconds if known is None else known + _MEASURED * (seconds - known)


def _check(held: Bytes) -> int:
    return zlib.crc32(held.data)
