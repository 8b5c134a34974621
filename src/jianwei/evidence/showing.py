"""What of a conversation's pictures a model is shown for one question, and with which words.

A picture is shown whole. Where the question is about regions, the whole picture is shown small and each region
is cut from the original at full resolution, with words on where it lies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from jianwei.errors import InputError, Phrase
from jianwei.evidence.regions import describe
from jianwei.evidence.views import View, cut, cut_together, shrunk
from jianwei.types import Detail, Image, ImagePart, Message, Part, Region, TextPart, VideoPart

SMALL_TOKENS = 256
"""Visual tokens of the whole picture beside its regions: enough to see what a region belongs to."""

MIN_TOKENS, MAX_TOKENS = 4, 16384
"""Visual tokens that may be asked for; the most is Qwen3-VL's own limit."""


def parse_detail(text: str) -> tuple[Detail | None, int | None]:
    """The option in words: ``low``, ``auto``, ``high``, or a number of visual tokens; the other is None.

    Raises:
        InputError: ``bad_value``.
    """
    if text in {"low", "auto", "high"}:
        return cast("Detail", text), None
    if text.isascii() and text.isdecimal() and len(text) <= 6 and MIN_TOKENS <= int(text) <= MAX_TOKENS:
        return None, int(text)
    reason = Phrase(
        f"low, auto, high, or {MIN_TOKENS} to {MAX_TOKENS} visual tokens",
        f"应为 low、auto、high，或 {MIN_TOKENS} 到 {MAX_TOKENS} 个视觉词元",
    )
    raise InputError("bad_value", name="detail", got=text[:40], reason=reason)


@dataclass(frozen=True)
class Showing:
    """The conversation as the model gets it.

    Attributes:
        messages: with the pictures of ``views`` in place of the originals.
        views: of the vision segments, in order; None: a pair of video frames.
        originals: the pictures of the conversation.
    """

    messages: tuple[Message, ...]
    views: tuple[View | None, ...]
    originals: tuple[Image, ...]

    @property
    def regions(self) -> list[View]:
        """The views that are parts of pictures."""
        return [view for view in self.views if view is not None and view.part is not None]


def show(
    messages: Sequence[Message], regions: Sequence[Region], *, side: int, whole_too: bool = True
) -> Showing:
    """Choose what is shown.

    Args:
        messages: the conversation.
        regions: what the last question is about, inside their pictures.
        side: of one visual token in pixels.
        whole_too: show a picture also where regions of it are shown. A small model made for one picture at a
            time does better without, and gets several regions of a picture in one view.
    """
    by_picture: dict[int, list[Region]] = {}
    for region in regions:
        by_picture.setdefault(region.picture, []).append(region)
    originals: list[Image] = []
    views: list[View | None] = []
    shown: list[Message] = []
    for index, message in enumerate(messages):
        last = index == len(messages) - 1
        parts: list[Part] = []
        for part in message.parts:
            if isinstance(part, ImagePart):
                picture = len(originals)
                originals.append(part.image)
                view = View(part.image, picture)
                if picture in by_picture and last:
                    if not whole_too:
                        continue
                    view = shrunk(part.image, SMALL_TOKENS * side * side, picture)
                views.append(view)
                parts.append(ImagePart(view.image))
            else:
                if isinstance(part, VideoPart):
                    views += [None] * math.ceil(len(part.video.frames) / 2)
                parts.append(part)
        shown.append(replace(message, parts=tuple(parts)))
    if regions:
        crops = [
            crop
            for picture, wanted in by_picture.items()
            for crop in _crops(originals[picture], wanted, side / 4, apart=whole_too)
        ]
        shown[-1] = _with_crops(shown[-1], crops, _numbers(views), originals if whole_too else None)
        views += crops
    return Showing(tuple(shown), tuple(views), tuple(originals))


def _crops(image: Image, regions: Sequence[Region], margin: float, *, apart: bool) -> list[View]:
    """Regions of one picture cut out, each for itself or all in one view."""
    if apart or len(regions) == 1:
        return [cut(image, region, margin) for region in regions]
    return [cut_together(image, regions, margin)]


def _numbers(views: Sequence[View | None]) -> dict[int, int]:
    """The 1-based place among the shown pictures at which each whole picture stands."""
    return {view.picture: place for place, view in enumerate((v for v in views if v is not None), 1)}


def _with_crops(
    message: Message, crops: Sequence[View], numbers: Mapping[int, int], originals: Sequence[Image] | None
) -> Message:
    """The last message with its regions before the question, and words on where they lie."""
    question = message.text
    pictures: list[Part] = [part for part in message.parts if not isinstance(part, TextPart)]
    pictures += [ImagePart(crop.image) for crop in crops]
    words = ""
    if originals is not None:
        first = max(numbers.values(), default=0) + 1
        words = describe(crops, numbers, originals, first, question)
    return replace(message, parts=(*pictures, TextPart(words + question)))
