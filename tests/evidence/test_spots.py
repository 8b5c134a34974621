"""Spots on a surface: dents and tears are found, print, signs and tape are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jianwei.evidence.boxes import overlap
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.spots import find_spots, find_surface
from jianwei.scenes import families
from jianwei.scenes.scene import Scene
from jianwei.types import Box, Image


def cartons() -> list[Scene]:
    return [families.draw("cartons", seed, "test", "en") for seed in range(1, 40, 2)]


def lines(scene: Scene) -> list[OcrLine]:
    return [OcrLine(text.text, corners(text.box), 0.99) for text in scene.texts]


def corners(box: Box) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def thing(scene: Scene, *kinds: str) -> Box | None:
    return next((item.box for item in scene.objects if item.kind in kinds), None)


def test_spots_are_the_damage_of_cartons() -> None:
    hurt = found = places = kinds = whole = 0
    for scene in cartons():
        spots = find_spots(scene.image, lines(scene))
        damage = thing(scene, "dent", "tear")
        if damage is None:
            whole += not spots
            continue
        hurt += 1
        if spots and overlap(spots[0].box, damage) > 0.3:
            found += 1
            (answer,) = {one.answer for one in scene.questions if one.kind == "damage_place"}
            places += spots[0].where("en") == answer
            kinds += spots[0].hole == (thing(scene, "tear") is not None)
    assert hurt >= 10
    assert found >= 0.8 * hurt
    assert places >= 0.9 * found
    assert kinds >= 0.9 * found
    assert whole >= 0.8 * (20 - hurt)


def test_the_surface_is_the_carton() -> None:
    scenes = cartons()
    right = 0
    for scene in scenes:
        surface, carton = find_surface(scene.image), thing(scene, "carton")
        assert carton is not None
        right += surface is not None and overlap(surface, carton) > 0.6
    assert right >= 0.9 * len(scenes)


def test_spots_are_told_in_both_languages() -> None:
    scene = next(
        scene for scene in cartons() if thing(scene, "tear") and find_spots(scene.image, lines(scene))
    )
    spot = find_spots(scene.image, lines(scene))[0]
    assert (spot.name("en"), spot.name("zh")) == ("hole", "黑洞")
    assert spot.where("zh") in ("左上角", "右上角", "左下角", "右下角", "中间")


@pytest.mark.parametrize("size", [(1, 1), (8, 200), (64, 64)])
def test_an_even_picture_has_none(size: tuple[int, int]) -> None:
    image = Image(np.full((*size, 3), 180, np.uint8))
    assert find_surface(image) is None
    assert find_spots(image) == []


@settings(max_examples=25, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 50), st.integers(1, 50), st.just(3))))
def test_any_picture_has_spots_inside_itself(pixels: np.ndarray) -> None:
    for spot in find_spots(Image(pixels)):
        left, top, right, bottom = spot.box
        assert -1 <= left < right <= pixels.shape[1] + 1
        assert -1 <= top < bottom <= pixels.shape[0] + 1
