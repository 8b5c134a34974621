"""The plane on which lengths are measured: found by an A4 sheet or a reference in the picture, or stated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jianwei.evidence.geometry import homography
from jianwei.evidence.quads import Quad, find_quads
from jianwei.evidence.views import Matrix, apply
from jianwei.types import Box, Image, Scale

A4_CM = (29.7, 21.0)
"""Long and short side of an A4 sheet (ISO 216)."""

_ASPECT_OFF = 0.09
"""A sheet may seem so much longer or shorter than it is (as a share): the focal length is not known well."""

_TINT = 0.25
"""Paper is more nearly grey than that, also by lamplight; cardboard and wood are not."""

_AGREEMENT = 0.55
"""Share of each side of the sheet at which an edge has to be seen."""


@dataclass(frozen=True, eq=False)
class Plane:
    """How points of a picture lie on the plane that the scale tells of, in cm.

    Attributes:
        to_cm: homography from pixels to cm.
        corners: of the sheet or reference in pixels; empty where the scale was stated.
        sigma: standard deviation of each coordinate of a corner in pixels.
        sides: of the sheet or reference in cm: along its first edge, along its second.
    """

    to_cm: Matrix
    corners: tuple[tuple[float, float], ...] = ()
    sigma: float = 0.0
    sides: tuple[float, float] = (0.0, 0.0)

    def moved(self, corner: int, axis: int, by: float) -> Plane:
        """The same with one corner elsewhere: what an error of its place would do."""
        points = [list(point) for point in self.corners]
        points[corner][axis] += by
        shifted = tuple((x, y) for x, y in points)
        return Plane(_to_cm(shifted, self.sides), shifted, self.sigma, self.sides)


def find_plane(image: Image, scale: Scale, hints: Sequence[Box] = ()) -> Plane | None:
    """The plane whose lengths the scale tells; None where the picture does not show it.

    Args:
        image: the original.
        scale: what is stated.
        hints: boxes at which the reference is said or read to be, in pixels.
    """
    if scale.kind in ("dpi", "mm_per_px"):
        cm = 2.54 / scale.value if scale.kind == "dpi" else scale.value / 10
        return Plane(np.diag([cm, cm, 1.0]))
    sides = A4_CM if scale.kind == "a4" else (max(scale.size), min(scale.size))
    wanted = sides[0] / sides[1]
    fitting = [
        (quad, lying)
        for quad in find_quads(image, any_colour=scale.kind == "ref")
        if quad.agreement >= _AGREEMENT and (lying := _lies(quad, wanted, image)) is not None
    ]
    if scale.kind == "a4":
        fitting = [(quad, lying) for quad, lying in fitting if quad.tint <= _TINT]
    else:
        fitting = [(quad, lying) for quad, lying in fitting if any(_marks(quad, hint) for hint in hints)]
    if not fitting:
        return None
    quad, lying = max(fitting, key=lambda item: item[0].agreement * item[0].area ** 0.25)
    corners = tuple((float(x), float(y)) for x, y in quad.corners)
    lengths = sides if lying else (sides[1], sides[0])
    return Plane(_to_cm(corners, lengths), corners, quad.sigma, lengths)


def _lies(quad: Quad, wanted: float, image: Image) -> bool | None:
    """Whether its first side is the longer one of a sheet of these proportions; None: it is no such sheet."""
    seen = quad.aspect(image.width, image.height)
    for lying, aspect in ((True, wanted), (False, 1 / wanted)):
        if abs(math.log(seen / aspect)) < _ASPECT_OFF:
            return lying
    return None


def _marks(quad: Quad, hint: Box) -> bool:
    """Whether a box is about a quadrilateral: it has its middle inside, and is not much larger."""
    left, top, right, bottom = hint
    (x1, y1), (x2, y2) = quad.corners.min(0), quad.corners.max(0)
    inside = x1 <= (left + right) / 2 <= x2 and y1 <= (top + bottom) / 2 <= y2
    return inside and (right - left) * (bottom - top) < 2.5 * (x2 - x1) * (y2 - y1)


def _to_cm(corners: Sequence[tuple[float, float]], sides: tuple[float, float]) -> Matrix:
    across, down = sides
    return homography(corners, ((0.0, 0.0), (across, 0.0), (across, down), (0.0, down)))


def position(plane: Plane, point: tuple[float, float]) -> tuple[float, float]:
    """Where a point of the picture lies in cm, from the sheet's (or picture's) top left corner."""
    ((x, y),) = apply(plane.to_cm, [point]).tolist()
    return x, y
