"""The engine in a process of its own: what dies there costs the answers under way, never the server.

    server threads ── submit, cancel ──► writer thread ── pipe, shared memory ──► engine process
          ▲                                                                            │
          └── on_event ── dispatcher thread ◄── supervisor thread ◄──── pipe ── chunks ┘

- The *supervisor* starts a process, reads what it says until the pipe ends, and starts the next one.
- The *writer* (one a process) alone talks to it and alone owns the segments of shared memory, without a lock.
- The *dispatcher* alone calls the callers' functions, so these may call anything here.

An answer that had begun to stream when the process died ends with ``engine_crashed``. Those that had not are
asked again of the next process, once. They go one after the other, each when the one before has begun, and
the newest first: if one of them kills the engine it is likely this one, and so it takes no other with it.

This module knows requests and events, not what answers them: ``factory`` names that, and only the engine
process imports it. ``worker_link.py`` is one process seen from here, ``worker_child.py`` its own side,
``worker_wire.py`` is what goes between.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jianwei.engine.worker_child import Recipe
from jianwei.engine.worker_link import DEATH_PATIENCE, ChildProcess, keep_interrupts_from_children
from jianwei.engine.worker_wire import Copied, Event, Loaded, LoadFailed, Stats
from jianwei.errors import EngineError, JianweiError
from jianwei.machine import anonymous_memory
from jianwei.types import ChatRequest, Chunk, Completion, ModelCard, Timings, Usage

log = logging.getLogger(__name__)

State = Literal["loading", "ready", "failed", "restarting", "closed"]
OnEvent = Callable[[Chunk | JianweiError], None]

_CRASH_WINDOW = 60.0
"""Seconds over which crashes are counted for the pause before the next start."""

_LONGEST_PAUSE = 30.0
"""Seconds between a crash and the next start, at most; the first start comes at once."""

_MAX_FAILED_STARTS = 5
"""Deaths in a row without becoming ready again; then the engine counts as failed."""


class EngineProcess:
    """A service (such as ``pipeline.VisionModel``) in a child process, with the same surface. Thread-safe.

    ``on_event`` functions are called one at a time from one thread. They may call ``submit``, ``cancel`` and
    ``stats``, and should not block.
    """

    def __init__(
        self, factory: str, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> None:
        """Name what to run; nothing is started yet.

        Args:
            factory: ``module:callable``; imported and called in the child only.
            args: for the callable; they are pickled.
            kwargs: likewise.
        """
        self._recipe = Recipe(factory, args, dict(kwargs or {}))
        self._changed = threading.Condition()
        self._state: State = "loading"
        self._error: JianweiError | None = None
        self._card: ModelCard | None = None
        self._child: ChildProcess | None = None
        self._closing = threading.Event()
        self._answers: dict[str, _Answer] = {}
        self._again: list[_Answer] = []
        self._on_trial: _Answer | None = None
        self._crashes: deque[float] = deque()
        self._failed_starts = 0
        self._restarts = 0
        self._stats: dict[str, float] = {}
        self._stats_seen = 0
        self._outgoing: queue.SimpleQueue[tuple[OnEvent, Chunk | JianweiError] | None] = queue.SimpleQueue()
        self._supervisor = threading.Thread(target=self._supervise, name="jianwei-supervisor", daemon=True)
        self._dispatcher = threading.Thread(target=self._dispatch, name="jianwei-dispatcher", daemon=True)

    @property
    def state(self) -> State:
        """``loading`` until first ready; ``restarting`` after a crash; ``failed`` needs a person."""
        return self._state

    @property
    def error(self) -> JianweiError | None:
        """Why the state is ``failed``."""
        return self._error

    @property
    def card(self) -> ModelCard:
        """Which model answers; raises ``EngineError("engine_loading")`` before it was ready once."""
        if self._card is None:
            raise self._error or EngineError("engine_loading")
        return self._card

    @property
    def pid(self) -> int | None:
        """Process id of the engine, None if there is none now."""
        child = self._child
        return child.pid if child else None

    def start(self) -> None:
        """Begin to load and return at once; see :meth:`wait_ready`."""
        atexit.register(self.close, 2.0)  # or the child's end would look like a crash while Python leaves
        self._dispatcher.start()
        self._supervisor.start()

    def wait_ready(self, timeout: float | None = None) -> None:
        """Wait until requests are taken.

        Raises:
            JianweiError: why it failed; ``engine_loading`` if ``timeout`` seconds were not enough.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._state in ("ready", "failed", "closed"), timeout)
            if self._state != "ready":
                raise self._error or EngineError("engine_loading")

    def submit(self, request: ChatRequest, on_event: OnEvent) -> None:
        """Begin an answer and return at once. While the engine restarts, the request waits for it.

        ``on_event`` gets every chunk; the last event is a chunk with a completion, or an error.

        Raises:
            EngineError: ``engine_loading``; after a failed start, what made it fail.
            ValueError: a request of this id is under way.
        """
        with self._changed:
            if self._state in ("loading", "failed", "closed"):
                raise self._error or EngineError("engine_loading")
            if request.id in self._answers:
                raise ValueError(f"a request {request.id} is under way")
            answer = self._answers[request.id] = _Answer(request, on_event)
            if self._state == "ready":
                self._send(answer)

    def cancel(self, request_id: str) -> None:
        """End an answer; it ends with finish reason ``cancelled``. Unknown ids are ignored."""
        with self._changed:
            answer = self._answers.get(request_id)
            if answer is None:
                return
            answer.cancelled = True
            if answer.sent and self._child:
                self._child.cancel(request_id)
            else:
                self._end(answer, self._cancelled(answer))

    def stats(self, timeout: float = 1.0) -> dict[str, float]:
        """Gauges and counters of the service; the last ones known if it is silent for ``timeout`` seconds."""
        with self._changed:
            if self._state == "ready" and self._child:
                before = self._stats_seen
                self._child.ask_stats()
                self._changed.wait_for(lambda: self._stats_seen != before or self._state != "ready", timeout)
            stats = {**self._stats, "engine_restarts_total": float(self._restarts)}
            memory = anonymous_memory(self._child.pid) if self._child else None
            return stats if memory is None else {**stats, "memory_bytes": float(memory)}

    def close(self, timeout: float = 10.0) -> None:
        """Stop: answers under way end as cancelled. After ``timeout`` seconds the process is killed."""
        atexit.unregister(self.close)
        with self._changed:
            child, ready = self._child, self._state == "ready"
            self._closing.set()
            if child:
                if ready:
                    child.close()
                else:
                    child.kill()
        if self._supervisor.is_alive():
            self._supervisor.join(timeout)
            if self._supervisor.is_alive() and child:
                child.kill()
                self._supervisor.join(2 * DEATH_PATIENCE)
        with self._changed:
            self._state = "closed"
            self._changed.notify_all()
        if self._dispatcher.is_alive() and threading.current_thread() is not self._dispatcher:
            self._dispatcher.join(timeout)

    # With the lock held.

    def _send(self, answer: _Answer) -> None:
        if self._child is None:  # it has just died: the next one gets the request
            return
        answer.sent = True
        self._child.submit(answer.request, lambda error: self._on_event(answer.request.id, error))

    def _send_next_again(self) -> None:
        """Ask the next answer that a crash interrupted, unless one is still on trial."""
        if self._on_trial is None and self._again and self._child and self._state == "ready":
            self._on_trial = self._again.pop()
            self._send(self._on_trial)

    def _end(self, answer: _Answer, event: Chunk | JianweiError) -> None:
        """Forget an answer and tell its caller the last event."""
        del self._answers[answer.request.id]
        if answer in self._again:
            self._again.remove(answer)
        self._outgoing.put((answer.on_event, event))
        if self._child and answer.sent:
            self._child.ended(answer.request.id)
        if answer is self._on_trial:
            self._on_trial = None
            self._send_next_again()

    def _end_all(self, error: JianweiError) -> None:
        for answer in list(self._answers.values()):
            self._end(answer, self._cancelled(answer) if answer.cancelled else error)

    def _cancelled(self, answer: _Answer) -> Chunk:
        """The last chunk of an answer that the engine cannot end itself."""
        name = self._card.name if self._card else ""
        completion = Completion(answer.text, "cancelled", name, Usage(), Timings())
        return Chunk(answer.request.id, "", completion)

    def _set_state(self, state: State) -> None:
        self._state = state
        self._changed.notify_all()

    # The supervisor's thread.

    def _supervise(self) -> None:
        """One process after the other."""
        keep_interrupts_from_children()
        while not self._closing.is_set():
            try:
                child = ChildProcess(self._recipe)
            except Exception:
                log.exception("the engine process cannot be started")
                exit_code = None
            else:
                with self._changed:
                    self._child = child
                    if self._closing.is_set():
                        child.kill()
                self._listen(child)
                with self._changed:
                    self._child = None
                exit_code = child.bury()
            pause = self._after_death(exit_code)
            if pause is None or self._closing.wait(pause):
                break
        with self._changed:
            self._end_all(EngineError("cancelled"))
            if self._state != "failed":
                self._set_state("closed")
        self._outgoing.put(None)

    def _listen(self, child: ChildProcess) -> None:
        """Do what the process says until its pipe ends."""
        while True:
            try:
                message = child.receive()
            except (EOFError, OSError):
                return
            except Exception:
                log.exception("the engine process says what cannot be understood")
                child.kill()
                return
            if isinstance(message, Event):
                self._on_event(message.request_id, message.event)
            elif isinstance(message, Copied):
                child.copied(message.digests)
            elif isinstance(message, Stats):
                with self._changed:
                    self._stats = message.values
                    self._stats_seen += 1
                    self._changed.notify_all()
            elif isinstance(message, Loaded):
                self._on_loaded(message.card)
            elif isinstance(message, LoadFailed):
                self._on_failed(message.error)

    def _on_loaded(self, card: ModelCard) -> None:
        with self._changed:
            self._card = card
            self._failed_starts = 0
            self._set_state("ready")
            for answer in self._answers.values():
                if answer not in self._again:
                    self._send(answer)
            self._send_next_again()

    def _on_failed(self, error: JianweiError) -> None:
        """The service cannot be made: another try would end the same way."""
        with self._changed:
            self._error = error
            self._set_state("failed")
            self._end_all(error)

    def _on_event(self, request_id: str, event: Chunk | JianweiError) -> None:
        with self._changed:
            answer = self._answers.get(request_id)
            if answer is None:
                return
            if isinstance(event, JianweiError) or event.completion is not None:
                self._end(answer, event)
                return
            answer.text += event.text
            answer.streamed = True
            self._outgoing.put((answer.on_event, event))
            if answer is self._on_trial:
                self._on_trial = None
                self._send_next_again()

    def _after_death(self, exit_code: int | None) -> float | None:
        """What becomes of the answers; seconds until the next start, None if there is none."""
        with self._changed:
            if self._closing.is_set() or self._state == "failed":
                return None
            log.error("the engine process ended (exit code %s)", exit_code)
            self._failed_starts += self._state != "ready"
            if self._state == "loading" or self._failed_starts >= _MAX_FAILED_STARTS:
                self._on_failed(EngineError("engine_failed"))
                return None
            self._set_state("restarting")
            self._restarts += 1
            self._on_trial = None
            for answer in list(self._answers.values()):
                if answer.sent:
                    self._after_crash(answer)
            now = time.monotonic()
            self._crashes.append(now)
            while self._crashes[0] < now - _CRASH_WINDOW:
                self._crashes.popleft()
            earlier = len(self._crashes) - 1
            return min(_LONGEST_PAUSE, 0.25 * 2**earlier) if earlier else 0.0

    def _after_crash(self, answer: _Answer) -> None:
        if answer.cancelled:
            self._end(answer, self._cancelled(answer))
        elif answer.streamed or answer.crashed:
            self._end(answer, EngineError("engine_crashed"))
        else:
            answer.crashed, answer.sent = True, False
            self._again.append(answer)

    # The dispatcher's thread.

    def _dispatch(self) -> None:
        while (item := self._outgoing.get()) is not None:
            on_event, event = item
            try:
                on_event(event)
            except Exception:
                log.exception("a caller's on_event failed")


@dataclass(eq=False)
class _Answer:
    """A request under way.

    Attributes:
        sent: it is with the engine process that runs now.
        streamed: its caller has got a piece of it, so it cannot begin anew.
        crashed: an engine process died with it; it is asked again.
        text: what was streamed.
    """

    request: ChatRequest
    on_event: OnEvent
    sent: bool = False
    streamed: bool = False
    crashed: bool = False
    cancelled: bool = False
    text: str = ""
