# ruff: noqa: E501 - tables of wordings, one way a line
"""Shelves in a shop: packages side by side on one or two boards, price tags below them, print in several languages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from jianwei.scenes import camera, fonts, palette, words
from jianwei.scenes.asking import Asker, Table, related, ways
from jianwei.scenes.board import Board
from jianwei.scenes.fonts import Face
from jianwei.scenes.label_words import widened_list
from jianwei.scenes.palette import Rgb, colour_word
from jianwei.scenes.scene import Box, Language, Question, Scene, Split

ASKS: Table = {
    "price": (
        ways("{}多少钱？;{}的价格是多少？;{}卖多少钱？;{}的价签上写的是什么价[格|]？", "请问{}什么价？;{}标价几何？"),
        ways("How much is the {}?;What is the price of {}?;How much does {} cost?", "What does the tag of {} say?;At what price is {} offered?"),
    ),
    "unit": (
        ways("{}按什么单位卖？;{}的[计价|价格]单位是什么？;{}[是|]论什么卖[的|]？", "{}的价钱是每什么的？;{}以何为一份计价？"),
        ways("By what unit is {} sold?;What is the unit of the price of {}?;The price of {} is per what?", "For which amount does {}'s price hold?;Per which measure does one pay for {}?"),
    ),
    "best_before": (
        ways("{}的保质期[到哪天|到什么时候|至何时]？;{}[什么时候|哪天]过期？;{}的到期日[是|]哪天？", "{}最晚哪天前吃？;{}能放到几号？"),
        ways("When does {} expire?;What is the best-before date of {}?;Until when is {} good?", "By which day should {} be used?;How long may {} stand on the shelf?"),
    ),
    "print_language": (
        ways("{}[的包装|包装]上[印的|]是[什么|哪种][语言|文字]？;{}[包装|]的[文字|标语]是哪国[语言|文字]？", "{}外包装写的哪国话？;{}盒面用的语种？"),
        ways("[What|Which] language is on the package of {}?;In what language is the package of {} printed?", "Which tongue does {}'s package speak?;The words on {}'s package are in which language?"),
    ),
    "relation": (
        ways("{0}在{1}的左边还是右边？;{0}位于{1}的左侧还是右侧？左边还是右边？", "以{1}为准，{0}在左边还是右边？;{0}摆在{1}左边还是右边？"),
        ways("Is the {0} left or right of the {1}?;Is {0} to the left or to the right of {1}?", "Seen from {1}, is {0} on the left or right?;Does {0} stand left or right of {1}?"),
    ),
    "height": (
        ways("{0}在{1}的上方还是下方？;[和|跟]{1}比，{0}在上方还是下方？", "以{1}为准，{0}在上方还是下方？;{0}所在的那层处于{1}那层的上方还是下方？"),
        ways("Is the {0} above or below the {1}?;Is {0} on a board above or below {1}?", "Seen from {1}, is {0} above or below?;Does {0} stand above or below {1}?"),
    ),
    "colour": (
        ways("{}的包装是什么颜色？;{}是什么颜色的？;{}包装的颜色是什么？", "装{}的盒子是哪种颜色？;{}外壳呈何色？"),
        ways("What color is the package of {}?;What color is the {}?", "Which color is the box of {}?;In which tint is {} wrapped?"),
    ),
    "count": (
        ways("货架上有几种商品？;一共有几个商品？;有多少种商品？", "数一数有几样商品。;架上货品的种数？"),
        ways("How many products are on the [shelf|shelves]?;How many products are there?", "Count the products.;What is the number of goods on show?"),
    ),
    "boards": (
        ways("货架有几层？;[一共|]有几层[货架|隔板]？", "架子分几层？;隔板的层数？"),
        ways("How many [boards|levels] does the shelf have?;How many shelves are there?", "On how many levels do goods stand?;What is the number of boards?"),
    ),
    "which": (
        ways("哪个商品的价格是{}？;{}的是什么商品？", "卖{}的是哪个？;标着{}的货叫什么？"),
        ways("Which product costs {}?;What is sold for {}?", "Which one is {}?;What bears a tag of {}?"),
    ),
    "where_object": (
        ways("[装|]{}的包装在哪[里|]？;[请|]框出{}的包装。;{}的包装的[位置|坐标][是什么|]？", "把{}的包装圈定。;{}的包装摆在画面哪一处？"),
        ways("Where is the package of {}?;[Find|Box|Mark] the package of {}.;[Give|Return] the [box|coordinates] of the package of {}.", "Put a frame around the package of {}.;In which spot stands the package of {}?"),
    ),
    "describe": (
        ways("描述这张图片。;货架上有什么？;这张图里有什么？", "图片内容是什么？;介绍架上的货。"),
        ways("Describe this picture.;What is on the shelf?;What is in this picture?", "What does the image show?;Say what the shelf offers."),
    ),
}  # fmt: skip

_PRINT: dict[str, tuple[str, str]] = {
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "fr": ("法文", "French"),
    "de": ("德文", "German"),
    "ja": ("日文", "Japanese"),
}
"""Languages of the print on packages, and their words."""

_SLOGANS: dict[Split, dict[str, tuple[str, ...]]] = {
    "train": {
        "zh": ("新鲜美味", "天然好品质", "家庭装", "精选原料"),
        "en": ("Fresh & tasty", "Family size", "Best quality", "Made with care"),
        "fr": ("Frais et bon", "Sans sucre ajouté", "Qualité du chef", "Goût naturel"),
        "de": ("Frisch und gut", "Ohne Zusätze", "Beste Qualität", "Für die Küche"),
        "ja": ("おいしいです", "たっぷりサイズ", "あたらしい味", "やさしい"),
    },
    "test": {
        "zh": ("每日鲜选", "超值大包", "匠心制造"),
        "en": ("Daily choice", "Big value", "Crafted for you"),
        "fr": ("Le choix du jour", "Très léger", "Format maxi"),
        "de": ("Täglich wählen", "Großer Genuss", "Leicht gemacht"),
        "ja": ("まいにちの味", "お買いどく", "てづくり"),
    },
}

_EXPIRY: dict[Split, dict[Language, tuple[str, ...]]] = widened_list(
    "expiry",
    {
        "train": {"zh": ("保质期至", "有效期至"), "en": ("Best before", "EXP")},
        "test": {"zh": ("赏味期限",), "en": ("Use by",)},
    },
)


@dataclass(frozen=True)
class Product:
    """What stands on a board and what its tag says; ``unit`` and ``expiry`` may be empty."""

    name: str
    price: str
    unit: str
    expiry: str
    colour: str
    printed: str
    row: int


def draw(rng: Random, split: Split, language: Language, size: int = 512) -> Scene:
    """One board with two to five packages, or two boards with two to four each; ``size`` is about the width."""
    rows = rng.choice((1, 1, 2))
    width = round(size * rng.uniform(0.9, 1.2))
    height = round(width * (rng.uniform(0.5, 0.75) if rows == 1 else rng.uniform(0.8, 1.0)))
    board = Board(camera.background(rng, split, width, height, pale=rng.random() < 0.6))
    products = _products(rng, split, language, rows)
    face = fonts.pick(rng, language, split)
    step = height / rows
    for row in range(rows):
        here = [item for item in products if item.row == row]
        _Row(rng, split, language, board, face, here).draw(row * step, step)
    image = camera.photograph(rng, board.canvas, 0.6)
    questions = _ask(rng, split, language, board, products)
    return Scene("shelves", image, language, tuple(board.texts), tuple(board.objects), questions)


def _products(rng: Random, split: Split, language: Language, rows: int) -> list[Product]:
    """Products of different names and colours."""
    colours = [name for name in palette.COLOURS if name not in ("white", "grey")]
    rng.shuffle(colours)
    spoken = tuple(_PRINT) if fonts.available("zh", split) else ("en", "fr", "de")
    found: list[Product] = []
    for row in range(rows):
        for _ in range(rng.randint(2, 5 if rows == 1 else 4)):
            name = words.goods(rng, language)
            while any(name in other.name or other.name in name for other in found):
                name = words.goods(rng, language)
            unit = rng.choice(words.UNITS[language]) if rng.random() < 0.5 else ""
            price = words.money(rng, language) + (f"/{unit}" if unit else "")
            expiry = words.date(rng, language) if rng.random() < 0.4 else ""
            tongue = language if language in spoken and rng.random() < 0.5 else rng.choice(spoken)
            found.append(Product(name, price, unit, expiry, colours.pop(), tongue, row))
    return found


class _Row:
    """One board: its packages and tags, drawn between two heights."""

    def __init__(
        self, rng: Random, split: Split, language: Language, board: Board, face: Face, products: list[Product]
    ) -> None:
        self._rng = rng
        self._split: Split = split
        self._language: Language = language
        self._board, self._face, self._products = board, face, products

    def draw(self, top: float, high: float) -> None:
        """Packages on the board, and below it a tag for each: texts in reading order, tag by tag."""
        rng, board = self._rng, self._board
        width = board.size[0]
        floor = top + high * rng.uniform(0.58, 0.64)
        wood = palette.shade(rng, rng.choice(("grey", "white", "brown")))
        board.pen.rectangle((0, floor, width, floor + 0.05 * high), fill=wood)
        step = width / len(self._products)
        for i, item in enumerate(self._products):
            left = i * step + step * rng.uniform(0.1, 0.2)
            right = (i + 1) * step - step * rng.uniform(0.1, 0.2)
            self._package(item, (left, floor - high * rng.uniform(0.3, 0.5), right, floor))
        self._tags(floor + 0.07 * high, top + high - 3)

    def _tags(self, top: float, bottom: float) -> None:
        """A card below each package: price over name over date in the test split, other orders in training."""
        rng, board = self._rng, self._board
        step, high = board.size[0] / len(self._products), bottom - top
        paper: Rgb = rng.choice(((255, 255, 252), (255, 244, 160), (252, 252, 252)))
        red: Rgb = rng.choice(((200, 20, 20), (25, 25, 25)))
        dark: Rgb = (30, 30, 30)
        until = rng.choice(_EXPIRY[self._split][self._language])
        for i in range(len(self._products)):
            card = ((i + 0.05) * step, top, (i + 0.95) * step, bottom)
            board.pen.rectangle(card, fill=paper, outline=(150, 150, 150))
        names = [item.name for item in self._products], 0.27, dark
        prices = [item.price for item in self._products], 0.34, red
        dates = [item.expiry and f"{until} {item.expiry}" for item in self._products], 0.18, dark
        orders = [
            (names, prices, dates),
            (names, dates, prices),
            (dates, names, prices),
            (prices, dates, names),
        ]
        order = rng.choices(orders, (3, 1, 1, 1))[0] if self._split == "train" else (prices, names, dates)
        for i in range(len(self._products)):
            y = top + 0.06 * high
            for texts, share, ink in order:
                if texts[i]:
                    middle, room = (i + 0.5) * step, 0.83 * step
                    board.write(texts[i], middle, y, self._face, share * high, ink, align="middle", room=room)
                y += (share + 0.05) * high

    def _package(self, item: Product, box: Box) -> None:
        """A box with a pale label; in the test split some are bottles."""
        rng, pen = self._rng, self._board.pen
        left, top, right, bottom = box
        wide, high = right - left, bottom - top
        fill, edge = palette.shade(rng, item.colour), (60, 60, 60)
        if self._split == "test" and rng.random() < 0.5:
            neck = 0.18 * wide
            middle = (left + right) / 2
            pen.rectangle((middle - neck, top, middle + neck, top + 0.3 * high), fill=fill, outline=edge)
            pen.rounded_rectangle(
                (left, top + 0.2 * high, right, bottom), 0.12 * wide, fill=fill, outline=edge
            )
        else:
            pen.rectangle(box, fill=fill, outline=edge)
        label = (left + 0.08 * wide, top + 0.42 * high, right - 0.08 * wide, top + 0.72 * high)
        pen.rectangle(label, fill=(246, 244, 238))
        slogan = rng.choice(_SLOGANS[self._split][item.printed])
        face = self._face
        if item.printed in ("zh", "ja") and self._language == "en":
            face = fonts.pick(rng, "zh", self._split)
        size = min(0.26 * high, 0.2 * wide)
        y = (label[1] + label[3] - size) / 2
        self._board.write(
            slogan, (left + right) / 2, y, face, size, (44, 44, 48), align="middle", room=0.8 * wide
        )
        self._board.add(item.name, box, "package", item.colour)


def _ask(
    rng: Random, split: Split, language: Language, board: Board, products: list[Product]
) -> tuple[Question, ...]:
    asker = Asker(rng, split, language, "shelves", ASKS)
    here = 0 if language == "zh" else 1
    for item in rng.sample(products, 2):
        asker.named("price", item.name, item.price, "text", item.name)
    _ask_tags(rng, asker, products)
    item = rng.choice(products)
    tongues = tuple(word[here] for word in _PRINT.values())
    asker.add("print_language", _PRINT[item.printed][here], "choice", item.name, choices=tongues)
    _ask_sides(rng, asker, products, here)
    item = rng.choice(products)
    tints = tuple(colour_word(name, language) for name in palette.COLOURS)
    asker.add("colour", colour_word(item.colour, language), "choice", item.name, choices=tints)
    asker.add("count", str(len(products)), "number", choices=tuple(str(n) for n in range(10)))
    asker.add("count", str(products[-1].row + 1), "number", way="boards", choices=("1", "2", "3"))
    item = rng.choice(products)
    if [other.price for other in products].count(item.price) == 1:
        asker.add("which", item.name, "text", item.price)
    stranger = words.goods(rng, language)
    if not any(stranger in item.name or item.name in stranger for item in products):
        asker.absent("price", stranger)
    said = [
        f"{item.name}（{item.price}）" if here == 0 else f"{item.name} ({item.price})" for item in products
    ]
    answer = f"货架上有{'、'.join(said)}。" if here == 0 else f"The shelf holds {', '.join(said)}."
    asker.add("describe", answer, "open")
    asker.places(board)
    asker.present(board, (stranger, words.money(rng, language)))
    asker.whole(board, _relations(products, language))
    return asker.shuffled()


def _ask_tags(rng: Random, asker: Asker, products: list[Product]) -> None:
    """Unit and date of tags that have them, and of tags that do not."""
    said = {
        "unit": [(item.name, item.unit) for item in products],
        "best_before": [(item.name, item.expiry) for item in products],
    }
    for kind, pairs in said.items():
        there = [pair for pair in pairs if pair[1]]
        lacking = [name for name, value in pairs if not value]
        if there:
            name, value = rng.choice(there)
            asker.named(kind, name, value, "text", name)
        if lacking and rng.random() < 0.4:
            asker.absent(kind, rng.choice(lacking))


def _ask_sides(rng: Random, asker: Asker, products: list[Product], here: int) -> None:
    """Left or right on one board, above or below over two."""
    one, other = rng.sample([item for item in products if item.row == products[-1].row], 2)
    sides = (("左边", "右边"), ("left", "right"))[here]
    answer = sides[0 if products.index(one) < products.index(other) else 1]
    asker.add("relation", answer, "choice", one.name, other.name, choices=sides)
    if products[0].row != products[-1].row:
        upper = rng.choice([item for item in products if item.row == 0])
        lower = rng.choice([item for item in products if item.row == 1])
        sides = (("上方", "下方"), ("above", "below"))[here]
        if rng.random() < 0.5:
            asker.add("relation", sides[0], "choice", upper.name, lower.name, way="height", choices=sides)
        else:
            asker.add("relation", sides[1], "choice", lower.name, upper.name, way="height", choices=sides)


def _relations(products: list[Product], language: Language) -> list[str]:
    """Each package left of the next one of its board; the first of the upper board above the first of the lower."""
    found = [
        related(one.name, other.name, "left", language)
        for one, other in pairwise(products)
        if one.row == other.row
    ]
    lower = next((item for item in products if item.row == 1), None)
    if lower is not None:
        found.append(related(products[0].name, lower.name, "above", language))
    return found
