"""Regions on small print, and what the heat map costs: what is asked, and how it is counted."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from asked_model import AskedModel

from jianwei.evals import heat_cost_task, region_task
from jianwei.evals.enhance_task import Tally as EnhanceTally
from jianwei.evals.heat_cost_task import Times, slower
from jianwei.evals.tally import resampled
from jianwei.scenes.families import draw
from jianwei.types import Completion, Image, Timings, Usage


def completion(text: str = "x", tokens: int = 5, decode: float = 0.4, first: float = 1.0) -> Completion:
    return Completion(
        text,
        "stop",
        "m",
        Usage(completion_tokens=tokens),
        Timings(decode=decode, first_token=first, total=2.0),
    )


def test_a_form_lies_on_its_page_where_the_region_says() -> None:
    scene = draw("forms", 3, "test", "en")
    image, region = region_task.on_a_page(Random(1), scene)
    left, top, right, bottom = (round(value) for value in region.box)
    assert image.width == 12 * (right - left)
    assert image.height == 9 * (bottom - top)
    around = image.pixels.copy()
    around[top:bottom, left:right] = around[0, 0]
    assert (around == around[0, 0]).all(), "nothing else is on it"
    assert image.pixels[top:bottom, left:right].std() > 3


def test_right_answers_are_counted_by_way() -> None:
    def reads_the_region(_: Image, question: str, options: dict[str, Any]) -> Completion:
        if not options["region"]:
            return completion("?")
        form = draw("forms", 0, "test", "zh")
        return completion(next(q.answer for q in form.questions if q.text == question))

    tally = region_task.run(AskedModel(reads_the_region), 1)
    right, asked = tally.share("region")
    assert right == asked > 0
    assert tally.share("whole") == tally.share("auto") == (0, asked)
    assert tally.gain("region") == (100, 100, 100)


def test_times_are_compared_in_pairs() -> None:
    times = Times()
    times.add(completion(decode=0.4, first=1.0), completion(decode=0.44, first=1.02))
    times.add(completion(tokens=1), completion(tokens=1))
    assert times.token == [pytest.approx((0.1, 0.11))]
    assert slower(times.token) == pytest.approx(0.1)
    assert slower(times.first) == pytest.approx(0.01)


def test_each_answer_of_a_pair_is_about_a_picture_that_no_cache_knows() -> None:
    asked: list[tuple[str, bool]] = []

    def reply(image: Image, _: str, options: dict[str, Any]) -> Completion:
        assert options["ocr"] == "off"
        asked.append((image.digest, options["heatmap"]))
        return completion()

    times = heat_cost_task.run(AskedModel(reply), 3)
    assert len(times.first) == 3
    assert len({digest for digest, _ in asked}) == len(asked) == 10
    assert [heatmap for _, heatmap in asked[:4]] == [True, False, False, True], "they take turns"


def test_an_interval_by_drawing_anew_holds_the_mean_and_shrinks_with_the_number() -> None:
    values = np.random.default_rng(0).normal(3, 1, 400).tolist()

    def mean(drawn: Any) -> float:
        return sum(drawn) / len(drawn)

    low, high = resampled(values, mean)
    assert low < 3 < high
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.2)
    few = resampled(values[:40], mean)
    assert few[1] - few[0] > 2 * (high - low)
    assert resampled(values, mean) == (low, high), "the same each time"
    assert all(np.isnan(resampled([], mean)))


def test_what_enhancing_gains_is_told_with_its_interval() -> None:
    tally = EnhanceTally(each=[(10, 5, 7)] * 10 + [(10, 5, 5)] * 10)
    gain, low, high = tally.gain
    assert gain == pytest.approx(10)
    assert 0 < low < gain < high < 20
