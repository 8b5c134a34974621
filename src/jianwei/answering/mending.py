"""Bad photos mended on their way to the model; what was found and done is told with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jianwei.answering.parts import Parts
from jianwei.evidence.regions import language_of
from jianwei.evidence.showing import Showing
from jianwei.evidence.views import View
from jianwei.types import ChatRequest, Enhanced, ImagePart, Message


def mended(parts: Parts, request: ChatRequest, showing: Showing) -> tuple[Showing, tuple[Enhanced, ...]]:
    """The same views with what is broken in their pictures mended, and what was done to each picture.

    A mended view still knows the way back to the original's pixels, so boxes and heat maps come out right.
    """
    if request.enhance == "off":
        return showing, ()
    language = language_of(request.messages[-1].text)
    views: list[View | None] = []
    told: dict[int, Enhanced] = {}
    for view in showing.views:
        if view is None:
            views.append(None)
            continue
        result = parts.mended(view.image, request.enhance)
        back = view.to_original @ result.way.to_original
        views.append(View(result.image, view.picture, back, view.part) if result.did else view)
        part = view.whole_box if view.part is not None else None
        enhanced = Enhanced(view.picture, result.found.to_dict(), result.did, result.said(language), part)
        if part is None:
            told[view.picture] = enhanced
        else:
            told.setdefault(view.picture, enhanced)
    shown = iter([view for view in views if view is not None])
    messages = tuple(_with_views(message, shown) for message in showing.messages)
    return replace(showing, messages=messages, views=tuple(views)), tuple(told.values())


def _with_views(message: Message, views: Iterator[View]) -> Message:
    """The message with the next views for its pictures."""
    parts = tuple(
        ImagePart(next(views).image) if isinstance(part, ImagePart) else part for part in message.parts
    )
    return replace(message, parts=parts)
