"""What the server asks of the outside: an engine that answers, and a pool that decodes pictures.

Protocols only, so that tests can put a queue of prepared answers in the engine's place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Literal, Protocol

from jianwei.errors import JianweiError
from jianwei.media.pages import Page
from jianwei.types import ChatRequest, Chunk, Image, ModelCard

State = Literal["loading", "ready", "failed", "restarting", "closed"]

Event = Chunk | JianweiError
"""What the engine says about a request: pieces of the answer, then its end (a chunk with ``completion``, or
an error)."""


class ChatService(Protocol):
    """An engine that answers several requests at once (``jianwei.engine.worker.EngineProcess``)."""

    @property
    def state(self) -> State:
        """Requests are taken while ``ready`` or ``restarting``; they wait for an engine that starts again."""
        ...

    @property
    def error(self) -> JianweiError | None:
        """Why the state is ``failed``."""
        ...

    @property
    def card(self) -> ModelCard:
        """Which model answers; raises ``EngineError("engine_loading")`` before it was ready once."""
        ...

    def submit(self, request: ChatRequest, on_event: Callable[[Event], None]) -> None:
        """Hand over a request; ``on_event`` is called from another thread until the event that ends it.

        Raises:
            JianweiError: why requests are not taken now.
        """
        ...

    def cancel(self, request_id: str) -> None:
        """End a request early; it still gets its last event."""
        ...

    def stats(self) -> dict[str, float]:
        """Flat gauges and counters (names ending in ``_total``) for ``/metrics``."""
        ...

    def close(self) -> None:
        """Stop the engine."""
        ...


class Decoder(Protocol):
    """Turns the bytes of a picture file into pixels (``jianwei.media.sandbox.DecodePool``)."""

    async def decode(self, data: bytes, name: str) -> Image:
        """Decode one file; raises ``InputError`` for what is not a usable picture."""
        ...

    def pages(self, data: bytes, name: str, spec: str, most: int) -> AsyncIterator[Page]:
        """Pages of a PDF or key frames of a video as picture files; raises ``InputError``."""
        ...
