"""Whether attention lies where the answer is: calibration of heads, and how good their map is.

Both ask about drawn scenes where the place of the answer is known (``attention_cases``), and look at the tokens of the
answer that say it. The measures are the pointing game (is the hottest point inside the true box?) and the attention
inside the box over what an even spread would put there; the controls are an even spread, the picture's middle, heads
drawn at random, and the map of another question about the same picture.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jianwei.answering.proof import Looked
from jianwei.errors import Phrase
from jianwei.evals.attention_cases import Case, CaseKind, cases
from jianwei.evals.tally import resampled, wilson
from jianwei.evidence.attention import Head, Heads
from jianwei.evidence.heat import hottest_point, joined, relative, spread
from jianwei.pipeline import VisionModel
from jianwei.scenes.scene import Split
from jianwei.types import ChatRequest, ImagePart, Message, SamplingParams, TextPart

Floats = npt.NDArray[np.float32]
OnProgress = Callable[[int, int], None]

MAX_TOKENS = 48
MAX_HEADS = 4
NEAR_BEST = 0.6
"""A head is chosen that puts at least so much of what the best head puts on the true place there."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a model did with a case.

    Attributes:
        case: the question.
        right: whether the answer says the value.
        rows: the answer's tokens that say it; all, where it does not.
        looked: the attention of all heads.
        answer: what it said.
    """

    case: Case
    right: bool
    rows: list[int]
    looked: Looked
    answer: str = ""


@dataclass
class Measure:
    """One row of the evaluation's result; its name is in English and in Chinese."""

    name: Phrase
    hits: list[bool] = field(default_factory=lambda: [])
    energies: list[float] = field(default_factory=lambda: [])

    @property
    def pointing(self) -> float:
        """Share of cases with the hottest point inside the true box."""
        return sum(self.hits) / len(self.hits) if self.hits else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of ``pointing``."""
        return wilson(sum(self.hits), len(self.hits))

    @property
    def energy(self) -> float:
        """Median of attention inside the box over that of an even spread."""
        return float(np.median(self.energies)) if self.energies else float("nan")

    @property
    def energy_interval(self) -> tuple[float, float]:
        """95% interval of ``energy``."""
        return resampled(self.energies, lambda energies: float(np.median(energies)))

    def add(self, grid: Floats, case: Case) -> None:
        """Judge one map ``[rows, columns]``."""
        width, height = case.image.width, case.image.height
        left, top, right, bottom = case.box
        x, y = hottest_point(grid, width, height)
        self.hits.append(left <= x <= right and top <= y <= bottom)
        total = float(grid.sum())
        area = (right - left) * (bottom - top) / (width * height)
        self.energies.append(_inside(grid, case) / total / area if total > 0 else 0.0)


def look(model: VisionModel, case: Case) -> Seen | None:
    """Ask; None if there was no answer to look at."""
    request = ChatRequest(
        id=uuid.uuid4().hex,
        messages=(Message("user", (ImagePart(case.image), TextPart(case.question.text))),),
        sampling=SamplingParams(max_tokens=MAX_TOKENS),
        ocr=case.ocr,
    )
    completion, looked = model.look(request)
    if looked is None or not looked.weights.shape[1]:
        return None
    rows = _rows_of(looked.pieces[: looked.weights.shape[1]], case.value)
    return Seen(
        case,
        case.is_right(completion.text),
        rows or list(range(looked.weights.shape[1])),
        looked,
        completion.text,
    )


@dataclass(frozen=True)
class Found:
    """Heads that look where the answer is.

    Attributes:
        heads: the best first; empty: the model answered nothing rightly.
        score: the mean part of their attention on the true place.
        answers: right answers that they were chosen by.
    """

    heads: tuple[Head, ...]
    score: float
    answers: int


def calibrate(
    model: VisionModel,
    kind: CaseKind,
    scenes: int,
    on_progress: OnProgress | None = None,
    *,
    split: Split = "train",
) -> Found:
    """Find the heads that look where the answer is.

    A head's score is the part of its attention to pictures and evidence that lies on the true place, over the
    tokens that say the value, in right answers. For pixels it is what the map will show: attention over that of
    a question that asks for nothing in particular.

    Args:
        model: loaded with ``heads="all"``.
        kind: what is asked about.
        scenes: so many are drawn (of each family).
        on_progress: told how many are done, of how many.
        split: whose scenes.
    """
    scores: list[Floats] = []
    for number in range(scenes):
        for case in cases(kind, split, 1, number):
            seen = look(model, case)
            if seen is not None and seen.right:
                scores.append(head_scores(seen))
        if on_progress is not None:
            on_progress(number + 1, scenes)
    if not scores:
        return Found((), 0.0, 0)
    mean = np.mean(scores, axis=0)
    order = [int(head) for head in np.argsort(-mean)[:MAX_HEADS] if mean[head] >= NEAR_BEST * mean.max()]
    chosen = tuple(model.heads.chosen[head] for head in order)
    return Found(chosen, round(float(mean[order].mean()), 4), len(scores))


def head_scores(seen: Seen) -> Floats:
    """Of each head ``[heads]``: the part of its attention to picture and evidence on the true place."""
    places, weights = seen.looked.places, _over_generic(seen)
    shown = np.zeros(places.n_tokens, bool)
    on_place = np.zeros(places.n_tokens, bool)
    left, top, right, bottom = seen.case.box
    for line in places.lines:
        shown[line.start : line.end] = True
        for token, box in enumerate(line.boxes, line.start):
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            on_place[token] = left <= x <= right and top <= y <= bottom
    for tokens in places.pictures:
        shown[tokens.start : tokens.end] = True
        size = tokens.view.image
        y, x = np.divmod(tokens.cells, tokens.columns)
        middles = tokens.view.original_points(
            np.stack(
                [
                    (x + 0.5) * size.width / tokens.columns,
                    (y + 0.5) * size.height / tokens.rows,
                ],
                axis=1,
            )
        )
        # A token may be larger than the box: it counts when it holds any of it.
        half_x, half_y = size.width / tokens.columns / 2, size.height / tokens.rows / 2
        on_place[tokens.start : tokens.end] = (
            (middles[:, 0] + half_x > left)
            & (middles[:, 0] - half_x < right)
            & (middles[:, 1] + half_y > top)
            & (middles[:, 1] - half_y < bottom)
        )
    looked_at = weights[:, :, shown].sum(2)
    return (weights[:, :, on_place].sum(2) / np.maximum(looked_at, 1e-9)).mean(1)


def evaluate(
    model: VisionModel,
    heads: Heads,
    kind: CaseKind,
    scenes: int,
    on_progress: OnProgress | None = None,
    *,
    split: Split = "test",
) -> tuple[list[Measure], int]:
    """Judge the map of ``heads``, beside its controls.

    Args:
        model: loaded with ``heads="all"``.
        heads: whose map is judged.
        kind: what is asked about.
        scenes: so many are drawn (of each family).
        on_progress: told how many are done, of how many.
        split: whose scenes.

    Returns:
        The measures over right answers (the first is the map itself, the last the map over all answers), and
        how many questions were asked.
    """
    names = (
        Phrase("the answer", "此回答"),
        Phrase("nothing: an even spread", "对照：均匀分布"),
        Phrase("nothing: the middle", "对照：图片中央"),
        Phrase("random heads", "对照：随机的头"),
        Phrase("another question", "对照：另一个问题"),
        Phrase("all answers, wrong ones too", "所有回答（含错误）"),
    )
    ours, even, middle, chance, other, every = measures = [Measure(name) for name in names]
    lines, pixels = heads_of(model, heads)
    used = pixels or lines if kind == "pixels" else lines
    rest = [i for i in range(len(model.heads.chosen)) if i not in used]
    draws = random.Random(0)
    asked = 0
    for number in range(scenes):
        before: Floats | None = None
        for asked_for in cases(kind, split, 1, number):
            seen = look(model, asked_for)
            if seen is None:
                continue
            asked += 1
            case, grid = seen.case, grid_for(seen, lines, pixels)
            every.add(grid, case)
            if seen.right:
                ours.add(grid, case)
                even.add(np.ones_like(grid), case)
                even.hits[-1] = draws.random() < _area(case)  # a point drawn at random
                middle.add(_middle(grid), case)
                chance.add(grid_for(seen, draws.sample(rest, min(len(used), len(rest)))), case)
                if before is not None:
                    other.add(before, case)
            before = grid
        if on_progress is not None:
            on_progress(number + 1, scenes)
    return measures, asked


def grid_for(seen: Seen, lines: Sequence[int], pixels: Sequence[int] = ()) -> Floats:
    """The map ``[rows, columns]`` of some heads over the tokens that say the value, made as an answer's own is.

    Args:
        seen: with the attention of all heads.
        lines: those that look at lines of evidence.
        pixels: those that look at pixels; empty: the same.
    """
    looked = seen.looked
    rows = looked.weights[:, seen.rows]
    weights = joined(rows[list(lines)].mean(0), rows[list(pixels) or list(lines)].mean(0), looked.places)
    generic = None if looked.generic is None else looked.generic[list(pixels) or list(lines)].mean(0)
    return spread(weights, looked.places, looked.originals, generic).pictures[0].values.sum(0)


def heads_of(model: VisionModel, heads: Heads) -> tuple[list[int], list[int]]:
    """Places among all heads of a model of those for lines, and of those for pixels."""
    known = model.heads.chosen
    return [known.index(head) for head in heads.chosen], [known.index(head) for head in heads.pixels]


def _over_generic(seen: Seen) -> Floats:
    """Of all heads ``[heads, rows, prompt]``: as ``spread`` has it, where the generic question was asked."""
    looked = seen.looked
    weights = looked.weights[:, seen.rows, : looked.places.n_tokens]
    if looked.generic is None:
        return weights
    weights = weights.copy()
    for tokens in looked.places.pictures:
        for head, usual in enumerate(looked.generic):
            shown = weights[head, :, tokens.start : tokens.end]
            weights[head, :, tokens.start : tokens.end] = relative(shown, usual[tokens.start : tokens.end])
    return weights


def _rows_of(pieces: Sequence[str], value: str) -> list[int]:
    """The tokens of an answer that say the value."""
    at = "".join(pieces).find(value) if value else -1
    if at < 0:
        return []
    ends = np.cumsum([len(piece) for piece in pieces])
    return [
        i for i, end in enumerate(ends) if end > at and end - len(pieces[i]) < at + len(value) and pieces[i]
    ]


def _inside(grid: Floats, case: Case) -> float:
    """The sum of the cells whose middles lie in the box, and parts of cells where the box is smaller."""
    rows, columns = grid.shape
    left, top, right, bottom = case.box
    across = _overlap(columns, case.image.width, left, right)
    down = _overlap(rows, case.image.height, top, bottom)
    return float(down @ grid @ across)


def _overlap(cells: int, length: float, begin: float, end: float) -> Floats:
    """Which part of each of ``cells`` equal parts of ``length`` lies in ``begin..end``."""
    edges = np.arange(cells + 1) * (length / cells)
    return np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], begin), 0, None).astype(
        np.float32
    ) * np.float32(cells / length)


def _area(case: Case) -> float:
    left, top, right, bottom = case.box
    return (right - left) * (bottom - top) / (case.image.width * case.image.height)


def _middle(grid: Floats) -> Floats:
    """A map that is hot in the middle alone, falling off to the borders."""
    rows, columns = grid.shape
    y, x = np.mgrid[:rows, :columns]
    far = ((x + 0.5) / columns - 0.5) ** 2 + ((y + 0.5) / rows - 0.5) ** 2
    return np.exp(-far / 0.02).astype(np.float32)
