"""Lengths asked for with ``scale``: what is measured in which picture, and the words that end the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jianwei.errors import Language
from jianwei.evidence.measure import Thing, guess_note, guesses, measure, refusal, words
from jianwei.evidence.plane import find_plane
from jianwei.evidence.prompt import Reading
from jianwei.types import ChatRequest, GroundedBox, Image, Measure, Scale

MAX_THINGS = 12
"""Measured in one picture at most."""


@dataclass(frozen=True)
class Measured:
    """What came of measuring.

    Attributes:
        measures: all lengths; empty where the picture does not tell the scale.
        scale: the kind of scale they are by; None: there was none.
        words: what ends the answer.
    """

    measures: tuple[Measure, ...]
    scale: str | None
    words: str


def measured(
    request: ChatRequest,
    scale: Scale,
    originals: Sequence[Image],
    boxes: Sequence[GroundedBox],
    readings: Sequence[Reading],
    text: str,
    language: Language,
) -> Measured:
    """Measure the regions asked about and the things that the answer speaks of.

    Args:
        request: for its regions.
        scale: what tells how long a pixel is.
        originals: the pictures of the conversation.
        boxes: where that is of which the answer speaks.
        readings: lines of text; the reference may be known by what is printed on it.
        text: the answer, for lengths that the model guesses.
        language: of the words.
    """
    found: list[Measure] = []
    said: list[str] = []
    refused = True
    for picture, image in enumerate(originals):
        things = _things(request, scale, boxes, picture, language)
        hints = [box.bbox for box in boxes if box.picture == picture and _named(scale, box.label)]
        hints += [line.box for line in readings if line.picture == picture and _named(scale, line.text)]
        if not things and len(originals) > 1:
            continue
        plane = find_plane(image, scale, hints)
        if plane is None:
            said.append(refusal(scale, things, originals, language))
            continue
        refused = False
        lengths = measure(plane, things, language)
        found += lengths
        said.append(words(scale, lengths, language))
    if not said:
        said.append(refusal(scale, (), originals, language))
    if guesses(text, found, [line.text for line in readings]):
        said.append(guess_note(language))
    return Measured(tuple(found), None if refused else scale.kind, "\n".join(said))


def _things(
    request: ChatRequest, scale: Scale, boxes: Sequence[GroundedBox], picture: int, language: Language
) -> list[Thing]:
    regions = [region for region in request.regions if region.picture == picture]
    name = "区域" if language == "zh" else "the region"
    things = [
        Thing(name if len(regions) == 1 else f"{name} {i}", region.points, picture)
        for i, region in enumerate(regions, 1)
    ]
    for box in boxes:
        if box.picture == picture and not _named(scale, box.label):
            left, top, right, bottom = box.bbox
            things.append(Thing(box.label, ((left, top), (right, bottom)), picture))
    return things[:MAX_THINGS]


def _named(scale: Scale, text: str) -> bool:
    """Whether a text names the reference."""
    return scale.kind == "ref" and scale.label.casefold() in text.casefold()
