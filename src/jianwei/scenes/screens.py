# ruff: noqa: E501 - tables of wordings, one way a line
"""Screens of shop apps: carts and orders in titled panels, with fees, thresholds and small print. No camera."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image as Picture

from jianwei.scenes import fonts, palette, words
from jianwei.scenes.asking import Asker, Table, related, ways
from jianwei.scenes.board import Board
from jianwei.scenes.label_words import widened_list
from jianwei.scenes.orders import Order, Panel, order
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Language, Question, Scene, Split
from jianwei.types import Image

ASKS: Table = {
    "fee": (
        ways("运费[是|]多少[钱|]？;[邮费|配送费|快递费]要[付|花]多少？;寄过来要[多少|多少钱]运费？", "送货要另收几块？;物流方面收费几何？"),
        ways("How much is the [shipping|delivery|shipping fee|delivery fee]?;What does [shipping|delivery] cost?", "What do they charge for sending it?;What is paid for transport?"),
    ),
    "to_pay": (
        ways("[一共|总共|最后]要付多少[钱|]？;[实际|]应付[多少|金额是多少]？;这单总价[是|]多少？", "结账得掏多少？;整单算下来几块？"),
        ways("How much [is to be paid|do I pay] in all?;What is the [final|whole] amount?;What does the order come to?", "Which sum is charged in the end?;What must be paid altogether?"),
    ),
    "threshold": (
        ways("满多少[元|钱]免运费？;[买|消费|订单满]多少[可以|才能|]包邮？;包邮门槛是多少[元|]？", "达到几元就不收运费？;免邮要求消费到多少？"),
        ways("From what amount is [shipping|delivery] free?;What is the threshold for free [shipping|delivery]?;How much must be spent for free [shipping|delivery]?", "At which sum is postage waived?;What must a basket reach to travel free?"),
    ),
    "remaining": (
        ways("还差多少[钱|元]包邮？;再买多少[钱|元][可以|才能|就]免运费？;离[包邮|免运费]还差[多少|几块]？", "凑够免邮还缺几元？;要想不付运费，还得添多少钱？"),
        ways("How much more [to|until|is needed to] reach free [shipping|delivery]?;How much [is missing|more must be spent] for free [shipping|delivery]?", "What sum still lacks for waived postage?;By how much does the basket fall short of travelling free?"),
    ),
    "free": (
        ways("[这单|现在]包邮了吗？;[已经|]达到[包邮|免运费]门槛了吗？;[这单|]运费[是不是|是否]免[了|]？", "运费免掉了没有？;此单算免邮单吗？"),
        ways("Is the [shipping|delivery] free [for this order|now]?;Does the order reach free [shipping|delivery]?", "Has postage been waived?;Does this basket travel free?"),
    ),
    "panel": (
        ways("“{}”在哪个[板块|面板|栏目|区域]？;哪个[板块|面板|栏目][里|]有“{}”？", "“{}”归在哪一块标题下？;要找“{}”，该看哪一部分？"),
        ways('Which [panel|section|part] [holds|has|shows] "{}"?;[In which|Under which] [panel|section] is "{}"?', 'Beneath which heading stands "{}"?;Where should one look for "{}": which block?'),
    ),
    "small_print": (
        ways("[优惠券|新人券][有什么|的][使用条件|限制|门槛][是什么|]？;[优惠券|券]怎么[才能|]用？;什么[条件|情况][下|]能用[优惠券|券]？", "用券要满足什么要求？;券面小字限定了什么？"),
        ways("What [condition|limit] does the coupon have?;When [can|may] the coupon be used?;What are the terms of the coupon?", "Under which rule does the voucher count?;What does the voucher's fine print demand?"),
    ),
    "price": (
        ways("{}[一共|]多少钱？;{}的[价格|金额]是多少？;买{}花了多少？", "{}标了几块？;{}这一行的钱数？"),
        ways("How much [is|are] the {}?;What is the price of {}?;What do I pay for {}?", "Which sum is listed for {}?;At what price does {} appear?"),
    ),
    "quantity": (
        ways("{}买了[几件|几个|多少]？;{}的数量是[多少|几]？;[买了|要了]几份{}？", "{}选了几样？;{}件数？"),
        ways("How many {} [are ordered|are there|were bought]?;What is the quantity of {}?", "How often does {} stand in the order?;What amount of pieces of {} is chosen?"),
    ),
    "kinds": (
        ways("[买了|有|一共]几种商品？;[清单|购物车]里有[几样|几种|多少种]商品？", "选购的品种数？;不同的货一共几样？"),
        ways("How many different [items|products] are [there|in the cart]?;Count the [items|products].", "What is the number of distinct articles?;How many sorts of goods are chosen?"),
    ),
    "relation": (
        ways("“{0}”在“{1}”的上方还是下方？;[板块|]“{0}”位于“{1}”的上方还是下方？", "相较于“{1}”，“{0}”排在上方还是下方？;“{0}”和“{1}”比，处于上方还是下方？"),
        ways('Is "{0}" above or below "{1}"?;Is the [panel|section] "{0}" above or below "{1}"?', 'Compared with "{1}", does "{0}" come above or below?;Seen from "{1}", is "{0}" placed above or below?'),
    ),
    "button": (
        ways("[按钮|下面的按钮]上写[着|了]什么？;按钮的[文字|字]是什么？", "可点的键上是什么字？;底部那个键叫什么？"),
        ways("What does the button say?;What is written on the button?", "Which words can be tapped?;How is the button labelled?"),
    ),
    "colour": (
        ways("按钮是什么颜色[的|]？;按钮的颜色是什么？", "那个键是哪种色？;可点的键呈什么颜色？"),
        ways("What colou[r|r] is the button?;Which colour does the button have?", "Of what colour is the thing to tap?;In which tint is the button drawn?"),
    ),
}  # fmt: skip

_STRANGERS: dict[Language, tuple[str, ...]] = {
    "zh": ("发票抬头", "会员积分", "客服电话", "配送员", "取货码", "余额", "退款金额", "桌号"),
    "en": ("Invoice title", "Points", "Support number", "Courier name", "Pickup code", "Balance", "Refund", "Table No."),
}  # fmt: skip

_BUTTONS: dict[Split, dict[Language, tuple[str, ...]]] = widened_list(
    "button",
    {
        "train": {"zh": ("提交订单", "去支付", "立即购买"), "en": ("Place order", "Pay now", "Buy now")},
        "test": {"zh": ("确认下单", "去付款"), "en": ("Confirm", "Continue to pay")},
    },
)


@dataclass(frozen=True)
class _Theme:
    """Colours of a screen."""

    ground: Rgb
    card: Rgb
    edge: Rgb | None
    ink: Rgb
    faint: Rgb
    accent: str


def draw(rng: Random, split: Split, language: Language, size: int = 960) -> Scene:
    """A screenshot; its longer side has ``size`` pixels. A phone or a desktop page."""
    screen = _Screen(rng, split, language, size)
    board = screen.board
    image = Image(np.ascontiguousarray(np.asarray(board.canvas)), "scene")
    questions = _ask(rng, split, language, screen)
    return Scene("screens", image, language, tuple(board.texts), tuple(board.objects), questions)


def _theme(rng: Random, split: Split) -> _Theme:
    """Light cards in training; dark or outlined ones in the test split."""
    accent = rng.choice(
        ("red", "orange", "blue", "green") if split == "train" else ("purple", "brown", "blue", "red")
    )
    if split == "train":
        ground = rng.choice(((244, 245, 247), (240, 240, 240), (236, 242, 250), (250, 244, 238)))
        return _Theme(ground, (255, 255, 255), None, (32, 32, 36), (130, 130, 136), accent)
    if rng.random() < 0.5:
        return _Theme((18, 18, 22), (38, 39, 46), None, (236, 236, 240), (150, 152, 160), accent)
    return _Theme((255, 255, 255), (252, 252, 253), (200, 204, 212), (24, 26, 40), (110, 114, 130), accent)


class _Screen:
    """One screen, drawn as it is made."""

    def __init__(self, rng: Random, split: Split, language: Language, size: int) -> None:
        self._rng = rng
        self._language: Language = language
        self.order: Order = order(rng, split, language)
        self._theme = _theme(rng, split)
        self._face = fonts.pick(rng, language, split)
        panels = list(self.order.panels)
        phone = rng.random() < 0.6
        if phone:
            columns, shares = [panels], [1.0]
        else:
            # The fees stand in a column of their own: on the right in training, on the left in the test split.
            fees = [panel for panel in panels if panel.key in ("fees", "coupon")]
            rest = [panel for panel in panels if panel not in fees]
            columns, shares = (
                ([rest, fees], [0.58, 0.42]) if split == "train" else ([fees, rest], [0.44, 0.56])
            )
        self.columns = columns
        lines = max(sum(_lines(panel) for panel in column) for column in columns) + (4.2 if phone else 4.6)
        width = round(size * rng.uniform(0.46, 0.56)) if phone else size
        self._line = min(size / lines, width / (15.5 if phone else 27))
        height = round(min(size, lines * self._line)) if not phone else size
        self._text = 0.56 * self._line
        self.board = Board(Picture.new("RGB", (width, height), self._theme.ground))
        self.panels: dict[str, str] = {}
        self.button = ""
        top = self._bar(split)
        gap = 0.35 * self._line
        left, bottoms = gap, []
        for column, share in zip(columns, shares, strict=True):
            wide = (width - gap) * share - gap
            y = top
            for panel in column:
                y = self._panel(panel, left, y, wide) + gap
            bottoms.append(y)
            left += wide + gap
        self._press(split, max(bottoms), phone=phone)

    def _bar(self, split: Split) -> float:
        """The clock of a phone and the page's name."""
        board, theme, line = self.board, self._theme, self._line
        titles: dict[Split, dict[Language, tuple[str, ...]]] = {
            "train": {
                "zh": ("确认订单", "购物车", "订单详情"),
                "en": ("Checkout", "My cart", "Review order"),
            },
            "test": {"zh": ("下单", "我的订单"), "en": ("Your purchase", "Order page")},
        }
        title = self._rng.choice(titles[split][self._language])
        tinted = self._rng.random() < 0.4
        if tinted:
            fill = palette.COLOURS[theme.accent][0]
            board.pen.rectangle((0, 0, board.size[0], 1.5 * line), fill=fill)
        ink: Rgb = (255, 255, 255) if tinted else theme.ink
        middle = board.size[0] / 2
        if self._rng.random() < 0.5:
            board.write(title, middle, 0.45 * line, self._face, 1.2 * self._text, ink, align="middle")
        else:
            board.write(title, 0.5 * line, 0.45 * line, self._face, 1.2 * self._text, ink)
        return 1.9 * line

    def _panel(self, panel: Panel, left: float, top: float, wide: float) -> float:
        """One panel; returns its lower edge."""
        board, theme, line, face = self.board, self._theme, self._line, self._face
        right, bottom = left + wide, top + (_lines(panel) - 0.35) * line
        board.pen.rounded_rectangle(
            (left, top, right, bottom), radius=0.3 * line, fill=theme.card, outline=theme.edge
        )
        self.panels[panel.key] = _panel_label(panel, self._language)
        board.add(self.panels[panel.key], (left, top, right, bottom), "panel")
        pad, y = 0.45 * line, top + 0.25 * line
        board.write(panel.title, left + pad, y, face, 1.1 * self._text, theme.ink, room=wide - 2 * pad)
        y += 1.05 * line
        for label, value in panel.rows:
            money = panel.key in ("goods", "fees", "coupon")
            strong = panel.key == "fees" and label == self.order.labels["total"]
            ink = _on(theme) if strong else theme.ink
            box = board.write(
                label,
                left + pad,
                y,
                face,
                self._text,
                theme.faint if not money else theme.ink,
                room=0.56 * wide,
            )
            room = right - pad - box[2] - 0.5 * self._text
            board.write(value, right - pad, y, face, self._text, ink, align="right", room=room)
            y += 0.95 * line
        for note in panel.notes:
            board.write(note, left + pad, y, face, 0.78 * self._text, theme.faint, room=wide - 2 * pad)
            y += 0.75 * line
        return bottom

    def _press(self, split: Split, top: float, *, phone: bool) -> None:
        """The button to go on with, at the bottom."""
        board, line = self.board, self._line
        self.button = self._rng.choice(_BUTTONS[split][self._language])
        width, height = board.size
        wide = 0.9 * width if phone else 0.28 * width
        left = (width - wide) / 2 if phone else width - wide - 0.6 * line
        y = min(height - 1.5 * line, max(top + 0.1 * line, height - 1.9 * line))
        box = (left, y, left + wide, y + 1.2 * line)
        board.pen.rounded_rectangle(box, radius=0.55 * line, fill=palette.COLOURS[self._theme.accent][0])
        board.add("按钮" if self._language == "zh" else "button", box, "button", self._theme.accent)
        middle = (box[0] + box[2]) / 2
        board.write(
            self.button,
            middle,
            y + 0.25 * line,
            self._face,
            1.1 * self._text,
            (255, 255, 255),
            align="middle",
            room=0.9 * wide,
        )


def _on(theme: _Theme) -> Rgb:
    """The accent as print on a card; lighter where the card is dark."""
    red, green, blue = palette.COLOURS[theme.accent][0]
    if sum(theme.card) > 380:
        return red, green, blue
    return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2


def _lines(panel: Panel) -> float:
    """Height of a panel and the gap below it, in lines."""
    return 1.75 + 0.95 * len(panel.rows) + 0.75 * len(panel.notes)


def _panel_label(panel: Panel, language: Language) -> str:
    return f"“{panel.title}”板块" if language == "zh" else f'"{panel.title}" panel'


def _ask(rng: Random, split: Split, language: Language, screen: _Screen) -> tuple[Question, ...]:
    asker = Asker(rng, split, language, "screens", ASKS)
    shown, board = screen.order, screen.board
    fees = dict(next(panel for panel in shown.panels if panel.key == "fees").rows)
    fee = fees[shown.labels["shipping"]]
    asker.named("fee", shown.labels["shipping"], fee, "text", accepted=(shown.money(shown.shipping),))
    asker.named("to_pay", shown.labels["total"], shown.money(shown.total), "text")
    if shown.free_from is None:
        asker.absent("threshold")
    else:
        asker.add("threshold", str(shown.free_from), "number")
        missing = max(0, 100 * shown.free_from - shown.subtotal) / 100
        asker.add("remaining", f"{missing:.2f}", "number", tolerance=0.005)
    yes, no = ("是。", "不是。") if language == "zh" else ("Yes.", "No.")
    asker.add("free", no if shown.shipping else yes, "choice", choices=(yes, no))
    titles = tuple(panel.title for panel in shown.panels)
    panel = rng.choice(shown.panels)
    asker.add("panel", panel.title, "choice", rng.choice(panel.rows)[0], choices=titles)
    if shown.coupon:
        asker.add("small_print", shown.coupon, "text", accepted=_notes(shown))
    else:
        asker.absent("small_print")
    good = rng.choice(shown.goods)
    asker.named("price", good.name, shown.money(good.count * good.cents), "text", good.name)
    asker.named("quantity", good.name, str(good.count), "number", good.name)
    asker.add("count", str(len(shown.goods)), "number", way="kinds")
    _ask_fields(rng, asker, shown)
    column = rng.choice([column for column in screen.columns if len(column) > 1] or [[]])
    sides = ("上方", "下方") if language == "zh" else ("above", "below")
    if column:
        one, other = rng.sample(range(len(column)), 2)
        answer = sides[0 if one < other else 1]
        asker.add("relation", answer, "choice", column[one].title, column[other].title, choices=sides)
    asker.add("button", screen.button, "text")
    tints = tuple(palette.colour_word(name, language) for name in palette.COLOURS)
    accent = next(item.colour for item in board.objects if item.kind == "button")
    asker.add("colour", palette.colour_word(accent, language), "choice", choices=tints)
    asker.no_field(rng.choice(_STRANGERS[language]))
    stranger = words.goods(rng, language)
    if not any(stranger.lower() in text.text.lower() for text in board.texts):
        asker.absent("price", stranger)
    asker.places(board)
    asker.present(board, (*_STRANGERS[language], stranger))
    asker.whole(board, _relations(screen, language))
    return asker.shuffled()


def _ask_fields(rng: Random, asker: Asker, shown: Order) -> None:
    """Three values by their labels, of panels that are no goods."""
    rows = [row for panel in shown.panels if panel.key != "goods" for row in panel.rows]
    for label, value in rng.sample(rows, min(3, len(rows))):
        asker.field(label, value)


def _notes(shown: Order) -> tuple[str, ...]:
    """The small print of the coupon as a whole, in the ways it may be told."""
    notes = next(panel for panel in shown.panels if panel.key == "coupon").notes
    return tuple(sign.join(notes) for sign in ("，", "；", ", ", "; ", " "))


def _relations(screen: _Screen, language: Language) -> list[str]:
    """Each panel above the next one of its column."""
    return [
        related(screen.panels[upper.key], screen.panels[lower.key], "above", language)
        for column in screen.columns
        for upper, lower in itertools.pairwise(column)
    ]
