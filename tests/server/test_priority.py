"""``priority`` over HTTP: what reaches the engine, and room for those who wait."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest
from server_fakes import FakeEngine, Reply, Running, picture

from jianwei.errors import RequestError
from jianwei.server.answers import Answers
from jianwei.server.metrics import Metrics
from jianwei.types import ChatRequest, Message, Priority, TextPart


@pytest.mark.parametrize(("fields", "priority"), [({}, "interactive"), ({"priority": "batch"}, "batch")])
def test_a_form_says_whether_somebody_waits(
    server: Running, client: httpx.Client, fields: dict[str, str], priority: str
) -> None:
    form = {"query": "What is this?", **fields}
    client.post("/api/v1/chat", files={"image": ("a.png", picture())}, data=form).raise_for_status()
    assert server.engine.requests[-1].priority == priority


def test_an_unknown_priority_is_one_clear_error(client: httpx.Client) -> None:
    form = {"query": "What is this?", "priority": "urgent"}
    response = client.post("/api/v1/chat", files={"image": ("a.png", picture())}, data=form)
    assert response.status_code == 422
    assert "priority" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("tier", "priority"), [(None, "interactive"), ("auto", "interactive"), ("flex", "batch")]
)
def test_flex_is_batch_in_the_openai_api(
    server: Running, client: httpx.Client, tier: str | None, priority: str
) -> None:
    body = {"messages": [{"role": "user", "content": "Hello?"}], "service_tier": tier}
    client.post("/v1/chat/completions", json=body).raise_for_status()
    assert server.engine.requests[-1].priority == priority


def test_batch_work_leaves_room_for_those_who_wait() -> None:
    def request(number: int, priority: Priority) -> ChatRequest:
        return ChatRequest(str(number), (Message("user", (TextPart("q"),)),), priority=priority)

    async def fill() -> int:
        engine, gate = FakeEngine(), threading.Event()
        engine.replies.extend(Reply(hold=gate) for _ in range(8))
        answers = Answers(engine, 6, 2, Metrics(engine.stats))
        started = [answers.start(request(number, "batch")) for number in range(4)]
        with pytest.raises(RequestError) as refused:
            answers.start(request(4, "batch"))
        assert refused.value.code == "busy"
        started += [answers.start(request(number, "interactive")) for number in (5, 6)]
        with pytest.raises(RequestError):
            answers.start(request(7, "interactive"))
        gate.set()
        return len([await answer.completion() for answer in started])

    assert asyncio.run(fill()) == 6
