"""Which pictures of a conversation a question names: “picture 3”, “第一张图”, “page 2”, “the last photo”.

A page is known by the number at the end of its picture's name (``report.pdf · 2``, see ``media.pages``), everything
else by its place in the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CHINESE = {word: number for number, word in enumerate("一二三四五六七八九十", 1)}
_ENGLISH = {
    word: number
    for number, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), 1
    )
}
_LAST = {"最后一", "最后", "last"}

_NUMBER = r"\d{1,3}|[一二三四五六七八九十]"
_AFTER = r"(?:里面的|里面|里的|中的|上的|的|里|中|上)?"
_NAMING = re.compile(
    rf"(?:在)?(?:第\s*(?P<zh>{_NUMBER})\s*|(?P<zh_last>最后一?))(?P<zh_kind>页|[张幅](?:图片|照片|图)?){_AFTER}[，,]?\s*"
    rf"|(?:在)?图片?\s*(?P<zh_plain>\d{{1,3}}){_AFTER}[，,]?\s*"
    r"|\s*\b(?:(?:in|on|of|from)\s+)?(?P<en_kind>picture|image|photo|page)\s+(?:no\.?\s*|#\s*)?(?P<en>\d{1,3})\b,?"
    r"|\s*\b(?:(?:in|on|of|from)\s+)?the\s+(?P<en_word>" + "|".join([*_ENGLISH, "last"]) + r")"
    r"\s+(?P<en_word_kind>picture|image|photo|page)\b,?",
    re.IGNORECASE,
)
_PAGE = re.compile(r" · (\d+)$")


@dataclass(frozen=True)
class Named:
    """What a question names.

    Attributes:
        pictures: which pictures of the conversation, counted from 0, each once; empty: none.
        rest: the question without the words that name them, where these name one picture; else as it is.
    """

    pictures: tuple[int, ...]
    rest: str


def pictures_named(question: str, names: Sequence[str]) -> Named:
    """Find the pictures that a question names.

    Args:
        question: as a person wrote it.
        names: of all pictures of the conversation, in order. A picture that is not there is not named.
    """
    found: dict[int, None] = {}
    for match in _NAMING.finditer(question):
        picture = _picture(match, names)
        if picture is not None:
            found[picture] = None
    if len(found) != 1:
        return Named(tuple(found), question)
    rest = _NAMING.sub(lambda match: "" if _picture(match, names) in found else match[0], question).strip()
    # “Picture 2?” names one and asks nothing else.
    return Named(tuple(found), rest if re.search(r"\w", rest) else question)


def _picture(match: re.Match[str], names: Sequence[str]) -> int | None:
    word = next(match[name] for name in ("zh", "zh_last", "zh_plain", "en", "en_word") if match[name])
    lower = word.lower()
    if lower in _LAST:
        return len(names) - 1 if names else None
    number = int(word) if word.isdecimal() else _CHINESE.get(word) or _ENGLISH[lower]
    kind = match["zh_kind"] or match["en_kind"] or match["en_word_kind"] or ""
    if kind.lower() in {"页", "page"}:
        pages = [
            index
            for index, name in enumerate(names)
            if (page := _PAGE.search(name)) and int(page[1]) == number
        ]
        if pages:
            return pages[-1]
    return number - 1 if 1 <= number <= len(names) else None
