"""Whatever is shown of a picture, its pixels lead back to the original's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.views import View, apply, cut, scaling, shrunk
from jianwei.types import Image, Region


def marked(width: int, height: int, x: int, y: int) -> Image:
    """A black picture with a white square of 9 pixels around a point."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5] = 255
    return Image(pixels)


def seen_at(view: View) -> tuple[float, float]:
    """Where the view's bright pixels are, in the original."""
    rows, columns = np.nonzero(view.image.pixels[..., 0] > 127)
    ((x, y),) = view.original_points([(columns.mean() + 0.5, rows.mean() + 0.5)])
    return float(x), float(y)


@given(st.integers(20, 380), st.integers(20, 280))
def test_a_marker_is_found_again_through_a_cut_and_a_smaller_copy(x: int, y: int) -> None:
    image = marked(400, 300, x, y)
    region = Region(((max(0, x - 15.5), max(0, y - 12.2)), (x + 18.0, y + 14.9)))
    for view in (View(image), cut(image, region, margin=3), shrunk(image, 200 * 150)):
        assert seen_at(view) == pytest.approx((x + 0.5, y + 0.5), abs=1.0)


def test_a_cut_shows_the_region_at_full_resolution() -> None:
    image = Image(np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8))
    view = cut(image, Region(((100, 50), (180, 120)), picture=3))
    assert np.array_equal(view.image.pixels, image.pixels[50:120, 100:180])
    assert view.whole_box == (100, 50, 180, 120)
    assert view.picture == 3


def test_a_margin_stops_at_the_picture() -> None:
    view = cut(marked(400, 300, 5, 5), Region(((0, 0), (100, 295))), margin=20)
    assert view.whole_box == (0, 0, 120, 300)


def test_outside_a_polygon_nothing_is_seen() -> None:
    image = Image(np.zeros((100, 100, 3), np.uint8))
    view = cut(image, Region(((0, 0), (99, 0), (0, 99))))
    assert view.image.pixels[10, 10].tolist() == [0, 0, 0]
    assert view.image.pixels[90, 90].tolist() == [255, 255, 255]


def test_a_small_picture_is_not_enlarged() -> None:
    image = marked(40, 30, 5, 5)
    assert shrunk(image, 10**6).image is image


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=5))
def test_there_and_back_is_the_same_point(points: list[tuple[float, float]]) -> None:
    perspective = np.array([[1.1, 0.02, 30], [0.01, 0.9, -12], [1e-5, 2e-5, 1]])
    view = View(marked(10, 10, 2, 2), 0, perspective @ scaling(0.5, 2.0, 3, 4))
    assert view.view_points(view.original_points(points)) == pytest.approx(np.array(points), abs=1e-5)


def test_apply_divides_by_the_third_coordinate() -> None:
    matrix = np.array([[2.0, 0, 0], [0, 2.0, 0], [0, 0, 4.0]])
    assert apply(matrix, [(6, 8)]).tolist() == [[3, 4]]
