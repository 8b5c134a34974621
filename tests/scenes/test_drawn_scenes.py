"""Drawn scenes: the truth they tell is what was drawn."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from jianwei.errors import InputError
from jianwei.scenes import cartons, fonts, palette, paper, shapes, shelves
from jianwei.scenes.scene import Language, Scene

# Chinese needs an installed font; where there is none, the English scenes are drawn with Pillow's own.
LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
DRAW: dict[str, Callable[[Random, Language], Scene]] = {
    "shapes": lambda rng, language: shapes.draw(rng, "train", language),
    "cartons": lambda rng, language: cartons.draw(rng, "train", language),
    "shelves": lambda rng, language: shelves.draw(rng, "train", language),
    "forms": lambda rng, language: paper.draw(rng, "train", language, 6),
}


@pytest.mark.parametrize("family", DRAW)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scene_is_its_seed(family: str, language: Language) -> None:
    one, again, other = (DRAW[family](Random(seed), language) for seed in (3, 3, 4))
    assert one.image.digest == again.image.digest
    assert one.questions == again.questions
    assert one.image.digest != other.image.digest
    assert one.family == family


@pytest.mark.parametrize("family", DRAW)
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_named_lies_in_the_picture(family: str, language: Language) -> None:
    for seed in range(12):
        scene = DRAW[family](Random(seed), language)
        assert scene.questions
        for item in (*scene.texts, *scene.objects):
            left, top, right, bottom = item.box
            assert -1 <= left < right <= scene.image.width + 1
            assert -1 <= top < bottom <= scene.image.height + 1
        for question in scene.questions:
            assert question.text
            assert question.answer
            if question.choices:
                assert question.answer in question.choices
            if question.match == "box":
                (item,) = json.loads(question.answer)
                assert all(0 <= value <= 1000 for value in item["bbox_2d"])


def test_shapes_have_the_colour_they_are_said_to_have() -> None:
    for seed in range(20):
        scene = shapes.draw(Random(seed), "train", "en")
        for item in scene.objects:
            x, y = round((item.box[0] + item.box[2]) / 2), round((item.box[1] + item.box[3]) / 2)
            seen = scene.image.pixels[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).mean(0)
            nearest = min(
                palette.COLOURS, key=lambda name: float(np.abs(seen - palette.COLOURS[name][0]).sum())
            )
            # Light and noise may take a colour to its neighbour, never across the wheel.
            distance = float(np.abs(seen - palette.COLOURS[item.colour][0]).max())
            assert nearest == item.colour or distance < 90


def test_counts_of_shapes_are_those_of_the_drawing() -> None:
    checked = 0
    for seed in range(40):
        scene = shapes.draw(Random(seed), "train", "en")
        assert 1 <= len(scene.objects) <= 5
        true = Counter(item.label for item in scene.objects)
        for item in scene.objects:
            true[item.kind] += 1
            true[f"{item.colour} shape"] += 1
        names = [shapes.label(shape, colour, "en") for shape in shapes.SHAPES for colour in palette.COLOURS]
        names += [*shapes.SHAPES, *(f"{colour} shape" for colour in palette.COLOURS)]
        for question in scene.questions:
            if question.kind == "count":
                named = [name for name in names if re.search(rf"\b{name}s", question.text)]
                expected = true[max(named, key=len)] if named else len(scene.objects)
                assert int(question.answer) == expected
                checked += 1
    assert checked > 60


def test_a_whole_carton_has_no_damage_to_find() -> None:
    seen: set[bool] = set()
    for seed in range(30):
        scene = cartons.draw(Random(seed), "train", "en")
        damaged = any(item.kind in ("tear", "dent") for item in scene.objects)
        seen.add(damaged)
        answers = {q.kind: q.answer for q in scene.questions}
        assert answers["damaged"].startswith("Yes" if damaged else "No")
        assert ("where_object" in answers) == damaged
    assert seen == {True, False}


def test_damage_leaves_marks_readable() -> None:
    for seed in range(40):
        scene = cartons.draw(Random(seed), "train", "en")
        for text in scene.texts:
            for item in scene.objects:
                if item.kind in ("tear", "dent"):
                    inside = (
                        text.box[0] > item.box[0]
                        and text.box[1] > item.box[1]
                        and text.box[2] < item.box[2]
                        and text.box[3] < item.box[3]
                    )
                    assert not inside


def test_prices_on_a_shelf_stand_below_their_packages() -> None:
    for seed in range(15):
        scene = shelves.draw(Random(seed), "train", "en")
        boxes = {text.text: text.box for text in scene.texts}
        packages = {item.label: item.box for item in scene.objects}
        for question in scene.questions:
            if question.kind == "price":
                name = next(name for name in packages if name in question.text)
                package, tag, price = packages[name], boxes[name], boxes[question.value]
                assert package[3] <= min(tag[1], price[1])
                assert abs(sum(package[::2]) - sum(price[::2])) < 0.5 * scene.image.width


def test_without_a_chinese_font_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.available.cache_clear()
    monkeypatch.setattr(fonts, "_installed", dict)
    try:
        with pytest.raises(InputError) as caught:
            fonts.pick(Random(0), "zh", "train")
        assert caught.value.code == "scene_font_missing"
        assert fonts.pick(Random(0), "en", "train").name == "Pillow"
        assert paper.draw(Random(0), "test", "en", 5).texts
    finally:
        fonts.available.cache_clear()


def test_train_and_test_share_no_font() -> None:
    for language in LANGUAGES:
        train, test = set(fonts.available(language, "train")), set(fonts.available(language, "test"))
        if train and test and train != test:
            assert not train & test
