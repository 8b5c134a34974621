"""Server-sent events (WHATWG HTML, 9.2): one answer as a stream that proxies and browsers pass on at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

HEARTBEAT_SECONDS = 10.0
"""A comment goes out when nothing else has for so long, so that nobody on the way takes the line for dead."""

HEARTBEAT = b": waiting\n\n"


def event(data: Any, name: str | None = None) -> bytes:
    """One event; ``data`` is a string, or anything else as JSON (which holds no line breaks)."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


class EventStream(StreamingResponse):
    """A response of events. It ends the iterator when the client goes away."""

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        # X-Accel-Buffering: nginx would otherwise collect events before it passes them on.
        super().__init__(
            events,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
