"""What is seen of a picture, said by a test instead of looked for in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from jianwei.evidence.areas import Area
from jianwei.evidence.sight import Sight
from jianwei.evidence.spots import Spot


def area(colour: str, form: str, x: float, y: float, wide: float = 40, high: float = 20) -> Area:
    """An area of one colour, its place in pixels."""
    return Area(colour, form, (x, y, x + wide, y + high), 0.01)


def sight(areas: Sequence[Area] = (), spots: Sequence[Spot] = (), *, inked: bool = False) -> Sight:
    """The sight of a picture of 1000 x 500 pixels; ``inked``: somebody wrote into each field."""
    return Sight(
        SimpleNamespace(width=1000, height=500), lambda: areas, lambda: spots, lambda box, height: inked
    )
