"""The form of an answer that was found: the row that is told, or that it is not there."""

from __future__ import annotations

import re

from jianwei.evidence.pairs import label_and_value
from jianwei.evidence.telling import Telling
from jianwei.types import Grammar

_CELLS = 2
"""Of a row that can be an answer: a name and its value at most."""


def told_grammar(telling: Telling, refusal: str) -> Grammar | None:
    """A row that is told as it stands, its value alone, or the refusal; None where a row is no such answer.

    A model of a few million parameters knows whether a row answers a question better than it copies it, and at times
    writes a formula's end for ever; which row it is has been found without it.

    Args:
        telling: that answers.
        refusal: how the model says that it is not there, where that may be.
    """
    forms = [_form(row.split("\t")) for row in telling.text.removesuffix("\n").split("\n")]
    if not all(forms):
        return None
    return Grammar("regex", "|".join(forms if telling.surely else [*forms, re.escape(refusal)]))


def _form(cells: list[str]) -> str:
    """A pattern of a row: its value, with its name before it or not; empty where it has more, or none."""
    if len(cells) > _CELLS or not cells[-1]:
        return ""
    labelled = label_and_value(cells[0]) if len(cells) == 1 else None
    name, value = labelled or ("".join(cells[:-1]), cells[-1])
    if labelled and label_and_value(value):
        return ""  # OCR joined it with the next
    label = rf"(?:{re.escape(name.rstrip(' :：'))}\s?[:：]\s?)?" if name else ""
    return label + _told(value)


def _told(text: str) -> str:
    """A pattern of a text with or without the full stop of a sentence."""
    bare = text.rstrip("。.")
    return rf"{re.escape(bare)}[。.]?" if bare else re.escape(text)
