"""Draws cartons: board, tape, printed marks with their signs, tears, dents, and an A4 sheet beside for scale."""

from __future__ import annotations

import math
from random import Random

from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from jianwei.scenes import fonts, palette
from jianwei.scenes.board import Board
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import A4_CM, Box, Language, Scale, Split

PLACES: dict[str, tuple[str, str]] = {
    "top left": ("左上角", "top left"),
    "top right": ("右上角", "top right"),
    "bottom left": ("左下角", "bottom left"),
    "bottom right": ("右下角", "bottom right"),
    "centre": ("中间", "centre"),
}
"""Where on the carton's front the damage is, in Chinese and English."""

_CENTRES = {
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
"""What is printed on cartons."""

_SIGNS = {
    "易碎品": "glass", "小心轻放": "glass", "向上": "arrows", "请勿倒置": "arrows", "防潮": "umbrella",
    "FRAGILE": "glass", "HANDLE WITH CARE": "glass", "THIS WAY UP": "arrows", "KEEP DRY": "umbrella",
}  # fmt: skip
"""The sign (ISO 780) that may stand beside a mark."""


def draw_carton(rng: Random, split: Split, board: Board, front: Box) -> None:
    """A front with its lid above it in training; with its right side beside it in the test split."""
    pen = board.pen
    left, top, right, bottom = front
    wide, high = right - left, bottom - top
    red, green, blue = rng.randint(165, 205), rng.randint(125, 160), rng.randint(80, 112)
    edge: Rgb = (90, 65, 40)
    if split == "train":
        depth, shift = high * rng.uniform(0.12, 0.24), wide * rng.uniform(-0.08, 0.08)
        lid = [(left, top), (right, top), (right + shift - 0.05 * wide, top - depth)]
        lid.append((left + shift + 0.05 * wide, top - depth))
        pen.polygon(lid, fill=(red + 22, green + 20, blue + 16), outline=edge)
    else:
        depth = wide * rng.uniform(0.05, 0.1)
        side = [
            (right, top),
            (right + depth, top - 0.5 * depth),
            (right + depth, bottom - 0.8 * depth),
            (right, bottom),
        ]
        pen.polygon(side, fill=(red - 34, green - 30, blue - 24), outline=edge)
        lid = [
            (left, top),
            (right, top),
            (right + depth, top - 0.5 * depth),
            (left + depth, top - 0.5 * depth),
        ]
        pen.polygon(lid, fill=(red + 22, green + 20, blue + 16), outline=edge)
    pen.rectangle(front, fill=(red, green, blue), outline=edge)
    tape: Rgb = (red + 25, green + 28, blue + 30)
    if split == "train" and rng.random() < 0.7:
        middle, half = (left + right) / 2, wide * rng.uniform(0.02, 0.05)
        pen.rectangle((middle - half, top, middle + half, top + high * rng.uniform(0.1, 0.3)), fill=tape)
    elif split == "test" and rng.random() < 0.7:
        y, half = top + 0.5 * high, high * rng.uniform(0.02, 0.04)
        pen.rectangle((left + 1, y - half, right - 1, y + half), fill=tape)
    for _ in range(rng.randint(0, 8)):
        y = rng.uniform(top, bottom)
        dim: Rgb = (red - 7, green - 7, blue - 6)
        pen.line((left + 2, y, right - 2, y + rng.uniform(-1, 1)), fill=dim, width=1)


def draw_sheet(rng: Random, board: Board, front: Box, carton_cm: float) -> Scale:
    """An A4 sheet that leans upright beside the carton, in the plane of its front; the scale it gives."""
    width, _ = board.size
    per_cm = (front[2] - front[0]) / carton_cm
    wide, high = A4_CM[0] * per_cm, A4_CM[1] * per_cm
    x = rng.uniform(front[2] + 0.11 * (front[2] - front[0]), width - 0.02 * width - wide) + wide / 2
    y = front[3] - high / 2 - rng.uniform(0, 0.02) * high
    turn = math.radians(rng.uniform(-1.5, 1.5))
    corners = tuple(
        (
            x + math.cos(turn) * u * wide / 2 - math.sin(turn) * v * high / 2,
            y + math.sin(turn) * u * wide / 2 + math.cos(turn) * v * high / 2,
        )
        for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    )
    board.pen.polygon(list(corners), fill=(250, 250, 247), outline=(176, 176, 172))
    return Scale(1 / per_cm, corners)


def draw_marks(rng: Random, split: Split, language: Language, board: Board, front: Box, damage: str) -> None:
    """Up to two printed marks, some with their signs, away from the damage."""
    free = [name for name in PLACES if name not in (damage, "centre")]
    rng.shuffle(free)
    left, top, right, bottom = front
    face = fonts.pick(rng, language, split)
    taken: list[Box] = []
    for place, mark in zip(free, rng.sample(MARKS[language], rng.choice((0, 1, 1, 2))), strict=False):
        size = (right - left) * rng.uniform(0.07, 0.1) * (0.6 if language == "en" and len(mark) > 9 else 1)
        sign = _SIGNS.get(mark, "") if rng.random() < 0.5 else ""
        x1, _, x2, _ = face.at(size).getbbox(mark, anchor="ls")
        across, down = _CENTRES[place]
        x = left + across * (right - left) - (x2 - x1) / 2
        x = min(max(x, left + 4), right - 4 - (x2 - x1))
        y = max(top + down * (bottom - top) - 0.5 * size, top + (1.9 if sign else 0.2) * size)
        box = (x, y - (1.7 * size if sign else 0), x + x2 - x1, y + 1.2 * size)
        if any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in taken
        ):
            continue
        taken.append(box)
        ink: Rgb = rng.choice(((35, 30, 28), (150, 25, 25)))
        board.write(mark, x - x1, y, face, size, ink)
        if sign:
            _draw_sign(board, sign, x + (x2 - x1) / 2, y - 0.75 * size, 0.62 * size, ink)
    board.texts.sort(key=lambda text: (text.box[1], text.box[0]))


def _draw_sign(board: Board, sign: str, x: float, y: float, reach: float, ink: Rgb) -> None:
    """Two arrows up, a glass or an umbrella around a point."""
    pen, thick = board.pen, max(1, round(reach / 5))
    if sign == "arrows":
        for middle in (x - 0.5 * reach, x + 0.5 * reach):
            head = [
                (middle, y - reach),
                (middle - 0.4 * reach, y - 0.3 * reach),
                (middle + 0.4 * reach, y - 0.3 * reach),
            ]
            pen.polygon(head, fill=ink)
            pen.line((middle, y - 0.4 * reach, middle, y + 0.6 * reach), fill=ink, width=2 * thick)
        pen.line((x - reach, y + 0.9 * reach, x + reach, y + 0.9 * reach), fill=ink, width=thick)
    elif sign == "glass":
        pen.polygon(
            [(x - 0.6 * reach, y - reach), (x + 0.6 * reach, y - reach), (x, y + 0.3 * reach)], fill=ink
        )
        pen.line((x, y, x, y + 0.9 * reach), fill=ink, width=thick)
        pen.line(
            (x - 0.45 * reach, y + 0.9 * reach, x + 0.45 * reach, y + 0.9 * reach), fill=ink, width=thick
        )
    else:
        pen.pieslice((x - reach, y - 0.9 * reach, x + reach, y + 1.1 * reach), 180, 360, fill=ink)
        pen.line((x, y, x, y + 0.9 * reach), fill=ink, width=thick)


def draw_damage(rng: Random, board: Board, front: Box, kind: str, place: str) -> tuple[Box, Box | None]:
    """Draws a tear or a dent at its place; returns its box, and that of the lining that shows in a tear, if any."""
    left, top, right, bottom = front
    across, down = _CENTRES[place]
    x = left + (across + rng.uniform(-0.05, 0.05)) * (right - left)
    y = top + (down + rng.uniform(-0.05, 0.05)) * (bottom - top)
    reach = (right - left) * rng.uniform(0.07, 0.16)
    reach = min(reach, x - left - 1, right - 1 - x, 1.4 * (y - top - 1), 1.4 * (bottom - 1 - y))
    if kind == "tear":
        return _draw_tear(rng, board, x, y, reach)
    return _draw_dent(rng, board, x, y, reach), None


def _draw_tear(rng: Random, board: Board, x: float, y: float, reach: float) -> tuple[Box, Box | None]:
    """A dark hole with a torn edge; in half of them the lining of the carton shows."""
    lined = rng.random() < 0.5
    angle, slim = rng.uniform(-0.6, 0.6), 0.5 if lined else 0.35
    points: list[tuple[float, float]] = []
    for i in range(14):
        turn = 2 * math.pi * i / 14
        long, short = 0.8 * reach * math.cos(turn), slim * reach * math.sin(turn)
        jag = rng.uniform(0.75, 1.2)
        points.append(
            (
                x + jag * (long * math.cos(angle) - short * math.sin(angle)),
                y + jag * (long * math.sin(angle) + short * math.cos(angle)),
            )
        )
    board.pen.polygon(points, fill=palette.shade(rng, "black"))
    lining: Box | None = None
    if lined:
        inside = (x - 0.42 * reach, y - 0.26 * reach, x + 0.42 * reach, y + 0.26 * reach)
        tint: Rgb = rng.choice(((236, 238, 242), (226, 232, 244), (244, 226, 230)))
        board.pen.ellipse(inside, fill=tint)
        bubble = max(1.0, 0.09 * reach)
        for i in range(-2, 3):
            for j in (-1, 1):
                at = (x + i * 0.15 * reach, y + j * 0.09 * reach)
                ring = (at[0] - bubble / 2, at[1] - bubble / 2, at[0] + bubble / 2, at[1] + bubble / 2)
                board.pen.ellipse(ring, fill=(tint[0] - 40, tint[1] - 40, tint[2] - 36))
        lining = inside
    # The torn edge shows the pale core of the board.
    edge = max(1, round(reach * 0.1))
    board.pen.line([*points, points[0]], fill=(232, 212, 178), width=edge, joint="curve")
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs), min(ys), max(xs), max(ys)), lining


def _draw_dent(rng: Random, board: Board, x: float, y: float, reach: float) -> Box:
    """A shadow with creases that run from its middle."""
    canvas = board.canvas
    box = (x - reach, y - 0.7 * reach, x + reach, y + 0.7 * reach)
    shadow = Picture.new("L", canvas.size, 0)
    pen = ImageDraw.Draw(shadow)
    pen.ellipse(box, fill=rng.randint(110, 160))
    pen.ellipse((box[0] + 0.3 * reach, box[1] + 0.35 * reach, box[2], box[3]), fill=40)
    shadow = shadow.filter(ImageFilter.GaussianBlur(reach * 0.12))
    canvas.paste(Picture.new("RGB", canvas.size, (60, 40, 22)), (0, 0), shadow)
    for _ in range(rng.randint(2, 4)):
        turn = rng.uniform(0, 2 * math.pi)
        start = (x + 0.2 * reach * math.cos(turn), y + 0.2 * reach * math.sin(turn))
        end = (x + 0.95 * reach * math.cos(turn), y + 0.65 * reach * math.sin(turn))
        board.pen.line((*start, *end), fill=(96, 68, 40), width=max(1, round(reach * 0.06)))
    return box
