"""The engine process itself: makes the service, hands it requests, sends back what it says.

Runs in the child only. It must never outlive the server: on Linux the kernel kills it with its parent, and
everywhere the end of the pipe from the server is the end of this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NoReturn, Protocol

from jianwei.engine.worker_wire import (
    AskStats,
    Cancel,
    Close,
    Copied,
    Event,
    Forget,
    Loaded,
    LoadFailed,
    Stats,
    Submit,
    unpack_request,
)
from jianwei.errors import EngineError, JianweiError
from jianwei.types import ChatRequest, Chunk, ModelCard, Pixels

log = logging.getLogger(__name__)

PROCESS_NAME = "jianwei-engine"
"""As in ``ps`` and ``top``; Linux keeps 15 characters."""

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


class Service(Protocol):
    """What can be hosted; ``pipeline.VisionModel`` is one."""

    @property
    def card(self) -> ModelCard:
        """Which model answers."""
        ...

    def submit(self, request: ChatRequest, on_event: Callable[[Chunk | JianweiError], None]) -> None:
        """Begin an answer and return at once."""
        ...

    def cancel(self, request_id: str) -> None:
        """End an answer."""
        ...

    def stats(self) -> dict[str, float]:
        """Gauges and counters."""
        ...

    def close(self) -> None:
        """Stop; answers under way end as cancelled."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How to make a service: ``factory`` is ``module:callable``, imported only where the service is made."""

    factory: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def make(self) -> Service:
        """Import and call."""
        module, _, name = self.factory.partition(":")
        return getattr(importlib.import_module(module), name)(*self.args, **self.kwargs)


def main(recipe: Recipe, requests: Connection, events: Connection, parent: int, log_level: int) -> NoReturn:
    """The life of the engine process.

    Args:
        recipe: of the service.
        requests: messages from the server.
        events: messages to the server.
        parent: process id of the server.
        log_level: of the root logger; the log goes to stderr.
    """
    _prepare_process(parent)
    logging.basicConfig(level=log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, inbox), name="jianwei-pipe", daemon=True).start()
    host = _Host(events)
    try:
        service = recipe.make()
        loaded = Loaded(service.card)
    except JianweiError as error:
        log.info("the model cannot be loaded: %s", error)  # whoever started this process says it to people
        host.send(LoadFailed(error))
        _leave(1)
    except BaseException:
        log.exception("the model cannot be loaded")
        host.send(LoadFailed(EngineError("engine_failed")))
        _leave(1)
    host.send(loaded)
    host.run(service, inbox)
    _leave(0)


class _Host:
    """Turns messages into calls and events into messages."""

    def __init__(self, events: Connection) -> None:
        self._events = events
        self._sending = threading.Lock()
        self._pictures: dict[str, Pixels] = {}

    def send(self, message: object) -> None:
        """Any thread. If the server is gone there is nobody to tell, and this process ends in a moment."""
        with self._sending, contextlib.suppress(BrokenPipeError):
            self._events.send(message)

    def run(self, service: Service, inbox: queue.SimpleQueue[Any]) -> None:
        """Until the server says close."""
        while True:
            message = inbox.get()
            if isinstance(message, Submit):
                self._submit(service, message)
            elif isinstance(message, Forget):
                for digest in message.digests:
                    self._pictures.pop(digest, None)
            elif isinstance(message, Cancel):
                _guarded(service.cancel, message.request_id)
            elif isinstance(message, AskStats):
                self.send(Stats(_guarded(service.stats) or {}))
            elif isinstance(message, Close):
                _guarded(service.close)
                return

    def _submit(self, service: Service, message: Submit) -> None:
        request_id = message.request_id

        def on_event(event: Chunk | JianweiError) -> None:
            try:
                self.send(Event(request_id, event))
            except Exception:  # an event that cannot be pickled must not leave the request without an end
                log.exception("an event of request %s cannot be sent", request_id)
                self.send(Event(request_id, EngineError("engine_failed")))

        try:
            for parcel in message.parcels:
                self._pictures[parcel.digest] = parcel.unpack()
            if message.parcels:
                self.send(Copied(tuple(parcel.digest for parcel in message.parcels)))
            service.submit(unpack_request(message.request, self._pictures), on_event)
        except JianweiError as error:
            on_event(error)
        except MemoryError:
            log.exception("no memory for request %s", request_id)
            on_event(EngineError("out_of_memory"))
        except Exception:
            log.exception("request %s failed", request_id)
            on_event(EngineError("engine_failed"))


def _guarded(call: Callable[..., Any], *args: object) -> Any:
    """The call's value; None if it raised, which the log tells."""
    try:
        return call(*args)
    except Exception:
        log.exception("the service failed")
        return None


def _read(requests: Connection, inbox: queue.SimpleQueue[Any]) -> None:
    """In a thread of its own, so that the end of the server is seen also while the model loads."""
    while True:
        try:
            inbox.put(requests.recv())
        except (EOFError, OSError):
            os._exit(1)


def _prepare_process(parent: int) -> None:
    """Bind this process's life to the server's, and leave interrupts to the server."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked at birth, see EngineProcess
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NAME, PROCESS_NAME.encode(), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew
            os._exit(1)


def _leave(code: int) -> NoReturn:
    """End at once: native libraries may hang or crash when the interpreter takes them down."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)
