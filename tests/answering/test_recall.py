"""Which pictures of a conversation a question names, and which belong to earlier turns."""

from __future__ import annotations

import numpy as np
import pytest

from jianwei.answering.recall import earlier_pictures, meant_pictures
from jianwei.model.chat_template import Segment, TextSegment, VisionSegment
from jianwei.model.preprocess import PatchedImage

BEGIN = 7


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("第一张图里写了什么？", {0}),
        ("第3张照片和第二张有什么不同", {1, 2}),
        ("图2的总额是多少", {1}),
        ("What is the total in the first picture?", {0}),
        ("Compare image 2 and photo #4.", {1, 3}),
        ("What does it say on the third page?", {2}),
        ("所有图片里最贵的是什么", {0, 1, 2, 3}),
        ("Which of these pictures shows a car?", {0, 1, 2, 3}),
        ("What is the total?", set()),
        ("合计多少？第一行写了什么", set()),
        ("What is on page 9?", set()),
        ("Is there a picture of 2 cats?", set()),
    ],
)
def test_a_question_names_pictures_by_number(question: str, named: set[int]) -> None:
    assert meant_pictures(question, ["a.jpg"] * 4) == named


def test_pictures_before_the_newest_message_are_earlier_ones() -> None:
    patched = PatchedImage(np.zeros((16, 24), np.float32), (1, 4, 4), (64, 64), (64, 64), 4, "digest")
    picture = VisionSegment(patched, patched.n_tokens)
    first: list[Segment] = [TextSegment((BEGIN, 1)), picture, TextSegment((2, BEGIN))]
    assert earlier_pictures(first, BEGIN) == 0
    second: list[Segment] = [
        *first[:2], TextSegment((2, BEGIN, 3, BEGIN, 4)), picture, picture, TextSegment((5, BEGIN))
    ]  # fmt: skip
    assert earlier_pictures(second, BEGIN) == 1
    follow_up: list[Segment] = [*second[:-1], TextSegment((5, BEGIN, 6, BEGIN, 8, BEGIN))]
    assert earlier_pictures(follow_up, BEGIN) == 3
    assert earlier_pictures([TextSegment((BEGIN, 1, BEGIN))], BEGIN) == 0
