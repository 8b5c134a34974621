"""Attention on tokens becomes a map over each picture.

A visual token's attention counts for the part of the original that it shows; that of a token of OCR evidence
counts for the place where its line was read. The two are told apart by their shares. Where other heads are known to
look at pixels than at lines, what the first leave of an answer's attention is theirs (``joined``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jianwei.errors import Language, Phrase
from jianwei.evidence.attention import Heads
from jianwei.evidence.prompt import LineTokens, PictureTokens, Places
from jianwei.types import HeatGrid, HeatMap, Image, TokenHeat

Floats = npt.NDArray[np.float32]

GRID_SIDE = 64
"""Cells along a picture's longer side: fine enough for a line of text on a full page."""

SINK = 10.0
"""A visual token with so many times the median attention under a question that asks for nothing is a sink."""

LITTLE = 0.1
"""Below this part of the attention a map is said to tell little."""


UNSURE = 0.5
"""A map of pixels is said to be rough where less than so much of it lay on the true places in calibration."""

MAX_TOKEN_MAPS = 256
"""Pieces of an answer with a map of their own: a long answer's maps would be megabytes."""

GENERIC_QUESTION: dict[Language, str] = {"zh": "请描述这张图片。", "en": "Describe this picture."}
"""Asks for nothing in particular: what is attended to under it says little about any other question."""


@dataclass(frozen=True)
class PictureHeat:
    """One picture's map before it is rounded: ``values`` ``[answer, rows, columns]``, attention in each cell."""

    picture: int
    width: int
    height: int
    values: Floats


@dataclass(frozen=True)
class Heat:
    """Maps of an answer before they are rounded, and where the attention went, 0 to 1."""

    pictures: tuple[PictureHeat, ...]
    picture_share: float
    evidence_share: float


def joined(weights: Floats, pixels: Floats, places: Places) -> Floats:
    """Attention of the heads for lines and of those for pixels as one: its rows add up to 1 as theirs do.

    What a token owes to lines that were read is what the heads for lines put on them. The rest of it goes where the
    heads for pixels look outside of the lines.

    Args:
        weights: ``[answer, tokens]`` of the heads for lines.
        pixels: the same of the heads for pixels.
        places: which tokens stand for what.
    """
    told = np.zeros(weights.shape[1], bool)
    for line in places.lines:
        told[line.start : line.end] = True
    if not told.any():
        return pixels
    both = np.where(told, weights, 0.0).astype(np.float32)
    rest = np.where(told, 0.0, pixels).astype(np.float32)
    left = 1.0 - both.sum(1, keepdims=True)
    return both + rest * (left / np.maximum(rest.sum(1, keepdims=True), 1e-9))


def spread(
    weights: Floats, places: Places, originals: Sequence[Image], generic: Floats | None = None
) -> Heat:
    """Lay attention over the pictures.

    Args:
        weights: ``[answer, tokens]``, mean over the chosen heads; the first ``places.n_tokens`` are the prompt's.
        places: which tokens stand for what.
        originals: the pictures of the conversation.
        generic: ``[places.n_tokens]``: attention under a question that asks for nothing in particular, by
            which that to visual tokens is divided ("MLLMs Know Where to Look", ICLR 2025); None: it is not.
    """
    weights = weights[:, : places.n_tokens]
    shown = np.zeros(places.n_tokens, bool)
    for tokens in places.pictures:
        shown[tokens.start : tokens.end] = True
    told = np.zeros(places.n_tokens, bool)
    for line in places.lines:
        told[line.start : line.end] = True
    attention = weights.copy()
    if generic is not None and shown.any():
        attention[:, shown] = relative(weights[:, shown], generic[shown])
    maps: list[PictureHeat] = []
    for picture, original in enumerate(originals):
        rows, columns = grid_of(original)
        values = np.zeros((len(weights), rows * columns), np.float32)
        for tokens in places.pictures:
            if tokens.view.picture == picture:
                _add_view(values, attention, tokens, original)
        for line in places.lines:
            if line.reading.picture == picture:
                _add_line(values, attention, line, _centres(original))
        maps.append(PictureHeat(picture, original.width, original.height, values.reshape(-1, rows, columns)))
    return Heat(
        tuple(maps),
        float(weights[:, shown].sum(1).mean()) if len(weights) else 0.0,
        float(weights[:, told].sum(1).mean()) if len(weights) else 0.0,
    )


def heat_map(heat: Heat, pieces: Sequence[str], note: str | None) -> HeatMap:
    """Round the maps to bytes.

    Args:
        heat: of the answer.
        pieces: the text of each token; a token that completes no character is counted to the next that does,
            and what comes after ``MAX_TOKEN_MAPS`` pieces to the last of these.
        note: what a reader should know.
    """
    whole = [picture.values.sum(0) for picture in heat.pictures]
    tokens: list[TokenHeat] = []
    first = 0
    for i, piece in enumerate(pieces):
        if i == len(pieces) - 1 or (piece and len(tokens) < MAX_TOKEN_MAPS - 1):
            part = [picture.values[first : i + 1].sum(0) for picture in heat.pictures]
            tokens.append(TokenHeat("".join(pieces[first : i + 1]), _rounded(heat.pictures, part)))
            first = i + 1
    return HeatMap(
        heat.picture_share, heat.evidence_share, note, _rounded(heat.pictures, whole), tuple(tokens)
    )


def heat_note(heat: Heat, heads: Heads, language: Language) -> str | None:
    """What a reader of the map should know, in the language of the question."""
    notes: list[Phrase] = []
    share = heat.picture_share + heat.evidence_share
    if share < LITTLE:
        notes.append(
            Phrase(
                f"Only {share:.0%} of the attention went to the picture: the map tells little about this answer.",
                f"只有 {share:.0%} 的注意力落在图片上：这张热力图不能说明回答的依据。",
            )
        )
    if not heads.calibrated:
        notes.append(
            Phrase(
                "The heads of this model have not been calibrated (`jianwei calibrate`): the map is a rough guess.",
                "此模型的注意力头尚未校准（可运行 `jianwei calibrate`）：热力图仅供粗略参考。",
            )
        )
    elif not heads.pixels and heat.picture_share > max(LITTLE, heat.evidence_share):
        notes.append(
            Phrase(
                "The heads of this model have been calibrated for what is printed only, and most of the attention went "
                "to pixels: the map is a rough guess.",
                "此模型的注意力头只针对印刷文字校准过，而注意力主要落在像素上：热力图仅供粗略参考。",
            )
        )
    elif (
        heads.pixel_score is not None
        and heads.pixel_score < UNSURE
        and heat.picture_share > heat.evidence_share
    ):
        notes.append(
            Phrase(
                f"On drawn scenes only {heads.pixel_score:.0%} of this model's attention to pixels lay on what it "
                "answered about: the map is a rough guess.",
                f"在绘制的场景上，此模型对像素的注意力只有 {heads.pixel_score:.0%} 落在所答之物上："
                "热力图仅供粗略参考。",
            )
        )
    text = "".join(note.zh for note in notes) if language == "zh" else " ".join(note.en for note in notes)
    return text or None


def grid_of(image: Image) -> tuple[int, int]:
    """Rows and columns of the grid over a picture: cells as square as can be."""
    longer = max(image.width, image.height)
    return (
        max(1, round(GRID_SIDE * image.height / longer)),
        max(1, round(GRID_SIDE * image.width / longer)),
    )


def hottest_point(grid: Floats, width: float, height: float) -> tuple[float, float]:
    """The middle, in pixels, of the cells of ``grid`` ``[rows, columns]`` that share the greatest value."""
    rows, columns = np.nonzero(grid >= grid.max() * 0.999)
    x, y = (columns.mean() + 0.5) / grid.shape[1], (rows.mean() + 0.5) / grid.shape[0]
    return float(x * width), float(y * height)


def relative(attention: Floats, generic: Floats) -> Floats:
    """Attention ``[..., visual tokens]`` over the generic one ``[visual tokens]``, sinks masked, row sums as before."""
    generic = generic / max(float(generic.sum()), 1e-9)
    usual = float(np.median(generic))
    ratio = attention / (generic + generic.mean())
    ratio[..., generic > SINK * usual] = 0.0
    total = ratio.sum(-1, keepdims=True)
    return ratio * np.divide(
        attention.sum(-1, keepdims=True), total, out=np.zeros_like(total), where=total > 0
    )


def _centres(image: Image) -> npt.NDArray[np.float64]:
    """Middles of a picture's cells in pixels, ``[rows * columns, 2]``."""
    rows, columns = grid_of(image)
    y, x = np.mgrid[:rows, :columns]
    return np.stack(
        [(x.ravel() + 0.5) * image.width / columns, (y.ravel() + 0.5) * image.height / rows], axis=1
    )


def _add_view(values: Floats, attention: Floats, tokens: PictureTokens, original: Image) -> None:
    """Share each token's attention among the cells that it shows; one that is finer than a cell heats that cell.

    What was left out of the picture got no attention, whatever it repeats: its cells stay cold.
    """
    size = np.array([tokens.view.image.width, tokens.view.image.height])
    inside = tokens.view.view_points(_centres(original)) / size
    cells = np.flatnonzero(((inside >= 0) & (inside < 1)).all(1))
    columns = (inside[cells, 0] * tokens.columns).astype(int)
    rows = (inside[cells, 1] * tokens.rows).astype(int)
    token_of = np.full(tokens.rows * tokens.columns, -1)
    token_of[tokens.cells] = np.arange(len(tokens.cells))
    source = token_of[rows * tokens.columns + columns]
    cells, source = cells[source >= 0], source[source >= 0]
    count = np.bincount(source, minlength=len(tokens.cells))
    values[:, cells] += attention[:, tokens.start + source] / count[source].astype(np.float32)
    fine = np.flatnonzero(count == 0)
    row, column = np.divmod(tokens.cells[fine], tokens.columns)
    middles = np.stack([(column + 0.5) / tokens.columns, (row + 0.5) / tokens.rows], axis=1) * size
    cell = _cell_at(tokens.view.original_points(middles), original)
    # What straightening has added around the original shows nothing of it.
    for token, at in zip(fine[cell >= 0], cell[cell >= 0], strict=True):
        values[:, at] += attention[:, tokens.start + token]


def _cell_at(points: npt.NDArray[np.float64], image: Image) -> npt.NDArray[np.intp]:
    """The cell that holds each point ``[n, 2]`` of a picture; -1 outside of it."""
    rows, columns = grid_of(image)
    column = np.floor(points[:, 0] * columns / image.width).astype(np.intp)
    row = np.floor(points[:, 1] * rows / image.height).astype(np.intp)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    return np.where(inside, row * columns + column, -1)


def _add_line(values: Floats, attention: Floats, line: LineTokens, centres: npt.NDArray[np.float64]) -> None:
    """Share the attention of each of a line's tokens among the cells where it was read."""
    x, y = centres[:, 0], centres[:, 1]
    for token, (left, top, right, bottom) in enumerate(line.boxes, line.start):
        cells = np.flatnonzero((x >= left) & (x < right) & (y >= top) & (y < bottom))
        if not len(cells):
            cells = np.array([np.argmin((x - (left + right) / 2) ** 2 + (y - (top + bottom) / 2) ** 2)])
        values[:, cells] += attention[:, token, None] / np.float32(len(cells))


def _rounded(pictures: Sequence[PictureHeat], values: Sequence[Floats]) -> tuple[HeatGrid, ...]:
    """Bytes, 255 for the hottest cell of all pictures."""
    hottest = max((float(grid.max()) for grid in values if grid.size), default=0.0)
    scale = 255.0 / hottest if hottest > 0 else 0.0
    return tuple(
        HeatGrid(
            picture.picture,
            picture.width,
            picture.height,
            grid.shape[0],
            grid.shape[1],
            np.round(grid * scale).astype(np.uint8).tobytes(),
        )
        for picture, grid in zip(pictures, values, strict=True)
    )
