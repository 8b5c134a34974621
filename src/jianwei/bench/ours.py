"""Our side: the pipeline and the engine as users run them. Run as a process (see ``worker``)."""

from __future__ import annotations

import queue
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openvino as ov

from jianwei.bench.ours_many import decode_together, photo_batch, rounds, without_drafts
from jianwei.bench.pictures import draw
from jianwei.bench.replay import Replayed, recordings
from jianwei.bench.worker import (
    FIRST_QUESTION,
    SECOND_QUESTION,
    actions_of,
    anonymous_megabytes,
    picture,
    random_tokens,
    serve,
)
from jianwei.config import Settings
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import JianweiError
from jianwei.model.chat_template import TextSegment
from jianwei.model.preprocess import patch_image
from jianwei.pipeline import VisionModel
from jianwei.types import (
    ChatRequest,
    Completion,
    Image,
    ImagePart,
    Message,
    SamplingParams,
    TextPart,
    Timings,
)


class InferenceClock:
    """Counts the seconds spent inside OpenVINO's inference calls, of all graphs of this process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        infer: Callable[..., Any] = ov.InferRequest.infer

        def timed(request: ov.InferRequest, *args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return infer(request, *args, **options)
            finally:
                self.seconds += time.perf_counter() - start

        setattr(ov.InferRequest, "infer", timed)  # noqa: B010 - a plain assignment is refused by its type


class OurSide:
    """A loaded model and what is measured on it."""

    def __init__(self, language: str, vision: str, threads: int) -> None:
        self._clock = InferenceClock()
        # Nothing of an earlier run may be known.
        settings = Settings(threads=threads, mmproj=Path(vision), picture_disk=0, kv_disk=0)
        self._model = VisionModel(language, settings=settings)
        self._asked: tuple[int, int, str] | None = None

    def encode(self, side: int, seed: int) -> tuple[float, int]:
        """Seconds of the vision tower on a new picture, and its visual tokens."""
        patched = patch_image(Image(picture(side, seed)), self._model.preprocess)
        start = time.perf_counter()
        tokens = self._model.tower.encode(patched)
        return time.perf_counter() - start, len(tokens.embeddings)

    def prefill(self, count: int, seed: int) -> float:
        """Seconds to compute a prompt of so many tokens from nothing, up to its first token."""
        return self._generate(random_tokens(count, seed), 1)[0].prefill

    def decode(self, context: int, steps: int, seed: int) -> tuple[float, float]:
        """Seconds per token of one greedy sequence after ``context`` tokens; share outside OpenVINO."""
        with without_drafts(self._model):
            result, inside = self._generate(random_tokens(context, seed), steps + 1)
        made = len(result.tokens) - 1
        if made < 1:
            raise RuntimeError("the answer ended at its first token")
        return result.decode / made, 1 - inside / result.decode

    def replay(self) -> tuple[float, int]:
        """Seconds to decode given answers after their first tokens, with guesses and forced tokens; how many."""
        seconds, made = 0.0, 0
        vocab = self._model.decoder.config.vocab
        for recording in recordings(vocab):
            grammar = Replayed(recording, vocab)
            result, _ = self._generate(list(recording.prompt), len(recording.answer), grammar)
            if tuple(result.tokens) != recording.answer:
                raise RuntimeError("a given answer came out otherwise")
            seconds += result.decode
            made += len(result.tokens) - 1
        return seconds, made

    def first_question(self, side: int, seed: int, kind: str = "photo") -> Completion:
        """A question on a new picture; it must run the vision tower once."""
        answer = self._ask(side, seed, kind, FIRST_QUESTION)
        if answer.timings.vision_runs != 1:
            raise RuntimeError(f"a new picture ran the vision tower {answer.timings.vision_runs} times")
        self._asked = (side, seed, kind)
        return answer

    def second_question(self, side: int, seed: int, kind: str = "photo") -> Timings:
        """Another question on the picture; it must not run the vision tower."""
        if self._asked != (side, seed, kind):
            self.first_question(side, seed, kind)
        timings = self._ask(side, seed, kind, SECOND_QUESTION).timings
        if timings.vision_runs:
            raise RuntimeError("the second question ran the vision tower")
        return timings

    def together(self, sequences: int, context: int, steps: int, seed: int) -> float:
        """Tokens a second of so many sequences in all, that decode together."""
        return decode_together(self._model, sequences, context, steps, seed)

    def batch(self, count: int, side: int, answer: int, seed: int) -> float:
        """Photos a minute with one instruction, as batch work."""
        return photo_batch(self._model, count, side, answer, seed)

    def rounds(self, count: int, side: int, answer: int, seed: int) -> tuple[float, float]:
        """MB at rest after so many rounds on one picture, and at most."""
        return rounds(self._model, count, side, answer, seed)

    def _generate(
        self, tokens: list[int], count: int, grammar: Replayed | None = None
    ) -> tuple[EngineResult, float]:
        """Continue a prompt of bare tokens, by a given answer or freely.

        Beside the result stand the seconds inside OpenVINO after the first new token.
        """
        outcomes: queue.SimpleQueue[tuple[EngineResult | JianweiError, float]] = queue.SimpleQueue()
        at_first: list[float] = []

        def on_token(_: int) -> bool:
            if not at_first:
                at_first.append(self._clock.seconds)
            return False

        self._model.engine.submit(
            EngineRequest(
                id=uuid.uuid4().hex,
                segments=[TextSegment(tuple(tokens))],
                sampling=SamplingParams(max_tokens=count),
                grammar=grammar,
                on_token=on_token,
                on_end=lambda outcome: outcomes.put((outcome, self._clock.seconds)),
            )
        )
        outcome, at_end = outcomes.get()
        if isinstance(outcome, JianweiError):
            raise outcome
        if outcome.cached_tokens and grammar is None:
            raise RuntimeError("a prompt that should be new was in the cache")
        return outcome, at_end - (at_first[0] if at_first else at_end)

    def _ask(self, side: int, seed: int, kind: str, question: str) -> Completion:
        parts = (ImagePart(Image(draw(kind, side, seed))), TextPart(question))
        request = ChatRequest(
            id=uuid.uuid4().hex,
            messages=(Message("user", parts),),
            sampling=SamplingParams(max_tokens=1),
            ocr="off",
        )
        for chunk in self._model.stream(request):
            if chunk.completion is not None:
                return chunk.completion
        raise RuntimeError("the answer did not end")


class _Actions:
    """The commands of ``worker``; the same as those of ``peer``."""

    def __init__(self) -> None:
        self._side: OurSide | None = None

    @property
    def side(self) -> OurSide:
        if self._side is None:
            raise RuntimeError("nothing is loaded")
        return self._side

    def load(self, language: str, vision: str, threads: int) -> dict[str, Any]:
        self._side = OurSide(language, vision, threads)
        return {}

    def vision(self, side: int, seed: int) -> dict[str, Any]:
        seconds, tokens = self.side.encode(side, seed)
        return {"seconds": seconds, "tokens": tokens}

    def prefill(self, tokens: int, seed: int) -> dict[str, Any]:
        return {"seconds": self.side.prefill(tokens, seed)}

    def decode(self, context: int, steps: int, seed: int) -> dict[str, Any]:
        seconds, overhead = self.side.decode(context, steps, seed)
        return {"seconds": seconds, "overhead": overhead}

    def replay(self, seed: int) -> dict[str, Any]:
        seconds, tokens = self.side.replay()
        return {"seconds": seconds / tokens, "tokens": tokens}

    def first_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        answer = self.side.first_question(side, seed, kind)
        return {
            "seconds": answer.timings.first_token,
            "vision_runs": answer.timings.vision_runs,
            "tokens": answer.usage.visual_tokens,
        }

    def second_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        timings = self.side.second_question(side, seed, kind)
        return {"seconds": timings.first_token, "vision_runs": timings.vision_runs}

    def together(self, sequences: int, context: int, steps: int, seed: int) -> dict[str, Any]:
        return {"rate": self.side.together(sequences, context, steps, seed)}

    def batch(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        return {"rate": self.side.batch(count, side, answer, seed)}

    def rounds(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        steady, most = self.side.rounds(count, side, answer, seed)
        return {"steady": steady, "most": most}

    def memory(self) -> dict[str, Any]:
        return {"megabytes": anonymous_megabytes()}


if __name__ == "__main__":
    serve(actions_of(_Actions()))
