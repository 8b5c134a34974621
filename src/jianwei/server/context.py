"""What every route needs: the engine, the store, the limits, and who is being answered just now."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request

from jianwei.config import Settings
from jianwei.errors import EngineError, InputError, JianweiError, RequestError
from jianwei.media.pages import Page
from jianwei.server.answers import Answer, Answers
from jianwei.server.fetch import PictureFetcher
from jianwei.server.metrics import Metrics
from jianwei.server.pictures import Pictures
from jianwei.server.service import ChatService, Decoder
from jianwei.server.store import Store
from jianwei.types import Completion, ModelCard

STOP_SECONDS = 10.0
"""How long a new question waits for the end of an answer that was stopped."""


class OpenTurns:
    """Which conversations have a question in hand; each may have one at a time.

    A second question refers to the first one's answer, so it cannot be asked before that is there.
    """

    def __init__(self) -> None:
        self._taken: dict[str, Answer | None] = {}

    async def take(self, conversation: str) -> None:
        """Begin a turn; raises ``RequestError("conversation_busy")`` if one is still being answered."""
        answer = self._taken.get(conversation)
        if answer is not None and answer.cancelled:
            await self.stop(conversation)
        if conversation in self._taken:
            raise RequestError("conversation_busy")
        self._taken[conversation] = None

    def answered_by(self, conversation: str, answer: Answer) -> None:
        """The turn that was begun is answered by ``answer``."""
        self._taken[conversation] = answer

    def give_back(self, conversation: str) -> None:
        """The turn is over."""
        self._taken.pop(conversation, None)

    async def stop(self, conversation: str) -> bool:
        """End the answer of a conversation, if there is one, and wait until it has ended and is kept."""
        answer = self._taken.get(conversation)
        if answer is None:
            return False
        answer.cancel()
        with contextlib.suppress(JianweiError, asyncio.TimeoutError):
            await asyncio.wait_for(answer.completion(), STOP_SECONDS)
        return True


@dataclass
class Context:
    """One server's parts."""

    service: ChatService
    settings: Settings
    store: Store
    pictures: Pictures
    fetcher: PictureFetcher
    answers: Answers
    metrics: Metrics
    decoder: Decoder
    turns: OpenTurns = field(default_factory=OpenTurns)

    @property
    def card(self) -> ModelCard:
        """Which model answers; raises ``EngineError("engine_loading")`` before it is known."""
        return self.service.card

    async def fetch(self, url: str) -> tuple[bytes, str]:
        """A picture from an address, if that is allowed."""
        if not self.settings.allow_url:
            raise InputError("urls_not_allowed")
        return await self.fetcher.fetch(url)

    def pages(self, data: bytes, name: str, spec: str, most: int) -> AsyncIterator[Page]:
        """Pages of a PDF or key frames of a video as picture files."""
        return self.decoder.pages(data, name, spec, most)


def context_of(request: Request) -> Context:
    """The parts of the server that ``request`` came to."""
    return request.app.state.context


async def completion_or_gone(request: Request, answer: Answer) -> Completion:
    """Wait for the answer; if the client goes away before, stop it.

    Raises:
        JianweiError: what ended the answer; ``cancelled`` when nobody is there any more.
    """

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    leaving = asyncio.create_task(gone())
    ending = asyncio.create_task(answer.completion())
    try:
        await asyncio.wait({leaving, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            raise EngineError("cancelled")
        return ending.result()
    finally:
        answer.cancel()
        leaving.cancel()
        ending.cancel()
