# ruff: noqa: E501 - tables of titles and labels
"""Orders as shop apps show them: goods, fees that add up, thresholds and small print, sorted into panels."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from jianwei.scenes import words
from jianwei.scenes.label_words import widened, widened_list
from jianwei.scenes.scene import Language, Split


@dataclass(frozen=True)
class Good:
    """An article in the cart; its price for one in cents."""

    name: str
    count: int
    cents: int


@dataclass(frozen=True)
class Panel:
    """A titled part of the screen.

    Attributes:
        key: what it is about, the same in every language.
        title: as shown.
        rows: label and value.
        notes: lines of small print below the rows.
    """

    key: str
    title: str
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """What an order screen tells.

    Attributes:
        sign: of the currency.
        goods: in the cart.
        panels: as they follow each other; "goods" and "fees" are always among them.
        subtotal: of the goods, in cents.
        shipping: fee in cents.
        free_from: subtotal in whole units from which shipping is free; None when the screen does not say.
        total: to be paid, in cents.
        labels: the labels shown for "subtotal", "shipping", "discount" and "total".
        coupon: the small print of a coupon; empty without one.
        coupon_from: the subtotal in whole units that the coupon asks for.
    """

    sign: str
    goods: tuple[Good, ...]
    panels: tuple[Panel, ...]
    subtotal: int
    shipping: int
    free_from: int | None
    total: int
    labels: dict[str, str] = field(default_factory=lambda: {})
    coupon: str = ""
    coupon_from: int = 0

    def money(self, cents: int) -> str:
        """An amount as the screen writes it."""
        return f"{'-' if cents < 0 else ''}{self.sign}{abs(cents) / 100:.2f}"


_TITLES: dict[Split, dict[Language, dict[str, str]]] = widened("screens", {
    "train": {
        "zh": {"to": "收货信息|收件人信息", "goods": "商品清单|已选商品", "fees": "费用明细|价格明细", "ship": "配送|配送方式", "coupon": "优惠券|优惠活动", "pay": "支付|付款方式", "order": "订单信息|订单详情"},
        "en": {"to": "Delivery address|Ship to", "goods": "Your items|Cart", "fees": "Price details|Order summary", "ship": "Shipping|Delivery options", "coupon": "Coupons|Promotions", "pay": "Payment|Payment method", "order": "Order info|Order details"},
    },
    "test": {
        "zh": {"to": "送货地址", "goods": "购物车", "fees": "结算|金额", "ship": "物流服务", "coupon": "促销", "pay": "收银台", "order": "单据信息"},
        "en": {"to": "Recipient", "goods": "Basket", "fees": "Totals|Amount due", "ship": "Dispatch", "coupon": "Offers", "pay": "Checkout", "order": "About this order"},
    },
})  # fmt: skip

_LABELS: dict[Split, dict[Language, dict[str, str]]] = widened("screens", {
    "train": {
        "zh": {"subtotal": "商品小计|商品金额", "shipping": "运费|配送费", "discount": "优惠|立减", "total": "合计|应付金额", "pack": "包装费"},
        "en": {"subtotal": "Subtotal|Items total", "shipping": "Shipping fee|Delivery fee", "discount": "Discount|Savings", "total": "Total|Order total", "pack": "Packaging"},
    },
    "test": {
        "zh": {"subtotal": "货款", "shipping": "邮费|快递费", "discount": "减免", "total": "实付款|总计", "pack": "打包费"},
        "en": {"subtotal": "Goods", "shipping": "Postage", "discount": "You save", "total": "To pay|Grand total", "pack": "Box fee"},
    },
})  # fmt: skip

_FREE: dict[Split, dict[Language, tuple[str, ...]]] = widened_list(
    "free",
    {
        "train": {
            "zh": ("满{}元免运费", "订单满{}元包邮"),
            "en": ("Free shipping over {}", "Free delivery on orders over {}"),
        },
        "test": {"zh": ("消费达{}元免邮",), "en": ("Spend {} to ship free", "No postage from {}")},
    },
)
_COUPON: dict[Split, dict[Language, tuple[str, ...]]] = widened_list(
    "coupon",
    {
        "train": {
            "zh": ("仅限订单满{0}元", "满{0}元可用", "满{0}减{1}"),
            "en": ("Only for orders over {0}", "Min. spend {0}", "{1} off orders over {0}"),
        },
        "test": {
            "zh": ("单笔不低于{0}元方可使用",),
            "en": ("Valid from {0} on", "Needs a basket of {0} or more"),
        },
    },
)
_NOTES: dict[Language, tuple[str, ...]] = {
    "zh": ("优惠不与其他活动同享", "特价商品除外", "偏远地区除外", "以支付时金额为准", "支持七天无理由退货"),
    "en": ("Cannot be combined", "Sale items excluded", "Remote areas excluded", "Taxes included", "Returns within 30 days"),
}  # fmt: skip


def order(rng: Random, split: Split, language: Language) -> Order:
    """An order whose figures add up, shown on three to five panels."""
    zh = language == "zh"
    sign = "¥" if zh else rng.choice("$£€")
    goods = _goods(rng, language)
    subtotal = sum(good.count * good.cents for good in goods)
    free_from = rng.choice((39, 49, 59, 79, 99, 129, 199) if zh else (25, 35, 40, 50, 75, 100))
    shipping = 0 if subtotal >= 100 * free_from else rng.choice((300, 499, 500, 600, 800, 999, 1000, 1200))
    labels = {key: rng.choice(said.split("|")) for key, said in _LABELS[split][language].items()}
    coupon_from = rng.choice((50, 59, 88, 99, 100, 150, 199) if zh else (20, 30, 40, 60, 80))
    off = rng.choice((5, 8, 10, 15, 20)) if subtotal > 4000 else 3
    with_coupon = rng.random() < 0.65
    less = 100 * off if with_coupon and subtotal >= 100 * coupon_from else 0
    pack = rng.choice((100, 150, 200)) if rng.random() < 0.3 else 0
    total = subtotal + shipping - less + pack

    def money(cents: int) -> str:
        return f"{'-' if cents < 0 else ''}{sign}{abs(cents) / 100:.2f}"

    def whole(units: int) -> str:
        return str(units) if zh else f"{sign}{units}"

    coupon = (
        rng.choice(_COUPON[split][language]).format(whole(coupon_from), whole(off)) if with_coupon else ""
    )
    fees = [(labels["subtotal"], money(subtotal))]
    fees.append(
        (
            labels["shipping"],
            money(shipping) if shipping else rng.choice(("免费", "¥0.00") if zh else ("Free", money(0))),
        )
    )
    if less:
        fees.append((labels["discount"], money(-less)))
    if pack:
        fees.append((labels["pack"], money(pack)))
    fees.append((labels["total"], money(total)))
    tells_free = rng.random() < 0.75
    free = (rng.choice(_FREE[split][language]).format(whole(free_from)),) if tells_free else ()

    def title(key: str) -> str:
        return rng.choice(_TITLES[split][language][key].split("|"))

    def pick(chinese: str, english: str) -> str:
        return chinese if zh else english

    day = (
        f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
        if zh
        else f"{rng.choice(('Mon', 'Tue', 'Fri'))}, {rng.choice(('May', 'Jun', 'Oct'))} {rng.randint(1, 28)}"
    )
    carriers = (
        ("顺丰速运", "中通快递", "京东物流", "圆通速递") if zh else ("DHL", "UPS", "FedEx", "Royal Mail")
    )
    paid = (
        ("微信支付", "支付宝", "银行卡", "云闪付")
        if zh
        else ("Credit card", "PayPal", "Apple Pay", "Gift card")
    )
    panels = {
        "to": Panel("to", title("to"), ((pick("收货人", "Name"), words.person(rng, language)), (pick("电话", "Phone"), words.phone(rng, language)), (pick("地址", "Address"), words.address(rng, language)))),
        "goods": Panel("goods", title("goods"), tuple((f"{good.name} ×{good.count}", money(good.count * good.cents)) for good in goods)),
        "fees": Panel("fees", title("fees"), tuple(fees), () if rng.random() < 0.6 else (rng.choice(_NOTES[language][3:]),)),
        "ship": Panel("ship", title("ship"), ((pick("快递", "Carrier"), rng.choice(carriers)), (pick("预计送达", "Arrives"), day)), free),
        "coupon": Panel("coupon", title("coupon"), ((pick("新人券", "Welcome coupon"), money(-100 * off)),), (coupon, rng.choice(_NOTES[language][:3]))),
        "pay": Panel("pay", title("pay"), ((pick("方式", "Method"), rng.choice(paid)),)),
        "order": Panel("order", title("order"), ((pick("订单编号", "Order No."), words.digits(rng, 12)), (pick("下单时间", "Placed"), f"{rng.randint(2023, 2027)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}"))),
    }  # fmt: skip
    wanted = {"goods", "fees", *(["ship"] if tells_free else []), *(["coupon"] if with_coupon else [])}
    others = [key for key in ("to", "pay", "order", *([] if tells_free else ["ship"])) if key not in wanted]
    wanted |= set(rng.sample(others, rng.randint(0 if len(wanted) > 2 else 1, 2)))
    shown = [key for key in panels if key in wanted]
    if rng.random() < 0.5:
        rng.shuffle(shown)
    return Order(
        sign,
        goods,
        tuple(panels[key] for key in shown),
        subtotal,
        shipping,
        free_from if tells_free else None,
        total,
        labels,
        coupon,
        coupon_from,
    )


def _goods(rng: Random, language: Language) -> tuple[Good, ...]:
    found: list[Good] = []
    for _ in range(rng.randint(1, 4)):
        name = words.goods(rng, language)
        if not any(name in other.name or other.name in name for other in found):
            found.append(
                Good(
                    name, rng.choice((1, 1, 1, 2, 3)), rng.randint(2, 60) * 100 + rng.choice((0, 50, 90, 99))
                )
            )
    return tuple(found)
