"""What a drawn scene is: a picture, all that is in it, and questions whose answers can be checked.

Pure values. A scene is drawn from a seed and a split; the same two give the same scene. The splits differ by
templates, fonts, backgrounds and wordings, so that a model judged on ``test`` has seen none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jianwei.types import Image

Split = Literal["train", "test"]
Language = Literal["zh", "en"]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture."""

Match = Literal["text", "number", "choice", "box", "json", "lines", "none", "open"]
"""How an answer is checked.

``text``: equal after normalizing; ``number``: within tolerance; ``choice``: names one of a set; ``box``:
overlaps the true box; ``json``: keys and lists; ``lines``: all text, by character error rate; ``none``:
cannot be told from this picture; ``open``: a description, checked by nothing (for training only).
"""

REFUSALS: dict[Language, str] = {
    "zh": "图中没有这项信息。",
    "en": "The picture does not show this.",
}
"""The answer to what cannot be told from the picture."""


@dataclass(frozen=True)
class PlacedText:
    """A piece of text as it is printed: one line, with its box in pixels."""

    text: str
    box: Box


@dataclass(frozen=True)
class PlacedObject:
    """A thing that is no text.

    Attributes:
        label: what it is, in the language of the scene ("红色圆形", "tear").
        box: in pixels.
        kind: its class without attributes ("circle", "tear"), the same in every language.
        colour: name of its colour (key of ``palette.COLOURS``) or ``""``.
    """

    label: str
    box: Box
    kind: str
    colour: str = ""


@dataclass(frozen=True)
class Question:
    """A question about a scene.

    Attributes:
        text: as a person would ask.
        answer: the true answer, in the form a model is taught to give it.
        kind: what is asked for ("field", "count", "where", "absent", ...): a row of the result table.
        match: how an answer is checked.
        choices: for ``choice``: every answer that could have been, the true one among them.
        value: for ``text``: the part of the answer that matters, when it also names what was asked for
            ("¥42.40" of "合计：¥42.40"); alone it is a right answer too.
        tolerance: for ``number``: how far an answer may lie from the true number, in its own unit.
        accepted: for ``text``: other ways to write the answer that are as right (a formula in LaTeX and in plain).
    """

    text: str
    answer: str
    kind: str
    match: Match
    choices: tuple[str, ...] = ()
    value: str = ""
    tolerance: float = 0.0
    accepted: tuple[str, ...] = ()


def named(label: str, value: str, language: Language) -> str:
    """A value with its label before it, as answers give it: "合计：¥42.40"."""
    label = label.rstrip("：: ")
    if not label:
        return value
    return f"{label}：{value}" if language == "zh" else f"{label}: {value}"


A4_CM = (21.0, 29.7)
"""Width and height of an upright A4 sheet in cm (ISO 216)."""


@dataclass(frozen=True)
class Scale:
    """How long things in a picture are.

    Attributes:
        cm_per_pixel: length of a pixel, in the middle of what tells the scale.
        corners: of the A4 sheet that tells it, in pixels: top left, top right, bottom right, bottom left of the
            sheet; empty where the scale is stated otherwise (by a DPI).
    """

    cm_per_pixel: float
    corners: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Scene:
    """One drawn picture with its truth.

    Attributes:
        family: which module drew it ("forms", "shapes", ...).
        image: the picture.
        language: of its questions and, mostly, of its text.
        texts: every line of text in it, in reading order.
        objects: every thing in it that is asked about.
        questions: with their answers.
        scale: where lengths are known (an A4 sheet is in the picture, say), else None.
    """

    family: str
    image: Image
    language: Language
    texts: tuple[PlacedText, ...]
    objects: tuple[PlacedObject, ...]
    questions: tuple[Question, ...]
    scale: Scale | None = None

    @property
    def cm_per_pixel(self) -> float | None:
        """How long a pixel is in cm, where that is known."""
        return self.scale.cm_per_pixel if self.scale else None
