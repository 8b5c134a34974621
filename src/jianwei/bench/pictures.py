"""The pictures that both sides are asked about: a printed page, a dense one, a screen, and a photo.

Words are random letters: nothing is ever read here, only how much of a picture is plain matters. Equal seeds give
equal pictures.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from jianwei.bench.worker import picture

Kind = Literal["page", "dense", "screen", "photo"]
KINDS: tuple[Kind, ...] = ("page", "dense", "screen", "photo")
Pixels = npt.NDArray[np.uint8]


@lru_cache(maxsize=2)
def draw(kind: str, side: int, seed: int) -> Pixels:
    """A picture ``[side, side, 3]``.

    ``page`` has the margins of an office letter (12 % on each side), a heading, paragraphs of 15 pixels on 1024 and a
    ruled table; ``dense`` print from edge to edge; ``screen`` the bars, rows and a picture of an application;
    ``photo`` has nothing in it that repeats.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of picture: {kind}")
    chance = random.Random(f"{kind} {side} {seed}")
    if kind == "photo":
        return picture(side, seed)
    if kind == "screen":
        return _screen(side, seed, chance)
    return _page(side, 0.12 if kind == "page" else 0.03, chance, letter=kind == "page")


def _page(side: int, margin: float, chance: random.Random, *, letter: bool) -> Pixels:
    """Print inside margins; a letter has a heading, gaps between paragraphs and a table."""
    canvas = PillowImage.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(canvas)
    size = max(6, round(side * (15 if letter else 13) / 1024))
    font = _font(size)
    edge = round(side * margin)
    width, bottom = side - 2 * edge, side - edge
    y = edge
    if letter:
        pen.text((edge, y), _line(chance, 0.55 * width, _font(2 * size)), "black", _font(2 * size))
        y += 4 * size
    while y < bottom - (8 * size if letter else size):
        for number in range(chance.randint(4, 7)):
            if y >= bottom - (8 * size if letter else size):
                break
            share = chance.uniform(0.3, 0.9) if number == 6 or chance.random() < 0.12 else 1.0
            pen.text((edge, y), _line(chance, share * width, font), "black", font)
            y += round(1.45 * size)
        y += size if letter else 0
    if letter:
        row = round(1.7 * size)
        for number in range(4):
            for column in range(3):
                left, top = edge + column * width // 3, bottom - (4 - number) * row
                pen.rectangle((left, top, left + width // 3, top + row), outline="black")
                pen.text((left + size // 2, top + size // 4), _line(chance, width / 5, font), "black", font)
    return np.asarray(canvas)


def _screen(side: int, seed: int, chance: random.Random) -> Pixels:
    """An application: a bar above, a menu on the left, rows of words, and a picture."""
    canvas = PillowImage.new("RGB", (side, side), (246, 247, 249))
    pen = ImageDraw.Draw(canvas)
    size = max(6, round(side * 16 / 1024))
    font = _font(size)
    bar, menu = round(0.07 * side), round(0.2 * side)
    pen.rectangle((0, 0, side, bar), fill=(32, 74, 135))
    pen.text((size, bar // 2 - size // 2), _line(chance, 0.3 * side, font), "white", font)
    pen.rectangle((0, bar, menu, side), fill=(228, 231, 236))
    for number in range(9):
        place = size, bar + round((number + 0.7) * 2.6 * size)
        pen.text(place, _line(chance, 0.7 * menu, font), (60, 60, 70), font)
    top = bar + 2 * size
    while top < 0.62 * side:
        pen.rounded_rectangle((menu + size, top, side - size, top + 3 * size), size // 2, fill="white")
        words = _line(chance, chance.uniform(0.15, 0.45) * side, font)
        pen.text((menu + 2 * size, top + size), words, (40, 40, 48), font)
        top += 4 * size
    shown = round(0.28 * side)
    canvas.paste(PillowImage.fromarray(picture(shown, seed)), (menu + 2 * size, round(0.68 * side)))
    return np.asarray(canvas)


def _line(chance: random.Random, width: float, font: ImageFont.FreeTypeFont) -> str:
    """Words as wide as fits."""
    words = ""
    while True:
        word = "".join(chance.choices("aaabcdeeeefghiiklmnnooprrssttuvwy", k=chance.randint(2, 9)))
        longer = f"{words} {word}".strip()
        if words and font.getlength(longer) > width:
            return words
        words = longer


def _font(size: int) -> ImageFont.FreeTypeFont:
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))
