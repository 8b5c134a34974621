"""The form of an answer that was found: the row that is told, or that it is not there."""

from __future__ import annotations

import re

from jianwei.evidence.telling import Telling
from jianwei.types import Grammar

_CELLS = 2
"""Of a row that can be an answer: a name and its value at most."""


def told_grammar(telling: Telling, refusal: str) -> Grammar | None:
    """What is told as it stands, its value alone, or the refusal; None where it is none of one row.

    A model of a few million parameters knows whether a row answers a question better than it copies it, and at times
    writes a formula's end for ever; which row it is has been found without it.

    Args:
        telling: that answers.
        refusal: how the model says that it is not there, where that may be.
    """
    cells = telling.text.removesuffix("\n").split("\t")
    if "\n" in telling.text[:-1] or len(cells) > _CELLS or not cells[-1]:
        return None
    value = _told(cells[-1])
    if len(cells) == _CELLS:
        value = rf"(?:{re.escape(cells[0].rstrip(' :：'))}(?:: |：))?{value}"
    return Grammar("regex", value if telling.surely else f"{value}|{re.escape(refusal)}")


def _told(text: str) -> str:
    """A pattern of a text with or without the full stop of a sentence."""
    bare = text.rstrip("。.")
    return rf"{re.escape(bare)}[。.]?" if bare else re.escape(text)
