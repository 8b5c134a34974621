"""What a small model is told once more right before a question: the rows it names, or how two texts lie.

Evidence is a page long, and what a question is about stands somewhere in it. What people name in their words ("what
does the milk cost") is found by comparing texts, which needs no model, and then stands where it is easily copied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from jianwei.errors import Language
from jianwei.evidence.intent import asks_for_place
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.plain import spaced
from jianwei.evidence.sides import told_sides
from jianwei.evidence.telling import Telling, tell_rows

MAX_ROWS = 3
"""Rows told once more: those with the longest names in the question."""

_LEAST, _LEAST_LATIN = 2, 3
"""Characters of a name; shorter ones are everywhere."""

_HANZI = re.compile(r"[\u2e80-\uffef]")
_PART = re.compile(r"(.+?)\s*(?:[:：]|[×x*] ?\d+$)")
"""A label before its colon, or an article before its number."""


Rows = Sequence[Sequence[OcrLine]]


def reminder(question: str, rows: Rows, language: Language) -> Telling:
    """What is told before the question, each on a line of its own; empty where it names nothing that was read.

    A question for a place is told places, and nothing more.

    Args:
        question: in ``language``.
        rows: that are told of the picture, as ``Telling.rows`` has them.
        language: for words about sides.
    """
    if asks_for_place(question):
        return Telling("")
    sides = told_sides(question, [line for row in rows for line in row], language)
    return Telling(f"{sides}\n") if sides else tell_rows(named_rows(question, rows))


def named_rows(question: str, rows: Rows) -> list[Sequence[OcrLine]]:
    """The rows of which the question names a line or a part of one (``_names``); in their order."""
    names = {name for row in rows for line in row for name in _names(line.text)}
    said = spaced(question)
    bare = said.replace(" ", "")
    names = {name for name in names if name.replace(" ", "") in bare}
    found: set[str] = set()
    for name in sorted(names, key=len, reverse=True):
        if _stands_in(name, said) is not None:
            found.add(name)
            while (at := _stands_in(name, said)) is not None:
                said = f"{said[: at[0]]}\n{said[at[1] :]}"  # a shorter one within it is not meant
    longest = [
        max((len(name) for line in row for name in _names(line.text) if name in found), default=0)
        for row in rows
    ]
    named = sorted((at for at, length in enumerate(longest) if length), key=lambda at: -longest[at])[
        :MAX_ROWS
    ]
    # What stands alone in its row may have its figures below, as on a till slip.
    told = {at + below for at in named for below in range(2 if _is_bare(rows[at]) else 1)}
    return [row for at, row in enumerate(rows) if at in told]


def _is_bare(row: Sequence[OcrLine]) -> bool:
    """Whether it is a name with nothing beside it."""
    return len(row) == 1 and re.search(r"[:：]\s*\S", row[0].text) is None


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[str, ...]:
    """What a line may be named by: all of it, or its label, or the article that it counts."""
    whole = spaced(text)
    part = _PART.match(whole)
    return tuple(name for name in (whole, part[1] if part else "") if len(name) >= _least(name))


def _least(name: str) -> int:
    return _LEAST if _HANZI.search(name) else _LEAST_LATIN


def _stands_in(name: str, text: str) -> tuple[int, int] | None:
    """Where a name stands as whole words and numbers."""
    before = r"(?<![a-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![a-z0-9]|[.,]\d)" if name[-1].isascii() and name[-1].isalnum() else ""
    # Nobody minds the spaces beside hanzi, signs and figures.
    pattern = r"\s*".join(re.escape(part) for part in re.findall(r"[a-z]+|[^a-z\s]", name))
    found = re.search(before + pattern + after, text)
    return None if found is None else found.span()
