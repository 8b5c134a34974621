"""What is blurred is what the map shows, and as much at random; the fall of the answer's log-probability counts."""

from __future__ import annotations

import random

import numpy as np
import pytest

from jianwei.answering.proof import Looked
from jianwei.evals import deletion
from jianwei.evals.attention_cases import Case
from jianwei.evals.attention_task import Seen
from jianwei.evals.deletion import (
    Deletion,
    blurred,
    evaluate_deletion,
    hottest_cells,
    patches_of,
    random_cells,
)
from jianwei.evidence.attention import Head, Heads, all_heads
from jianwei.evidence.prompt import PictureTokens, Places
from jianwei.evidence.views import View
from jianwei.pipeline import VisionModel
from jianwei.scenes.scene import Question
from jianwei.types import Image

NOISE = Image(np.random.default_rng(0).integers(0, 256, (200, 400, 3), dtype=np.uint8))
PLACES = Places((PictureTokens(View(NOISE), 0, 4, 8),), (), 32)
LOOKED = Looked(np.zeros((1, 1, 32), np.float32), None, PLACES, [""], (NOISE,))
CASE = Case(NOISE, Question("q", "12.50", "field", "text"), "12.50", (0, 0, 40, 20))


def test_the_hottest_tenth_is_chosen_and_as_much_at_random() -> None:
    grid = np.arange(200, dtype=np.float32).reshape(10, 20)
    assert np.array_equal(hottest_cells(grid), grid >= 180)
    chance = random_cells((10, 20), random.Random(1))
    assert chance.sum() == 20
    assert not np.array_equal(chance, hottest_cells(grid))
    assert hottest_cells(np.array([[1, 3, 2]], np.float32)).tolist() == [[False, True, False]]


def test_only_the_cells_are_blurred() -> None:
    cells = np.zeros((4, 8), bool)
    cells[1, 2] = True
    made = blurred(NOISE, cells).pixels
    assert np.array_equal(made[:50], NOISE.pixels[:50])
    assert np.array_equal(made[50:100, :100], NOISE.pixels[50:100, :100])
    assert made[50:100, 100:150].std() < 0.2 * NOISE.pixels.std()


def test_a_map_of_pixels_is_blurred_by_visual_tokens() -> None:
    grid = np.zeros((32, 64), np.float32)
    grid[8:16, 40:48] = 1.0
    case = Case(NOISE, CASE.question, "12.50", CASE.box, "off")
    patches = patches_of(Seen(case, True, [0], LOOKED), grid)
    assert patches.shape == (4, 8)
    assert patches[1, 5] == pytest.approx(64)
    assert patches.sum() == pytest.approx(64)
    assert patches_of(Seen(CASE, True, [0], LOOKED), grid) is grid


class Model(VisionModel):
    """Stands in for a model loaded with all heads."""

    def __init__(self) -> None:
        self.heads = all_heads(1, 1)


def test_what_an_answer_loses_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = np.zeros((20, 40), np.float32)
    grid[0, 0] = 1.0
    monkeypatch.setattr(deletion, "cases", lambda *_: iter([CASE]))
    monkeypatch.setattr(deletion, "grid_for", lambda *_: grid)

    def is_seen(case: Case) -> bool:
        """Whether the first cell can be read."""
        return np.array_equal(case.image.pixels[:10, :10], NOISE.pixels[:10, :10])

    monkeypatch.setattr(deletion, "look", lambda model, case: Seen(case, is_seen(case), [0], LOOKED, "12.50"))
    monkeypatch.setattr(deletion, "likelihood", lambda model, case, answer: -0.5 if is_seen(case) else -7.0)
    result = evaluate_deletion(Model(), Heads((Head(0, 0),)), "text", 30)
    assert result.lost_hottest[:3] == (30, 30, 1.0)
    lost, n, *_ = result.lost_at_random
    assert lost < 15
    more, _, share, low, high = result.more
    assert more == n - lost, "equal falls are no win"
    assert low < share < high
    assert [fall for fall, _ in result.falls] == [6.5] * 30


def test_without_right_answers_there_is_no_share() -> None:
    hits, n, share, low, high = Deletion().more
    assert (hits, n, low, high) == (0, 0, 0, 1)
    assert np.isnan(share)
