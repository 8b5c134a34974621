"""Questions for nothing but a label."""

from __future__ import annotations

import pytest

from jianwei.evidence.bare import is_bare


@pytest.mark.parametrize(
    ("question", "name", "bare"),
    [
        ("What is the order number?", "order number", True),
        ("Hello, could you read out the order number please", "order number", True),
        ("Order number", "order number", True),
        ("What is the price of the order?", "order", False),
        ("When was the order sent?", "order", False),
        ('Show "Order number"', "order number", False),
        ("请问图上的会员号是多少？", "会员号", True),
        ("帮我看看减免到底是多少。", "减免", True),
        ("会员号在哪天到期？", "会员号", False),
        ("会员的电话是多少？", "会员", False),
    ],
)
def test_a_question_is_bare_where_only_a_label_is_left(question: str, name: str, bare: bool) -> None:
    assert is_bare(question, [name]) is bare
