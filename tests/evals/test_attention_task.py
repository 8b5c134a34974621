"""Heads are chosen, and maps judged, by where the answer is printed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jianwei.answering.proof import Looked
from jianwei.errors import Phrase
from jianwei.evals import attention_task
from jianwei.evals.attention_cases import Case, cases, pixel_cases
from jianwei.evals.attention_task import Found, Measure, Seen, calibrate, evaluate, grid_for, head_scores
from jianwei.evidence.attention import Head, Heads, all_heads
from jianwei.evidence.prompt import LineTokens, PictureTokens, Places, Reading
from jianwei.evidence.views import View
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.scenes.palette import colour_word
from jianwei.scenes.scene import Language, Question
from jianwei.types import Image

PAGE = Image(np.zeros((300, 400, 3), np.uint8))
ASKED = Question("合计是多少", "合计：12.50", "field", "text", value="12.50")
CASE = Case(PAGE, ASKED, "12.50", (220, 100, 300, 145))


def line(text: str, start: int, box: tuple[float, float, float, float]) -> LineTokens:
    left, top, right, bottom = box
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return LineTokens(Reading(text, quad, 0), start, start + 1, (box,))


PLACES = Places(
    (PictureTokens(View(PAGE), 0, 3, 4),),
    (line("合计", 12, (20, 100, 100, 150)), line("12.50", 13, CASE.box)),
    20,
)


def seen(*tokens: int, right: bool = True) -> Seen:
    """Heads that each look at one token while the answer's one piece is written."""
    weights = np.full((len(tokens), 1, 20), 0.001, np.float32)
    for head, token in enumerate(tokens):
        weights[head, 0, token] = 0.98
    return Seen(CASE, right, [0], Looked(weights, None, PLACES, ["12.50"], (PAGE,)))


def test_a_head_scores_by_what_it_puts_on_the_true_line_or_the_visual_tokens_of_its_place() -> None:
    on_line, on_label, on_patch, elsewhere, on_text = head_scores(seen(13, 12, 6, 0, 17))
    assert on_line > 0.95
    assert on_patch > 0.95
    assert on_label < 0.05
    assert elsewhere < 0.05
    assert on_text < 0.5


def test_a_head_is_scored_by_the_true_places_of_the_tokens_that_pruning_left() -> None:
    whole = PLACES.pictures[0]
    kept = np.array([0, 5, 6])
    places = replace(PLACES, pictures=(replace(whole, kept=kept),))
    weights = np.full((3, 1, 20), 0.001, np.float32)
    for head, token in enumerate(whole.start + np.arange(3)):
        weights[head, 0, token] = 0.98
    pruned = head_scores(Seen(CASE, True, [0], Looked(weights, None, places, ["12.50"], (PAGE,))))
    unpruned = head_scores(seen(*(int(whole.start + cell) for cell in kept)))
    assert pruned == pytest.approx(unpruned, abs=0.02)


def test_a_measure_knows_hits_and_energy() -> None:
    measure = Measure(Phrase("a", "b"))
    measure.add(grid_for(seen(13), [0]), CASE)
    measure.add(grid_for(seen(12), [0]), CASE)
    measure.add(np.ones((48, 64), np.float32), CASE)
    assert measure.hits == [True, False, False]
    assert measure.energies[0] > 15
    assert measure.energies[1] < 0.5
    assert measure.energies[2] == pytest.approx(1, rel=1e-3)
    assert measure.pointing == pytest.approx(1 / 3)
    assert measure.interval[0] < 1 / 3 < measure.interval[1]


class Model(VisionModel):
    """Stands in for a model loaded with all heads."""

    def __init__(self) -> None:
        self.heads = all_heads(2, 2)


def test_the_heads_that_look_at_the_answer_are_chosen_from_right_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {"right": seen(12, 13, 0, 6), "wrong": seen(13, 0, 0, 0, right=False)}
    monkeypatch.setattr(attention_task, "cases", lambda *_: iter(answers.values()))
    monkeypatch.setattr(attention_task, "look", lambda model, case: case)
    found = calibrate(Model(), "text", 3)
    assert set(found.heads) == {Head(0, 1), Head(1, 1)}
    assert found.answers == 3
    assert found.score == pytest.approx(0.98, abs=0.02)


def test_without_a_right_answer_no_head_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_task, "cases", lambda *_: iter([seen(13, right=False)]))
    monkeypatch.setattr(attention_task, "look", lambda model, case: case)
    assert calibrate(Model(), "text", 2) == Found((), 0.0, 0)


def test_the_map_is_far_above_its_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_task, "cases", lambda *_: iter([seen(12, 13, 0, 1)] * 2))
    monkeypatch.setattr(attention_task, "look", lambda model, shown: Seen(CASE, True, [0], shown.looked))
    measures, asked = evaluate(Model(), Heads((Head(0, 1),)), "text", 5)
    ours, even, _, chance, other, every = measures
    assert asked == 10
    assert ours.pointing == every.pointing == 1
    assert chance.pointing == 0
    assert even.energy == pytest.approx(1, rel=1e-3)
    assert len(other.hits) == 5


def test_a_head_for_pixels_is_scored_by_what_it_adds_to_a_question_for_nothing() -> None:
    looking, sink = seen(6, 6), seen(6, 6)
    usual = np.full((2, 20), 0.01, np.float32)
    usual[1, 6] = 0.9  # the second head looks there whatever is asked
    sink = replace(sink, looked=replace(sink.looked, generic=usual))
    asked, always = head_scores(sink)
    assert asked > 0.9
    assert always < 0.2
    assert head_scores(looking)[1] > 0.9


def test_the_map_of_a_case_is_made_as_that_of_an_answer() -> None:
    lines, pixels = seen(12, 6), seen(0, 6)
    assert grid_for(lines, [0], [1]).argmax() == grid_for(lines, [0]).argmax()  # the line has most of it
    assert grid_for(pixels, [0], [1]).argmax() == grid_for(pixels, [1]).argmax()  # no line was looked at


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_case_of_pixels_is_about_the_one_thing_that_its_question_names(language: Language) -> None:
    kinds: set[str] = set()
    for number in range(12):
        for family in ("shapes", "cartons"):
            scene = draw(family, number, "test", language)
            for case in pixel_cases(scene):
                kinds.add(case.question.kind)
                assert case.ocr == "off"
                assert case.is_right(case.question.answer)
                named = [item for item in scene.objects if item.box == case.box]
                printed = [text for text in scene.texts if text.box == case.box]
                assert len(named) + len(printed) >= 1
                if case.question.kind == "colour":
                    assert colour_word(named[0].colour, language) == case.question.answer
    assert kinds >= {"colour", "shape", "where_object", "damage_kind", "damage_place", "mark"}


def test_yes_is_no_answer_to_a_question_that_wants_no() -> None:
    question = Question("有吗？", "有。", "mark", "choice", ("有。", "没有。"))
    assert not Case(PAGE, question, "有", CASE.box, "off").is_right("没有。")


def test_a_case_has_its_answer_printed_once() -> None:
    found = list(cases("text", "train", 4))
    assert found
    for case in found:
        left, top, right, bottom = case.box
        assert 0 <= left < right <= case.image.width + 1
        assert 0 <= top < bottom <= case.image.height + 1
        assert len(case.value) >= 2
    assert [case.question for case in cases("text", "train", 4)] == [case.question for case in found]
