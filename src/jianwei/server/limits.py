"""How much of a request is read: a total in bytes, and what happens to the rest of one that was refused."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jianwei.errors import RequestError

DRAIN_BYTES = 512 * 2**20
DRAIN_SECONDS = 10.0
"""How much of a refused upload is read and thrown away. Most clients send a whole body before they look at
the answer; closing the connection on them would show as a broken pipe instead of the error that tells what to
do."""


class BodyLimit:
    """ASGI middleware: ends a request whose body is over ``max_bytes``, and lets a refused upload run out."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it is read; before an early answer, read what is left of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        has_body = (announced.isdecimal() and int(announced) > 0) or "transfer-encoding" in headers
        seen = 0
        finished = not has_body

        async def counted() -> Message:
            nonlocal seen, finished
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                finished = not message.get("more_body", False)
                if seen > self._max_bytes:
                    raise RequestError("request_too_large", limit=f"{self._max_bytes >> 20} MB")
            else:
                finished = True
            return message

        async def drained(message: Message) -> None:
            nonlocal finished
            # A client that waits for "100 Continue" has sent nothing yet and looks at the answer first.
            waits = seen == 0 and headers.get("expect", "").lower() == "100-continue"
            if message["type"] == "http.response.start" and not finished and not waits:
                finished = True
                await _drain(receive)
            await send(message)

        await self._app(scope, counted, drained)


async def _drain(receive: Receive) -> None:
    left, end = DRAIN_BYTES, time.monotonic() + DRAIN_SECONDS
    while left > 0:
        try:
            message = await asyncio.wait_for(receive(), end - time.monotonic())
        except asyncio.TimeoutError:
            return
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        left -= len(message.get("body", b""))
