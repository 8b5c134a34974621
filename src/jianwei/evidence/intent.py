"""What a question is after, as far as its words tell before any model has read it."""

from __future__ import annotations

import re
from typing import NamedTuple

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』")
_WHERE = re.compile(
    r"在哪(?![个块栏条张行页]|一[个块栏条张行页部]|部)|哪里|哪儿|哪一处|何处|位置|什么地方|"
    r"\bwhere(?:['’]s| is| are| does| do| can| in| on| stands)\b|\b(?:spot|place|position|location)\b",
    re.IGNORECASE,
)
_IN_PICTURE = re.compile(
    r"(?:图片?|画面|照片)[中里上的]?(?:哪里|哪儿|哪一?处|何处|哪个(?:位置|地方)|什么(?:位置|地方))|"
    r"\b(?:which|what) (?:spot|place|position|part) (?:in|of|on) the (?:picture|image|photo)\b|"
    r"\b(?:which|what) spot\b|\bwhere (?:in|on) the (?:picture|image|photo)\b",
    re.IGNORECASE,
)
_MARK = re.compile(
    # 坐标轴 is an axis, 标注的价格 a price, 箱上的标记 a sign: no places are asked for.
    r"框出|框选|框住|圈(?:出|定)(?!的)|标出(?![的了价])|标注(?![的着了])|标记(?:出|一下|[“「『])|把.*标记|"
    r"定位|坐标(?!轴)|方框|边框|边界框|(?:找[出到]|指出|画出)(?:文字)?[“「『][^”」』]+[”」』](?:的?位置)?\W*$|"
    r"\b(?:bbox|bounding|coordinates?|rectangle)\b|\b(?:box|frame|outline) (?:around|round)\b|"
    # A box, a frame and a mark are also things: what is asked for is to make one.
    r"(?:^|[.!?:;,]\s*|\b(?:please|to|and|you|me|it)\s+)(?:box|mark|frame|locate|detect|point out|"
    r"outline(?! (?:the|this) (?:picture|photo|image|page|shelf)))\s+"
    r"(?:the|all|any|every|each|this|that|these|those|where|[\"“「『])|"
    r"\b(?:give|return|output|draw|put|provide|print|report)(?: me)?(?: the| a)?(?: \w+)? "
    r"(?:box|frame|outline)\b(?!['’])",
    re.IGNORECASE,
)


def asks_for_place(question: str) -> bool:
    """Whether it asks where in the picture something stands: for its box, or where a text between quotes is.

    "Where" alone is not enough: where a shop lies is printed in the picture and no place in it; and where one text
    stands to another asks for a side.
    """
    if _MARK.search(question) or _IN_PICTURE.search(question):
        return True
    return _WHERE.search(question) is not None and len(quoted(question)) == 1


class Quotation(NamedTuple):
    """A text between quotation marks: with them it is ``question[start:end]``."""

    text: str
    start: int
    end: int


def quoted(question: str) -> list[Quotation]:
    """What stands between quotation marks, in order."""
    return [
        Quotation(next(filter(None, found.groups())), found.start(), found.end())
        for found in _QUOTED.finditer(question)
    ]
