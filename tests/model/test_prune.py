"""What is left out of a picture repeats what is kept; print and edges never go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageDraw

from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.model.prune import kept_groups
from jianwei.types import Image

SIDE = 32
CORNERS = {(0, 0), (0, 7), (5, 0), (5, 7)}


def page(shade: int = 255) -> np.ndarray:
    """Six rows of eight groups, plain."""
    return np.full((6 * SIDE, 8 * SIDE, 3), shade, np.uint8)


def kept(pixels: np.ndarray, tolerance: int = 0) -> set[tuple[int, int]]:
    columns = pixels.shape[1] // SIDE
    return {divmod(int(group), columns) for group in kept_groups(pixels, SIDE, tolerance)}


def test_of_a_plain_page_only_the_corners_stay() -> None:
    assert kept(page()) == CORNERS


@pytest.mark.parametrize("place", [(0, 3), (2, 0), (3, 4), (5, 6)])
def test_a_single_faint_dot_keeps_its_group(place: tuple[int, int]) -> None:
    pixels = page()
    pixels[place[0] * SIDE + 31, place[1] * SIDE + 17, 2] = 254
    assert kept(pixels) >= CORNERS | {place}
    assert place not in kept(pixels, tolerance=1) - CORNERS


def test_equal_letters_side_by_side_and_one_above_the_other_all_stay() -> None:
    pixels = page()
    glyph = PillowImage.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(glyph).ellipse((6, 2, 24, 29), outline="black", width=3)
    for row in (2, 3):
        for column in (2, 3, 4):
            pixels[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE] = np.asarray(glyph)
    assert kept(pixels) == CORNERS | {(row, column) for row in (2, 3) for column in (2, 3, 4)}


def test_of_a_line_its_ends_stay_also_where_they_fall_between_groups() -> None:
    pixels = page()
    pixels[2 * SIDE + 9 : 2 * SIDE + 11, SIDE : 6 * SIDE] = 0  # from the edge of a group to the edge of one
    pixels[3 * SIDE : 5 * SIDE, 6 * SIDE + 4] = 0
    # The line's last group and the plain one behind it would both repeat others; the edge is between them.
    horizontal = {(2, 1), (2, 5), (2, 6)}
    assert kept(pixels) == CORNERS | horizontal | {(3, 6), (4, 6), (5, 6)}


def test_the_borders_of_areas_that_fill_whole_groups_stay() -> None:
    pixels = page()
    pixels[2 * SIDE : 5 * SIDE, 2 * SIDE : 6 * SIDE] = (30, 90, 200)
    found = kept(pixels)
    border = {(r, c) for r in (2, 3, 4) for c in (2, 3, 4, 5)} - {(3, 3), (3, 4)}
    assert found >= border
    assert not found & {(3, 3), (3, 4)}


def test_small_differences_do_not_add_up_over_a_gradient() -> None:
    pixels = page()
    pixels[:] = (np.arange(8 * SIDE) // 16)[None, :, None]  # one more every half group
    found = kept(pixels, tolerance=4)
    assert len(found) < 48
    for row in range(6):
        shown = [column for column in range(8) if (row, column) in found]
        assert row not in (0, 5) or shown[0] == 0
    values = pixels[::SIDE, ::SIDE, 0]
    shown_values = np.array([values[place] for place in sorted(found)])
    assert all(np.abs(shown_values - value).min() <= 4 for value in np.unique(values))


def test_noise_of_a_camera_goes_only_where_a_tolerance_is_asked_for() -> None:
    noise = np.random.default_rng(0).integers(-2, 3, page().shape)
    pixels = np.clip(page(200) + noise, 0, 255).astype(np.uint8)
    assert len(kept(pixels)) == 48
    assert kept(pixels, tolerance=4) == CORNERS


@given(
    st.integers(1, 5),
    st.integers(1, 7),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3)), max_size=12),
    st.integers(0, 3),
)
def test_every_group_left_out_is_like_one_that_stays(
    rows: int, columns: int, patches: list[tuple[int, int, int]], tolerance: int
) -> None:
    pixels = np.full((rows * SIDE, columns * SIDE, 3), 240, np.uint8)
    for row, column, less in patches:
        if row < rows and column < columns:
            pixels[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE] -= np.uint8(less)
    groups = pixels.reshape(rows, SIDE, columns, SIDE, 3).swapaxes(1, 2).reshape(rows * columns, -1)
    found = kept_groups(pixels, SIDE, tolerance)
    assert found.tolist() == sorted(set(found.tolist()))
    there = groups[found].astype(int)
    for group in groups.astype(int):
        assert np.abs(there - group).max(1).min() <= tolerance


def test_a_pruned_picture_has_the_patches_of_its_kept_groups_and_a_digest_of_its_own() -> None:
    pixels = page()
    pixels[70:100, 40:200] = np.random.default_rng(1).integers(0, 255, (30, 160, 3))
    config = PreprocessConfig(min_tokens=1)
    whole, pruned = patch_image(Image(pixels), config), patch_image(Image(pixels), config, tolerance=0)
    assert pruned.kept is not None
    assert pruned.token_grid == whole.token_grid == (6, 8)
    assert pruned.n_tokens == len(pruned.kept) == 48 - pruned.n_pruned < whole.n_tokens
    groups = whole.patches.reshape(48, 4, -1)
    assert np.array_equal(pruned.patches, groups[pruned.kept].reshape(len(pruned.patches), -1))
    assert np.flatnonzero(pruned.shown).tolist() == pruned.kept.tolist()
    assert pruned.digest != whole.digest


def test_where_nothing_repeats_pruning_changes_nothing() -> None:
    noise = Image(np.random.default_rng(2).integers(0, 255, (96, 64, 3), np.uint8))
    config = PreprocessConfig(min_tokens=1)
    whole, pruned = patch_image(noise, config), patch_image(noise, config, tolerance=0)
    assert pruned.kept is None
    assert pruned.digest == whole.digest
    assert pruned.n_pruned == 0
