"""Which thing of a chart is largest and which is smallest."""

from __future__ import annotations

from jianwei.evidence.areas import Area, find_areas
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.ranking import extremes
from jianwei.scenes import families


def line(text: str, x: float, y: float, wide: float = 60) -> OcrLine:
    return OcrLine(text, ((x, y), (x + wide, y), (x + wide, y + 20), (x, y + 20)), 0.99)


def bar(colour: str, x: float, y: float, wide: float, size: float | None = None) -> Area:
    return Area(colour, "square", (x, y, x + wide, y + 20), wide / 1000 if size is None else size)


BARS = [bar("red", 70, 0, 300), bar("green", 70, 40, 80), bar("blue", 70, 80, 150)]
NAMES = [line("Tea", 0, 0), line("Milk", 0, 40), line("Rice", 0, 80)]


def test_by_painted_areas() -> None:
    assert extremes(NAMES, BARS, None) == ("Tea", "Milk")


def test_by_printed_figures() -> None:
    names = [line("Tea 5%", 0, 0), line("Milk: 80%", 0, 40), line("Rice（15%）", 0, 80)]
    assert extremes(names, BARS, None) == ("Milk", "Tea")


def test_a_legend_names_what_is_painted_elsewhere() -> None:
    slices = [bar("red", 0, 300, 200, 0.02), bar("green", 0, 400, 200, 0.09)]
    swatches = [bar("red", 480, 0, 15), bar("green", 480, 40, 15)]
    legend = [line("Tea", 500, 0), line("Milk", 500, 40)]
    assert extremes(legend, slices + swatches, None) == ("Milk", "Tea")


def test_of_several_charts_the_one_below_the_title() -> None:
    title = line("Sales", 0, 400)
    others = [bar("red", 70, 440, 40), bar("green", 70, 480, 90)]
    names = [*NAMES, title, line("Oil", 0, 440), line("Salt", 0, 480)]
    assert extremes(names, BARS + others, title) == ("Salt", "Oil")


def test_nothing_where_nothing_has_a_name() -> None:
    assert extremes([], BARS, None) is None
    assert extremes([line("12", 0, 0)], BARS, None) is None
    assert extremes(NAMES, [], None) is None
    assert extremes(NAMES, BARS[:1], None) is None


def test_charts_of_test_scenes() -> None:
    asked = right = 0
    for seed in range(1, 40, 2):
        scene = families.draw("charts", seed, "test", "en")
        if len(scene.objects) > 1:
            continue
        lines = [
            OcrLine(text.text, ((a, b), (c, b), (c, d), (a, d)), 0.99)
            for text in scene.texts
            for a, b, c, d in [text.box]
        ]
        found = extremes(lines, find_areas(scene.image, lines), None)
        for question in scene.questions:
            if question.kind in ("largest", "smallest"):
                asked += 1
                right += found is not None and found[question.kind == "smallest"] == question.answer
    assert asked >= 8
    assert right >= 0.8 * asked
