"""Lengths in cm: found sheets, errors told, words that agree with numbers, and refusals."""

from __future__ import annotations

import math
import re
from random import Random

import cv2
import numpy as np
import pytest

from jianwei.evals import measure_task
from jianwei.evidence.measure import Thing, guesses, measure, refusal, words
from jianwei.evidence.plane import find_plane
from jianwei.evidence.quads import find_quads
from jianwei.evidence.scale import parse_scale
from jianwei.scenes import measured
from jianwei.types import Image, Scale

A4 = Scale("a4")


def sheet(corners: list[tuple[float, float]], colour: tuple[int, int, int] = (245, 244, 240)) -> Image:
    """A quadrilateral on a dark table, with soft edges."""
    big = np.full((8 * 480, 8 * 640, 3), (60, 70, 80), np.uint8)
    points = np.rint((8 * np.array(corners) - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(big, [points], colour, shift=4)
    return Image(cv2.resize(big, (640, 480), interpolation=cv2.INTER_AREA).astype(np.uint8))


def test_corners_are_found_to_a_fraction_of_a_pixel() -> None:
    corners = [(120.3, 60.7), (420.6, 80.2), (400.1, 440.4), (90.8, 400.9)]
    found = find_quads(sheet(corners))
    assert np.abs(found[0].corners - np.array(corners)).max() < 0.3


@pytest.mark.parametrize("turned", [False, True])
def test_a_card_on_the_sheet_has_its_size(turned: bool) -> None:
    corners = [(100.0, 50.0), (100 + 21 * 12, 50.0), (100 + 21 * 12, 50 + 29.7 * 12), (100.0, 50 + 29.7 * 12)]
    image = sheet(corners)
    plane = find_plane(image, A4)
    assert plane is not None
    points = ((160.0, 110.0), (220.0, 110.0), (220.0, 134.0), (160.0, 134.0))
    thing = Thing("card", points if turned else (points[0], points[2]))
    long, short, left, top = measure(plane, [thing], "en")
    assert (long.value, short.value) == pytest.approx((5.0, 2.0), abs=0.06)
    assert (left.value, top.value) == pytest.approx((7.5, 6.0), abs=0.06)
    assert 0 < long.error < 0.4


def test_places_are_told_on_either_side_of_the_reference() -> None:
    corners = [
        (300.0, 100.0),
        (300 + 21 * 10, 100.0),
        (300 + 21 * 10, 100 + 29.7 * 10),
        (300.0, 100 + 29.7 * 10),
    ]
    plane = find_plane(sheet(corners), A4)
    assert plane is not None
    beside = measure(plane, [Thing("box", ((80, 40), (120, 60)))], "en")[2:]
    assert [each.what for each in beside] == [
        "middle of box to the left of the reference",
        "middle of box above the reference",
    ]
    assert [each.value for each in beside] == pytest.approx([20, 5], abs=0.1)
    on = measure(plane, [Thing("箱", ((380, 140), (420, 160)))], "zh")[2:]
    assert [each.what for each in on] == ["箱中心距参照物左边", "箱中心距参照物上边"]


def test_distance_is_from_middle_to_middle_at_a_stated_scale() -> None:
    plane = find_plane(sheet([(0, 0), (9, 0), (9, 9), (0, 9)]), parse_scale("dpi:254"))
    assert plane is not None
    things = [Thing("a", ((0, 0), (20, 20))), Thing("b", ((300, 400), (320, 420)))]
    told = measure(plane, things, "zh")
    assert told[-1].what == "a与b的距离"
    assert told[-1].value == pytest.approx(5.0)
    assert told[-1].bbox == (0, 0, 320, 420)


def test_words_are_made_from_the_numbers() -> None:
    plane = find_plane(sheet([(0, 0), (9, 0), (9, 9), (0, 9)]), parse_scale("mm_per_px:0.2"))
    assert plane is not None
    told = measure(plane, [Thing("裂口", ((100, 50), (260, 90)))], "zh")
    said = words(parse_scale("mm_per_px:0.2"), told, "zh")
    assert said.startswith("按每像素 0.2 毫米测量：裂口的宽 3.20 ± ")
    pairs = re.findall(r"([\d.]+) ± ([\d.]+) 厘米", said)
    assert pairs == [(f"{one.value:.2f}", f"{one.error:.2f}") for one in told]


@pytest.mark.parametrize(
    "image",
    [
        sheet([(100, 100), (300, 100), (300, 300), (100, 300)]),  # square
        sheet([(100, 50), (352, 50), (352, 406), (100, 406)], (205, 160, 105)),  # cardboard
        Image(np.full((480, 640, 3), 200, np.uint8)),
    ],
)
def test_without_a_sheet_nothing_is_told_in_cm(image: Image) -> None:
    assert find_plane(image, A4) is None
    said = refusal(A4, [Thing("the region", ((100, 100), (412, 200)))], [image], "en")
    assert "312 px wide, 49% of the width" in said
    assert "cm" not in said
    assert "312 像素（图宽的 49%）" in refusal(A4, [Thing("区域", ((100, 100), (412, 200)))], [image], "zh")
    assert "cm" in refusal(None, (), [image], "en")


def test_a_reference_is_known_by_its_label_and_shape() -> None:
    image = sheet([(100, 100), (314, 100), (314, 235), (100, 235)], (200, 90, 60))
    scale = parse_scale('ref:"card"=5.4x8.56 cm')
    assert find_plane(image, scale) is None
    plane = find_plane(image, scale, [(150.0, 150.0, 220.0, 180.0)])
    assert plane is not None
    told = measure(plane, [Thing("card", ((100, 100), (314, 235)))], "en")
    assert told[0].value == pytest.approx(8.56, abs=0.1)


def test_guessed_lengths_are_told_apart() -> None:
    plane = find_plane(sheet([(0, 0), (9, 0), (9, 9), (0, 9)]), parse_scale("mm_per_px:0.2"))
    assert plane is not None
    told = measure(plane, [Thing("tear", ((100, 50), (260, 90)))], "en")
    assert not guesses("It is 3.2 cm (32 mm) wide.", told, ())
    assert guesses("It is about 7 cm long.", told, ())
    assert not guesses("The label says 7 cm.", told, ["SIZE 7 CM"])


def test_error_grows_with_the_scale() -> None:
    scene = measured.draw(Random("error"), "test")
    plane = find_plane(scene.image, A4)
    assert plane is not None
    near = measure(plane, [Thing("a", scene.things[0].corners)], "en")[0]
    coarse = find_plane(scene.image, parse_scale("mm_per_px:3"))
    assert coarse is not None
    far = measure(coarse, [Thing("a", scene.things[0].corners)], "en")[0]
    assert far.error > near.error
    assert math.isclose(near.value, max(scene.things[0].size), abs_tol=0.3)


def test_drawn_scenes_meet_the_bars() -> None:
    tally = measure_task.run(24, seed=7000)
    assert tally.missed <= 2
    median, low, high = tally.share_of(0.5)
    assert low <= median <= high <= 0.2
    assert tally.share_of(0.95)[0] <= 0.5
    assert tally.within >= 0.95 * len(tally.errors)
    assert tally.refused == tally.without
