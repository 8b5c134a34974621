from __future__ import annotations

import asyncio
import threading
from typing import Any

from server_fakes import FakeEngine, Reply

from jianwei.server.answers import Answers
from jianwei.server.metrics import Metrics
from jianwei.types import ChatRequest, Message, TextPart


def test_an_engine_that_does_not_end_a_cancelled_answer_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr("jianwei.server.answers.CANCEL_SECONDS", 0.05)

    class Deaf(FakeEngine):
        def cancel(self, request_id: str) -> None:
            self.cancelled.append(request_id)

    async def stop() -> str:
        engine = Deaf()
        engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
        answers = Answers(engine, 1, 1, Metrics(engine.stats))
        answer = answers.start(ChatRequest("1", (Message("user", (TextPart("q"),)),)))
        async for _ in answer.pieces(1):
            break
        answer.cancel()
        return (await asyncio.wait_for(answer.completion(), 5)).text

    assert asyncio.run(stop()) == "A "


def test_closing_ends_what_is_running_and_keeps_it() -> None:
    kept: list[str] = []

    async def keep(answer: Any, end: Any) -> None:
        kept.append(f"{end.finish_reason}: {end.text}")

    async def close() -> None:
        engine = FakeEngine()
        engine.replies.append(Reply(["A ", "never"], hold=threading.Event()))
        answers = Answers(engine, 1, 1, Metrics(engine.stats))
        answer = answers.start(ChatRequest("1", (Message("user", (TextPart("q"),)),)), keep)
        async for _ in answer.pieces(1):
            break
        await answers.close(5)

    asyncio.run(close())
    assert kept == ["cancelled: A "]
