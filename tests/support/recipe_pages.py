"""Pages of text for recipes, as OCR would give them."""

from __future__ import annotations

import numpy as np

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.views import View
from jianwei.recipes.page import Page, page_of
from jianwei.types import Image


def blank(width: int = 600, height: int = 800) -> Image:
    return Image(np.full((height, width, 3), 255, np.uint8))


def line(text: str, left: float, top: float, high: float = 20.0) -> OcrLine:
    wide = sum(high if ord(letter) > 0x2E7F else 0.56 * high for letter in text)
    right, bottom = left + wide, top + high
    return OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99)


def page(*rows: list[tuple[str, float]] | str, image: Image | None = None, high: float = 20.0) -> Page:
    """A page of rows, each a text at the left or texts with their left edges."""
    lines: list[OcrLine] = []
    for number, row in enumerate(rows):
        cells = [(row, 20.0)] if isinstance(row, str) else row
        lines += [line(text, left, 20 + 36 * number, high) for text, left in cells]
    return page_of(View(image or blank()), lines)
