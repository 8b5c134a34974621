"""What a question is after, as far as its words tell before any model has read it."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"“[^”]+”|\"[^\"]+\"|「[^」]+」|『[^』]+』")
_WHERE = re.compile(
    r"在哪(?!个)|哪里|哪儿|哪一处|何处|位置|什么地方|\b(?:where|spot|place|position|location)\b",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"框出|框选|框住|圈出|圈定|标出|标注|标记|定位|坐标|方框|边框|"
    r"\b(?:box|bbox|bounding|coordinates?|rectangle|outline|locate|frame|mark)\b",
    re.IGNORECASE,
)


def asks_for_place(question: str) -> bool:
    """Whether it asks where in the picture something stands: for its box, or where a text between quotes is.

    "Where" alone is not enough: where a shop lies is printed in the picture and no place in it.
    """
    if _MARK.search(question):
        return True
    return _WHERE.search(question) is not None and _QUOTED.search(question) is not None
