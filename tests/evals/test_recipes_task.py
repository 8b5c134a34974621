"""Recipes on their families of scenes, with the printed lines as if OCR had read all of them rightly."""

from __future__ import annotations

from typing import Any

import pytest

from jianwei.evals.recipes_task import FAMILIES, Scored, judge, recipe_for, table
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.views import View
from jianwei.recipes.computed import compute_fields
from jianwei.recipes.library import find_recipe
from jianwei.recipes.page import page_of
from jianwei.recipes.readers import read_fields
from jianwei.scenes.families import draw
from jianwei.scenes.scene import Language, Scene, Split

SCENES = 6


def read(scene: Scene) -> dict[str, Any]:
    """What the recipe's readers say, without a model."""
    lines = [
        OcrLine(text.text, ((x1, y1), (x2, y1), (x2, y2), (x1, y2)), 1.0)
        for text in scene.texts
        for x1, y1, x2, y2 in [text.box]
    ]
    recipe = find_recipe(recipe_for(scene))
    found = read_fields(recipe, [page_of(View(scene.image), lines)])
    return {key: value.value for key, value in {**found, **compute_fields(recipe, found)}.items()}


@pytest.mark.parametrize("split", ["test", "train"])
def test_most_fields_are_right_where_the_lines_are(split: Split) -> None:
    scored: list[Scored] = []
    for number in range(SCENES):
        for family in FAMILIES:
            language: Language = ("zh", "en")[number % 2]
            scene = draw(family, number, split, language)
            scored += judge(scene, recipe_for(scene), read(scene))
    shares = {
        name: sum(each.right for each in group) / len(group)
        for name in {each.recipe for each in scored}
        if (group := [each for each in scored if each.recipe == name])
    }
    assert shares.keys() >= {"damage", "price_tag", "homework", "support", "invoice", "chart"}
    for name, share in shares.items():
        # Damage is for a model to see, and figures that no chart prints are for nobody to read.
        assert share >= {"damage": 0.35, "chart": 0.5}.get(name, 0.8), (name, share)


def test_wrong_and_missing_values_count_as_wrong() -> None:
    scene = draw("screens", 1, "test", "en")
    right = list(judge(scene, "support", read(scene)))
    assert sum(each.right for each in right) >= 0.9 * len(right)
    nothing = list(judge(scene, "support", {}))
    assert len(nothing) == len(right)
    assert not any(each.right for each in nothing if "absent" not in each.field)
    wrong = {**read(scene), "total": "€1.23"}
    (total,) = [each for each in judge(scene, "support", wrong) if each.field == "to_pay"]
    assert (total.said, total.right) == ("€1.23", False)


def test_the_table_has_a_row_a_recipe_and_one_for_all() -> None:
    scored = [Scored("a", "", "x", "1", "1", True), Scored("b", "", "x", "1", "2", False)]
    lines = table(scored).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| a", "| b", "| all"]
    assert "50.0%" in lines[-1]
