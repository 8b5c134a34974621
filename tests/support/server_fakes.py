"""An engine that answers from a queue, and a server around it on a real port."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import PIL.Image
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from jianwei.config import Settings
from jianwei.errors import EngineError, JianweiError
from jianwei.media.image import decode_image
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import Page, chosen, open_pages, render
from jianwei.server.app import create_app
from jianwei.server.listening import listen
from jianwei.server.service import State
from jianwei.server.store import Store
from jianwei.types import (
    ChatRequest,
    Chunk,
    Completion,
    Evidence,
    FinishReason,
    Image,
    ModelCard,
    RecipeReport,
    Timings,
    Usage,
)

WAIT = 20.0
"""Seconds after which a test that waits for something gives up."""

CARD = ModelCard("fake", "A queue of answers", 12_000_000, 4096, builtin=True, wants_ocr=True)


@dataclass
class Reply:
    """What the engine does with one request.

    Attributes:
        pieces: chunks of the answer.
        hold: wait for this before the last piece.
        error: end with it instead of a completion.
        finish_reason: of the completion.
        evidence: what backs it.
        recipe: what came of its recipe.
    """

    pieces: list[str] = field(default_factory=lambda: ["A ", "carton."])
    hold: threading.Event | None = None
    error: JianweiError | None = None
    finish_reason: FinishReason = "stop"
    evidence: Evidence = field(default_factory=Evidence)
    recipe: RecipeReport | None = None


class FakeEngine:
    """The surface of ``EngineProcess``, answering each request with the next reply of a queue."""

    def __init__(self) -> None:
        self.state: State = "ready"
        self.error: JianweiError | None = None
        self.replies: deque[Reply] = deque()
        self.requests: list[ChatRequest] = []
        self.cancelled: list[str] = []
        self.running: dict[str, Callable[[Chunk | JianweiError], None]] = {}
        self._cancel_flags: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._known: set[str] = set()

    @property
    def card(self) -> ModelCard:
        if self.state in {"loading", "failed"}:
            raise self.error or EngineError("engine_loading")
        return CARD

    def submit(self, request: ChatRequest, on_event: Callable[[Chunk | JianweiError], None]) -> None:
        with self._lock:
            self.requests.append(request)
            reply = self.replies.popleft() if self.replies else Reply()
            self.running[request.id] = on_event
            flag = self._cancel_flags[request.id] = threading.Event()
            digests = {image.digest for message in request.messages for image in message.images}
            new = len(digests - self._known)
            self._known |= digests
        threading.Thread(target=self._answer, args=(request, reply, flag, new), daemon=True).start()

    def cancel(self, request_id: str) -> None:
        self.cancelled.append(request_id)
        if request_id in self._cancel_flags:
            self._cancel_flags[request_id].set()

    def stats(self) -> dict[str, float]:
        return {"running": float(len(self.running)), "tokens_generated_total": 7.0}

    def close(self) -> None:
        for flag in self._cancel_flags.values():
            flag.set()

    def _answer(self, request: ChatRequest, reply: Reply, cancelled: threading.Event, runs: int) -> None:
        said = ""
        for number, piece in enumerate(reply.pieces):
            if reply.hold is not None and number == len(reply.pieces) - 1:
                while not reply.hold.is_set() and not cancelled.is_set():
                    time.sleep(0.005)
            if cancelled.is_set():
                break
            said += piece
            self._emit(request.id, Chunk(request.id, piece))
        reason = "cancelled" if cancelled.is_set() else reply.finish_reason
        usage = Usage(100, 64, 32, len(reply.pieces))
        timings = Timings(first_token=0.1, total=0.2, vision_runs=runs)
        completion = Completion(
            said, reason, CARD.name, usage, timings, evidence=reply.evidence, recipe=reply.recipe
        )
        self._emit(request.id, reply.error or Chunk(request.id, "", completion), last=True)

    def _emit(self, request_id: str, event: Chunk | JianweiError, last: bool = False) -> None:
        with self._lock:
            on_event = self.running.get(request_id)
            if last:
                self.running.pop(request_id, None)
        if on_event is not None:
            on_event(event)


class PlainDecoder:
    """Decodes in this process: fast, and with the errors of the real thing."""

    def __init__(self, settings: Settings) -> None:
        self._limits = PictureLimits.from_settings(settings)
        self.decoded = 0

    async def decode(self, data: bytes, name: str) -> Image:
        self._limits.check_file(len(data), name)
        self.decoded += 1
        return decode_image(data, name, self._limits)

    async def pages(self, data: bytes, name: str, spec: str, most: int) -> AsyncIterator[Page]:
        opened = open_pages(data, name, self._limits)
        for page in render(opened, chosen(spec, opened.count, most, name), self._limits, name):
            yield page


@dataclass
class Running:
    """A server on a real port, and what stands behind it."""

    url: str
    engine: FakeEngine
    app: FastAPI
    settings: Settings
    decoder: PlainDecoder


@contextlib.contextmanager
def listening(app: ASGIApp, port: int = 0, **options: Any) -> Iterator[str]:
    """The address of a uvicorn around ``app``, in a thread; ``port`` 0 is any that is free."""
    listener = listen("127.0.0.1", port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=1, proxy_headers=False, **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(WAIT)
        listener.close()


@contextlib.contextmanager
def application(home: Path, engine: FakeEngine | None = None, **options: Any) -> Iterator[Running]:
    """An application around a fake engine; ``options`` are settings. Its ``url`` is for the caller to set."""
    settings = Settings(home=home, language="en", port=0, **options)
    engine = engine or FakeEngine()
    decoder = PlainDecoder(settings)
    store = Store(home)
    try:
        yield Running("", engine, create_app(engine, settings, store, decoder), settings, decoder)
    finally:
        engine.close()
        store.close()


@contextlib.contextmanager
def serving(home: Path, engine: FakeEngine | None = None, **options: Any) -> Iterator[Running]:
    """A server of its own around a fake engine; ``options`` are settings."""
    with application(home, engine, **options) as running, listening(running.app) as running.url:
        yield running


class Switch:
    """An ASGI application that passes requests to another one, so that tests can share a port."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def picture(colour: str = "red", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    """The bytes of a small picture file."""
    target = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


def parse_events(text: str) -> list[tuple[str | None, str]]:
    """Server-sent events as (name, data); comments are left out."""
    found: list[tuple[str | None, str]] = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        fields = dict(line.split(": ", 1) for line in lines)
        if "data" in fields:
            found.append((fields.get("event"), fields["data"]))
    return found
