"""What a region is worth for print too small to be read on the whole picture.

A form is laid on a page so large that nothing of it can be read where the page is shown whole. Its fields are asked for
three ways: about the whole page, with ``region`` around the form, and with ``detail=auto``, which has to find the place
by itself. ``python -m jianwei.evals.region_task [forms] [seed]`` prints the table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
from PIL import Image as Picture

from jianwei.config import Settings
from jianwei.evals.scoring import score
from jianwei.evals.tally import resampled, wilson
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.scenes.scene import Language, Scene
from jianwei.types import Detail, Image, Region

SHRUNK = 0.7
"""The form's size on the page: its print is then some 8 to 14 pixels high, which can just be read up close."""

ACROSS, DOWN = 12, 9
"""So many times the form's sides are the page's."""

WAYS = ("whole", "region", "auto")


@dataclass
class Tally:
    """Right answers by form: of each, ``[questions, whole, region, auto]``."""

    forms: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])

    def share(self, way: str) -> tuple[int, int]:
        """How many were right, of how many."""
        at = 1 + WAYS.index(way)
        return sum(form[at] for form in self.forms), sum(form[0] for form in self.forms)

    def gain(self, way: str) -> tuple[float, float, float]:
        """Percentage points above the whole page, and their 95% interval (by form)."""
        at = 1 + WAYS.index(way)

        def points(forms: Sequence[tuple[int, int, int, int]]) -> float:
            return 100 * sum(form[at] - form[1] for form in forms) / max(1, sum(form[0] for form in forms))

        return points(self.forms), *resampled(self.forms, points)


def on_a_page(rng: Random, scene: Scene) -> tuple[Image, Region]:
    """The form on its page, and where it lies."""
    form = Picture.fromarray(scene.image.pixels)
    form = form.resize((round(SHRUNK * form.width), round(SHRUNK * form.height)), Picture.Resampling.LANCZOS)
    tint = rng.randint(200, 245)
    page = Picture.new("RGB", (ACROSS * form.width, DOWN * form.height), (tint, tint, tint - 6))
    left, top = rng.randrange(page.width - form.width), rng.randrange(page.height - form.height)
    page.paste(form, (left, top))
    corners = ((float(left), float(top)), (float(left + form.width), float(top + form.height)))
    return Image(np.asarray(page)), Region(corners)


def run(model: VisionModel, forms: int, seed: int = 0) -> Tally:
    """Ask about so many forms of the test split, Chinese and English in turn."""
    tally = Tally()
    for number in range(seed, seed + forms):
        language: Language = ("zh", "en")[number % 2]
        scene = draw("forms", number, "test", language)
        questions = [question for question in scene.questions if question.match == "text"]
        image, region = on_a_page(Random(f"page {number}"), scene)
        ways: tuple[tuple[tuple[Region, ...], Detail | None], ...] = (
            ((), None),
            ((region,), None),
            ((), "auto"),
        )
        right = [
            sum(
                score(question, model.ask(image, question.text, region=regions, detail=detail).text).right
                for question in questions
            )
            for regions, detail in ways
        ]
        tally.forms.append((len(questions), right[0], right[1], right[2]))
    return tally


def main(forms: int = 60, seed: int = 0) -> None:
    """Print the table."""
    model = VisionModel(settings=Settings())
    try:
        tally = run(model, forms, seed)
    finally:
        model.close()
    for way in WAYS:
        right, asked = tally.share(way)
        low, high = wilson(right, asked)
        line = (
            f"{way:7} {right / max(1, asked):.1%} exact ({low:.1%} to {high:.1%}), n={asked} of {forms} forms"
        )
        if way != "whole":
            gain, least, most = tally.gain(way)
            line += f"; {gain:+.1f} points above the whole page (95% {least:+.1f} to {most:+.1f})"
        print(line)


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
