"""One engine process, seen from the server: its pipes, the thread that writes to it, its pictures."""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

from jianwei.engine import worker_child
from jianwei.engine.worker_wire import (
    AskStats,
    Cancel,
    Close,
    Forget,
    Parcel,
    Submit,
    discard,
    pack_pixels,
    pack_request,
)
from jianwei.errors import EngineError, JianweiError
from jianwei.types import ChatRequest, Pixels

log = logging.getLogger(__name__)

DEATH_PATIENCE = 5.0
"""Seconds that a process may take to be gone after its pipe has ended or it was killed."""


@dataclass
class _Sent:
    """A picture that the engine process has, or gets."""

    memory: SharedMemory | None
    users: int = 0


class ChildProcess:
    """A running engine process. Any thread may call its methods; they return at once, save the last two."""

    def __init__(self, recipe: worker_child.Recipe) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        requests, self._requests = context.Pipe(duplex=False)
        self._events, events = context.Pipe(duplex=False)
        level = logging.getLogger().getEffectiveLevel()
        self._process = context.Process(
            target=worker_child.main,
            args=(recipe, requests, events, os.getpid(), level),
            name=worker_child.PROCESS_NAME,
            daemon=True,
        )
        try:
            self._process.start()
        finally:
            # Only the child may hold its ends, or the pipes would not end with it.
            requests.close()
            events.close()
        self.pid = self._process.pid
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._pictures: dict[str, _Sent] = {}
        self._used: dict[str, tuple[str, ...]] = {}
        self._writer = threading.Thread(target=self._write, name="jianwei-writer", daemon=True)
        self._writer.start()

    def submit(self, request: ChatRequest, on_error: Callable[[JianweiError], None]) -> None:
        """Send a request; ``on_error`` is called if that fails."""
        self._jobs.put(lambda: self._send_request(request, on_error))

    def cancel(self, request_id: str) -> None:
        """Send a cancellation."""
        self._jobs.put(lambda: self._requests.send(Cancel(request_id)))

    def ask_stats(self) -> None:
        """Ask for ``Stats``."""
        self._jobs.put(lambda: self._requests.send(AskStats()))

    def close(self) -> None:
        """Ask it to leave."""
        self._jobs.put(lambda: self._requests.send(Close()))

    def copied(self, digests: tuple[str, ...]) -> None:
        """The process has copied these pictures."""
        self._jobs.put(lambda: self._discard(digests))

    def ended(self, request_id: str) -> None:
        """The request is over: pictures that no other request has may go."""
        self._jobs.put(lambda: self._release(request_id))

    def receive(self) -> object:
        """The next message; ``EOFError`` or ``OSError`` when the process is gone.

        The pipe's end tells that at once, but not if some other process was forked just when the pipe was
        made and holds it open; so now and then the process itself is looked at.
        """
        while not self._events.poll(1.0):
            if self._process.exitcode is not None and not self._events.poll(0):
                raise EOFError
        return self._events.recv()

    def kill(self) -> None:
        """At once."""
        self._process.kill()

    def bury(self) -> int | None:
        """After the pipe has ended: wait for the process, remove its segments; gives its exit code."""
        self._process.join(DEATH_PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(DEATH_PATIENCE)
        self._jobs.put(None)
        self._writer.join()
        self._discard(tuple(self._pictures))
        self._events.close()
        self._requests.close()
        return self._process.exitcode

    # The writer's thread.

    def _write(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except OSError:
                pass  # the process has died; the supervisor hears of it through the other pipe
            except Exception:
                log.exception("a message to the engine process failed")

    def _send_request(self, request: ChatRequest, on_error: Callable[[JianweiError], None]) -> None:
        try:
            data, pictures = pack_request(request)
            parcels = self._pack(pictures)
        except Exception:
            log.exception("request %s cannot be sent", request.id)
            on_error(EngineError("engine_failed"))
            return
        self._used[request.id] = tuple(pictures)
        for digest in pictures:
            self._pictures[digest].users += 1
        self._requests.send(Submit(request.id, data, parcels))

    def _pack(self, pictures: Mapping[str, Pixels]) -> tuple[Parcel, ...]:
        """Parcels of the pictures that the process has not got, all or none."""
        packed: list[tuple[Parcel, SharedMemory | None]] = []
        try:
            for digest, pixels in pictures.items():
                if digest not in self._pictures:
                    packed.append(pack_pixels(digest, pixels))
        except BaseException:
            for _, memory in packed:
                if memory is not None:
                    discard(memory)
            raise
        for parcel, memory in packed:
            self._pictures[parcel.digest] = _Sent(memory)
        return tuple(parcel for parcel, _ in packed)

    def _discard(self, digests: tuple[str, ...]) -> None:
        for digest in digests:
            sent = self._pictures.get(digest)
            if sent is not None and sent.memory is not None:
                discard(sent.memory)
                sent.memory = None

    def _release(self, request_id: str) -> None:
        unused: list[str] = []
        for digest in self._used.pop(request_id, ()):
            self._pictures[digest].users -= 1
            if self._pictures[digest].users == 0:
                unused.append(digest)
        if unused:
            self._discard(tuple(unused))
            for digest in unused:
                del self._pictures[digest]
            self._requests.send(Forget(tuple(unused)))


def keep_interrupts_from_children() -> None:
    """Block SIGINT in this thread: Ctrl-C goes to the server, whose children inherit the block at birth.

    The resource tracker is started first, since starting it would lift the block.
    """
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
