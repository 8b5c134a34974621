"""What backs an answer, gathered when it is written: boxes, heat map, relations."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from jianwei.answering.measuring import Measured, measured
from jianwei.answering.parts import Parts
from jianwei.answering.prepare import Prepared, render_prompt, wants_boxes
from jianwei.engine.sequence import AttentionRows, EngineResult
from jianwei.errors import Language
from jianwei.evidence.attention import attention_weights, mean_attention
from jianwei.evidence.boxes import (
    BOXES_GRAMMAR,
    IN_PICTURE,
    LOCATE,
    answer_boxes,
    overlap,
    parse_boxes,
    tighten,
    unique,
)
from jianwei.evidence.heat import GENERIC_QUESTION, LITTLE, heat_map, heat_note, joined, spread
from jianwei.evidence.overlay import overlay_png
from jianwei.evidence.prompt import Places
from jianwei.evidence.regions import language_of
from jianwei.evidence.relations import links, relations
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

Floats = npt.NDArray[np.float32]

LOCATE_TOKENS = 1024
"""Tokens of the JSON that says where things are."""

MAX_LOCATED = 4
"""Pictures in which the model is asked where things are, the last ones shown."""


@dataclass(frozen=True, eq=False)
class Looked:
    """Where each chosen head looked while an answer was written.

    Attributes:
        weights: ``[heads, answer, tokens]``, each row adding up to 1.
        generic: ``[heads, places.n_tokens]``: of the row that begins the answer to a question for nothing in
            particular; None: that was not asked, as hardly any attention went to pictures.
        places: which of the prompt's tokens stand for what.
        pieces: the text of each token of the answer, and what was added to it at its end.
        originals: the pictures of the conversation.
    """

    weights: Floats
    generic: Floats | None
    places: Places
    pieces: list[str]
    originals: tuple[Image, ...]


def look(
    parts: Parts, prepared: Prepared, rows: AttentionRows, pieces: list[str], generic: EngineResult | None
) -> Looked:
    """The attention of every chosen head apart, for calibration and evaluation."""
    places, heads = prepared.places(parts), parts.heads
    weights = attention_weights(rows.queries, rows.keys, heads.layers, heads.chosen, places.n_tokens)
    usual = None
    if generic is not None and generic.attention is not None:
        asked = generic.attention
        first = attention_weights(
            asked.queries[:1], asked.keys, heads.layers, heads.chosen, generic.prompt_tokens
        )
        usual = _of_length(first[:, 0], places.n_tokens)
    return Looked(weights, usual, places, pieces, prepared.showing.originals)


def attention_of(parts: Parts, rows: AttentionRows, prompt_tokens: int, places: Places | None) -> Floats:
    """The attention ``[answer, tokens]`` that makes a map: of the heads for lines and of those for pixels.

    Args:
        parts: the model.
        rows: what the engine has gathered.
        prompt_tokens: of the prompt that they belong to.
        places: of that prompt; None: only its visual tokens are of interest.
    """
    heads = parts.heads
    pixels = heads.pixels or heads.chosen
    looked = mean_attention(rows.queries, rows.keys, heads.layers, pixels, prompt_tokens)
    if places is None or pixels == heads.chosen:
        return looked
    chosen = mean_attention(rows.queries, rows.keys, heads.layers, heads.chosen, prompt_tokens)
    return joined(chosen, looked, places)


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
        self.words = ""
        """What the answer ends with that is not the model's, once it is gathered."""
        self.generic: EngineResult | None = None
        """What came of the question for nothing in particular, where the heat map needed it."""

    def gather(self, rows: AttentionRows | None, pieces: list[str]) -> Evidence:
        """Everything asked for.

        Args:
            rows: what the engine has gathered for the heat map.
            pieces: the text of each token of the answer, and what was added to it at its end.

        Raises:
            JianweiError: the engine failed meanwhile.
        """
        request = self._request
        boxes = self._boxes() if wants_boxes(request) else None
        found = linked = None
        if boxes is not None and request.grammar is not None:
            found = relations(self._text, boxes, self._language) or None
            linked = links(self._text, boxes)
        steps = tuple(self._steps) if self._steps or request.detail is not None else None
        heatmap = self._heat_map(rows, pieces) if request.heatmap and rows is not None else None
        if heatmap is not None and request.heatmap == "png":
            originals = self._prepared.showing.originals
            maps = tuple(
                replace(grid, png=overlay_png(originals[grid.picture], grid, boxes or ()))
                for grid in heatmap.maps
            )
            heatmap = replace(heatmap, maps=maps)
        lengths = self._measured(boxes or ())
        enhanced = None if request.enhance == "off" else self._prepared.enhanced
        evidence = Evidence(boxes, heatmap, steps, found, enhanced, links=linked)
        if lengths is None:
            return evidence
        self.words = lengths.words
        return replace(evidence, measures=lengths.measures, scale=lengths.scale)

    def _measured(self, boxes: Sequence[GroundedBox]) -> Measured | None:
        if self._request.scale is None:
            return None
        originals, readings = self._prepared.showing.originals, self._prepared.readings
        return measured(
            self._request, self._request.scale, originals, boxes, readings, self._text, self._language
        )

    def _boxes(self) -> tuple[GroundedBox, ...]:
        views = [view for view in self._prepared.showing.views if view is not None]
        if not views:
            return ()
        # Numbers without a picture's name are about the part that was asked about, or the last picture shown.
        told = parse_boxes(self._text, views[-1])
        if not told and not self._parts.card.builtin:
            told = [box for place, view in self._to_locate(views) for box in self._locate(place, view)]
        told = tighten(told, self._prepared.readings)
        read = answer_boxes(self._said(), self._prepared.readings)
        return tuple(unique([*told, *(box for box in read if not _among(box, told))]))

    def _said(self) -> str:
        """The words of the answer: of JSON its values, one a line."""
        if self._request.grammar is None:
            return self._text
        try:
            return "\n".join(_strings(json.loads(self._text)))
        except (ValueError, RecursionError):
            return self._text

    def _to_locate(self, views: Sequence[View]) -> list[tuple[int, View]]:
        """The views in which things are looked for, with their places among the pictures, from 1."""
        placed = list(enumerate(views, 1))
        parts = [(place, view) for place, view in placed if view.part is not None]
        return (parts or placed)[-MAX_LOCATED:]

    def _locate(self, place: int, view: View) -> list[GroundedBox]:
        """Ask the model where that is of which its answer speaks; the prompt so far is in the cache."""
        start = time.perf_counter()
        shown = self._prepared.showing
        words = LOCATE[self._language]
        if len(shown.views) > 1:
            words += IN_PICTURE[self._language].format(place)
        messages = (
            *shown.messages,
            Message("assistant", (TextPart(self._text),)),
            Message("user", (TextPart(words),)),
        )
        segments = render_prompt(
            self._parts, self._request, messages, self._prepared.told, self._prepared.how
        )
        sampling = SamplingParams(max_tokens=LOCATE_TOKENS)
        outcome = self._parts.run(self._request.id, segments, sampling, BOXES_GRAMMAR)
        said = self._parts.tokenizer.decode([*outcome.tokens, *outcome.closing])
        seconds = time.perf_counter() - start
        self._steps.append(Step("locate", view.picture, view.whole_box, 0, seconds))
        return parse_boxes(said, view)

    def _heat_map(self, rows: AttentionRows, pieces: list[str]) -> HeatMap:
        places, originals = self._prepared.places(self._parts), self._prepared.showing.originals
        weights = attention_of(self._parts, rows, places.n_tokens, places)
        heat = spread(weights, places, originals)
        if heat.picture_share > LITTLE:
            heat = spread(weights, places, originals, self._generic(places))
        return heat_map(heat, pieces, heat_note(heat, self._parts.heads, self._language))

    def _generic(self, places: Places) -> Floats | None:
        """Attention of the row that begins the answer to a question for nothing in particular.

        Its prompt begins as the answer's own, so that only the question itself is computed.
        """
        *before, last = self._prepared.showing.messages
        shown = [part for part in last.parts if not isinstance(part, TextPart)]
        question = TextPart(GENERIC_QUESTION[self._language])
        messages = (*before, Message("user", (*shown, question)))
        segments = render_prompt(
            self._parts, self._request, messages, self._prepared.told, self._prepared.how
        )
        self.generic = self._parts.run(self._request.id, segments, SamplingParams(max_tokens=1))
        return generic_row(self._parts, self.generic, places.n_tokens)


def generic_row(parts: Parts, outcome: EngineResult, n_tokens: int) -> Floats | None:
    """Attention ``[n_tokens]`` of an answer's first row to a prompt that begins as another of that length.

    Pictures come before the question: their tokens stand at the same places in both.
    """
    if outcome.attention is None:
        return None
    return _of_length(attention_of(parts, outcome.attention, outcome.prompt_tokens, None)[0], n_tokens)


def _of_length(rows: Floats, n_tokens: int) -> Floats:
    """Rows ``[..., tokens]`` cut off, or filled up with zeros, at ``n_tokens``."""
    shared = min(n_tokens, rows.shape[-1])
    made = np.zeros((*rows.shape[:-1], n_tokens), np.float32)
    made[..., :shared] = rows[..., :shared]
    return made


def _strings(value: Any) -> list[str]:
    """All strings and numbers in a JSON value, without the names of keys."""
    if isinstance(value, dict):
        value = list(cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return [text for part in cast("list[Any]", value) for text in _strings(part)]
    return [str(value)] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else []


def _among(box: GroundedBox, others: Sequence[GroundedBox]) -> bool:
    """Whether one of the others is at the same place."""
    return any(other.picture == box.picture and overlap(other.bbox, box.bbox) > 0.5 for other in others)
