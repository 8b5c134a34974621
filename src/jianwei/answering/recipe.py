"""An answer by a recipe: what is read, what the model is asked, what code works out and checks, and the report.

A strong model is given all fields at once and answers as JSON by a schema; the built-in one is asked field by
field for what the lines do not tell, each time about the same picture, whose prompt is in the cache by then.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from jianwei.answering.answer import Answer, OnEvent
from jianwei.answering.measuring import Measured, measured
from jianwei.answering.parts import Parts
from jianwei.answering.prepare import Prepared, prepare, render_prompt
from jianwei.engine.sequence import EngineResult
from jianwei.errors import EngineError, JianweiError, Language
from jianwei.evidence.boxes import unique
from jianwei.evidence.plain import plain
from jianwei.evidence.prompt import read_view
from jianwei.evidence.regions import language_of
from jianwei.evidence.values import amount_of
from jianwei.recipes import model_answers
from jianwei.recipes.checks import disagreement, run_checks
from jianwei.recipes.computed import compute_fields
from jianwei.recipes.found import Findings
from jianwei.recipes.inspection import other_report, verdict
from jianwei.recipes.kinds import Kind, kind_of
from jianwei.recipes.library import find_recipe
from jianwei.recipes.page import Page, page_of
from jianwei.recipes.readers import known_labels, read_fields
from jianwei.recipes.recipe import Recipe, in_language
from jianwei.recipes.report import data_of, findings_of, write_report
from jianwei.types import (
    ChatRequest,
    Chunk,
    Completion,
    Evidence,
    Grammar,
    Message,
    Priority,
    RecipeCheck,
    RecipeReport,
    SamplingParams,
    TextPart,
    Timings,
    Usage,
)

log = logging.getLogger(__name__)

SHORT_TOKENS = 64
"""Of an answer about one field."""

KIND_TOKENS = 16
"""Of the name of a kind."""


@dataclass
class _Spent:
    """What the questions beside the answer have taken."""

    usage: list[EngineResult] = field(default_factory=list[EngineResult])

    def add(self, outcome: EngineResult) -> None:
        """One more question."""
        self.usage.append(outcome)

    def total(self, name: str) -> float:
        """A sum over all questions."""
        return sum(float(getattr(outcome, name)) for outcome in self.usage)


class RecipeAnswer:
    """One answer by a recipe, on its way."""

    def __init__(self, parts: Parts, request: ChatRequest, on_event: OnEvent) -> None:
        """Remember what is asked; :meth:`prepare` begins. As ``Answer``."""
        self._parts = parts
        self._request = request
        self._on_event = on_event
        self._cancelled = False
        self._inner: Answer | None = None
        self._spent = _Spent()
        self._start = time.perf_counter()
        self._language: Language = language_of(request.messages[-1].text)
        self._kind: Kind | None = None

    @property
    def priority(self) -> Priority:
        """Of the request."""
        return self._request.priority

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants it to end."""
        return self._cancelled

    @cancelled.setter
    def cancelled(self, value: bool) -> None:
        self._cancelled = value
        if self._inner is not None:
            self._inner.cancelled = value

    def prepare(self) -> None:
        """Read the recipe, and go on beside the threads that prepare other answers."""
        try:
            recipe = find_recipe(self._request.recipe or "")
            kinds = [find_recipe(name) for name in recipe.kinds]
        except JianweiError as error:
            self._finish(error)
            return
        if not self._parts.later(lambda: self._guarded(recipe, kinds), self._request.priority):
            self._finish(EngineError("cancelled"))

    def _guarded(self, recipe: Recipe, kinds: Sequence[Recipe]) -> None:
        try:
            self._answer(recipe, kinds)
        except JianweiError as error:
            self._finish(error)
        except Exception:
            log.exception("a recipe failed")
            self._finish(EngineError("engine_failed"))

    def _answer(self, recipe: Recipe, kinds: Sequence[Recipe]) -> None:
        request = self._plain_request(recipe)
        prepared = prepare(self._parts, request)
        reading = time.perf_counter()
        pages = self._pages(prepared)
        seconds = time.perf_counter() - reading + prepared.ocr_seconds
        asked = recipe
        if kinds:
            self._kind = self._find_kind(recipe, kinds, request, prepared, pages)
            if self._kind is None:
                self._send(asked, {}, [], prepared, pages, seconds)
                return
            recipe = self._kind.recipe
        found = read_fields(recipe, pages)
        if self._parts.card.builtin:
            found = self._ask_fields(recipe, found, request, prepared, pages)
            self._send(asked, found, [], prepared, pages, seconds, of=recipe)
        else:
            self._ask_at_once(asked, recipe, found, request, prepared, pages, seconds)

    def _plain_request(self, recipe: Recipe) -> ChatRequest:
        """The question without what a recipe answers by itself, and with the recipe's options."""
        request = self._request
        return replace(
            request,
            recipe=None,
            grammar=None,
            format=None,
            boxes=False,
            scale=None,
            heatmap=False,
            enhance=recipe.enhance if request.enhance == "off" else request.enhance,
            detail=request.detail or (recipe.detail if request.max_visual_tokens is None else None),
        )

    def _pages(self, prepared: Prepared) -> list[Page]:
        """The pictures as they are read; of pictures with regions only those."""
        showing = prepared.showing
        views = showing.regions or [view for view in showing.views if view is not None]
        return [page_of(view, self._parts.read(view.image)) for view in views]

    def _run(
        self,
        request: ChatRequest,
        prepared: Prepared,
        question: str,
        tokens: int,
        grammar: Grammar | None = None,
    ) -> str:
        """Ask the model something about the same pictures, without what was said before."""
        last = prepared.showing.messages[-1]
        pictures = [part for part in last.parts if not isinstance(part, TextPart)]
        messages = prepared.showing.messages[:-1] if not pictures else ()
        message = Message("user", (*pictures, TextPart(question)))
        segments = render_prompt(self._parts, request, (*messages, message), prepared.told, prepared.how)
        sampling = SamplingParams(max_tokens=tokens)
        outcome = self._parts.run(self._request.id, segments, sampling, grammar)
        self._spent.add(outcome)
        return self._parts.tokenizer.decode([*outcome.tokens, *outcome.closing])

    def _find_kind(
        self,
        recipe: Recipe,
        kinds: Sequence[Recipe],
        request: ChatRequest,
        prepared: Prepared,
        pages: Sequence[Page],
    ) -> Kind | None:
        """By the words in it; a strong model has the last word."""
        read = kind_of(kinds, pages)
        if self._parts.card.builtin:
            return read
        names = [kind.name for kind in kinds]
        lines = [f"- {kind.name}: {in_language(kind.title, self._language)}" for kind in kinds]
        other = "以上都不是" if self._language == "zh" else "none of these"
        question = "\n".join([in_language(recipe.prompt, self._language), *lines, f"- other: {other}"])
        grammar = Grammar("json_schema", json.dumps({"enum": [*names, "other"]}))
        said = self._run(request, prepared, question, KIND_TOKENS, grammar).strip().strip('"')
        chosen = next((kind for kind in kinds if kind.name == said), None)
        if chosen is None:
            return None
        return read if read is not None and read.recipe is chosen else Kind(chosen, ())

    def _ask_fields(
        self,
        recipe: Recipe,
        found: Findings,
        request: ChatRequest,
        prepared: Prepared,
        pages: Sequence[Page],
    ) -> Findings:
        """The small model's answers for what the lines do not tell."""
        answered = dict(found)
        labels = {each.key: set(each.beside) for each in recipe.fields}
        for each in recipe.fields:
            if each.key in found or each.ask is None or self._cancelled:
                continue
            said = self._run(request, prepared, in_language(each.ask, self._language), SHORT_TOKENS)
            others = [label for label in known_labels(recipe) if label not in labels[each.key]]
            value = model_answers.short_answer(each, said, pages, others, self._language)
            if value is not None:
                answered[each.key] = value
        return answered

    def _ask_at_once(
        self,
        asked: Recipe,
        recipe: Recipe,
        read: Findings,
        request: ChatRequest,
        prepared: Prepared,
        pages: Sequence[Page],
        seconds: float,
    ) -> None:
        """A strong model's JSON, as an answer of its own; it goes on in ``_told`` when that is there."""
        words = model_answers.prompt(recipe, self._request.messages[-1].text, self._language)
        *before, last = request.messages
        pictures = [part for part in last.parts if not isinstance(part, TextPart)]
        sampling = request.sampling
        inner = replace(
            request,
            messages=(*before, Message("user", (*pictures, TextPart(words)))),
            grammar=Grammar("json_schema", model_answers.schema(recipe)),
            sampling=replace(sampling, max_tokens=max(sampling.max_tokens, recipe.max_tokens)),
        )

        def on_event(event: Chunk | JianweiError) -> None:
            if isinstance(event, JianweiError):
                self._on_event(event)
            elif event.completion is not None:
                completion = event.completion
                if not self._parts.later(
                    lambda: self._told(asked, recipe, read, completion, prepared, pages, seconds),
                    self._request.priority,
                ):
                    self._on_event(EngineError("cancelled"))

        self._inner = Answer(self._parts, inner, on_event)
        self._inner.cancelled = self._cancelled
        self._inner.prepare()

    def _told(
        self,
        asked: Recipe,
        recipe: Recipe,
        read: Findings,
        completion: Completion,
        prepared: Prepared,
        pages: Sequence[Page],
        seconds: float,
    ) -> None:
        try:
            views = [page.view for page in pages]
            said = model_answers.from_json(recipe, completion.text, views, pages)
            found, disagreeing = self._merged(recipe, said, read)
            self._send(asked, found, disagreeing, prepared, pages, seconds, of=recipe, completion=completion)
        except JianweiError as error:
            self._finish(error)
        except Exception:
            log.exception("a recipe failed")
            self._finish(EngineError("engine_failed"))

    def _merged(self, recipe: Recipe, said: Findings, read: Findings) -> tuple[Findings, list[RecipeCheck]]:
        """The model's values, completed by what was read; and where both differ.

        Ink and stamps are what code measured; a model's guess about them does not count against that.
        """
        found: Findings = {}
        differ: list[RecipeCheck] = []
        for each in recipe.fields:
            model, line = said.get(each.key), read.get(each.key)
            value = model or line
            if line is not None and line.source == "picture":
                value = line
            elif model is not None and line is not None:
                if each.type in ("money", "number", "date") and not _same(model.value, line.value):
                    differ.append(disagreement(each, model.value, line.value, self._language))
                if not model.places:
                    value = replace(model, places=line.places)
            if value is not None:
                found[each.key] = value
        return found, differ

    def _send(
        self,
        asked: Recipe,
        found: Findings,
        differ: list[RecipeCheck],
        prepared: Prepared,
        pages: Sequence[Page],
        ocr_seconds: float,
        *,
        of: Recipe | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Work out what can be worked out, check, write, and end."""
        language = self._language
        recipe = of or asked
        found = {**found, **compute_fields(recipe, found)}
        checks = [*run_checks(recipe, found, language, date.today()), *differ]
        small = self._parts.card.builtin
        if asked.kinds:
            words = verdict(self._kind, checks, prepared.enhanced, language)
            if of is None:
                text = f"{words}\n\n{other_report(pages, language)}"
            else:
                text = f"{words}\n\n{write_report(recipe, found, checks, language, small=small)}"
        else:
            text = write_report(recipe, found, checks, language, small=small)
        lengths = self._measured(recipe, found, prepared)
        if lengths is not None and lengths.words:
            text += f"\n\n{lengths.words}"
        data = data_of(recipe, found) if of is not None else {}
        if asked.kinds:
            data = {
                "kind": recipe.name if of is not None else None,
                "problems": _problems(checks),
                "fields": data,
            }
        findings = findings_of(recipe, found, language) if of is not None else ()
        report = RecipeReport(
            asked.name, recipe.name if asked.kinds and of is not None else None, data, findings, tuple(checks)
        )
        if self._request.grammar is not None:
            text = json.dumps(data, ensure_ascii=False)
        evidence = self._evidence(found, prepared, lengths)
        self._finish(
            Chunk(self._request.id, text, self._completion(text, report, evidence, ocr_seconds, completion))
        )

    def _measured(self, recipe: Recipe, found: Findings, prepared: Prepared) -> Measured | None:
        """Lengths of what has a box of the model's, where a scale is given."""
        if self._request.scale is None:
            return None
        boxes = [
            replace(place, label=in_language(each.label, self._language))
            for each in recipe.fields
            if each.type == "box" and each.key in found
            for place in found[each.key].places
        ]
        views = [view for view in prepared.showing.views if view is not None]
        readings = [reading for view in views for reading in read_view(view, self._parts.read(view.image))]
        originals = prepared.showing.originals
        return measured(self._request, self._request.scale, originals, boxes, readings, "", self._language)

    def _evidence(self, found: Findings, prepared: Prepared, lengths: Measured | None) -> Evidence:
        boxes = tuple(unique([place for value in found.values() for place in value.places]))
        enhanced = prepared.enhanced or None
        steps = prepared.steps or None
        if lengths is None:
            return Evidence(boxes=boxes, steps=steps, enhance=enhanced)
        return Evidence(
            boxes=boxes, steps=steps, enhance=enhanced, measures=lengths.measures, scale=lengths.scale
        )

    def _completion(
        self,
        text: str,
        report: RecipeReport,
        evidence: Evidence,
        ocr_seconds: float,
        completion: Completion | None,
    ) -> Completion:
        now = time.perf_counter() - self._start
        if completion is not None:
            timings = replace(completion.timings, ocr=ocr_seconds, first_token=now, total=now)
            return replace(completion, text=text, evidence=evidence, recipe=report, timings=timings)
        spent = self._spent
        return Completion(
            text=text,
            finish_reason="cancelled" if self._cancelled else "stop",
            model=self._parts.card.name,
            usage=Usage(
                *(int(spent.total(name)) for name in ("prompt_tokens", "visual_tokens", "cached_tokens")),
                completion_tokens=sum(len(outcome.tokens) for outcome in spent.usage),
            ),
            timings=Timings(
                ocr=ocr_seconds,
                queue=spent.total("queue"),
                vision=spent.total("vision"),
                prefill=spent.total("prefill"),
                decode=spent.total("decode"),
                first_token=now,
                total=now,
                vision_runs=int(spent.total("vision_runs")),
            ),
            evidence=evidence,
            recipe=report,
        )

    def _finish(self, event: Chunk | JianweiError) -> None:
        self._parts.forget(self._request.id)
        self._on_event(event)


def _same(one: object, other: object) -> bool:
    """Whether two values are the same amount, or the same text."""
    amounts = amount_of(one), amount_of(other)
    if None not in amounts:
        return amounts[0] == amounts[1]
    return plain(str(one)) == plain(str(other))


def _problems(checks: Sequence[RecipeCheck]) -> list[str]:
    return [check.said for check in checks if check.passed is False]
