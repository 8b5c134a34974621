"""Spatial relations worked out from boxes, and whether what an answer says of them agrees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal, cast

from jianwei.errors import Language
from jianwei.evidence.boxes import area
from jianwei.evidence.plain import plain
from jianwei.types import Box, GroundedBox

Relation = Literal["left", "right", "above", "below", "inside", "contains", "overlaps"]

MAX_TOLD = 100
"""Sentences that are checked."""

MAX_PAIRED = 6
"""Things of one picture between which relations are worked out where the answer tells none: 15 pairs."""

LINKED = ("objects", "texts")
"""Lists of a JSON answer whose entries have boxes."""

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


def relations(answer: str, boxes: Sequence[GroundedBox], language: Language) -> tuple[dict[str, Any], ...]:
    """The sentences under ``spatial_relations`` of a JSON answer, what the boxes say of them, and what they say else.

    Each gives ``{"text", "told": true, "boxes": [i, j] or null, "computed": [...], "agrees": true, false or null}``:
    the places among ``boxes`` of the two things that it names (those of one picture whose labels it holds, in its
    order), how the first lies to the second, and whether that is what the sentence says. Without two such
    boxes, or without a word for a relation, ``agrees`` is null.

    After them come the pairs among the first ``MAX_PAIRED`` boxes of each picture of which the answer says nothing:
    ``told`` is false, ``text`` says in ``language`` how they lie, ``agrees`` is null.
    """
    told = _told(answer)
    if told is None:
        return ()
    checked = [_checked(text, boxes) for text in told]
    known = {frozenset(relation["boxes"]) for relation in checked if relation["boxes"]}
    return (
        *checked,
        *(each for each in _worked_out(boxes, language) if frozenset(each["boxes"]) not in known),
    )


def links(answer: str, boxes: Sequence[GroundedBox]) -> dict[str, list[int | None]] | None:
    """For each entry of the lists ``objects`` and ``texts`` of a JSON answer the place of its box among ``boxes``.

    A box belongs to an entry with its label, else to one that holds it; in a list to one only. None: no such lists.
    """
    value = _parsed(answer)
    linked: dict[str, list[int | None]] = {}
    for name in LINKED:
        taken: set[int] = set()
        entries: Any = value.get(name)
        if isinstance(entries, list):
            linked[name] = [_box_of(entry, boxes, taken) for entry in cast("list[Any]", entries)]
    return linked or None


def _box_of(entry: Any, boxes: Sequence[GroundedBox], taken: set[int]) -> int | None:
    name = plain(entry) if isinstance(entry, str) else ""
    labels = [(index, plain(box.label)) for index, box in enumerate(boxes) if index not in taken]
    found = [index for index, label in labels if name and label == name]
    found += [index for index, label in labels if label and label in name]
    if not found:
        return None
    taken.add(found[0])
    return found[0]


def _worked_out(boxes: Sequence[GroundedBox], language: Language) -> list[dict[str, Any]]:
    """How things lie to each other, by their boxes alone."""
    found: list[dict[str, Any]] = []
    for picture in sorted({box.picture for box in boxes}):
        placed = [i for i, box in enumerate(boxes) if box.picture == picture and box.label][:MAX_PAIRED]
        for first, second in combinations(placed, 2):
            computed = sorted(relation_of(boxes[first].bbox, boxes[second].bbox))
            if computed:
                text = sentence(boxes[first].label, boxes[second].label, computed, language)
                pair = {"boxes": [first, second], "computed": computed, "agrees": None}
                found.append({"text": text, "told": False, **pair})
    return found


_PHRASES: dict[Relation, tuple[str, str]] = {
    "left": ("左边", "left of"),
    "right": ("右边", "right of"),
    "above": ("上方", "above"),
    "below": ("下方", "below"),
    "inside": ("里面", "inside"),
}


def sentence(first: str, second: str, computed: Sequence[Relation], language: Language) -> str:
    """How the first of two things lies to the second, in words."""
    here = 0 if language == "zh" else 1
    if "contains" in computed:
        return f"{first}包含{second}" if here == 0 else f"{first} contains {second}"
    words = [_PHRASES[relation][here] for relation in computed if relation in _PHRASES]
    if not words:
        return f"{first}与{second}重叠" if here == 0 else f"{first} overlaps {second}"
    return (
        f"{first}在{second}的{'、'.join(words)}"
        if here == 0
        else f"{first} is {' and '.join(words)} {second}"
    )


def _parsed(answer: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _told(answer: str) -> list[str] | None:
    """The sentences of an answer; None: it has no list of them."""
    told: Any = _parsed(answer).get("spatial_relations")
    if not isinstance(told, list):
        return None
    return [text for text in cast("list[Any]", told)[:MAX_TOLD] if isinstance(text, str)]


def _checked(text: str, boxes: Sequence[GroundedBox]) -> dict[str, Any]:
    named = _named(text, boxes)
    if named is None:
        return {"text": text, "told": True, "boxes": None, "computed": [], "agrees": None}
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
    pair = {"boxes": [first, second], "computed": sorted(computed), "agrees": agrees}
    return {"text": text, "told": True, **pair}


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
