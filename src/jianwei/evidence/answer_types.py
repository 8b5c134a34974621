"""Rows that hold what a question asks for: a day, a number, an amount, a name; found by how such things are written.

What people ask for need not stand beside the words that they use ("when was it drawn up" is told by "Issued on"). Which
kind of thing it is their words do say, and few rows of a page hold one ("Answer typing", as question answering over
text has long done it: "Learning Question Classifiers", Li and Roth, 2002).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut, is_blank, is_labelled, pairs
from jianwei.evidence.parties import Party, party_of
from jianwei.evidence.sums import is_article, larger_below, priced, sum_row

MAX_TYPED = 5
"""Rows of a kind that are told; where a page has more, its last ones: totals stand there."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_AMOUNT = r"[-−+]?\s?(?:[¥￥$€£]|(?:USD|EUR|GBP|CNY|RMB)\s)\s?\d[\d,.]*|[-−+]?\d[\d,.]*\s?[元块]"


class _Kind(NamedTuple):
    asks: re.Pattern[str]
    holds: re.Pattern[str]


def _kind(asks: str, holds: str) -> _Kind:
    return _Kind(re.compile(asks, re.IGNORECASE), re.compile(holds, re.IGNORECASE))


_CONDITIONS = _kind(
    r"条件|条款|规[则定]|要求|门槛|限[定制]|小字|须知|满多少|达到|起送|起用|免[邮运]|包邮|不收|注释|用法|券.{0,4}(?:怎么|可用)|"
    r"\b(?:coupon|voucher|offer)\b.*\b(?:used?|cashed|redeem\w*)\b|\btiny\b|"
    r"\b(?:rules?|conditions?|terms|provisions?|demand(?:s|ed)?|cash in|restrict\w+|minimum|threshold|"
    r"(?:small|fine) print|limit\w*|requir\w+|qualif\w+|waived?|reach|free)\b",
    r"满|不低于|以上|起用|仅[限可]|除外|不[可与]|消费[达满]|[达超]\d|方可|适用|门槛|"
    r"\b(?:over|above|buy|from|min|minimum|at least|or more|spend|valid|needs?|only|orders?|purchases?)\b.*\d|"
    r"\bexcluded\b",
)
"""What is allowed, and from which amount on."""
_TERMS = re.compile(
    r"[券惠扣].*(?:字|限|条|规|要求|怎|咋|须知|说明|注)|小号?[文的]?字|\b(?:small|fine|tiny) (?:print|letters)\b|"
    r"\b(?:coupon|voucher|offer)\b",
    re.IGNORECASE,
)
_DAYS = _kind(
    r"日期|日子|哪一?[天日年]|几[号月日]|何[时日年]|什么时候|什么日|时间|[到过]期|保质|年月日|"
    r"\b(?:when|dates?|dated|days?|how (?:old|long)|until|expir\w+|what year|month)\b",
    rf"\d{{2,4}}[-./年]\d{{1,2}}[-./月]\d{{1,4}}|\d{{1,2}}月\d{{1,2}}日|"
    rf"\b{_MONTH} ?\d{{1,2}}\b|\b\d{{1,2}} ?{_MONTH}",
)
_NUMBERS = _kind(
    r"[编单票据证案档件流水]号|编码|号码|代码|识别码|的号|"
    r"\b(?:numbers?|no\.|codes?|references?|ref|ids?|identif\w+|serial|registration|registered as|numbered)\b",
    r"(?<![\w.,/-])(?!\d{1,4}[-./年])(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{4,}(?![.,/]?\d)",
)
_AMOUNTS = _kind(
    r"多少钱|钱数|几[元块]|[金数款税]额|总[额计价数和共开支]|开销|支出|合计|一共|加起来|共[计付]|[应实]付|付多少|[掏花交收]多少|[费价款税]|"
    r"\b(?:how much|sums?|totals?|amounts?|paid|pay(?:s|ment|able|ing)?|costs?|charge[sd]?|price[sd]?|ow(?:ed|ing)|"
    r"due|figures?|fees?|bill(?:ed)?|spent|all ?together|in all|tax(?:es)?|vat|gst|postage|comes? to|adds? up|"
    r"sets? (?:me|you|us) back|owes?|transfer)\b",
    rf"^(?:[^:：]*[:：]\s*)?(?:{_AMOUNT}|免费|包邮|free)$",
)
_PARTIES = _kind(
    r"谁|哪一?[家方个]|公司|企业|单位|[甲乙买卖供销售购需商出收]方|款方(?!式)|[货采供应销]商|商[家号户]|收货|[店铺]|[供采]应?一?方|客户|顾客|"
    r"\b(?:who|whom|whose|firms?|company|business|sellers?|buyers?|suppliers?|vendors?|part(?:y|ies)|customers?|"
    r"clients?|dealers?|shops?|stores?|merchants?|provider|purchasers?|payers?|payees?|issuers?|billed|recipients?)\b",
    r"公司|[店行厂馆院社铺吧场厅]$|超市|集团|商[店行城]|"
    r"\b(?:ltd|inc|co|llc|corp|plc|gmbh|market|trading|supplies|logistics|store|shop|motors|studio|pharmacy|"
    r"hardware|books|foods|coffee|tech)\b\.?$|^\s*(?:甲方|乙方|买方|卖方|party [ab])\s*[:：]",
)
_FEES = _kind(
    r"[运邮]费|配送.*[钱费]|(?:快递|[寄送](?:货|[过回]?来)).*[钱费]|"
    r"\b(?:shipping|deliver(?:y|ed|ing)|postage|carriage|freight|mailing|dispatch|courier|transport\w*|sent|sending)\b",
    r"[运邮]费|配送|快递费|货运|运输|[寄搬]|"
    r"\b(?:shipping|shipment|delivery|postage|carriage|freight|dispatch|courier|transport\w*|s&h|p&p)\b",
)
_PEOPLE = _kind(
    r"谁|哪位|姓名|名字|署名|落款|叫什么|学生|同学|孩子|"
    r"\b(?:who|whose|names?|named|pupils?|students?|learners?|child|kid|belongs?|person)\b",
    r"^\s*(?:姓名|名字|学生|收[货件]人|联系人|(?:full |first )?(?!no(?:te|ne)|nine)n[a-z]{1,3}e|student|pupil|"
    r"recipient)\s*(?:[:：]|$|\s(?=\s*[A-Z]))",
)
_CLASSES = _kind(
    r"班|年级|\b(?:class|grade|form|year)\b",
    r"^\s*(?:班[级别]?|c[a-z1]{1,3}ss?|grade|form)\s*(?:[:：]|$|\s(?=\s*\S{2}$))",
)
_WHO = re.compile(r"谁|哪一?[家个方]|公司|\b(?:who|whom|whose|firm|company|business)\b", re.IGNORECASE)
_HOW_MUCH = re.compile(r"多少|几[元块]|\b(?:how much|amount|sum|total)\b", re.IGNORECASE)
_COST = re.compile(r"[要收付花]多少|多少[钱元块]|几[元块]|\bhow much\b", re.IGNORECASE)
_KINDS = (_DAYS, _NUMBERS, _AMOUNTS, _PARTIES, _CLASSES, _PEOPLE)
_IN_WORDS = re.compile(_AMOUNT)
_GENERAL = re.compile(
    r"日期|时间|金额|总额|合计|总计|小计|单价|价格|编号|单号|号码|数量|名称|公司|单位|客户|"
    r"付款|支付|购买|下单|去?结算|"
    r"(?:dates?|days?|no\.?|numbers?|sums?|totals?|amounts?|prices?|figures?|units?|names?|company|customer|pay|"
    r"order|buy|bill)[:：]?",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"标题|题目|[抬台题]头|顶[部端上]|开头|大字|名[称目头]|叫什么|"
    r"\b(?:titles?|titled|head(?:ing|er|line|s)?|big(?:gest)? (?:print|letters|words)|at the top|what name|"
    r"(?:is|does|are) (?:it|the|this)\b.* called|banner|name of (?:the|this) (?:sheet|document|paper|form|page|chart|"
    r"graph|diagram|plot)|plot topic|first text)\b|\bcalled\W*$",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"总|合计|一共|共[计付]|加起来|[应实需]付|[应实][交收]|付多少|付[款钱]|结账|整单|最[后终]|掏|"
    r"\b(?:totals?|sum|al(?:l )?together|in all|all told|overall|due|balance|pay(?:able)?|comes? to|bill|"
    r"in the end|finally|charged|owes?|adds? up|all included|everything)\b",
    re.IGNORECASE,
)
_IN_ALL = re.compile(
    r"总|合计|一共|\b(?:totals?|in all|al(?:l )?together|overall|in the end|everything)\b", re.IGNORECASE
)
_TAX = re.compile(
    r"(?<![含价])税|(?<!with )(?<!including )(?<!incl\. )\b(?:tax(?:es)?|vat|gst)\b", re.IGNORECASE
)
_SIGNATURE = re.compile(r"签[名字章署]|盖章|代表|\b(?:sign\w*|on behalf|seal)\b", re.IGNORECASE)
_SUBTOTAL = re.compile(
    r"小计|不含税|税前|未税|\b(?:sub|net|before|excl\w*|ex|without|(?:items?|goods) total)\b|\bw/o\b|\bsub-?\s?t",
    re.IGNORECASE,
)
_TOP, _LARGER = 4, 1.15
"""Rows among which a title is, and how much larger it is written than the others."""


def is_general(words: str) -> bool:
    """Whether words of a page name nothing in particular: "Date" and "Sum" are in many questions."""
    return _GENERAL.fullmatch(words) is not None


def asks_for_day(question: str) -> bool:
    """Whether it asks for a day."""
    return _DAYS.asks.search(question) is not None


def asks_for_amount(question: str) -> bool:
    """Whether it asks for an amount of money."""
    return _AMOUNTS.asks.search(question) is not None


def asks_for_cost(question: str) -> bool:
    """Whether it asks what is to be paid, in so many words."""
    return _COST.search(question) is not None


def asks_for_terms(question: str) -> bool:
    """Whether it asks what the small print or a coupon says, and for no amount in it."""
    return _TERMS.search(question) is not None and _HOW_MUCH.search(question) is None


def is_entry(question: str, row: Sequence[OcrLine]) -> bool:
    """Whether a row holds the day, the number, the class or the person that is asked for, and no amount is."""
    return not asks_for_amount(question) and any(
        kind.asks.search(question) and any(kind.holds.search(line.text.strip()) for line in row)
        for kind in (_DAYS, _NUMBERS, _CLASSES, _PEOPLE)
    )


def day_in(text: str) -> re.Match[str] | None:
    """Where a day begins in a text."""
    return _DAYS.holds.search(text)


def total_row(question: str, rows: Sequence[Sequence[OcrLine]]) -> Sequence[OcrLine] | None:
    """The row that sums up a bill, for a question after a total: what adds up, else what is labelled so."""
    if not _AMOUNTS.asks.search(question) or not _TOTAL.search(question):
        return None
    if _TAX.search(question) or _WHO.search(question):
        return None
    if _FEES.asks.search(question) and not _IN_ALL.search(question):
        return None  # a part of it
    found = sum_row(rows)
    if found and _SUBTOTAL.search(found[0].text):
        return larger_below(found, rows)
    labelled = _labelled(_TOTAL, rows)
    return found or (labelled[-1] if labelled else None)


def tax_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The rows of a bill that are labelled as taxes, for a question after them."""
    if not _TAX.search(question) or _SUBTOTAL.search(question):
        return []
    return _labelled(_TAX, rows)[-MAX_TYPED:]


def _labelled(label: re.Pattern[str], rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The amounts with such a label, none of a part of the sum."""
    return [row for row in priced(rows) if label.search(row[0].text) and not _SUBTOTAL.search(row[0].text)]


def fee_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The rows of a bill that are labelled as fees for sending it, for a question after them."""
    asked = _FEES.asks.search(question) and _AMOUNTS.asks.search(question)
    if not asked or _CONDITIONS.asks.search(question):
        return []
    return _labelled(_FEES.holds, rows)[-MAX_TYPED:]


def condition_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """What is printed of conditions, a line each, for a question after them."""
    if not _CONDITIONS.asks.search(question):
        return []
    lines = [
        line
        for row in rows
        for line in row
        if _CONDITIONS.holds.search(line.text) and not _NUMBERS.holds.search(line.text)
    ]
    return [[line] for line in lines[-MAX_TYPED:]]


def typed_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The rows that hold the kind of thing that the question asks for, in their order; empty where it says none."""
    for kind in _KINDS:
        if not kind.asks.search(question):
            continue
        if kind is _AMOUNTS and _WHO.search(question) and not _HOW_MUCH.search(question):
            continue  # who is paid, not what
        found = _holding(kind.holds, rows)
        if kind is _AMOUNTS:
            # In a contract the price stands in a sentence; on a slip goods have prices, and are asked for by name.
            found = found or _in_words(rows)
            if len(found) > MAX_TYPED:
                found = [row for row in found if not any(is_article(line.text) for line in row)]
        if found:
            return [pair for row in found[-MAX_TYPED:] for pair in _holding(kind.holds, pairs(row)) or [row]]
    return _title(rows) if _TITLE.search(question) else []


def party_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The labels of the one who sells or buys, whichever is asked for, and what stands behind them."""
    party = party_of(question) if _PARTIES.asks.search(question) else None
    found: list[Sequence[OcrLine]] = [
        pair for row in rows for pair in pairs(row) if party and _is_of(party, pair)
    ]
    return found[:MAX_TYPED]


def _is_of(party: Party, pair: Sequence[OcrLine]) -> bool:
    label = re.split("[:：]", pair[0].text)[0]
    named = is_labelled(pair) and not is_blank(pair) and not _SIGNATURE.search(label)
    return named and party_of(label) == party


def _in_words(rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The amounts that stand in sentences, each for itself."""
    return [
        [cut(line, found.start(), found.start() + len(found[0].rstrip(".,")))]
        for row in rows
        for line in row
        for found in _IN_WORDS.finditer(line.text)
    ]


def _title(rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """What is written largest near the top, else the first rows."""
    top = [line for row in rows[:_TOP] for line in row]
    order = sorted(top, key=lambda line: -line.height)
    if len(order) > 1 and order[0].height > _LARGER * order[1].height:
        return [order[:1]]
    return list(rows[:2])


def _holding(pattern: re.Pattern[str], rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    return [row for row in rows if any(pattern.search(line.text.strip()) for line in row)]
