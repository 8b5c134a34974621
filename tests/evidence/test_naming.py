"""Which pictures a question names, and what is left of it."""

from __future__ import annotations

import pytest

from jianwei.evidence.naming import pictures_named

FIVE = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]


@pytest.mark.parametrize(
    ("question", "pictures", "rest"),
    [
        ("第3张图的收件人是谁？", (2,), "收件人是谁？"),
        ("第一张图片中的合计是多少？", (0,), "合计是多少？"),
        ("在第 5 张照片里，电话是多少？", (4,), "电话是多少？"),
        ("最后一张图的电话是多少？", (4,), "电话是多少？"),
        ("图2里蓝莓多少钱？", (1,), "蓝莓多少钱？"),
        ("What is the total in picture 5?", (4,), "What is the total?"),
        ("In the third photo, who is the recipient?", (2,), "who is the recipient?"),
        ("Image 1: what is the date?", (0,), ": what is the date?"),
        ("图1和图3的合计各是多少？", (0, 2), "图1和图3的合计各是多少？"),
        ("Compare picture 1 and picture 3", (0, 2), "Compare picture 1 and picture 3"),
        ("合计是多少？", (), "合计是多少？"),
        ("What is in the picture?", (), "What is in the picture?"),
        ("第9张图的合计是多少？", (), "第9张图的合计是多少？"),
        ("Picture 2?", (1,), "Picture 2?"),
        ("第3个商品多少钱？", (), "第3个商品多少钱？"),
    ],
)
def test_pictures_are_named_by_their_place(question: str, pictures: tuple[int, ...], rest: str) -> None:
    named = pictures_named(question, FIVE)
    assert (named.pictures, named.rest) == (pictures, rest)


@pytest.mark.parametrize("question", ["第7页的合计是多少？", "What is the total on page 7?"])
def test_a_page_is_known_by_its_number_in_the_file(question: str) -> None:
    names = ["report.pdf · 3", "report.pdf · 7", "photo.jpg"]
    assert pictures_named(question, names).pictures == (1,)
    assert pictures_named(question.replace("7", "3"), names).pictures == (0,)
    assert pictures_named(question.replace("7", "2"), names).pictures == (1,)
    assert pictures_named(question, ["a.jpg"]).pictures == ()
