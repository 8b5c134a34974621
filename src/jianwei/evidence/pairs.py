"""Labels and what stands behind them: ``Name: John   Class: 8A`` is two pairs, also where OCR made one line of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from jianwei.evidence.ocr import OcrLine

_LABEL = re.compile(r"(?:[A-Z][a-z]*\.?(?: [a-z]+| [A-Z])*|[\u4e00-\u9fff]{2,8})\s*[:：]")
"""``Party A:``, ``Ship to:`` or ``姓名：``; in English it begins with a capital letter."""
_HEADS = r"(?:Name|Class|Date|Grade)\b"
_NEXT = re.compile(
    rf"\s+(?={_LABEL.pattern})|(?:\s+|(?<=\d[A-Z]))(?={_HEADS}\s*[:：]?\s*\S)|"
    rf"(?<=[a-z])(?={_HEADS}[:：])|(?<=[^\s:：])(?=(?:日期|班级|姓名)[:：])"
)
"""Where another label begins; those at the head of exercise sheets also without a space or a colon."""
_NAMED = re.compile(r"\s*n[a-z]{1,3}e\s+\S", re.IGNORECASE)
"""A name's label without its colon, as OCR reads it."""
_BEGINS = re.compile(r"[^\d:：][^:：]{0,30}(?:(?<!\d)[:：]|[:：](?!\d))")
"""No time of day, which has figures on both sides of its colon."""
_FILLED = re.compile(r"[:：]\s*\S")
_BARE = re.compile(r"[^:：]+[:：]\s*")


def pairs(row: Sequence[OcrLine]) -> list[list[OcrLine]]:
    """A row in its parts, each a label with what stands behind it; a row without labels is one part."""
    parts: list[list[OcrLine]] = []
    for line in (piece for whole in row for piece in _apart(whole)):
        if not parts or _BEGINS.match(line.text):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def is_blank(pair: Sequence[OcrLine]) -> bool:
    """Whether it is a label and nothing that was read behind it."""
    return len(pair) == 1 and _BARE.fullmatch(pair[0].text) is not None


def is_labelled(pair: Sequence[OcrLine]) -> bool:
    """Whether it begins with a label."""
    return _BEGINS.match(pair[0].text) is not None


def label_and_value(text: str) -> tuple[str, str] | None:
    """A label without its colon and what stands behind it on the line; None where it has none, or nothing behind."""
    begun = _BEGINS.match(text)
    value = text[begun.end() :].strip() if begun else ""
    return (text[: begun.end() - 1].rstrip(), value) if begun and value else None


def cut(line: OcrLine, start: int, end: int | None = None) -> OcrLine:
    """A part of a line: characters ``start`` to ``end`` of its text, and about where they stand."""
    text = line.text[start:end]
    kept = text.strip()
    first = start + len(text) - len(text.lstrip())
    a, b, c, d = line.quad
    whole = max(1, len(line.text))
    left, right = first / whole, (first + len(kept)) / whole

    def along(p: tuple[float, float], q: tuple[float, float], share: float) -> tuple[float, float]:
        return p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])

    quad = (along(a, b, left), along(a, b, right), along(d, c, right), along(d, c, left))
    return replace(line, text=kept, quad=quad)


def _apart(line: OcrLine) -> list[OcrLine]:
    """A line that holds several labels in its parts."""
    if not _BEGINS.match(line.text):
        return [line]
    edges = [0]
    for found in _NEXT.finditer(line.text):
        if _FILLED.search(line.text, edges[-1], found.start()) or _NAMED.match(line.text, edges[-1]):
            edges.append(found.start())
    if len(edges) == 1:
        return [line]
    return [cut(line, start, end) for start, end in pairwise([*edges, len(line.text)])]
