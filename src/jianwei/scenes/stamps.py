"""Round red stamps: a ring, a firm's name along it, a star or none, a caption; a little faded and turned."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.scenes.board import Board
from jianwei.scenes.fonts import Face
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Box, PlacedText

REDS: tuple[Rgb, ...] = ((204, 28, 34), (218, 44, 40), (188, 24, 48))


def stamp(
    rng: Random, board: Board, x: float, y: float, radius: float, face: Face, firm: str, caption: str
) -> Box:
    """Stamps around ``x``, ``y``; the board remembers the firm's name and the caption. Tells the box of the ring."""
    side = 2 * math.ceil(radius) + 4
    mask = Picture.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    middle, ring = side / 2, max(1, round(radius / 13))
    pen.ellipse((middle - radius, middle - radius, middle + radius, middle + radius), outline=255, width=ring)
    _along(mask, face, firm, middle, 0.76 * radius, radius)
    if rng.random() < 0.75:
        points: list[tuple[float, float]] = []
        for i in range(10):
            reach = radius * (0.28 if i % 2 == 0 else 0.11)
            turn = math.pi * (i / 5 - 0.5)
            points.append((middle + reach * math.cos(turn), middle + reach * math.sin(turn)))
        pen.polygon(points, fill=255)
    size = min(0.3 * radius, 1.15 * radius / max(1, face.at(100).getlength(caption)) * 100)
    pen.text((middle, middle + 0.52 * radius), caption, fill=255, font=face.at(size), anchor="mm")
    turn = rng.uniform(-14, 14)
    mask = mask.rotate(turn, Picture.Resampling.BILINEAR)
    worn = np.random.default_rng(rng.getrandbits(32)).uniform(0.62, 0.95, (side, side)).astype(np.float32)
    mask = Picture.fromarray((np.asarray(mask, np.float32) * worn).astype(np.uint8))
    board.lay_over(mask, (round(x - middle), round(y - middle)), rng.choice(REDS))
    box = (x - radius, y - radius, x + radius, y + radius)
    board.texts.append(PlacedText(firm, (box[0] + 0.1 * radius, box[1], box[2] - 0.1 * radius, y)))
    angle = math.radians(turn)
    across, down = x + 0.52 * radius * math.sin(angle), y + 0.52 * radius * math.cos(angle)
    half = face.at(size).getlength(caption) / 2
    board.texts.append(
        PlacedText(caption, (across - half, down - 0.7 * size, across + half, down + 0.7 * size))
    )
    return box


def _along(mask: Picture.Image, face: Face, text: str, middle: float, reach: float, radius: float) -> None:
    """The text along the upper half of a circle of radius ``reach``, each character upright to it."""
    size = max(6.0, min(0.3 * radius, 3.4 * reach / max(1, face.at(100).getlength(text)) * 100))
    font = face.at(size)
    total = sum(font.getlength(character) + 0.04 * size for character in text)
    turn = -total / reach / 2
    side = math.ceil(1.8 * size)
    for character in text:
        step = font.getlength(character) + 0.04 * size
        turn += step / reach / 2
        tile = Picture.new("L", (side, side), 0)
        ImageDraw.Draw(tile).text((side / 2, side / 2), character, fill=255, font=font, anchor="mm")
        tile = tile.rotate(-math.degrees(turn), Picture.Resampling.BILINEAR)
        left = round(middle + reach * math.sin(turn) - side / 2)
        top = round(middle - reach * math.cos(turn) - side / 2)
        mask.paste(255, (left, top, left + side, top + side), tile)
        turn += step / reach / 2
