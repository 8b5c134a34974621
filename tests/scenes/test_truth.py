"""What every family of drawn scenes promises: the seed makes it, boxes hold ink, wordings of the splits differ."""

from __future__ import annotations

import itertools
import json
import re
from random import Random
from types import ModuleType

import numpy as np
import pytest

from jianwei.scenes import asking, cartons, charts, documents, fonts, homework, screens, shelves
from jianwei.scenes.scene import REFUSALS, Language, Scene, Split

MODULES: dict[str, ModuleType] = {
    "cartons": cartons,
    "charts": charts,
    "documents": documents,
    "homework": homework,
    "screens": screens,
    "shelves": shelves,
}
LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
SPLITS: tuple[Split, ...] = ("train", "test")
SIZE = 400


def scenes(family: str, count: int, size: int = SIZE) -> list[Scene]:
    """``count`` scenes of each split and language."""
    draw = MODULES[family].draw
    return [
        draw(Random(f"{seed} {split} {language}"), split, language, size)
        for seed in range(count)
        for split in SPLITS
        for language in LANGUAGES
    ]


@pytest.mark.parametrize("family", MODULES)
def test_a_scene_is_its_seed(family: str) -> None:
    draw = MODULES[family].draw
    for language in LANGUAGES:
        one, again, other = (draw(Random(seed), "test", language, SIZE) for seed in (3, 3, 4))
        assert one.image.digest == again.image.digest
        assert (one.questions, one.texts, one.objects) == (again.questions, again.texts, again.objects)
        assert one.image.digest != other.image.digest
        assert (one.family, one.language) == (family, language)


@pytest.mark.parametrize("family", MODULES)
def test_the_longer_side_is_about_the_size_asked_for(family: str) -> None:
    for size in (300, 1200):
        for scene in scenes(family, 1, size):
            assert 0.8 * size <= max(scene.image.width, scene.image.height) <= 1.25 * size


@pytest.mark.parametrize("family", MODULES)
def test_boxes_lie_in_the_picture_and_hold_ink(family: str) -> None:
    flat = total = 0
    for scene in scenes(family, 6):
        for item in (*scene.texts, *scene.objects):
            left, top, right, bottom = item.box
            assert -2 <= left < right <= scene.image.width + 2, (item, scene.image.width)
            assert -2 <= top < bottom <= scene.image.height + 2, (item, scene.image.height)
        grey = scene.image.pixels.mean(axis=2)
        for text in scene.texts:
            left, top, right, bottom = (max(0, round(edge)) for edge in text.box)
            patch = grey[top : bottom + 1, left : right + 1]
            total += 1
            flat += float(patch.max() - patch.min()) < 30
    # Small pale print under a shadow may drown; nothing else may.
    assert total > 20
    assert flat <= 0.02 * total


@pytest.mark.parametrize("family", MODULES)
def test_questions_are_whole_and_can_be_checked(family: str) -> None:
    matches: set[str] = set()
    for scene in scenes(family, 6):
        texts, labels = [text.text for text in scene.texts], [item.label for item in scene.objects]
        for question in scene.questions:
            matches.add(question.match)
            assert question.text
            assert "{" not in question.text.replace("\\frac{", "").replace("\\sqrt{", "")
            assert question.answer
            if question.match == "choice":
                assert question.answer in question.choices
                assert len(set(question.choices)) == len(question.choices) > 1
            elif question.match == "number":
                float(question.value or question.answer)
            elif question.match == "none":
                assert question.answer == REFUSALS[scene.language]
            elif question.match == "box":
                (item,) = json.loads(question.answer)
                left, top, right, bottom = item["bbox_2d"]
                assert 0 <= left < right <= 1000
                assert 0 <= top < bottom <= 1000
                assert item["label"] in (*texts, *labels)
            elif question.match == "json":
                truth = json.loads(question.answer)
                assert truth["objects"] == labels
                assert truth["texts"] == texts
                assert isinstance(truth["spatial_relations"], list)
    assert {"text", "none", "box", "json"} <= matches


@pytest.mark.parametrize("family", MODULES)
def test_train_and_test_share_no_wording(family: str) -> None:
    table = {**asking.COMMON, **MODULES[family].ASKS}
    train: set[str] = set()
    test: set[str] = set()
    for pair in table.values():
        for way in pair:
            train |= {bare(text) for pattern in way.train for text in expansions(pattern)}
            test |= {bare(text) for pattern in way.test for text in expansions(pattern)}
    assert len(train) > 2 * len(table)
    assert len(test) >= 2 * len(table)
    assert not train & test


def expansions(pattern: str) -> list[str]:
    """Every text of a pattern."""
    parts = re.split(r"\[([^\[\]]*)\]", pattern)
    options = [[part] if i % 2 == 0 else part.split("|") for i, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*options)]


def bare(text: str) -> str:
    """A wording without what it is about, marks, spaces and case."""
    return re.sub(r"\{\d?\}|[\s？?。.：:“”\",，]", "", text).casefold()


@pytest.mark.parametrize("family", MODULES)
def test_both_splits_look_different(family: str) -> None:
    for language in LANGUAGES:
        faces = [fonts.pick(Random(seed), language, split).name for split in SPLITS for seed in range(20)]
        if len(fonts.available(language, "train")) and set(fonts.available(language, "train")) != set(
            fonts.available(language, "test")
        ):
            assert not set(faces[:20]) & set(faces[20:])
        draw = MODULES[family].draw
        one, other = (draw(Random(5), split, language, SIZE) for split in SPLITS)
        assert not np.array_equal(one.image.pixels, other.image.pixels)
