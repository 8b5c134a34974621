"""What training draws for itself: words without meaning in place of answers, places of things."""

from __future__ import annotations

import json
import re
from random import Random

import pytest

import batches
import samples
import vocabulary
from jianwei.evidence.ocr import OcrLine
from jianwei.scenes import families, fonts
from jianwei.scenes.scene import REFUSALS, Language, Question

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
FAMILIES = ("charts", "documents", "homework", "screens", "shelves")


def drawn(family: str, seed: int, language: Language) -> tuple[list[OcrLine], list[Question]]:
    scene = families.draw(family, seed, "train", language)
    lines: list[OcrLine] = []
    for text in scene.texts:
        left, top, right, bottom = text.box
        lines.append(OcrLine(text.text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0))
    return lines, list(scene.questions)


def printed(value: str, lines: list[OcrLine]) -> bool:
    return any(value in line.text for line in lines)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_renamed_is_renamed_on_the_page_and_in_its_questions(
    family: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_RENAMED", 1.0)
    changed = 0
    for seed in range(12):
        lines, asked = drawn(family, seed, language)
        others, renamed = samples._renamed(Random(seed), lines, asked)
        assert [line.quad for line in others] == [line.quad for line in lines]
        assert [one.kind for one in renamed] == [one.kind for one in asked]
        for before, after in zip(asked, renamed, strict=True):
            old, new = before.value or before.answer, after.value or after.answer
            changed += old != new
            if before.match == "text" and printed(old, lines):
                assert printed(new, others), (old, new)
            if after.choices and before.answer in before.choices:
                assert after.answer in after.choices
            # Figures are told as they are.
            assert re.findall(r"\d+", old) == re.findall(r"\d+", new)
    assert changed > 5


def test_most_scenes_keep_their_words() -> None:
    lines, asked = drawn("documents", 3, "en")
    kept = sum(samples._renamed(Random(seed), lines, asked) == (lines, asked) for seed in range(100))
    assert 45 < kept < 85


def test_evidence_tells_the_ink_of_what_is_drawn() -> None:
    line = samples._as_read("x", (10.0, 20.0, 60.0, 40.0))
    xs, ys = zip(*line.ink, strict=True)
    assert (min(xs), min(ys), max(xs), max(ys)) == pytest.approx((10, 20, 60, 40))


@pytest.mark.parametrize("family", ["cartons", "shelves", "screens"])
def test_every_thing_is_asked_for_by_its_own_name(family: str) -> None:
    asked = 0
    for seed in range(8):
        scene = families.draw(family, seed, "train", "en")
        for question in samples._places(Random(seed), family, scene, "train"):
            (told,) = json.loads(question.answer)
            if question.kind == "where_object":
                asked += 1
                harm = family == "cartons" and told["label"] in ("tear", "dent")
                assert harm or told["label"] in question.text, question
    assert asked > 20


def test_a_whole_scene_is_mostly_begun_and_then_has_no_end() -> None:
    tokenizer = vocabulary.tokenizer()
    scene = next(families.draw("screens", seed, "train", "en") for seed in range(9))
    (whole,) = (question for question in scene.questions if question.kind == "json")
    begun = [samples._whole(Random(seed), whole) for seed in range(40)]
    short = [one for one in begun if one.kind == batches.BEGUN]
    assert len(short) > 20
    assert all(whole.answer.startswith(one.answer) and one.answer.endswith('"texts":["') for one in short)
    (chain,) = batches.conversation(tokenizer, "OCR:\n\n", [[short[0]]]).chains
    assert tokenizer.special["<|im_end|>"] not in chain.ids[chain.answers[0].start :]


def test_kinds_that_are_known_are_asked_less() -> None:
    rng = Random(1)
    asked = [Question("?", "1", kind, "text") for kind in ("known", "new") * 200]
    kept = samples._worthwhile(rng, asked, {"known": 0.2})
    assert sum(one.kind == "new" for one in kept) == 200
    assert 20 < sum(one.kind == "known" for one in kept) < 60


def test_what_only_print_tells_is_nowhere_in_a_picture_without_words() -> None:
    asked = [samples._nowhere(Random(seed), "en") for seed in range(60)]
    assert {(one.answer, one.match) for one in asked} == {(REFUSALS["en"], "none")}
    assert len({one.text for one in asked}) > 50


@pytest.mark.parametrize(
    ("told", "alone"),
    [
        ("Milk:\tbox\n", True),
        ("Payee: box\n", True),
        ("box\n", True),
        ("Milk:\t£2.10/box\n", False),
        ("Milk:\tbox\nTea:\tbag\n", False),
        ("Milk\t£2.10\tbox\n", False),
        ("", False),
    ],
)
def test_a_question_may_lose_words_only_where_one_row_answers_it(told: str, alone: bool) -> None:
    assert (
        samples._is_told(Question("Per what is milk sold?", "Milk: box", "unit", "text", value="box"), told)
        == alone
    )


def test_what_is_a_choice_keeps_its_words() -> None:
    assert not samples._is_told(
        Question("Is it open?", "Yes.", "present", "choice", ("Yes.", "No.")), "Yes.\n"
    )
