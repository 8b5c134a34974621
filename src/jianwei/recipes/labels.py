"""Many labels, looked for at the beginning of a text at once.

A paper of a kind may print its total under any of a hundred labels, and a recipe knows a thousand in all: each
beginning of a text is looked up in a table, instead of each label being tried.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jianwei.evidence.plain import plain

_AFTER_LABEL = re.compile(r"\s*(?:[(（][^()（）]{0,16}[)）])?\s*([:：])?\s*(.*)", re.DOTALL)

_FUZZY = 4
"""Characters from which a label may be read with one of them wrong."""


class After(NamedTuple):
    """A label that a text begins with, and what stands behind it.

    Attributes:
        rank: of the label: longer ones come first, those of equal length as they were given.
        label: as it was given.
        colon: whether one stands behind it.
        rest: what follows.
    """

    rank: int
    label: str
    colon: bool
    rest: str


class Labels:
    """Labels as they may be printed, in any width and case, with or without spaces and a final colon."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._known: dict[str, tuple[int, str]] = {}
        self._near: dict[tuple[int, str], list[str]] = {}
        for rank, label in enumerate(sorted(labels, key=lambda text: -len(plain(text)))):
            wanted = plain(label).rstrip(":")
            if not wanted or wanted in self._known:
                continue
            self._known[wanted] = rank, label
            for key in _without_one(wanted):
                self._near.setdefault(key, []).append(wanted)
        self._longest = max(map(len, self._known), default=0)

    def at_start(self, text: str, *, fuzzy: bool = True) -> Iterator[After]:
        """Those that a text begins with as whole words, the shortest first.

        With ``fuzzy`` one character of a longer label may have been misread.
        """
        said = ""
        for at, character in enumerate(text):
            piece = plain(character)
            said += piece
            if len(said) > self._longest:
                return
            meant = self._meant(said, fuzzy) if piece else ()
            rest = text[at + 1 :]
            if not meant or _goes_on(said, rest):
                continue
            found = _AFTER_LABEL.fullmatch(rest)
            if found is None:
                continue
            for wanted in meant:
                rank, label = self._known[wanted]
                yield After(rank, label, found[1] is not None, found[2].strip())

    def begin(self, text: str, *, fuzzy: bool = True, colon: bool = False) -> bool:
        """Whether a text begins with one of them, with a colon behind it where that is asked for."""
        return any(after.colon or not colon for after in self.at_start(text, fuzzy=fuzzy))

    def _meant(self, said: str, fuzzy: bool) -> Sequence[str]:
        """Which of them a beginning is."""
        if not fuzzy:
            return (said,) if said in self._known else ()
        near = {wanted for key in _without_one(said) for wanted in self._near.get(key, ())}
        if said in self._known:
            near.add(said)
        return sorted(near, key=lambda wanted: self._known[wanted])


@functools.lru_cache(maxsize=256)
def labels_of(labels: tuple[str, ...]) -> Labels:
    """The table of these labels, made once."""
    return Labels(labels)


def after_label(text: str, label: str, *, fuzzy: bool = True) -> tuple[bool, str] | None:
    """What stands behind one label at the beginning of a text: whether there is a colon, and the rest; None: not it."""
    after = next(labels_of((label,)).at_start(text, fuzzy=fuzzy), None)
    return None if after is None else (after.colon, after.rest)


def _without_one(said: str) -> list[tuple[int, str]]:
    """A longer text without each of its characters in turn: texts that share one differ in that place alone."""
    return [(at, said[:at] + said[at + 1 :]) for at in range(len(said))] if len(said) >= _FUZZY else []


def _goes_on(said: str, rest: str) -> bool:
    """Whether a word goes on: "Total" is no part of "Totals"."""
    return rest[:1].isalnum() and said[-1:].isascii() and said[-1:].isalnum() and rest[0].isascii()
