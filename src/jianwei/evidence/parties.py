"""Who sells and who buys: which of the two a question, or a label on a paper, speaks of."""

from __future__ import annotations

import re
from typing import Literal

Party = Literal["buyer", "seller"]

_BY = re.compile(r"\bby (?:whom|which|what|who)\b", re.IGNORECASE)
"""By whom it was sold: the verb alone tells who."""
_FROM_SELLER = re.compile(
    r"[从向在跟找](?!对).{0,9}(?:买(?!家)|购|订)|(?:处|[手那]里|那儿)买|[钱款].*[交付打]?给[谁哪]|"
    r"\bfrom (?:whom|which|what)\b|\b(?:purchased|bought|ordered) from\b|"
    r"\b(?:collected|issued) by\b|\bpay(?:able)? to\b|"
    r"\b(?:at|in) (?:which|what)\b|\bwhere\b|"
    r"\b(?:money|payments?)\b.*\b(?:go|paid|made)\b|"
    r"\b(?:receiv\w+|gets?|collects?|took|takes?)(?: the)? (?:money|payment)\b|"
    r"\b(?:is|gets|be) (?:to be )?paid\b|\bbilled the\b|\b(?:makes?|made) the (?:delivery|sale)\b",
    re.IGNORECASE,
)
_TO_BUYER = re.compile(
    r"[卖售销开供]予?给|售予|给[谁哪]|\b(?:to|for) (?:whom|which|what)\b|"
    r"\b(?:sold|supplied|delivered|invoiced?|issued) (?:to|for)\b|"
    r"\bwas (?:it that was )?(?:sold|supplied)\b|\b(?:is|was|be) (?:billed|invoiced|charged)\b",
    re.IGNORECASE,
)
_BUYS = re.compile(
    r"买|购|[采订]|甲方|需方|客[户人]|顾客|主顾|付[的了]?[款账钱]|支付|掏|出资|出的?钱|[收受]票|[收要进]货|抬头|"
    r"\b(?:buy(?:s|ers?|ing)?|bought|purchas\w*|acquir\w*|order(?:s|ed|ing)|customers?|clients?|party a|"
    r"pay(?:s|ing|er)?|paid|"
    r"receiv\w*|recipients?|bill(?:ed)? to|ow(?:es|ing)|(?:gets?|takes?|took)(?: the)? (?:goods|bill|delivery))\b",
    re.IGNORECASE,
)
_DEAL = re.compile("买卖|购销")
"""Names neither of the two alone."""
_SELLS = re.compile(
    r"卖|销|售|供|乙方|商户|店|超市|[出发]货|开票(?!抬头)|开具|开[的出]|收款|出具|"
    r"\b(?:sell(?:s|ers?|ing)?|sold|suppl\w*|vendors?|merchants?|dealers?|traders?|retailers?|party b|provid\w*|shops?|"
    r"stores?|issu(?:es|ed|er|ing)|payee|delivers?)\b",
    re.IGNORECASE,
)


def party_of(words: str) -> Party | None:
    """Which party they speak of; None where they speak of none or of both."""
    words = _DEAL.sub("", words)
    if not _BY.search(words):
        if _FROM_SELLER.search(words):
            return "seller"
        if _TO_BUYER.search(words):
            return "buyer"
    buys, sells = _BUYS.search(words) is not None, _SELLS.search(words) is not None
    if buys == sells:
        return None
    return "buyer" if buys else "seller"
