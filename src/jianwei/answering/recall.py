"""Which pictures of earlier turns the question is about: those keep all of their blocks, or get them back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.answering.prepare import Prepared
from jianwei.evidence.naming import pictures_named
from jianwei.model.chat_template import Segment, TextSegment
from jianwei.types import ChatRequest

_PICTURE = "picture|image|photo|page|screenshot|document"
_ALL = re.compile(
    rf"所有|每[一]?[张幅页]|这些图|这几张|哪[一]?[张幅页]|\b(?:all|each|every|both|which)\b.{{0,20}}\b(?:{_PICTURE})s?\b",
    re.IGNORECASE,
)


def meant_pictures(question: str, names: Sequence[str]) -> frozenset[int]:
    """The pictures that a question names, or all where it asks about all; counted from 0.

    Args:
        question: in plain words.
        names: of all pictures of the conversation, in order.
    """
    if _ALL.search(question):
        return frozenset(range(len(names)))
    return frozenset(pictures_named(question, names).pictures)


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
    names = [image.name for image in prepared.showing.originals]
    named = meant_pictures(request.messages[-1].text, names) | {region.picture for region in request.regions}
    earlier = earlier_pictures(prepared.segments, message_begin)
    views = prepared.showing.views[:earlier]
    return frozenset(i for i, view in enumerate(views) if view is None or view.picture not in named)
