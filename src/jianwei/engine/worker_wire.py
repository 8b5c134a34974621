"""What goes between the server and its engine process: messages, and pictures in shared memory.

A request is pickled without its pixels; in their place stands the picture's digest. The pixels go as a
:class:`Parcel`: the name of a shared memory segment, or, where the segment cannot be had, the bytes. The
server makes segments and removes them; the engine process only copies what is in them. So nothing is left
behind whoever dies (Python's resource tracker removes them if it is the server).
"""

from __future__ import annotations

import io
import os
import pickle
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from jianwei.errors import JianweiError
from jianwei.types import ChatRequest, Chunk, Image, ModelCard, Pixels

SEGMENT_PREFIX = "jianwei_"
"""Names of our shared memory segments begin so (on Linux they are files in /dev/shm)."""

_SMALL = 1 << 16
"""Bytes; pictures up to this go through the pipe: a segment would cost more than it saves."""


@dataclass(frozen=True)
class Parcel:
    """The pixels of one picture on their way."""

    digest: str
    shape: tuple[int, ...]
    segment: str | None
    data: bytes | None

    def unpack(self) -> Pixels:
        """A copy of the pixels, ``[height, width, 3]`` uint8."""
        if self.segment is None:
            return np.frombuffer(bytearray(self.data or b""), np.uint8).reshape(self.shape)
        memory = SharedMemory(self.segment)
        try:
            return np.ndarray(self.shape, np.uint8, buffer=memory.buf).copy()
        finally:
            memory.close()


@dataclass(frozen=True)
class Submit:
    """To the engine: begin this request. ``parcels`` are the pictures it has not got yet."""

    request_id: str
    request: bytes
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True)
class Forget:
    """To the engine: no request in flight has these pictures any more."""

    digests: tuple[str, ...]


@dataclass(frozen=True)
class Cancel:
    """To the engine: end this request."""

    request_id: str


@dataclass(frozen=True)
class AskStats:
    """To the engine: send ``Stats``."""


@dataclass(frozen=True)
class Close:
    """To the engine: end what is under way as cancelled, then leave."""


@dataclass(frozen=True)
class Loaded:
    """From the engine: ready."""

    card: ModelCard


@dataclass(frozen=True)
class LoadFailed:
    """From the engine: it could not be made; the process leaves."""

    error: JianweiError


@dataclass(frozen=True)
class Copied:
    """From the engine: these segments are no longer needed."""

    digests: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """From the engine: a piece of an answer, or its error."""

    request_id: str
    event: Chunk | JianweiError


@dataclass(frozen=True)
class Stats:
    """From the engine: gauges and counters."""

    values: dict[str, float]


def pack_request(request: ChatRequest) -> tuple[bytes, dict[str, Pixels]]:
    """The request without pixels, and the pixels by digest."""
    buffer = io.BytesIO()
    pickler = _RequestPickler(buffer)
    pickler.dump(request)
    return buffer.getvalue(), pickler.pictures


def unpack_request(data: bytes, pictures: Mapping[str, Pixels]) -> ChatRequest:
    """The request again, with the pixels put back."""
    return _RequestUnpickler(io.BytesIO(data), pictures).load()


def pack_pixels(digest: str, pixels: Pixels) -> tuple[Parcel, SharedMemory | None]:
    """Put pixels where another process can copy them; the caller has to :func:`discard` the segment."""
    if pixels.nbytes > _SMALL:
        try:
            memory = SharedMemory(SEGMENT_PREFIX + secrets.token_hex(8), create=True, size=pixels.nbytes)
        except OSError:
            pass  # no shared memory here, or no more of it: the pipe is slower but always there
        else:
            if _has_room(memory):
                np.ndarray(pixels.shape, np.uint8, buffer=memory.buf)[...] = pixels
                return Parcel(digest, pixels.shape, memory.name, None), memory
            discard(memory)
    return Parcel(digest, pixels.shape, None, pixels.tobytes()), None


def discard(memory: SharedMemory) -> None:
    """Let go of a segment and remove it."""
    memory.close()
    memory.unlink()


def _has_room(memory: SharedMemory) -> bool:
    """Whether the segment's memory is really there.

    Containers have 64 MB in /dev/shm by default. A larger segment can be made all the same, and writing to it
    kills the process with SIGBUS; so on Linux the room is taken first.
    """
    if not sys.platform.startswith("linux"):
        return True
    try:
        file = os.open(f"/dev/shm/{memory.name}", os.O_RDWR)
    except OSError:
        return True
    try:
        os.posix_fallocate(file, 0, memory.size)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


class _RequestPickler(pickle.Pickler):
    """Leaves the pixels of every ``Image`` out and collects them."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.pictures: dict[str, Pixels] = {}
        self._digests: dict[int, str] = {}

    def persistent_id(self, obj: Any) -> str | None:
        if isinstance(obj, Image):  # comes before its pixels, which are kept alive by it
            self._digests[id(obj.pixels)] = obj.digest
            self.pictures[obj.digest] = obj.pixels
        return self._digests.get(id(obj)) if isinstance(obj, np.ndarray) else None


class _RequestUnpickler(pickle.Unpickler):
    """Puts the pixels back."""

    def __init__(self, file: io.BytesIO, pictures: Mapping[str, Pixels]) -> None:
        super().__init__(file)
        self._pictures = pictures

    def persistent_load(self, pid: Any) -> Pixels:
        return self._pictures[pid]
