"""Who sells and who buys."""

from __future__ import annotations

import pytest

from jianwei.evidence.parties import Party, party_of


@pytest.mark.parametrize(
    ("words", "party"),
    [
        ("甲方", "buyer"),
        ("供应方", "seller"),
        ("Bill To", "buyer"),
        ("Vendor", "seller"),
        ("货卖给了谁？", "buyer"),
        ("从哪家公司买的？", "seller"),
        ("钱打给哪家公司？", "seller"),
        ("谁付的款？", "buyer"),
        ("这张发票是哪家公司开的？", "seller"),
        ("票是开给谁的？", "buyer"),
        ("By whom was it sold?", "seller"),
        ("To whom was it sold?", "buyer"),
        ("From which shop were the goods bought?", "seller"),
        ("Who was charged?", "buyer"),
        ("Who gets the payment?", "seller"),
        ("Sold for", "buyer"),
        ("Invoiced to", "buyer"),
        ("Purchased from", "seller"),
        ("Collected by", "seller"),
        ("开票抬头", "buyer"),
        ("开票单位", "seller"),
        ("这桩买卖的卖方是哪家？", "seller"),
        ("买卖双方是谁？", None),
        ("Who signed it?", None),
        ("", None),
    ],
)
def test_which_party_is_spoken_of(words: str, party: Party | None) -> None:
    assert party_of(words) == party
