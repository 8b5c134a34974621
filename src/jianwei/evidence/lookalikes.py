"""Characters that OCR takes for others that look like them, where the rest of the line or the page tells.

Of what is written by hand or in a regular script (楷体) the recognizer reads some hanzi in their traditional form,
``時`` for ``时``, now and then a letter for a figure. Each is replaced by one other, so places in a line stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from jianwei.evidence.ocr import OcrLine

_NOUGHT = re.compile(r"(?<![A-Za-z\d])(\d[\d.,]*)[oO](?=\d|(?![\w'’]))")
"""A letter behind figures that begin a word: ``1o``, ``2O5``; not in ``H2O`` and ``5o'clock``."""
_ROUND = re.compile(r"(?<=\d)C(?=[\d=÷×+)]|$)")
_FORMULA = re.compile(r"\d.*[=÷×]|=.*\d")
_LAMBDA = re.compile(r"Λ(?=[\sA-Za-z\d]|$)")
_GREEK = re.compile(r"[α-ωΑ-ΚΜ-Ω]")


def told_apart(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """The lines of a page with what was taken for something else by its looks."""
    simple = _is_simplified("".join(line.text for line in lines))
    found: list[OcrLine] = []
    for line in lines:
        text = _NOUGHT.sub(r"\g<1>0", line.text)
        if _FORMULA.search(text):
            text = _ROUND.sub("0", text)
        if not _GREEK.search(text):
            text = _LAMBDA.sub("A", text)
        if simple:
            text = text.translate(_simplified())
        found.append(line if text == line.text else replace(line, text=text))
    return found


def _is_simplified(text: str) -> bool:
    """Whether a page is in simplified hanzi: at least half as many can be nothing else as are read in the old form."""
    table = _simplified()
    old = sum(ord(character) in table for character in text)
    return old > 0 and 2 * sum(character in _only_simplified() for character in text) >= old


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional hanzi, none of GB2312, to their simplified form in it."""
    rows = files("jianwei.evidence").joinpath("traditional.txt").read_text(encoding="utf-8").split()
    return {
        ord(old): new
        for olds, news in zip(rows[::2], rows[1::2], strict=True)
        for old, new in zip(olds, news, strict=True)
    }


@lru_cache(maxsize=1)
def _only_simplified() -> frozenset[str]:
    """Simplified hanzi that no text in traditional ones has: Big5 lacks them."""
    return frozenset(new for new in _simplified().values() if not _in_big5(new))


def _in_big5(character: str) -> bool:
    try:
        character.encode("big5")
    except UnicodeEncodeError:
        return False
    return True
