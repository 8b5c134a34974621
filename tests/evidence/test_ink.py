"""Whether somebody wrote on a line, and what is told of blank fields."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from jianwei.evidence.ink import has_ink, is_red
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.seen import with_fields
from jianwei.evidence.sight import Sight
from jianwei.types import Image


def paper(width: int = 400, height: int = 60) -> np.ndarray:
    return np.full((height, width, 3), 250, np.uint8)


def scribble(pixels: np.ndarray, left: int, top: int, width: int, height: int) -> None:
    points = [(left + i, round(top + height / 2 + height / 2 * math.sin(i / 6))) for i in range(width)]
    cv2.polylines(pixels, [np.array(points, np.int32)], False, (30, 40, 120), 2)


def test_a_signature_is_ink_above_the_line_and_the_line_alone_is_none() -> None:
    pixels = paper()
    cv2.line(pixels, (10, 45), (390, 47), (20, 20, 20), 2)
    assert not has_ink(pixels, (0, 0, 400, 60), 20)
    cv2.circle(pixels, (200, 20), 25, (220, 40, 40), 3)
    assert not has_ink(pixels, (0, 0, 400, 60), 20), "a red stamp is no signature"
    scribble(pixels, 50, 10, 90, 26)
    assert has_ink(pixels, (0, 0, 400, 60), 20)


def test_red_ink() -> None:
    pixels = paper()
    cv2.putText(pixels, "77", (20, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (210, 30, 30), 3)
    cv2.putText(pixels, "77", (220, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 3)
    assert is_red(pixels, (0, 0, 200, 60))
    assert not is_red(pixels, (200, 0, 400, 60))


def line(text: str, left: float, right: float, slope: float = 0.0) -> OcrLine:
    rise = slope * (right - left)
    return OcrLine(text, ((left, 20), (right, 20 + rise), (right, 40 + rise), (left, 40)), 0.9)


@pytest.mark.parametrize(
    ("language", "written", "blank"), [("en", "handwriting", "blank"), ("zh", "手写", "空白")]
)
def test_blank_fields_are_told_by_what_is_seen_in_them(language: str, written: str, blank: str) -> None:
    pixels = paper()
    cv2.line(pixels, (90, 42), (390, 42), (20, 20, 20), 1)
    row = [line("Signed:", 10, 90), line("Date:", 250, 300)]
    sight = Sight.of(Image(pixels), row)
    assert [each.text for each in with_fields(row, sight, language)] == ["Signed:", blank, "Date:", blank]
    scribble(pixels, 110, 14, 100, 26)
    told = with_fields(row, Sight.of(Image(pixels), row), language)
    assert [each.text for each in told] == ["Signed:", written, "Date:", blank]
    left, top, right, bottom = told[1].box
    assert 90 < left < 110  # where it looked
    assert 210 < right < 250
    assert top < 20 < bottom <= 40


def test_what_is_filled_in_is_told_as_it_is() -> None:
    row = [line("Signed:", 10, 90), line("Jo", 110, 130), line("Date: 5 Feb", 250, 330)]
    assert with_fields(row, Sight.of(Image(paper()), row), "en") == row


def test_a_field_rises_with_its_line() -> None:
    pixels = paper(600, 120)
    label = line("Signed:", 10, 110, slope=0.2)
    scribble(pixels, 160, 52, 80, 20)
    assert with_fields([label], Sight.of(Image(pixels), [label]), "en")[1].text == "handwriting"
