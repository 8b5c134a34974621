"""Answers on their way: from the engine's thread to whoever sends them, and at their end to the store.

Each answer is a task of its own, apart from the response that shows it: when the client goes away the answer
is cancelled in the engine, but how far it came is still kept. The number of answers in progress is limited;
who comes later gets ``busy`` at once instead of waiting without end.

What becomes of answers when the engine dies is the engine process's own affair (``engine.worker``).
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

from jianwei.errors import EngineError, JianweiError, RequestError
from jianwei.server.metrics import Metrics
from jianwei.server.problems import internal
from jianwei.server.service import ChatService, Event
from jianwei.types import ChatRequest, Completion, Priority, Timings, Usage

CANCEL_SECONDS = 30.0
"""An engine that has not ended a cancelled answer by then is not waited for."""

End = Completion | JianweiError


class Answer:
    """One answer: its text as it comes, then its end."""

    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self.text = ""
        self.cancelled = False
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._end: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._on_cancel: Callable[[], None] | None = None

    async def pieces(self, heartbeat: float) -> AsyncIterator[str]:
        """The text in pieces; an empty one after each ``heartbeat`` seconds in which nothing came."""
        while True:
            try:
                piece = await asyncio.wait_for(self._pieces.get(), heartbeat)
            except asyncio.TimeoutError:
                yield ""
                continue
            if piece is None:
                return
            yield piece

    async def completion(self) -> Completion:
        """Wait for the end; raises the error that ended it, if one did."""
        end = await asyncio.shield(self._end)
        if isinstance(end, JianweiError):
            raise end
        return end

    def cancel(self) -> None:
        """End it early. It is over when ``completion`` returns."""
        if not self.cancelled and not self._end.done():
            self.cancelled = True
            if self._on_cancel is not None:
                self._on_cancel()

    def push(self, text: str) -> None:
        """Add a piece of text."""
        self.text += text
        self._pieces.put_nowait(text)

    def finish(self, end: End) -> None:
        """Nothing comes after this."""
        self._end.set_result(end)
        self._pieces.put_nowait(None)

    def when_cancelled(self, action: Callable[[], None]) -> None:
        """Call ``action`` on ``cancel``; at once if that has happened already."""
        self._on_cancel = action
        if self.cancelled:
            action()


class Answers:
    """All answers in progress.

    Args:
        service: the engine.
        limit: answers in progress at once, running and waiting; more get ``busy``.
        waiting_from: how many of them run; the rest count as waiting in the error.
        metrics: where they are counted.
    """

    def __init__(self, service: ChatService, limit: int, waiting_from: int, metrics: Metrics) -> None:
        self._service = service
        self._limit = limit
        self._waiting_from = waiting_from
        self._metrics = metrics
        self._active: dict[str, Answer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def check_room(self, priority: Priority = "interactive") -> None:
        """Raise if a new request would be refused; asked before an upload is read.

        Batch work leaves as many places as run at once to those who wait for their answers.
        """
        if self._service.state not in {"ready", "restarting"}:
            raise self._service.error or EngineError("engine_loading")
        kept = self._waiting_from if priority == "batch" and self._limit > self._waiting_from else 0
        if len(self._active) >= self._limit - kept:
            raise RequestError("busy", got=max(0, len(self._active) - self._waiting_from))

    def start(
        self, request: ChatRequest, on_end: Callable[[Answer, End], Awaitable[None]] | None = None
    ) -> Answer:
        """Begin an answer; ``on_end`` has run before anyone is told of the end.

        Raises:
            JianweiError: as ``check_room``.
        """
        self.check_room(request.priority)
        answer = Answer(request)
        self._active[request.id] = answer
        task = asyncio.create_task(self._run(answer, on_end))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    async def close(self, grace: float) -> None:
        """Cancel what is still running and wait, at most ``grace`` seconds, until that is kept."""
        for answer in list(self._active.values()):
            answer.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=grace)

    async def _run(self, answer: Answer, on_end: Callable[[Answer, End], Awaitable[None]] | None) -> None:
        try:
            end = await self._attempt(answer)
        except Exception as cause:
            end = internal(cause)
        if isinstance(end, Completion):
            self._metrics.answered(end)
        else:
            self._metrics.failed(end.code)
        try:
            if on_end is not None:
                await on_end(answer, end)
        except Exception as cause:
            # The answer itself is there; the person gets it even if it could not be kept.
            internal(cause)
        finally:
            del self._active[answer.request.id]
            answer.finish(end)

    async def _attempt(self, answer: Answer) -> End:
        """Hand the request to the engine and follow it to its end."""
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event] = asyncio.Queue()
        request_id = answer.request.id

        def on_event(event: Event) -> None:
            # The engine may still speak when the loop has closed: then nobody is left to hear it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(events.put_nowait, event)

        def cancel() -> None:
            self._service.cancel(request_id)
            loop.call_later(CANCEL_SECONDS, events.put_nowait, EngineError("cancelled"))

        try:
            self._service.submit(answer.request, on_event)
        except JianweiError as error:
            return error
        answer.when_cancelled(cancel)
        while True:
            event = await events.get()
            if isinstance(event, JianweiError):
                return self._nothing(answer) if answer.cancelled else event
            if event.text:
                answer.push(event.text)
            if event.completion is not None:
                return event.completion

    def _nothing(self, answer: Answer) -> Completion:
        """The end of a cancelled answer that the engine did not end itself."""
        return Completion(answer.text, "cancelled", self._service.card.name, Usage(), Timings())


def new_request_id() -> str:
    """A name for a request that no other one has."""
    return uuid.uuid4().hex
