"""Reading text: rows in reading order, the fixed form a model is told them in, and no network ever."""

from __future__ import annotations

import math
import re
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from jianwei.errors import ModelFileError
from jianwei.evidence import ocr, telling
from jianwei.evidence.boxes import overlap
from jianwei.evidence.ocr import OcrLine, OcrReader, reading_rows
from jianwei.evidence.telling import format_evidence
from jianwei.scenes import families
from jianwei.types import Image, Pixels

RECEIPT = Path(__file__).parent / "pictures" / "receipt.png"
BLANK = Image(np.full((300, 200, 3), 255, np.uint8))


def line(text: str, left: float, top: float, right: float, bottom: float, *, slant: float = 0.0) -> OcrLine:
    """A line with an upright box, turned by ``slant`` radians about the picture's origin."""
    cos, sin = math.cos(slant), math.sin(slant)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    a, b, c, d = ((x * cos - y * sin, x * sin + y * cos) for x, y in corners)
    return OcrLine(text, (a, b, c, d), 0.99)


@pytest.fixture(scope="module")
def reader() -> OcrReader:
    return OcrReader(threads=1)


@pytest.fixture(scope="module")
def receipt() -> Image:
    return Image(np.asarray(Picture.open(RECEIPT).convert("RGB")))


class Liar:
    """A judge of directions that is sure of one line: that it stands on its head."""

    def __init__(self, judge: Any, which: int) -> None:
        self.session, self.cls_thresh = judge.session, judge.cls_thresh
        self._judge, self._which = judge, which

    def __call__(self, pieces: list[Pixels]) -> Any:
        found = self._judge(pieces)
        found.cls_res[self._which] = ("180", 0.99)
        found.img_list[self._which] = np.ascontiguousarray(pieces[self._which][::-1, ::-1])
        return found


@pytest.mark.parametrize("which", [0, 3, 6])
def test_a_line_alone_that_seems_to_stand_on_its_head_is_read_both_ways(which: int, receipt: Image) -> None:
    reader = OcrReader(threads=1)
    upright = reader.read(receipt)
    reader._engine.text_cls = Liar(reader._engine.text_cls, which)
    assert [each.text for each in reader.read(receipt)] == [each.text for each in upright]
    on_its_head = Image(np.ascontiguousarray(receipt.pixels[::-1, ::-1]))
    assert {each.text for each in OcrReader(threads=1).read(on_its_head)} == {each.text for each in upright}


def test_a_receipt_photographed_askew_is_read_row_by_row(
    reader: OcrReader, receipt: Image, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("OCR asked for the network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    told = format_evidence(reader.read(receipt), receipt)
    assert told.replace("：", ":").splitlines() == [
        "OCR:",
        "购物小票",
        "订单编号\tA2031-0457",
        "日期\t2026-03-14",
        "蓝莓\t¥29.90",
        "牛奶\t¥12.50",
        "合计\t¥42.40",
        "电话:010-8321 4567",
        "",
    ]
    assert capfd.readouterr() == ("", "")


def test_what_a_long_low_picture_took_is_given_back_at_rest(
    reader: OcrReader, receipt: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is enlarged to be read: to 3300 pixels, whose room a request of OpenVINO keeps for ever."""
    rested = threading.Event()
    give_back = ocr.give_back_freed
    monkeypatch.setattr(ocr, "give_back_freed", lambda: (give_back(), rested.set()))
    before = reader.read(receipt)
    reader.read(Image(receipt.pixels[:40, :300].copy()))

    def held() -> int:
        return reader._engine.text_det.session.session.get_input_tensor().byte_size

    assert held() > 20 << 20
    assert rested.wait(10)
    assert held() < 1 << 20
    assert reader.read(receipt) == before


def test_boxes_of_a_receipt_lie_where_the_text_is(reader: OcrReader, receipt: Image) -> None:
    total = next(line for line in reader.read(receipt) if "42.40" in line.text)
    left, top, right, bottom = total.box
    ink = receipt.pixels[int(top) : int(bottom), int(left) : int(right)]
    assert ink.min() < 80
    assert left > receipt.width / 2 < right
    assert 0.65 < top / receipt.height < bottom / receipt.height < 0.9


def test_a_picture_without_text_has_no_lines_and_says_so(reader: OcrReader) -> None:
    assert reader.read(BLANK) == []
    assert format_evidence([], BLANK) == "OCR:\n\n"


@pytest.mark.parametrize("slant", [-0.12, 0.0, 0.05, 0.12])
def test_rows_survive_a_slant(slant: float) -> None:
    lines = [
        line("c", 40, 100, 120, 124, slant=slant),
        line("b", 600, 50, 700, 74, slant=slant),
        line("a", 40, 50, 120, 74, slant=slant),
        line("d", 600, 100, 700, 124, slant=slant),
    ]
    assert [[piece.text for piece in row] for row in reading_rows(lines)] == [["a", "b"], ["c", "d"]]


def test_tight_lines_one_under_the_other_are_two_rows() -> None:
    lines = [line("upper", 10, 10, 200, 40), line("lower", 12, 22, 190, 55)]
    assert [[piece.text for piece in row] for row in reading_rows(lines)] == [["upper"], ["lower"]]


def test_the_form_is_text_tabs_and_line_breaks() -> None:
    image = Image(np.zeros((500, 2000, 3), np.uint8))
    lines = [
        line("合计 \n 共", 200, 100, 400, 150),
        line("¥12.50", 1000, 100, 1200, 150),
        line("谢谢", 0, 200, 60, 250),
    ]
    assert format_evidence(lines, image) == "OCR:\n合计 共\t¥12.50\n谢谢\n\n"
    assert format_evidence(lines, image, boxes=True) == (
        'OCR:\n{"label":"合计 共","bbox_2d":[104,215,196,285]}\t{"label":"¥12.50","bbox_2d":[504,215,596,285]}\n'
        '{"label":"谢谢","bbox_2d":[4,415,26,485]}\n\n'
    )


@pytest.mark.parametrize("slant", [0.0, 0.3, -1.2])
def test_ink_lies_within_the_margin_along_the_lines_own_axes(slant: float) -> None:
    turned = line("合计", 100, 100, 300, 140, slant=slant).ink
    assert np.allclose(turned, line("合计", 106, 106, 294, 134, slant=slant).quad)


def test_ink_of_a_line_that_is_no_line_keeps_its_corners_in_order() -> None:
    assert line("|", 100, 100, 101, 140).ink == ((100.5, 106), (100.5, 106), (100.5, 134), (100.5, 134))
    assert line("·", 100, 100, 100, 100).ink == ((100, 100),) * 4


def test_ink_meets_drawn_text_better_than_what_is_read_with_its_margin(reader: OcrReader) -> None:
    scene = families.draw("screens", 5, "train", "en")
    truth = {text.text: text.box for text in scene.texts}
    inks, boxes = [], []
    for found in reader.read(scene.image):
        if found.text in truth and list(truth).count(found.text) == 1:
            xs, ys = zip(*found.ink, strict=True)
            inks.append(overlap((min(xs), min(ys), max(xs), max(ys)), truth[found.text]))
            boxes.append(overlap(found.box, truth[found.text]))
    assert len(inks) >= 5
    assert sum(inks) / len(inks) > sum(boxes) / len(boxes) + 0.1


def test_very_full_pages_are_cut_to_the_first_lines() -> None:
    lines = [line(f"line{i}", 10, 20 * i, 100, 20 * i + 15) for i in range(500)]
    told = format_evidence(lines, Image(np.zeros((10000, 200, 3), np.uint8))).splitlines()
    assert len(told) == telling.MAX_EVIDENCE_LINES + 2
    assert told[1] == "line0"
    assert told[-2] == f"line{telling.MAX_EVIDENCE_LINES - 1}"


def test_rules_of_stars_and_dashes_are_not_told() -> None:
    texts = ("***", "Tea", "-----", "-", "£3.10", "* * *", "=2-1", "..")
    lines = [line(text, 10, 40 * i, 100, 40 * i + 20) for i, text in enumerate(texts)]
    told = format_evidence(lines, Image(np.zeros((400, 200, 3), np.uint8)))
    assert told == "OCR:\nTea\n-\n£3.10\n=2-1\n\n"


def test_a_stain_that_may_be_a_letter_is_not_told() -> None:
    scores = {"八": 0.67, "L": 0.56, "7": 0.71, "X": 0.9, "Tea": 0.55}
    lines = [
        replace(line(text, 10, 40 * i, 100, 40 * i + 20), score=score)
        for i, (text, score) in enumerate(scores.items())
    ]
    told = format_evidence(lines, Image(np.zeros((400, 200, 3), np.uint8)))
    assert told == "OCR:\n7\nX\nTea\n\n"


_NUMBER = st.floats(0, 3000, allow_nan=False)


@given(st.lists(st.tuples(st.text(max_size=12), *[st.tuples(_NUMBER, _NUMBER)] * 4), max_size=12))
def test_any_lines_can_be_told_each_once_with_numbers_in_range(
    pieces: list[
        tuple[str, tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
    ],
) -> None:
    lines = [OcrLine(text, (a, b, c, d), 0.5) for text, a, b, c, d in pieces]
    assert sorted(id(piece) for row in reading_rows(lines) for piece in row) == sorted(map(id, lines))
    told = format_evidence(lines, Image(np.zeros((1000, 3000, 3), np.uint8)), boxes=True)
    assert told.startswith("OCR:\n")
    assert told.endswith("\n\n") or not lines
    boxes = re.findall(r"\[(\d+),(\d+),(\d+),(\d+)\]\}(?=[\t\n])", told)
    assert len(boxes) >= sum(
        not telling._RULE.fullmatch(piece.text) and len(piece.text.strip()) != 1 for piece in lines
    )


def test_missing_weights_are_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ocr._MODEL_FILES, "Rec", "not-there.onnx")
    with pytest.raises(ModelFileError) as caught:
        OcrReader().read(BLANK)
    assert caught.value.code == "ocr_missing"
    assert "not-there.onnx" in str(caught.value)


def test_nothing_is_loaded_before_the_first_picture() -> None:
    assert OcrReader(threads=2)._engine is None
