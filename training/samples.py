"""Endless training conversations: forms without a picture, and drawn scenes with one."""

from __future__ import annotations

from random import Random

import batches
from batches import Conversation
from jianwei.evidence.ocr import OcrLine, format_evidence
from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.model.tokenizer import Tokenizer
from jianwei.scenes import (
    camera,
    cartons,
    charts,
    documents,
    form_questions,
    forms,
    homework,
    paper,
    screens,
    shapes,
    shelves,
)
from jianwei.scenes.forms import Form
from jianwei.scenes.scene import Language, PlacedText, Question, Scene, Split


class _Sheet:
    """Only the size of a picture: all that ``format_evidence`` wants of it."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height


def evidence_of(form: Form) -> str:
    """What OCR would tell of the form."""
    lines = []
    for cell in form.cells:
        left, top, right, bottom = cell.box
        lines.append(OcrLine(cell.text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0))
    return format_evidence(lines, _Sheet(form.width, form.height))  # type: ignore[arg-type]


def text_only(rng: Random, tokenizer: Tokenizer, rows: int, questions: int) -> Conversation:
    """A form as OCR may read it, and questions about it, without its picture."""
    language: Language = "zh" if rng.random() < 0.65 else "en"
    speak: Language = language if rng.random() < 0.9 else ("en" if language == "zh" else "zh")
    while True:
        form = forms.misread(rng, forms.layout(rng, language, rows))
        asked = form_questions.ask(rng, form, "train", questions, language=speak, boxes=False)
        if len(asked) < questions:
            asked += form_questions.ask(
                rng, form, "train", questions - len(asked), language=speak, boxes=False
            )
        if asked:
            return batches.conversation(tokenizer, evidence_of(form), _telling_last(asked))


def _telling_last(asked: list[Question]) -> list[Question]:
    """Questions whose answers repeat the page come last: others could copy from those answers."""
    return sorted(asked, key=lambda question: question.kind in ("read", "describe"))


PICTURE_TOKENS = 64
"""Visual tokens of one picture, in training and, by the vision file's key, when asked: 256 x 256 pixels or alike."""

EYES = PreprocessConfig(min_tokens=48, max_tokens=PICTURE_TOKENS)


def scene(rng: Random, split: Split = "train") -> Scene:
    """A scene with things to look at, drawn small."""
    language: Language = "zh" if rng.random() < 0.65 else "en"
    family = rng.choice(("shapes", "shapes", "cartons", "shelves"))
    if family == "shapes":
        return shapes.draw(rng, split, language, 224)
    if family == "cartons":
        return cartons.draw(rng, split, language, 240)
    return shelves.draw(rng, split, language, 300)


_PAGES = {
    "cartons": (cartons.draw, 240),
    "shelves": (shelves.draw, 300),
    "screens": (screens.draw, 300),
    "documents": (documents.draw, 300),
    "homework": (homework.draw, 300),
    "charts": (charts.draw, 300),
}
"""Families with words, and how large their pictures are drawn: to look at, not to be read without evidence."""
_WEIGHTS = (3, 4, 3, 3, 1, 2)

_LEFT_OUT = ("where", "json")
"""Kinds of questions that need boxes in the evidence, or too long an answer."""

QUESTIONS = 10
"""Asked about one picture at most."""


def looking(rng: Random, tokenizer: Tokenizer) -> Conversation:
    """Shapes, and many questions that only their picture answers."""
    drawn = shapes.draw(rng, "train", "zh" if rng.random() < 0.6 else "en", 224)
    size = drawn.image.width, drawn.image.height
    asked = list(drawn.questions)
    for _ in range(2):
        asked += shapes.ask(rng, list(drawn.objects), size, "train", drawn.language)
    places = [question for question in asked if question.kind == "where_object"]
    others = [question for question in asked if question.kind not in ("where_object", "describe")]
    return batches.conversation(
        tokenizer, format_evidence([], drawn.image), others + places[:1], patch_image(drawn.image, EYES)
    )


def with_picture(rng: Random, tokenizer: Tokenizer, rows: int, split: Split = "train") -> Conversation:
    """A drawn scene or form, its picture and its evidence as OCR may read it, and questions about both."""
    language: Language = "zh" if rng.random() < 0.6 else "en"
    if rng.random() < 0.25:
        return _form_with_picture(rng, tokenizer, min(rows, 10), language, split)
    draw, size = _PAGES[rng.choices(tuple(_PAGES), _WEIGHTS)[0]]
    drawn = draw(rng, split, language, size)
    lines = [_shaken(rng, text, drawn.image.height) for text in drawn.texts]
    evidence = format_evidence(lines, drawn.image)
    asked = [question for question in drawn.questions if question.kind not in _LEFT_OUT]
    return batches.conversation(
        tokenizer, evidence, _telling_last(asked[:QUESTIONS]), patch_image(drawn.image, EYES)
    )


def _form_with_picture(
    rng: Random, tokenizer: Tokenizer, rows: int, language: Language, split: Split
) -> Conversation:
    form = forms.layout(rng, language, rng.randint(1, max(1, rows)))
    # Its words come as evidence: the picture may be so small that nobody could read it.
    canvas, drawn = paper.print_form(rng, form, split, scale=min(1.0, 300 / max(form.width, form.height)))
    image = camera.photograph(rng, canvas, 0.6)
    read = forms.misread(rng, drawn)
    asked = _telling_last(form_questions.ask(rng, read, split, 6, boxes=False))
    return batches.conversation(tokenizer, evidence_of(read), asked, patch_image(image, EYES))


def _shaken(rng: Random, text: PlacedText, height: int) -> OcrLine:
    shake = 0.006 * height
    left, top, right, bottom = (edge + rng.uniform(-shake, shake) for edge in text.box)
    return OcrLine(text.text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0)
