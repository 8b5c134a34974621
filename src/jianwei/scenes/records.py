# ruff: noqa: E501 - tables of words
"""What invoices, receipts and contracts say: parties, lines of goods that add up, clauses, who has signed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from jianwei.scenes import words
from jianwei.scenes.label_words import widened, widened_list
from jianwei.scenes.scene import Language, Split

Kind = Literal["invoice", "receipt", "contract"]


@dataclass(frozen=True)
class Line:
    """One line of goods; amounts in cents."""

    name: str
    count: int
    cents: int

    @property
    def amount(self) -> int:
        """What the line comes to, in cents."""
        return self.count * self.cents


@dataclass(frozen=True)
class Signer:
    """A place to sign.

    Attributes:
        label: as printed before it.
        signed: whether somebody has.
        date: written beside it; empty where the date is left blank.
    """

    label: str
    signed: bool
    date: str


@dataclass(frozen=True)
class Record:
    """A business paper.

    Attributes:
        kind: which one.
        title: as printed.
        facts: key ("number", "date", "seller", "buyer", "cashier", "payment") to label and value, in their order.
        lines: of goods; empty on a contract.
        sums: key ("subtotal", "tax", "total") to label and value, in their order; they add up.
            A contract has its total in a clause, without a label.
        clauses: of a contract, without their numbers.
        signers: places to sign.
        stamp: the caption of the stamp; empty without one.
        firm: whose stamp it is.
        sign: of the currency.
    """

    kind: Kind
    title: str
    facts: dict[str, tuple[str, str]]
    lines: tuple[Line, ...]
    sums: dict[str, tuple[str, str]]
    clauses: tuple[str, ...]
    signers: tuple[Signer, ...]
    stamp: str
    firm: str
    sign: str

    def money(self, cents: int) -> str:
        """An amount as the paper writes it."""
        return f"{self.sign}{cents / 100:,.2f}"


_TITLES: dict[Kind, dict[Split, dict[Language, tuple[str, ...]]]] = {
    "invoice": {
        "train": {"zh": ("增值税普通发票", "销售发票"), "en": ("INVOICE", "Sales Invoice")},
        "test": {"zh": ("电子发票", "商业发票"), "en": ("Tax Invoice", "Commercial Invoice")},
    },
    "receipt": {
        "train": {"zh": ("购物小票", "收据"), "en": ("RECEIPT", "Sales Receipt")},
        "test": {"zh": ("结账单", "消费凭证"), "en": ("Cash Receipt", "Till Receipt")},
    },
    "contract": {
        "train": {"zh": ("采购合同", "供货合同"), "en": ("PURCHASE CONTRACT", "Supply Agreement")},
        "test": {"zh": ("买卖合同", "订货协议书"), "en": ("Sales Agreement", "Order Contract")},
    },
}  # fmt: skip

_LABELS: dict[Split, dict[Language, dict[str, str]]] = widened("documents", {
    "train": {
        "zh": {"number": "单据号码|编号", "date": "开票日期|日期", "seller": "销售方|卖方", "buyer": "购买方|买方", "cashier": "收银员", "payment": "付款方式", "subtotal": "小计|金额合计", "tax": "税额", "total": "价税合计|总计", "signer": "签字|签字盖章", "when": "日期"},
        "en": {"number": "No.|Document No.", "date": "Date|Issue Date", "seller": "Seller|From", "buyer": "Buyer|Bill To", "cashier": "Cashier", "payment": "Paid by", "subtotal": "Subtotal", "tax": "Tax", "total": "Total|Amount Due", "signer": "Signature|Signed by", "when": "Date"},
    },
    "test": {
        "zh": {"number": "流水号|No", "date": "签发日期", "seller": "供应方", "buyer": "客户", "cashier": "经手人", "payment": "结算方式", "subtotal": "不含税金额", "tax": "税款", "total": "应收总额|合计", "signer": "签名", "when": "签署日"},
        "en": {"number": "Reference", "date": "Issued on", "seller": "Supplier", "buyer": "Customer", "cashier": "Served by", "payment": "Settled with", "subtotal": "Net amount", "tax": "VAT", "total": "Gross total|Balance due", "signer": "Signed", "when": "Signed on"},
    },
})  # fmt: skip

_PARTIES: dict[Language, tuple[str, str]] = {"zh": ("甲方", "乙方"), "en": ("Party A", "Party B")}

_CLAUSES: dict[Split, dict[Language, tuple[str, ...]]] = {
    "train": {
        "zh": ("乙方向甲方供应{goods}{count}件", "合同总价为{total}", "交货日期为{date}", "违约金为总价的{rate}%", "付款期限为收货后{days}天", "质保期为{months}个月"),
        "en": ("Party B supplies {count} units of {goods}", "The total price is {total}", "Delivery is due on {date}", "The penalty is {rate}% of the price", "Payment is due within {days} days", "The warranty lasts {months} months"),
    },
    "test": {
        "zh": ("甲方订购{goods}，数量{count}", "价款共计{total}", "最迟于{date}送达", "逾期按{rate}%支付赔偿", "甲方应在{days}日内付清", "保修{months}个月"),
        "en": ("Party A orders {goods}, quantity {count}", "The price agreed on is {total}", "Goods arrive no later than {date}", "Late parties pay {rate}% in damages", "Party A pays in full in {days} days", "Repairs are free for {months} months"),
    },
}  # fmt: skip

CAPTIONS: dict[Language, dict[Kind, str]] = {
    "zh": {"invoice": "发票专用章", "receipt": "收款专用章", "contract": "合同专用章"},
    "en": {"invoice": "APPROVED", "receipt": "PAID", "contract": "SEALED"},
}
"""What stands in the middle of a stamp."""


def record(rng: Random, split: Split, language: Language) -> Record:
    """A business paper of one of three kinds; half are stamped, half of the places to sign are blank."""
    kind: Kind = rng.choice(("invoice", "receipt", "contract"))
    sign = "¥" if language == "zh" else rng.choice("$£€")
    labels = {key: rng.choice(said.split("|")) for key, said in _LABELS[split][language].items()}
    values = {
        "number": words.code(rng),
        "date": words.date(rng, language),
        "seller": words.company(rng, language),
        "buyer": words.company(rng, language) if kind != "receipt" else words.person(rng, language),
        "cashier": words.person(rng, language),
        "payment": rng.choice(
            ("微信支付", "现金", "银行转账") if language == "zh" else ("Cash", "Visa", "Bank transfer")
        ),
    }
    keys = {
        "invoice": ("number", "date", "seller", "buyer"),
        "receipt": ("seller", "date", "number", "cashier", "payment"),
        "contract": ("number", "seller", "buyer", "date"),
    }[kind]
    kept = [key for key in keys if key in ("seller", "buyer") or rng.random() < 0.8]
    facts = {key: (labels[key], values[key]) for key in kept}
    lines = () if kind == "contract" else _lines(rng, language, kind)
    subtotal = sum(line.amount for line in lines) or rng.randint(50, 90000) * 100
    sums: dict[str, tuple[str, str]] = {}
    clauses: tuple[str, ...] = ()

    def money(cents: int) -> str:
        return f"{sign}{cents / 100:,.2f}"

    if kind == "contract":
        a, b = _PARTIES[language]
        facts["buyer"], facts["seller"] = (a, values["buyer"]), (b, values["seller"])
        facts = {key: facts[key] for key in ("number", "buyer", "seller", "date") if key in facts}
        goods = words.goods(rng, language)
        filled = {
            "goods": goods, "count": rng.randint(10, 2000), "total": money(subtotal), "date": words.date(rng, language),
            "rate": rng.randint(1, 30), "days": rng.choice((7, 10, 15, 30, 45, 60)), "months": rng.choice((3, 6, 12, 18, 24)),
        }  # fmt: skip
        pool = list(_CLAUSES[split][language])
        picked = [pool[0], pool[1], *rng.sample(pool[2:], rng.randint(1, 3))]
        if rng.random() < 0.5:
            rng.shuffle(picked)
        clauses = tuple(clause.format(**filled) for clause in picked)
        sums["total"] = ("", money(subtotal))
        signers = tuple(_signer(rng, f"{party}{labels['signer']}" if language == "zh" else f"{party} {labels['signer'].lower()}", language) for party in (a, b))  # fmt: skip
    else:
        rate = rng.choice((3, 6, 9, 13) if language == "zh" else (5, 8, 10, 20))
        tax = round(subtotal * rate / 100) if kind == "invoice" or rng.random() < 0.3 else 0
        if tax:
            sums["subtotal"] = (labels["subtotal"], money(subtotal))
            sums["tax"] = (f"{labels['tax']}({rate}%)", money(tax))
        sums["total"] = (labels["total"], money(subtotal + tax))
        wanted = kind == "invoice" or rng.random() < 0.4
        signers = (_signer(rng, labels["signer"], language),) if wanted else ()
    stamp = CAPTIONS[language][kind] if rng.random() < 0.5 else ""
    title = rng.choice(widened_list(kind, _TITLES[kind])[split][language])
    return Record(kind, title, facts, lines, sums, clauses, signers, stamp, values["seller"], sign)


def date_label(split: Split, language: Language) -> str:
    """What is printed before the date beside a signature."""
    return _LABELS[split][language]["when"]


def _signer(rng: Random, label: str, language: Language) -> Signer:
    signed = rng.random() < 0.5
    return Signer(label, signed, words.date(rng, language) if rng.random() < (0.8 if signed else 0.2) else "")


def _lines(rng: Random, language: Language, kind: Kind) -> tuple[Line, ...]:
    found: list[Line] = []
    for _ in range(rng.randint(2, 6 if kind == "receipt" else 5)):
        name = words.goods(rng, language)
        if not any(name in other.name or other.name in name for other in found):
            cents = rng.randint(2, 90) * 100 + rng.choice((0, 50, 90, 99))
            found.append(Line(name, rng.randint(1, 9 if kind == "receipt" else 40), cents))
    return tuple(found)
