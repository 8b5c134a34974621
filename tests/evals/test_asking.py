"""How a question is put: its form for models that were not taught it, its schema, and where a box went wrong in cm."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jianwei.errors import Phrase
from jianwei.evals.asking import AnswerFailed, Subject, ask, schema_of, with_form
from jianwei.scenes.scene import REFUSALS, Question
from jianwei.types import JSON_ANSWER, Image

# An A4 sheet, 21 x 29.7 cm, at 10 pixels to the centimetre.
SHEET = Subject("documents", "1", Image(np.zeros((297, 210, 3), np.uint8)), "en", cm_per_pixel=0.1)
PLACE = Question(
    "Where is the stamp?", '[{"bbox_2d": [400, 400, 600, 600], "label": "stamp"}]', "where", "box"
)


class Answers:
    name = "given"

    def __init__(self, words: str | AnswerFailed, knows_forms: bool = True) -> None:
        self.words = words
        self.knows_forms = knows_forms
        self.heard: list[tuple[str, int, str | None]] = []

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        self.heard.append((question, max_tokens, schema))
        if isinstance(self.words, AnswerFailed):
            raise self.words
        return self.words

    def memory(self) -> int | None:
        return None


def test_the_error_of_a_place_is_told_in_cm_of_the_sheet() -> None:
    # The middle is 100 thousandths of 21 cm to the right of the true one, and 100 of 29.7 cm below.
    said = '[{"bbox_2d": [500, 500, 700, 700], "label": "stamp"}]'
    record = ask(Answers(said), SHEET, PLACE)
    assert record.distance_cm == pytest.approx((2.1**2 + 2.97**2) ** 0.5)
    assert record.score.overlap == pytest.approx(100 * 100 / (2 * 200 * 200 - 100 * 100))


def test_without_a_scale_or_a_box_there_is_no_length() -> None:
    bare = Subject("documents", "1", SHEET.image, "en")
    assert ask(Answers(PLACE.answer), bare, PLACE).distance_cm is None
    assert ask(Answers("over there"), SHEET, PLACE).distance_cm is None


def test_a_failure_counts_as_wrong_with_its_reason() -> None:
    record = ask(Answers(AnswerFailed(Phrase("no answer in time", "超时"))), SHEET, PLACE)
    assert (record.score.right, record.answer) == (False, "")
    assert record.failure == ("no answer in time", "超时")


def test_a_model_that_knows_the_forms_hears_the_bare_question() -> None:
    taught, other = Answers(PLACE.answer), Answers(PLACE.answer, knows_forms=False)
    ask(taught, SHEET, PLACE)
    ask(other, SHEET, PLACE)
    assert taught.heard[0][0] == PLACE.text
    assert other.heard[0][0].splitlines()[0] == PLACE.text
    assert "0 to 1000" in other.heard[0][0]


def test_the_form_does_not_tell_that_a_question_cannot_be_answered() -> None:
    answerable = Question("Who?", "Jane", "field", "text")
    absent = Question("Who?", REFUSALS["en"], "absent", "none")
    assert with_form(answerable, "en") == with_form(absent, "en")
    assert REFUSALS["zh"] in with_form(answerable, "zh")


def test_a_choice_is_given_with_its_choices() -> None:
    asked = Question("Torn?", "Yes.", "damaged", "choice", ("Yes.", "No."))
    assert "Yes.; No." in with_form(asked, "en")
    assert "Yes.、No." in with_form(asked, "zh")


def test_json_is_bound_to_the_keys_of_the_truth() -> None:
    truth = {"objects": ["a"], "texts": ["b"], "spatial_relations": []}
    asked = Question("All?", json.dumps(truth), "scene", "json")
    model = Answers(json.dumps(truth))
    assert ask(model, SHEET, asked).score.right
    _, max_tokens, schema = model.heard[0]
    assert json.loads(schema or "") == json.loads(JSON_ANSWER.text)
    assert max_tokens > 500
    assert schema_of({"n": 1, "ok": True, "none": None, "rows": [{"a": "b"}]})["properties"]["rows"][
        "items"
    ] == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
