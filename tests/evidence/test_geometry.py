"""Maps of pixels: there and back to a hundredth of a pixel, composed, and the same as OpenCV's own."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.geometry import PixelMap, homography

SIZE = (800, 600)


@st.composite
def maps(draw: st.DrawFn) -> PixelMap:
    """Chains of turns, resizes, crops and straightened quadrilaterals."""
    way = PixelMap.identity(*SIZE)
    for kind in draw(st.lists(st.sampled_from(("turn", "resize", "crop", "straighten")), max_size=4)):
        width, height = way.made
        if kind == "turn":
            step = PixelMap.turn(way.made, draw(st.floats(-180, 180)))
        elif kind == "resize":
            step = PixelMap.resize(way.made, (draw(st.integers(100, 3000)), draw(st.integers(100, 3000))))
        elif kind == "crop":
            box = (draw(st.integers(0, width // 3)), draw(st.integers(0, height // 3)), width, height)
            step = PixelMap.crop(way.made, box)
        else:
            x, y = width * draw(st.floats(0.02, 0.2)), height * draw(st.floats(0.02, 0.2))
            quad = ((x, y / 2), (width - x / 2, y), (width - x, height - y), (x / 3, height - y / 4))
            step = PixelMap.straighten(way.made, quad, (draw(st.integers(200, 2000)), 700))
        way = way.then(step)
    return way


@given(maps(), st.floats(0.25, 0.75), st.floats(0.25, 0.75))
def test_back_is_the_way_there_undone(way: PixelMap, across: float, down: float) -> None:
    point = (across * way.made[0], down * way.made[1])
    ((x, y),) = way.forward(way.backward([point]))
    assert math.dist((x, y), point) < 0.01
    original = way.backward([point])
    assert np.abs(way.backward(way.forward(original)) - original).max() < 0.01


@given(maps())
def test_boxes_stay_inside_and_hold_their_middle(way: PixelMap) -> None:
    left, top, right, bottom = way.backward_box((0, 0, *way.made))
    assert 0 <= left <= right <= SIZE[0]
    assert 0 <= top <= bottom <= SIZE[1]
    width, height = way.made
    x1, y1, x2, y2 = way.backward_box((0.4 * width, 0.4 * height, 0.6 * width, 0.6 * height))
    ((x, y),) = way.backward([(0.5 * width, 0.5 * height)])
    assert x1 <= min(max(x, 0), SIZE[0]) <= x2
    assert y1 <= min(max(y, 0), SIZE[1]) <= y2


def test_a_quarter_turn_is_clockwise() -> None:
    way = PixelMap.turn((40, 20), 90)
    assert way.made == (20, 40)
    assert way.forward([(0, 0), (40, 0)]) == pytest.approx(np.array([(20, 0), (20, 40)]), abs=1e-9)


def test_pixels_go_where_points_go() -> None:
    picture = np.zeros((60, 80), np.uint8)
    picture[20:24, 50:58] = 255
    way = PixelMap.turn((80, 60), 90).then(PixelMap.resize((60, 80), (120, 160)))
    seen = cv2.warpPerspective(picture, way.opencv, way.made, flags=cv2.INTER_LINEAR)
    rows, columns = np.nonzero(seen > 127)
    told = way.forward_box((50, 20, 58, 24))
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == pytest.approx(told, abs=0.6)


def test_maps_of_other_pictures_cannot_follow() -> None:
    with pytest.raises(ValueError, match="no original"):
        PixelMap.identity(10, 10).then(PixelMap.identity(11, 10))


def test_points_on_a_line_have_no_homography() -> None:
    with pytest.raises(ValueError, match="on a line"):
        homography(((0, 0), (1, 1), (2, 2), (0, 1)), ((0, 0), (1, 0), (1, 1), (0, 1)))
