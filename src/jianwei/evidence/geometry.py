"""Exact maps between the pixels of an original and of a picture made from it: crop, resize, turn, straighten.

A map is a homography, a 3x3 matrix acting on ``(x, y, 1)``. Coordinates are continuous: a picture of width W
reaches from 0 to W, and the middle of its first pixel is at 0.5, as boxes count. OpenCV counts middles of pixels
as whole numbers; ``PixelMap.opencv`` is the matrix in its way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jianwei.evidence.views import Matrix, apply
from jianwei.types import Box

Points = npt.NDArray[np.float64]
"""``[n, 2]``: x and y."""

_HALF = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
"""From OpenCV's coordinates (middles of pixels are whole numbers) to ours."""


@dataclass(frozen=True, eq=False)
class PixelMap:
    """Where each point of an original lies in a picture made from it, and back.

    Attributes:
        matrix: ``[3, 3]``, original to made picture.
        original: width and height of the original in pixels.
        made: width and height of the picture made from it.
    """

    matrix: Matrix
    original: tuple[int, int]
    made: tuple[int, int]

    @classmethod
    def identity(cls, width: int, height: int) -> PixelMap:
        """The map of a picture that keeps its geometry."""
        return cls(np.eye(3), (width, height), (width, height))

    @classmethod
    def resize(cls, original: tuple[int, int], made: tuple[int, int]) -> PixelMap:
        """The map of a picture brought from one width and height to another."""
        return cls(np.diag([made[0] / original[0], made[1] / original[1], 1.0]), original, made)

    @classmethod
    def crop(cls, original: tuple[int, int], box: tuple[int, int, int, int]) -> PixelMap:
        """The map of a part cut out at whole pixels: left, top, right, bottom."""
        left, top, right, bottom = box
        matrix = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
        return cls(matrix, original, (right - left, bottom - top))

    @classmethod
    def turn(cls, original: tuple[int, int], degrees: float) -> PixelMap:
        """The map of a picture turned clockwise about its middle, on a canvas that holds all of it."""
        width, height = original
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        made = (
            math.ceil(abs(width * cos) + abs(height * sin) - 1e-6),
            math.ceil(abs(width * sin) + abs(height * cos) - 1e-6),
        )
        about = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
        round_ = np.array([[cos, -sin, made[0] / 2], [sin, cos, made[1] / 2], [0.0, 0.0, 1.0]])
        return cls(round_ @ about, original, made)

    @classmethod
    def straighten(
        cls, original: tuple[int, int], quad: Sequence[tuple[float, float]], made: tuple[int, int]
    ) -> PixelMap:
        """The map that brings a quadrilateral (its corners clockwise from the top left) to a whole picture."""
        width, height = made
        corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
        return cls(homography(quad, corners), original, made)

    @property
    def to_original(self) -> Matrix:
        """The matrix of the way back, as ``views.View`` has it."""
        return np.linalg.inv(self.matrix).astype(np.float64)

    @property
    def opencv(self) -> Matrix:
        """The matrix for ``cv2.warpPerspective``."""
        return np.linalg.inv(_HALF) @ self.matrix @ _HALF

    @property
    def is_identity(self) -> bool:
        """Whether nothing is moved at all."""
        return self.original == self.made and bool(np.allclose(self.matrix / self.matrix[2, 2], np.eye(3)))

    def then(self, other: PixelMap) -> PixelMap:
        """This map, and after it one of the picture that was made.

        Raises:
            ValueError: the other's original has another size than the picture this one makes.
        """
        if other.original != self.made:
            raise ValueError(f"a picture of {self.made} is no original of {other.original}")
        return PixelMap(other.matrix @ self.matrix, self.original, other.made)

    def forward(self, points: npt.ArrayLike) -> Points:
        """Points of the original in the made picture."""
        return apply(self.matrix, points)

    def backward(self, points: npt.ArrayLike) -> Points:
        """Points of the made picture in the original."""
        return apply(self.to_original, points)

    def forward_box(self, box: Box) -> Box:
        """The upright rectangle, in the made picture, around a box of the original, cut at its edges."""
        return _around(self.forward(_corners(box)), self.made)

    def backward_box(self, box: Box) -> Box:
        """The upright rectangle, in the original, around a box of the made picture, cut at its edges."""
        return _around(self.backward(_corners(box)), self.original)


def homography(here: Sequence[tuple[float, float]], there: Sequence[tuple[float, float]]) -> Matrix:
    """The homography that takes four points to four others (no three of either on a line).

    The eight equations of Hartley and Zisserman, *Multiple View Geometry*, 2nd edition, section 4.1, with the last
    element set to 1: no point at infinity is among the four.

    Raises:
        ValueError: three of the points lie on a line.
    """
    rows: list[list[float]] = []
    values: list[float] = []
    for (x, y), (u, v) in zip(here, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    try:
        solved = np.linalg.solve(np.array(rows, np.float64), np.array(values, np.float64))
    except np.linalg.LinAlgError as cause:
        raise ValueError("three of the four points lie on a line") from cause
    return np.append(solved, 1.0).reshape(3, 3)


def _corners(box: Box) -> Points:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _around(points: Points, size: tuple[int, int]) -> Box:
    (left, top), (right, bottom) = points.min(0), points.max(0)
    width, height = size
    return (
        float(min(max(left, 0.0), width)),
        float(min(max(top, 0.0), height)),
        float(min(max(right, 0.0), width)),
        float(min(max(bottom, 0.0), height)),
    )
