"""Which rows hold the kind of thing that a question asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jianwei.evidence.answer_types import (
    MAX_TYPED,
    condition_rows,
    fee_rows,
    is_general,
    party_rows,
    tax_rows,
    total_row,
    typed_rows,
)
from jianwei.evidence.ocr import OcrLine


def rows(*texts: str) -> list[list[OcrLine]]:
    return [
        [
            OcrLine(piece, ((200 * x, y), (200 * x + 80, y), (200 * x + 80, y + 20), (200 * x, y + 20)), 0.99)
            for x, piece in enumerate(text.split("\t"))
        ]
        for y, text in ((40 * at, text) for at, text in enumerate(texts))
    ]


def told(question: str, page: Sequence[Sequence[OcrLine]]) -> list[str]:
    return ["\t".join(line.text for line in row) for row in typed_rows(question, page)]


INVOICE = rows(
    "Tax Invoice",
    "Issued on: 5 Feb 2028",
    "Reference: KDO-505462",
    "Supplier: Nibu Coffee Ltd",
    "Tea ×2\t$18.00",
    "Net amount\t$18.00",
    "Balance due: $19.44",
    "Served by: Linda Carter",
)
CHINESE = rows(
    "收据",
    "开票日期：2024年4月20日",
    "流水号：X354887485",
    "供应方：楼桤超市",
    "合计\t¥59.00",
    "满99元包邮",
    "经手人：江琪",
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was it drawn up?", ["Issued on: 5 Feb 2028"]),
        ("Under which code is it kept?", ["Reference: KDO-505462"]),
        ("Which firm sells it?", ["Supplier: Nibu Coffee Ltd"]),
        ("How much is to be paid?", ["Tea ×2\t$18.00", "Net amount\t$18.00", "Balance due: $19.44"]),
        ("What is the heading?", ["Tax Invoice", "Issued on: 5 Feb 2028"]),
        ("Is it raining?", []),
        ("Which pupil wrote it?", []),
    ],
)
def test_rows_of_a_kind(question: str, expected: list[str]) -> None:
    assert told(question, INVOICE) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("哪天开的？", ["开票日期：2024年4月20日"]),
        ("单号是多少？", ["流水号：X354887485"]),
        ("哪家卖的？", ["供应方：楼桤超市"]),
        ("一共付多少？", ["合计\t¥59.00"]),
        ("总支出是多少？", ["合计\t¥59.00"]),
        ("款子进谁的账？", ["供应方：楼桤超市"]),
        ("大字写的什么？", ["收据", "开票日期：2024年4月20日"]),
        ("天气怎么样？", []),
    ],
)
def test_rows_of_a_kind_in_chinese(question: str, expected: list[str]) -> None:
    assert told(question, CHINESE) == expected


def test_conditions_are_told_line_by_line() -> None:
    page = rows("满99元包邮\t收货人", "合计\t¥59.00", "Valid from $30 on")
    assert condition_rows("包邮有什么条件？", page) == [page[0][:1], page[2]]
    assert condition_rows("合计多少？", page) == []


def test_whose_a_sheet_is() -> None:
    page = rows("Name: Jo Li\tClass: 8A", "姓名：王丽", "Tea")
    assert told("Which pupil does it belong to?", page) == ["Name: Jo Li", "姓名：王丽"]
    assert told("它是哪个班的？", page) == ["Class: 8A"]


def test_of_many_amounts_goods_are_left_out_and_the_last_are_told() -> None:
    page = rows(*(f"Thing{at} ×1\t£{at}.00" for at in range(9)), *(f"Sum{at}\t£{at}.50" for at in range(7)))
    found = told("What is the sum?", page)
    assert found == [f"Sum{at}\t£{at}.50" for at in range(2, 7)]
    assert len(found) == MAX_TYPED


def test_a_total_is_the_row_that_sums_up() -> None:
    page = rows("Tea\t£3.00", "Milk\t£2.00", "Balance due\t£5.00", "Cash\t£20.00", "Change\t£15.00")
    assert total_row("What is the total?", page) == page[2]
    assert total_row("How much is the change?", page) is None
    assert total_row("Who paid it all?", page) is None
    assert total_row("What is the total?", page[:2]) is None


def test_a_sum_of_a_part_is_no_total_and_neither_is_a_tax() -> None:
    page = rows("Tea\t£3.00", "Milk\t£2.00", "Net amount\t£5.00", "VAT\t£0.90", "Gross\t£6.00", "Cash\t£6.00")
    assert total_row("What is the total?", page[:4]) is None
    assert total_row("What is the total?", page[:5]) == page[4]
    page = rows("Tea\t£3.00", "Tax\t£2.00", "Balance due\t£5.00")
    assert total_row("Which sum goes to taxes?", page) is None
    assert total_row("What is the total with tax?", page) == page[2]


def test_who_pays_is_no_total() -> None:
    page = rows("Tea\t£3.00", "Milk\t£2.00", "Balance due\t£5.00")
    assert total_row("Which company has to pay the total amount?", page) is None


def test_a_total_stands_beside_other_things_as_well() -> None:
    page = rows("Address\t12 Elm St\tGoods\t£9.00", "Name\tAnn\tTo pay\t£8.00", "Coupon\t-£2.00")
    (label, amount) = total_row("How much is due in the end?", page) or ()
    assert (label.text, amount.text) == ("To pay", "£8.00")


def test_a_total_that_does_not_add_up_is_known_by_its_label() -> None:
    page = rows("Tea\t£3.00", "Milk\t£2.80", "Subtotal\t£5.00", "Total due\t£6.00", "Thank you")
    assert total_row("How much does it come to altogether?", page) == page[3]
    assert total_row("How much does it come to altogether?", [*page[:3], page[4]]) is None
    assert total_row("一共多少钱？", rows("茶 ×2\t¥8.00", "不含税合计\t¥9.00", "需付金额\t¥9.90")) is not None


TAXED = rows(
    "Tax Invoice", "Tea\t£3.00", "Total before tax\t£3.00", "VAT (20%)\t£0.60", "Total incl. VAT\t£3.60"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [("How much tax is in it?", [3]), ("What was it before tax?", []), ("What is the total?", [])],
)
def test_taxes_are_told_for_a_question_after_them(question: str, expected: list[int]) -> None:
    assert tax_rows(question, TAXED) == [TAXED[at] for at in expected]


SENT = rows("Tea ×2\t£3.00", "Postage\t£0.60", "To pay\t£3.60", "Free delivery from £20")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much is charged for mailing it?", [1]),
        ("配送费多少钱？", [1]),
        ("From which amount on is delivery free?", []),
        ("How is it delivered?", []),
        ("How much is tea?", []),
    ],
)
def test_fees_for_sending_are_told_for_a_question_after_them(question: str, expected: list[int]) -> None:
    assert fee_rows(question, SENT) == [SENT[at] for at in expected]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("By whom are the goods sold?", ["Supplier:\tNibu"]),
        ("哪家公司付的款？", ["客户：楼桤"]),
        ("Which companies are named?", []),
        ("Who signed it?", []),
    ],
)
def test_one_party_alone_is_told(question: str, expected: list[str]) -> None:
    page = rows("Supplier:\tNibu\t客户：楼桤", "Buyer:", "Nibu sells tea")
    found = ["\t".join(line.text for line in row) for row in party_rows(question, page)]
    assert found == expected


def test_a_title_is_the_largest_print_near_the_top() -> None:
    page = rows("Jo Li", "INVOICE", "Date: 5 Feb", "Tea")
    (line,) = page[1]
    page[1] = [replace(line, quad=tuple((x, y * 1.4) for x, y in line.quad))]
    assert told("What is the title?", page) == ["INVOICE"]


def test_a_price_may_stand_in_a_sentence() -> None:
    page = rows("Contract", "Clause 2: the price agreed on is $930.00.")
    assert told("How much is it?", page) == ["$930.00"]


@pytest.mark.parametrize(
    ("words", "general"), [("Date", True), ("合计", True), ("Postage", False), ("牛奶", False)]
)
def test_words_that_name_nothing_in_particular(words: str, general: bool) -> None:
    assert is_general(words) == general
