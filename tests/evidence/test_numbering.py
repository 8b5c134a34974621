"""Numbered rows: which one a question names by its number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.numbering import names_step, numbered_rows
from jianwei.evidence.ocr import OcrLine


def rows(*texts: str) -> list[list[OcrLine]]:
    return [
        [OcrLine(text, ((0, y), (80, y), (80, y + 20), (0, y + 20)), 0.99)]
        for y, text in ((40 * at, text) for at, text in enumerate(texts))
    ]


def told(question: str, page: Sequence[Sequence[OcrLine]]) -> list[str]:
    return [line.text for row in numbered_rows(question, page) for line in row]


HOMEWORK = rows(
    "姓名：张三",
    "1. 求未知数：x+5=12",
    "步骤1：x=12-5",
    "步骤2：x=7",
    "2. 算一算：3×4",
    "步骤1：=12",
)
ENGLISH = rows("Date: May 17", "Solve: x+5=12", "L1. x=12-5", "L2. x=7", "100")
CONTRACT = rows("合同", "编号：2030-118", "第1条：质保期为3个月。", "第2条：总价为¥930元。", "甲方签名：")
RECEIPT = rows("Receipt", "8 × £2.50", "2 × £1.00", "Total £22.00")


@pytest.mark.parametrize(
    ("question", "page", "expected"),
    [
        ("第1题的步骤2是什么？", HOMEWORK, "x=7"),
        ("第二题第一步写了什么？", HOMEWORK, "=12"),
        ("第1题的得数是多少？", HOMEWORK, "7"),
        ("抄出第2题题干。", HOMEWORK, "算一算：3×4"),
        ("Read step 2 of exercise 1.", HOMEWORK, "x=7"),
        ("What is step number 1?", ENGLISH, "x=12-5"),
        ("What does the second line say?", ENGLISH, "x=7"),
        ("What is the final result?", ENGLISH, "7"),
        ("What is the task?", ENGLISH, "Solve: x+5=12"),
        ("What is step 2?", rows("Solve: x+6=17", "1-x=17-6", "2-x=11", "Date: 5"), "x=11"),
        ("What is step 2?", rows("Add: 1/2", "1 - =2/4", "2 -=3/4"), "=3/4"),
        ("What is step 2 in LaTeX?", rows("Add: 1/2", "1. =1/2×3", "2. =3/2"), r"=\frac{3}{2}"),
        ("第2步是什么？", rows("(1）求3+4×2", "第1步：=3+8", "第2步:=11"), "=11"),
        ("读一下第2条。", rows("采购合同", "§1甲方订购茶叶。", "§2付款期限为30天。"), "付款期限为30天。"),
        ("条目2的原文是什么？", rows("买卖协议", "条款1甲方订购茶叶", "条款2违约金为5%"), "违约金为5%"),
        ("What is step 1?", rows("Find c.", "1. c²=3²+4²", "2. c=5"), "c^2=3^2+4^2"),
        ("第2条写的什么？", CONTRACT, "总价为¥930元。"),
        ("What does clause 1 say?", CONTRACT, "质保期为3个月。"),
        ("Step 2?", rows("Do: 8×3", "1) =24", "2) =289÷(8×3) ×", "3) =4"), "=289÷(8×3)"),
        ("第1步？", rows("练习1分26个包", "1.29-8=18", "2.18÷9", "3.=2", "练习2算出：1/9"), "29-8=18"),
        (
            "第2题问的是什么？",
            rows("练习1分26个包", "1.29-8", "2.=21", "练习2算出：1/9", "1.=7", "2.=8"),
            "算出：1/9",
        ),
        ("第2题做出来等于多少？", rows("1.算：5+4", "#1=9", "2、算：8-2-1", "#1=6-1", "#2 =5"), "5"),
        (
            "What is the conclusion of exercise 2?",
            rows("1, Tea", "<1>6", "<2>=11", "2.Do: 7÷7", "<1>=1"),
            "1",
        ),
        (
            "Step 1 of exercise 2?",
            rows("Task 1: 5+4", "No.1=9", "Task 2: 7÷7", "No.1=1+0", "No.2 =1"),
            "=1+0",
        ),
        ("Step 1 in LaTeX?", rows("Mean of 3 and 5", "#1m=(3+5)÷2", "#2 =4"), r"m=(3+5)\div 2"),
        ("What does it finish with?", rows("Add 5 and 3", "Row 1 5+3", "Row 2 Answer: 8"), "8"),
        ("结果是多少？", rows("求速度。", "1、v=s÷t", "2、=64千米/时"), "64千米/时"),
        ("Step 1?", rows("Task l: Do 8×3", "Linel:=24", "Lime2:=25"), "=24"),
        ("Step 2?", rows("Exercise }: Do 8×3", "<l> 8=4+4", "<2>=24"), "=24"),
        ("What is exercise 2?", rows("Ex. I Do 8×3", "S1: =24", "Ex.2Add 1 and 2", "S1: =3"), "Add 1 and 2"),
        ("Step 2?", rows("Add 5", "#1 4n=28", "#24n=21", "#3n=7"), "4n=21"),
        (
            "Step 2 of exercise 1?",
            rows("(1) Do 12×12", "1/12×12=4", "21=144", "3/=145", "(2) 7", "1/=7"),
            "=144",
        ),
        ("第2题第1步？", rows("1．求7+1", "1、=8", "2．求2×1", "1=2", "2、=3"), "=2"),
        ("第2步？", rows("算一算：2×6", "1=(2×6)", "2=12"), "=12"),
        ("Step 2?", rows("Add 5 and 3", "RoW15+0=5", "ROW25+3=8", "Row3 Answer: 8"), "5+3=8"),
        ("Step 1 in TeX?", rows("Find its area.", "1. S=axa", "2. =5x5"), r"S=a\times a"),
        ("What is wanted in the question?", rows("Find its area.", "1.S=a×a", "2.=529"), "Find its area."),
    ],
)
def test_the_row_of_a_number(question: str, page: Sequence[Sequence[OcrLine]], expected: str) -> None:
    assert told(question, page) == [expected]


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("第3题的得数？", HOMEWORK),  # no such exercise
        ("第1题第7步？", HOMEWORK),  # no such step
        ("合同编号是多少？", CONTRACT),  # names no row
        ("Question: who sells it?", CONTRACT),
        ("What is the final total?", RECEIPT),  # amounts are no numbers of rows
        ("What is the final result?", rows("Total £22.00")),
        ("step 1?", []),
        ("step 1?", rows("Sum", "1-5=2", "7-3=4")),  # takes away, counts nothing
        ("step 1?", rows("Sum", "1.5+2=3.5", "4.5-1=3.5")),  # numbers with a point
        ("What is the last price?", rows("Tea", "1.20", "2.50", "3.40/kg")),
        ("抄出步骤2。", rows("算一算：", "1、=12", "2、")),  # nothing was read behind its number
    ],
)
def test_what_has_no_such_number(question: str, page: Sequence[Sequence[OcrLine]]) -> None:
    assert numbered_rows(question, page) == []


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=30), st.integers(0, 99))
def test_whatever_is_read_and_asked_one_row_at_most(texts: list[str], question: str, number: int) -> None:
    page = rows(*texts)
    found = numbered_rows(f"{question} step {number} 第{number}题", page)
    assert len(found) <= 1
    assert all(found)


def test_a_teachers_mark_beside_a_step_is_not_told() -> None:
    page = rows("Do: 8×3", "1) =24", "2) =25")
    page[2] += rows("X")[0]
    assert told("What is step 2?", page) == ["=25"]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What is step 2?", True),
        ('Where is "Step 2: 90"?', False),
        ("第3条怎么写？", True),
        ("第2题？", False),
    ],
)
def test_a_step_is_named_by_its_number(question: str, named: bool) -> None:
    assert names_step(question) is named


def test_neither_a_mark_nor_a_day_is_a_result_or_a_task() -> None:
    assert told("What mark did the work get?", ENGLISH) == []
    assert told("When was this exercise done?", ENGLISH) == []
