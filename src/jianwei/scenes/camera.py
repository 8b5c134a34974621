"""What stands between a thing and its picture: backgrounds, paper, light, blur, noise and JPEG.

Knows pixels only. The two splits have different backgrounds and different strengths.
"""

from __future__ import annotations

import io
from random import Random

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Split
from jianwei.types import Image

Canvas = Picture.Image


def _noise(rng: Random) -> np.random.Generator:
    return np.random.default_rng(rng.getrandbits(32))


def background(rng: Random, split: Split, width: int, height: int, *, pale: bool = True) -> Canvas:
    """A plain or shaded ground; the test split has stripes and spots that the training split never shows."""
    low = 200 if pale else 90
    base = np.array([rng.randint(low, 252) for _ in range(3)], np.float32)
    base += (base.mean() - base) * rng.uniform(0.5, 1.0)
    ground = np.broadcast_to(base, (height, width, 3)).copy()
    if rng.random() < 0.6:
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
        ground += rng.uniform(-18, 18) * x + rng.uniform(-18, 18) * y
    canvas = Picture.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    if split == "test" and rng.random() < 0.5:
        pen = ImageDraw.Draw(canvas)
        near: Rgb = (min(255, int(base[0]) + 7), min(255, int(base[1]) + 7), min(255, int(base[2]) + 7))
        step = rng.randint(12, 40)
        for at in range(0, max(width, height), step):
            if rng.random() < 0.5:
                pen.line((at, 0, at, height), fill=near, width=max(1, step // 4))
            else:
                pen.ellipse(
                    (at, (at * 37) % height, at + step // 2, (at * 37) % height + step // 2), fill=near
                )
    return canvas


def photograph(rng: Random, canvas: Canvas, strength: float = 1.0) -> Image:
    """The canvas as a phone may take it: uneven light, a little blur, noise and JPEG; geometry stays."""
    if rng.random() < 0.35 * strength:
        canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0) * strength))
    pixels = np.asarray(canvas, np.float32)
    if rng.random() < 0.5 * strength:
        height, width = pixels.shape[:2]
        x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :, None]
        y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None, None]
        pixels = pixels * (1 + strength * (rng.uniform(-0.25, 0.25) * x + rng.uniform(-0.25, 0.25) * y))
        pixels = pixels * rng.uniform(1 - 0.15 * strength, 1 + 0.05 * strength)
    if rng.random() < 0.6 * strength:
        grain = _noise(rng).normal(0, rng.uniform(1, 6) * strength, pixels.shape).astype(np.float32)
        pixels = pixels + grain
    shot = np.clip(pixels, 0, 255).astype(np.uint8)
    if rng.random() < 0.5 * strength:
        data = io.BytesIO()
        Picture.fromarray(shot).save(data, "JPEG", quality=rng.randint(55, 95))
        shot = np.asarray(Picture.open(data).convert("RGB"))
    return Image(np.ascontiguousarray(shot), "scene")
