"""Boxes come out in the original's pixels, and only where something is there."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.boxes import answer_boxes, clip_box, overlap, parse_boxes, tighten, unique
from jianwei.evidence.prompt import Reading
from jianwei.evidence.views import View, cut, shrunk
from jianwei.types import GroundedBox, Image, Region

PHOTO = Image(np.zeros((600, 800, 3), np.uint8))


def told(*boxes: tuple[list[float], str]) -> str:
    return json.dumps([{"bbox_2d": box, "label": label} for box, label in boxes])


def line(text: str, left: float, top: float, right: float, bottom: float, picture: int = 0) -> Reading:
    return Reading(text, ((left, top), (right, top), (right, bottom), (left, bottom)), picture)


def test_numbers_of_the_model_become_pixels_of_the_original() -> None:
    (box,) = parse_boxes(told(([100, 200, 500, 1000], "箱子")), View(PHOTO, 2))
    assert box == GroundedBox("箱子", (80, 120, 400, 600), 2, "model")


def test_a_box_in_a_cut_out_part_is_moved_back() -> None:
    view = cut(PHOTO, Region(((200, 300), (600, 500))))
    (box,) = parse_boxes(told(([0, 0, 500, 500], "left top")), view)
    assert box.bbox == (200, 300, 400, 400)


def test_a_box_in_a_smaller_copy_is_enlarged() -> None:
    (box,) = parse_boxes(told(([250, 250, 750, 750], "middle")), shrunk(PHOTO, 200 * 150))
    assert box.bbox == pytest.approx((200, 150, 600, 450))


@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "Here it is:\n```json\n{}\n```\nDone."])
def test_a_fenced_answer_is_read_too(wrap: str) -> None:
    assert len(parse_boxes(wrap.replace("{}", told(([1, 2, 300, 400], "x"))), View(PHOTO))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[1, 2]",
        '{"bbox": [1, 2, 3, 4]}',
        '[{"bbox_2d": [1, 2, 3], "label": "x"}]',
        '[{"bbox_2d": [1, 2, "3", 4], "label": "x"}]',
        '[{"bbox_2d": [100, 100, 100, 400], "label": "thin"}]',
        '[{"bbox_2d": [1100, 0, 1500, 500], "label": "outside"}]',
        '[{"bbox_2d": [0, 0, NaN, 500], "label": "no number"}]',
        '[{"bbox_2d": [true, false, 500, 500], "label": "no number"}]',
        "[" * 5000,
    ],
)
def test_what_is_no_box_is_left_out(text: str) -> None:
    assert parse_boxes(text, View(PHOTO)) == []


def test_corners_are_put_in_order_and_clipped() -> None:
    (box,) = parse_boxes(told(([900, 1200, 100, -50], "x")), View(PHOTO))
    assert box.bbox == (80, 0, 720, 600)


def test_equal_boxes_of_one_label_are_one() -> None:
    near = told(([0, 0, 500, 500], "cup"), ([0, 0, 505, 500], "cup"), ([0, 0, 505, 500], "plate"))
    assert [box.label for box in parse_boxes(near, View(PHOTO))] == ["cup", "plate"]


numbers = st.one_of(st.floats(), st.integers(-5000, 5000), st.text(max_size=3), st.none())


@given(st.lists(numbers, max_size=6), st.text(max_size=5))
def test_wild_json_never_gives_a_box_outside_the_picture(values: list[object], label: str) -> None:
    for box in parse_boxes(json.dumps([{"bbox_2d": values, "label": label}]), View(PHOTO)):
        x1, y1, x2, y2 = box.bbox
        assert 0 <= x1 < x2 <= 800
        assert 0 <= y1 < y2 <= 600


@given(st.tuples(*[st.floats(-1e4, 1e4)] * 4))
def test_clipped_boxes_have_an_area(box: tuple[float, float, float, float]) -> None:
    clipped = clip_box(box, 800, 600)
    assert clipped is None or overlap(clipped, clipped) == pytest.approx(1)


def test_an_answer_points_to_the_line_that_says_its_value() -> None:
    lines = [line("收据", 10, 10, 60, 30), line("合计", 10, 50, 50, 70), line("¥128.50", 200, 50, 280, 70)]
    assert [(box.label, box.bbox, box.source) for box in answer_boxes("合计：¥128.50", lines)] == [
        ("¥128.50", (200, 50, 280, 70), "ocr")
    ]


def test_of_a_line_that_says_more_the_part_is_boxed() -> None:
    (box,) = answer_boxes("¥128.50", [line("合计：¥128.50", 0, 0, 100, 20)])
    assert box.label == "¥128.50"
    assert 30 < box.bbox[0] < 60
    assert box.bbox[2] == pytest.approx(100)


def test_part_of_a_number_or_word_is_not_that_number_or_word() -> None:
    assert answer_boxes("2.50", [line("12.50", 0, 0, 50, 20)]) == []
    assert answer_boxes("128", [line("1280 g", 0, 0, 50, 20)]) == []
    assert answer_boxes("port", [line("Report", 0, 0, 50, 20)]) == []


def test_spaces_width_and_case_do_not_matter() -> None:
    boxes = answer_boxes("The order is so-２０４９ a", [line("SO-2049A", 0, 0, 80, 20)])
    assert [box.label for box in boxes] == ["SO-2049A"]


def test_words_of_an_english_line_are_parts_of_it() -> None:
    (box,) = answer_boxes("Total: €615.90", [line("Grand Total €615.90", 0, 0, 190, 20)])
    assert box.label == "€615.90"


def test_the_longer_of_two_lines_that_the_answer_says_is_meant() -> None:
    lines = [line("蓝莓", 0, 0, 40, 20), line("蓝莓酸奶", 0, 40, 80, 60)]
    assert [box.label for box in answer_boxes("是蓝莓酸奶。", lines)] == ["蓝莓酸奶"]


def test_an_answer_whose_words_are_not_in_the_picture_has_no_boxes() -> None:
    assert answer_boxes("图中没有这项信息。", [line("合计 12.50", 0, 0, 100, 20)]) == []
    assert answer_boxes("", [line("合计 12.50", 0, 0, 100, 20)]) == []


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=5))
def test_wild_text_gives_boxes_inside_their_lines_only(answer: str, texts: list[str]) -> None:
    lines = [line(text, 0, 30 * i, 100, 30 * i + 20) for i, text in enumerate(texts)]
    for box in answer_boxes(answer, lines):
        assert 0 <= box.bbox[0] <= box.bbox[2] <= 100.001
        assert any(box.label in text for text in texts)


def test_the_box_of_a_text_is_tightened_to_the_line_read_there() -> None:
    rough = GroundedBox("¥9.9", (190, 40, 300, 80), 0, "model")
    far = line("¥9.9", 500, 500, 560, 520)
    near = line("¥9.9", 200, 50, 280, 70)
    assert tighten([rough], [far, near])[0].bbox == (200, 50, 280, 70)
    assert tighten([rough], [far]) == [rough]
    assert tighten([rough], [line("¥9.9", 200, 50, 280, 70, picture=1)]) == [rough]


def test_unique_keeps_the_first() -> None:
    first, second = (GroundedBox("x", (0, 0, 100, 100 + i), 0, "model") for i in range(2))
    assert unique([first, second]) == [first]
