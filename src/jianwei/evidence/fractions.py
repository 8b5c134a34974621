"""Fractions written one number above another, which OCR reads as two lines, or as one sign without sense.

A bar with something small right above and right below it is looked for in the ink. Both halves are read for
themselves, and so is what stands before, between and behind the fractions of a row: one line, ``=(2×9)/(4×11)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from jianwei.evidence.ocr import OcrLine, reading_rows
from jianwei.evidence.stacks import Ink, Stack, find_stacks, shared
from jianwei.types import Box, Image, Pixels

Recognize = Callable[[Sequence[Pixels]], Sequence[tuple[str, float]]]
"""What is written in each of some small pictures of one line, with its confidence from 0 to 1."""

_HALF = re.compile(r"[0-9a-z+\-×÷=().²³]{1,14}", re.IGNORECASE)
_READ_AS = str.maketrans(
    {"l": "1", "I": "1", "|": "1", "T": "1", "O": "0", "o": "0", "*": "×", "（": "(", "）": ")"}
)
_TIMES = re.compile(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])")
_EQUALS = re.compile("[二三＝]$")
_BEFORE, _BEHIND = 0.9, 0.5
"""In heights of a fraction: the gap between it and what belongs to it, on its left and on its right."""
_WORD = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]{2,}")


def with_fractions(lines: Sequence[OcrLine], image: Image, recognize: Recognize) -> list[OcrLine]:
    """The lines in reading order, with fractions in place of what was read of them.

    Args:
        lines: that were read in ``image``.
        image: the picture.
        recognize: reads pieces of it.
    """
    if not any(character.isdigit() for line in lines for character in line.text):
        return list(lines)
    height = float(np.median([line.height for line in lines]))
    ink = Ink.of(image.pixels, lines, height)
    stacks = [
        stack
        for stack in find_stacks(ink, height)
        if not _in_a_word(stack.bar, lines) and not _is_between(stack, lines)
    ]
    if not stacks:
        return list(lines)
    halves = recognize([_cut(image.pixels, box) for stack in stacks for box in (stack.above, stack.below)])
    written: list[tuple[Stack, str]] = []
    for stack, (top, _), (bottom, _) in zip(stacks, halves[::2], halves[1::2], strict=True):
        above, below = _number(top), _number(bottom)
        if above and below and (above, below) != ("1", "1"):  # where lines of a grid cross
            equals = _touching(ink, stack) or "=" * above.startswith("=")
            written.append((stack, equals + f"{_bracketed(above.lstrip('='))}/{_bracketed(below)}"))
    left = list(lines)
    for row in _rows(written):
        left = _rewritten(row, left, image.pixels, ink, recognize)
    return [line for row in reading_rows(left) for line in row]


def _in_a_word(bar: Box, lines: Sequence[OcrLine]) -> bool:
    """Whether the bar is a stroke of a letter or of a Chinese character, by where it lies in a line that was read."""
    middle, level = (bar[0] + bar[2]) / 2, (bar[1] + bar[3]) / 2
    for line in lines:
        left, top, right, bottom = line.box
        if not (left < middle < right and top < level < bottom):
            continue
        # Chinese characters are about as wide as high, others half as wide.
        wide = [2 if character > "\u2e80" else 1 for character in line.text]
        at = (middle - left) / (right - left) * sum(wide)
        for word in _WORD.finditer(line.text):
            start, end = sum(wide[: word.start()]), sum(wide[: word.end()])
            # Where exactly it ends is not known.
            if start <= at <= end - max(1.0, 0.25 * (end - start)):
                return True
    return False


def _is_between(stack: Stack, lines: Sequence[OcrLine]) -> bool:
    """Whether a half is only a part of a longer line above or below, which the bar underlines or parts from another."""
    left, _, right, _ = stack.box
    level = (stack.bar[1] + stack.bar[3]) / 2
    return any(
        max(left - line.box[0], line.box[2] - right) > 0.5 * stack.height
        and abs((line.box[1] + line.box[3]) / 2 - level) > 0.3 * line.height
        and max(shared(line.box, half) for half in (stack.above, stack.below)) > 0.15
        for line in lines
    )


def _number(text: str) -> str:
    """A half as it is meant; empty where it is no number and no sum."""
    said = _TIMES.sub("×", re.sub(r"\s", "", text).translate(_READ_AS))
    return said if _HALF.fullmatch(said) and any(character.isdigit() for character in said) else ""


def _touching(ink: Ink, stack: Stack) -> str:
    """A sign of equality whose stroke runs on into the bar; empty where there is none."""
    reach = 0.15 * stack.height
    start = min(stack.above[0], stack.below[0]) - 0.5 * reach
    around = stack.bar[0], max(0.0, stack.bar[1] - reach), start, stack.bar[3] + reach
    return "=" if start - stack.bar[0] > reach and _sign(ink, around) == "=" else ""


def _bracketed(half: str) -> str:
    return half if half.isalnum() else f"({half})"


def _rows(found: Sequence[tuple[Stack, str]]) -> list[list[tuple[Stack, str]]]:
    """Fractions whose bars lie on one level, from the left."""
    rows: list[list[tuple[Stack, str]]] = []
    for item in sorted(found, key=lambda item: item[0].bar[0]):
        stack = item[0]
        for row in rows:
            last = row[-1][0]
            if abs(stack.bar[1] - last.bar[1]) < 0.3 * min(stack.height, last.height):
                row.append(item)
                break
        else:
            rows.append([item])
    return rows


def _rewritten(
    row: Sequence[tuple[Stack, str]],
    lines: Sequence[OcrLine],
    pixels: Pixels,
    ink: Ink,
    recognize: Recognize,
) -> list[OcrLine]:
    """The lines with one line in place of those that the fractions of a row are part of."""
    high = float(np.median([stack.height for stack, _ in row]))
    first, last = row[0][0].box[0], row[-1][0].box[2]
    taken = [line for line in lines if any(shared(line.box, stack.box) > 0.15 for stack, _ in row)]
    beside = [
        line
        for line in lines
        if line not in taken and line.box[1] < _level(row, (line.box[0] + line.box[2]) / 2) < line.box[3]
    ]
    taken += [line for line in beside if first < (line.box[0] + line.box[2]) / 2 < last]
    beside = [line for line in beside if line not in taken]
    # 1. What stands beside the fractions: as far as lines reach that they are part of, or to the next ones.
    left = min([line.box[0] for line in taken if line.box[0] < first - 0.3 * high], default=0.0)
    right = max(
        [line.box[2] for line in taken if line.box[2] > last + 0.3 * high], default=float(pixels.shape[1])
    )
    for line in beside:  # with its margin one may reach into a fraction
        if line.box[0] < first:
            left = max(left, min(line.box[2], first))
        else:
            right = min(right, max(line.box[0], last))
    edges = [left, *(edge for stack, _ in row for edge in (stack.box[0], stack.box[2])), right]
    unread = [
        box
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        # The ends of a bar are not told from what stands beside it.
        for box in _written(ink, start + 0.05 * high, end - 0.05 * high, _level(row, (start + end) / 2), high)
    ]
    kept = _together([*unread, *(line.box for line in beside)], row, high)
    # 2. Read what has not been read.
    pieces = [(stack.box, text) for stack, text in row]
    pieces += [(line.box, line.text) for line in beside if line.box in kept]
    signs = [(box, _sign(ink, box)) for box in unread if box in kept]
    pieces += [(box, sign) for box, sign in signs if sign]
    if words := [box for box, sign in signs if not sign]:
        read = recognize([_cut(pixels, box) for box in words])
        pieces += [(box, text.strip()) for box, (text, _) in zip(words, read, strict=True)]
    # 3. One line.
    text = ""
    for _, piece in sorted(pieces):
        said = _EQUALS.sub("=", piece)
        text += f" {said}" if text[-1:].isalpha() or text.endswith(":") else said
    corners = np.array([box for box, _ in pieces])
    (x1, y1), (x2, y2) = corners[:, :2].min(0).tolist(), corners[:, 2:].max(0).tolist()
    scores = [line.score for line in taken] or [1.0]
    others = [line for line in lines if line not in taken and line.box not in kept]
    return [*others, OcrLine.around(text, (x1, y1, x2, y2), high, min(scores))]


def _together(boxes: Sequence[Box], row: Sequence[tuple[Stack, str]], high: float) -> list[Box]:
    """Those of the boxes beside the fractions of a row that no wide gap parts from them."""
    left, right = row[0][0].box[0], row[-1][0].box[2]
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: max(left - box[2], box[0] - right)):
        if max(left - box[2], box[0] - right) < (_BEFORE if box[0] < left else _BEHIND) * high:
            kept.append(box)
            left, right = min(left, box[0]), max(right, box[2])
    return kept


def _level(row: Sequence[tuple[Stack, str]], x: float) -> float:
    """How high the nearest bar of the row lies."""
    nearest = min((stack.bar for stack, _ in row), key=lambda bar: abs((bar[0] + bar[2]) / 2 - x))
    return (nearest[1] + nearest[3]) / 2


def _written(ink: Ink, start: float, end: float, level: float, high: float) -> list[Box]:
    """What is written from ``start`` to ``end`` around a level, parted where there is room for a sign between."""
    part, left, top = ink.part((start, level - 0.42 * high, end, level + 0.42 * high))
    if not part.size:
        return []
    columns = np.flatnonzero(part.any(0) & ~_ruled(part))
    found: list[Box] = []
    for run in np.split(columns, 1 + np.flatnonzero(np.diff(columns) > 0.3 * ink.scale * high)):
        inked = part[:, run[0] : run[-1] + 1] if len(run) else part[:, :0]
        if inked.sum() >= 0.005 * (ink.scale * high) ** 2:
            rows = np.flatnonzero(inked.any(1))
            edges = left + run[0], top + rows[0], left + run[-1] + 1, top + rows[-1] + 1
            x1, y1, x2, y2 = (float(edge) / ink.scale for edge in edges)
            found.append((x1, y1, x2, y2))
    return found


def _ruled(part: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """In which columns a line of the paper runs down through all of a row, higher than any sign."""
    import cv2

    # A line that is not quite upright steps to the next column.
    return cv2.dilate(part, np.ones((1, 5), np.uint8)).mean(0) > 0.9


def _sign(ink: Ink, box: Box) -> str:
    """A sign by its strokes, for alone they are often misread: ``-``, ``=``, ``+`` or ``×``; empty for all others."""
    import cv2

    part, _, _ = ink.part(box)
    _, _, parts, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    strokes = [(wide, high) for _, _, wide, high, area in parts[1:].tolist() if area > 4]
    if all(wide >= 0.7 * part.shape[1] and wide >= 1.8 * high for wide, high in strokes):
        return {1: "-", 2: "="}.get(len(strokes), "")
    if len(strokes) > 1 or not 0.65 < part.shape[1] / part.shape[0] < 1.5:
        return ""
    cells = cv2.resize(part.astype(np.float32), (3, 3), interpolation=cv2.INTER_AREA)
    corners, sides = cells[::2, ::2], np.array((cells[0, 1], cells[1, 0], cells[1, 2], cells[2, 1]))
    if corners.min() > 1.3 * sides.max():
        return "×"
    return "+" if sides.min() > 1.3 * corners.max() else ""


def _cut(pixels: Pixels, box: Box) -> Pixels:
    """A part of the picture with some paper around it."""
    left, top, right, bottom = box
    pad = max(3.0, 0.1 * (bottom - top))
    return np.ascontiguousarray(
        pixels[
            max(0, round(top - pad)) : round(bottom + pad),
            max(0, round(left - 2 * pad)) : round(right + 2 * pad),
        ]
    )
