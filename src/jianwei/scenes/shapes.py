"""Plain coloured shapes on a ground: colour, shape, count up to five, and which is left of or above which."""

from __future__ import annotations

import json
import math
from collections import Counter
from random import Random

from PIL import ImageDraw

from jianwei.scenes import camera, kind_phrases, palette, phrases
from jianwei.scenes.asking import named_in_frame
from jianwei.scenes.palette import colour_word
from jianwei.scenes.scene import REFUSALS, Box, Language, PlacedObject, Question, Scene, Split
from jianwei.scenes.wording import chosen, courteous, said

SHAPES: dict[str, tuple[str, str]] = {
    "circle": ("圆形", "circle"),
    "square": ("正方形", "square"),
    "triangle": ("三角形", "triangle"),
    "star": ("五角星", "star"),
}
"""Name to its word in Chinese and English."""

_SIDES: dict[str, tuple[str, str]] = {
    "left": ("左边", "left"),
    "right": ("右边", "right"),
    "above": ("上方", "above"),
    "below": ("下方", "below"),
}

_ASKS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "count": (
            "{}的数量是多少？",
            "几个{}？",
            "图里{}有几个？",
            "图中有几个{}？",
            "有多少个{}？",
            "{}一共有几个？",
            "数一数有几个{}。",
            "请问{}有多少个？",
        ),
        "count_all": ("图中一共有几个图形？", "有多少个图形？", "一共有几个东西？", "数一数共有多少个图形。"),
        "colour": (
            "{}什么颜色？",
            "请问{}的颜色",
            "说出{}的颜色。",
            "图里的{}是什么颜色？",
            "{}是什么颜色的？",
            "{}是什么颜色？",
            "{}的颜色是什么？",
            "图中的{}是哪种颜色？",
        ),
        "shape": ("{}的图形是什么形状？", "{}的东西是什么形状？", "{}的那个是什么形状？", "哪种形状是{}的？"),
        "side": ("{0}在{1}的左边还是右边？", "{0}位于{1}的左边还是右边？", "相对{1}，{0}在左边还是右边？"),
        "height": ("{0}在{1}的上方还是下方？", "{0}位于{1}的上方还是下方？", "相对{1}，{0}在上方还是下方？"),
        "present": (
            "图上有{}吗？",
            "是否有{}？",
            "图里有没有{}？",
            "画面中有{}吗？",
            "图中有{}吗？",
            "有没有{}？",
            "能看到{}吗？",
            "图片里是否有{}？",
        ),
        "where": ("{}在哪里？", "请框出{}。", "定位{}。", "用坐标回答{}的位置。"),
        "describe": (
            "描述这张图片。",
            "这张图里有什么？",
            "图片内容是什么？",
            "简单描述一下这张图。",
            "你看到了什么？",
        ),
    },
    "en": {
        "count": (
            "How many {} are there?",
            "Count the {}.",
            "What is the number of {}?",
            "How many {} can you see?",
        ),
        "count_all": (
            "How many shapes are there?",
            "How many objects are in the picture?",
            "Count the shapes.",
            "What is the number of shapes?",
        ),
        "colour": (
            "What color is the {}?",
            "What is the color of the {}?",
            "Which color does the {} have?",
            "The {} is of what colour?",
        ),
        "shape": (
            "What shape is the {} object?",
            "What shape is {}?",
            "Which shape is {}?",
            "What is the shape of the {} one?",
        ),
        "side": (
            "Is the {0} left or right of the {1}?",
            "Is the {0} to the left or to the right of the {1}?",
            "On which side of the {1} is the {0}, left or right?",
        ),
        "height": (
            "Is the {0} above or below the {1}?",
            "Is the {0} higher or lower than the {1}: above or below?",
            "Relative to the {1}, is the {0} above or below?",
        ),
        "present": (
            "Is there a {}?",
            "Can you see a {}?",
            "Does the picture show a {}?",
            "Is a {} in the image?",
        ),
        "where": (
            "Where is the {}?",
            "Give the box of the {}.",
            "Locate the {}.",
            "Answer with coordinates: where is the {}?",
        ),
        "describe": (
            "Describe this picture.",
            "What is in this picture?",
            "What does the image show?",
            "Describe the image briefly.",
            "What do you see?",
        ),
    },
}

_NUMBERS: dict[Language, tuple[str, ...]] = {
    "zh": ("零", "一", "两", "三", "四", "五"),
    "en": ("no", "one", "two", "three", "four", "five"),
}


def label(shape: str, colour: str, language: Language) -> str:
    """Colour and shape in words; either may be ``""``."""
    word = SHAPES[shape][0 if language == "zh" else 1] if shape else ""
    tint = colour_word(colour, language) if colour else ""
    return f"{tint}{word}" if language == "zh" else f"{tint} {word}".strip()


def draw(rng: Random, split: Split, language: Language, size: int = 256) -> Scene:
    """A picture of one to five shapes that do not touch, about ``size`` pixels on each side."""
    width, height = (round(size * rng.uniform(0.85, 1.15)) for _ in range(2))
    canvas = camera.background(rng, split, width, height)
    # Every picture has its own few shapes and colours, so that counting by one of them is a question.
    colours = [name for name in palette.COLOURS if name not in ("white", "grey")]
    rng.shuffle(colours)
    kinds = list(SHAPES)
    rng.shuffle(kinds)
    colours, kinds = colours[: rng.randint(1, 4)], kinds[: rng.randint(1, 3)]
    pen = ImageDraw.Draw(canvas)
    objects: list[PlacedObject] = []
    count = rng.randint(1, 5)
    for _ in range(200):
        if len(objects) == count:
            break
        radius = rng.uniform(0.07, 0.16) * min(width, height)
        x, y = rng.uniform(radius + 2, width - radius - 2), rng.uniform(radius + 2, height - radius - 2)
        box = (x - radius, y - radius, x + radius, y + radius)
        if any(_near(box, other.box, 0.25 * radius) for other in objects):
            continue
        shape, colour = rng.choice(kinds), rng.choice(colours)
        _draw_shape(rng, pen, shape, box, palette.shade(rng, colour))
        objects.append(PlacedObject(label(shape, colour, language), box, shape, colour))
    image = camera.photograph(rng, canvas, 0.8)
    questions = ask(rng, objects, (width, height), split, language)
    return Scene("shapes", image, language, (), tuple(objects), tuple(questions))


def _near(one: Box, other: Box, gap: float) -> bool:
    return not (
        one[2] + gap < other[0]
        or other[2] + gap < one[0]
        or one[3] + gap < other[1]
        or other[3] + gap < one[1]
    )


def _draw_shape(rng: Random, pen: ImageDraw.ImageDraw, shape: str, box: Box, fill: palette.Rgb) -> None:
    x, y, radius = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, (box[2] - box[0]) / 2
    edge = tuple(max(0, value - 40) for value in fill) if rng.random() < 0.3 else None
    if shape == "circle":
        pen.ellipse(box, fill=fill, outline=edge)
    elif shape == "square":
        pen.rectangle(box, fill=fill, outline=edge)
    elif shape == "triangle":
        pen.polygon(
            [(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], fill=fill, outline=edge
        )
    else:
        points = []
        for i in range(10):
            reach = radius * (1.05 if i % 2 == 0 else 0.45)
            angle = math.pi * (i / 5 - 0.5)
            points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
        pen.polygon(points, fill=fill, outline=edge)


def box_answer(item: PlacedObject, width: int, height: int) -> str:
    """The place of a thing in Qwen3-VL's JSON, 0 to 1000 on each axis."""
    left, top, right, bottom = item.box
    box = [
        min(1000, max(0, round(1000 * part)))
        for part in (left / width, top / height, right / width, bottom / height)
    ]
    return json.dumps([{"label": item.label, "bbox_2d": box}], ensure_ascii=False, separators=(",", ":"))


def ask(
    rng: Random, objects: list[PlacedObject], size: tuple[int, int], split: Split, language: Language
) -> list[Question]:
    """Questions about shapes: one of each kind that the picture allows, in random order."""
    here = 0 if language == "zh" else 1

    def wording(kind: str) -> str:
        as_said = said(rng, "shapes", kind, language, _ASKS[language][kind]) if split == "train" else None
        if as_said is not None:
            return as_said
        if split == "train" and rng.random() < 0.4:
            named = named_in_frame(rng, "shapes", kind, language, _ASKS[language][kind][-1:])
            if named is not None:
                return named
        more = kind_phrases.patterns("shapes", kind, language) if split == "train" else ()
        if more and rng.random() < 0.65:
            text = phrases.one_of(rng, more, _ASKS[language][kind]) + phrases.end(rng, language)
            return courteous(rng, text, language, split)
        return chosen(rng, _ASKS[language][kind], language, split)

    numbers = tuple(str(n) for n in range(6))
    found = [Question(wording("count_all"), str(len(objects)), "count", "number", numbers)]
    shape_counts = Counter(item.kind for item in objects)
    colour_counts = Counter(item.colour for item in objects)
    both = Counter((item.kind, item.colour) for item in objects)

    wanted = rng.choice(("shape", "colour", "both"))
    shape = rng.choice([*shape_counts, *shape_counts, rng.choice(list(SHAPES))])
    colour = rng.choice([*colour_counts, *colour_counts, "red"])
    if wanted == "shape":
        thing, number = label(shape, "", language), shape_counts[shape]
    elif wanted == "colour":
        thing, number = (
            f"{colour_word(colour, language)}图形" if here == 0 else f"{colour} shape",
            colour_counts[colour],
        )
    else:
        thing, number = label(shape, colour, language), both[(shape, colour)]
    thing = thing if here == 0 else f"{thing}s"
    found.append(Question(wording("count").format(thing), str(number), "count", "number", numbers))

    words = tuple(colour_word(name, language) for name in palette.COLOURS)
    lone = [item for item in objects if shape_counts[item.kind] == 1]
    if lone:
        item = rng.choice(lone)
        answer = colour_word(item.colour, language)
        found.append(
            Question(
                wording("colour").format(label(item.kind, "", language)), answer, "colour", "choice", words
            )
        )
    lone = [item for item in objects if colour_counts[item.colour] == 1]
    if lone:
        item = rng.choice(lone)
        answer = SHAPES[item.kind][here]
        text = wording("shape").format(colour_word(item.colour, language))
        found.append(
            Question(text, answer, "shape", "choice", tuple(names[here] for names in SHAPES.values()))
        )

    single = [item for item in objects if both[(item.kind, item.colour)] == 1]
    if len(single) > 1:
        one, other = rng.sample(single, 2)
        dx, dy = _centre(one)[0] - _centre(other)[0], _centre(one)[1] - _centre(other)[1]
        kind, sides = ("side", ("left", "right")) if abs(dx) > abs(dy) else ("height", ("above", "below"))
        side = sides[0 if (dx if kind == "side" else dy) < 0 else 1]
        answers = tuple(_SIDES[name][here] for name in sides)
        text = wording(kind).format(one.label, other.label)
        found.append(Question(text, _SIDES[side][here], "relation", "choice", answers))
    if single:
        item = rng.choice(single)
        found.append(
            Question(wording("where").format(item.label), box_answer(item, *size), "where_object", "box")
        )

    yes, no = ("有。", "没有。") if here == 0 else ("Yes.", "No.")
    if rng.random() < 0.5:
        shown = rng.choice(objects).label
    else:
        shown = label(rng.choice(list(SHAPES)), rng.choice(list(palette.COLOURS)[:9]), language)
    answer = yes if any(item.label == shown for item in objects) else no
    found.append(Question(wording("present").format(shown), answer, "present_object", "choice", (yes, no)))
    absent = [name for name in SHAPES if name not in shape_counts]
    if absent and rng.random() < 0.5:
        text = wording("colour").format(label(rng.choice(absent), "", language))
        found.append(Question(text, REFUSALS[language], "absent", "none"))
    found.append(Question(wording("describe"), _description(objects, language), "describe", "open"))
    rng.shuffle(found)
    return found


def _centre(item: PlacedObject) -> tuple[float, float]:
    return (item.box[0] + item.box[2]) / 2, (item.box[1] + item.box[3]) / 2


def _description(objects: list[PlacedObject], language: Language) -> str:
    """A sentence that names every kind of thing with its number, the most frequent first."""
    parts: list[str] = []
    for name, number in Counter(item.label for item in objects).most_common():
        if language == "zh":
            parts.append(f"{'一' if number == 1 else _NUMBERS['zh'][number]}个{name}")
        else:
            parts.append(f"{_NUMBERS['en'][number]} {name}{'s' if number > 1 else ''}")
    if language == "zh":
        return f"图中有{'、'.join(parts)}。"
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"The picture shows {joined}."
