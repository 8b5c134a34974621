"""What is seen of a picture, in words: areas by colour and form, spots and their places, blank fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jianwei.errors import Language
from jianwei.evidence.areas import COLOURS, FORMS, Area, looks_named
from jianwei.evidence.boxes import gap
from jianwei.evidence.ink import field_behind
from jianwei.evidence.intent import asks_for_count, asks_for_damage, asks_for_part
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import is_blank, pairs
from jianwei.evidence.sight import Sight
from jianwei.evidence.spots import Spot
from jianwei.evidence.telling import tell_place

MAX_TOLD = 3
"""Spots, and lines with a colour beside them, that are told."""

_BESIDE = 3.0
"""Heights of a line between it and what it names the colour of; a title is farther away from all."""
_SNUG = 2.8
"""Heights of a line that the ground has at most which is its own, as a button is."""
_FIELD = 10.0
"""Heights of a line that a blank field is wide, unless something stands before."""


def tell_things(question: str, sight: Sight, language: Language) -> str:
    """Where spots are, or what stands out by its colour, one a line."""
    found = sight.spots()[:MAX_TOLD] if asks_for_damage(question) else sight.areas()
    return "".join(f"{tell_place(each.name(language), each.box, sight.sheet)}\n" for each in found)


def tell_spots(spots: Sequence[Spot], language: Language, question: str = "") -> str:
    """Where on its surface each spot is, ``shadow<tab>top left``; only what it is where no part is asked for."""
    if not spots:
        return "没有斑块\n" if language == "zh" else "no spots\n"
    placed = not question or asks_for_part(question)
    return "".join(
        f"{spot.name(language)}\t{spot.where(language)}\n" if placed else f"{spot.name(language)}\n"
        for spot in spots[:MAX_TOLD]
    )


def tell_counts(areas: Sequence[Area], language: Language, question: str = "") -> str:
    """How many areas there are of each colour and form, or of those that the question counts: ``red tick ×3``."""
    counts = asks_for_count(question)
    colours, forms = looks_named(question) if counts else (set[str](), set[str]())
    if colours or forms:
        counted = [
            (_words(colour, form, language), _many(areas, colour, form))
            for colour in sorted(colours) or [""]
            for form in sorted(forms) or [""]
        ]
    else:
        counted = Counter(area.name(language) for area in areas).most_common()
        if counts and len(counted) > 1:
            counted.insert(0, ("全部" if language == "zh" else "all", len(areas)))
    return "\t".join(f"{word} ×{count}" for word, count in counted) + "\n" if counted else ""


def _many(areas: Sequence[Area], colour: str, form: str) -> int:
    return sum(colour in ("", area.colour) and form in ("", area.form) for area in areas)


def _words(colour: str, form: str, language: Language) -> str:
    at = 0 if language == "zh" else 1
    return ("" if at == 0 else " ").join(
        names[at] for names in (COLOURS.get(colour), FORMS.get(form)) if names and names[at]
    )


def with_fields(row: Sequence[OcrLine], sight: Sight, language: Language) -> list[OcrLine]:
    """A row with what is seen in its blank fields, as ``Signed:<tab>blank``: nothing, or writing that was not read."""
    told: list[OcrLine] = []
    parts = pairs(row)
    for at, pair in enumerate(parts):
        told += pair
        if is_blank(pair):
            label = pair[0]
            left = label.box[2]
            right = min(sight.sheet.width, left + _FIELD * label.height)
            if at + 1 < len(parts):
                right = min(right, parts[at + 1][0].box[0])
            told.append(_field(label, left, right, sight, language))
    return told


def _field(label: OcrLine, left: float, right: float, sight: Sight, language: Language) -> OcrLine:
    """What is seen behind a label."""
    a, b, c, d = box = field_behind(label.box, label.slope, left, right - 0.4 * label.height)
    written = c > a and sight.inked(box, label.height)
    words = ("手写", "空白") if language == "zh" else ("handwriting", "blank")
    return OcrLine(words[0 if written else 1], ((a, b), (c, b), (c, d), (a, d)), 1.0)


def buttons(lines: Sequence[OcrLine], areas: Sequence[Area]) -> list[OcrLine]:
    """The lines that have a ground of their own colour snugly around them."""
    return [line for line in lines if any(_is_ground(area, line) for area in areas)][:MAX_TOLD]


def _is_ground(area: Area, line: OcrLine) -> bool:
    left, top, right, bottom = area.box
    x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
    wide, high = right - left, bottom - top
    return (
        left < x < right
        and top < y < bottom
        and high < _SNUG * line.height
        and wide > line.box[2] - line.box[0]
    )


def tell_colours(lines: Sequence[OcrLine], areas: Sequence[Area], language: Language) -> str:
    """Which colour is nearest to each line, ``Apples<tab>red``; all of them where there is no line."""
    if not lines or not areas:
        return tell_counts(areas, language)
    nearest = [(line, min(areas, key=lambda area: _far(area, line))) for line in lines]
    beside = [(line, area) for line, area in nearest if gap(area.box, line.box) < _BESIDE * line.height]
    return "".join(
        f"{' '.join(line.text.split())}\t{area.tint(language)}\n"
        for line, area in (beside or nearest)[:MAX_TOLD]
    )


def _far(area: Area, line: OcrLine) -> tuple[bool, float, float]:
    """How far an area is from a line, and its size; what holds more than the line, as a price tag, comes last."""
    left, top, right, bottom = area.box
    apart = gap(area.box, line.box)
    holds = not apart and bottom - top > _SNUG * line.height
    return holds, apart, (right - left) * (bottom - top)
