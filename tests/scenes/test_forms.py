"""Forms: what is asked of them is printed on them, and what is not printed is refused."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from random import Random

import pytest

from jianwei.scenes import fields, form_questions, forms, wording, words
from jianwei.scenes.forms import Form
from jianwei.scenes.scene import REFUSALS, Language, Question

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def printed(form: Form) -> list[str]:
    cells = [cell.text for cell in form.cells]
    return cells + [" ".join(cell.text for cell in row) for row in form.rows]


def asked(seed: int, language: Language, *, misread: bool = False) -> tuple[Form, list[Question]]:
    rng = Random(seed)
    form = forms.layout(rng, language, rng.randint(1, 16))
    if misread:
        form = forms.misread(rng, form)
    return form, form_questions.ask(rng, form, "train", 8)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("misread", [False, True])
def test_answers_are_printed_on_the_form(language: Language, misread: bool) -> None:
    kinds: set[str] = set()
    for seed in range(150):
        form, questions = asked(seed, language, misread=misread)
        for question in questions:
            kinds.add(question.kind)
            if question.match == "text":
                value = question.value or question.answer
                assert any(value in text for text in printed(form)), (seed, question)
                assert question.answer.endswith(value)
            if question.kind == "read":
                assert question.answer == "\n".join(" ".join(cell.text for cell in row) for row in form.rows)
    assert kinds == {"field", "price", "count", "absent", "row", "present", "where", "read", "describe"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_asking_for_what_is_not_printed_is_refused(language: Language) -> None:
    found = 0
    for seed in range(100):
        form, questions = asked(seed, language)
        everything = " ".join(printed(form)).lower()
        for question in questions:
            if question.kind == "absent":
                found += 1
                assert question.answer == REFUSALS[language]
                assert question.match == "none"
                for field in fields.FIELDS:
                    for label in field.labels[language]:
                        if question.text.lower().rstrip("?？.。") == label.lower():
                            assert label.lower() not in everything
    assert found > 50


def test_whether_a_text_is_there_is_answered_truly() -> None:
    for seed in range(100):
        form, questions = asked(seed, "zh")
        for question in questions:
            if question.kind == "present":
                says_yes = question.answer == form_questions.YES["zh"]
                held = any(text in question.text for text in printed(form))
                parts = any(
                    text[i:j] in question.text
                    for text in printed(form)
                    for i in range(len(text))
                    for j in range(i + 2, min(len(text), i + 4) + 1)
                )
                assert not says_yes or held or parts


def test_boxes_are_those_of_the_text_asked_for() -> None:
    for seed in range(60):
        form, questions = asked(seed, "en")
        for question in questions:
            if question.kind == "where":
                (item,) = json.loads(question.answer)
                cell = next(cell for cell in form.cells if cell.text == item["label"])
                left, top, right, bottom = item["bbox_2d"]
                assert 0 <= left < right <= 1000
                assert 0 <= top < bottom <= 1000
                assert left == round(1000 * cell.left / form.width)
                assert question.text.count(cell.text) >= 1


def test_the_same_seed_gives_the_same_form_and_questions() -> None:
    assert asked(7, "zh") == asked(7, "zh")
    assert asked(7, "zh") != asked(8, "zh")


def test_cells_of_a_form_do_not_overlap_and_lie_on_the_sheet() -> None:
    for seed in range(60):
        form = forms.layout(Random(seed), "zh", 10)
        for row, following in zip(form.rows, form.rows[1:], strict=False):
            assert max(cell.top for cell in row) < min(cell.top for cell in following)
        for row in form.rows:
            for cell, beside in itertools.pairwise(row):
                assert cell.box[2] <= beside.left
        assert all(cell.box[2] <= form.width and cell.box[3] <= form.height for cell in form.cells)


def test_train_and_test_wordings_share_no_part() -> None:
    for parts in (wording._BEFORE, wording._OF, wording._AFTER):
        for language in LANGUAGES:
            train, test = set(parts[language]["train"]), set(parts[language]["test"])
            assert train
            assert test
            assert not train & test


def test_the_last_wording_is_kept_for_the_test_split() -> None:
    options = ("ask one", "ask two", "ask three")
    for seed in range(200):
        assert not wording.chosen(Random(seed), options, "en", "train").endswith("three")
        assert wording.chosen(Random(seed), options, "en", "test").endswith("three")


def test_a_label_asked_for_stands_in_the_question() -> None:
    for seed in range(300):
        language = LANGUAGES[seed % 2]
        assert "@#@" in wording.about_label(Random(seed), "@#@", language, "train")
        assert "@#@" in wording.about_label(Random(seed), "@#@", language, "test")


def test_misread_forms_lose_and_shift_but_never_invent() -> None:
    lost = 0
    for seed in range(80):
        form = forms.layout(Random(seed), "zh", 12)
        read = forms.misread(Random(seed), form, dropped=0.1)
        squeezed = "".join("".join(text.split()) for text in printed(form))
        wide = str.maketrans("：（）￥，", ":()¥,")
        for cell in read.cells:
            assert "".join(cell.text.split()).translate(wide) in squeezed.translate(wide)
        lost += len(form.cells) - len(read.cells)
        assert replace(form.cells[0]) == form.cells[0]
    assert lost > 0


def test_random_hanzi_reach_the_whole_standard() -> None:
    assert len(words.hanzi()) == len(set(words.hanzi())) == 6763
    drawn = set("".join(words.random_hanzi(Random(seed), 50, 50) for seed in range(2000)))
    assert len(drawn) > 6700


def test_every_field_can_be_asked_and_filled_in_both_languages() -> None:
    rng = Random(0)
    assert len({field.key for field in fields.FIELDS}) == len(fields.FIELDS)
    for field in fields.FIELDS:
        for language in LANGUAGES:
            assert field.labels[language]
            assert field.value(rng, language).strip()
