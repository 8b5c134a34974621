"""The prompt of one request, with the way back from its tokens to places in the pictures.

Knows views, lines of text and segments of tokens; knows no engine and no answer.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.telling import Telling
from jianwei.evidence.views import View
from jianwei.model.chat_template import Segment, TextSegment
from jianwei.model.tokenizer import Tokenizer
from jianwei.types import Box

_VERTICAL = 1.5
"""A line that is so many times higher than wide is read from the top down."""


@dataclass(frozen=True)
class Reading:
    """One line that OCR read, in pixels of the original.

    Attributes:
        text: what it says.
        quad: the corners of what is written, clockwise from the text's own top left.
        picture: which picture of the conversation, counted from 0.
    """

    text: str
    quad: tuple[tuple[float, float], ...]
    picture: int

    @property
    def box(self) -> Box:
        """The upright rectangle around it."""
        return self.part(0.0, 1.0)

    def part(self, begin: float, end: float) -> Box:
        """The upright rectangle around a part of it, from ``begin`` to ``end`` of its length (0 to 1)."""
        a, b, c, d = np.array(self.quad)
        if np.linalg.norm(d - a) > _VERTICAL * np.linalg.norm(b - a):
            a, b, c, d = b, c, d, a  # it is read from the top down
        corners = np.array(
            [edge[0] + (edge[1] - edge[0]) * at for edge in ((a, b), (d, c)) for at in (begin, end)]
        )
        (x1, y1), (x2, y2) = corners.min(0).tolist(), corners.max(0).tolist()
        return x1, y1, x2, y2

    def find(self, text: str) -> Box | None:
        """Where in the line this text stands, by the usual widths of characters; None: it is not in it."""
        at = self.text.find(text)
        if at < 0:
            return None
        total = text_width(self.text) or 1.0
        return self.part(text_width(self.text[:at]) / total, text_width(self.text[: at + len(text)]) / total)


@dataclass(frozen=True)
class PictureTokens:
    """The tokens of a prompt that stand for a view, row after row.

    Attributes:
        view: what they show.
        start: the first of them.
        rows, columns: of the grid over the whole view.
        kept: the cells of the grid that have a token, counted row by row, in order; None: all.
    """

    view: View
    start: int
    rows: int
    columns: int
    kept: npt.NDArray[np.int64] | None = None

    @property
    def cells(self) -> npt.NDArray[np.int64]:
        """The cell of the grid that each token shows, counted row by row."""
        return np.arange(self.rows * self.columns) if self.kept is None else self.kept

    @property
    def end(self) -> int:
        """The first token after them."""
        return self.start + len(self.cells)


@dataclass(frozen=True)
class LineTokens:
    """The tokens ``start..end`` of the prompt tell this line; ``boxes`` is where each of them was read."""

    reading: Reading
    start: int
    end: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Places:
    """Which tokens of a prompt stand for what."""

    pictures: tuple[PictureTokens, ...]
    lines: tuple[LineTokens, ...]
    n_tokens: int


def read_view(view: View, lines: Sequence[OcrLine]) -> list[Reading]:
    """Lines that were read in a view, in pixels of the original."""
    return [
        Reading(line.text, tuple((x, y) for x, y in view.original_points(line.ink).tolist()), view.picture)
        for line in lines
    ]


def text_width(text: str) -> float:
    """About how wide text is, in widths of a Chinese character."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)


def find_places(
    segments: Sequence[Segment],
    tokenizer: Tokenizer,
    views: Sequence[View | None],
    told: Sequence[tuple[View, Telling]],
) -> Places:
    """Find the tokens of views and of lines in a prompt.

    Args:
        segments: the prompt, as ``chat_template.render`` gives it.
        tokenizer: of the model: its tokens' bytes joined are the prompt's text.
        views: what its vision segments show, in order; None: a pair of video frames.
        told: what was read in some of them, in the order in which the prompt tells it.

    Raises:
        ValueError: the prompt tells something else.
    """
    pictures: list[PictureTokens] = []
    starts: list[int] = []  # byte at which each token begins; visual tokens have none
    said = bytearray()
    n_tokens = 0
    shown = iter(views)
    for segment in segments:
        if isinstance(segment, TextSegment):
            for token in segment.ids:
                starts.append(len(said))
                said += tokenizer.token_bytes(token)
            n_tokens += len(segment.ids)
        else:
            view = next(shown, None)
            if view is not None:
                patched = segment.patched
                pictures.append(PictureTokens(view, n_tokens, *patched.token_grid, patched.kept))
            starts += [len(said)] * segment.n_tokens
            n_tokens += segment.n_tokens

    lines: list[LineTokens] = []
    searched = 0
    for view, telling in told:
        text = unicodedata.normalize("NFC", telling.text).encode()
        begin = said.index(text, searched)
        searched = begin + len(text)
        for told_line in telling.lines:
            first, last = _tokens(starts, begin + told_line.start, begin + told_line.end)
            (reading,) = read_view(view, [told_line.line])
            cuts = [*starts[first:last], starts[last] if last < n_tokens else len(said)]
            within = [cut - begin - told_line.start for cut in cuts]
            boxes = _token_boxes(reading, text[told_line.start : told_line.end], within)
            lines.append(LineTokens(reading, first, last, boxes))
    return Places(tuple(pictures), tuple(lines), n_tokens)


def _token_boxes(reading: Reading, line: bytes, cuts: Sequence[int]) -> tuple[Box, ...]:
    """Where in a line each token was read: ``cuts`` are the bytes between which the tokens stand.

    The first and the last token may hold what stands beside the line as well, and are cut off there.
    """
    widths = [text_width(line[: max(0, cut)].decode(errors="ignore")) for cut in cuts]
    total = text_width(line.decode()) or 1.0
    return tuple(reading.part(left / total, right / total) for left, right in pairwise(widths))


def _tokens(starts: Sequence[int], begin: int, end: int) -> tuple[int, int]:
    """The tokens whose first byte lies in ``begin..end``; at least the one that holds ``begin``."""
    first = bisect_left(starts, begin)
    if first == len(starts) or starts[first] >= end:
        first -= 1  # one token holds the whole line and what is before it
    return first, max(first + 1, bisect_left(starts, end))
