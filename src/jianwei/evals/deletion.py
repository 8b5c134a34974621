"""Deletion: whether a right answer is lost when the place that the map shows is blurred.

The control blurs as many cells at random. Only that the answer is lost is counted: how much its probability falls
is not known here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageFilter

from jianwei.evals.attention_task import Case, cases, grid_for, look
from jianwei.evals.tally import wilson
from jianwei.evidence.attention import Heads
from jianwei.pipeline import VisionModel
from jianwei.scenes.scene import Split
from jianwei.types import Image

PART = 0.1
"""Part of the cells that is blurred."""

_BLUR = 0.04
"""Radius of the blur, as a part of the picture's longer side: no print survives it."""

Cells = npt.NDArray[np.bool_]


@dataclass
class Deletion:
    """Of right answers: which were lost when the hottest, and when random cells were blurred."""

    hottest: list[bool] = field(default_factory=lambda: [])
    at_random: list[bool] = field(default_factory=lambda: [])

    def rows(self) -> list[tuple[float, float, float]]:
        """Share of lost answers with its 95% interval: hottest cells, random cells."""
        return [
            (sum(lost) / len(lost) if lost else float("nan"), *wilson(sum(lost), len(lost)))
            for lost in (self.hottest, self.at_random)
        ]


def evaluate_deletion(
    model: VisionModel,
    heads: Heads,
    scenes: int,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    split: Split = "test",
) -> Deletion:
    """Ask, blur, ask again.

    Args:
        model: loaded with ``heads="all"``.
        heads: whose map is judged.
        scenes: so many are drawn.
        on_progress: told how many are done, of how many.
        split: whose scenes.
    """
    result = Deletion()
    draws = random.Random(0)
    index = [model.heads.chosen.index(head) for head in heads.chosen]
    for number in range(scenes):
        for case in cases(split, 1, number):
            seen = look(model, case)
            if seen is None or not seen.right:
                continue
            grid = grid_for(seen, index)
            result.hottest.append(_is_lost(model, case, hottest_cells(grid)))
            result.at_random.append(_is_lost(model, case, random_cells(grid.shape, draws)))
        if on_progress is not None:
            on_progress(number + 1, scenes)
    return result


def hottest_cells(grid: npt.NDArray[np.float32]) -> Cells:
    """The hottest ``PART`` of the cells of ``[rows, columns]``."""
    chosen = np.zeros(grid.size, bool)
    chosen[np.argsort(-grid.ravel())[: round(PART * grid.size)]] = True
    return chosen.reshape(grid.shape)


def random_cells(shape: tuple[int, ...], draws: random.Random) -> Cells:
    """As many cells at random."""
    rows, columns = shape
    chosen = np.zeros(rows * columns, bool)
    chosen[draws.sample(range(chosen.size), round(PART * chosen.size))] = True
    return chosen.reshape(rows, columns)


def blurred(image: Image, cells: Cells) -> Image:
    """The picture with these cells blurred beyond reading."""
    picture = PillowImage.fromarray(image.pixels)
    soft = picture.filter(ImageFilter.GaussianBlur(_BLUR * max(picture.size)))
    mask = PillowImage.fromarray((cells * np.uint8(255)).astype(np.uint8))
    picture.paste(soft, mask=mask.resize(picture.size, PillowImage.Resampling.NEAREST))
    return Image(np.asarray(picture), image.name)


def _is_lost(model: VisionModel, case: Case, cells: Cells) -> bool:
    seen = look(model, replace(case, image=blurred(case.image, cells)))
    return seen is None or not seen.right
