"""Fractions written one number above another: told as one line, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from jianwei.evidence.fractions import with_fractions
from jianwei.evidence.ocr import OcrLine, OcrReader
from jianwei.evidence.stacks import Ink, find_stacks
from jianwei.scenes import families, fonts
from jianwei.scenes.scene import Language, Split
from jianwei.types import Image, Pixels

RECEIPT = Path(__file__).parent / "pictures" / "receipt.png"


class Sheet:
    """White paper to write on."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self.picture = Picture.new("RGB", (round(700 * scale), round(500 * scale)), "white")
        self.pen = ImageDraw.Draw(self.picture)

    def write(self, text: str, x: float, y: float, size: float = 40) -> float:
        """Returns where it ends."""
        font = ImageFont.load_default(round(size * self.scale))
        self.pen.text((x * self.scale, y * self.scale), text, "black", font, anchor="lm")
        return x + font.getlength(text) / self.scale

    def rule(self, x1: float, x2: float, y: float) -> None:
        edges = (x1, y, x2, y)
        self.pen.line([edge * self.scale for edge in edges], "black", round(3 * self.scale))

    def fraction(self, above: str, below: str, x: float, y: float) -> float:
        """Around the level ``y``; returns where it ends."""
        widths = [ImageFont.load_default(30).getlength(half) for half in (above, below)]
        wide = max(widths) + 12
        for half, length, by in zip((above, below), widths, (-22, 22), strict=True):
            self.write(half, x + (wide - length) / 2, y + by, 30)
        self.rule(x, x + wide, y)
        return x + wide + 8

    @property
    def image(self) -> Image:
        return Image(np.asarray(self.picture))


@pytest.fixture(scope="module")
def reader() -> OcrReader:
    return OcrReader(threads=1)


def read(reader: OcrReader, image: Image) -> list[str]:
    lines = with_fractions(reader.read(image), image, reader.recognize)
    return [line.text.replace(" ", "").replace("：", ":") for line in lines]


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_fractions_are_told_within_their_lines(reader: OcrReader, scale: float) -> None:
    sheet = Sheet(scale)
    sheet.write("Homework of Emma, 5 May", 40, 60)
    x = sheet.fraction("2", "5", sheet.write("Multiply: ", 40, 170) + 6, 170)
    sheet.fraction("6", "10", sheet.write("x", x, 170) + 8, 170)
    sheet.fraction("2+6", "5+10", sheet.write("1. = ", 40, 280) + 6, 280)
    sheet.fraction("12", "50", sheet.write("2. = ", 40, 390) + 6, 390)
    assert read(reader, sheet.image) == [
        "HomeworkofEmma,5May",
        "Multiply:2/5×6/10",
        "1.=(2+6)/(5+10)",
        "2.=12/50",
    ]


def test_the_place_of_such_a_line_is_that_of_all_of_it(reader: OcrReader) -> None:
    sheet = Sheet()
    end = sheet.fraction("12", "50", sheet.write("Answer 2 = ", 40, 200) + 6, 200)
    (line,) = with_fractions(reader.read(sheet.image), sheet.image, reader.recognize)
    (left, top), _, (right, bottom), _ = line.ink
    assert (left, top, right, bottom) == pytest.approx((40, 165, end - 8, 235), abs=10)


def test_what_only_looks_like_one_stays_as_it_was_read(reader: OcrReader) -> None:
    sheet = Sheet()
    # A score underlined twice above a line, a table, and a field to fill in above a number.
    sheet.write("84", 600, 40)
    sheet.rule(596, 650, 68)
    sheet.rule(596, 650, 76)
    sheet.write("753 - 49 - 50", 420, 104)
    for y, row in ((180, ("Milk", "12", "30")), (240, ("Rice", "15", "44"))):
        for x, cell in zip((60, 220, 380), row, strict=True):
            sheet.write(cell, x, y)
        sheet.rule(40, 500, y + 30)
    sheet.write("Date: 12", 60, 320)
    sheet.rule(140, 420, 350)
    sheet.write("Sum 6 ÷ 2 = 3", 60, 420)
    lines = reader.read(sheet.image)
    assert with_fractions(lines, sheet.image, reader.recognize) == lines


def test_a_receipt_is_not_even_looked_at_closer(reader: OcrReader) -> None:
    image = Image(np.asarray(Picture.open(RECEIPT).convert("RGB")))
    lines = reader.read(image)

    def never(pieces: Sequence[Pixels]) -> list[tuple[str, float]]:
        raise AssertionError(f"{len(pieces)} pieces were read")

    assert with_fractions(lines, image, never) == lines


@pytest.mark.parametrize(
    ("language", "seed", "expected"),
    [
        ("zh", 2004, ["算一算:2/5×6/10", "1、=(2×6)/(5×10)", "2、=12/49"]),
        ("en", 2003, ["Multiply:1/8×1/3", "step1.=(1×2)/(8×3)", "step2.=1/24"]),
    ],
)
def test_photographed_homework(
    reader: OcrReader, language: str, seed: int, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In print, whichever fonts like handwriting are installed.
    installed = fonts.available

    def printed(language: Language, split: Split) -> tuple[Path, ...]:
        found = installed(language, split)
        return tuple(path for path in found if path.name.startswith(("NotoSerif", "DejaVuSerif"))) or found

    monkeypatch.setattr(fonts, "available", printed)
    monkeypatch.setattr(fonts, "hands", printed)
    image = families.draw("homework", seed, "test", "zh" if language == "zh" else "en").image
    told = read(reader, image)
    assert [line for line in told if line in expected] == expected


def test_no_lines_no_fractions() -> None:
    assert with_fractions([], Image(np.zeros((8, 8, 3), np.uint8)), lambda _: []) == []


def test_halves_are_told_with_their_bar() -> None:
    sheet = Sheet()
    sheet.fraction("3", "4", 100, 100)
    sheet.write("=", 300, 100)
    line = OcrLine("3", ((95, 60), (130, 60), (130, 95), (95, 95)), 0.9)
    (stack,) = find_stacks(Ink.of(sheet.image.pixels, [line], 40), 40)
    assert stack.above[3] <= stack.bar[1] < 100 < stack.bar[3] <= stack.below[1]
    assert stack.height == pytest.approx(66, abs=8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(6, 60))
def test_whatever_is_drawn_nothing_breaks(seed: int, strokes: int, high: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = np.full((120, 160, 3), 255, np.uint8)
    for x, y, wide, tall in rng.integers(0, (160, 120, 60, 12), (strokes, 4)).tolist():
        pixels[y : y + 1 + tall, x : x + 1 + wide] = 0
    corners = [(x, y) for y in (10, 10 + high) for x in (8, 150)]
    line = OcrLine("x=12", (corners[0], corners[1], corners[3], corners[2]), 0.9)
    told = with_fractions([line], Image(pixels), lambda pieces: [("12", 0.9)] * len(pieces))
    assert told
    assert all(each.text for each in told)
