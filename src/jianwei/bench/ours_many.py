"""Our side, many at once: sequences that decode together, photos with one instruction, a long conversation."""

from __future__ import annotations

import queue
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager

from jianwei.bench.pictures import draw
from jianwei.bench.watch import MemoryWatch
from jianwei.bench.worker import (
    FIRST_QUESTION,
    INSTRUCTION,
    SECOND_QUESTION,
    anonymous_megabytes,
    random_tokens,
)
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import JianweiError
from jianwei.model.chat_template import TextSegment
from jianwei.pipeline import VisionModel
from jianwei.types import ChatRequest, Chunk, Image, ImagePart, Message, SamplingParams, TextPart

_REST = 2.0
"""Seconds without a question before memory at rest is read: the engine gives activations back after one."""

_LIMIT = 600.0
"""Seconds after which an answer counts as lost."""


@contextmanager
def without_drafts(model: VisionModel) -> Generator[None]:
    """One token a step: what random weights say goes in circles, which guesses would find."""
    scheduler = model.engine.scheduler
    kept, scheduler.drafts = scheduler.drafts, False
    try:
        yield
    finally:
        scheduler.drafts = kept


def decode_together(model: VisionModel, sequences: int, context: int, steps: int, seed: int) -> float:
    """Tokens a second of so many sequences in all, each with a prompt of its own of ``context`` tokens.

    Counted while all of them decode: from the last one's first token to the first one's end.
    """
    ends: queue.SimpleQueue[EngineResult | JianweiError] = queue.SimpleQueue()
    came: list[list[float]] = [[] for _ in range(sequences)]

    def noting(times: list[float]) -> Callable[[int], bool]:
        def on_token(_: int) -> bool:
            times.append(time.perf_counter())
            return False

        return on_token

    with without_drafts(model):
        for number in range(sequences):
            model.engine.submit(
                EngineRequest(
                    id=uuid.uuid4().hex,
                    segments=[TextSegment(tuple(random_tokens(context, 1000 * seed + number + 7)))],
                    # Those that begin earlier are ahead by the steps that the other prompts take.
                    sampling=SamplingParams(max_tokens=steps + 2 * sequences),
                    grammar=None,
                    on_token=noting(came[number]),
                    on_end=ends.put,
                )
            )
        for _ in range(sequences):
            end = ends.get(timeout=_LIMIT)
            if isinstance(end, JianweiError):
                raise end
    start, stop = max(times[0] for times in came), min(times[-1] for times in came)
    made = sum(start < moment <= stop for times in came for moment in times)
    if stop <= start:
        raise RuntimeError("the sequences did not decode at the same time")
    return made / (stop - start)


def photo_batch(model: VisionModel, count: int, side: int, answer: int, seed: int) -> float:
    """Photos a minute: each asked about with the same instruction before it, as batch work."""
    ends: queue.SimpleQueue[Chunk | JianweiError] = queue.SimpleQueue()

    def on_event(event: Chunk | JianweiError) -> None:
        if isinstance(event, JianweiError) or event.completion is not None:
            ends.put(event)

    photos = [Image(draw("photo", side, 10_000 * (seed + 1) + number)) for number in range(count)]
    start = time.perf_counter()
    with without_drafts(model):
        for photo in photos:
            messages = (
                Message("system", (TextPart(INSTRUCTION),)),
                Message("user", (ImagePart(photo), TextPart(FIRST_QUESTION))),
            )
            sampling = SamplingParams(max_tokens=answer)
            request = ChatRequest(uuid.uuid4().hex, messages, sampling, ocr="off", priority="batch")
            model.submit(request, on_event)
        for _ in photos:
            end = ends.get(timeout=_LIMIT)
            if isinstance(end, JianweiError):
                raise end
    return 60 * count / (time.perf_counter() - start)


def rounds(model: VisionModel, count: int, side: int, answer: int, seed: int) -> tuple[float, float]:
    """MB of anonymous memory at rest after so many rounds on one picture, and at most meanwhile."""
    messages: list[Message] = []
    with MemoryWatch() as watch:
        for number in range(count):
            question = TextPart(f"{number + 1}. {SECOND_QUESTION if number else FIRST_QUESTION}")
            shown = () if number else (ImagePart(Image(draw("photo", side, seed))),)
            messages.append(Message("user", (*shown, question)))
            sampling = SamplingParams(max_tokens=answer)
            request = ChatRequest(uuid.uuid4().hex, tuple(messages), sampling, ocr="off")
            said = next(chunk.completion for chunk in model.stream(request) if chunk.completion)
            messages.append(Message("assistant", (TextPart(said.text),)))
        time.sleep(_REST)
    return anonymous_megabytes(), watch.most
