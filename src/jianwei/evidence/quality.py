"""What is wrong with a photo, in numbers: blur, contrast, light, shadow, skew, noise, size of its text.

All is measured on brightness (0 to 255) at the picture's own size, except where it says so. Skew and size of
text come from the lines that OCR reads. Which value is bad is for ``enhance`` to say.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
import numpy.typing as npt

from jianwei.types import Image

Grey = npt.NDArray[np.float32]

Corners = Sequence[tuple[float, float]]

MAX_BLUR = 6.0
"""Pixels: edges softer than that are no edges of what is seen."""


@dataclass(frozen=True)
class Quality:
    """Measures of one picture.

    Attributes:
        blur: how soft its sharpest edges are: standard deviation in pixels of a Gaussian that makes such edges
            from sharp ones; 0.3 to 0.8 in a sharp picture.
        contrast: from its darkest to its brightest hundredth, 0 to 1; of its lines of text where those have more: a
            page with little print on it is no faint one.
        light: brightness of its ground (its 90th hundredth), 0 to 1.
        shadow: how much darker its darkest tenth of ground is than its brightest, 0 to 1.
        skew: degrees by which its lines of text fall clockwise, -45 to 45.
        noise: standard deviation of its grain in brightness steps of 255.
        text_height: of the middle one of its lines of text in pixels; 0 without text.
    """

    blur: float
    contrast: float
    light: float
    shadow: float
    skew: float
    noise: float
    text_height: float

    def to_dict(self) -> dict[str, float]:
        """As plain JSON values."""
        return asdict(self)


def measure(image: Image, lines: Sequence[Corners]) -> Quality:
    """Measure a picture. Values are rounded, so that JSON keeps them exactly.

    Args:
        image: the picture.
        lines: corners of each line of text in it, in pixels, clockwise from the text's own top left.
    """
    grey = brightness(image)
    calm = cv2.GaussianBlur(grey, (0, 0), 1.0)
    low, high, ground = np.percentile(calm, [1, 99, 90])
    return Quality(
        blur=round(_blur(grey), 2),
        contrast=round(max(float(high - low) / 255, _text_contrast(grey, lines)), 3),
        light=round(float(ground) / 255, 3),
        shadow=round(_shadow(grey), 3),
        skew=round(_skew(lines), 2),
        noise=round(_noise(grey), 2),
        text_height=round(_text_height(lines), 1),
    )


def brightness(image: Image) -> Grey:
    """Luma of ITU-R BT.601, ``[height, width]`` from 0 to 255."""
    return cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def ground_of(grey: Grey) -> Grey:
    """The light on what lies behind text and small things: large maxima, smoothed; same size."""
    height, width = grey.shape
    shrink = min(1.0, 200 / max(height, width))
    size = max(8, round(width * shrink)), max(8, round(height * shrink))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    reach = 2 * (max(size) // 24) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    return cv2.resize(cv2.GaussianBlur(closed, (0, 0), reach / 2), (width, height)).astype(np.float32)


def _gradient(grey: Grey) -> Grey:
    x = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    y = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return cv2.magnitude(x, y).astype(np.float32)


def _blur(grey: Grey) -> float:
    """After Zhuo and Sim, *Defocus map estimation from a single image* (2011), section 3.

    A step softened by s has a slope as 1/sqrt(s^2 + a^2) after smoothing by a: the ratio of slopes after two
    smoothings gives s. The first smoothing (1 px) keeps grain out of it. The steepest hundredth of pixels counts.
    """
    first, second = 1.0, 2.0
    steep = _gradient(cv2.GaussianBlur(grey, (0, 0), first).astype(np.float32))
    softer = _gradient(cv2.GaussianBlur(grey, (0, 0), second).astype(np.float32))
    chosen = steep >= max(float(np.percentile(steep, 99)), 0.2)
    if not chosen.any():
        return 0.0
    ratio2 = float(np.median(steep[chosen] / np.maximum(softer[chosen], 1e-3))) ** 2
    if ratio2 <= 1.0:
        return MAX_BLUR
    return min(MAX_BLUR, math.sqrt(max(0.0, (second**2 - first**2 * ratio2) / (ratio2 - 1))))


def _text_contrast(grey: Grey, lines: Sequence[Corners]) -> float:
    """The middle contrast of the lines, each from its darkest to its brightest twentieth, 0 to 1."""
    found: list[float] = []
    for line in lines:
        xs, ys = [x for x, _ in line], [y for _, y in line]
        part = grey[max(0, int(min(ys))) : math.ceil(max(ys)), max(0, int(min(xs))) : math.ceil(max(xs))]
        if part.size:
            low, high = np.percentile(part, [5, 95])
            found.append(float(high - low) / 255)
    return statistics.median(found) if found else 0.0


def _shadow(grey: Grey) -> float:
    dark, bright = np.percentile(ground_of(grey), [10, 95])
    return float(1 - dark / max(1.0, bright))


def _noise(grey: Grey) -> float:
    """After Immerkaer, *Fast noise variance estimation* (1996), on the calmer half of the picture."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, mask))
    slope = cv2.blur(_gradient(grey), (7, 7))
    calm = response[slope <= np.median(slope)]
    return float(math.sqrt(math.pi / 2) / 6 * calm.mean())


def _skew(lines: Sequence[Corners]) -> float:
    """The middle angle of the longer half of the lines, to the nearest quarter turn."""
    edges = [(line[1][0] - line[0][0], line[1][1] - line[0][1]) for line in lines]
    flat = [(math.hypot(dx, dy), math.degrees(math.atan2(dy, dx))) for dx, dy in edges if dx > abs(dy)]
    if not flat:
        return 0.0
    long = statistics.median(length for length, _ in flat)
    return statistics.median(angle for length, angle in flat if length >= long)


def _text_height(lines: Sequence[Corners]) -> float:
    if not lines:
        return 0.0
    return statistics.median(min(math.dist(line[0], line[3]), math.dist(line[0], line[1])) for line in lines)
