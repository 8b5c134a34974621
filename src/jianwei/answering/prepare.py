"""From a request to a prompt: which views of the pictures, which lines read in them, which words."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jianwei.answering.mending import mended
from jianwei.answering.parts import Parts
from jianwei.answering.resolution import asked_budget, shown_as
from jianwei.errors import InputError, Phrase
from jianwei.evidence.formats import instruction
from jianwei.evidence.found import told_grammar
from jianwei.evidence.intent import asks_for_place
from jianwei.evidence.naming import Named, pictures_named
from jianwei.evidence.placing import place_grammar
from jianwei.evidence.prompt import Places, Reading, find_places, read_view
from jianwei.evidence.regions import (
    clip,
    find_red_box,
    language_of,
    speaks_of_red_box,
    without_red_box,
)
from jianwei.evidence.reminding import reminder
from jianwei.evidence.scripts import Script, asks_for_text, is_weak, missing_note, spoken_of
from jianwei.evidence.showing import Showing, show
from jianwei.evidence.sight import Sight
from jianwei.evidence.telling import Telling, tell_evidence
from jianwei.evidence.views import View
from jianwei.evidence.whole import whole_grammar
from jianwei.model.chat_template import Segment, VisionSegment, render
from jianwei.model.preprocess import ShownAs
from jianwei.scenes.scene import REFUSALS
from jianwei.types import JSON_ANSWER, ChatRequest, Enhanced, Grammar, Message, Part, Region, Step, TextPart

Told = tuple[tuple[View, Telling], ...]


@dataclass(frozen=True)
class Prepared:
    """A request as the engine gets it.

    Attributes:
        showing: which views of which pictures the model sees.
        told: what is told it of the lines in them, in order.
        readings: all lines that were read, also those that are not told.
        segments: the prompt.
        how: how finely each view is shown, by its digest.
        ocr_seconds: how long reading took.
        steps: parts of pictures that are shown beside the whole ones.
        enhanced: what was found and mended in the pictures; empty: not asked for.
        notes: what a person should know beside the answer, in the question's language.
        reminded: what is told once more before the question.
        grammar: the form that the question itself asks for; None: any.
    """

    showing: Showing
    told: Told
    readings: tuple[Reading, ...]
    segments: list[Segment]
    how: Mapping[str, ShownAs]
    ocr_seconds: float = 0.0
    steps: tuple[Step, ...] = field(default=())
    enhanced: tuple[Enhanced, ...] = ()
    notes: tuple[str, ...] = ()
    reminded: Told = ()
    grammar: Grammar | None = None

    @property
    def shown_pixels(self) -> dict[int, int]:
        """Pixels at which the model sees each whole picture."""
        visual = [segment for segment in self.segments if isinstance(segment, VisionSegment)]
        return {
            view.picture: segment.patched.size[0] * segment.patched.size[1]
            for view, segment in zip(self.showing.views, visual, strict=True)
            if view is not None and view.part is None
        }

    def places(self, parts: Parts) -> Places:
        """Which of the prompt's tokens stand for what."""
        told = (*self.told, *self.reminded)
        return find_places(self.segments, parts.tokenizer, self.showing.views, told)


def prepare(parts: Parts, request: ChatRequest, regions: Sequence[Region] | None = None) -> Prepared:
    """Make the prompt.

    Args:
        parts: the model.
        request: what is asked.
        regions: in place of those that the request names.

    Raises:
        InputError: a region or a picture cannot be used, or the template's own reasons.
        ModelFileError: OCR is not installed.
    """
    messages = request.messages
    named = _named(parts, request)
    if named.pictures:
        last = messages[-1]
        messages = (*messages[:-1], replace(last, parts=(*_pictures(last), TextPart(named.rest))))
    found = _regions(request) if regions is None else regions
    if parts.card.builtin and found and regions is None and not request.regions:
        # It is shown the inside of the red box alone, and finds no box there.
        last = messages[-1]
        messages = (
            *messages[:-1],
            replace(last, parts=(*_pictures(last), TextPart(without_red_box(last.text)))),
        )
    words = instruction(request, parts.card)
    if words:
        last = messages[-1]
        messages = (*messages[:-1], replace(last, parts=(*last.parts, TextPart(f"\n{words}"))))
    showing = show(
        messages,
        found,
        side=parts.preprocess.token_side,
        whole_too=not parts.card.builtin,
    )
    start = time.perf_counter()
    showing, enhanced = mended(parts, request, showing)
    told, readings, notes = _read(parts, request, showing, named.pictures)
    ocr_seconds = time.perf_counter() - start
    how = shown_as(parts, request, showing.messages, regions=bool(showing.regions))
    last = showing.messages[-1]
    sight = _sight(parts, told)
    reminded = _reminded(last.text, told, sight)
    words = "".join(telling.text for _, telling in reminded) + last.text
    asked = (*showing.messages[:-1], replace(last, parts=(*_pictures(last), TextPart(words))))
    segments = render_prompt(parts, request, asked if reminded else showing.messages, told, how)
    return Prepared(
        showing,
        told,
        readings,
        segments,
        how,
        ocr_seconds,
        _looks(showing, segments),
        enhanced,
        notes,
        reminded,
        _grammar(request, told, sight, reminded),
    )


def _sight(parts: Parts, told: Told) -> Sight | None:
    """What is seen for the built-in model of the one picture that it is told of."""
    if not parts.card.builtin or len(told) != 1:
        return None
    ((view, telling),) = told
    return Sight.of(view.image, [line.line for line in telling.lines])


def _reminded(question: str, told: Told, sight: Sight | None) -> Told:
    """What the built-in model is told right before its question."""
    if sight is None:
        return ()
    ((view, telling),) = told
    found = reminder(question, telling.rows, language_of(question), sight)
    return ((view, found),) if found.text else ()


def render_prompt(
    parts: Parts,
    request: ChatRequest,
    messages: Sequence[Message],
    told: Told,
    how: Mapping[str, ShownAs],
) -> list[Segment]:
    """The prompt of a conversation about the pictures as they are shown and read, each at its size."""
    most = parts.preprocess.max_tokens
    return render(
        messages,
        parts.tokenizer,
        parts.preprocess,
        evidence={view.image.digest: telling.text for view, telling in told},
        shown_as=how,
        max_tokens=min(asked_budget(request, most) or parts.settings.visual_tokens, most),
    )


def _regions(request: ChatRequest) -> tuple[Region, ...]:
    """The regions asked for, or the red boxes that the question speaks of; inside their pictures.

    Raises:
        InputError: ``bad_value`` for a region outside its picture, or of a picture that is not there.
    """
    images = [image for message in request.messages for image in message.images]
    if not request.regions:
        if not speaks_of_red_box(request.messages[-1].text):
            return ()
        found = (find_red_box(image, picture) for picture, image in enumerate(images))
        return tuple(region for region in found if region is not None)
    for region in request.regions:
        if not 0 <= region.picture < len(images):
            reason = Phrase(f"there are {len(images)} pictures", f"共有 {len(images)} 张图片")
            raise InputError("bad_value", name="region", got=region.picture + 1, reason=reason)
    return tuple(clip(region, images[region.picture]) for region in request.regions)


def _named(parts: Parts, request: ChatRequest) -> Named:
    """The pictures that the question names, for the built-in model; a large model finds them by itself.

    The small one copies from the lines that it is told, and was never shown several pictures: it is told only those
    of the picture that is meant.
    """
    names = [image.name for message in request.messages for image in message.images]
    question = request.messages[-1].text
    if not parts.card.builtin or len(names) < 2 or request.regions:
        return Named((), question)
    return pictures_named(question, names)


def _pictures(message: Message) -> tuple[Part, ...]:
    return tuple(part for part in message.parts if not isinstance(part, TextPart))


def _read(
    parts: Parts, request: ChatRequest, showing: Showing, named: Collection[int] = ()
) -> tuple[Told, tuple[Reading, ...], tuple[str, ...]]:
    """Lines in what is shown: as they are told to the model, where in the originals they are, and what was missing.

    Where the question is about regions, only lines in these are read; where it names pictures, only theirs. A model
    that reads by itself is told the lines where the question is about text and they are such as it reads badly.
    """
    question = request.messages[-1].text
    tell = request.ocr == "on" or (request.ocr == "auto" and parts.card.wants_ocr)
    scripts = spoken_of(question) if request.ocr != "off" else ()
    look = request.ocr == "auto" and (bool(scripts) or asks_for_text(question))
    if not tell and not look and (request.ocr == "off" or not wants_boxes(request)):
        return (), (), ()
    placed = asks_for_place(question)
    told: list[tuple[View, Telling]] = []
    readings: list[Reading] = []
    missing: dict[Script, None] = {}
    for view in showing.regions or [view for view in showing.views if view is not None]:
        if named and view.picture not in named:
            continue
        lines = parts.read(view.image)
        for script in scripts:
            read = parts.read_script(view.image, script)
            if read is None:
                missing[script] = None
            else:
                lines = read
        readings += read_view(view, lines)
        if tell or scripts or (look and any(is_weak(line.text) for line in lines)):
            told.append((view, tell_evidence(lines, view.image, boxes=placed)))
    notes = (missing_note(missing, parts.settings.ocr_dir, language_of(question)),) if missing else ()
    return tuple(told), tuple(readings), notes


def _grammar(request: ChatRequest, told: Told, sight: Sight | None, reminded: Told) -> Grammar | None:
    """What narrows an answer of the built-in model about one picture.

    To places, where it is asked for one and nobody asks for another form; to things that it was told, where the whole
    picture is to be JSON, whatever the question; to the row that was found for the question, where there is one.
    """
    question = request.messages[-1].text
    if sight is None:
        return None
    ((_, telling),) = told
    if request.grammar is not None and _is_whole(request.grammar):
        return whole_grammar(telling.rows, sight, language_of(question))
    if request.grammar is not None or request.format is not None:
        return None
    refusal = REFUSALS[language_of(question)]
    if reminded and reminded[0][1].answers:
        return told_grammar(reminded[0][1], refusal)
    if not asks_for_place(question):
        return None
    lines = [line.line for line in telling.lines]
    return place_grammar(question, lines, sight, refusal)


def _is_whole(grammar: Grammar) -> bool:
    return grammar.kind == "json_schema" and json.loads(grammar.text) == json.loads(JSON_ANSWER.text)


def wants_boxes(request: ChatRequest) -> bool:
    """Whether places are needed: to tell them, or to measure what the answer speaks of."""
    return request.boxes or (request.scale is not None and not request.regions)


def _looks(showing: Showing, segments: Sequence[Segment]) -> tuple[Step, ...]:
    visual = [segment for segment in segments if isinstance(segment, VisionSegment)]
    return tuple(
        Step("look", view.picture, view.whole_box, segment.n_tokens)
        for view, segment in zip(showing.views, visual, strict=True)
        if view is not None and view.part is not None
    )
