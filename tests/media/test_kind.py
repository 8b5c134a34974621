"""Pages, screens and photos are told apart by their pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from jianwei.media.kind import equal_runs, is_drawn, kind_of
from jianwei.types import Image


def page(width: int = 900, height: int = 1200) -> PillowImage.Image:
    """Print on white with margins."""
    picture = PillowImage.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(22)
    for row in range(110, height - 110, 34):
        draw.text((90, row), f"Line {row} of the printed page, so much and more of it" * 2, "black", font)
    return picture


def screen() -> PillowImage.Image:
    """Coloured areas, a few words and a photo in it."""
    picture = PillowImage.new("RGB", (540, 960), (24, 30, 46))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 540, 90), fill=(10, 90, 200))
    draw.text((30, 30), "Settings", "white", ImageFont.load_default(28))
    for row in range(130, 700, 110):
        draw.rounded_rectangle((20, row, 520, row + 90), 12, fill=(40, 50, 80))
        draw.text((40, row + 30), f"Option {row}", (200, 210, 240), ImageFont.load_default(24))
    picture.paste(photo().resize((500, 200)), (20, 730))
    return picture


def photo(noise: float = 2.5) -> PillowImage.Image:
    """Soft shapes under a camera's noise."""
    y, x = np.mgrid[:600, :800]
    scene = np.stack([120 + 80 * np.sin(x / 90), 90 + 60 * np.cos(y / 70), 60 + x / 8], axis=-1)
    rng = np.random.default_rng(0)
    return PillowImage.fromarray(np.clip(scene + rng.normal(0, noise, scene.shape), 0, 255).astype(np.uint8))


def in_a_camera(picture: PillowImage.Image) -> PillowImage.Image:
    """As a camera would see it: lit unevenly, a little soft, with noise."""
    pixels = np.asarray(picture.resize((picture.width * 9 // 10, picture.height * 9 // 10))).astype(float)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    light = 0.6 + 0.25 * x / pixels.shape[1] + 0.1 * y / pixels.shape[0]
    noise = np.random.default_rng(1).normal(0, 3, pixels.shape)
    return PillowImage.fromarray(np.clip(pixels * light[..., None] + noise, 0, 255).astype(np.uint8))


def as_jpeg(picture: PillowImage.Image, quality: int) -> PillowImage.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return PillowImage.open(file).convert("RGB")


def image(picture: PillowImage.Image) -> Image:
    return Image(np.asarray(picture))


@pytest.mark.parametrize("quality", [None, 95, 75])
def test_pages_screens_and_photos_are_told_apart_also_as_jpeg(quality: int | None) -> None:
    drawn = {"document": page(), "screen": screen(), "photo": photo()}
    found = {kind: image(p if quality is None else as_jpeg(p, quality)) for kind, p in drawn.items()}
    assert {kind: kind_of(picture) for kind, picture in found.items()} == {kind: kind for kind in found}
    assert {kind: is_drawn(picture) for kind, picture in found.items()} == {
        "document": True,
        "screen": True,
        "photo": False,
    }


def test_a_photographed_page_is_a_document_that_no_program_has_drawn() -> None:
    seen = image(as_jpeg(in_a_camera(page()), 90))
    assert kind_of(seen) == "document"
    assert not is_drawn(seen)


def test_a_photo_with_black_bars_is_still_mostly_photo() -> None:
    framed = PillowImage.new("RGB", (800, 720), "black")
    framed.paste(photo(), (0, 60))
    assert kind_of(image(framed)) == "photo"


@pytest.mark.parametrize("size", [(4, 4), (5, 400), (400, 5), (16, 16)])
def test_tiny_and_thin_pictures_have_a_kind_too(size: tuple[int, int]) -> None:
    plain = Image(np.full((size[1], size[0], 3), 200, np.uint8))
    assert kind_of(plain) in ("document", "screen")
    assert equal_runs(plain.pixels) == 1.0
