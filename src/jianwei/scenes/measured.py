"""An A4 sheet on a table beside things of known size, seen at an angle: pictures whose lengths are known in cm.

Not one of the families that models are asked about: what is drawn here judges measuring itself. Sheet and
things lie in one plane; a pinhole camera looks at it from the side. Some sheets lie partly in shadow, some have
something lying over an edge. The splits have different tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from jianwei.scenes import camera
from jianwei.scenes.scene import A4_CM, Split
from jianwei.types import Image

Corners = tuple[tuple[float, float], ...]

_OVERSAMPLED = 2
"""Drawn so many times larger than it is shown, so that edges fall between pixels as a camera's do."""

_INKS = ((150, 30, 30), (30, 60, 140), (40, 40, 44), (30, 110, 70), (196, 120, 30))


@dataclass(frozen=True)
class Placed:
    """A flat rectangle in the plane.

    Attributes:
        corners: in pixels of the picture, clockwise.
        size: in cm: along its first side, along its second.
        centre: in cm, from the sheet's first corner (see ``Measured.corners``).
    """

    corners: Corners
    size: tuple[float, float]
    centre: tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """A picture with its truth.

    Attributes:
        image: the picture.
        corners: of the A4 sheet in pixels, clockwise; empty where there is none.
        things: what is to be measured.
    """

    image: Image
    corners: Corners
    things: tuple[Placed, ...]


def draw(rng: Random, split: Split, *, sheet: bool = True, side: int = 900, tilt: float = 40.0) -> Measured:
    """One picture.

    Args:
        rng: source of chance.
        split: which tables may be seen.
        sheet: False: the sheet is missing.
        side: the picture's longer side in pixels, about.
        tilt: how many degrees from straight above the camera may stand.
    """
    short, long = sorted(A4_CM)
    wide, high = (short, long) if rng.random() < 0.5 else (long, short)
    width = round(side * rng.uniform(0.75, 1.0))
    height = round(side * rng.uniform(0.75, 1.0))
    view = _camera(rng, (width, height), (wide, high), tilt)
    canvas = _table(rng, split, (width * _OVERSAMPLED, height * _OVERSAMPLED))
    pen = ImageDraw.Draw(canvas)
    corners = _seen(view, ((0, 0), (wide, 0), (wide, high), (0, high)))
    if sheet:
        shade = rng.randint(225, 252)
        _polygon(pen, corners, (shade, shade, shade - rng.randint(0, 8)))
        _print(rng, pen, view, (wide, high))
    things = tuple(_thing(rng, pen, view, (wide, high), i) for i in range(rng.randint(1, 3)))
    if sheet and rng.random() < 0.25:
        _cover(rng, pen, view, (wide, high))
    if rng.random() < 0.45:
        canvas = _shadowed(rng, canvas)
    shown = canvas.resize((width, height), Picture.Resampling.BOX)
    return Measured(camera.photograph(rng, shown, 0.8), corners if sheet else (), things)


def _camera(
    rng: Random, size: tuple[int, int], sheet: tuple[float, float], tilt: float
) -> npt.NDArray[np.float64]:
    """The homography from cm on the table to pixels: a camera that looks at the sheet and sees all of it."""
    lean, towards, turn = (
        math.radians(rng.uniform(0, tilt)),
        rng.uniform(0, 6.3),
        math.radians(rng.uniform(-30, 30)),
    )
    cos, sin = math.cos(towards), math.sin(towards)
    about = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    leaned = np.array([[1, 0, 0], [0, math.cos(lean), -math.sin(lean)], [0, math.sin(lean), math.cos(lean)]])
    cos, sin = math.cos(turn), math.sin(turn)
    turned = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    aim = turned @ about @ leaned @ about.T
    focal = max(size) * rng.uniform(0.8, 1.4)
    away = math.hypot(*sheet) * rng.uniform(1.6, 2.2)
    plane = np.column_stack([aim[:, 0], aim[:, 1], np.array([0.0, 0.0, away])])
    centred = np.array([[1, 0, -sheet[0] / 2], [0, 1, -sheet[1] / 2], [0, 0, 1]])
    view = np.diag([focal, focal, 1.0]) @ plane @ centred
    # Zoom until the sheet with its surroundings fills the picture.
    spread = _apply(view, ((-5, -5), (sheet[0] + 5, -5), (sheet[0] + 5, sheet[1] + 5), (-5, sheet[1] + 5)))
    zoom = min(size[0] / np.ptp(spread[:, 0]), size[1] / np.ptp(spread[:, 1])) * rng.uniform(0.8, 1.0)
    middle = (spread.min(0) + spread.max(0)) / 2
    move = np.array(
        [[zoom, 0, size[0] / 2 - zoom * middle[0]], [0, zoom, size[1] / 2 - zoom * middle[1]], [0, 0, 1]]
    )
    return move @ view


def _apply(view: npt.NDArray[np.float64], points: Corners) -> npt.NDArray[np.float64]:
    moved = np.column_stack([np.array(points, float), np.ones(len(points))]) @ view.T
    return moved[:, :2] / moved[:, 2:]


def _seen(view: npt.NDArray[np.float64], points: Corners) -> Corners:
    return tuple((float(x), float(y)) for x, y in _apply(view, points))


def _polygon(pen: ImageDraw.ImageDraw, corners: Corners, fill: tuple[int, int, int]) -> None:
    # Pillow counts middles of pixels as whole numbers.
    pen.polygon([(x * _OVERSAMPLED - 0.5, y * _OVERSAMPLED - 0.5) for x, y in corners], fill=fill)


def _rectangle(x: float, y: float, wide: float, high: float, angle: float) -> Corners:
    cos, sin = math.cos(angle), math.sin(angle)
    around = ((-wide / 2, -high / 2), (wide / 2, -high / 2), (wide / 2, high / 2), (-wide / 2, high / 2))
    return tuple((x + u * cos - v * sin, y + u * sin + v * cos) for u, v in around)


def _thing(
    rng: Random,
    pen: ImageDraw.ImageDraw,
    view: npt.NDArray[np.float64],
    sheet: tuple[float, float],
    index: int,
) -> Placed:
    """A card on the sheet, each in a part of its own so that none lies over another."""
    wide, high = rng.uniform(1.5, 0.42 * sheet[0]), rng.uniform(1.5, 0.22 * sheet[1])
    x = rng.uniform(0.3, 0.7) * sheet[0]
    y = sheet[1] * ((index + 0.5) / 3 + rng.uniform(-0.03, 0.03))
    corners = _seen(view, _rectangle(x, y, wide, high, rng.uniform(-0.15, 0.15)))
    _polygon(pen, corners, rng.choice(_INKS))
    return Placed(corners, (wide, high), (x, y))


def _print(
    rng: Random, pen: ImageDraw.ImageDraw, view: npt.NDArray[np.float64], sheet: tuple[float, float]
) -> None:
    """Grey lines, as text is seen from afar."""
    if rng.random() < 0.5:
        return
    for i in range(rng.randint(4, 24)):
        y = 2 + i * (sheet[1] - 4) / 24
        _polygon(
            pen,
            _seen(view, _rectangle(sheet[0] / 2, y, sheet[0] * rng.uniform(0.5, 0.85), 0.2, 0)),
            (140, 140, 144),
        )


def _cover(
    rng: Random, pen: ImageDraw.ImageDraw, view: npt.NDArray[np.float64], sheet: tuple[float, float]
) -> None:
    """A pencil or card over one edge of the sheet, not over a corner."""
    along, across = rng.uniform(0.3, 0.7), rng.choice((0.0, 1.0))
    x, y = (
        (along * sheet[0], across * sheet[1]) if rng.random() < 0.5 else (across * sheet[0], along * sheet[1])
    )
    shape = _rectangle(x, y, rng.uniform(1, 5), rng.uniform(0.8, 3), rng.uniform(0, 3.1))
    _polygon(pen, _seen(view, shape), rng.choice(_INKS))


def _table(rng: Random, split: Split, size: tuple[int, int]) -> camera.Canvas:
    """Wood or a plain desk in training, cloth with stripes in the test split; darker than paper."""
    width, height = size
    base = np.array([rng.randint(35, 165) for _ in range(3)], np.float32)
    ground = np.broadcast_to(base, (height, width, 3)).copy()
    grain = np.random.default_rng(rng.getrandbits(32))
    if split == "train":
        ground += grain.normal(0, 8, (height, 1, 1)).astype(np.float32)
    elif rng.random() < 0.6:
        step = max(8, width // rng.randint(8, 24))
        ground += rng.uniform(10, 30) * (np.arange(width) // step % 2)[None, :, None]
    ground += grain.normal(0, 5, (height, width, 1)).astype(np.float32)
    return Picture.fromarray(np.clip(ground, 0, 255).astype(np.uint8))


def _shadowed(rng: Random, canvas: camera.Canvas) -> camera.Canvas:
    """The shadow of the hand that holds the camera, over a part of everything."""
    width, height = canvas.size
    small = Picture.new("L", (width // 8, height // 8), 255)
    pen = ImageDraw.Draw(small)
    x, y = rng.choice((0, small.width)), rng.uniform(0, small.height)
    reach = rng.uniform(0.25, 0.7) * max(small.size)
    pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=round(255 * rng.uniform(0.45, 0.8)))
    soft = small.filter(ImageFilter.GaussianBlur(max(small.size) / rng.uniform(20, 80)))
    light = np.asarray(soft.resize(canvas.size, Picture.Resampling.BILINEAR), np.float32)[..., None] / 255
    return Picture.fromarray((np.asarray(canvas, np.float32) * light).astype(np.uint8))
