"""The form of an answer that was found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.engine.grammar import GrammarCompiler
from jianwei.evidence.found import told_grammar
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.reminding import reminder
from jianwei.evidence.telling import Telling, told_rows

REFUSAL = "The picture does not show this."


def fits(told: str, answer: str) -> bool:
    grammar = told_grammar(Telling(told, answers=True), REFUSAL)
    return grammar is not None and re.fullmatch(grammar.text, answer) is not None


@pytest.mark.parametrize(
    ("told", "answer", "allowed"),
    [
        ("Rainfall\n", "Rainfall", True),
        ("Rainfall\n", REFUSAL, True),
        ("Rainfall\n", "Rainfall by day: 100", False),
        ("Total\t£5.00\n", "Total: £5.00", True),
        ("总计：\t¥5\n", "总计：¥5", True),
        ("Total\t£5.00\n", "£5.00", True),
        ("Total\t£5.00\n", "Total", False),
        ("=\\frac{1}{2}\n", "=\\frac{1}{2}", True),
        ("=\\frac{1}{2}\n", "=\\frac{1}{2}{2}", False),
        ("甲方应在7日内付清。\n", "甲方应在7日内付清", True),
        ("甲方应在7日内付清。\n", "甲方应在7日内付清。", True),
        ("a\tb\tc\n", "c", False),  # no name with a value
        ("Over £20\nSale items excluded\n", "Over £20", True),
        ("Over £20\nSale items excluded\n", "Over £2", False),
        ("Total: £5\n", "£5", True),
        ("Total: £5\n", "Total: £5", True),
        ("Name: Ann Class: 4B\n", "Ann Class: 4B", False),  # joined with the next
        ("Open from 9:30\n", "Open from 9:30", True),
        ("Open from 9:30\n", "30", False),  # a time of day is no label
        ("Open: from 9:30\n", "from 9:30", True),
        ("\n", "", False),
    ],
)
def test_an_answer_is_what_is_told_or_the_refusal(told: str, answer: str, allowed: bool) -> None:
    assert fits(told, answer) is allowed


COMPILER = GrammarCompiler([*(bytes([byte]) for byte in range(256)), b""], [256])


@given(st.text(max_size=20))
def test_whatever_is_told_makes_a_form_that_can_be_followed(text: str) -> None:
    told = Telling(f"{' '.join(text.split())}\n", answers=True)
    if grammar := told_grammar(told, REFUSAL):
        assert bytes(token for token in COMPILER.compile(grammar).closing() if token < 256)


def page(*texts: str) -> list[list[OcrLine]]:
    return told_rows(
        [
            OcrLine.around(text, (0, 40 * at, 10 * len(text), 40 * at + 20), 20.0)
            for at, text in enumerate(texts)
        ]
    )


HOMEWORK = page("1. Solve: x+5=12", "step 1: x=12-5", "step 2: x=7")
CHART = page("Rainfall by day", "Rainfall (mm)", "0", "50", "100", "Mon", "Tue")

FORM = page("Phone: 020-5566", "会员：SF14", "Seller: Nibu Ltd", "Seller signed: MW")
BILL = page("Tea £3.00", "Milk £2.00", "Grand sum £5.00")


@pytest.mark.parametrize(
    ("question", "rows", "answers"),
    [
        ("What does step 2 say?", HOMEWORK, True),
        ("Is step 2 right or wrong?", HOMEWORK, False),
        ("第1步对不对？", HOMEWORK, False),
        (
            "Which step of exercise 1 has a cross?",
            HOMEWORK,
            False,
        ),  # tells its task, and asks for another thing
        ("What does the axis show?", CHART, True),
        ("In which unit?", CHART, True),
        ("How many axes are there?", CHART, False),
        ("Does the axis show rainfall?", CHART, False),
        ("What is the title?", CHART, False),
        ("Which quantity is plotted?", CHART, True),
        ('How is "Rainfall by day" plotted?', CHART, False),
        ("Is there a phone? What is it?", FORM, True),
        ("有没有会员？写的什么？", FORM, True),
        ("Is there a phone?", FORM, False),
        ("Who sold it?", FORM, True),
        ("What is the total?", BILL, True),
    ],
)
def test_a_row_answers_where_it_was_found_for_what_is_asked(
    question: str, rows: list[list[OcrLine]], answers: bool
) -> None:
    assert reminder(question, rows, "en").answers is answers


SHELF = told_rows(
    [
        OcrLine.around(text, (x, y, x + 10 * len(text), y + 20), 20.0)
        for x, y, text in (
            (0, 0, "Tea"),
            (200, 0, "£3.00/box"),
            (400, 0, "Use by 4 Jul 2028"),
            (0, 90, "Delivery note"),
        )
    ]
)
SIDE = told_rows(
    [
        OcrLine.around(text, (200 * at, 0, 200 * at + 10 * len(text), 20), 20.0)
        for at, text in enumerate(("Milk ×2", "£1.50", "Address", "7 Hill Rd"))
    ]
)
BELOW = page("Pick-up code", "Seat 9E")
COUPON = page("Coupon", "Over £20", "Sale items excluded", "Order no.: 55128")


@pytest.mark.parametrize(
    ("question", "rows", "told", "sure"),
    [
        ("What does tea cost?", SHELF, "Tea:\t£3.00/box\n", False),
        ("Tea is for which unit?", SHELF, "Tea:\tbox\n", False),
        ("When does tea expire?", SHELF, "Tea:\t4 Jul 2028\n", False),
        ("Please read out the phone", FORM, "Phone: 020-5566\n", True),
        ("图中的会员是什么？", FORM, "会员：SF14\n", True),
        ("Can you see the pick-up code?", BELOW, "Pick-up code\tSeat 9E\n", True),
        ("What does the small print of the coupon say?", COUPON, "Over £20\nSale items excluded\n", False),
        ("What is the address?", SIDE, "Address:\t7 Hill Rd\n", True),
        ("What does Milk cost?", SIDE, "Milk:\t£1.50\n", False),
        ("What is the number of this order?", COUPON, "Order no.: 55128\n", False),
        ("What is its number?", COUPON, "Order no.: 55128\n", False),
    ],
)
def test_answers_are_what_was_found(question: str, rows: list[list[OcrLine]], told: str, sure: bool) -> None:
    found = reminder(question, rows, "en")
    assert (found.answers, found.text, found.surely) == (True, told, sure)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("How much tea is there, in pieces?", SHELF),
        ("Which article costs £3.00/box?", SHELF),
        ("Is the phone there?", FORM),
        ('Show "Phone"', FORM),
        ("Is the phone the seller's?", FORM),
        ("From which amount on is the coupon valid, how much?", COUPON),
    ],
)
def test_where_something_else_is_asked_for_the_answer_is_free(
    question: str, rows: list[list[OcrLine]]
) -> None:
    assert not reminder(question, rows, "en").answers


def test_an_amount_that_was_joined_to_its_label_is_told_behind_it() -> None:
    assert reminder("What is the total?", BILL, "en").text == "Grand sum\t£5.00\n"


def test_what_is_there_by_its_number_is_not_refused() -> None:
    assert reminder("What does step 2 say?", HOMEWORK, "en").surely
    assert not reminder("What is the total of item 2?", BILL, "en").surely
    grammar = told_grammar(Telling("=7\n", answers=True, surely=True), REFUSAL)
    assert grammar is not None
    assert re.fullmatch(grammar.text, "=7")
    assert not re.fullmatch(grammar.text, REFUSAL)
