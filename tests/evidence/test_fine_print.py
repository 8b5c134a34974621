"""Small print on a large, smooth page is found by being rough; pages that are rough all over have no such place."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from jianwei.evals.region_task import on_a_page
from jianwei.evidence.fine_print import find_fine_print
from jianwei.scenes.families import draw
from jianwei.types import Image


@pytest.mark.parametrize("number", [2, 4])
def test_a_small_form_is_found_on_its_page(number: int) -> None:
    image, region = on_a_page(Random(f"page {number}"), draw("forms", number, "test", "en"))
    found = find_fine_print(image, 3)
    assert found is not None
    assert found.picture == 3
    left, top, right, bottom = region.box
    x1, y1, x2, y2 = found.box
    wide, high = right - left, bottom - top
    assert x1 < left + 0.2 * wide
    assert x2 > left + 0.35 * wide
    assert y1 < top + 0.3 * high
    assert y2 > bottom - 0.4 * high
    assert (x2 - x1) * (y2 - y1) < 6 * wide * high


def test_grain_does_not_hide_it_and_dirt_is_not_taken_for_it() -> None:
    rng = np.random.default_rng(0)
    page = PillowImage.fromarray(np.full((2400, 3000, 3), 220, np.uint8))
    pen = ImageDraw.Draw(page)
    pen.ellipse((100, 100, 112, 112), fill="black")
    for row in range(6):
        pen.text((2000, 1500 + 14 * row), "Total 128.50 EUR and thanks", fill="black")
    grainy = np.clip(np.asarray(page) + rng.normal(0, 2, (2400, 3000, 3)), 0, 255).astype(np.uint8)
    found = find_fine_print(Image(grainy))
    assert found is not None
    x1, y1, x2, y2 = found.box
    assert x1 < 2000
    assert 2150 < x2 < x1 + 600
    assert y1 < 1500
    assert y2 > 1580


@pytest.mark.parametrize("kind", ["blank", "rough"])
def test_without_such_a_place_none_is_found(kind: str) -> None:
    rng = np.random.default_rng(0)
    pixels = np.full((900, 1200, 3), 200, np.uint8)
    if kind == "rough":
        pixels = rng.integers(0, 256, pixels.shape, dtype=np.uint8)
    assert find_fine_print(Image(pixels)) is None


def test_print_all_over_a_page_is_no_place() -> None:
    page = PillowImage.new("RGB", (1200, 1600), "white")
    pen = ImageDraw.Draw(page)
    for y in range(20, 1580, 18):
        pen.text((20, y), "The quick brown fox jumps over the lazy dog. " * 4, fill="black")
    assert find_fine_print(Image(np.asarray(page))) is None
