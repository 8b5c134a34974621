"""What is seen of a picture without a model: areas of one colour, spots, and ink in blank fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from jianwei.evidence.areas import Area, find_areas
from jianwei.evidence.ink import has_ink
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.spots import Spot, find_spots
from jianwei.evidence.telling import Sheet
from jianwei.types import Box, Image


@dataclass(frozen=True)
class Sight:
    """What is seen of a picture without a model.

    Attributes:
        sheet: the picture, for its size in pixels.
        areas: finds what stands out by its colour; called where a question asks for such things.
        spots: finds what is damaged, likewise.
        inked: whether somebody wrote into a box, in pixels, beside a line of this height.
    """

    sheet: Sheet
    areas: Callable[[], Sequence[Area]]
    spots: Callable[[], Sequence[Spot]]
    inked: Callable[[Box, float], bool]

    @classmethod
    def of(cls, image: Image, lines: Sequence[OcrLine]) -> Sight:
        """That of a picture in which these lines were read; what it finds is kept for the next question."""
        return cls(
            image,
            cache(lambda: find_areas(image, lines)),
            cache(lambda: find_spots(image, lines)),
            lambda box, height: has_ink(image.pixels, box, height),
        )
