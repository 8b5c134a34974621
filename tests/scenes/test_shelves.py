"""Shelves: tags tell units and dates of their own packages, sides are those of the boxes, print is in its language."""

from __future__ import annotations

import re
from random import Random

import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import fonts, shelves, wording
from jianwei.scenes.scene import Language, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


@pytest.mark.parametrize(("split", "language"), CASES)
def test_answers_follow_from_the_picture(
    split: Split, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "SHARE", 0.0)  # sayings name the two that they compare in any order
    kinds: set[str] = set()
    sides: set[str] = set()
    for seed in range(40):
        scene = shelves.draw(Random(seed), split, language, 400)
        packages = {item.label: item.box for item in scene.objects}
        for question in scene.questions:
            kinds.add(question.kind)
            if question.match != "open":
                assert score(question, question.answer).right
            named = [name for name in packages if name in question.text]
            under: list[str] = []
            if len(named) == 1:
                left, _, right, bottom = packages[named[0]]
                middle = (left + right) / 2
                tags = [
                    text
                    for text in scene.texts
                    if text.box[1] > bottom and text.box[0] < middle < text.box[2]
                ]
                lowest = [box[3] for box in packages.values() if box[3] > bottom + 5]
                under = [text.text for text in tags if not lowest or text.box[3] < min(lowest)]
            if question.kind == "unit":
                assert any(text.endswith("/" + question.value) for text in under)
            elif question.kind == "best_before":
                assert any(text.endswith(question.value) for text in under)
            elif question.kind == "absent" and len(named) == 1:
                words = [word for split_words in shelves._EXPIRY.values() for word in split_words[language]]
                has_unit = any("/" in text and not any(word in text for word in words) for text in under)
                has_date = any(word in text for text in under for word in words)
                assert not (has_unit and has_date)
            elif question.kind == "print_language":
                left, top, right, bottom = packages[named[0]]
                key = next(key for key, words in shelves._PRINT.items() if question.answer in words)
                inside = [
                    text.text
                    for text in scene.texts
                    if left < sum(text.box[::2]) / 2 < right and top < text.box[1] < bottom
                ]
                assert inside[0] in shelves._SLOGANS[split][key]
            elif question.kind == "relation":
                one, other = sorted(named, key=question.text.index)
                if question.answer in ("左边", "右边", "left", "right"):
                    before = packages[one][0] < packages[other][0]
                    first = ("左边", "left")
                else:
                    before = packages[one][3] < packages[other][3]
                    first = ("上方", "above")
                # Some wordings name the thing that is compared with first.
                begins = question.text[: question.text.index(one)]
                swapped = bool(
                    re.search(r"\b(from|of|than|to|with|against|beside|under)( the)? $", begins)
                ) or any(mark in question.text for mark in ("为准", "和" + one, "跟" + one))
                assert (question.answer in first) == (before != swapped)
                sides.add(question.answer)
    assert {"price", "unit", "best_before", "print_language", "relation", "count", "which", "absent"} <= kinds
    assert len(sides) == 4


def test_slogans_of_the_splits_differ() -> None:
    for language in shelves._PRINT:
        assert not set(shelves._SLOGANS["train"][language]) & set(shelves._SLOGANS["test"][language])
