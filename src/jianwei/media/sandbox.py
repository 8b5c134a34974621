"""Decoding what strangers sent, in child processes that may fail.

Image decoders are native code fed with hostile bytes. Here each picture is decoded by a child process with
limits on memory, CPU time, files and descriptors, without the server's environment (and so without its API
key). If the child crashes, hangs or runs out of memory, that is ``InputError("picture_damaged")`` for this
picture.

Children are started ahead of need and recycled after a number of pictures. Who owns what: the parent makes
the memory for the pixels (anonymous, so nothing can be left behind), lends its descriptor to the child, and
copies the pixels out. A child is never trusted: what it says is checked, and it can neither shrink the
memory under the parent nor change pixels afterwards.

Where there are no Unix sockets and resource limits (Windows), pictures are decoded in the calling process.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from jianwei.errors import EngineError, InputError
from jianwei.media import channel
from jianwei.media.image import decode_image, display_name
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import Page, chosen, open_pages, render
from jianwei.types import Image

if TYPE_CHECKING:
    from jianwei.config import Settings

SANDBOX_AVAILABLE = os.name == "posix" and hasattr(socket, "send_fds")
START_SECONDS = 60.0
"""A child that has not come up by then is given up; it takes about 0.3 s on a quiet machine."""
MAX_PAGE_NUMBER = 1_000_000
"""No file has so many pages, no video so many seconds."""

# -S with an explicit path: no .pth files, no user site, no current folder.
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv.pop()); import jianwei.media.worker as w; w.main()"
)
_INHERITED = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class DecodePool:
    """A few warm children that decode pictures.

    Args:
        settings: limits of a picture.
        workers: children, and so pictures decoded at a time.
        timeout: seconds one picture may take, waiting for a child not counted.
        pictures_per_worker: a child is replaced after so many.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        workers: int = 2,
        timeout: float = 30.0,
        pictures_per_worker: int = 100,
    ) -> None:
        self._limits = PictureLimits.from_settings(settings)
        self._timeout = timeout
        self._pictures_per_worker = pictures_per_worker
        self._lock = threading.Lock()
        self._closed = False
        self._alive: set[_Worker] = set()
        self._idle: queue.Queue[_Worker | None] = queue.Queue()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        for _ in range(workers):
            self._idle.put(self._start())

    async def decode(self, data: bytes, name: str) -> Image:
        """Decode without holding up the event loop; else as ``decode_sync``."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.decode_sync, data, name)

    def decode_sync(self, data: bytes, name: str) -> Image:
        """Decode the bytes of one picture file; may be called from several threads.

        Args:
            data: the file.
            name: the user's name for it; only shown, never trusted.

        Raises:
            InputError: as ``image.load_image``; also ``picture_damaged`` when the child crashed, took too
                long or needed too much memory.
            EngineError: ``engine_failed`` if no child can be started, ``cancelled`` if the pool is closed.
        """
        label = display_name(name)
        self._limits.check_file(len(data), label)
        if not SANDBOX_AVAILABLE:
            return decode_image(data, label, self._limits)
        worker = self._idle.get()
        try:
            worker = self._ready(worker)
            return worker.decode(data, label)
        except _WorkerError as error:
            if self._closed:
                raise EngineError("cancelled") from error
            raise InputError("picture_damaged", name=label) from error
        finally:
            self._idle.put(self._next(worker))

    async def pages(self, data: bytes, name: str, spec: str, most: int) -> AsyncGenerator[Page]:
        """Pages of a PDF or key frames of a video, as each is there; else as ``pages_sync``.

        Leaving the loop early ends the work.
        """
        loop = asyncio.get_running_loop()
        ready: asyncio.Queue[Page | None] = asyncio.Queue()
        left = threading.Event()

        def put(page: Page) -> None:
            if left.is_set():
                raise _WorkerError("nobody waits for it any more")
            loop.call_soon_threadsafe(ready.put_nowait, page)

        # A thread that never waits for who reads: a slow client cannot hold a child.
        work = loop.run_in_executor(self._threads, self.pages_sync, data, name, spec, most, put)
        work.add_done_callback(lambda _: ready.put_nowait(None))
        try:
            while (page := await ready.get()) is not None:
                yield page
            await work
        finally:
            left.set()

    def pages_sync(self, data: bytes, name: str, spec: str, most: int, put: Callable[[Page], None]) -> None:
        """Make pictures of the pages of a PDF or the key frames of a video.

        Args:
            data: the file.
            name: the user's name for it.
            spec: which pages, such as ``1-3,7``; empty for all.
            most: pages that may be asked for.
            put: called with each page, in the order of ``spec``.

        Raises:
            InputError: as ``pages.open_pages`` and ``pages.chosen``; also ``file_damaged`` when the child crashed,
                took too long or needed too much memory.
            EngineError: as ``decode_sync``.
        """
        label = display_name(name)
        self._limits.check_file(len(data), label)
        if not SANDBOX_AVAILABLE:
            opened = open_pages(data, label, self._limits)
            for page in render(opened, chosen(spec, opened.count, most, label), self._limits, label):
                put(page)
            return
        worker = self._idle.get()
        try:
            worker = self._ready(worker)
            worker.pages(data, label, spec, most, put)
        except _WorkerError as error:
            if self._closed:
                raise EngineError("cancelled") from error
            raise InputError("file_damaged", name=label) from error
        finally:
            self._idle.put(self._next(worker))

    def close(self) -> None:
        """Stop all children; pictures being decoded end with an error. May be called twice."""
        with self._lock:
            self._closed = True
            workers = list(self._alive)
            self._alive.clear()
        for worker in workers:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> DecodePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> _Worker | None:
        """A new child, which need not be ready yet; None if the system refuses, or the pool is closed."""
        with self._lock:
            if self._closed or not SANDBOX_AVAILABLE:
                return None
            with contextlib.suppress(OSError):
                worker = _Worker(self._limits, self._timeout)
                self._alive.add(worker)
                return worker
        return None

    def _ready(self, worker: _Worker | None) -> _Worker:
        """``worker`` if it is up, else (it may have been killed while it was idle) another one that is."""
        for candidate in (worker, None):
            chosen = candidate or self._start()
            if chosen is None:
                continue
            if chosen.wait_ready():
                return chosen
            self._drop(chosen)
        raise EngineError("cancelled" if self._closed else "engine_failed")

    def _next(self, worker: _Worker | None) -> _Worker | None:
        """Who takes the place of ``worker`` after its picture: itself, or a fresh child."""
        if worker is not None and worker.usable and worker.decoded < self._pictures_per_worker:
            return worker
        if worker is not None:
            self._drop(worker)
        return self._start()

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._alive.discard(worker)
        worker.stop()


class _WorkerError(Exception):
    """The child died, hung, or broke the protocol while it had a picture."""


class _Worker:
    """One child process and the socket to it. Used by one thread at a time, except ``stop``."""

    def __init__(self, limits: PictureLimits, timeout: float) -> None:
        self.decoded = 0
        self.usable = True
        self._limits = limits
        self._timeout = timeout
        self._channel, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            arguments = [
                str(descriptor),
                json.dumps(dataclasses.asdict(limits)),
                str(int(timeout) + 1),
                json.dumps([os.path.abspath(entry) for entry in sys.path]),
            ]
            environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _BOOT, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                    pass_fds=(descriptor,),
                )
            except OSError:
                self._channel.close()
                raise

    def wait_ready(self) -> bool:
        """Whether the child is there to take a picture; waits for one that is starting."""
        deadline = time.monotonic() + START_SECONDS
        try:
            channel.send(self._channel, {}, deadline=deadline)
            return channel.receive(self._channel, deadline) == {"ready": True}
        except (OSError, EOFError):
            return False

    def decode(self, data: bytes, name: str) -> Image:
        """Hand over one picture and take its pixels.

        Raises:
            InputError: what the child found wrong with it.
            _WorkerError: the child did not do its work; it is of no more use.
        """
        deadline = time.monotonic() + self._timeout
        self.decoded += 1
        try:
            channel.send(self._channel, {"name": name, "size": len(data)}, data, deadline)
            width, height = self._receive_size(name, deadline)
            n_bytes = width * height * 3
            with _shared_memory(n_bytes) as descriptor:
                channel.send_descriptor(self._channel, descriptor, deadline)
                width, height = self._receive_size(name, deadline)
                if width * height * 3 != n_bytes:
                    raise _WorkerError("another size than announced")
                pixels = np.empty((height, width, 3), np.uint8)
                _read_into(descriptor, pixels.data.cast("B"))
            return Image(pixels, name)
        except (OSError, EOFError, MemoryError) as error:
            self.usable = False
            raise _WorkerError from error
        except _WorkerError:
            self.usable = False
            raise

    def pages(self, data: bytes, name: str, spec: str, most: int, put: Callable[[Page], None]) -> None:
        """Hand over one PDF or video and take its pages; errors as ``decode``.

        The child is of no more use afterwards: the libraries that it has loaded take the memory that pictures may
        have.
        """
        self.usable = False
        deadline = time.monotonic() + self._timeout
        request = {"name": name, "size": len(data), "pages": spec, "most": most}
        try:
            channel.send(self._channel, request, data, deadline)
            for _ in range(most + 1):
                message = channel.receive(self._channel, deadline)
                self._raise_error(message, name)
                if message == {"done": True}:
                    return
                put(self._receive_page(message, name, deadline))
                deadline = time.monotonic() + self._timeout
        except (OSError, EOFError, MemoryError) as error:
            raise _WorkerError from error
        raise _WorkerError("more pages than were asked for")

    def _receive_page(self, message: dict[str, Any], name: str, deadline: float) -> Page:
        number, count, width, height, size = (
            message.get(key) for key in ("number", "count", "width", "height", "size")
        )
        seconds = message.get("seconds")
        if not (
            isinstance(number, int) and isinstance(count, int) and 1 <= number <= count <= MAX_PAGE_NUMBER
            and isinstance(size, int) and 0 < size <= self._limits.max_bytes
            and (seconds is None or (isinstance(seconds, (int, float)) and 0 <= seconds < MAX_PAGE_NUMBER))
        ):  # fmt: skip
            raise _WorkerError("no page")
        width, height = self._checked_size(width, height, name)
        data = bytes(channel.receive_bytes(self._channel, size, deadline))
        return Page(number, count, seconds, width, height, data)

    def stop(self) -> None:
        """End the child, whatever it is doing, and wait for its end."""
        self.usable = False
        self._process.kill()
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._channel.close()
        self._process.wait()

    def _receive_size(self, name: str, deadline: float) -> tuple[int, int]:
        """The child's next message: width and height within the limits, or the error that it names."""
        message = channel.receive(self._channel, deadline)
        self._raise_error(message, name)
        return self._checked_size(message.get("width"), message.get("height"), name)

    def _raise_error(self, message: dict[str, Any], name: str) -> None:
        """Raise the ``InputError`` that a message carries, if it does."""
        code, params = message.get("error"), message.get("params")
        if isinstance(code, str) and code in InputError.explanations and isinstance(params, dict):
            values = {str(key): value for key, value in params.items() if isinstance(value, (str, int))}
            try:
                error = InputError(code, **{**values, "name": name})
                error.fix("en")
            except (KeyError, TypeError) as cause:
                raise _WorkerError("an error without its values") from cause
            raise error

    def _checked_size(self, width: object, height: object, name: str) -> tuple[int, int]:
        """What the child says a picture measures, if that is within the limits."""
        if not isinstance(width, int) or not isinstance(height, int):
            raise _WorkerError("no size")
        try:
            self._limits.check_size(width, height, name)
        except InputError as cause:
            raise _WorkerError("a size that the child should have refused") from cause
        return width, height


@contextlib.contextmanager
def _shared_memory(n_bytes: int) -> Generator[int]:
    """Descriptor of ``n_bytes`` of zeroed memory that has no name and goes with its last descriptor."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("jianwei-pixels", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        os.ftruncate(descriptor, n_bytes)
        yield descriptor
    finally:
        os.close(descriptor)


def _read_into(descriptor: int, target: memoryview) -> None:
    """Fill ``target`` from the start of a file. Read, not mapped: a file cut short cannot kill the reader."""
    at = 0
    while at < len(target):
        got = os.preadv(descriptor, [target[at : at + 2**30]], at)
        if got == 0:
            raise _WorkerError("shared memory cut short")
        at += got
