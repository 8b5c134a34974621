"""Whether attention lies where the answer is: calibration of heads, and how good their map is.

Both ask about drawn scenes for a text that is printed once, so that the place of the answer is known, and look
at the tokens of the answer that say this text. The measures are the pointing game (is the hottest point inside
the true box?) and the attention inside the box over what an even spread would put there; the controls are an
even spread, the picture's middle, heads drawn at random, and the map of another question about the same picture.
"""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jianwei.answering.proof import Looked
from jianwei.errors import Phrase
from jianwei.evals.tally import wilson
from jianwei.evidence.attention import Heads
from jianwei.evidence.heat import hottest_point, spread
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.scenes.scene import Box, Language, Scene, Split
from jianwei.types import ChatRequest, Image, ImagePart, Message, SamplingParams, TextPart

Floats = npt.NDArray[np.float32]
OnProgress = Callable[[int, int], None]

FAMILY = "forms"
MAX_TOKENS = 48
MAX_HEADS = 4
NEAR_BEST = 0.6
"""A head is chosen that puts at least so much of what the best head puts on the true place there."""


@dataclass(frozen=True)
class Case:
    """A question whose answer is printed once in its picture.

    Attributes:
        image: the picture.
        question: about it.
        value: the text that the answer has to say.
        box: where it is printed.
    """

    image: Image
    question: str
    value: str
    box: Box


@dataclass(frozen=True, eq=False)
class Seen:
    """What a model did with a case.

    Attributes:
        case: the question.
        right: whether the answer says the value.
        rows: the answer's tokens that say it; all, where it does not.
        looked: the attention of all heads.
    """

    case: Case
    right: bool
    rows: list[int]
    looked: Looked


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

    def add(self, grid: Floats, case: Case) -> None:
        """Judge one map ``[rows, columns]``."""
        width, height = case.image.width, case.image.height
        left, top, right, bottom = case.box
        x, y = hottest_point(grid, width, height)
        self.hits.append(left <= x <= right and top <= y <= bottom)
        total = float(grid.sum())
        area = (right - left) * (bottom - top) / (width * height)
        self.energies.append(_inside(grid, case) / total / area if total > 0 else 0.0)


def cases(split: Split, scenes: int, seed: int = 0) -> Iterator[Case]:
    """Questions about so many scenes, Chinese and English in turn."""
    for number in range(seed, seed + scenes):
        language: Language = "zh" if number % 2 == 0 else "en"
        yield from _cases_of(draw(FAMILY, number, split, language))


def _cases_of(scene: Scene) -> Iterator[Case]:
    for question in scene.questions:
        value = question.value or question.answer
        if question.match != "text" or len(value) < 2:
            continue
        printed = [text.box for text in scene.texts if value in text.text]
        if len(printed) == 1:
            yield Case(scene.image, question.text, value, printed[0])


def look(model: VisionModel, case: Case) -> Seen | None:
    """Ask; None if there was no answer to look at."""
    request = ChatRequest(
        id=uuid.uuid4().hex,
        messages=(Message("user", (ImagePart(case.image), TextPart(case.question))),),
        sampling=SamplingParams(max_tokens=MAX_TOKENS),
    )
    completion, looked = model.look(request)
    if looked is None or not looked.weights.shape[1]:
        return None
    rows = _rows_of(looked.pieces[: looked.weights.shape[1]], case.value)
    said = _plain(case.value) in _plain(completion.text)
    return Seen(case, said, rows or list(range(looked.weights.shape[1])), looked)


def calibrate(
    model: VisionModel, scenes: int, on_progress: OnProgress | None = None, *, split: Split = "train"
) -> tuple[Heads, int]:
    """Find the heads that look where the answer is.

    A head's score is the part of its attention to pictures and evidence that lies on the true place, over the
    tokens that say the value, in right answers.

    Args:
        model: loaded with ``heads="all"``.
        scenes: so many are drawn.
        on_progress: told how many are done, of how many.
        split: whose scenes.

    Returns:
        The heads, the best first, and how many right answers they were chosen by; with none, no heads.
    """
    scores: list[Floats] = []
    for number in range(scenes):
        for case in cases(split, 1, number):
            seen = look(model, case)
            if seen is not None and seen.right:
                scores.append(head_scores(seen))
        if on_progress is not None:
            on_progress(number + 1, scenes)
    if not scores:
        return Heads(()), 0
    mean = np.mean(scores, axis=0)
    order = [int(head) for head in np.argsort(-mean)[:MAX_HEADS] if mean[head] >= NEAR_BEST * mean.max()]
    chosen = tuple(model.heads.chosen[head] for head in order)
    return Heads(chosen, calibrated=True, score=round(float(mean[order].mean()), 4)), len(scores)


def head_scores(seen: Seen) -> Floats:
    """Of each head ``[heads]``: the part of its attention to picture and evidence on the true place."""
    places, weights = seen.looked.places, seen.looked.weights[:, seen.rows]
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
    weights = weights[:, :, : places.n_tokens]
    looked_at = weights[:, :, shown].sum(2)
    return (weights[:, :, on_place].sum(2) / np.maximum(looked_at, 1e-9)).mean(1)


def evaluate(
    model: VisionModel,
    heads: Heads,
    scenes: int,
    on_progress: OnProgress | None = None,
    *,
    split: Split = "test",
) -> tuple[list[Measure], int]:
    """Judge the map of ``heads``, beside its controls.

    Args:
        model: loaded with ``heads="all"``.
        heads: whose map is judged.
        scenes: so many are drawn.
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
    index = [model.heads.chosen.index(head) for head in heads.chosen]
    rest = [i for i in range(len(model.heads.chosen)) if i not in index]
    draws = random.Random(0)
    asked = 0
    for number in range(scenes):
        before: Floats | None = None
        for asked_for in cases(split, 1, number):
            seen = look(model, asked_for)
            if seen is None:
                continue
            asked += 1
            case, grid = seen.case, grid_for(seen, index)
            every.add(grid, case)
            if seen.right:
                ours.add(grid, case)
                even.add(np.ones_like(grid), case)
                even.hits[-1] = draws.random() < _area(case)  # a point drawn at random
                middle.add(_middle(grid), case)
                chance.add(grid_for(seen, draws.sample(rest, min(len(index), len(rest)))), case)
                if before is not None:
                    other.add(before, case)
            before = grid
        if on_progress is not None:
            on_progress(number + 1, scenes)
    return measures, asked


def grid_for(seen: Seen, heads: Sequence[int]) -> Floats:
    """The map ``[rows, columns]`` of some of the heads, over the tokens that say the value."""
    weights = seen.looked.weights[list(heads)][:, seen.rows].mean(0)
    return spread(weights, seen.looked.places, seen.looked.originals).pictures[0].values.sum(0)


def _rows_of(pieces: Sequence[str], value: str) -> list[int]:
    """The tokens of an answer that say the value."""
    at = "".join(pieces).find(value)
    if at < 0:
        return []
    ends = np.cumsum([len(piece) for piece in pieces])
    return [
        i for i, end in enumerate(ends) if end > at and end - len(pieces[i]) < at + len(value) and pieces[i]
    ]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


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
