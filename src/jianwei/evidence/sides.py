"""How two read texts lie to each other, worked out from their places for a question that asks it.

A small model is told the lines in reading order, without places, and cannot tell from that what stands left or above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.errors import Language
from jianwei.evidence.intent import asks_for_side, quoted
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.plain import plain
from jianwei.evidence.relations import Relation, relation_of, sentence

_FROM = re.compile(
    r"(?:from|to|of|than|with|against|beside|above|below|under|over|以|对|于|较|比|跟|和|与|从|离|拿|照|在)(?:the)?[“\"「『]?$"
)
_ON = re.compile(r"[”\"」』]?(?:为准|为参照|为基准|为中心|作参照|来看|相比|的?[左右上下])")
"""What stands before, or behind, the text that another is compared with; spaces are left out."""
_DIRECTIONS: tuple[Relation, ...] = ("left", "right", "above", "below")
_LEAST = 2
"""Characters of a text that is named without quotation marks."""


def told_sides(question: str, lines: Sequence[OcrLine], language: Language) -> str:
    """How the two texts that a question names lie to each other; "" where it asks nothing of that kind.

    ``Milk is left of Bread.``, where it says which of them is compared with the other, else once from each. Both must
    be lines of their own and be read once.
    """
    if not asks_for_side(question):
        return ""
    by_text: dict[str, list[OcrLine]] = {}
    for line in lines:
        by_text.setdefault(plain(line.text), []).append(line)
    names = [text for text in _named(question, by_text) if len(by_text[text]) == 1]
    if len(names) != 2:
        return ""
    named = [by_text[text][0] for text in names]
    compared = [_is_compared_with(text, plain(question)) for text in names]
    texts = [" ".join(line.text.split()) for line in named]
    end, between = ("。", "") if language == "zh" else (".", " ")
    said: list[str] = []
    for first, second in ((0, 1), (1, 0)):
        sides = relation_of(named[first].box, named[second].box)
        directions: list[Relation] = [each for each in _DIRECTIONS if each in sides]
        if directions and (compared[second] or not compared[first]):
            said.append(sentence(texts[first], texts[second], directions, language) + end)
    return between.join(said)


def _is_compared_with(text: str, question: str) -> bool:
    before, _, behind = question.partition(text)
    return bool(_FROM.search(before) or _ON.match(behind))


def _named(question: str, by_text: dict[str, list[OcrLine]]) -> list[str]:
    """The read texts that the question names: between its quotation marks if it has two pairs, else anywhere."""
    between = [plain(each.text) for each in quoted(question)]
    if len(between) == 2:
        return [text for text in between if text in by_text]
    rest, found = plain(question), list[str]()
    for text in sorted(by_text, key=len, reverse=True):
        if len(text) >= _LEAST and text in rest:
            found.append(text)
            rest = rest.replace(text, "\n")  # a shorter one within it is not meant
    return found
