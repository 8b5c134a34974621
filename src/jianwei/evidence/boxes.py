"""Boxes: what a model says in JSON, what OCR has read, and both in pixels of the original.

Qwen3-VL speaks of boxes as ``{"bbox_2d": [x1, y1, x2, y2], "label": "..."}``, each axis from 0 to 1000 over the
whole picture as it is shown.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, cast

from jianwei.errors import Language
from jianwei.evidence.prompt import Reading
from jianwei.evidence.telling import BOX_SCALE
from jianwei.evidence.views import View
from jianwei.types import Box, Grammar, GroundedBox

MAX_BOXES = 64
MAX_LABEL = 80
"""Characters of a label."""

SAME_BOX = 0.8
"""Boxes of one label that share so much of their union are one."""

TIGHTEN = 0.3
"""A text's box is replaced by that of the line read there if they share so much of their union."""

_LEAST_PART = 3
"""Characters that a part of a line must have to be told by: shorter ones are everywhere."""

LEAST_SIDE = 1.0
"""Pixels: what is thinner than that after clipping is no box."""

_NUMBER = {"type": "integer", "minimum": 0, "maximum": BOX_SCALE}
BOXES_GRAMMAR = Grammar(
    "json_schema",
    json.dumps(
        {
            "type": "array",
            "maxItems": MAX_BOXES,
            "items": {
                "type": "object",
                "properties": {
                    "bbox_2d": {"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4},
                    "label": {"type": "string", "maxLength": MAX_LABEL},
                },
                "required": ["bbox_2d", "label"],
                "additionalProperties": False,
            },
        }
    ),
)
"""The form of an answer that is asked for boxes."""

LOCATE: dict[Language, str] = {
    "zh": "请给出上面的回答所涉及的物体和文字在图中的位置，以 JSON 输出："
    '[{"bbox_2d": [x1, y1, x2, y2], "label": "名称或文字"}]。',
    "en": "Locate the objects and texts that your answer is about. Output JSON: "
    '[{"bbox_2d": [x1, y1, x2, y2], "label": "name or text"}].',
}
"""Asked after an answer, whose words then name what is to be found."""

IN_PICTURE: dict[Language, str] = {"zh": "只看第{}张图。", "en": " Look at picture {} only."}
"""Added where there are several, since a box does not say which picture it is in."""


def parse_boxes(text: str, view: View) -> list[GroundedBox]:
    """The boxes in a model's JSON, in pixels of the original.

    What is no box is left out: other keys, numbers that are none, corners that coincide. Corners the wrong way
    round are turned, what reaches over the picture is clipped.

    Args:
        text: JSON, alone or in a fenced block of Markdown: an object or a list of objects with ``bbox_2d``.
        view: the picture that the numbers are about.
    """
    boxes: list[GroundedBox] = []
    for entry in _entries(text):
        box = _pixels(entry.get("bbox_2d"), view)
        label = entry.get("label", entry.get("text_content", ""))
        if box is not None and isinstance(label, str):
            boxes.append(GroundedBox(label.strip()[:MAX_LABEL], box, view.picture, "model"))
    return unique(boxes)


def answer_boxes(answer: str, readings: Sequence[Reading]) -> list[GroundedBox]:
    """Where what the answer says is written in the pictures, by the lines that OCR has read.

    A line is taken whose text stands in the answer, and of a line that holds more than that the part which the
    answer repeats. Of pieces that lie one within another in the answer the longest counts. An answer in the
    form "label: value" is about the value, where that was read.
    """
    _, colon, value = answer.replace("：", ":").rpartition(": " if ": " in answer else ":")
    boxes = _read_boxes(value, readings) if colon and "\n" not in answer.strip() else []
    return boxes or _read_boxes(answer, readings)


def _read_boxes(answer: str, readings: Sequence[Reading]) -> list[GroundedBox]:
    said = _Plain(answer)
    found: list[tuple[int, int, GroundedBox]] = []
    for reading in readings:
        line = _Plain(reading.text)
        shared = _shared(line, said)
        if shared is not None:
            begin, end, at = shared
            text = reading.text[line.places[begin] : line.places[end - 1] + 1]
            box = reading.find(text) or reading.box
            found.append((at, end - begin, GroundedBox(text[:MAX_LABEL], box, reading.picture, "ocr")))
    kept = [
        (at, box)
        for at, length, box in found
        if not any(k <= at and at + length <= k + n and length < n for k, n, _ in found)
    ]
    kept.sort(key=lambda item: item[0])
    return unique([box for _, box in kept])


def tighten(boxes: Sequence[GroundedBox], readings: Sequence[Reading]) -> list[GroundedBox]:
    """Boxes of texts where OCR has read the same text at about the same place get the read line's box."""
    return [_tightened(box, readings) for box in boxes]


def _tightened(box: GroundedBox, readings: Sequence[Reading]) -> GroundedBox:
    label = _Plain(box.label).text
    best: tuple[float, Box] | None = None
    for reading in readings:
        line = _Plain(reading.text)
        at = line.text.find(label) if label else -1
        if reading.picture != box.picture or at < 0:
            continue
        part = reading.text[line.places[at] : line.places[at + len(label) - 1] + 1]
        read = reading.find(part) or reading.box
        shared = overlap(box.bbox, read)
        if shared >= TIGHTEN and (best is None or shared > best[0]):
            best = shared, read
    return box if best is None else GroundedBox(box.label, best[1], box.picture, box.source)


def unique(boxes: Sequence[GroundedBox]) -> list[GroundedBox]:
    """Each box once: of those with one label and nearly one place the first stays."""
    kept: list[GroundedBox] = []
    for box in boxes:
        if not any(
            box.label == other.label
            and box.picture == other.picture
            and overlap(box.bbox, other.bbox) >= SAME_BOX
            for other in kept
        ):
            kept.append(box)
    return kept[:MAX_BOXES]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (area(a) + area(b) - shared)


def gap(a: Box, b: Box) -> float:
    """How far two boxes are from each other, in their unit; 0 where they touch or overlap."""
    return math.hypot(max(0.0, a[0] - b[2], b[0] - a[2]), max(0.0, a[1] - b[3], b[1] - a[3]))


def area(box: Box) -> float:
    """In square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def clip_box(box: Box, width: float, height: float) -> Box | None:
    """The box with its corners in order and inside the picture; None if too little of it is there."""
    xs = sorted(min(max(value, 0.0), width) for value in (box[0], box[2]))
    ys = sorted(min(max(value, 0.0), height) for value in (box[1], box[3]))
    if xs[1] - xs[0] < LEAST_SIDE or ys[1] - ys[0] < LEAST_SIDE:
        return None
    return xs[0], ys[0], xs[1], ys[1]


def _entries(text: str) -> list[dict[str, Any]]:
    """All objects with ``bbox_2d`` in the text's JSON, also where it is wrapped in a Markdown fence."""
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.DOTALL)
    try:
        value: Any = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        return []
    values = cast("list[Any]", value if isinstance(value, list) else [value])
    return [
        cast("dict[str, Any]", entry) for entry in values if isinstance(entry, dict) and "bbox_2d" in entry
    ]


def _pixels(numbers: Any, view: View) -> Box | None:
    """Four numbers of 0..1000 over the view as a box in pixels of the original."""
    if not isinstance(numbers, list):
        return None
    values = cast("list[Any]", numbers)
    if len(values) != 4 or not all(type(v) in (int, float) and math.isfinite(v) for v in values):
        return None
    width, height = view.image.width, view.image.height
    x1, y1, x2, y2 = (float(v) / BOX_SCALE for v in values)
    box = clip_box((x1 * width, y1 * height, x2 * width, y2 * height), width, height)
    return None if box is None else view.original_box(box)


class _Plain:
    """Text in one width and case, without spaces.

    Attributes:
        text: what is left.
        places: where each character of it stands in the source.
    """

    def __init__(self, source: str) -> None:
        characters: list[str] = []
        self.places: list[int] = []
        for place, character in enumerate(source):
            for plain in unicodedata.normalize("NFKC", character).lower():
                if not plain.isspace():
                    characters.append(plain)
                    self.places.append(place)
        self.text = "".join(characters)

    def is_whole(self, begin: int, end: int) -> bool:
        """Whether a part begins and ends where a word or a number does: "2.5" is no part of "12.50"."""
        return not (self._joins(begin) or self._joins(end))

    def _joins(self, at: int) -> bool:
        """Whether the characters on both sides belong to one Latin word or one number."""
        if not 0 < at < len(self.text) or self.places[at] - self.places[at - 1] > 1:
            return False
        before, after = self.text[at - 1], self.text[at]
        if before.isascii() and before.isalpha():
            return after.isascii() and after.isalpha()
        digits = before.isdigit() + after.isdigit()
        return digits == 2 or (digits == 1 and {before, after} & set(".,") != set())

    def find(self, part: str) -> int:
        """Where a part stands as whole words and numbers; -1: nowhere."""
        at = self.text.find(part)
        while at >= 0 and not self.is_whole(at, at + len(part)):
            at = self.text.find(part, at + 1)
        return at


def _shared(line: _Plain, answer: _Plain) -> tuple[int, int, int] | None:
    """The part of a line that the answer repeats, ``begin, end``, and where in the answer.

    The whole line, else its longest part of at least ``_LEAST_PART`` characters.
    """
    text = line.text
    at = answer.find(text) if text else -1
    if at >= 0 and (len(text) > 1 or not text.isascii() or text == answer.text):
        return 0, len(text), at
    longest: tuple[int, int, int] | None = None
    least = _LEAST_PART
    for begin in range(len(text) - least + 1):
        end = begin + least
        while end <= len(text) and text[begin:end] in answer.text:
            if line.is_whole(begin, end):
                at = answer.find(text[begin:end])
                if at >= 0:
                    longest, least = (begin, end, at), end - begin + 1
            end += 1
    return longest
