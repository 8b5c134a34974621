"""Which questions ask for a place in the picture."""

import pytest

from jianwei.evidence.intent import asks_for_place, quoted


@pytest.mark.parametrize(
    "question",
    [
        "“合计”在哪里？",
        "请框出红色圆形。",
        "定位破损。",
        'Where is "Total"?',
        'In which spot is "Total"?',
        "Give the box of the tear.",
        "Question: Box the damage.",
        "Return me the bounding box of the stamp",
        "Put a frame around the package of Milk.",
        "印章在画面哪一处？",
        "箱子在图中什么位置？",
        "请指出“合计”",
        "把“合计”标出来。",
        "请标记出破损",
        "红色圆形的坐标是多少？",
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
        "Is the box damaged?",
        "How is the box damaged?",
        'Is the mark "FRAGILE" on the box?',
        "Give the box's width in cm.",
        "Of what colour is the mark for Milk?",
        "In which colour is the box of Milk?",
        "Outline the picture.",
        "“方式”归在哪一块标题下？",
        "“订单编号”在哪一栏？",
        'Where should one look for "Carrier": which block?',
        "坐标轴是什么？",
        "标注的价格是多少？",
        "纸箱上的标记有哪些？",
        "这张照片里的箱子哪里破了？",
    ],
)
def test_what_is_printed_is_no_place(question: str) -> None:
    assert not asks_for_place(question)


@pytest.mark.parametrize(
    "question", ["“合计”在“运费”的哪里？", 'Where is "A" seen from "B"?', "“甲”相对“乙”摆在何处？"]
)
def test_where_one_text_stands_to_another_asks_for_a_side(question: str) -> None:
    assert not asks_for_place(question)


def test_what_is_quoted() -> None:
    question = '“合计”、"Total"、「总额」和『数』在哪里'
    assert [each.text for each in quoted(question)] == ["合计", "Total", "总额", "数"]
    assert [question[start:end] for _, start, end in quoted(question)][:2] == ["“合计”", '"Total"']
    assert quoted("合计在哪里") == []
