"""A carton as it comes from the courier: torn, dented or whole, where, and which marks are printed on it."""

from __future__ import annotations

import math
from random import Random

from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from jianwei.scenes import camera, fonts, palette
from jianwei.scenes.camera import Canvas
from jianwei.scenes.scene import Box, Language, PlacedObject, PlacedText, Question, Scene, Split
from jianwei.scenes.shapes import box_answer
from jianwei.scenes.wording import chosen

DAMAGE: dict[str, tuple[str, str]] = {
    "tear": ("撕裂", "torn"),
    "dent": ("凹陷", "dented"),
    "none": ("没有破损", "not damaged"),
}
"""Kind to its word in Chinese and English."""

PLACES: dict[str, tuple[str, str]] = {
    "top left": ("左上角", "top left"),
    "top right": ("右上角", "top right"),
    "bottom left": ("左下角", "bottom left"),
    "bottom right": ("右下角", "bottom right"),
    "centre": ("中间", "centre"),
}
"""Where on the carton's front the damage is."""

_PLACE_CENTRES = {
    "top left": (0.2, 0.2),
    "top right": (0.8, 0.2),
    "bottom left": (0.2, 0.8),
    "bottom right": (0.8, 0.8),
    "centre": (0.5, 0.5),
}

MARKS: dict[Language, tuple[str, ...]] = {
    "zh": ("易碎品", "小心轻放", "向上", "防潮", "请勿倒置", "怕晒"),
    "en": ("FRAGILE", "HANDLE WITH CARE", "THIS WAY UP", "KEEP DRY", "DO NOT STACK"),
}

_ASKS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "damaged": (
            "箱子破了吗？",
            "纸箱有没有破损？",
            "包装有损坏吗？",
            "这个箱子完好吗？",
            "纸箱是否受损？",
        ),
        "kind": ("箱子是什么样的破损？", "纸箱怎么了？", "破损类型是什么？", "这个纸箱有什么问题？"),
        "place": ("哪里破了？", "这张照片里的箱子哪里破了？", "破损在什么位置？", "箱子的哪个部位坏了？"),
        "where": ("请框出破损处。", "破损处的坐标是什么？", "定位破损。"),
        "mark": ("箱子上有“{}”标识吗？", "有没有印{}？", "纸箱上印了“{}”吗？", "能看到{}的标志吗？"),
        "marks": ("箱子上有什么标识？", "纸箱上印了什么？", "上面有哪些标志？"),
        "describe": (
            "描述这张图片。",
            "描述纸箱的情况。",
            "请描述图中的纸箱破损情况。",
            "这张图里有什么？",
            "用工程报告格式描述纸箱破损情况。",
        ),
    },
    "en": {
        "damaged": (
            "Is the box damaged?",
            "Is the carton damaged?",
            "Is there any damage?",
            "Has the package been damaged?",
        ),
        "kind": (
            "What kind of damage is it?",
            "What is wrong with the box?",
            "What happened to the carton?",
            "How is the box damaged?",
        ),
        "place": (
            "Where is the damage?",
            "Where is the box damaged?",
            "Which part of the carton is damaged?",
        ),
        "where": ("Give the box of the damage.", "Locate the damage.", "Mark the damage with coordinates."),
        "mark": ('Is the carton marked "{}"?', "Does the box say {}?", 'Is "{}" printed on the box?'),
        "marks": (
            "What marks are on the box?",
            "What is printed on the carton?",
            "Which signs does the carton carry?",
        ),
        "describe": (
            "Describe this picture.",
            "Describe the carton.",
            "What is in this picture?",
            "Report the state of the box.",
        ),
    },
}


def draw(rng: Random, split: Split, language: Language, size: int = 320) -> Scene:
    """A carton seen from the front, a little of its top showing, on some ground."""
    width, height = round(size * rng.uniform(0.9, 1.2)), round(size * rng.uniform(0.85, 1.1))
    canvas = camera.background(rng, split, width, height, pale=rng.random() < 0.7)
    front: Box = (
        width * rng.uniform(0.08, 0.2),
        height * rng.uniform(0.2, 0.32),
        width * rng.uniform(0.8, 0.92),
        height * rng.uniform(0.8, 0.94),
    )
    _draw_carton(rng, canvas, front)
    kind = rng.choice(("tear", "tear", "dent", "dent", "none"))
    place = rng.choice(tuple(PLACES)) if kind != "none" else ""
    texts = _draw_marks(rng, canvas, front, place, split=split, language=language)
    objects = [PlacedObject("纸箱" if language == "zh" else "carton", front, "carton", "brown")]
    if kind != "none":
        box = _draw_damage(rng, canvas, front, kind, place)
        word = ("撕裂" if kind == "tear" else "凹陷") if language == "zh" else kind
        objects.append(PlacedObject(word, box, kind))
    image = camera.photograph(rng, canvas, 0.7)
    questions = _ask(rng, kind, place, objects, texts, size=(width, height), split=split, language=language)
    return Scene("cartons", image, language, tuple(texts), tuple(objects), tuple(questions))


def _draw_carton(rng: Random, canvas: Canvas, front: Box) -> None:
    pen = ImageDraw.Draw(canvas)
    left, top, right, bottom = front
    red, green, blue = rng.randint(165, 205), rng.randint(125, 160), rng.randint(80, 112)
    depth, shift = (bottom - top) * rng.uniform(0.12, 0.28), (right - left) * rng.uniform(-0.1, 0.1)
    lid = [(left, top), (right, top), (right + shift - 0.05 * (right - left), top - depth)]
    lid.append((left + shift + 0.05 * (right - left), top - depth))
    pen.polygon(
        lid, fill=(min(255, red + 22), min(255, green + 20), min(255, blue + 16)), outline=(90, 65, 40)
    )
    pen.rectangle(front, fill=(red, green, blue), outline=(90, 65, 40))
    if rng.random() < 0.7:
        middle = (left + right) / 2
        half = (right - left) * rng.uniform(0.02, 0.05)
        pen.rectangle(
            (middle - half, top, middle + half, top + (bottom - top) * rng.uniform(0.1, 0.3)),
            fill=(red + 25, green + 28, min(255, blue + 30)),
        )
    for _ in range(rng.randint(0, 8)):
        y = rng.uniform(top, bottom)
        pen.line(
            (left + 2, y, right - 2, y + rng.uniform(-1, 1)), fill=(red - 7, green - 7, blue - 6), width=1
        )


def _draw_marks(
    rng: Random, canvas: Canvas, front: Box, damage: str, *, split: Split, language: Language
) -> list[PlacedText]:
    """Up to two printed marks, away from the damage."""
    pen = ImageDraw.Draw(canvas)
    free = [name for name in PLACES if name not in (damage, "centre")]
    rng.shuffle(free)
    left, top, right, bottom = front
    texts: list[PlacedText] = []
    for place, mark in zip(free, rng.sample(MARKS[language], rng.choice((0, 1, 1, 2))), strict=False):
        size = (right - left) * rng.uniform(0.07, 0.1) * (0.6 if language == "en" and len(mark) > 9 else 1)
        font = fonts.pick(rng, language, split).at(size)
        x1, y1, x2, y2 = font.getbbox(mark, anchor="lt")
        cx, cy = _PLACE_CENTRES[place]
        x = min(max(left + cx * (right - left) - (x2 - x1) / 2, left + 4), right - 4 - (x2 - x1))
        y = top + cy * (bottom - top) - (y2 - y1) / 2
        box = (x, y, x + x2 - x1, y + y2 - y1)
        if any(
            box[0] < other.box[2] and other.box[0] < box[2] and abs(box[1] - other.box[1]) < 2 * size
            for other in texts
        ):
            continue
        pen.text((x, y), mark, fill=rng.choice(((35, 30, 28), (150, 25, 25))), font=font, anchor="lt")
        texts.append(PlacedText(mark, box))
    texts.sort(key=lambda text: (text.box[1], text.box[0]))
    return texts


def _draw_damage(rng: Random, canvas: Canvas, front: Box, kind: str, place: str) -> Box:
    """Draws a tear or a dent at its place; returns its box."""
    left, top, right, bottom = front
    cx, cy = _PLACE_CENTRES[place]
    x = left + (cx + rng.uniform(-0.05, 0.05)) * (right - left)
    y = top + (cy + rng.uniform(-0.05, 0.05)) * (bottom - top)
    reach = (right - left) * rng.uniform(0.08, 0.15)
    if kind == "tear":
        angle = rng.uniform(0, math.pi)
        points: list[tuple[float, float]] = []
        for i in range(14):
            turn = 2 * math.pi * i / 14
            long, short = reach * math.cos(turn), 0.35 * reach * math.sin(turn)
            jag = rng.uniform(0.75, 1.2)
            points.append(
                (
                    x + jag * (long * math.cos(angle) - short * math.sin(angle)),
                    y + jag * (long * math.sin(angle) + short * math.cos(angle)),
                )
            )
        pen = ImageDraw.Draw(canvas)
        pen.polygon(points, fill=palette.shade(rng, "black"))
        # The torn edge shows the pale core of the board.
        pen.line([*points, points[0]], fill=(232, 212, 178), width=max(1, round(reach * 0.1)), joint="curve")
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)
    box = (x - reach, y - 0.7 * reach, x + reach, y + 0.7 * reach)
    shadow = Picture.new("L", canvas.size, 0)
    pen = ImageDraw.Draw(shadow)
    pen.ellipse(box, fill=rng.randint(110, 160))
    pen.ellipse((box[0] + 0.3 * reach, box[1] + 0.35 * reach, box[2], box[3]), fill=40)
    shadow = shadow.filter(ImageFilter.GaussianBlur(reach * 0.12))
    canvas.paste(Picture.new("RGB", canvas.size, (60, 40, 22)), (0, 0), shadow)
    crease = ImageDraw.Draw(canvas)
    for _ in range(rng.randint(2, 4)):
        turn = rng.uniform(0, 2 * math.pi)
        start = (x + 0.2 * reach * math.cos(turn), y + 0.2 * reach * math.sin(turn))
        end = (x + 0.95 * reach * math.cos(turn), y + 0.65 * reach * math.sin(turn))
        crease.line((*start, *end), fill=(96, 68, 40), width=max(1, round(reach * 0.06)))
    return box


def _ask(
    rng: Random,
    kind: str,
    place: str,
    objects: list[PlacedObject],
    texts: list[PlacedText],
    *,
    size: tuple[int, int],
    split: Split,
    language: Language,
) -> list[Question]:
    here = 0 if language == "zh" else 1

    def wording(name: str) -> str:
        return chosen(rng, _ASKS[language][name], language, split)

    broken, whole = (
        ("有破损。", "没有破损。") if here == 0 else ("Yes, it is damaged.", "No, it is not damaged.")
    )
    found = [
        Question(
            wording("damaged"), whole if kind == "none" else broken, "damaged", "choice", (broken, whole)
        ),
        Question(
            wording("kind"),
            DAMAGE[kind][here],
            "damage_kind",
            "choice",
            tuple(w[here] for w in DAMAGE.values()),
        ),
    ]
    if kind != "none":
        found.append(
            Question(
                wording("place"),
                PLACES[place][here],
                "damage_place",
                "choice",
                tuple(w[here] for w in PLACES.values()),
            )
        )
        found.append(Question(wording("where"), box_answer(objects[-1], *size), "where_object", "box"))
    else:
        found.append(
            Question(
                wording("place"),
                whole,
                "damage_place",
                "choice",
                (whole, *(w[here] for w in PLACES.values())),
            )
        )
    yes, no = ("有。", "没有。") if here == 0 else ("Yes.", "No.")
    printed = [text.text for text in texts]
    mark = rng.choice(MARKS[language]) if rng.random() < 0.5 or not printed else rng.choice(printed)
    found.append(
        Question(wording("mark").format(mark), yes if mark in printed else no, "mark", "choice", (yes, no))
    )
    joined = ("、" if here == 0 else ", ").join(printed)
    nothing = "没有标识。" if here == 0 else "There are no marks."
    found.append(Question(wording("marks"), joined or nothing, "marks", "text"))
    found.append(Question(wording("describe"), _report(kind, place, printed, here), "describe", "open"))
    rng.shuffle(found)
    return found


def _report(kind: str, place: str, marks: list[str], here: int) -> str:
    """What is wrong, where, and the marks: a short report."""
    if here == 0:
        state = "纸箱没有破损" if kind == "none" else f"纸箱{PLACES[place][0]}有{DAMAGE[kind][0]}"
        return f"{state}，{'标识：' + '、'.join(marks) if marks else '没有标识'}。"
    state = (
        "The carton is not damaged"
        if kind == "none"
        else f"The carton is {DAMAGE[kind][1]} at the {PLACES[place][1]}"
    )
    return f"{state}; {'marks: ' + ', '.join(marks) if marks else 'no marks'}."
