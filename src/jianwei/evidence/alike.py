"""Names that OCR misread by one hanzi: a question after ``鲷鬏香菇`` is about the line ``鲷鬆香菇``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from jianwei.evidence.plain import plain

_LEAST = 3
"""Characters of a name that may be misread; of shorter ones too little is left."""
_COMMON = range(0xB0, 0xD8)
"""First bytes of the 3755 hanzi of GB2312 by how often they are written; the other 3008 are by their radicals."""


def misread(names: Iterable[str], question: str) -> set[str]:
    """Those of the names that stand in the question but for one hanzi.

    Only names with a rare hanzi: these are misread, and are in names; of common words one that differs from another by
    one hanzi means another thing (``订单号``, ``快递单号``).
    """
    said = plain(question)
    rare = any(map(_is_rare, said))
    return {
        name for name in names if (rare or any(map(_is_rare, name))) and _stands_almost(plain(name), said)
    }


def _stands_almost(name: str, said: str) -> bool:
    length = len(name)
    if length < _LEAST or not any(map(_is_hanzi, name)):
        return False
    windows = (said[at : at + length] for at in range(len(said) - length + 1))
    return any(_differ(name, window) and any(map(_is_rare, name + window)) for window in windows)


def _differ(name: str, window: str) -> bool:
    """Whether they differ in one place alone, in which both have a hanzi."""
    places = [(a, b) for a, b in zip(name, window, strict=True) if a != b]
    return len(places) == 1 and all(map(_is_hanzi, places[0]))


def _is_hanzi(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


@lru_cache(maxsize=8192)
def _is_rare(character: str) -> bool:
    try:
        return _is_hanzi(character) and character.encode("gb2312")[0] not in _COMMON
    except UnicodeEncodeError:
        return True
