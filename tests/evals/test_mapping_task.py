"""Places come back from the model to where they were drawn, on every path; a wrong map is seen."""

from __future__ import annotations

from random import Random

import pytest

from jianwei.evals import mapping_task
from jianwei.evals.mapping_paths import Shown
from jianwei.evals.mapping_task import PATHS, Off, rows
from jianwei.evidence.views import View, scaling


@pytest.mark.parametrize("path", list(PATHS))
def test_a_marker_comes_back_within_a_token(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping_task, "PATHS", {path: PATHS[path]})
    off = mapping_task.run(3, seed=900)[path]
    assert len(off.boxes) + off.unseen == 3
    assert off.boxes
    assert max(abs(value) for error in off.boxes for value in error) < 0.05
    assert max(abs(value) for error in off.heat for value in error) <= 1


def test_a_map_that_is_half_a_token_off_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(rng: Random) -> Shown:
        view, image, true = PATHS["resized"](rng)
        return View(view.image, 0, scaling(1, 1, 0.5 * image.width / 20, 0)), image, true

    monkeypatch.setattr(mapping_task, "PATHS", {"shifted": shifted})
    off = mapping_task.run(3)["shifted"]
    assert all(0.3 < across < 0.8 for across, _ in off.boxes)


def test_the_table_tells_the_largest_error_and_the_bias() -> None:
    off = Off([(0.1, 0.0), (-0.3, 0.0)], [(0.5, 0.25), (1.5, 0.25)])
    boxes, heat = rows({"resized": off})[2:4]
    assert "| 2 | 0.300 | 100.0%" in boxes
    assert "-0.1000" in boxes
    assert "| 2 | 1.500 | 50.0%" in heat
    assert "+0.2500" in heat
