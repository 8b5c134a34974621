"""Names that OCR misread by one hanzi."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.alike import misread


@pytest.mark.parametrize(
    ("name", "question", "meant"),
    [
        ("鲷鬆香菇", "鲷鬏香菇标了几块？", True),
        ("鲷鬆香菇", "鲷鬏 香菇标了几块？", True),
        ("绮豆腐", "绮黪豆腐什么价？", True),
        ("瞌奔进", "瞌奔迸选了几样？", True),
        ("订单号", "快递单号是多少？", False),
        ("消费达", "免邮要消费到多少？", False),
        ("瞌奔", "瞌迸选了几样？", False),
        ("鲷鬆草菇", "鲷鬏香菇标了几块？", False),
        ("瞌奔7", "瞌奔8选了几样？", False),
        ("month", "which manth is it?", False),
    ],
)
def test_a_name_with_a_rare_hanzi_may_be_misread_by_one(name: str, question: str, meant: bool) -> None:
    assert misread([name, "other"], question) == ({name} if meant else set())


@given(st.lists(st.text(max_size=6), max_size=5), st.text(max_size=20))
def test_any_names_and_question_are_compared(names: list[str], question: str) -> None:
    assert misread(names, question) <= set(names)
