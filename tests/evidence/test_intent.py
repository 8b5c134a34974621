"""Which questions ask for a place in the picture."""

from collections.abc import Callable

import pytest

from jianwei.evidence.intent import (
    asks_for_all,
    asks_for_count,
    asks_for_damage,
    asks_for_extreme,
    asks_for_heading,
    asks_for_looks,
    asks_for_part,
    asks_for_place,
    asks_for_scale,
    asks_for_side,
    asks_for_sorts,
    asks_for_stamp,
    asks_for_unit,
    quoted,
)


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
        "帮我把“合计”圈一下",
        "“合计”的范围是多少？",
        "锁定“合计”所在",
        "找到文字“合计”",
        'Whereabouts on the page does it say "Total"?',
        'What is the area of the words "Total"?',
        'Lead me to "Total".',
        'Please detect the text "Total"',
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
        "“年度运费”中2019标示的数量？",
        "有没有“合计”这个框？",
        "指明“图一”里最大的",
        'Is the box missing "FRAGILE"?',
        'Does the frame show "Total"?',
        'In which section of the page stands "Total"?',
        "Which area is it?",
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


@pytest.mark.parametrize(
    ("asks", "question"),
    [
        (asks_for_looks, "按钮是什么颜色？"),
        (asks_for_looks, "What colour is the bar?"),
        (asks_for_looks, "它是什么形状？"),
        (asks_for_count, "有几个红色的勾？"),
        (asks_for_count, "How many crosses are there?"),
        (asks_for_damage, "箱子有没有破损？"),
        (asks_for_damage, "What is wrong with the parcel?"),
        (asks_for_heading, "“快递”在哪一块？"),
        (asks_for_heading, "Under which heading is it?"),
        (asks_for_scale, "单位是什么？"),
        (asks_for_scale, "What does the axis show?"),
        (asks_for_unit, "纵轴以什么计量？"),
        (asks_for_unit, "What are the figures given in?"),
        (asks_for_side, "牛奶在面包的左边吗？"),
        (asks_for_side, "Is milk above the bread?"),
        (asks_for_stamp, "盖章了吗？"),
        (asks_for_stamp, "Has it been sealed?"),
        (asks_for_all, "用JSON写出全图"),
        (asks_for_part, "箱子的哪个部位坏了？"),
        (asks_for_part, "Which corner is torn?"),
        (asks_for_sorts, "买了几种商品？"),
        (asks_for_sorts, "How many different items were ordered?"),
    ],
)
def test_what_a_question_is_after(asks: Callable[[str], bool], question: str) -> None:
    assert asks(question)
    assert not asks("收款人是谁？")
    assert not asks("Who is the payee?")


@pytest.mark.parametrize(
    ("question", "largest", "smallest"),
    [
        ("哪个部门最高？", True, False),
        ("Which team comes last?", False, True),
        ("排名怎样？", True, True),
        ("最高和最低各是谁？", True, True),
        ("收款人是谁？", False, False),
    ],
)
def test_which_end_of_an_order_is_asked_for(question: str, largest: bool, smallest: bool) -> None:
    assert asks_for_extreme(question) == (largest, smallest)


def test_which_kind_of_damage_is_no_place() -> None:
    assert not asks_for_part("损伤属于哪种？")


def test_a_named_colour_is_not_asked_for() -> None:
    assert not asks_for_looks("有几个红色的勾？")
    assert not asks_for_count("What do the goods cost?")
    assert not asks_for_stamp("上面印着什么？")
