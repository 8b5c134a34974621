"""What tells how long a pixel is: how it is written, checked, and found in a picture.

scale := "a4" | "dpi:" number | "mm_per_px:" number | "ref:" '"' label '"' "=" number "x" number [ "cm" | "mm" ]
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from jianwei.errors import InputError, Phrase
from jianwei.evidence.geometry import homography
from jianwei.evidence.quads import Quad, find_quads
from jianwei.evidence.views import Matrix, apply
from jianwei.types import Box, Image, Scale

A4_CM = (29.7, 21.0)
"""Long and short side of an A4 sheet (ISO 216)."""

_REF = re.compile(r'ref:\s*"([^"]{1,80})"\s*=\s*([0-9.]+)\s*[xX×*]\s*([0-9.]+)\s*(cm|mm)?\s*', re.IGNORECASE)
_LIMITS = {"dpi": (1.0, 100_000.0), "mm_per_px": (1e-5, 10_000.0)}
_SIDE_LIMITS = (0.1, 100_000.0)

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


def parse_scale(text: str) -> Scale:
    """Read a scale as a form or a command line has it.

    Raises:
        InputError: ``bad_value`` with the reason.
    """
    plain = text.strip()
    if plain.lower() == "a4":
        return Scale("a4")
    kind, colon, rest = plain.partition(":")
    kind = kind.strip().lower()
    if colon and kind in _LIMITS:
        low, high = _LIMITS[kind]
        value = _number(text, rest)
        if not low <= value <= high:
            _bad(
                text,
                Phrase(f"the number has to be {low:g} to {high:g}", f"数值应在 {low:g} 到 {high:g} 之间"),
            )
        return Scale("dpi" if kind == "dpi" else "mm_per_px", value)
    found = _REF.fullmatch(plain)
    if found:
        per_cm = 10 if (found[4] or "cm").lower() == "mm" else 1
        width, height = (_number(text, side) / per_cm for side in (found[2], found[3]))
        low, high = _SIDE_LIMITS
        if not (low <= width <= high and low <= height <= high):
            _bad(
                text,
                Phrase(f"its sides have to be {low:g} to {high:g} cm", f"边长应为 {low:g} 到 {high:g} 厘米"),
            )
        if not found[1].strip():
            _bad(text, Phrase("the reference has no name", "未写出参照物名称"))
        return Scale("ref", label=found[1].strip(), size=(width, height))
    _bad(
        text,
        Phrase(
            'it is a4, dpi:300, mm_per_px:0.2 or ref:"label"=8.6x5.4 cm',
            '格式应为 a4、dpi:300、mm_per_px:0.2 或 ref:"名称"=8.6x5.4 cm',
        ),
    )


def _number(text: str, digits: str) -> float:
    try:
        value = float(digits)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        _bad(text, Phrase(f"“{digits.strip()}” is no length", f"“{digits.strip()}”不是有效的数值"))
    return value


def _bad(text: str, reason: Phrase) -> NoReturn:
    raise InputError("bad_value", name="scale", got=text, reason=reason)


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
        for quad in find_quads(image)
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
