"""Words without meaning: of every sign that the vocabulary knows, and never of what would break what they stand in."""

from __future__ import annotations

import json
import re
from random import Random

import pytest

import nonsense
import vocabulary
from jianwei.scenes import exercises, forms, words
from jianwei.scenes.formulas import plain
from jianwei.scenes.scene import Language


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "digits", words.digits)
    monkeypatch.setattr(forms, "anything", forms.anything)
    monkeypatch.setitem(exercises.KINDS, "train", exercises.KINDS["train"])


def test_some_numbers_are_made_of_two_digits() -> None:
    nonsense.draw_nonsense()
    rng = Random(1)
    drawn_numbers = [words.digits(rng, 11) for _ in range(400)]
    assert all(re.fullmatch(r"\d{11}", number) for number in drawn_numbers)
    few = sum(len(set(number)) <= 2 for number in drawn_numbers)
    assert 80 < few < 160


def test_values_of_any_sort_have_signs_that_scenes_never_print() -> None:
    rare = set("【】±∮①Ω々ぁЖ♀")
    before = {character for seed in range(1500) for character in forms.anything(Random(seed), "zh")}
    nonsense.draw_nonsense()
    after = {character for seed in range(1500) for character in forms.anything(Random(seed), "zh")}
    assert not rare & before
    assert len(rare & after) >= 8


def test_every_sign_is_one_token_and_all_but_a_few_come_up() -> None:
    tokenizer = vocabulary.tokenizer()
    known = nonsense._all_signs()
    assert len(known) > 700
    assert all(len(tokenizer.encode(sign)) == 1 for sign in known)
    rng = Random(3)
    met = {character for _ in range(6000) for character in nonsense.signs(rng)}
    assert len(set(known) - met) < 0.02 * len(known)


@pytest.mark.parametrize("value", ["毫米", "Net weight", "Rainfall by store"])
def test_what_takes_the_place_of_words_stands_in_json_and_has_no_figures(value: str) -> None:
    rng = Random(5)
    made = [nonsense.another(rng, value) for _ in range(400)]
    assert all(json.loads(f'"{one}"') == one for one in made)
    assert not any(re.search(r"\d", one) for one in made)
    assert len(set(made)) > 395
    # Most keep the shape of what they stand for.
    assert sum(len(one.split(" ")) == len(value.split(" ")) for one in made) > 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_formulas_of_any_sort_can_be_written_and_end_with_an_answer(language: Language) -> None:
    nonsense.draw_nonsense()
    made = [exercises.exercise(Random(seed), "train", language) for seed in range(600)]
    assert all(one.steps[-1].count(one.answer) and re.search(r"\d", one.answer) for one in made)
    lines = [line for one in made for line in (one.task, *one.steps)]
    # Nothing of LaTeX is left over that neither writing nor plain text knows.
    assert not any("\\" in plain(line) or "{" in plain(line) for line in lines)
    unlike = {re.sub(r"\d+", "0", line) for line in lines}
    assert len(unlike) > 600


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("请问牛奶的保质期到哪天？", "牛奶：\t2027-03-01\n"),
        ("Which day is the milk good until?", "Milk:\t2027-03-01\n"),
    ],
)
def test_words_that_nobody_has_heard_stand_in_place_of_some_but_never_of_what_is_told(
    question: str, told: str
) -> None:
    name = told.split("\t", maxsplit=1)[0][:-1]
    asked = {nonsense.unheard(Random(seed), question, told) for seed in range(50)}
    assert len(asked) > 40
    assert question not in asked
    assert all(name.lower() in one.lower() for one in asked)
    assert all(question[-1] == one[-1] for one in asked)


def test_a_question_whose_words_are_all_told_stays_as_it_is() -> None:
    assert nonsense.unheard(Random(1), "总价？", "总价：\t88元\n") == "总价？"
    assert nonsense.unheard(Random(1), "Net total?", "Net total:\t88\n") == "Net total?"
