"""Mends of a photo, each for one fault. What they do to coordinates they say as a ``PixelMap``.

A mend is named by a word that also stands in the answer's ``did``; from these words and the measures of the
picture the same mended picture can be made again (``mend``), so none needs to be kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from jianwei.evidence.geometry import PixelMap
from jianwei.evidence.quads import Quad, find_quads
from jianwei.evidence.quality import Quality, ground_of
from jianwei.types import Image

Floats = npt.NDArray[np.float32]

TONE = ("denoise", "stretch", "shadow", "local_contrast", "sharpen", "deblur", "shrink", "upscale")
"""Mends of light and sharpness, in the order in which they are done."""

GEOMETRY = ("straighten", "deskew", "turn90", "turn180", "turn270")
"""Mends that move things: a page brought flat, level lines, and quarter turns clockwise."""

PAGE_AREA = 0.25
"""Of the picture: a smaller sheet is a thing in it, not what it is of."""

_NOISE_TO_SIGNAL = {"sharpen": 3e-3, "deblur": 5e-4}
"""How much of what sharpening brings back may be grain: ``deblur`` goes further, and wants shrinking afterwards."""

MAX_PIXELS = 40_000_000
"""No mend makes a picture larger than this."""


def mend(image: Image, found: Quality, did: Sequence[str]) -> tuple[Image, PixelMap]:
    """The picture after the mends named, in their fixed order, and where its pixels went.

    Args:
        image: the original.
        found: its measures.
        did: names out of ``TONE`` and ``GEOMETRY``.
    """
    pixels: npt.NDArray[np.uint8] = image.pixels
    if any(name in did for name in TONE[:-2]):
        pixels = _toned(pixels, found, did)
    way = PixelMap.identity(image.width, image.height)
    for name in GEOMETRY:
        if name in did:
            # Sheets are looked for in the mended light: in the dark none is seen.
            step = _geometry(name, Image(pixels), found)
            if step is not None:
                pixels, way = warp(pixels, step), way.then(step)
    if "shrink" in did:
        pixels, way = _resized(pixels, way, 0.5)
    if "upscale" in did and 4 * pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS:
        pixels, way = _resized(pixels, way, 2.0)
    return Image(np.ascontiguousarray(pixels), image.name), way


def warp(pixels: npt.NDArray[np.uint8], way: PixelMap) -> npt.NDArray[np.uint8]:
    """The picture that a map makes; what lies outside the original continues its border."""
    return cv2.warpPerspective(
        pixels, way.opencv, way.made, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _resized(
    pixels: npt.NDArray[np.uint8], way: PixelMap, by: float
) -> tuple[npt.NDArray[np.uint8], PixelMap]:
    """The picture so many times larger, and the map to it."""
    step = PixelMap.resize(way.made, (max(1, round(by * way.made[0])), max(1, round(by * way.made[1]))))
    kind = cv2.INTER_AREA if by < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, step.made, interpolation=kind).astype(np.uint8), way.then(step)


def page_of(image: Image) -> Quad | None:
    """The sheet that the picture is of, where it lies askew or tilted; None: there is none, or it is straight."""
    quads = [quad for quad in find_quads(image) if quad.area >= PAGE_AREA * image.width * image.height]
    if not quads:
        return None
    page = max(quads, key=lambda quad: quad.area)
    sides = np.roll(page.corners, -1, axis=0) - page.corners
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) - np.array([0, 90, 180, 270])
    off = np.abs((angles + 180) % 360 - 180)
    return page if off.max() > 1.5 else None


def _geometry(name: str, image: Image, found: Quality) -> PixelMap | None:
    size = (image.width, image.height)
    if name == "straighten":
        page = page_of(image)
        return None if page is None else _flat(page, size)
    if name == "deskew":
        return PixelMap.turn(size, -found.skew)
    return PixelMap.turn(size, float(name.removeprefix("turn")))


def _flat(page: Quad, size: tuple[int, int]) -> PixelMap:
    """The map that brings a sheet to a whole picture of its true proportions, no smaller than it is seen."""
    sides = np.hypot(*(np.roll(page.corners, -1, axis=0) - page.corners).T)
    aspect = page.aspect(*size)
    wide = max(sides[0], sides[2], aspect * max(sides[1], sides[3]))
    high = wide / aspect
    shrink = min(1.0, float(np.sqrt(MAX_PIXELS / 4 / (wide * high))))
    made = max(8, round(wide * shrink)), max(8, round(high * shrink))
    quad = [(float(x), float(y)) for x, y in page.corners]
    return PixelMap.straighten(size, quad, made)


def _toned(pixels: npt.NDArray[np.uint8], found: Quality, did: Sequence[str]) -> npt.NDArray[np.uint8]:
    colours: Floats = pixels.astype(np.float32)
    if "denoise" in did:
        colours = cv2.GaussianBlur(colours, (0, 0), 0.8).astype(np.float32)
    if "stretch" in did:
        low, high = np.percentile(_luma(colours), [1, 99])
        spread = (colours - float(low)) * (235 / max(1.0, float(high - low)))
        colours = (10 + spread).astype(np.float32)
    if "shadow" in did:
        ground = ground_of(_luma(colours))
        gain = float(np.percentile(ground, 95)) / np.maximum(ground, 12.0)
        colours = (colours * gain[..., None]).astype(np.float32)
    if "local_contrast" in did:
        colours = _locally_stretched(np.clip(colours, 0, 255).astype(np.uint8))
    for name, noise_to_signal in _NOISE_TO_SIGNAL.items():
        if name in did:
            colours = _deconvolved(np.clip(colours, -30, 285), found.blur, noise_to_signal)
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def _luma(colours: Floats) -> Floats:
    return cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _locally_stretched(pixels: npt.NDArray[np.uint8]) -> Floats:
    """CLAHE on lightness alone, so that colours keep their hue."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=2.5, tileGridSize=(8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.float32)


def _deconvolved(colours: Floats, sigma: float, noise_to_signal: float) -> Floats:
    """Wiener's filter for a Gaussian blur (Gonzalez and Woods, *Digital image processing*, section 5.8)."""
    margin = int(4 * sigma) + 1
    framed = cv2.copyMakeBorder(colours, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    height, width = (cv2.getOptimalDFTSize(side) for side in framed.shape[:2])
    rows, columns = height - framed.shape[0], width - framed.shape[1]
    framed = cv2.copyMakeBorder(framed, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
    down, along = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    blurred = np.exp(-2 * (np.pi * sigma) ** 2 * (down**2 + along**2)).astype(np.float32)
    inverse = blurred / (blurred**2 + noise_to_signal)
    inverse /= inverse[0, 0]
    sharp = [np.fft.irfft2(np.fft.rfft2(framed[..., i]) * inverse, s=(height, width)) for i in range(3)]
    inner = np.s_[margin : margin + colours.shape[0], margin : margin + colours.shape[1]]
    return np.stack([channel[inner] for channel in sharp], axis=-1).astype(np.float32)
