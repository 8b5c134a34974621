"""Deletion: how much less likely a right answer becomes when what the map shows is blurred.

The answer's own words are put to the model again about the blurred picture, and the fall of their log-probability is
compared with that for as many patches blurred at random. A patch is a cell of the map where lines of text tell the
answer, and a visual token of the model where pixels do.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageFilter

from jianwei.evals.attention_cases import Case, CaseKind, cases
from jianwei.evals.attention_task import Seen, grid_for, heads_of, look
from jianwei.evals.tally import wilson
from jianwei.evidence.attention import Heads
from jianwei.pipeline import VisionModel
from jianwei.scenes.scene import Split
from jianwei.types import ChatRequest, Image, ImagePart, Message, TextPart

PART = 0.1
"""Part of the patches that is blurred."""

_BLUR: dict[CaseKind, float] = {"text": 0.04, "pixels": 0.12}
"""Radius of the blur, as a part of the picture's longer side: no print, or no shape of a thing, survives it."""

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]
Share = tuple[int, int, float, float, float]
"""How many, of how many, the share, and its 95% interval."""


@dataclass
class Deletion:
    """What blurring did to right answers.

    Attributes:
        falls: of each, by how much the answer's log-probability fell with the hottest and with random patches blurred.
        lost: of each, whether the model then answered wrongly: with the hottest, with random ones.
    """

    falls: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    lost: list[tuple[bool, bool]] = field(default_factory=list[tuple[bool, bool]])

    @property
    def more(self) -> Share:
        """Answers that the hottest patches cost more than random ones."""
        return _share([hottest > chance for hottest, chance in self.falls])

    @property
    def lost_hottest(self) -> Share:
        """Answers lost with the hottest patches."""
        return _share([hottest for hottest, _ in self.lost])

    @property
    def lost_at_random(self) -> Share:
        """Answers lost with random ones."""
        return _share([chance for _, chance in self.lost])


def evaluate_deletion(
    model: VisionModel,
    heads: Heads,
    kind: CaseKind,
    scenes: int,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    split: Split = "test",
) -> Deletion:
    """Ask, blur, put the answer to the model again.

    Args:
        model: loaded with ``heads="all"``.
        heads: whose map is judged.
        kind: what is asked about.
        scenes: so many are drawn (of each family).
        on_progress: told how many are done, of how many.
        split: whose scenes.
    """
    result = Deletion()
    draws = random.Random(0)
    lines, pixels = heads_of(model, heads)
    for number in range(scenes):
        for case in cases(kind, split, 1, number):
            seen = look(model, case)
            if seen is None or not seen.right:
                continue
            patches = patches_of(seen, grid_for(seen, lines, pixels))
            before = likelihood(model, case, seen.answer)
            blurs = [
                replace(case, image=blurred(case.image, cells, _BLUR[kind]))
                for cells in (hottest_cells(patches), random_cells(patches.shape, draws))
            ]
            hottest, chance = (before - likelihood(model, each, seen.answer) for each in blurs)
            result.falls.append((hottest, chance))
            result.lost.append((_is_lost(model, blurs[0]), _is_lost(model, blurs[1])))
        if on_progress is not None:
            on_progress(number + 1, scenes)
    return result


def likelihood(model: VisionModel, case: Case, answer: str) -> float:
    """The log-probability of an answer to a case's question."""
    request = ChatRequest(
        id=uuid.uuid4().hex,
        messages=(Message("user", (ImagePart(case.image), TextPart(case.question.text))),),
        ocr=case.ocr,
    )
    return sum(model.weigh(request, answer))


def patches_of(seen: Seen, grid: Floats) -> Floats:
    """A map summed up by the patches that can be blurred ``[rows, columns]``."""
    if seen.case.ocr == "auto":
        return grid
    shown = seen.looked.places.pictures[0]
    return _gathered(_gathered(grid, shown.rows).T, shown.columns).T


def _gathered(grid: Floats, parts: int) -> Floats:
    """Rows summed up into so many; a row belongs to the part that holds its middle."""
    middles = (np.arange(len(grid)) + 0.5) / len(grid)
    made = np.zeros((parts, grid.shape[1]), np.float32)
    np.add.at(made, (middles * parts).astype(int), grid)
    return made


def hottest_cells(grid: Floats) -> Cells:
    """The hottest ``PART`` of the patches of ``[rows, columns]``, one at least."""
    chosen = np.zeros(grid.size, bool)
    chosen[np.argsort(-grid.ravel())[: _count(grid.size)]] = True
    return chosen.reshape(grid.shape)


def random_cells(shape: tuple[int, ...], draws: random.Random) -> Cells:
    """As many at random."""
    rows, columns = shape
    chosen = np.zeros(rows * columns, bool)
    chosen[draws.sample(range(chosen.size), _count(chosen.size))] = True
    return chosen.reshape(rows, columns)


def _count(patches: int) -> int:
    return max(1, round(PART * patches))


def blurred(image: Image, cells: Cells, radius: float = _BLUR["text"]) -> Image:
    """The picture with these patches blurred; ``radius`` is a part of its longer side."""
    picture = PillowImage.fromarray(image.pixels)
    soft = picture.filter(ImageFilter.GaussianBlur(radius * max(picture.size)))
    mask = PillowImage.fromarray((cells * np.uint8(255)).astype(np.uint8))
    picture.paste(soft, mask=mask.resize(picture.size, PillowImage.Resampling.NEAREST))
    return Image(np.asarray(picture), image.name)


def _is_lost(model: VisionModel, case: Case) -> bool:
    seen = look(model, case)
    return seen is None or not seen.right


def _share(hits: list[bool]) -> Share:
    share = sum(hits) / len(hits) if hits else float("nan")
    return sum(hits), len(hits), share, *wilson(sum(hits), len(hits))
