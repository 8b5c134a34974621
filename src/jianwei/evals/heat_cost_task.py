"""What the heat map costs: time of a token and time to the first one, with it and without, in turn.

Each pair of answers is about two pictures that differ in one pixel, so that neither finds anything of the other's in a
cache; nothing is read by OCR, which takes the same time either way and varies most.
``python -m jianwei.evals.heat_cost_task [pairs] [seed]`` prints the figures for the model that is set
(``JIANWEI_MODEL``, ``JIANWEI_MMPROJ``); on a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jianwei.config import Settings
from jianwei.evals.tally import resampled
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.types import Completion, Image, SamplingParams

QUESTION = "读出图中所有文字。"
TOKENS = 32
WARM_UP = 2
"""Pairs that are not counted."""


@dataclass
class Times:
    """Seconds of each pair, ``(off, on)``."""

    token: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    first: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    total: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def add(self, off: Completion, on: Completion) -> None:
        """Count a pair; its tokens only where both answers have some."""
        self.first.append((off.timings.first_token, on.timings.first_token))
        self.total.append((off.timings.total, on.timings.total))
        if min(off.usage.completion_tokens, on.usage.completion_tokens) > 1:
            self.token.append((_per_token(off), _per_token(on)))


def _per_token(answer: Completion) -> float:
    return answer.timings.decode / (answer.usage.completion_tokens - 1)


def slower(pairs: Sequence[tuple[float, float]]) -> float:
    """Median of how much more time the second of a pair takes, as a share."""
    return statistics.median(on / off - 1 for off, on in pairs)


def run(model: VisionModel, pairs: int, seed: int = 0) -> Times:
    """Time so many pairs."""
    times = Times()
    for number in range(pairs + WARM_UP):
        image = draw("forms", seed + number, "test", "zh").image
        answers: dict[bool, Completion] = {}
        # Whichever comes first has what is colder; they take turns.
        for heatmap in (False, True) if number % 2 else (True, False):
            answers[heatmap] = model.ask(
                _changed(image, int(heatmap)),
                QUESTION,
                heatmap=heatmap,
                ocr="off",
                sampling=SamplingParams(max_tokens=TOKENS),
            )
        if number >= WARM_UP:
            times.add(answers[False], answers[True])
    return times


def _changed(image: Image, by: int) -> Image:
    """The same picture for the eye, and another one for every cache."""
    pixels = image.pixels.copy()
    pixels[0, 0, 0] = (int(pixels[0, 0, 0]) + 1 + by) % 256
    return Image(np.ascontiguousarray(pixels), image.name)


def main(pairs: int = 60, seed: int = 0) -> None:
    """Print the figures."""
    # Nothing of an earlier run may be known; guesses make the number of steps depend on the answer.
    model = VisionModel(settings=Settings(picture_disk=0, drafts=False))
    try:
        times = run(model, pairs, seed)
    finally:
        model.close()
    for name, found in (
        ("a token", times.token),
        ("first token", times.first),
        ("whole answer", times.total),
    ):
        if not found:
            continue
        off, on = (1000 * statistics.median(pair[i] for pair in found) for i in (0, 1))
        low, high = resampled(found, slower)
        print(
            f"{name}: off {off:.2f} ms, on {on:.2f} ms; {slower(found):+.2%} (95% {low:+.2%} to {high:+.2%}), "
            f"n={len(found)} pairs"
        )


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
