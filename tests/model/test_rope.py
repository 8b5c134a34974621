"""Positions and rotations equal those of transformers (``tests/reference/make_reference.py``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_cases import PRUNED

from jianwei.model.rope import (
    mrope_positions,
    text_cos_sin,
    vision_cos_sin,
    vision_position_embedding,
    vision_positions,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "parity"
GRIDS = [(2, 2), (4, 6), (14, 4), (12, 12), (30, 26)]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    with np.load(REFERENCE / "rope.npz") as arrays:
        return dict(arrays)


def position_table() -> np.ndarray:
    """The table that was resampled for the reference."""
    return np.arange(12 * 12 * 4, dtype=np.float32).reshape(-1, 4) ** 2 % 997 / np.float32(500) - np.float32(
        1
    )


def test_text_counts_up_alike_in_all_three_rows() -> None:
    positions, after = mrope_positions([3, 2], start=7)
    assert positions.tolist() == [[7, 8, 9, 10, 11]] * 3
    assert after == 12


def test_a_picture_spans_its_rows_and_columns_and_text_goes_on_after_its_longer_side() -> None:
    positions, after = mrope_positions([2, (1, 2, 3), 1])
    assert positions.tolist() == [
        [0, 1, 2, 2, 2, 2, 2, 2, 5],
        [0, 1, 2, 2, 2, 3, 3, 3, 5],
        [0, 1, 2, 3, 4, 2, 3, 4, 5],
    ]
    assert after == 6


def test_nothing_has_no_positions() -> None:
    positions, after = mrope_positions([], start=4)
    assert positions.shape == (3, 0)
    assert after == 4


segment = st.one_of(st.integers(0, 40), st.tuples(st.just(1), st.integers(1, 9), st.integers(1, 9)))


@given(st.lists(segment, max_size=8), st.integers(0, 8), st.integers(0, 10**6))
def test_positions_can_be_made_in_two_parts(
    segments: list[int | tuple[int, int, int]], cut: int, start: int
) -> None:
    whole, after = mrope_positions(segments, start)
    first, between = mrope_positions(segments[:cut], start)
    second, end = mrope_positions(segments[cut:], between)
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)
    assert end == after
    assert whole.dtype == np.int64


@pytest.mark.parametrize("model", ["tied", "untied"])
def test_positions_of_whole_prompts_equal_the_reference(model: str) -> None:
    with np.load(REFERENCE / f"{model}.npz") as arrays:
        # Pruned pictures have a test of their own in test_parity.py.
        cases = {name.split("/")[0] for name in arrays} - set(PRUNED)
        assert len(cases) >= 8
        for case in cases:
            expected = arrays[f"{case}/positions"]
            grids = list(arrays[f"{case}/grids"]) if f"{case}/grids" in arrays else []
            layout = _layout(arrays[f"{case}/ids"].tolist(), grids)
            np.testing.assert_array_equal(mrope_positions(layout)[0], expected)


def _layout(ids: list[int], grids: list[Any]) -> list[int | tuple[int, int, int]]:
    """Segments of a prompt: a picture is a run of the picture's or the video's placeholder."""
    import tiny_qwen3vl

    placeholders = {tiny_qwen3vl.token_id("<|image_pad|>"), tiny_qwen3vl.token_id("<|video_pad|>")}
    layout: list[int | tuple[int, int, int]] = []
    remaining = [(1, int(rows) // 2, int(cols) // 2) for _, rows, cols in grids]
    at = text = 0
    while at < len(ids):
        if ids[at] in placeholders:
            grid = remaining.pop(0)
            layout += [text, grid]
            at, text = at + grid[1] * grid[2], 0
        else:
            at, text = at + 1, text + 1
    assert not remaining
    return [*layout, text]


@pytest.mark.parametrize(
    ("head_dim", "sections", "theta"), [(128, (24, 20, 20), 5e6), (64, (12, 10, 10), 1e4)]
)
def test_text_rotations_equal_the_reference(
    head_dim: int, sections: tuple[int, int, int], theta: float, reference: dict[str, Any]
) -> None:
    positions = reference[f"text_{head_dim}/positions"]
    cos, sin = text_cos_sin(positions, head_dim, sections, theta)
    assert cos.dtype == sin.dtype == np.float32
    # One unit in the last place of a frequency, times position 9000.
    np.testing.assert_allclose(np.stack([cos, sin]), reference[f"text_{head_dim}/cos_sin"], rtol=0, atol=2e-5)


@pytest.mark.parametrize(("rows", "cols"), GRIDS)
def test_patches_stand_in_merge_groups_as_in_the_reference(
    rows: int, cols: int, reference: dict[str, Any]
) -> None:
    expected = reference[f"grid_{rows}x{cols}/positions"]
    np.testing.assert_array_equal(vision_positions(rows, cols), expected)


@pytest.mark.parametrize(("rows", "cols"), [grid for grid in GRIDS if grid[0] * grid[1] <= 56])
def test_patch_rotations_equal_the_reference(rows: int, cols: int, reference: dict[str, Any]) -> None:
    cos, sin = vision_cos_sin(vision_positions(rows, cols), 64)
    assert cos.dtype == sin.dtype == np.float32
    np.testing.assert_allclose(
        np.stack([cos, sin]), reference[f"grid_{rows}x{cols}/cos_sin"], rtol=0, atol=2e-7
    )


@pytest.mark.parametrize(("rows", "cols"), GRIDS)
def test_position_table_is_resampled_as_in_the_reference(
    rows: int, cols: int, reference: dict[str, Any]
) -> None:
    resampled = vision_position_embedding(position_table(), rows, cols)
    assert resampled.dtype == np.float32
    expected = reference[f"grid_{rows}x{cols}/embedding"]
    np.testing.assert_allclose(resampled, expected, rtol=0, atol=1e-6)


def test_a_grid_of_the_tables_own_size_takes_the_table_as_it_is() -> None:
    table = position_table()
    positions = vision_positions(12, 12)
    np.testing.assert_array_equal(
        vision_position_embedding(table, 12, 12), table[positions[:, 0] * 12 + positions[:, 1]]
    )
