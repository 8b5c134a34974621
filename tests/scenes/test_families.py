"""The registry of families: every one draws under its own name, and a seed names one scene for ever."""

from __future__ import annotations

import pytest

from jianwei.scenes.families import FAMILIES, draw


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_draws_scenes_under_its_own_name_with_questions_in_the_language_asked(family: str) -> None:
    for language in ("zh", "en"):
        scene = draw(family, 1, "test", language)
        assert (scene.family, scene.language) == (family, language)
        assert scene.questions
        assert all(question.text and question.answer for question in scene.questions)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_names_one_scene_and_another_seed_another(family: str) -> None:
    first, again, other = (draw(family, seed, "test", "en") for seed in (7, 7, 8))
    assert first.image.digest == again.image.digest
    assert first.questions == again.questions
    assert first.image.digest != other.image.digest


def test_the_splits_differ() -> None:
    assert draw("shapes", 3, "train", "en").image.digest != draw("shapes", 3, "test", "en").image.digest
