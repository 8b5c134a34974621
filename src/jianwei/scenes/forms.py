"""Papers and screens that say something about themselves: receipts, orders, labels, notices, price lists.

``layout`` decides what is printed where, ``misread`` what OCR may make of it; ``form_questions`` asks,
``paper`` draws. A layout alone, with estimated widths, is enough to train the reading of OCR evidence without
a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from jianwei.scenes import words
from jianwei.scenes.fields import FIELDS, Field
from jianwei.scenes.scene import Language, named

TITLES: dict[Language, tuple[str, ...]] = {
    "zh": (
        "收据",
        "购物小票",
        "订单详情",
        "电子发票",
        "增值税普通发票",
        "送货单",
        "出库单",
        "入库单",
        "报价单",
        "结算单",
        "缴费通知",
        "预约单",
        "会员卡",
        "产品合格证",
        "产品标签",
        "快递面单",
        "登机牌",
        "电影票",
        "入场券",
        "名片",
        "通知",
        "公告",
        "价目表",
        "菜单",
        "账单",
        "体检报告",
        "保修卡",
        "采购合同",
        "租赁合同",
        "欢迎光临",
    ),
    "en": (
        "Receipt",
        "Invoice",
        "Order Details",
        "Sales Receipt",
        "Tax Invoice",
        "Delivery Note",
        "Packing List",
        "Quotation",
        "Statement",
        "Boarding Pass",
        "Ticket",
        "Business Card",
        "Notice",
        "Price List",
        "Menu",
        "Bill",
        "Warranty Card",
        "Contract",
        "Product Label",
        "Shipping Label",
        "WELCOME",
        "Thank You",
    ),
}

LOOSE: dict[Language, tuple[str, ...]] = {
    "zh": (
        "谢谢惠顾",
        "欢迎下次光临",
        "请妥善保管",
        "凭此票退换",
        "最终解释权归本店所有",
        "扫码关注公众号",
        "新品上市",
        "限时特惠",
        "会员专享",
        "请核对金额",
        "票据当日有效",
        "易碎品",
        "小心轻放",
        "向上",
        "防潮",
        "请勿倒置",
        "温馨提示",
        "满99元包邮",
        "七天无理由退货",
        "打印二维码",
        "如有疑问请联系客服",
        "已优惠",
        "详情见背面",
    ),
    "en": (
        "Thank you!",
        "Please come again",
        "No refunds",
        "Keep this receipt",
        "Scan to pay",
        "New arrival",
        "Members only",
        "Limited offer",
        "FRAGILE",
        "THIS WAY UP",
        "KEEP DRY",
        "Terms apply",
        "See back for details",
        "Free shipping over $50",
        "Have a nice day",
        "Customer copy",
        "www.example.com",
    ),
}


@dataclass(frozen=True)
class Cell:
    """A piece of print: its text, its left and top edge, its height and estimated width in pixels."""

    text: str
    left: float
    top: float
    size: float
    width: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.size


@dataclass(frozen=True)
class Entry:
    """A label with its value; ``field`` is the meaning, if any, ``kind`` "field", "price" or "count".

    ``printed`` is the label as OCR read it, where that differs from what a person would ask for.
    """

    field: Field | None
    label: str
    value: str
    kind: str = "field"
    printed: str = ""

    def told(self, language: Language) -> str:
        """The answer to a question for it."""
        return named(self.printed or self.label, self.value, language)


@dataclass
class Form:
    """What is printed: rows of cells from the top, and what they mean."""

    language: Language
    width: float
    rows: list[list[Cell]] = field(default_factory=lambda: [])
    entries: list[Entry] = field(default_factory=lambda: [])
    title: str = ""
    height: float = 0.0

    @property
    def cells(self) -> list[Cell]:
        """All pieces in reading order."""
        return [cell for row in self.rows for cell in row]


def text_width(text: str, size: float) -> float:
    """Estimated width in pixels: a wide character is as wide as high, the others a little over half."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text) * size


def layout(rng: Random, language: Language, rows: int) -> Form:
    """A form of about ``rows`` rows (at least one), with fields, goods and loose lines in random order."""
    return _Layout(rng, language).fill(rows)


_ASKED_MOST = (
    "total",
    "date",
    "order",
    "phone",
    "unit_price",
    "product",
    "address",
    "seller",
    "expires",
    "receiver",
)


class _Layout:
    """Writes rows from the top of a sheet, with one habit of spacing and punctuation for the whole of it."""

    def __init__(self, rng: Random, language: Language) -> None:
        self._rng = rng
        self._language: Language = language
        self._size = rng.uniform(20, 36)
        self._form = Form(language, width=rng.uniform(14, 34) * self._size)
        self._margin = rng.uniform(0.4, 2.5) * self._size
        self._y = rng.uniform(0.5, 4) * self._size
        self._leading = rng.uniform(1.25, 2.4)
        wide = ("：", "：", "：", ":", ": ", "", " ")
        narrow = (":", ": ", ": ", " ", "", "# ", " - ")
        self._colon = rng.choice(wide if language == "zh" else narrow)
        self._style = rng.choice(("inline", "inline", "side", "side", "above", "mixed", "mixed"))
        self._value_at = rng.choice(("column", "end", "after"))
        self._column = rng.uniform(0.35, 0.6) * self._form.width

    def fill(self, rows: int) -> Form:
        rng, form = self._rng, self._form
        if rows > 2 and rng.random() < 0.65:
            title = (
                rng.choice(TITLES[self._language])
                if rng.random() < 0.7
                else words.company(rng, self._language)
            )
            form.title = title
            self._row([title], scale=rng.uniform(1.0, 1.6), centred=rng.random() < 0.6)
        # The end of the list is taken first: what people ask about most comes early in every other form.
        pool = rng.sample(FIELDS, len(FIELDS))
        if rng.random() < 0.5:
            pool.sort(key=lambda known: known.key in _ASKED_MOST and rng.random() < 0.6)
        goods_from = rng.randint(0, rows) if rows > 1 and rng.random() < 0.5 else -1
        while len(form.rows) < rows:
            if len(form.rows) >= goods_from >= 0:
                goods_from = -1
                self._goods(min(rows - len(form.rows), rng.randint(1, 8)))
            elif rows > 1 and rng.random() < 0.15:
                self._loose()
            else:
                self._entry(pool)
        form.height = self._y + rng.uniform(0.3, 4) * self._size
        form.width = max(form.width, max(cell.box[2] for cell in form.cells) + self._margin)
        return form

    def _row(
        self, texts: Sequence[str], *, scale: float = 1.0, centred: bool = False, lefts: Sequence[float] = ()
    ) -> None:
        """Puts texts on one row: centred, at the given places, or one after the other."""
        size = self._size * scale
        row: list[Cell] = []
        left = self._margin
        for i, text in enumerate(texts):
            width = text_width(text, size)
            if lefts:
                left = max(left, lefts[i])
            elif centred:
                left = max(self._margin, (self._form.width - width) / 2)
            row.append(Cell(text, left, self._y, size, width))
            left += width + 1.2 * size
        self._form.rows.append(row)
        self._y += size * self._leading

    def _loose(self) -> None:
        rng, language = self._rng, self._language
        style = rng.random()
        if style < 0.5:
            text = rng.choice(LOOSE[language])
        elif style < 0.75:
            text = (
                words.random_hanzi(rng, 2, 12)
                if language == "zh"
                else " ".join(words.random_letters(rng, 2, 8) for _ in range(rng.randint(1, 4)))
            )
        else:
            text = rng.choice((words.company, words.address))(rng, language)
        self._row([text], centred=rng.random() < 0.3)

    def _new_entry(self, pool: list[Field]) -> Entry:
        rng, language = self._rng, self._language
        if rng.random() < 0.25 or not pool:
            if language == "zh":
                label = words.random_hanzi(rng, 2, 5)
            else:
                label = " ".join(words.random_letters(rng, 3, 8) for _ in range(rng.randint(1, 2)))
            return Entry(None, label, anything(rng, language))
        known = pool.pop()
        value = anything(rng, language) if rng.random() < 0.2 else known.value(rng, language)
        return Entry(known, rng.choice(known.labels[language]), value)

    def _entry(self, pool: list[Field]) -> None:
        rng = self._rng
        entry = self._new_entry(pool)
        self._form.entries.append(entry)
        style = rng.choice(("inline", "side", "above")) if self._style == "mixed" else self._style
        if style == "inline":
            texts = [f"{entry.label}{self._colon}{entry.value}"]
            if rng.random() < 0.2:
                other = self._new_entry(pool)
                self._form.entries.append(other)
                texts.append(f"{other.label}{self._colon}{other.value}")
            self._row(texts, scale=rng.choice((1, 1, 1, 1.3)))
        elif style == "side":
            label = entry.label + (self._colon.strip() if rng.random() < 0.5 else "")
            self._row([label, entry.value], lefts=[self._margin, self._place(entry.value)])
        else:
            self._row([entry.label], scale=rng.choice((0.8, 1)))
            self._row([entry.value], scale=rng.choice((1, 1.4)))

    def _place(self, value: str) -> float:
        """Where the value of a row begins: in a column, at the right edge, or right after the label."""
        if self._value_at == "column":
            return self._column
        if self._value_at == "end":
            return self._form.width - self._margin - text_width(value, self._size)
        return 0.0

    def _goods(self, rows: int) -> None:
        """Lines of goods: name and price; name, quantity and price; or a name above its price."""
        rng, language, form = self._rng, self._language, self._form
        style = rng.choice(("price", "price", "count", "tag"))
        unit = rng.choice(UNIT_MARKS[language])
        if style == "count" and rng.random() < 0.6 and rows > 1:
            heads = (
                ("商品 数量 金额", "名称 数量 小计", "品名 数量 价格")
                if language == "zh"
                else ("Item Qty Price", "Description Qty Amount")
            )
            self._row(rng.choice(heads).split(), lefts=[self._margin, self._column, self._form.width * 0.8])
            rows -= 1
        seen: set[str] = set()
        while rows > 0:
            name = words.goods(rng, language)
            if name in seen or any(name in cell.text for cell in form.cells):
                continue
            seen.add(name)
            price = words.money(rng, language)
            if style == "tag":
                price += rng.choice((unit, "", f"/{rng.choice(words.UNITS[language])}"))
                self._row([name])
                self._row([price], scale=rng.choice((1, 1.5)))
                rows -= 1
            elif style == "price":
                self._row([name, price], lefts=[self._margin, self._place(price)])
            else:
                count = rng.choice(("x{}", "{}", "×{}", "{}")).format(rng.randint(1, 20))
                self._row([name, count, price], lefts=[self._margin, self._column, self._form.width * 0.8])
                form.entries.append(Entry(None, name, count, "count"))
            form.entries.append(Entry(None, name, price, "price"))
            rows -= 1


UNIT_MARKS: dict[Language, tuple[str, ...]] = {
    "zh": ("/盒", "/斤", "元/件", "/袋", "起"),
    "en": ("/each", "/kg", "/lb", " each"),
}


def anything(rng: Random, language: Language) -> str:
    """A value of any sort: a number, a code, words, or characters without meaning."""
    style = rng.randrange(8)
    if style == 0:
        return words.money(rng, language)
    if style == 1:
        return words.code(rng)
    if style == 2:
        return words.date(rng, language)
    if style == 3:
        return str(rng.randint(0, 9999))
    if style == 4 or language == "en":
        return " ".join(words.random_letters(rng, 3, 9) for _ in range(rng.randint(1, 3)))
    return words.random_hanzi(rng, 1, 12)


def misread(rng: Random, form: Form, *, dropped: float = 0.03) -> Form:
    """The form as OCR may have read it: boxes a little off, some spaces lost, some lines missing or joined.

    Questions asked of the result have answers that its text supports, so that a model learns to keep to it.
    """
    no_spaces = rng.random() < 0.35
    wide = str.maketrans("：（）￥，", ":()¥,") if rng.random() < 0.3 else {}
    join = rng.random() < 0.15
    rows: list[list[Cell]] = []
    entries = list(form.entries)
    for row in form.rows:
        cells: list[Cell] = []
        for cell in row:
            if rng.random() < dropped and len(form.rows) > 1:
                entries = [e for e in entries if e.value not in cell.text and e.label not in cell.text]
                continue
            text = cell.text.translate(wide)
            text = text.replace(" ", "") if no_spaces and rng.random() < 0.8 else text
            shake = 0.12 * cell.size
            cells.append(
                replace(
                    cell,
                    text=text,
                    left=max(0.0, cell.left + rng.uniform(-shake, shake)),
                    top=max(0.0, cell.top + rng.uniform(-shake, shake)),
                    width=max(cell.size * 0.4, cell.width * rng.uniform(0.9, 1.12)),
                    size=cell.size * rng.uniform(0.95, 1.3),
                )
            )
        if join and len(cells) == 2 and cells[1].left - cells[0].box[2] < cells[0].size:
            first, second = cells
            cells = [replace(first, text=first.text + second.text, width=second.box[2] - first.left)]
        if cells:
            rows.append(cells)
    if not rows:
        return form

    def seen(text: str) -> str:
        text = text.translate(wide)
        if no_spaces and not any(text in cell.text for row in rows for cell in row):
            text = text.replace(" ", "")
        return text

    kept = [replace(entry, value=seen(entry.value), printed=seen(entry.label)) for entry in entries]
    everything = [cell.text for row in rows for cell in row]
    kept = [entry for entry in kept if any(entry.value in text for text in everything)]
    return Form(form.language, form.width, rows, kept, form.title, form.height)
