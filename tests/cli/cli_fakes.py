"""A model that answers from a queue, in place of the one that the command line would load."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jianwei.types import ChatRequest, Chunk, Completion, Evidence, FinishReason, ModelCard, Timings, Usage

CARD = ModelCard("fake", "A queue of answers", 12_000_000, 4096, builtin=True, wants_ocr=True)


@dataclass
class Answer:
    """What the model says to one question; ``error`` comes instead of the end."""

    pieces: list[str] = field(default_factory=lambda: ["A ", "carton."])
    finish_reason: FinishReason = "stop"
    error: BaseException | None = None
    seconds_between: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)


class FakeModel:
    """The surface of ``VisionModel`` that the command line uses."""

    def __init__(self, answers: list[Answer] | None = None) -> None:
        self.card = CARD
        self.answers = answers or []
        self.requests: list[ChatRequest] = []
        self.ended_early = 0
        self.closed = False

    def stats(self) -> dict[str, float]:
        names = ("total", "used", "idle", "shared", "evicted_total", "left_out_total", "brought_back_total")
        return {f"kv_blocks_{name}": 40.0 + number for number, name in enumerate(names)}

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else Answer()
        finished = False
        try:
            for piece in answer.pieces:
                yield Chunk(request.id, piece)
                time.sleep(answer.seconds_between)
            if answer.error is not None:
                raise answer.error
            finished = True
            yield Chunk(request.id, "", self._completion(answer))
        finally:
            self.ended_early += not finished

    def close(self) -> None:
        self.closed = True

    def _completion(self, answer: Answer) -> Completion:
        return Completion(
            text="".join(answer.pieces),
            finish_reason=answer.finish_reason,
            evidence=answer.evidence,
            model="fake",
            usage=Usage(prompt_tokens=300, visual_tokens=256, cached_tokens=0, completion_tokens=20),
            timings=Timings(
                prepare=0.01, vision=1.0, prefill=0.5, decode=2.0, first_token=1.6, total=3.6, vision_runs=1
            ),
        )


def json_answer(value: object) -> Answer:
    """A model that obeys a grammar: JSON in small pieces."""
    text = json.dumps(value, ensure_ascii=False)
    return Answer([text[at : at + 5] for at in range(0, len(text), 5)])


@dataclass
class Outcome:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


Jianwei = Callable[..., Outcome]
