"""What a model is told of the lines that were read in a picture, and where in the text each of them stands."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jianwei.evidence.cards import whole_cards
from jianwei.evidence.ocr import OcrLine, reading_rows
from jianwei.types import Box

MAX_EVIDENCE_LINES = 120
"""Lines told to the model at most, the first in reading order: some 3000 tokens of a small vocabulary."""

BOX_SCALE = 1000
"""Boxes are told as whole numbers from 0 to this, each axis over the whole picture, as Qwen3-VL does."""

_RULE = re.compile(r"[\s*._=~·•—–-]{2,}")

_SURE = 0.7
"""How sure OCR is at least of a character that stands alone: in 160 drawn scenes all 40 that were printed were above,
and 19 strokes and stains below."""


class Sheet(Protocol):
    """What lines stand on, a picture or a form before it is drawn, for its size in pixels."""

    @property
    def width(self) -> float:
        """From left to right."""
        ...

    @property
    def height(self) -> float:
        """From top to bottom."""
        ...


@dataclass(frozen=True)
class ToldLine:
    """A line in the text that a model is told: its bytes ``start..end`` of the text in UTF-8."""

    line: OcrLine
    start: int
    end: int


@dataclass(frozen=True)
class Telling:
    """What a model is told of a picture's lines by rows, and where in it each of them stands.

    ``answers`` where one row was found that is all the answer; ``surely`` where it also cannot be that there is none,
    as of a clause that is there by its number.
    """

    text: str
    lines: tuple[ToldLine, ...] = ()
    rows: tuple[tuple[OcrLine, ...], ...] = ()
    answers: bool = False
    surely: bool = False


def format_evidence(lines: Sequence[OcrLine], image: Sheet, *, boxes: bool = False) -> str:
    """What a model is told of the lines: the head ``OCR:``, a text line for each row, and an empty line.

    The pieces of one row are parted by a tab, so that a label stands beside its value; of cards side by side each is
    a row. A picture without text gives the head and the empty line alone::

        OCR:
        合计<tab>¥128.50
        谢谢惠顾

    Args:
        lines: as ``OcrReader.read`` gives them; the first ``MAX_EVIDENCE_LINES`` are told.
        image: the picture they were read in, for its size.
        boxes: tell where each piece stands, as ``{"label":"text","bbox_2d":[x1,y1,x2,y2]}`` with 0 to 1000 on each
            axis: the form in which an answer tells it. This takes several times the tokens.
    """
    return tell_evidence(lines, image, boxes=boxes).text


def tell_evidence(lines: Sequence[OcrLine], image: Sheet, *, boxes: bool = False) -> Telling:
    """As ``format_evidence``, with the place of every line in the text."""
    return _written("OCR:\n", told_rows(lines), image if boxes else None, "\n")


def told_rows(lines: Sequence[OcrLine]) -> list[list[OcrLine]]:
    """The lines that are told, by rows; rules of stars or dashes say nothing, nor does a stain that may be a letter."""
    said = [line for line in lines if not _RULE.fullmatch(line.text) and not _is_stain(line)]
    return whole_cards(reading_rows(said[:MAX_EVIDENCE_LINES]))


def _is_stain(line: OcrLine) -> bool:
    return len(line.text.strip()) == 1 and line.score < _SURE


def tell_rows(rows: Sequence[Sequence[OcrLine]]) -> Telling:
    """Some of the rows once more, as evidence tells them, with the place of every line in the text."""
    return _written("", rows, None, "")


def _written(head: str, rows: Sequence[Sequence[OcrLine]], image: Sheet | None, end: str) -> Telling:
    """Rows with what stands before and after them; with an image, where in it each piece stands."""
    pieces, length = [head], len(head)
    told: list[ToldLine] = []
    for row in rows:
        for line, behind in zip(row, ["\t"] * (len(row) - 1) + ["\n"], strict=True):
            # As tokenizers do, which may change its length.
            text = unicodedata.normalize("NFC", " ".join(line.text.split()))
            before, after = ("", "") if image is None else _placed(line, image)
            if image is not None:
                text = json.dumps(text, ensure_ascii=False)[1:-1]
            start = length + len(before)
            stop = start + len(text.encode())
            told.append(ToldLine(line, start, stop))
            pieces += [before, text, after, behind]
            length = stop + len(after) + len(behind)
    return Telling("".join((*pieces, end)), tuple(told), tuple(map(tuple, rows)))


def _placed(line: OcrLine, image: Sheet) -> tuple[str, str]:
    """What stands before and after the text of a line to tell its place."""
    xs, ys = zip(*line.ink, strict=True)
    before, after = tell_place("\n", (min(xs), min(ys), max(xs), max(ys)), image).split("\n")
    return before, after


def tell_place(label: str, box: Box, image: Sheet) -> str:
    """Where something stands, in the form in which an answer tells it; ``label`` as it stands in JSON."""
    return f'{{"label":"{label}","bbox_2d":[{told_box(box, image)}]}}'


def told_box(box: Box, image: Sheet) -> str:
    """A box in pixels as a model is told it and tells it: four numbers parted by commas."""
    left, top, right, bottom = box
    numbers = (left / image.width, top / image.height, right / image.width, bottom / image.height)
    return ",".join(str(min(BOX_SCALE, max(0, round(number * BOX_SCALE)))) for number in numbers)
