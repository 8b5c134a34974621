"""Weights as the graphs compute with them, kept on disk: unpacked once, mapped at every later start.

One file for each set of matrices of a GGUF file::

    arrays, each at a multiple of 64 bytes | index (JSON) | trailer: offset and check of the index, magic

- *Mapped.* Its pages belong to the file: they are shared between processes, and the system may drop them.
- *Whole or not at all.* It is written under another name and renamed once it is on the disk.
- *Never in the way.* A file that is missing, damaged or of another version is made anew; where it cannot be written
  (no room, no right, switched off) the weights are unpacked into memory, as if there were no cache.

A file's name says what it was made from: size, time and a sample of the GGUF file, the matrices, and ``VERSION``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from jianwei.cache_folder import CacheFolder
from jianwei.model.matrix import Matrix

log = logging.getLogger(__name__)

Bytes = npt.NDArray[np.uint8]
Load = Callable[[str], Matrix]
"""Unpacks the matrix of a name."""

VERSION = 5
"""Of the layouts and the rounding of ``weights`` and of this file's form; raise it when any changes."""

_MAGIC = b"JIANWEI\0"
_TRAILER = struct.Struct("<QQII8s")
"""Offset of the index, its length, its CRC-32, that of the sample of the arrays, magic."""

_ALIGNMENT = 64
_SAMPLE = 4096
_SAMPLE_EVERY = 1 << 20


class WeightCache:
    """A folder of such files, the least recently used of which go where they exceed a budget."""

    def __init__(self, folder: Path, budget: int) -> None:
        """``budget`` in bytes; 0: nothing is kept or read."""
        self._budget = budget
        self._files = CacheFolder(folder, budget, ".weights")

    def matrices(
        self, source: Path, data: Bytes, names: Sequence[str], floats: str, load: Load
    ) -> dict[str, Matrix]:
        """The matrices named, from the cache or unpacked.

        Args:
            source: the GGUF file.
            data: its mapped bytes.
            names: of the matrices.
            floats: how matrices that are stored as floats are held.
            load: unpacks one; called from several threads.
        """
        if not self._budget:
            return load_all(names, load)
        path = self._files.path(_key(source, data, names, floats))
        known = _read(path)
        if known is not None:
            self._files.touch(path)
            return known
        try:
            return self._make(path, names, load, len(data))
        except OSError as error:
            log.info("weights are not kept on disk: %s", error)
            return load_all(names, load)

    def _make(self, path: Path, names: Sequence[str], load: Load, about: int) -> dict[str, Matrix]:
        """Unpack into a new file and map it; it gets its name when the disk has it all."""
        self._files.folder.mkdir(parents=True, exist_ok=True)
        # Scales and offsets come to a fifth more than the file's own.
        if 1.3 * about > self._budget or 2 * about > shutil.disk_usage(self._files.folder).free:
            raise OSError("there is no room")
        unfinished = self._files.unfinished(path)
        try:
            with unfinished.open("xb") as file:
                _write(file, names, load)
            made = _read(unfinished)
        except BaseException:
            self._files.remove(unfinished)
            raise
        if made is None:
            self._files.remove(unfinished)
            raise OSError("what was written cannot be read")
        # The disk may take seconds: meanwhile the mapped pages can be worked with.
        threading.Thread(target=self._settle, args=(unfinished, path), daemon=True).start()
        return made

    def _settle(self, unfinished: Path, path: Path) -> None:
        """Wait for the disk, give the file its name, and keep the folder within its budget."""
        try:
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            self._files.finish(unfinished, path)
        except OSError as error:
            log.info("weights are not kept on disk: %s", error)
            self._files.remove(unfinished)


def load_all(names: Sequence[str], load: Load) -> dict[str, Matrix]:
    """Unpack all into memory on all cores: numpy lets go of the GIL in its loops."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(names, pool.map(load, names), strict=True))


def _key(source: Path, data: Bytes, names: Sequence[str], floats: str) -> str:
    """Name for what these matrices of this file become. The file is known by its size, time and a sample."""
    made_from = {
        "version": VERSION,
        "bytes": len(data),
        "changed": source.stat().st_mtime_ns,
        "matrices": list(names),
        "floats": floats,
    }
    digest = hashlib.sha256(json.dumps(made_from).encode())
    sample(data, digest.update)
    return digest.hexdigest()[:32]


def sample(data: Bytes, update: Callable[[bytes], object]) -> None:
    """Feed 64 pages spread over a file's bytes to a hash: tells weights apart without reading them all."""
    step = max(_SAMPLE, len(data) // 64)
    for start in range(0, len(data), step):
        update(data[start : start + _SAMPLE].tobytes())


def _write(file: BinaryIO, names: Sequence[str], load: Load) -> None:
    """Unpack the matrices, on all cores, and write each as it is done."""
    writing = threading.Lock()
    index: dict[str, dict[str, Any]] = {}
    end = 0

    def put(array: npt.NDArray[Any]) -> int:
        nonlocal end
        at = -(-end // _ALIGNMENT) * _ALIGNMENT
        file.seek(at)
        file.write(np.ascontiguousarray(array).data)
        end = at + array.nbytes
        return at

    def one(name: str) -> None:
        m = load(name)
        with writing:
            index[name] = {
                "rows": m.rows,
                "cols": m.cols,
                "bits": m.bits,
                "group": m.group,
                "n_sums": m.n_sums,
                "values": [put(m.values), m.values.dtype.str, m.values.shape],
                "scales": None if m.scales is None else [put(m.scales), m.scales.dtype.str, m.scales.shape],
            }

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(one, names):
            pass
    file.flush()
    sample = _sample(np.memmap(file.name, np.uint8, "r", shape=(end,)))
    words = json.dumps({name: index[name] for name in names}).encode()
    file.seek(end)
    file.write(words + _TRAILER.pack(end, len(words), zlib.crc32(words), sample, _MAGIC))


def _read(path: Path) -> dict[str, Matrix] | None:
    """Map a file; None if it is missing or damaged."""
    try:
        # Private: nothing that happens to these arrays reaches the file.
        data = np.memmap(path, np.uint8, "c").view(np.ndarray)
        at, length, check, sample, magic = _TRAILER.unpack(data[-_TRAILER.size :].tobytes())
        words = data[at : at + length].tobytes()
        if (magic, check, at + length) != (_MAGIC, zlib.crc32(words), len(data) - _TRAILER.size):
            return None
        if _sample(data[:at]) != sample:
            return None
        index = json.loads(words)
    except (OSError, ValueError, struct.error):
        return None

    def array(place: tuple[int, str, list[int]] | None) -> Any:
        if place is None:
            return None
        start, kind, shape = place
        dtype = np.dtype(kind)
        return data[start : start + int(np.prod(shape)) * dtype.itemsize].view(dtype).reshape(shape)

    return {
        name: Matrix(
            rows=m["rows"],
            cols=m["cols"],
            bits=m["bits"],
            group=m["group"],
            values=array(m["values"]),
            scales=array(m["scales"]),
            n_sums=m["n_sums"],
        )
        for name, m in index.items()
    }


def _sample(data: Bytes) -> int:
    """CRC-32 of one page in every MB: finds what a crash left unwritten, without reading it all."""
    check = 0
    for start in range(0, len(data), _SAMPLE_EVERY):
        check = zlib.crc32(data[start : start + _SAMPLE].tobytes(), check)
    return check
