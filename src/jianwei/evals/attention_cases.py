"""Questions about drawn scenes for which it is known where in the picture the answer is to be seen.

Two kinds. *Text*: the answer is a text that is printed once, and the model is told what OCR reads, where it wants
that. *Pixels*: colours, shapes, places and damage of things, and marks in large print, asked without any evidence, so
that only pixels can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from jianwei.evals.scoring import score
from jianwei.evidence.plain import plain
from jianwei.scenes.families import draw
from jianwei.scenes.palette import COLOURS, colour_word
from jianwei.scenes.scene import Box, Language, Question, Scene, Split
from jianwei.scenes.shapes import SHAPES
from jianwei.types import Image

CaseKind = Literal["text", "pixels"]

TEXT_FAMILY = "forms"
PIXEL_FAMILIES = ("shapes", "cartons")


@dataclass(frozen=True)
class Case:
    """A question with the place where its answer is to be seen.

    Attributes:
        image: the picture.
        question: with its true answer.
        value: the words of the answer that say it; empty: all of them do.
        box: where it is to be seen.
        ocr: whether the model may be told what OCR reads.
    """

    image: Image
    question: Question
    value: str
    box: Box
    ocr: Literal["auto", "off"] = "auto"

    def is_right(self, answer: str) -> bool:
        """Whether an answer says it: printed text has to stand in it, the rest is scored as ``jianwei eval`` does."""
        if self.ocr == "auto":
            return plain(self.value) in plain(answer)
        return score(self.question, answer).right


def cases(kind: CaseKind, split: Split, scenes: int, seed: int = 0) -> Iterator[Case]:
    """Questions about so many scenes (of each family), Chinese and English in turn."""
    for number in range(seed, seed + scenes):
        language: Language = "zh" if number % 2 == 0 else "en"
        if kind == "text":
            yield from _text_cases(draw(TEXT_FAMILY, number, split, language))
        else:
            for family in PIXEL_FAMILIES:
                yield from pixel_cases(draw(family, number, split, language))


def _text_cases(scene: Scene) -> Iterator[Case]:
    for question in scene.questions:
        value = question.value or question.answer
        if question.match != "text" or len(value) < 2:
            continue
        printed = [text.box for text in scene.texts if value in text.text]
        if len(printed) == 1:
            yield Case(scene.image, question, value, printed[0])


def pixel_cases(scene: Scene) -> Iterator[Case]:
    """The questions about a scene whose answer only one thing in its picture gives."""
    for question in scene.questions:
        subject = _SUBJECTS.get((scene.family, question.kind))
        boxes = subject(scene, question) if subject is not None else []
        if len(boxes) == 1:
            value = "" if question.match == "box" else question.answer.rstrip("。.")
            yield Case(scene.image, question, value, boxes[0], "off")


Subject = Callable[[Scene, Question], "list[Box]"]


def _by_shape(scene: Scene, question: Question) -> list[Box]:
    here = 0 if scene.language == "zh" else 1
    named = [name for name, words in SHAPES.items() if _says(question.text, words[here])]
    return [item.box for item in scene.objects if item.kind in named]


def _by_colour(scene: Scene, question: Question) -> list[Box]:
    named = [name for name in COLOURS if _says(question.text, colour_word(name, scene.language))]
    return [item.box for item in scene.objects if item.colour in named]


def _by_label(scene: Scene, question: Question) -> list[Box]:
    return [item.box for item in scene.objects if _says(question.text, item.label)]


def _damage(scene: Scene, question: Question) -> list[Box]:
    return [item.box for item in scene.objects if item.kind in ("tear", "dent")]


def _lining(scene: Scene, question: Question) -> list[Box]:
    return [item.box for item in scene.objects if item.kind == "lining"]


def _mark(scene: Scene, question: Question) -> list[Box]:
    return [text.box for text in scene.texts if plain(text.text) in plain(question.text)]


def _says(text: str, word: str) -> bool:
    """Whether a word stands in a text, in English as a whole word."""
    if word.isascii():
        return re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) is not None
    return word in text


_SUBJECTS: dict[tuple[str, str], Subject] = {
    ("shapes", "colour"): _by_shape,
    ("shapes", "shape"): _by_colour,
    ("shapes", "where_object"): _by_label,
    ("cartons", "damage_kind"): _damage,
    ("cartons", "damage_place"): _damage,
    ("cartons", "where_object"): _damage,
    ("cartons", "lining"): _lining,
    ("cartons", "mark"): _mark,
}
"""Family and kind of question to what finds the things that it is about: the answer is to be seen there."""
