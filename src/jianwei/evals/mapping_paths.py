"""Paths that a picture takes to the model, each with a marker drawn at a known place, for ``mapping_task``."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from random import Random

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.config import Settings
from jianwei.evidence.geometry import homography
from jianwei.evidence.mend import GEOMETRY, mend
from jianwei.evidence.quality import Quality
from jianwei.evidence.showing import show
from jianwei.evidence.views import View
from jianwei.media.image import load_image
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import open_pages, render
from jianwei.model.preprocess import PreprocessConfig
from jianwei.types import Image, ImagePart, Message, Region, TextPart

Point = tuple[float, float]

Shown = tuple[View, Image, Point]
"""What the model is shown, the original, and where the marker is in it."""

_MARK = (255, 0, 255)

_EXIF = {1: None, 2: Picture.Transpose.FLIP_LEFT_RIGHT, 3: Picture.Transpose.ROTATE_180,
         4: Picture.Transpose.FLIP_TOP_BOTTOM, 5: Picture.Transpose.TRANSPOSE, 6: Picture.Transpose.ROTATE_90,
         7: Picture.Transpose.TRANSVERSE, 8: Picture.Transpose.ROTATE_270}  # fmt: skip
"""Orientation to how an upright picture has to be stored under it."""


def _page(rng: Random, width: int, height: int, plain: bool = False) -> Picture.Image:
    """A grey page with darker bars, as text is seen from afar; a plain one has room without any."""
    page = Picture.new("RGB", (width, height), (226, 226, 222))
    pen = ImageDraw.Draw(page)
    for _ in range(6 if plain else 40):
        x, y = rng.uniform(0, 0.9) * width, rng.uniform(0, 0.97) * height
        grey = rng.randint(40, 150)
        pen.rectangle((x, y, x + rng.uniform(0.02, 0.3) * width, y + 0.012 * height), fill=(grey, grey, grey))
    return page


def _marked(rng: Random, page: Picture.Image, margin: float = 0.06) -> Point:
    """Draw the marker, a disc with soft edges, and tell its middle."""
    width, height = page.size
    radius = 0.018 * max(width, height)
    x = rng.uniform(margin * width + radius, (1 - margin) * width - radius)
    y = rng.uniform(margin * height + radius, (1 - margin) * height - radius)
    _disc(page, (x, y), radius)
    return x, y


def _disc(page: Picture.Image, middle: Point, radius: float) -> None:
    """Each pixel gets as much of the colour as the disc covers of it, by 64 points in it."""
    left, top = (math.floor(value - radius - 1) for value in middle)
    side = math.ceil(2 * radius) + 3
    at = (np.arange(8 * side) + 0.5) / 8
    x, y = left + at[None, :], top + at[:, None]
    inside = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 <= radius**2
    covered = inside.reshape(side, 8, side, 8).mean((1, 3))
    mask = Picture.fromarray(np.rint(255 * covered).astype(np.uint8))
    page.paste(Picture.new("RGB", (side, side), _MARK), (left, top), mask)


def _image(page: Picture.Image) -> Image:
    return Image(np.asarray(page))


def _resized(rng: Random) -> Shown:
    page = _page(rng, rng.randint(700, 2400), rng.randint(700, 2400))
    true = _marked(rng, page)
    image = _image(page)
    return View(image), image, true


def _enlarged(rng: Random) -> Shown:
    page = _page(rng, rng.randint(90, 240), rng.randint(90, 240))
    true = _marked(rng, page, 0.1)
    image = _image(page)
    return View(image), image, true


def _exif(rng: Random) -> Shown:
    page = _page(rng, rng.randint(700, 1500), rng.randint(500, 1200))
    true = _marked(rng, page)
    orientation = rng.randint(2, 8)
    turn = _EXIF[orientation]
    stored = page if turn is None else page.transpose(turn)
    exif = Picture.Exif()
    exif[0x0112] = orientation
    data = io.BytesIO()
    stored.save(data, "JPEG", quality=95, subsampling=0, exif=exif)
    image = load_image(data.getvalue(), Settings())
    return View(image), image, true


def _around(rng: Random, true: Point, size: Point) -> tuple[Point, Point]:
    """Two corners of a box that holds the marker's surroundings."""
    room = 0.06 * max(size)
    left, top = (
        max(0.0, value - room - rng.uniform(0, 0.2) * side) for value, side in zip(true, size, strict=True)
    )
    right, bottom = (
        min(side, value + room + rng.uniform(0, 0.2) * side) for value, side in zip(true, size, strict=True)
    )
    return (left, top), (right, bottom)


def _part(rng: Random, polygon: bool) -> Shown:
    page = _page(rng, rng.randint(1500, 3000), rng.randint(1500, 3000))
    true = _marked(rng, page)
    image = _image(page)
    (left, top), (right, bottom) = _around(rng, true, page.size)
    corners = (
        ((left, top), (right, top), (right, bottom), (left, bottom))
        if polygon
        else ((left, top), (right, bottom))
    )
    message = Message("user", (ImagePart(image), TextPart("?")))
    shown = show([message], [Region(corners)], side=PreprocessConfig().token_side)
    return shown.regions[0], image, true


def _region(rng: Random) -> Shown:
    return _part(rng, polygon=False)


def _polygon(rng: Random) -> Shown:
    return _part(rng, polygon=True)


def _small_whole(rng: Random) -> Shown:
    """The whole picture as it is shown beside a region of it."""
    page = _page(rng, rng.randint(1500, 3000), rng.randint(1500, 3000))
    true = _marked(rng, page)
    image = _image(page)
    message = Message("user", (ImagePart(image), TextPart("?")))
    shown = show([message], [Region(_around(rng, true, page.size))], side=PreprocessConfig().token_side)
    whole = next(view for view in shown.views if view is not None and view.part is None)
    return whole, image, true


def _pdf(rng: Random, degrees: int) -> Shown:
    """A page of a PDF, perhaps one that is to be turned when it is shown: the original is the page as it is shown."""
    page = _page(rng, rng.randint(900, 1400), rng.randint(900, 1400))
    x, y = _marked(rng, page)
    width, height = page.size
    data = io.BytesIO()
    page.save(data, "PDF", resolution=150.0, quality=95)
    document = pypdfium2.PdfDocument(data.getvalue())
    document[0].set_rotation(degrees)
    turned = io.BytesIO()
    document.save(turned)
    settings = Settings()
    limits = PictureLimits.from_settings(settings)
    (drawn,) = render(open_pages(turned.getvalue(), "a.pdf", limits), [1], limits, "a.pdf")
    image = load_image(drawn.data, settings)
    part = {
        0: (x / width, y / height),
        90: (1 - y / height, x / width),
        180: (1 - x / width, 1 - y / height),
    }[degrees]
    return View(image), image, (part[0] * image.width, part[1] * image.height)


def _pdf_page(rng: Random) -> Shown:
    return _pdf(rng, 0)


def _turned_pdf_page(rng: Random) -> Shown:
    return _pdf(rng, rng.choice((90, 180)))


def _mended(rng: Random, did: tuple[str, ...], part: bool = False) -> Shown:
    """A picture, or a part of one, after mends that move or resize it."""
    page = _page(rng, rng.randint(700, 1300), rng.randint(700, 1300))
    true = _marked(rng, page, 0.12)
    image = _image(page)
    view = View(image)
    if part:
        message = Message("user", (ImagePart(image), TextPart("?")))
        region = Region(_around(rng, true, page.size))
        view = show([message], [region], side=PreprocessConfig().token_side).regions[0]
    skew = rng.uniform(2, 12) * rng.choice((-1, 1))
    found = Quality(blur=0.5, contrast=0.9, light=0.9, shadow=0.0, skew=skew, noise=1.0, text_height=9.0)
    made, way = mend(view.image, found, did)
    return View(made, 0, view.to_original @ way.to_original, view.part), image, true


def _mend(*did: str, part: bool = False) -> Callable[[Random], Shown]:
    return lambda rng: _mended(rng, did, part)


def _straightened(rng: Random) -> Shown:
    """A sheet on a dark table, seen from the side, brought flat."""
    sheet = _page(rng, 700, 990)
    x, y = _marked(rng, sheet, 0.12)
    size = (1000, 1100)
    corners = ((150, 120), (850, 90), (880, 1000), (130, 980))
    quad = [(x + rng.uniform(-60, 60), y + rng.uniform(-50, 50)) for x, y in corners]
    flat = View(_image(sheet), 0, _to_table(quad, sheet.size))
    table = _warped(sheet, flat, size)
    ((true_x, true_y),) = flat.original_points([(x, y)]).tolist()
    found = Quality(blur=0.5, contrast=0.9, light=0.9, shadow=0.0, skew=0.0, noise=1.0, text_height=20.0)
    made, way = mend(table, found, (GEOMETRY[0],))
    return View(made, 0, way.to_original), table, (true_x, true_y)


def _to_table(quad: list[Point], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    width, height = size
    return homography(((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)), quad)


def _warped(sheet: Picture.Image, flat: View, size: tuple[int, int]) -> Image:
    """The sheet laid on a dark table by Pillow, which knows nothing of our maps."""
    back = np.linalg.inv(flat.to_original)
    a, b, c, d, e, f, g, h, _ = (back / back[2, 2]).ravel().tolist()
    seen = sheet.transform(
        size, Picture.Transform.PERSPECTIVE, (a, b, c, d, e, f, g, h), Picture.Resampling.BICUBIC
    )
    inside = Picture.new("L", sheet.size, 255).transform(
        size, Picture.Transform.PERSPECTIVE, (a, b, c, d, e, f, g, h)
    )
    table = Picture.new("RGB", size, (52, 46, 40))
    table.paste(seen, mask=inside)
    return _image(table)


def _pruned(rng: Random) -> Shown:
    page = _page(rng, rng.randint(900, 2000), rng.randint(900, 2000), plain=True)
    true = _marked(rng, page)
    image = _image(page)
    return View(image), image, true


PATHS: dict[str, Callable[[Random], Shown]] = {
    "resized": _resized,
    "enlarged": _enlarged,
    "turned by EXIF": _exif,
    "region": _region,
    "polygon": _polygon,
    "whole beside a region": _small_whole,
    "PDF page": _pdf_page,
    "turned PDF page": _turned_pdf_page,
    "pruned": _pruned,
    "enhanced: lines made level": _mend("deskew"),
    "enhanced: page brought flat": _straightened,
    "enhanced: turned by a quarter": _mend("turn90"),
    "enhanced: enlarged": _mend("upscale"),
    "enhanced: made smaller": _mend("shrink"),
    "enhanced: level, turned, enlarged": _mend("deskew", "turn270", "upscale"),
    "enhanced part": _mend("deskew", "upscale", part=True),
}
"""Name to what makes a picture that goes this way."""
