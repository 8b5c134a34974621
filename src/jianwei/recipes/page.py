"""The lines of one picture as rows of cells, and values found beside labels.

A cell is a line as OCR read it; its place is known in the picture that was read (for what lies beside what) and in
the original (for boxes).
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jianwei.evidence.ocr import OcrLine, reading_rows
from jianwei.evidence.prompt import Reading, read_view, text_width
from jianwei.evidence.values import as_type
from jianwei.evidence.views import View
from jianwei.recipes.labels import Labels, labels_of
from jianwei.recipes.recipe import FieldType
from jianwei.types import Box, GroundedBox

_COLON_END = re.compile(r"[:：]\s*$")


@dataclass(frozen=True)
class Cell:
    """One line of text.

    Attributes:
        text: what it says.
        box: in the picture that was read.
        reading: where it is in the original.
        slope: pixels by which it falls for each pixel to the right, in the picture that was read.
    """

    text: str
    box: Box
    reading: Reading
    slope: float = 0.0

    @property
    def middle(self) -> tuple[float, float]:
        """Of the box."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @property
    def height(self) -> float:
        """Of the box, in pixels."""
        return self.box[3] - self.box[1]

    def place(self, part: str = "") -> GroundedBox:
        """Where a part of it stands in the original; all of it where the part cannot be found."""
        box = self.reading.find(part) if part else None
        return GroundedBox(part or self.text, box or self.reading.box, self.reading.picture, "ocr")


@dataclass(frozen=True)
class Value:
    """A value as printed, and where."""

    text: str
    places: tuple[GroundedBox, ...]


@dataclass(frozen=True)
class Page:
    """One picture as it was read.

    Attributes:
        view: the picture.
        rows: its cells, rows from the top, in a row from the left.
    """

    view: View
    rows: tuple[tuple[Cell, ...], ...]
    _cache: dict[str, float] = field(default_factory=dict[str, float], compare=False, repr=False)

    @property
    def cells(self) -> Iterator[Cell]:
        """All cells in reading order."""
        return (cell for row in self.rows for cell in row)

    @property
    def height(self) -> float:
        """Of its middle line of text, in pixels."""
        if "height" not in self._cache:
            self._cache["height"] = statistics.median([cell.height for cell in self.cells] or [0.0])
        return self._cache["height"]


def page_of(view: View, lines: Sequence[OcrLine]) -> Page:
    """The lines that were read in a view, as rows."""
    rows: list[tuple[Cell, ...]] = []
    for row in reading_rows(lines):
        readings = read_view(view, row)
        cells = [
            Cell(one_width(line.text), line.box, reading, line.slope)
            for line, reading in zip(row, readings, strict=True)
        ]
        kept = tuple(cell for cell in cells if re.search(r"\w", cell.text))
        if kept:
            rows.append(kept)
    return Page(view, tuple(rows))


def one_width(text: str) -> str:
    """Text in one width with single spaces; raised digits become exponents and do not melt into the number."""
    raised = text.replace("²", "^2").replace("³", "^3")
    return " ".join(unicodedata.normalize("NFKC", raised).split())


def split_labels(page: Page, labels: Labels) -> Page:
    """The page with cells cut where a label with its colon begins within them: OCR joins what stands close."""
    rows = [tuple(piece for cell in row for piece in _split(cell, labels)) for row in page.rows]
    return Page(page.view, tuple(rows))


def _split(cell: Cell, labels: Labels) -> list[Cell]:
    if not re.search(r".[^:：]+[:：]", cell.text):
        return [cell]
    cuts = [0]
    for at in range(1, len(cell.text)):
        before, here = cell.text[at - 1], cell.text[at]
        if here.isspace() or (before.isascii() and before.isalnum() and here.isascii() and here.islower()):
            continue
        # "税额" within "应纳税额：" is no label of its own: a longer one begins before it.
        if labels.begin(cell.text[at:], fuzzy=False, colon=True) and not any(
            earlier.colon and len(cell.text) - len(earlier.rest) > at
            for earlier in labels.at_start(cell.text[cuts[-1] :], fuzzy=False)
        ):
            cuts.append(at)
    if len(cuts) == 1:
        return [cell]
    left, top, right, bottom = cell.box
    total = text_width(cell.text) or 1.0
    pieces: list[Cell] = []
    for begin, end in zip(cuts, [*cuts[1:], len(cell.text)], strict=True):
        x1 = left + (right - left) * text_width(cell.text[:begin]) / total
        x2 = left + (right - left) * text_width(cell.text[:end]) / total
        pieces.append(Cell(cell.text[begin:end].strip(), (x1, top, x2, bottom), cell.reading, cell.slope))
    return [piece for piece in pieces if piece.text]


def is_label(cell: Cell, labels: Labels) -> bool:
    """Whether a cell is nothing but one of these labels, or ends in a colon."""
    return _COLON_END.search(cell.text) is not None or any(
        not after.rest for after in labels.at_start(cell.text)
    )


def beside(
    page: Page,
    labels: Sequence[str],
    kind: FieldType,
    others: Labels,
    skip: frozenset[int] = frozenset(),
) -> Value | None:
    """The value printed beside one of the labels, the longest labels first.

    Args:
        page: where.
        labels: as they may be printed.
        kind: what the value must be.
        others: all labels that are known, which end a value or are none.
        skip: numbers of rows that are not looked at.
    """
    wanted = labels_of(tuple(labels))
    for fuzzy in (False, True):
        met = [
            (after, number, place)
            for number, row in enumerate(page.rows)
            if number not in skip
            for place, cell in enumerate(row)
            if not (fuzzy and others.begin(cell.text, fuzzy=False))
            for after in wanted.at_start(cell.text, fuzzy=fuzzy)
        ]
        for after, number, place in sorted(met, key=lambda found: (found[0].rank, *found[1:])):
            value = _behind(page, number, place, (after.colon, after.rest), kind, others)
            if value is not None:
                return value
    return None


def _behind(
    page: Page, number: int, place: int, after: tuple[bool, str], kind: FieldType, others: Labels
) -> Value | None:
    colon, rest = after
    cell = page.rows[number][place]
    if rest:
        if not colon and kind not in ("money", "date"):
            return None
        said = as_type(_until_label(rest, others), kind)
        return Value(said, (cell.place(said),)) if said is not None else None
    row = page.rows[number]
    if place + 1 < len(row):
        follower = row[place + 1]
        if is_label(follower, others):
            return None
        said = as_type(_until_label(follower.text, others), kind)
        if said is not None and (kind not in ("text",) or follower.box[0] - cell.box[2] < 12 * page.height):
            return Value(said, (follower.place(said),))
    if kind in ("money", "date", "number") and number + 1 < len(page.rows):
        for below in page.rows[number + 1]:
            near = below.box[1] - cell.box[3] < 1.2 * page.height
            under = min(below.box[2], cell.box[2]) - max(below.box[0], cell.box[0]) > 0
            said = as_type(below.text, kind)
            if near and under and said is not None and not colon:
                return Value(said, (below.place(said),))
    return None


def _until_label(text: str, labels: Labels) -> str:
    """The text up to where another label with its colon begins."""
    for found in re.finditer(r"(?<=\s)\S", text):
        if labels.begin(text[found.start() :], colon=True):
            return text[: found.start()].strip()
    return text


def matching(page: Page, patterns: Sequence[str], kind: FieldType) -> Value | None:
    """What the first line says that one of the patterns finds; its first group, else all that was found."""
    for pattern in patterns:
        for cell in page.cells:
            found = re.search(pattern, cell.text)
            if found is None:
                continue
            said = as_type(found.group(1) if found.re.groups and found.group(1) else found[0], kind)
            if said is not None:
                return Value(said, (cell.place(said),))
    return None
