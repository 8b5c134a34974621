"""The families of scenes by name: what draws, trains on or judges by scenes finds them here.

A new family joins by one line of ``FAMILIES``.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from jianwei.scenes import cartons, charts, documents, homework, paper, screens, shapes, shelves
from jianwei.scenes.scene import Language, Scene, Split

Draw = Callable[[Random, Split, Language], Scene]
"""Draws one scene of a family at its usual size."""


def _form(rng: Random, split: Split, language: Language) -> Scene:
    return paper.draw(rng, split, language, rng.randint(2, 20))


FAMILIES: dict[str, Draw] = {
    "forms": _form,
    "shapes": shapes.draw,
    "cartons": cartons.draw,
    "shelves": shelves.draw,
    "homework": homework.draw,
    "documents": documents.draw,
    "charts": charts.draw,
    "screens": screens.draw,
}
"""Name (as in ``Scene.family``) to what draws it."""


def draw(family: str, seed: int, split: Split, language: Language) -> Scene:
    """The scene number ``seed`` of a family; the same arguments always give the same scene.

    Raises:
        KeyError: no family has this name.
        InputError: a font that the scene needs is not installed (``scene_font_missing``).
    """
    return FAMILIES[family](Random(f"{family} {split} {language} {seed}"), split, language)
