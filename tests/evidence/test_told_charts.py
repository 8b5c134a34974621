"""Charts are told by their kind, found from what was read and what is painted."""

from __future__ import annotations

import json
import re

import pytest

from jianwei.evidence.areas import Area
from jianwei.evidence.charts import told_charts
from jianwei.evidence.ocr import OcrLine, OcrReader
from jianwei.evidence.sight import Sight
from jianwei.scenes import families, fonts
from jianwei.scenes.scene import Language

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]


def piece(text: str, x: float, y: float, height: float = 20) -> OcrLine:
    return OcrLine.around(text, (x, y, x + 0.5 * height * len(text), y + height), height)


def told(lines: list[OcrLine], areas: list[Area] | None = None, language: Language = "en") -> list[str]:
    heads = [line for line in lines if line.height > 25]
    return [line.text for line in told_charts(heads, lines, areas or [], language)]


TICKS = [piece(text, 10, 60 + 40 * y, 16) for y, text in enumerate(("100", "50", "0"))]


def test_a_pie_has_shares_and_a_table_rows_of_figures() -> None:
    title = piece("Sales by team", 60, 10, 30)
    assert told([title, piece("Tea 40%", 60, 70), piece("Milk | 60 %", 60, 100)]) == [
        'pie chart "Sales by team"'
    ]
    cells = [
        piece(text, 20 + 120 * x, 70 + 40 * y)
        for y, row in enumerate((("Team", "2023", "2024"), ("Tea", "4", "5"), ("Milk", "6", "7")))
        for x, text in enumerate(row)
    ]
    assert told([title, *cells], language="zh") == ["表格“Sales by team”"]


def test_bars_are_painted_and_a_line_is_thin() -> None:
    lines = [piece("Sales by team", 60, 10, 30), *TICKS, piece("Jan", 60, 160), piece("Feb", 120, 160)]
    bars = [Area("blue", "square", (60.0 + 60 * i, 80.0, 90.0 + 60 * i, 150.0), 0.02) for i in range(2)]
    assert told(lines, bars) == ['bar chart "Sales by team"']
    assert told(lines) == ['line chart "Sales by team"']


def test_each_chart_has_what_stands_below_its_title() -> None:
    right = [piece(text, 500, 70 + 30 * y) for y, text in enumerate(("Tea 40%", "Milk 60%"))]
    lines = [piece("Sales by team", 60, 10, 30), *TICKS, piece("Costs by month", 440, 10, 30), *right]
    assert told(lines) == ['line chart "Sales by team"', 'pie chart "Costs by month"']


@pytest.mark.parametrize("texts", [("See below",), ("7", "9", "12"), ("100", "50"), ("Only 5% fat",), ()])
def test_other_print_below_a_title_is_no_chart(texts: tuple[str, ...]) -> None:
    lines = [piece(text, 20, 60 + 40 * y, 18) for y, text in enumerate(texts)]
    assert told([piece("Sales by team", 60, 10, 30), *lines]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_drawn_charts_are_told_as_they_are(language: Language) -> None:
    reader, right, count = OcrReader(), 0, 0
    for seed in range(6):
        scene = families.draw("charts", 700 + seed, "train", language)
        lines = reader.read(scene.image)
        (whole,) = [question for question in scene.questions if question.kind == "json"]
        wanted = {re.sub(r"\W", "", name) for name in json.loads(whole.answer)["objects"]}
        found = told_charts(lines, lines, Sight.of(scene.image, lines).areas(), language)
        right += len(wanted & {re.sub(r"\W", "", line.text) for line in found})
        count += len(wanted)
    assert right >= 0.7 * count
