"""Which pictures of earlier turns the question is about: those keep all of their blocks, or get them back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.answering.prepare import Prepared
from jianwei.model.chat_template import Segment, TextSegment
from jianwei.types import ChatRequest

_ZH = {word: number for number, word in enumerate("一二三四五六七八九十", 1)}
_EN = {
    word: number
    for number, words in enumerate(
        ("first one", "second two", "third three", "fourth four", "fifth five", "sixth six", "seventh seven",
         "eighth eight", "ninth nine", "tenth ten"), 1
    )
    for word in words.split()
}  # fmt: skip
_NUMBER = rf"\d+|{'|'.join(_ZH)}|{'|'.join(_EN)}"
_PICTURE = "picture|image|photo|page|screenshot|document|图片|图像|照片|截图|图"
_NAMED = re.compile(
    rf"第\s*({_NUMBER})\s*(?:张|幅|页|个图)|(?:图片|照片|图)\s*({_NUMBER})"
    rf"|\b(?:{_PICTURE})\s*(?:no\.?|number|#)?\s*({_NUMBER})\b"
    rf"|\b({_NUMBER})(?:st|nd|rd|th)?\s+(?:{_PICTURE})\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"所有|每[一]?[张幅页]|这些图|这几张|哪[一]?[张幅页]|\b(?:all|each|every|both|which)\b.{{0,20}}\b(?:{_PICTURE})s?\b",
    re.IGNORECASE,
)


def named_pictures(question: str, count: int) -> frozenset[int]:
    """The pictures that a question names by their number, or all where it asks about all; counted from 0.

    Args:
        question: in plain words.
        count: pictures of the conversation.
    """
    if _ALL.search(question):
        return frozenset(range(count))
    words = (next(filter(None, match.groups())).lower() for match in _NAMED.finditer(question))
    numbers = {_ZH.get(word) or _EN.get(word) or int(word) for word in words}
    return frozenset(number - 1 for number in numbers if 1 <= number <= count)


def earlier_pictures(segments: Sequence[Segment], message_begin: int) -> int:
    """How many vision segments stand before the newest message of the user.

    Args:
        segments: a prompt; its last message is the answer's beginning, the one before it the question.
        message_begin: the token that begins a message.
    """
    seen, before = 0, [0, 0]
    for segment in segments:
        if isinstance(segment, TextSegment):
            before += [seen] * segment.ids.count(message_begin)
        else:
            seen += 1
    return before[-2]


def may_leave_out(request: ChatRequest, prepared: Prepared, message_begin: int) -> frozenset[int]:
    """Vision segments of earlier turns that the question does not name; see ``EngineRequest.may_leave_out``."""
    named = named_pictures(request.messages[-1].text, len(prepared.showing.originals))
    named |= {region.picture for region in request.regions}
    earlier = earlier_pictures(prepared.segments, message_begin)
    views = prepared.showing.views[:earlier]
    return frozenset(i for i, view in enumerate(views) if view is None or view.picture not in named)
