"""The form of an answer that says where something stands: a box, whose numbers are copied where the text was read.

A small model finds the right line and then slips from its numbers into those of another, which look alike. So a text
that the question quotes, and that was read, can only be answered with a place where it was read, or with a thing that
is named by it ("the panel “Basket”"). So can a thing that the question names by a colour and form that were found ("the
red cross"), and damage where spots were found. Other things, and what was not read, may have any numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from jianwei.evidence.areas import looks_named
from jianwei.evidence.intent import Quotation, asks_for_damage, quoted
from jianwei.evidence.json_patterns import CHARACTER, in_json
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.plain import plain
from jianwei.evidence.prompt import Reading
from jianwei.evidence.sight import Sight
from jianwei.evidence.telling import Sheet, told_box
from jianwei.types import Box, Grammar

_ALIKE = 0.8
"""A line is the quoted text though a character was misread when they share so much (``ratio`` of difflib)."""

_LONGEST = 60
"""Characters of a quoted text at most: about longer ones the model is left its own numbers."""

_NUMBER = r"(?:0|[1-9][0-9]?[0-9]?|1000)"
_BEFORE = re.compile(
    r"[\u4e00-\u9fff]{0,4}[图表格章]$|(?:[a-z]+ )?(?:chart|graph|table|plot|diagram|figure|button|stamp) $",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:板块|面板|模块|卡片|区块|栏目?|区域?|部分|按钮|框|图|表格?)|"
    r" (?:panel|card|section|block|area|button|box|chart|graph|table)\b",
    re.IGNORECASE,
)
"""Beside a quoted text: the kind of a thing that is named by it, as in: the panel “Basket”."""


def place_grammar(question: str, lines: Sequence[OcrLine], sight: Sight, refusal: str) -> Grammar:
    """The form of the answer: ``[{"label":"...","bbox_2d":[x1,y1,x2,y2]}]``, or the refusal.

    Args:
        question: asks for a place.
        lines: that were read in the picture.
        sight: of that picture.
        refusal: how the model says that it is not there.
    """
    image = sight.sheet
    numbers = ",".join([_NUMBER] * 4)
    entries: list[str] = []
    for quotation in quoted(question):
        places: dict[str, list[str]] = {}
        for label, place in _read_at(quotation.text, lines, image):
            places.setdefault(label, []).append(place)
        entries += [
            _entry(in_json(label), rf"(?:{'|'.join(dict.fromkeys(found))})")
            for label, found in places.items()
        ]
        if places and (thing := _named_by(quotation, question)):
            entries.append(_entry(thing, numbers))
    if not entries:
        seen = [] if quoted(question) else _seen(question, sight)
        places_seen = "|".join(dict.fromkeys(told_box(box, image) for box in seen))
        entries.append(_entry(f"{CHARACTER}*", f"(?:{places_seen})" if seen else numbers))
    return Grammar("regex", "|".join([*entries, re.escape(refusal)]))


def _seen(question: str, sight: Sight) -> list[Box]:
    """The boxes that a thing may have which the question names by its looks, or as damage; empty where any will do."""
    if asks_for_damage(question):
        return [spot.box for spot in sight.spots()]
    colours, forms = looks_named(question)
    if not colours and not forms:
        return []
    return [
        area.box
        for area in sight.areas()
        if (not colours or area.colour in colours) and (not forms or area.form in forms)
    ]


def _named_by(quotation: Quotation, question: str) -> str:
    """The thing that the question names by the quoted text, as the question has it; "" where it means the text."""
    _, start, end = quotation
    before, behind = _BEFORE.search(question[:start]), _BEHIND.match(question[end:])
    if before is None and behind is None:
        return ""
    # Where in Chinese its name begins, the pattern does not know.
    heads = [before[0][at:] for at in range(len(before[0]))] if before else [""]
    whole = in_json(question[start : end + (behind.end() if behind else 0)])
    return f"(?:{'|'.join(map(in_json, heads))}){whole}"


def _entry(label: str, box: str) -> str:
    return rf'\[\{{"label":"{label}","bbox_2d":\[{box}\]\}}\]'


def _read_at(text: str, lines: Sequence[OcrLine], image: Sheet) -> list[tuple[str, str]]:
    """Where the text was read: as a line of its own, else within one, else as the line that is most like it.

    Returns:
        Labels and places: of a line by itself both what is quoted and what was read.
    """
    wanted = plain(text)
    if not 0 < len(wanted) <= _LONGEST:
        return []
    readings = [Reading(" ".join(line.text.split()), line.ink, 0) for line in lines]
    found = [reading for reading in readings if plain(reading.text) == wanted]
    if not found:
        parts = [box for reading in readings if (box := reading.find(text)) is not None]
        if parts:
            return [(text, told_box(box, image)) for box in parts]
        alike = [SequenceMatcher(None, plain(reading.text), wanted).ratio() for reading in readings]
        best = max(alike, default=0.0)
        found = [r for r, share in zip(readings, alike, strict=True) if share == best >= _ALIKE]
    return [(label, told_box(one.box, image)) for one in found for label in dict.fromkeys((text, one.text))]
