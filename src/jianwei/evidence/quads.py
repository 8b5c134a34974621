"""Light quadrilaterals in a picture (a sheet of paper, a card), with corners finer than a pixel.

Outlines come from several thresholds and from edges, so that a shadow across the sheet hides it from some but
not from all of them. Each side is then fitted as a line to the steepest step of light across it; what lies
over a part of the side is left out as an outlier. Corners are where the lines meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from jianwei.evidence.geometry import PixelMap
from jianwei.types import Image

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[Any]
"""``[height, width]``, 0 to 255."""

WORKING_SIDE = 900
"""Pixels of the longer side in which outlines are looked for."""

LEAST_AREA = 0.015
"""Of the picture: a smaller quadrilateral tells no scale worth having."""

USUAL_FOCAL = 1.0
"""Focal length of cameras in phones over the longer side of their pictures, about."""

_SAMPLES = 80
"""Points along a side at which its step of light is looked for."""

_MIN_INLIERS = 0.45
"""Of them: a side of which less agrees on one line is none."""


@dataclass(frozen=True, eq=False)
class Quad:
    """A quadrilateral found in a picture.

    Attributes:
        corners: ``[4, 2]`` in pixels, clockwise, the one nearest to the top left first.
        sigma: standard deviation of a corner's coordinates in pixels, each axis.
        agreement: share of the outline where a step of light was found on the fitted line, 0 to 1.
        area: in pixels.
        tint: how far its middle colour is from grey, 0 to 1 (saturation): paper in daylight has little.
    """

    corners: Floats
    sigma: float
    agreement: float
    area: float
    tint: float = 0.0

    def aspect(self, width: int, height: int) -> float:
        """Length of its first side over that of its second, as it would be seen from straight above.

        After Zhang and He, *Whiteboard scanning and image enhancement* (2007), section 3: the focal length follows
        from two vanishing points, taking the picture's middle for the principal point. Where a pair of sides is
        seen as parallel it cannot be told, and is taken to be ``USUAL_FOCAL``.

        Args:
            width: of the picture.
            height: of the picture.
        """
        a, b, c, d = (np.array([x - width / 2, y - height / 2, 1.0]) for x, y in self.corners)
        k2 = np.dot(np.cross(a, c), d) / np.dot(np.cross(b, c), d)
        k3 = np.dot(np.cross(a, c), b) / np.dot(np.cross(d, c), b)
        n2, n3 = k2 * b - a, k3 * d - a
        focal2 = (USUAL_FOCAL * max(width, height)) ** 2
        if min(abs(n2[2]), abs(n3[2])) > 0.03:
            seen = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
            if 0.25 * focal2 < seen < 4 * focal2:
                focal2 = seen
        scale = np.array([1 / focal2, 1 / focal2, 1.0])
        return float(math.sqrt(np.sum(n2 * n2 * scale) / np.sum(n3 * n3 * scale)))


def find_quads(image: Image, *, any_colour: bool = False) -> list[Quad]:
    """The light quadrilaterals of a picture, most convincing first; nothing is found twice.

    Args:
        image: the picture.
        any_colour: also those that differ from what surrounds them in one colour only, or are darker.
    """
    # White paper is light in every channel.
    channels: list[Grey] = [image.pixels.min(axis=2)]
    if any_colour:
        channels += [image.pixels[..., i] for i in range(3)]
        channels += [255 - channel for channel in channels[1:]]
    found: list[Quad] = []
    for channel in channels:
        for quad in _quads_in(np.ascontiguousarray(channel)):
            if not any(_same(quad, other) for other in found):
                found.append(replace(quad, tint=_tint(image, quad.corners)))
    return sorted(found, key=lambda quad: -quad.agreement * quad.area**0.25)


def _quads_in(full: Grey) -> Iterator[Quad]:
    """The light quadrilaterals in one channel; some several times."""
    shrink = min(1.0, WORKING_SIDE / max(full.shape))
    small = cv2.resize(full, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else full
    for rough in _outlines(small):
        quad = _refined(full, rough / shrink, max(3.0, 0.012 * max(small.shape)) / shrink)
        if quad is not None:
            yield quad


def _tint(image: Image, corners: Floats) -> float:
    """Saturation of the middle colour of its lighter half: ink does not count."""
    way = PixelMap.straighten(
        (image.width, image.height), [(float(x), float(y)) for x, y in corners], (48, 48)
    )
    inside = cv2.warpPerspective(image.pixels, way.opencv, way.made).reshape(-1, 3)
    inside = inside[inside.sum(1) >= np.median(inside.sum(1))]
    red, green, blue = np.median(inside, axis=0)
    return float(1 - min(red, green, blue) / max(red, green, blue, 1))


def _outlines(grey: Grey) -> Iterator[Floats]:
    """Rough quadrilaterals ``[4, 2]`` from thresholds and from edges."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.5)
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    levels = {otsu, *np.percentile(smooth, [30, 45, 60, 75, 88]), 0.75 * otsu, min(250.0, 1.2 * otsu)}
    kernel = np.ones((5, 5), np.uint8)
    for level in sorted(levels):
        yield from _quads_of(cv2.morphologyEx((smooth > level).astype(np.uint8), cv2.MORPH_OPEN, kernel))
    window = 2 * (max(grey.shape) // 12) + 1
    local = cv2.adaptiveThreshold(smooth, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 0)
    yield from _quads_of(cv2.morphologyEx(local, cv2.MORPH_OPEN, kernel))
    for low, high in ((20, 60), (50, 120)):
        edges = cv2.dilate(cv2.Canny(smooth, low, high), np.ones((3, 3), np.uint8))
        yield from _quads_of(edges)
        # Inside closed edges, away from them: what a table's pattern touches is parted there.
        yield from _quads_of((edges == 0).astype(np.uint8))


def _quads_of(mask: Grey) -> Iterator[Floats]:
    least = LEAST_AREA * mask.size
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:6]:
        hull = cv2.convexHull(contour)
        area = cv2.contourArea(hull)
        if area < least or cv2.contourArea(contour) < 0.6 * area:
            continue
        round_ = cv2.arcLength(hull, True)
        for share in (0.015, 0.03, 0.05, 0.08):
            corners = cv2.approxPolyDP(hull, share * round_, True)
            if len(corners) == 4:
                yield _ordered(corners.reshape(4, 2).astype(np.float64) + 0.5)
                break


def _ordered(corners: Floats) -> Floats:
    """Clockwise (as seen, y down), beginning at the corner nearest to the top left."""
    middle = corners.mean(0)
    turned = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    return np.roll(turned, -int(np.argmin(turned.sum(1))), axis=0)


def _refined(grey: Grey, rough: Floats, reach: float) -> Quad | None:
    """Fits the four sides, twice: the second time near the first fit. None where a side is missing."""
    corners, sigma, agreement = rough, 0.0, 0.0
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0).astype(np.float32)
    for span in (reach, max(3.0, reach / 3)):
        lines: list[tuple[Floats, float, float]] = []
        for i in range(4):
            line = _fit_side(smooth, corners[i], corners[(i + 1) % 4], span)
            if line is None:
                return None
            lines.append(line)
        met = [np.cross(lines[i - 1][0], lines[i][0]) for i in range(4)]
        if any(abs(point[2]) < 1e-9 for point in met):
            return None
        corners = np.array([point[:2] / point[2] for point in met])
        sigma = float(np.sqrt(np.mean([line[1] ** 2 for line in lines])))
        agreement = min(line[2] for line in lines)
    area = float(cv2.contourArea(corners.astype(np.float32)))
    height, width = grey.shape
    outside = np.maximum(-corners, corners - np.array([width, height])).max()
    if outside > 0.02 * max(width, height) or area < LEAST_AREA * grey.size or not _convex(corners):
        return None
    return Quad(corners, sigma, agreement, area)


def _fit_side(
    grey: npt.NDArray[np.float32], start: Floats, end: Floats, reach: float
) -> tuple[Floats, float, float] | None:
    """A line through the steps from light (inside) to darker (outside) along a side.

    Returns:
        The line ``(a, b, c)`` with ``a x + b y + c = 0``; the standard deviation of its place at the side's ends in
        pixels; the share of points on it. None where too few agree.
    """
    along = end - start
    length = float(np.hypot(*along))
    if length < 12:
        return None
    along /= length
    outward = np.array([along[1], -along[0]])  # clockwise with y down: the inside lies to the right
    at = np.linspace(0.05, 0.95, _SAMPLES) * length
    depth = np.arange(-reach, reach + 0.25, 0.5)
    where = start + at[:, None, None] * along + depth[None, :, None] * outward
    profile = cv2.remap(
        grey,
        (where[..., 0] - 0.5).astype(np.float32),
        (where[..., 1] - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float64)
    step = profile[:, :-2] - profile[:, 2:]  # falls outward
    best = step.argmax(1).clip(1, step.shape[1] - 2)
    rows = np.arange(len(at))
    left, mid, right = step[rows, best - 1], step[rows, best], step[rows, best + 1]
    bend = left - 2 * mid + right
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0.0).clip(
        -1, 1
    )
    offset = depth[best + 1] + 0.5 * shift
    strong = mid > max(3.0, 0.25 * float(np.median(mid)))
    inlier = _consensus(at, offset, strong)
    share = float(inlier.sum()) / len(at)
    if share < _MIN_INLIERS:
        return None
    slope, base = np.polyfit(at[inlier], offset[inlier], 1)
    residual = offset[inlier] - (slope * at[inlier] + base)
    # A line's place at its end varies twice as much as in its middle (least squares, evenly spread points).
    sigma = 2 * float(residual.std()) / math.sqrt(max(4, inlier.sum() / 4)) + 0.03
    one, two = start + base * outward, start + length * along + (slope * length + base) * outward
    line = np.cross([*one, 1.0], [*two, 1.0])
    return line / np.hypot(line[0], line[1]), sigma, share


def _consensus(at: Floats, offset: Floats, strong: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The points on the line that most of them share: every pair of a spread-out few is tried (no chance)."""
    none = np.zeros(len(at), np.bool_)
    tried = np.flatnonzero(strong)
    if len(tried) < 8:
        return none
    tried = tried[np.linspace(0, len(tried) - 1, min(24, len(tried))).astype(int)]
    best, count = none, 0
    for one in tried:
        for two in tried:
            if at[two] - at[one] < 0.25 * (at[-1] - at[0]):
                continue
            slope = (offset[two] - offset[one]) / (at[two] - at[one])
            near = strong & (np.abs(offset - offset[one] - slope * (at - at[one])) < 0.8)
            if near.sum() > count:
                best, count = near, int(near.sum())
    return best


def _convex(corners: Floats) -> bool:
    return bool(cv2.isContourConvex(corners.astype(np.float32)))


def _same(one: Quad, other: Quad) -> bool:
    return float(np.abs(one.corners - other.corners).max()) < 0.01 * math.sqrt(max(one.area, other.area)) + 2
