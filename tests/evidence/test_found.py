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
        ("a\nb\n", "a", False),  # two rows: there is something to choose
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


def test_an_amount_that_was_joined_to_its_label_is_told_behind_it() -> None:
    assert reminder("What is the total?", BILL, "en").text == "Grand sum\t£5.00\n"


def test_what_is_there_by_its_number_is_not_refused() -> None:
    assert reminder("What does step 2 say?", HOMEWORK, "en").surely
    assert not reminder("What is the total of item 2?", BILL, "en").surely
    grammar = told_grammar(Telling("=7\n", answers=True, surely=True), REFUSAL)
    assert grammar is not None
    assert re.fullmatch(grammar.text, "=7")
    assert not re.fullmatch(grammar.text, REFUSAL)
