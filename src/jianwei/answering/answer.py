"""One answer: prepares the prompt, turns tokens into chunks of text, and sends what backs it at the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from jianwei.answering.parts import Parts
from jianwei.answering.prepare import Prepared, prepare
from jianwei.answering.proof import Looked, Proof, look
from jianwei.answering.recall import may_leave_out
from jianwei.answering.second_look import second_look
from jianwei.engine.sequence import AttentionRows, EngineRequest, EngineResult
from jianwei.errors import EngineError, JianweiError
from jianwei.evidence.formats import finish, is_rewritten
from jianwei.evidence.loops import repeats
from jianwei.evidence.ocr import reading_rows
from jianwei.types import (
    JSON_ANSWER,
    ChatRequest,
    Chunk,
    Completion,
    Evidence,
    Priority,
    Timings,
    TokenHeat,
    Usage,
)

log = logging.getLogger(__name__)

_LOOK_FOR_LOOPS = 8
"""Tokens from one look for repetitions to the next: a look takes some 30 microseconds."""

_PROSE = (None, "report", "markdown")
"""Forms of an answer to which sentences can be added."""

OnEvent = Callable[[Chunk | JianweiError], None]


class Answer:
    """One answer on its way."""

    def __init__(self, parts: Parts, request: ChatRequest, on_event: OnEvent) -> None:
        """Remember what is asked; :meth:`prepare` begins.

        ``on_event`` gets every chunk; the last event is a chunk with a completion, or an error.
        """
        self.cancelled = False
        self._rows: AttentionRows | None = None
        self._generic: EngineResult | None = None
        self._parts = parts
        self._request = request
        self._on_event = on_event
        self._decoder = parts.tokenizer.stream_decoder()
        self._prepared: Prepared | None = None
        self._text = ""
        self._pieces: list[str] = []
        self._sent = 0
        self._stopped = False
        self._repeats = False
        # A schema of the caller's own may demand more equal items than an early end could add.
        grammar = request.grammar
        self._may_not_repeat = grammar in (None, JSON_ANSWER) or grammar.kind == "regex"
        self._start = time.perf_counter()
        self._prepared_at = 0.0
        self._first_token = 0.0

    @property
    def priority(self) -> Priority:
        """Whether somebody waits for it."""
        return self._request.priority

    def prepare(self) -> None:
        """Evidence, patches, tokens, grammar; then hand over to the engine."""
        request, parts = self._request, self._parts
        try:
            grammar = parts.compile_grammar(request.grammar) if request.grammar else None
            self._prepared = self._prepare()
            if self._prepared.grammar is not None:
                grammar = parts.compile_grammar(self._prepared.grammar)
            self._prepared_at = time.perf_counter()
            parts.engine.submit(
                EngineRequest(
                    request.id,
                    self._prepared.segments,
                    request.sampling,
                    grammar,
                    self._on_token,
                    self._on_end,
                    attention=bool(request.heatmap),
                    priority=request.priority,
                    may_leave_out=may_leave_out(
                        request, self._prepared, parts.tokenizer.special["<|im_start|>"]
                    ),
                    guesses=not _is_to_be_repeatable(request),
                )
            )
            if self.cancelled:
                parts.engine.cancel(request.id)
        except JianweiError as error:
            self._finish(error)
        except Exception:
            log.exception("preparing a request failed")
            self._finish(EngineError("engine_failed"))

    def _prepare(self) -> Prepared:
        """The prompt; with ``detail=auto`` after a first pass, if a second look at a part helps."""
        prepared = prepare(self._parts, self._request)
        if self._request.detail != "auto" or prepared.showing.regions:
            return prepared
        start = time.perf_counter()
        region = second_look(self._parts, self._request.id, prepared)
        if region is None:
            return prepared
        again = prepare(self._parts, self._request, (region,))
        (look,) = again.steps
        steps = (replace(look, seconds=time.perf_counter() - start),)
        return replace(again, steps=steps, ocr_seconds=prepared.ocr_seconds + again.ocr_seconds)

    def _on_token(self, token: int) -> bool:
        """In the engine's thread: decode, look for an end, send what is certain. True ends the answer."""
        if not self._first_token:
            self._first_token = time.perf_counter()
        piece = self._decoder.push(token)
        self._text += piece
        self._pieces.append(piece)
        stop = _find_stop(self._text, self._request.sampling.stop)
        if stop is not None:
            self._text = self._text[:stop]
            self._stopped = True
        elif len(self._pieces) % _LOOK_FOR_LOOPS == 0 and self._may_not_repeat and repeats(self._text):
            self._repeats = True
        if not is_rewritten(self._request.format):
            certain = len(self._text) if self._stopped else len(self._text) - self._held_back()
            if certain > self._sent:
                self._on_event(Chunk(self._request.id, self._text[self._sent : certain]))
                self._sent = certain
        return self._stopped or self._repeats

    def _held_back(self) -> int:
        """Characters at the end that may turn out to be the beginning of a stop string."""
        longest = 0
        for stop in self._request.sampling.stop:
            for length in range(min(len(stop) - 1, len(self._text)), longest, -1):
                if self._text.endswith(stop[:length]):
                    longest = length
                    break
        return longest

    def _on_end(self, outcome: EngineResult | JianweiError) -> None:
        """In the engine's thread; gathering evidence takes longer, and goes to another."""
        if isinstance(outcome, JianweiError):
            self._finish(outcome)
            return
        request, prepared = self._request, self._prepared
        wanted = bool(request.heatmap) or request.boxes or request.detail is not None
        wanted = wanted or request.enhance != "off" or request.scale is not None
        wanted = wanted or (prepared is not None and bool(prepared.steps or prepared.notes))
        wanted = wanted and outcome.finish_reason != "cancelled"
        gathering = wanted and self._parts.later(
            lambda: self._complete(outcome, with_evidence=True), request.priority
        )
        if not gathering:
            self._complete(outcome, with_evidence=False)

    def _complete(self, outcome: EngineResult, *, with_evidence: bool) -> None:
        """Gather what backs the answer, and send the end."""
        try:
            event: Chunk | JianweiError = self._last_chunk(outcome, with_evidence)
        except JianweiError as error:
            event = error
        except Exception:
            log.exception("completing an answer failed")
            event = EngineError("engine_failed")
        self._finish(event)

    def _last_chunk(self, outcome: EngineResult, with_evidence: bool) -> Chunk:
        closing = ""
        if not self._stopped:
            self._text += self._decoder.flush()
            closing = self._parts.tokenizer.decode(list(outcome.closing))
            self._text += closing
        pieces = self._shown_pieces()
        truncated = bool(closing)
        if is_rewritten(self._request.format):
            self._text = finish(self._text, self._request.format, self._rows_read())
            truncated = outcome.finish_reason == "length"
        evidence = self._evidence(outcome, pieces) if with_evidence else Evidence()
        now = time.perf_counter()
        ocr_seconds = self._prepared.ocr_seconds if self._prepared else 0.0
        completion = Completion(
            text=self._text,
            finish_reason=outcome.finish_reason,
            model=self._parts.card.name,
            usage=Usage(
                outcome.prompt_tokens,
                outcome.visual_tokens,
                outcome.cached_tokens,
                len(outcome.tokens),
                outcome.pruned_tokens,
                outcome.drafted_tokens,
                outcome.accepted_tokens,
                outcome.forced_tokens,
            ),
            timings=Timings(
                prepare=self._prepared_at - self._start - ocr_seconds,
                ocr=ocr_seconds,
                queue=outcome.queue,
                vision=outcome.vision,
                prefill=outcome.prefill,
                decode=outcome.decode,
                first_token=(self._first_token or now) - self._start,
                total=now - self._start,
                vision_runs=outcome.vision_runs,
            ),
            evidence=evidence,
            truncated=truncated,
            repeats=self._repeats,
            notes=self._prepared.notes if self._prepared else (),
        )
        return Chunk(self._request.id, self._text[self._sent :], completion)

    def _rows_read(self) -> list[list[str]]:
        """Pieces of text that OCR has read beside each other, as far as the model was told them."""
        told = self._prepared.told if self._prepared else ()
        rows = [row for _, telling in told for row in reading_rows([each.line for each in telling.lines])]
        return [[line.text for line in row] for row in rows]

    def _evidence(self, outcome: EngineResult, pieces: list[str]) -> Evidence:
        if self._prepared is None:
            return Evidence()
        self._rows = outcome.attention
        proof = Proof(self._parts, self._request, self._prepared, self._text)
        evidence = proof.gather(self._rows, pieces)
        self._generic = proof.generic
        added = "\n\n".join(part for part in (proof.words, *self._prepared.notes) if part)
        if not added or self._request.grammar or self._request.format not in _PROSE:
            return evidence
        words = f"\n\n{added}" if self._text.strip() else added
        self._text += words
        if evidence.heatmap is None:
            return evidence
        tokens = (*evidence.heatmap.tokens, TokenHeat(words, ()))
        return replace(evidence, heatmap=replace(evidence.heatmap, tokens=tokens))

    def looked(self) -> Looked | None:
        """Where each head looked, when the answer is complete; None: it was not asked for."""
        if self._prepared is None or self._rows is None:
            return None
        return look(self._parts, self._prepared, self._rows, self._shown_pieces(), self._generic)

    def _shown_pieces(self) -> list[str]:
        """The answer cut into its tokens' texts; what came after a stop string is no part of it.

        What was added to it at its end comes last, and is no token's.
        """
        pieces: list[str] = []
        left = len(self._text)
        for piece in self._pieces:
            pieces.append(piece[:left])
            left -= len(pieces[-1])
        return [*pieces, self._text[-left:]] if left else pieces

    def _finish(self, event: Chunk | JianweiError) -> None:
        self._parts.forget(self._request.id)
        self._on_event(event)


def _find_stop(text: str, stops: Sequence[str]) -> int | None:
    """Where the first stop string begins."""
    found = [at for at in (text.find(stop) for stop in stops if stop) if at >= 0]
    return min(found, default=None)


def _is_to_be_repeatable(request: ChatRequest) -> bool:
    """Whether the same draws are asked for again.

    How many tokens are guessed goes by measured seconds, and in bf16 a row's logits are not the same to the last bit in
    steps of every size: a token drawn near an edge would change from one time to the next.
    """
    return request.sampling.seed is not None and request.sampling.temperature > 0
