"""The form of an answer that says where something stands: a box, whose numbers are copied where the text was read.

A small model finds the right line and then slips from its numbers into those of another, which look alike. So what is
quoted in the question, and was read, can only be answered with a place where it was read; what was not read, a thing
or a drawing, with any numbers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from jianwei.evidence.intent import quoted
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.prompt import Reading
from jianwei.evidence.telling import Sheet, told_box
from jianwei.types import Grammar

_ALIKE = 0.8
"""A line is the quoted text though a character was misread when they share so much (``ratio`` of difflib)."""

_LONGEST = 60
"""Characters of a quoted text at most: about longer ones the model is left its own numbers."""

_NUMBER = r"(?:0|[1-9][0-9]?[0-9]?|1000)"
_CHARACTER = r'(?:[^"\\\n]|\\["\\/])'
"""Of a string in JSON."""


def place_grammar(question: str, lines: Sequence[OcrLine], image: Sheet, refusal: str) -> Grammar:
    """The form of the answer: ``[{"label":"...","bbox_2d":[x1,y1,x2,y2]}]``, or the refusal.

    Args:
        question: asks for a place.
        lines: that were read in the picture.
        image: that picture, for its size in pixels.
        refusal: how the model says that it is not there.
    """
    read: dict[str, list[str]] = {}
    for text in quoted(question):
        for label, place in _read_at(text, lines, image):
            read.setdefault(_in_json(label), []).append(place)
    told = [
        _entry(re.escape(label), rf"(?:{'|'.join(dict.fromkeys(places))})") for label, places in read.items()
    ]
    other = _entry(_other_than(list(read)), ",".join([_NUMBER] * 4))
    return Grammar("regex", "|".join([*told, other, re.escape(refusal)]))


def _entry(label: str, box: str) -> str:
    return rf'\[\{{"label":"{label}","bbox_2d":\[{box}\]\}}\]'


def _read_at(text: str, lines: Sequence[OcrLine], image: Sheet) -> list[tuple[str, str]]:
    """Where the text was read: as a line of its own, else within one, else as the line that is most like it.

    Returns:
        Labels and places: of a line by itself both what is quoted and what was read.
    """
    wanted = _plain(text)
    if not 0 < len(wanted) <= _LONGEST:
        return []
    readings = [Reading(" ".join(line.text.split()), line.ink, 0) for line in lines]
    alike = [SequenceMatcher(None, _plain(reading.text), wanted).ratio() for reading in readings]
    found = [reading for reading, share in zip(readings, alike, strict=True) if share == 1.0]
    if not found:
        parts = [box for reading in readings if (box := reading.find(text)) is not None]
        if parts:
            return [(text, told_box(box, image)) for box in parts]
        best = max(alike, default=0.0)
        found = [r for r, share in zip(readings, alike, strict=True) if share == best >= _ALIKE]
    return [(label, told_box(one.box, image)) for one in found for label in dict.fromkeys((text, one.text))]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _other_than(texts: Sequence[str]) -> str:
    """A pattern of any characters of a JSON string but these texts as a whole.

    It begins like one of them, or with nothing, and then ends or goes on in another way.
    """
    followers: dict[str, set[str]] = {"": set()}
    for text in texts:
        head = ""
        for piece in re.findall(r"\\.|[^\\]", text):  # an escaped character is one
            followers.setdefault(head, set()).add(piece)
            head += piece
        followers.setdefault(head, set())
    found: list[str] = []
    for head, next_ones in followers.items():
        plain = "".join(re.escape(piece) for piece in next_ones if len(piece) == 1)
        escaped = "".join(re.escape(mark) for mark in '"\\/' if f"\\{mark}" not in next_ones)
        others = [rf'[^"\\\n{plain}]', *([rf"\\[{escaped}]"] if escaped else [])]
        end = "" if head in texts else "?"
        found.append(rf"{re.escape(head)}(?:(?:{'|'.join(others)}){_CHARACTER}*){end}")
    return rf"(?:{'|'.join(found)})"
