"""Homework: sums come out, slips are where the crosses are, formulas may be told in LaTeX or plainly."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import exercises, fonts, formulas, handwriting, homework
from jianwei.scenes.board import Board
from jianwei.scenes.camera import background
from jianwei.scenes.scene import Language, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


def value(side: str) -> float:
    """What one side of an equation without unknowns comes to."""
    typed = formulas.plain(side).replace("×", "*").replace("÷", "/").replace("^", "**")
    return float(eval(re.sub(r"√(\d+)", r"(\1)**0.5", typed), {"__builtins__": {}}))


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_step_of_an_exercise_without_a_slip_comes_to_the_same(split: Split) -> None:
    checked = 0
    for seed in range(300):
        done = exercises.exercise(Random(seed), split, "en")
        if done.slip or not done.steps[0].startswith("="):
            continue
        task = done.task.split(": ")[1]
        for step in done.steps:
            assert value(step[1:]) == pytest.approx(value(task))
            checked += 1
    assert checked > 50


def test_the_answer_is_the_last_thing_written_and_a_slip_changes_one_step() -> None:
    slips: set[int] = set()
    for seed in range(200):
        done = exercises.exercise(Random(seed), "train", "zh")
        assert done.answer in done.steps[-1]
        assert 0 <= done.slip <= len(done.steps)
        slips.add(done.slip)
    assert {0, 1, 2} <= slips


def test_formulas_read_plainly() -> None:
    assert formulas.plain(r"x^2+\frac{3}{4}=\sqrt{16}") == "x^2+3/4=√16"
    assert formulas.plain(r"\frac{1+2}{4}\times 5\div \sqrt{a+b}") == "(1+2)/4×5÷√(a+b)"
    kinds = [piece.kind for piece in formulas.pieces(r"2x^{10}=\frac{1}{2}")]
    assert kinds == ["text", "raised", "text", "fraction"]


@pytest.mark.parametrize(("split", "language"), CASES)
def test_answers_follow_from_what_is_written(split: Split, language: Language) -> None:
    kinds: set[str] = set()
    for seed in range(25):
        scene = homework.draw(Random(seed), split, language, 400)
        sums = homework._Sheet(Random(seed), split, language, 400).sums
        written = [text.text for text in scene.texts]
        for question in scene.questions:
            kinds.add(question.kind)
            assert question.match == "open" or score(question, question.answer).right
            if question.kind in ("step", "formula", "final", "task"):
                plainly = formulas.plain(question.answer)
                assert any(text.endswith(plainly) or plainly in text for text in written)
                assert score(question, plainly).right
                assert score(question, f"${question.answer}$").right
                assert not score(question, plainly + "1").right
            elif question.kind in ("field", "score"):
                assert any(text.endswith(question.answer) for text in written)
            elif question.kind == "count":
                counts = [sum(item.kind == kind for item in scene.objects) for kind in ("cross", "tick")]
                assert int(question.answer) in counts
            elif question.kind == "marked_wrong":
                assert any(item.kind == "cross" for item in scene.objects)
            elif question.kind == "absent" and (found := re.findall(r"\d+", question.text)):
                asked, exercise = (found if language == "en" else found[::-1]), 1
                if len(found) == 2:
                    exercise = int(asked[1])
                assert int(asked[0]) > len(sums[exercise - 1].steps)
    assert {"step", "formula", "final", "count", "marked_wrong", "score", "field", "absent"} <= kinds


@pytest.mark.parametrize(("split", "language"), CASES)
def test_marks_are_red_where_they_are_said_to_be(split: Split, language: Language) -> None:
    redder = total = 0
    for seed in range(12):
        scene = homework.draw(Random(seed), split, language, 500)
        for item in scene.objects:
            left, top, right, bottom = (round(edge) for edge in item.box)
            patch = scene.image.pixels[max(0, top) : bottom, max(0, left) : right].reshape(-1, 3).astype(int)
            total += 1
            redder += bool((patch[:, 0] - patch[:, 1:].max(axis=1) > 40).mean() > 0.04)
    assert total > 20
    assert redder > 0.95 * total


def test_a_hand_is_never_the_same_twice_and_keeps_to_its_room() -> None:
    hand = handwriting.Hand(fonts.pick(Random(0), "en", "train", by_hand=True), (20, 20, 60), 1.0)
    shots: list[np.ndarray] = []
    for seed in (1, 2):
        board = Board(background(Random(9), "train", 400, 80))
        box = hand.write(Random(seed), board, r"x^2=\frac{12}{5}+\sqrt{49} and much more", 20, 20, 30, 200)
        assert box[2] - box[0] < 230
        assert board.texts[0].text == "x^2=12/5+√49 and much more"
        shots.append(np.asarray(board.canvas))
    assert not np.array_equal(*shots)
