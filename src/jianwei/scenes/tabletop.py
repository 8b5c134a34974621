"""Lays a drawn sheet on a table before a camera: perspective, wrinkles, shadow and glare, boxes following.

Knows pixels and boxes. The splits have different tables.
"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from jianwei.scenes.board import Board
from jianwei.scenes.camera import Canvas
from jianwei.scenes.scene import A4_CM, Box, Scale, Split

Corners = tuple[tuple[float, float], ...]
"""Top left, top right, bottom right, bottom left."""


def photographed(rng: Random, split: Split, board: Board, tilt: float = 1.0) -> Corners:
    """Turns a board that is a sheet into a photo of the sheet on a table, of the same size.

    Args:
        rng: source of chance.
        split: which tables may be seen.
        board: changed in place: its canvas, and the boxes of its texts and things.
        tilt: how far the camera may stand from straight above; 0 keeps the sheet upright and flat.

    Returns:
        Where the corners of the sheet are now.
    """
    width, height = board.size
    if rng.random() < 0.6:
        board.become(_wrinkled(rng, board.canvas))

    def corner(x: float, y: float) -> tuple[float, float]:
        shake = 0.035 * tilt
        return (
            x + (1 if x == 0 else -1) * width * (0.01 + rng.uniform(0, 2 * shake)),
            y + (1 if y == 0 else -1) * height * (0.01 + rng.uniform(0, 2 * shake)),
        )

    corners = tuple(corner(x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height)))
    turn = math.radians(rng.uniform(-2.2, 2.2)) * tilt
    corners = _kept_inside(_turned(corners, turn, width / 2, height / 2), width, height)
    to_photo = _homography(((0, 0), (width, 0), (width, height), (0, height)), corners)
    to_sheet = np.linalg.inv(to_photo)
    to_sheet /= to_sheet[2, 2]
    table = _table(rng, split, width, height)
    sheet_mask = Picture.new("L", (width, height), 0)
    ImageDraw.Draw(sheet_mask).polygon([tuple(point) for point in corners], fill=255)
    dim = sheet_mask.filter(ImageFilter.GaussianBlur(max(1.0, width / 80)))
    offset = round(width * 0.008)
    table.paste((20, 18, 16), (offset, offset), dim.point([value * 0.45 for value in range(256)]))
    warped = board.canvas.transform(
        (width, height),
        Picture.Transform.PERSPECTIVE,
        tuple(float(value) for value in to_sheet.reshape(-1)[:8]),
        Picture.Resampling.BICUBIC,
    )
    table.paste(warped, (0, 0), sheet_mask)
    board.become(_lit(rng, table))
    board.texts = [replace(text, box=_moved(text.box, to_photo)) for text in board.texts]
    board.objects = [replace(item, box=_moved(item.box, to_photo)) for item in board.objects]
    return corners


def a4_scale(corners: Corners) -> Scale:
    """The scale that an A4 sheet with these corners tells, upright or lying."""

    def side(one: int, other: int) -> float:
        return math.dist(corners[one], corners[other])

    wide = (side(0, 1) + side(3, 2)) / 2
    high = (side(0, 3) + side(1, 2)) / 2
    across, down = A4_CM if wide < high else A4_CM[::-1]
    return Scale((across / wide + down / high) / 2, corners)


def _homography(start: Corners, end: Corners) -> np.ndarray:
    """The 3x3 matrix that takes four points to four others (direct linear transform)."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), np.array(end, float).reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)


def _moved(box: Box, matrix: np.ndarray) -> Box:
    """The upright box around a box seen through a homography."""
    left, top, right, bottom = box
    points = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)], float).T
    seen = matrix @ points
    xs, ys = seen[0] / seen[2], seen[1] / seen[2]
    return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())


def _turned(corners: Corners, angle: float, x0: float, y0: float) -> Corners:
    cos, sin = math.cos(angle), math.sin(angle)
    return tuple(
        (x0 + cos * (x - x0) - sin * (y - y0), y0 + sin * (x - x0) + cos * (y - y0)) for x, y in corners
    )


def _kept_inside(corners: Corners, width: int, height: int) -> Corners:
    """Shrunk about the middle until every corner is in the picture."""
    x0, y0 = width / 2, height / 2
    reach = max(1.0, *(max(abs(x - x0) / (0.995 * x0), abs(y - y0) / (0.995 * y0)) for x, y in corners))
    return tuple((x0 + (x - x0) / reach, y0 + (y - y0) / reach) for x, y in corners)


def _table(rng: Random, split: Split, width: int, height: int) -> Canvas:
    """A table top: wood or a plain desk in training, checked cloth or speckled stone in the test split."""
    grain = np.random.default_rng(rng.getrandbits(32))
    if split == "train":
        base = np.array(rng.choice(((150, 110, 72), (96, 66, 44), (188, 150, 108), (82, 84, 90))), np.float32)
        ground = np.broadcast_to(base, (height, width, 3)).copy()
        lanes = grain.normal(0, 9, (height, 1, 1)).astype(np.float32)
        ground += lanes + grain.normal(0, 3, (1, width, 1)).astype(np.float32)
    else:
        base = np.array(
            rng.choice(((176, 60, 58), (70, 100, 150), (120, 124, 118), (60, 62, 66))), np.float32
        )
        ground = np.broadcast_to(base, (height, width, 3)).copy()
        if rng.random() < 0.5:
            step = max(6, round(width / rng.randint(12, 24)))
            down = (np.arange(height) // step % 2)[:, None, None]
            along = (np.arange(width) // step % 2)[None, :, None]
            ground += 26 * (down + along) - 20
        else:
            ground += grain.normal(0, 14, (height, width, 1)).astype(np.float32)
    return Picture.fromarray(np.clip(ground, 0, 255).astype(np.uint8))


def _wrinkled(rng: Random, canvas: Canvas) -> Canvas:
    """Folds: straight creases, each a dark and a bright side, and soft waves of light."""
    width, height = canvas.size
    small = (max(2, width // 4), max(2, height // 4))
    x = np.linspace(-1, 1, small[0], dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, small[1], dtype=np.float32)[:, None]
    light = np.ones((small[1], small[0]), np.float32)
    for _ in range(rng.randint(0, 3)):
        angle = rng.choice((0.0, math.pi / 2, rng.uniform(0, math.pi)))
        away = math.cos(angle) * x + math.sin(angle) * y - rng.uniform(-0.7, 0.7)
        depth, breadth = rng.uniform(0.02, 0.07), rng.uniform(0.02, 0.06)
        light += depth * (away / breadth) * np.exp(0.5 - 0.5 * (away / breadth) ** 2)
    wave = rng.uniform(0.0, 0.03)
    light += wave * np.sin(rng.uniform(2, 7) * x + rng.uniform(0, 6)) * np.sin(rng.uniform(2, 7) * y + 1)
    return _shaded(canvas, light)


def _lit(rng: Random, canvas: Canvas) -> Canvas:
    """At times the shadow of a hand or phone falls in from an edge, or a lamp glares on the sheet."""
    style = rng.random()
    if style > 0.5:
        return canvas
    width, height = canvas.size
    small = (max(2, width // 4), max(2, height // 4))
    mask = Picture.new("L", small, 0)
    pen = ImageDraw.Draw(mask)
    if style < 0.3:
        x, y = rng.choice((0, small[0])), rng.uniform(0, small[1])
        reach = rng.uniform(0.3, 0.8) * max(small)
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
        depth = -rng.uniform(0.12, 0.35)
    else:
        x, y = rng.uniform(0, small[0]), rng.uniform(0, small[1])
        reach = rng.uniform(0.06, 0.16) * max(small)
        pen.ellipse((x - reach, y - 0.6 * reach, x + reach, y + 0.6 * reach), fill=255)
        depth = rng.uniform(0.08, 0.25)
    mask = mask.filter(ImageFilter.GaussianBlur(max(small) / 16))
    return _shaded(canvas, 1 + depth * np.asarray(mask, np.float32) / 255)


def _shaded(canvas: Canvas, light: np.ndarray) -> Canvas:
    """The canvas times a map of light, which may be smaller."""
    grown = Picture.fromarray(np.clip(light * 128, 0, 255).astype(np.uint8)).resize(
        canvas.size, Picture.Resampling.BILINEAR
    )
    factor = np.asarray(grown, np.float32)[:, :, None] / 128
    return Picture.fromarray(np.clip(np.asarray(canvas, np.float32) * factor, 0, 255).astype(np.uint8))
