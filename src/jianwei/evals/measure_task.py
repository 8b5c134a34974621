"""How far measured lengths lie from true ones, on drawn A4 scenes, and whether none is told without a scale.

Things are marked as a person marks them: corners on whole pixels. ``python -m jianwei.evals.measure_task [scenes]
[seed]`` prints the figures.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from jianwei.evals.tally import resampled, wilson
from jianwei.evidence.measure import Thing, measure
from jianwei.evidence.plane import find_plane
from jianwei.scenes import cartons, measured
from jianwei.scenes.measured import Measured, Placed
from jianwei.scenes.scene import Language
from jianwei.types import Scale

A4 = Scale("a4")


@dataclass
class Tally:
    """What came of measuring.

    Attributes:
        errors: difference to the true length in cm, of every length of a scene whose sheet was found.
        within: how many of them are no larger than the error that was told.
        missed: scenes whose sheet was not found.
        scenes: scenes with a sheet.
        refused: scenes without a sheet where no length was told.
        without: scenes without a sheet.
        each: the errors by scene.
    """

    errors: list[float] = field(default_factory=list[float])
    within: int = 0
    missed: int = 0
    scenes: int = 0
    refused: int = 0
    without: int = 0
    each: list[list[float]] = field(default_factory=list[list[float]])

    def share_of(self, part: float) -> tuple[float, float, float]:
        """The error that so large a part of all lengths stays below, in cm, and its 95% interval (by scene)."""

        def quantile(scenes: Sequence[Sequence[float]]) -> float:
            return float(np.quantile([error for scene in scenes for error in scene], part))

        if not self.each:
            return math.nan, math.nan, math.nan
        return quantile(self.each), *resampled(self.each, quantile)


def run(scenes: int, seed: int = 0, tilt: float = 40.0) -> Tally:
    """Measure so many scenes with a sheet, and half as many without one.

    Args:
        scenes: how many.
        seed: the first one's.
        tilt: how far the camera may stand from straight above, in degrees.
    """
    tally = Tally()
    for i in range(scenes):
        scene = measured.draw(Random(f"measured {seed + i}"), "test", tilt=tilt)
        _judge(tally, scene)
    for i in range(scenes // 2):
        rng = Random(f"unmeasured {seed + i}")
        image = measured.draw(rng, "test", sheet=False, tilt=tilt).image
        tally.without += 1
        tally.refused += find_plane(image, A4) is None
    return tally


def false_scales(scenes: int, seed: int = 0) -> tuple[int, int]:
    """Of cartons drawn without a sheet: how many, and in how many one was seen all the same."""
    drawn = found = 0
    languages: tuple[Language, Language] = ("zh", "en")
    for i in range(scenes):
        scene = cartons.draw(Random(f"false scale {seed + i}"), "test", languages[i % 2])
        if scene.scale is None:
            drawn += 1
            found += find_plane(scene.image, A4) is not None
    return drawn, found


def _judge(tally: Tally, scene: Measured) -> None:
    tally.scenes += 1
    plane = find_plane(scene.image, A4)
    if plane is None:
        tally.missed += 1
        return
    tally.each.append([])
    things = [Thing(str(i), _marked(thing)) for i, thing in enumerate(scene.things)]
    for thing, placed in zip(things, scene.things, strict=True):
        told = measure(plane, [thing], "en")
        _compare(tally, told[0].value, told[0].error, max(placed.size))
        _compare(tally, told[1].value, told[1].error, min(placed.size))
    apart = [one for one in measure(plane, things, "en") if one.what.startswith("distance")]
    pairs = [(one, other) for i, one in enumerate(scene.things) for other in scene.things[i + 1 :]]
    for told, (one, other) in zip(apart, pairs, strict=True):
        _compare(tally, told.value, told.error, math.dist(one.centre, other.centre))


def _compare(tally: Tally, value: float, error: float, true: float) -> None:
    tally.errors.append(abs(value - true))
    tally.each[-1].append(abs(value - true))
    tally.within += abs(value - true) <= error


def _marked(thing: Placed) -> tuple[tuple[float, float], ...]:
    return tuple((float(round(x)), float(round(y))) for x, y in thing.corners)


def main(scenes: int = 300, seed: int = 0) -> None:
    """Print the figures."""
    tally = run(scenes, seed)
    drawn, found = false_scales(scenes, seed)
    for name, part in (("median error", 0.5), ("95th percentile", 0.95)):
        value, low, high = tally.share_of(part)
        print(
            f"{name} {value:.3f} cm (95% {low:.3f} to {high:.3f}) "
            f"n={len(tally.errors)} lengths of {tally.scenes} scenes"
        )
    low, high = wilson(tally.refused, tally.without)
    print(f"refused without a sheet: {tally.refused} of {tally.without} (95% {low:.1%} to {high:.1%})")
    print(f"sheet seen in cartons drawn without one: {found} of {drawn}")
    within = tally.within / max(1, len(tally.errors))
    print(f"within the error told: {within:.1%}; sheet not found in {tally.missed} of {tally.scenes} scenes")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
