"""Endless training conversations: forms without a picture, and drawn scenes with one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import batches
import nonsense
from batches import Conversation
from jianwei.evidence.boxes import gap
from jianwei.evidence.intent import asks_for_place
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.regions import language_of
from jianwei.evidence.reminding import reminder
from jianwei.evidence.sight import Sight
from jianwei.evidence.telling import format_evidence, told_rows
from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.model.tokenizer import Tokenizer
from jianwei.scenes import (
    camera,
    cartons,
    charts,
    documents,
    fields,
    form_questions,
    forms,
    homework,
    paper,
    screens,
    shapes,
    shelves,
)
from jianwei.scenes.asking import Asker
from jianwei.scenes.forms import Form
from jianwei.scenes.scene import REFUSALS, Box, Language, PlacedText, Question, Scene, Split
from jianwei.types import Image

Shares = Mapping[str, float]
"""By kind of question, which share of them is asked; those of other kinds all are."""


def evidence_of(form: Form, *, boxes: bool = False) -> str:
    """What OCR would tell of the form."""
    return format_evidence(_lines_of(form), form, boxes=boxes)


def _lines_of(form: Form) -> list[OcrLine]:
    return [_as_read(cell.text, cell.box) for cell in form.cells]


def _as_read(text: str, box: Box) -> OcrLine:
    """A line as OCR would find what is written in the box."""
    return OcrLine.around(text, box, box[3] - box[1])


def text_only(rng: Random, tokenizer: Tokenizer, rows: int, questions: int, shares: Shares) -> Conversation:
    """A form as OCR may read it, and questions about it, without its picture."""
    language: Language = "zh" if rng.random() < 0.45 else "en"
    speak: Language = language if rng.random() < 0.7 else ("en" if language == "zh" else "zh")
    if rng.random() < 0.03:
        return _places_on_form(rng, tokenizer, language, min(rows, 8))
    while True:
        form = forms.misread(rng, forms.layout(rng, language, rows))
        asked = form_questions.ask(rng, form, "train", questions, language=speak, boxes=False)
        if len(asked) < questions:
            asked += form_questions.ask(
                rng, form, "train", questions - len(asked), language=speak, boxes=False
            )
        if asked:
            asked = _reminded(rng, _worthwhile(rng, asked, shares), _lines_of(form))
            return batches.conversation(tokenizer, evidence_of(form), _chains(rng, asked))


def _places_on_form(rng: Random, tokenizer: Tokenizer, language: Language, rows: int) -> Conversation:
    """A form whose evidence tells places, and questions where its texts are."""
    form = forms.misread(rng, forms.layout(rng, language, rows))
    asker = Asker(rng, "train", language, "documents", {})
    board = SimpleNamespace(texts=list(form.cells), objects=[], size=(form.width, form.height))
    for _ in range(4):
        asker.places(board)
    evidence = evidence_of(form, boxes=True)
    return batches.conversation(tokenizer, evidence, [[question] for question in asker.questions])


_KEPT = {
    **dict.fromkeys(("difference", "damage_share", "damage_cm", "carton_cm", "diameter"), 0.05),
    **dict.fromkeys(("describe", "value", "trend"), 0.4),
    "read": 0.6,
}
"""Share of the questions of a kind that are learnt from: what a model of this size does not learn, and what has long
answers, would take most of the loss."""


def _worthwhile(rng: Random, asked: list[Question], shares: Shares) -> list[Question]:
    """Those of the questions to learn from; at least one."""
    return [
        one for one in asked if rng.random() < _KEPT.get(one.kind, 1.0) * shares.get(one.kind, 1.0)
    ] or asked[:1]


_IN_TURN = 0.15
"""Share of the chains that go on to a second or third question: those that follow may copy from earlier answers."""


_ENDING = {"read": 1, "describe": 1, "json": 1, batches.BEGUN: 2}
"""Kinds of answers behind which nothing more is asked: they repeat the page, or have no end."""


def _chains(rng: Random, asked: list[Question]) -> list[list[Question]]:
    """Most questions for themselves, some in turn; answers that repeat the page end a chain."""
    left = list(asked)
    rng.shuffle(left)
    found: list[list[Question]] = []
    while left:
        count = rng.randint(2, 3) if rng.random() < _IN_TURN else 1
        chain, left = left[:count], left[count:]
        found.append(sorted(chain, key=lambda question: _ENDING.get(question.kind, 0)))
    return found


_RENAMED = 0.35
"""Share of the scenes with words in which some of what is asked for has another name than people give it."""
_NAMED_BY_WORDS = ("panel", "largest", "smallest", "which")
"""Kinds of questions whose answers are words of the page, beside those that are checked as texts."""


def _renamed(
    rng: Random, lines: list[OcrLine], asked: list[Question]
) -> tuple[list[OcrLine], list[Question]]:
    """The same with words without meaning in place of some answers, wherever they stand.

    Titles, units, tasks and the like come from short lists. What is always one of twenty words is learnt by heart, not
    copied, and a word of no list is then answered with one of them.
    """
    if rng.random() >= _RENAMED:
        return lines, asked
    printed = [line.text for line in lines]
    wanted: list[str] = []
    for question in asked:
        value = question.value or question.answer
        if question.match != "text" and question.kind not in _NAMED_BY_WORDS:
            continue
        pattern = _pattern(value)
        # A unit may also stand inside a price that a question names, where it is not found.
        whole = not any(value in pattern.sub("", other.text) for other in asked)
        if whole and not re.search(r"[\d\\]", value) and any(pattern.search(text) for text in printed):
            wanted.append(value)
    names = {value: nonsense.another(rng, value) for value in wanted if rng.random() < 0.7}

    def told(text: str) -> str:
        for value in sorted(names, key=len, reverse=True):
            text = _pattern(value).sub(lambda _, name=names[value]: name, text)
        return text

    def all_told(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(told(text) for text in texts)

    return [replace(line, text=told(line.text)) for line in lines], [
        replace(
            question,
            text=told(question.text),
            answer=told(question.answer),
            value=told(question.value),
            choices=all_told(question.choices),
            accepted=all_told(question.accepted),
        )
        for question in asked
    ]


def _pattern(value: str) -> re.Pattern[str]:
    """Finds the value: a short one, or one of letters, only where no other word goes on with it."""
    apart = len(value) < 3 or value.isascii()
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)" if apart else re.escape(value))


PICTURE_TOKENS = 64
"""Visual tokens of one picture, in training and, by the vision file's key, when asked: 256 x 256 pixels or alike."""

EYES = PreprocessConfig(min_tokens=48, max_tokens=PICTURE_TOKENS)


def scene(rng: Random, split: Split = "train") -> Scene:
    """A scene with things to look at, drawn small."""
    language: Language = "zh" if rng.random() < 0.45 else "en"
    family = rng.choice(("shapes", "shapes", "cartons", "shelves"))
    if family == "shapes":
        return shapes.draw(rng, split, language, 224)
    if family == "cartons":
        return cartons.draw(rng, split, language, 240)
    return shelves.draw(rng, split, language, 300)


_PAGES = {
    "cartons": (cartons.draw, 360),
    "shelves": (shelves.draw, 300),
    "screens": (screens.draw, 300),
    "documents": (documents.draw, 300),
    "homework": (homework.draw, 480),
    "charts": (charts.draw, 300),
}
"""Families with words, and how large their pictures are drawn: to look at, not to be read without evidence."""
_ASKS = {"cartons": cartons.ASKS, "shelves": shelves.ASKS}
"""Families that ask for the place of a thing in words of their own."""
_WEIGHTS = (4, 7, 8, 10, 8, 7)
"""More of the families with most kinds of questions."""

QUESTIONS = 14
"""Asked about one picture at most."""
_WHOLE = 400
"""Characters of the longest whole scene that is asked for as JSON."""
_PLACED = 0.25
"""Share of the pictures that are asked where in them things and texts are."""
_LOOKS = 4
"""How often each kind of question is asked about shapes."""


def looking(rng: Random, tokenizer: Tokenizer, shares: Shares) -> Conversation:
    """Shapes, and many questions that only their picture answers."""
    drawn = shapes.draw(rng, "train", "zh" if rng.random() < 0.45 else "en", 224)
    size = drawn.image.width, drawn.image.height
    asked = [*drawn.questions, *(_nowhere(rng, drawn.language) for _ in range(2))]
    for _ in range(_LOOKS - 1):
        asked += shapes.ask(rng, list(drawn.objects), size, "train", drawn.language)
    chains = _chains(rng, _reminded(rng, _worthwhile(rng, asked, shares), [], drawn.image))
    return batches.conversation(
        tokenizer, format_evidence([], drawn.image), chains, patch_image(drawn.image, EYES)
    )


_SEEN_AS_WELL = ("quantity", "product", "size", "model", "brand", "status", "remark")
"""Fields whose questions may also be about what is seen."""


def _nowhere(rng: Random, language: Language) -> Question:
    """A question for what only print could tell, about a picture without words."""
    field = rng.choice([field for field in fields.FIELDS if field.key not in _SEEN_AS_WELL])
    text = fields.asks_by_meaning(rng, field, language, "train")
    if text is None or rng.random() < 0.4:
        text = fields.asks_by_label(rng, rng.choice(field.labels[language]), language, "train")
    return Question(text, REFUSALS[language], "absent", "none")


def with_picture(
    rng: Random, tokenizer: Tokenizer, rows: int, shares: Shares, split: Split = "train"
) -> Conversation:
    """A drawn scene or form, its picture and its evidence as OCR may read it, and questions about both."""
    language: Language = "zh" if rng.random() < 0.42 else "en"
    if rng.random() < 0.15:
        return _form_with_picture(rng, tokenizer, min(rows, 10), language, split, shares)
    family = rng.choices(tuple(_PAGES), _WEIGHTS)[0]
    draw, size = _PAGES[family]
    drawn = draw(rng, split, language, size)
    read = _readable(rng, drawn)
    lines = _joined(rng, [_shaken(rng, text, drawn.image.height) for text in read])
    placed = rng.random() < _PLACED
    if placed:
        asked = _places(rng, family, drawn, split)
    else:
        asked = [q for q in drawn.questions if q.match != "box" and not asks_for_place(q.text)]
        asked = [q for q in asked if q.kind != "caption" or any(q.answer == text.text for text in read)]
        asked = _worthwhile(rng, asked, shares)
        whole = [question for question in asked if question.kind == "json"]
        asked = [question for question in asked if question.kind != "json"][:QUESTIONS]
        asked += [_whole(rng, question) for question in whole]
    lines, asked = _renamed(rng, lines, asked)
    asked = _reminded(rng, asked, lines, drawn.image)
    evidence = format_evidence(lines, drawn.image, boxes=placed)
    return batches.conversation(tokenizer, evidence, _chains(rng, asked), patch_image(drawn.image, EYES))


_STAMP_READ = 0.3
"""Share of the texts on stamps that OCR reads: they are round, turned and faded."""


def _readable(rng: Random, drawn: Scene) -> list[PlacedText]:
    stamps = [item.box for item in drawn.objects if item.kind == "stamp"]
    return [
        text
        for text in drawn.texts
        if rng.random() < _STAMP_READ or not any(gap(text.box, stamp) == 0 for stamp in stamps)
    ]


def _whole(rng: Random, question: Question) -> Question:
    """A whole scene as JSON, or only its beginning, which names the things: the rest is long and mostly copied."""
    if len(question.answer) <= _WHOLE and rng.random() < 0.2:
        return question
    names, texts, _ = question.answer.partition('"texts":["')
    return replace(question, answer=names + texts, kind=batches.BEGUN)


_UNHEARD = 0.2
"""Share of the questions that what is told answers by itself, and of those that nothing does, in which some words mean
nothing: people have words that no training has, and what is told was found for a reason."""


def _reminded(
    rng: Random, asked: list[Question], lines: list[OcrLine], image: Image | None = None
) -> list[Question]:
    """The questions as they are asked: each behind what is told of the lines and colours that it names."""
    rows = told_rows(lines)
    sight = None if image is None else Sight.of(image, lines)
    found: list[Question] = []
    for question in asked:
        told = reminder(question.text, rows, language_of(question.text), sight).text
        strange = rng.random() < _UNHEARD and (question.match == "none" or _is_told(question, told))
        text = nonsense.unheard(rng, question.text, told) if strange else question.text
        found.append(replace(question, text=told + text))
    return found


def _is_told(question: Question, told: str) -> bool:
    """Whether the one row that is told is the answer, alone or behind a name."""
    value = re.escape(question.value or question.answer)
    return (
        question.match == "text"
        and re.fullmatch(rf"(?:[^\t\n:：]+(?:\t|[:：]\s*))?{value}\W*\n", told) is not None
    )


def _places(rng: Random, family: str, drawn: Scene, split: Split) -> list[Question]:
    """Where some texts and each of the things of a scene are."""
    own, plain = (Asker(rng, split, drawn.language, name, _ASKS.get(name, {})) for name in (family, "common"))
    size = drawn.image.width, drawn.image.height
    # Numbers of texts are copied from where they were read, whatever the model says; those of things it must see.
    texts = [text for text in drawn.texts if rng.random() < 0.3]
    plain.places(SimpleNamespace(texts=texts, objects=[], size=size))
    labels = Counter(item.label for item in drawn.objects)
    for item in drawn.objects:
        if labels[item.label] == 1:
            # On a carton only its damage is asked for without its name.
            asker = plain if family == "cartons" and item.kind not in ("tear", "dent") else own
            asker.places(SimpleNamespace(texts=[], objects=[item], size=size))
    return [
        *plain.questions,
        *own.questions,
        *(question for question in drawn.questions if question.match == "box"),
    ]


def _form_with_picture(
    rng: Random, tokenizer: Tokenizer, rows: int, language: Language, split: Split, shares: Shares
) -> Conversation:
    form = forms.layout(rng, language, rng.randint(1, max(1, rows)))
    # Its words come as evidence: the picture may be so small that nobody could read it.
    canvas, drawn = paper.print_form(rng, form, split, scale=min(1.0, 300 / max(form.width, form.height)))
    image = camera.photograph(rng, canvas, 0.6)
    read = forms.misread(rng, drawn)
    asked = _worthwhile(rng, form_questions.ask(rng, read, split, 10, boxes=False), shares)
    asked = _reminded(rng, asked, _lines_of(read), image)
    return batches.conversation(tokenizer, evidence_of(read), _chains(rng, asked), patch_image(image, EYES))


def _shaken(rng: Random, text: PlacedText, height: int) -> OcrLine:
    shake = 0.006 * height
    left, top, right, bottom = (edge + rng.uniform(-shake, shake) for edge in text.box)
    return _as_read(text.text, (left, top, right, bottom))


def _joined(rng: Random, lines: list[OcrLine]) -> list[OcrLine]:
    """At times neighbours on a row are read as one line."""
    found: list[OcrLine] = []
    for line in lines:
        before = found[-1] if found else None
        if before is not None and rng.random() < 0.12:
            (left, top, right, bottom), box = before.box, line.box
            high = bottom - top
            if abs(box[1] - top) < 0.3 * high and 0 <= box[0] - right < 2 * high:
                corners = ((left, top), (box[2], top), (box[2], bottom), (left, bottom))
                found[-1] = OcrLine(before.text + rng.choice(("", " ")) + line.text, corners, 1.0)
                continue
        found.append(line)
    return found
