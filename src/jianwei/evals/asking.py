"""Asks a model one question about one picture, without history, and scores what it says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Protocol

from jianwei.errors import Phrase
from jianwei.evals.scoring import failed, score
from jianwei.evals.tally import Record
from jianwei.scenes.scene import REFUSALS, Language, Match, Question
from jianwei.types import Image

MAX_TOKENS: dict[Match, int] = {"json": 1024, "lines": 1024}
SHORT_TOKENS = 128
"""Of an answer that is one value, one choice or one box."""

_FORMS: dict[Language, dict[Match, str]] = {
    "zh": {
        "text": "只回答内容本身，不要成句。",
        "number": "只回答一个数字。",
        "choice": "只回答下列之一：{choices}",
        "box": '以 JSON 回答：[{{"bbox_2d": [x1, y1, x2, y2], "label": "名称"}}]，坐标在整幅图上从 0 到 1000。',
        "lines": "逐行照抄，不要添加别的文字。",
        "json": "只回答 JSON。",
    },
    "en": {
        "text": "Answer with the bare words, no sentence.",
        "number": "Answer with one number only.",
        "choice": "Answer with one of these only: {choices}",
        "box": 'Answer as JSON: [{{"bbox_2d": [x1, y1, x2, y2], "label": "name"}}], 0 to 1000 over the picture.',
        "lines": "Copy it line by line and add nothing.",
        "json": "Answer with JSON only.",
    },
}
_IF_ABSENT = {
    "zh": "图中若没有这项信息，就回答：{refusal}",
    "en": "If the picture does not show it, answer: {refusal}",
}


class AnswerFailed(Exception):  # noqa: N818 - an outcome that counts as a wrong answer
    """No answer came to this question; the others may still be asked.

    Attributes:
        reason: why, for people.
    """

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason.en)
        self.reason = reason


class Answerer(Protocol):
    """Whatever answers: a model in this process, or a server."""

    @property
    def name(self) -> str:
        """Of the model that answers."""
        ...

    @property
    def knows_forms(self) -> bool:
        """Whether the model was taught the forms of the scenes' answers, so that it needs no word about them."""
        ...

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        """The greedy answer to a question asked alone; ``schema`` is JSON Schema that it must obey.

        Raises:
            AnswerFailed: none came this time.
            JianweiError: it makes no sense to go on asking.
        """
        ...

    def memory(self) -> int | None:
        """Bytes of anonymous memory of the process that has the model; None where nobody can tell."""
        ...


@dataclass(frozen=True)
class Subject:
    """A picture that is asked about.

    Attributes:
        family: of its scene, or ``folder``.
        name: which of the family, or the file.
        image: the picture.
        language: of the question.
        cm_per_pixel: as in ``Scene``.
    """

    family: str
    name: str
    image: Image
    language: Language
    cm_per_pixel: float | None = None


def ask(answerer: Answerer, subject: Subject, question: Question) -> Record:
    """Ask and score. No answer counts as a wrong one, with its reason.

    Raises:
        JianweiError: it makes no sense to go on asking.
    """
    words = question.text if answerer.knows_forms else with_form(question, subject.language)
    schema = schema_of(json.loads(question.answer)) if question.match == "json" else None
    text, failure = "", None
    start = time.perf_counter()
    try:
        text = answerer.answer(
            subject.image,
            words,
            max_tokens=MAX_TOKENS.get(question.match, SHORT_TOKENS),
            schema=None if schema is None else json.dumps(schema),
        )
    except AnswerFailed as error:
        failure = error.reason
    seconds = time.perf_counter() - start
    scored = score(question, text) if failure is None else failed(question)
    distance: float | None = None
    if scored.distance is not None and subject.cm_per_pixel is not None:
        across = scored.distance[0] / 1000 * subject.image.width
        down = scored.distance[1] / 1000 * subject.image.height
        distance = (across**2 + down**2) ** 0.5 * subject.cm_per_pixel
    return Record(
        subject.family,
        subject.name,
        subject.language,
        question,
        text,
        scored,
        seconds,
        failure=failure,
        distance_cm=distance,
    )


def with_form(question: Question, language: Language) -> str:
    """The question with a word about the form of its answer, for models that were not taught it.

    A question that cannot be answered from the picture looks like one that can.
    """
    match = "text" if question.match == "none" else question.match
    separator = "、" if language == "zh" else "; "
    lines = [question.text, _FORMS[language][match].format(choices=separator.join(question.choices))]
    if match not in ("lines", "json"):
        lines.append(_IF_ABSENT[language].format(refusal=REFUSALS[language]))
    return "\n".join(lines)


def schema_of(value: Any) -> dict[str, Any]:
    """The JSON schema of values of the same form: the same keys, lists of the same."""
    if isinstance(value, dict):
        properties = {name: schema_of(inner) for name, inner in value.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    if isinstance(value, list):
        return {"type": "array", "items": schema_of(value[0]) if value else {"type": "string"}}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "number"}
    return {"type": "string"} if isinstance(value, str) else {}
