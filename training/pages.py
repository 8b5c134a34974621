"""Pages of large print, and which characters lie under each visual token: what ``letters.py`` teaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import ImageDraw

import vocabulary
from jianwei.model.preprocess import PatchedImage, patch_image
from jianwei.scenes import camera, fonts, words
from jianwei.scenes.scene import Language
from samples import EYES

SLOTS = 3
"""Characters of one visual token at most that are told apart."""
_TOKEN = 32
"""Side of a visual token in pixels."""
_DARK = (0, 60)
_PALE = (200, 255)

Placed = list[tuple[str, float, float]]
"""Characters of a line with their middles in pixels."""


@lru_cache(maxsize=1)
def characters() -> list[str]:
    """Those that are one token of the vocabulary; the first stands for nothing."""
    tokenizer = vocabulary.tokenizer()
    wanted = dict.fromkeys([*vocabulary.gb2312_characters(), *map(chr, range(32, 127)), *"£€¥￥×÷±°·"])
    return ["空", *(each for each in wanted if each != "空" and len(tokenizer.encode(each)) == 1)]


@lru_cache(maxsize=1)
def _index() -> dict[str, int]:
    return {character: at for at, character in enumerate(characters())}


@dataclass(frozen=True, eq=False)
class Page:
    """A page as the tower sees it.

    Attributes:
        patched: the page.
        slots: ``[tokens, SLOTS]`` index of the characters whose middles lie in a token, from the left; 0 where there is
            none, -1 where it is not asked.
        before: ``[tokens]`` index of the character before the first of a token, 0 at a line's beginning; -1 where there
            is none.
        text: what it says, of a page of one line.
        language: of its words.
    """

    patched: PatchedImage
    slots: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]
    text: str
    language: Language


def full(rng: Random) -> Page:
    """A page full of lines, in letters of 26 to 84 pixels."""
    pixels, aspect = rng.uniform(64, 100) * _TOKEN**2, 2 ** rng.uniform(-0.7, 1.5)
    width, height = round((pixels * aspect) ** 0.5), round((pixels / aspect) ** 0.5)
    shrink = min(1.0, (EYES.max_tokens * _TOKEN**2 / pixels) ** 0.5)
    canvas = camera.background(rng, "train", width, height, pale=rng.random() < 0.85)
    pen, ink = _begun(rng, canvas, 0.12)
    language: Language = "zh" if rng.random() < 0.6 else "en"
    face = _face(rng, language)
    top, lines = rng.uniform(0, 20), []
    while True:
        size = round((rng.uniform(26, 48) if rng.random() < 0.65 else rng.uniform(48, 84)) / shrink)
        pitch = max(size * 1.2, 34 / shrink)
        if top + pitch > height:
            return _photographed(rng, canvas, lines, "", language)
        if rng.random() < 0.3:
            face = _face(rng, language)
        left, line = rng.uniform(2, 30), _words(rng, language)
        measure = face.at(size).getlength
        while measure(line) < width - left and rng.random() < 0.9:
            line += rng.choice(("", " ")) + _words(rng, language)
        while line and measure(line) > width - left:
            line = line[:-1]
        if line.strip():
            lines.append(_write(pen, line.strip(), face, size, (left, top + pitch / 2), ink))
        top += pitch + (rng.uniform(0, 30) if rng.random() < 0.3 else 0)


def single(rng: Random) -> Page:
    """One line in large letters, as ``jianwei.evals.print_task`` has them, in fonts of the training split."""
    language: Language = "zh" if rng.random() < 0.5 else "en"
    line = _alone(rng, language) if rng.random() < 0.75 else _words(rng, language)
    face = _face(rng, language)
    width = rng.choice((512, 512, 512, rng.randint(300, 700)))
    widest = 100 * rng.uniform(0.6, 0.92) * width / face.at(100).getlength(line)
    size = max(12, round(min(rng.uniform(60, 110), widest)))
    height = round(size * rng.uniform(1.8, 2.6))
    canvas = camera.background(rng, "train", width, height, pale=rng.random() < 0.9)
    pen, ink = _begun(rng, canvas, 0.08)
    room = width - face.at(size).getlength(line)
    left = room / 2 if rng.random() < 0.6 else rng.uniform(2, max(3, room - 2))
    middle = height / 2 + rng.uniform(-0.25, 0.25) * size * (rng.random() < 0.5)
    return _photographed(rng, canvas, [_write(pen, line, face, size, (left, middle), ink)], line, language)


def _face(rng: Random, language: Language) -> fonts.Face:
    """Print mostly; Chinese also as it is written, which a regular script is near to; Latin of a Chinese font."""
    if language == "en" and rng.random() < 0.15:
        language = "zh"
    return fonts.pick(rng, language, "train", by_hand=rng.random() < 0.2)


def _alone(rng: Random, language: Language) -> str:
    if rng.random() < 0.2:
        return words.digits(rng, rng.randint(3, 6))
    return rng.choice((words.goods, words.person, words.money))(rng, language)


def _words(rng: Random, language: Language) -> str:
    """Words of scenes, rows of characters without meaning, or figures."""
    kind = rng.random()
    if language == "zh":
        if kind < 0.5:
            return rng.choice((words.goods, words.person, words.company, words.address))(rng, "zh")
        if kind < 0.85:
            return words.random_hanzi(rng, 2, 8)
        return rng.choice((words.money, words.date))(rng, "zh")
    if kind < 0.35:
        return rng.choice((words.goods, words.person, words.company, words.address))(rng, "en")
    if kind < 0.6:
        return " ".join(words.random_letters(rng, 2, 9) for _ in range(rng.randint(1, 3)))
    if kind < 0.7:
        return "".join(chr(rng.randint(33, 126)) for _ in range(rng.randint(3, 10)))
    if kind < 0.85:
        return rng.choice((words.money, words.date, words.phone))(rng, "en")
    return rng.choice((words.code(rng), words.digits(rng, rng.randint(3, 8))))


def _begun(rng: Random, canvas: camera.Canvas, inverse: float) -> tuple[ImageDraw.ImageDraw, tuple[int, ...]]:
    """A pen and its ink; in a share of the pages pale on dark."""
    pen = ImageDraw.Draw(canvas)
    dark = tuple(rng.randint(*_DARK) for _ in range(3))
    if rng.random() >= inverse:
        return pen, dark
    pen.rectangle((0, 0, canvas.width, canvas.height), fill=dark)
    return pen, tuple(rng.randint(*_PALE) for _ in range(3))


def _write(
    pen: ImageDraw.ImageDraw,
    line: str,
    face: fonts.Face,
    size: float,
    at: tuple[float, float],
    ink: tuple[int, ...],
) -> Placed:
    """Draw a line from its left and its middle height."""
    font = face.at(size)
    pen.text(at, line, fill=ink, font=font, anchor="lm")
    ends = [at[0] + font.getlength(line[:end]) for end in range(len(line) + 1)]
    return [(character, (ends[i] + ends[i + 1]) / 2, at[1]) for i, character in enumerate(line)]


def _photographed(
    rng: Random, canvas: camera.Canvas, lines: Sequence[Placed], text: str, language: Language
) -> Page:
    image = camera.photograph(rng, canvas, rng.choice((0.0, 0.4, 0.8)))
    patched = patch_image(image, EYES)
    rows, columns = patched.grid[1] // 2, patched.grid[2] // 2
    slots = np.zeros((rows, columns, SLOTS), np.int64)
    before = np.full((rows, columns), -1, np.int64)
    held = np.zeros((rows, columns), np.int64)
    for line in lines:
        last = 0
        for character, x, y in line:
            cell = (
                min(rows - 1, max(0, int(y / image.height * rows))),
                min(columns - 1, max(0, int(x / image.width * columns))),
            )
            known = _index().get(character, -1)
            if held[cell] == 0:
                before[cell] = last
            if held[cell] < SLOTS:
                slots[(*cell, held[cell])] = known
            else:
                slots[cell] = -1
            held[cell] += 1
            last = known
    return Page(patched, slots.reshape(-1, SLOTS), before.ravel(), text, language)
