"""What backs an answer, gathered when it is written: boxes, heat map, relations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jianwei.answering.parts import Parts
from jianwei.answering.prepare import Prepared, render_prompt
from jianwei.engine.sequence import AttentionRows, EngineResult
from jianwei.errors import Language
from jianwei.evidence.attention import attention_weights
from jianwei.evidence.boxes import (
    BOXES_GRAMMAR,
    LOCATE,
    answer_boxes,
    overlap,
    parse_boxes,
    tighten,
    unique,
)
from jianwei.evidence.heat import GENERIC_QUESTION, LITTLE, heat_map, heat_note, spread
from jianwei.evidence.prompt import Places
from jianwei.evidence.regions import language_of
from jianwei.evidence.relations import relations
from jianwei.evidence.views import View
from jianwei.types import (
    ChatRequest,
    Evidence,
    GroundedBox,
    HeatMap,
    Image,
    Message,
    SamplingParams,
    Step,
    TextPart,
)

LOCATE_TOKENS = 1024
"""Tokens of the JSON that says where things are."""


@dataclass(frozen=True, eq=False)
class Looked:
    """Where the chosen heads looked while an answer was written.

    Attributes:
        weights: ``[heads, answer, tokens]``, each row adding up to 1.
        places: which of the prompt's tokens stand for what.
        pieces: the text of each token of the answer, and what was added to it at its end.
        originals: the pictures of the conversation.
    """

    weights: npt.NDArray[np.float32]
    places: Places
    pieces: list[str]
    originals: tuple[Image, ...]


def look(parts: Parts, prepared: Prepared, rows: AttentionRows, pieces: list[str]) -> Looked:
    """The attention of the chosen heads from what the engine has gathered."""
    places = prepared.places(parts)
    weights = _weights(parts, rows, places.n_tokens)
    return Looked(weights, places, pieces, prepared.showing.originals)


class Proof:
    """Gathers the evidence that a request asks for."""

    def __init__(self, parts: Parts, request: ChatRequest, prepared: Prepared, text: str) -> None:
        """Remember what was asked, shown and answered."""
        self._parts = parts
        self._request = request
        self._prepared = prepared
        self._text = text
        self._language: Language = language_of(request.messages[-1].text)
        self._steps = list(prepared.steps)

    def gather(self, looked: Looked | None) -> Evidence:
        """Everything asked for.

        Raises:
            JianweiError: the engine failed meanwhile.
        """
        request = self._request
        boxes = self._boxes() if request.boxes else None
        found = None
        if boxes is not None and request.grammar is not None:
            found = relations(self._text, boxes) or None
        steps = tuple(self._steps) if self._steps or request.detail is not None else None
        heatmap = self._heat_map(looked) if request.heatmap and looked is not None else None
        return Evidence(boxes, heatmap, steps, found)

    def _boxes(self) -> tuple[GroundedBox, ...]:
        views = [view for view in self._prepared.showing.views if view is not None]
        if not views:
            return ()
        # Numbers without a picture's name are about the part that was asked about, or the last picture shown.
        told = parse_boxes(self._text, views[-1])
        if not told and not self._parts.card.builtin:
            told = self._locate(views)
        told = tighten(told, self._prepared.readings)
        read = answer_boxes(self._text, self._prepared.readings)
        return tuple(unique([*told, *(box for box in read if not _among(box, told))]))

    def _locate(self, views: Sequence[View]) -> list[GroundedBox]:
        """Ask the model where that is of which its answer speaks; the prompt so far is in the cache."""
        start = time.perf_counter()
        shown = self._prepared.showing
        messages = (
            *shown.messages,
            Message("assistant", (TextPart(self._text),)),
            Message("user", (TextPart(LOCATE[self._language]),)),
        )
        segments = render_prompt(self._parts, self._request, messages, self._prepared.told)
        outcome = self._parts.run(segments, SamplingParams(max_tokens=LOCATE_TOKENS), BOXES_GRAMMAR)
        said = self._parts.tokenizer.decode([*outcome.tokens, *outcome.closing])
        view = views[-1]
        seconds = time.perf_counter() - start
        self._steps.append(Step("locate", view.picture, view.whole_box, 0, seconds))
        return parse_boxes(said, view)

    def _heat_map(self, looked: Looked) -> HeatMap:
        weights, places, originals = looked.weights.mean(0), looked.places, looked.originals
        heat = spread(weights, places, originals)
        if heat.picture_share > LITTLE:
            heat = spread(weights, places, originals, self._generic(places))
        return heat_map(heat, looked.pieces, heat_note(heat, self._parts.heads, self._language))

    def _generic(self, places: Places) -> npt.NDArray[np.float32] | None:
        """Attention of the row that begins the answer to a question for nothing in particular.

        Its prompt begins as the answer's own, so that only the question itself is computed.
        """
        *before, last = self._prepared.showing.messages
        shown = [part for part in last.parts if not isinstance(part, TextPart)]
        question = TextPart(GENERIC_QUESTION[self._language])
        messages = (*before, Message("user", (*shown, question)))
        segments = render_prompt(self._parts, self._request, messages, self._prepared.told)
        outcome = self._parts.run(segments, SamplingParams(max_tokens=1))
        return generic_row(self._parts, outcome, places.n_tokens)


def generic_row(parts: Parts, outcome: EngineResult, n_tokens: int) -> npt.NDArray[np.float32] | None:
    """Attention ``[n_tokens]`` of an answer's first row to a prompt that begins as another of that length.

    Pictures come before the question: their tokens stand at the same places in both.
    """
    if outcome.attention is None:
        return None
    row = _weights(parts, outcome.attention, outcome.prompt_tokens)[:, 0].mean(0)
    shared = min(n_tokens, len(row))
    generic = np.zeros(n_tokens, np.float32)
    generic[:shared] = row[:shared]
    return generic


def _weights(parts: Parts, rows: AttentionRows, prompt_tokens: int) -> npt.NDArray[np.float32]:
    heads = parts.heads
    return attention_weights(rows.queries, rows.keys, heads.layers, heads.chosen, prompt_tokens)


def _among(box: GroundedBox, others: Sequence[GroundedBox]) -> bool:
    """Whether one of the others is at the same place."""
    return any(other.picture == box.picture and overlap(other.bbox, box.bbox) > 0.5 for other in others)
