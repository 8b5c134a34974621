"""Spatial relations worked out from boxes, and whether what an answer says of them agrees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, cast

from jianwei.evidence.boxes import area
from jianwei.types import Box, GroundedBox

Relation = Literal["left", "right", "above", "below", "inside", "contains", "overlaps"]

MAX_TOLD = 100
"""Sentences that are checked."""

_WORDS: tuple[tuple[Relation, tuple[str, ...]], ...] = (
    ("inside", ("里面", "内部", "里", "内", "inside", "within", " in ")),
    ("left", ("左侧", "左边", "左方", "左面", "左", "left")),
    ("right", ("右侧", "右边", "右方", "右面", "右", "right")),
    ("above", ("上方", "上面", "上边", "顶部", "上", "above", "over ", "on top of")),
    ("below", ("下方", "下面", "下边", "底部", "下", "below", "under", "beneath")),
)
"""What says each relation of the first thing to the second; diagonal words hold two."""


def relation_of(a: Box, b: Box) -> set[Relation]:
    """How ``a`` lies to ``b``: by their middles, where they are apart by more than half the smaller one's side.

    ``inside`` and ``contains``: nine tenths of the smaller lie in the larger; ``overlaps``: less than that.
    """
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    found: set[Relation] = set()
    if width > 0 and height > 0:
        shared, smaller = width * height, min(area(a), area(b))
        if shared >= 0.9 * smaller:
            found.add("inside" if area(a) <= area(b) else "contains")
        else:
            found.add("overlaps")
    across = (b[0] + b[2] - a[0] - a[2]) / 2
    down = (b[1] + b[3] - a[1] - a[3]) / 2
    if abs(across) > min(a[2] - a[0], b[2] - b[0]) / 2:
        found.add("left" if across > 0 else "right")
    if abs(down) > min(a[3] - a[1], b[3] - b[1]) / 2:
        found.add("above" if down > 0 else "below")
    return found


def relations(answer: str, boxes: Sequence[GroundedBox]) -> tuple[dict[str, Any], ...]:
    """The sentences under ``spatial_relations`` of a JSON answer, with what the boxes say of them.

    Each gives ``{"text", "boxes": [i, j] or null, "computed": [...], "agrees": true, false or null}``: the
    places among ``boxes`` of the two things that it names (those of one picture whose labels it holds, in its
    order), how the first lies to the second, and whether that is what the sentence says. Without two such
    boxes, or without a word for a relation, ``agrees`` is null.
    """
    return tuple(_checked(text, boxes) for text in _told(answer))


def _told(answer: str) -> list[str]:
    try:
        value: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return []
    told: Any = cast("dict[str, Any]", value).get("spatial_relations") if isinstance(value, dict) else None
    if not isinstance(told, list):
        return []
    return [text for text in cast("list[Any]", told)[:MAX_TOLD] if isinstance(text, str)]


def _checked(text: str, boxes: Sequence[GroundedBox]) -> dict[str, Any]:
    named = _named(text, boxes)
    if named is None:
        return {"text": text, "boxes": None, "computed": [], "agrees": None}
    first, second = named
    computed = relation_of(boxes[first].bbox, boxes[second].bbox)
    said = _said(text, boxes[first].label, boxes[second].label)
    opposite: dict[Relation, Relation] = {
        "left": "right", "right": "left", "above": "below", "below": "above", "inside": "contains",
    }  # fmt: skip
    agrees: bool | None = None
    if said & computed:
        agrees = not any(opposite.get(relation) in computed for relation in said)
    elif any(opposite.get(relation) in computed for relation in said):
        agrees = False
    return {"text": text, "boxes": [first, second], "computed": sorted(computed), "agrees": agrees}


def _named(text: str, boxes: Sequence[GroundedBox]) -> tuple[int, int] | None:
    """The two boxes that a sentence names first; the longer of two labels at one place is meant."""
    found: list[tuple[int, int, int]] = []
    for index, box in enumerate(boxes):
        at = text.find(box.label) if box.label else -1
        if at >= 0:
            found.append((at, -len(box.label), index))
    found.sort()
    chosen: list[int] = []
    end = 0
    for at, length, index in found:
        if at >= end:
            chosen.append(index)
            end = at - length
    if len(chosen) < 2 or boxes[chosen[0]].picture != boxes[chosen[1]].picture:
        return None
    return chosen[0], chosen[1]


def _said(text: str, first: str, second: str) -> set[Relation]:
    """The relations whose words stand in a sentence outside the names of its things."""
    rest = f" {text.replace(first, ' ', 1).replace(second, ' ', 1).lower()} "
    return {relation for relation, words in _WORDS if any(word in rest for word in words)}
