"""What is blurred is what the map shows, and as much at random."""

from __future__ import annotations

import random

import numpy as np
import pytest

from jianwei.evals import deletion
from jianwei.evals.attention_task import Case, Seen
from jianwei.evals.deletion import Deletion, blurred, evaluate_deletion, hottest_cells, random_cells
from jianwei.evidence.attention import Head, Heads, all_heads
from jianwei.types import Image

NOISE = Image(np.random.default_rng(0).integers(0, 256, (200, 400, 3), dtype=np.uint8))
CASE = Case(NOISE, "q", "12.50", (0, 0, 40, 20))


def test_the_hottest_tenth_is_chosen_and_as_much_at_random() -> None:
    grid = np.arange(200, dtype=np.float32).reshape(10, 20)
    assert np.array_equal(hottest_cells(grid), grid >= 180)
    chance = random_cells((10, 20), random.Random(1))
    assert chance.sum() == 20
    assert not np.array_equal(chance, hottest_cells(grid))


def test_only_the_cells_are_blurred() -> None:
    cells = np.zeros((4, 8), bool)
    cells[1, 2] = True
    made = blurred(NOISE, cells).pixels
    assert np.array_equal(made[:50], NOISE.pixels[:50])
    assert np.array_equal(made[50:100, :100], NOISE.pixels[50:100, :100])
    assert made[50:100, 100:150].std() < 0.2 * NOISE.pixels.std()


class Model:
    heads = all_heads(1, 1)


def test_lost_answers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = np.zeros((20, 40), np.float32)
    grid[0, 0] = 1.0
    monkeypatch.setattr(deletion, "cases", lambda *_: iter([CASE]))
    monkeypatch.setattr(deletion, "grid_for", lambda *_: grid)

    def look(model: object, case: Case) -> Seen:
        """Right while the first cell can be read."""
        right = np.array_equal(case.image.pixels[:10, :10], NOISE.pixels[:10, :10])
        return Seen(case, right, [0], None)  # type: ignore[arg-type]

    monkeypatch.setattr(deletion, "look", look)
    result = evaluate_deletion(Model(), Heads((Head(0, 0),)), 30)  # type: ignore[arg-type]
    assert result.hottest == [True] * 30
    assert sum(result.at_random) < 15
    (share, low, high), _ = result.rows()
    assert (share, high) == (1, 1)
    assert 0.8 < low < 1


def test_without_right_answers_there_is_no_share() -> None:
    (share, low, high), _ = Deletion().rows()
    assert np.isnan(share)
    assert (low, high) == (0, 1)
