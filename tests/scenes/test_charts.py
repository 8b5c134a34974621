"""Charts: marks are as long as their values, trends go where they are said to go, pies add up."""

from __future__ import annotations

import itertools
import json
from random import Random

import numpy as np
import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import chart_figures, charts, fonts, palette
from jianwei.scenes.asking import related
from jianwei.scenes.board import Board
from jianwei.scenes.camera import background
from jianwei.scenes.chart_drawing import draw_chart
from jianwei.scenes.scene import Language, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


@pytest.mark.parametrize(("split", "language"), CASES)
def test_figures_are_what_their_kind_promises(split: Split, language: Language) -> None:
    trends: set[str | None] = set()
    for seed in range(60):
        line, bar, pie, table = (
            chart_figures.chart(Random(seed), split, language, kind)
            for kind in ("line", "bar", "pie", "table")
        )
        trends.add(line.trend)
        first, last = line.series[0], line.series[-1]
        if line.trend == "up":
            assert list(line.series) == sorted(line.series)
            assert last > 1.5 * first
        elif line.trend == "down":
            assert list(line.series) == sorted(line.series, reverse=True)
        else:
            assert max(line.series) < 1.1 * min(line.series)
        assert sum(pie.series) == 100
        assert pie.unit == "%"
        assert len(bar.names) == len(set(bar.names)) == len(bar.series)
        assert {len(row) for row in table.values} == {len(table.columns)}
    assert trends == {"up", "down", "flat"}


@pytest.mark.parametrize("value", [1, 3, 39, 87, 120, 999, 4321, 9000])
def test_the_axis_ends_above_the_value_on_a_round_tick(value: float) -> None:
    end, step = chart_figures.nice_ceiling(value)
    assert value <= end < value + step
    assert end / step == round(end / step)
    assert 1 <= end / step <= 6
    assert str(int(step)).rstrip("0") in ("1", "2", "5")


@pytest.mark.parametrize("split", ["train", "test"])
def test_bars_are_as_long_as_their_values(split: Split) -> None:
    checked = 0
    for seed in range(12):
        item = chart_figures.chart(Random(seed), split, "en", "bar")
        if len(set(item.colours)) < len(item.names):
            continue
        board = Board(background(Random(1), "train", 800, 500))
        draw_chart(
            Random(seed), split, "en", board, fonts.pick(Random(2), "en", split), item, (10, 10, 790, 490)
        )
        pixels = np.asarray(board.canvas)
        lengths = []
        for colour in item.colours:
            same = (pixels == palette.COLOURS[colour][0]).all(axis=2)
            lengths.append(int(same.any(axis=0 if split == "test" else 1).sum()))
        ratio = np.array(lengths) / np.array(item.series)
        assert ratio.max() / ratio.min() < 1.12
        checked += 1
    assert checked > 3


@pytest.mark.parametrize(("split", "language"), CASES)
def test_answers_follow_from_the_figures(split: Split, language: Language) -> None:
    kinds: set[str] = set()
    for seed in range(40):
        rng = Random(seed)
        items = charts._charts(rng, split, language)
        scene = charts.draw(Random(seed), split, language, 400)
        texts = [text.text for text in scene.texts]
        assert [item.kind for item in scene.objects] == [item.kind for item in items]
        for question in scene.questions:
            kinds.add(question.kind)
            assert score(question, question.answer).right
            about = [item for item in items if item.title in question.text] or items[:1]
            if question.kind == "cell":
                row = next(i for i, name in enumerate(about[0].names) if name in question.text)
                assert int(question.value) in about[0].values[row]
                assert question.value in texts
            elif question.kind == "value":
                assert int(question.value) in about[0].series
                assert about[0].printed or question.tolerance > 0
            elif question.kind in ("largest", "smallest"):
                wanted = (max if question.kind == "largest" else min)(about[0].series)
                assert about[0].series[about[0].names.index(question.answer)] == wanted
            elif question.kind == "difference":
                assert int(question.answer) == max(about[0].series) - min(about[0].series)
            elif question.kind == "unit":
                assert any(about[0].unit in text for text in texts)
            elif question.kind == "count":
                assert int(question.answer) == len(items) == len(scene.objects)
            elif question.kind == "absent":
                asked = [word for word in charts._STRANGERS[language] if word in question.text]
                assert not any(name == word for word in asked for item in about for name in item.names)
    wanted_kinds = {
        "value",
        "cell",
        "largest",
        "smallest",
        "trend",
        "axis",
        "unit",
        "count",
        "relation",
        "colour",
    }
    assert wanted_kinds <= kinds


@pytest.mark.parametrize(("split", "language"), CASES)
def test_charts_lie_to_each_other_as_they_are_said_to(split: Split, language: Language) -> None:
    seen: set[str] = set()
    for seed in range(40):
        scene = charts.draw(Random(seed), split, language, 300)
        told = [json.loads(q.answer)["spatial_relations"] for q in scene.questions if q.match == "json"]
        for relation in (text for texts in told for text in texts):
            one, other, side = next(
                (one.box, other.box, side)
                for one, other in itertools.permutations(scene.objects, 2)
                for side in ("left", "right", "above", "below")
                if related(one.label, other.label, side, language) == relation
            )
            seen.add(side)
            axis = 0 if side in ("left", "right") else 1
            first, second = (box[axis] + box[axis + 2] for box in (one, other))
            assert (first < second) == (side in ("left", "above"))
    assert {"left", "above"} <= seen
