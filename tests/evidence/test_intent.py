"""Which questions ask for a place in the picture."""

import pytest

from jianwei.evidence.intent import asks_for_place


@pytest.mark.parametrize(
    "question",
    [
        "“合计”在哪里？",
        "请框出红色圆形。",
        "定位破损。",
        'Where is "Total"?',
        'In which spot is "Total"?',
        "Give the box of the tear.",
    ],
)
def test_a_place_in_the_picture(question: str) -> None:
    assert asks_for_place(question)


@pytest.mark.parametrize(
    "question",
    [
        "地址在哪里？",
        "寄到哪里？",
        "合计是多少？",
        "“订单编号”在哪个面板？",
        "Where is the shop?",
        "What is the total?",
        "How many boxes are there?",
    ],
)
def test_what_is_printed_is_no_place(question: str) -> None:
    assert not asks_for_place(question)
