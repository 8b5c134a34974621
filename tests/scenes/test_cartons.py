"""Cartons: sizes follow from the sheet beside them, linings show in tears alone, marks are printed or missing."""

from __future__ import annotations

import json
import math
from random import Random

import numpy as np
import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import cartons, fonts
from jianwei.scenes.scene import A4_CM, Language, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


@pytest.mark.parametrize(("split", "language"), CASES)
def test_sizes_in_cm_are_told_only_beside_an_a4_sheet(split: Split, language: Language) -> None:
    measured = 0
    for seed in range(60):
        scene = cartons.draw(Random(seed), split, language, 400)
        answers = {question.kind: question for question in scene.questions}
        things = {item.kind: item.box for item in scene.objects}
        assert ("a4" in things) == (scene.scale is not None) == ("carton_cm" in answers)
        if scene.scale is None:
            refused = [question for question in scene.questions if question.kind == "absent"]
            assert len(refused) == 2
            continue
        measured += 1
        per_pixel = scene.scale.cm_per_pixel
        corners = scene.scale.corners
        assert math.dist(corners[0], corners[1]) * per_pixel == pytest.approx(A4_CM[0], rel=0.01)
        assert math.dist(corners[1], corners[2]) * per_pixel == pytest.approx(A4_CM[1], rel=0.01)
        wide = things["carton"][2] - things["carton"][0]
        assert wide * per_pixel == pytest.approx(float(answers["carton_cm"].answer), abs=0.6)
        if "damage_cm" in answers:
            damage = next(box for kind, box in things.items() if kind in ("tear", "dent"))
            assert (damage[2] - damage[0]) * per_pixel == pytest.approx(
                float(answers["damage_cm"].answer), abs=0.6
            )
        x, y = (round(sum(edge) / 4) for edge in zip(*corners, strict=True))
        assert scene.image.pixels[y - 3 : y + 3, x - 3 : x + 3].mean() > 150
    assert 8 < measured < 30


@pytest.mark.parametrize(("split", "language"), CASES)
def test_the_share_of_the_damage_the_lining_and_the_marks_are_those_of_the_picture(
    split: Split, language: Language
) -> None:
    linings: set[bool] = set()
    for seed in range(60):
        scene = cartons.draw(Random(seed), split, language, 400)
        boxes = {item.kind: item.box for item in scene.objects}
        printed = [text.text for text in scene.texts]
        front = boxes["carton"]
        for text in scene.texts:
            assert front[0] <= text.box[0]
            assert text.box[2] <= front[2]
            assert front[1] <= text.box[1]
            assert text.box[3] <= front[3]
        for question in scene.questions:
            if question.match != "open":
                assert score(question, question.answer).right
            if question.kind == "lining":
                shown = "lining" in boxes
                linings.add(shown)
                assert (question.answer in ("有。", "Yes.")) == shown
                if shown:
                    tear, lining = boxes["tear"], boxes["lining"]
                    assert tear[0] < lining[0] < lining[2] < tear[2]
                    left, top, right, bottom = (round(edge) for edge in lining)
                    assert np.median(scene.image.pixels[top:bottom, left:right]) > 110
            elif question.kind == "damage_share":
                damage = boxes.get("tear") or boxes["dent"]
                share = 100 * (damage[2] - damage[0]) / (front[2] - front[0])
                assert float(question.answer) == pytest.approx(share, abs=0.6)
            elif question.kind == "mark":
                said_there = question.answer in ("有。", "没有缺少。", "Yes.", "No, it is there.")
                assert said_there == any(f"{mark}" in question.text for mark in printed)
            elif question.kind == "marks":
                assert all(mark in question.answer for mark in printed)
            elif question.kind == "json":
                truth = json.loads(question.answer)
                assert len(truth["spatial_relations"]) == ("a4" in boxes) + (
                    len({"tear", "dent"} & set(boxes))
                )
    assert linings == {True, False}
