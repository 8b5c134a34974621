"""A shelf in a shop: packages side by side, each with its price tag below it."""

from __future__ import annotations

from random import Random

from PIL import ImageDraw

from jianwei.scenes import camera, fonts, palette, words
from jianwei.scenes.palette import colour_word
from jianwei.scenes.scene import REFUSALS, Language, PlacedObject, PlacedText, Question, Scene, Split, named
from jianwei.scenes.wording import chosen

_ASKS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "price": (
            "{}多少钱？",
            "{}的价格是多少？",
            "{}卖多少钱？",
            "{}的价签上写的是什么？",
            "请问{}什么价？",
        ),
        "relation": (
            "{0}在{1}的左边还是右边？",
            "{0}位于{1}的左侧还是右侧？左边还是右边？",
            "以{1}为准，{0}在左边还是右边？",
        ),
        "colour": (
            "{}的包装是什么颜色？",
            "{}是什么颜色的？",
            "{}包装的颜色是什么？",
            "装{}的盒子是哪种颜色？",
        ),
        "count": ("货架上有几种商品？", "一共有几个商品？", "有多少种商品？", "数一数有几样商品。"),
        "which": ("哪个商品的价格是{}？", "{}的是什么商品？", "卖{}的是哪个？"),
        "describe": ("描述这张图片。", "货架上有什么？", "这张图里有什么？", "图片内容是什么？"),
    },
    "en": {
        "price": (
            "How much is the {}?",
            "What is the price of {}?",
            "How much does {} cost?",
            "What does the tag of {} say?",
        ),
        "relation": (
            "Is the {0} left or right of the {1}?",
            "Is {0} to the left or to the right of {1}?",
            "Seen from {1}, is {0} on the left or right?",
        ),
        "colour": (
            "What color is the package of {}?",
            "What color is the {}?",
            "Which color is the box of {}?",
        ),
        "count": (
            "How many products are on the shelf?",
            "How many products are there?",
            "Count the products.",
        ),
        "which": ("Which product costs {}?", "What is sold for {}?", "Which one is {}?"),
        "describe": (
            "Describe this picture.",
            "What is on the shelf?",
            "What is in this picture?",
            "What does the image show?",
        ),
    },
}


def draw(rng: Random, split: Split, language: Language, size: int = 512) -> Scene:
    """One shelf board with two to five packages; ``size`` is about its width in pixels."""
    count = rng.randint(2, 5)
    width = round(size * rng.uniform(0.9, 1.2))
    height = round(width * rng.uniform(0.5, 0.8))
    canvas = camera.background(rng, split, width, height, pale=rng.random() < 0.6)
    pen = ImageDraw.Draw(canvas)
    board = height * rng.uniform(0.6, 0.68)
    pen.rectangle(
        (0, board, width, board + height * 0.05),
        fill=palette.shade(rng, rng.choice(("grey", "white", "brown"))),
    )
    face = fonts.pick(rng, language, split)
    step = width / count
    names: list[str] = []
    objects: list[PlacedObject] = []
    tags: list[tuple[PlacedText, PlacedText]] = []
    colours = rng.sample([name for name in palette.COLOURS if name not in ("white", "grey")], count)
    for i in range(count):
        name = words.goods(rng, language)
        while any(name in other or other in name for other in names):
            name = words.goods(rng, language)
        names.append(name)
        price = words.money(rng, language) + (rng.choice(("", f"/{rng.choice(words.UNITS[language])}")))
        left = i * step + step * rng.uniform(0.12, 0.22)
        right = (i + 1) * step - step * rng.uniform(0.12, 0.22)
        top = board - height * rng.uniform(0.25, 0.5)
        box = (left, top, right, board)
        pen.rectangle(box, fill=palette.shade(rng, colours[i]), outline=(60, 60, 60))
        pen.rectangle(
            (
                left + 0.15 * (right - left),
                top + 0.2 * (board - top),
                right - 0.15 * (right - left),
                top + 0.4 * (board - top),
            ),
            fill=(246, 244, 238),
        )
        objects.append(PlacedObject(name, box, "package", colours[i]))
        tags.append(
            _draw_tag(
                rng,
                pen,
                (name, price),
                face,
                left=i * step,
                step=step,
                top=board + height * 0.07,
                height=height,
            )
        )
    texts = [tag[0] for tag in tags] + [tag[1] for tag in tags]
    image = camera.photograph(rng, canvas, 0.6)
    questions = _ask(rng, objects, [tag[1].text for tag in tags], split, language)
    return Scene("shelves", image, language, tuple(texts), tuple(objects), tuple(questions))


def _draw_tag(
    rng: Random,
    pen: ImageDraw.ImageDraw,
    said: tuple[str, str],
    face: fonts.Face,
    *,
    left: float,
    step: float,
    top: float,
    height: int,
) -> tuple[PlacedText, PlacedText]:
    """Name over price on a card; both as large as the card allows."""
    card = (left + 0.05 * step, top, left + 0.95 * step, height - 3)
    pen.rectangle(
        card, fill=rng.choice(((255, 255, 252), (255, 244, 160), (252, 252, 252))), outline=(150, 150, 150)
    )
    y = top + 0.08 * (card[3] - top)
    placed: list[PlacedText] = []
    for text, share, ink in zip(
        said, (0.34, 0.42), ((30, 30, 30), rng.choice(((200, 20, 20), (25, 25, 25)))), strict=True
    ):
        size = share * (card[3] - top)
        length = face.at(size).getlength(text)
        room = 0.92 * (card[2] - card[0])
        font = face.at(size if length <= room else size * room / length)
        x1, y1, x2, y2 = font.getbbox(text, anchor="lt")
        x = (card[0] + card[2] - (x2 - x1)) / 2
        pen.text((x, y), text, fill=ink, font=font, anchor="lt")
        placed.append(PlacedText(text, (x, y, x + x2 - x1, y + y2 - y1)))
        y += (y2 - y1) + 0.12 * (card[3] - top)
    return placed[0], placed[1]


def _ask(
    rng: Random, objects: list[PlacedObject], prices: list[str], split: Split, language: Language
) -> list[Question]:
    here = 0 if language == "zh" else 1

    def wording(name: str) -> str:
        return chosen(rng, _ASKS[language][name], language, split)

    found: list[Question] = []
    for i in rng.sample(range(len(objects)), 2):
        name, price = objects[i].label, prices[i]
        answer = named(name, price, language)
        found.append(Question(wording("price").format(name), answer, "price", "text", value=price))
    one, other = rng.sample(range(len(objects)), 2)
    sides = ("左边", "右边") if here == 0 else ("left", "right")
    text = wording("relation").format(objects[one].label, objects[other].label)
    found.append(Question(text, sides[0 if one < other else 1], "relation", "choice", sides))
    item = rng.choice(objects)
    tints = tuple(colour_word(name, language) for name in palette.COLOURS)
    found.append(
        Question(
            wording("colour").format(item.label),
            colour_word(item.colour, language),
            "colour",
            "choice",
            tints,
        )
    )
    found.append(
        Question(wording("count"), str(len(objects)), "count", "number", tuple(str(n) for n in range(6)))
    )
    i = rng.randrange(len(objects))
    if prices.count(prices[i]) == 1:
        found.append(Question(wording("which").format(prices[i]), objects[i].label, "which", "text"))
    stranger = words.goods(rng, language)
    if not any(stranger in item.label or item.label in stranger for item in objects):
        found.append(Question(wording("price").format(stranger), REFUSALS[language], "absent", "none"))
    said = [
        f"{item.label}（{price}）" if here == 0 else f"{item.label} ({price})"
        for item, price in zip(objects, prices, strict=True)
    ]
    answer = f"货架上有{'、'.join(said)}。" if here == 0 else f"The shelf holds {', '.join(said)}."
    found.append(Question(wording("describe"), answer, "describe", "open"))
    rng.shuffle(found)
    return found
