from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jianwei.bench.limits import Limits
from jianwei.bench.measure import Figure, Row
from jianwei.bench.plot import as_svg
from jianwei.bench.table import (
    Language,
    as_json,
    as_table,
    closing_words,
    significant,
    why_missing,
    write_csv,
)

VISION = Figure("vision tower, 512x512", "视觉编码，512x512", "s", "less", lambda _: 1.0)
DECODE = Figure("decode <one> & only", "解码", "tokens/s", "more", lambda _: 1.0)
ROWS = [
    Row(VISION, ours=[1.0, 1.1, 1.2], peer=[3.3, 3.3, 3.6]),
    Row(DECODE, ours=[22.123456, None], notes=["peer: llama-cpp-python is not installed"]),
]


def test_json_is_one_line_with_exactly_the_promised_keys() -> None:
    line = as_json(ROWS)
    assert "\n" not in line
    document = json.loads(line)
    assert list(document) == ["rows"]
    assert all(list(row) == ["name", "ours", "peer", "ratio", "unit"] for row in document["rows"])
    assert document["rows"][0] == {
        "name": "vision tower, 512x512",
        "ours": 1.1,
        "peer": 3.3,
        "ratio": 3.0,
        "unit": "s",
    }


def test_json_says_null_where_a_side_has_no_value() -> None:
    row = json.loads(as_json(ROWS))["rows"][1]
    assert row["ours"] == 22.12
    assert row["peer"] is None
    assert row["ratio"] is None


@pytest.mark.parametrize(("language", "words"), [("en", "times better"), ("zh", "倍数")])
def test_table_shows_medians_and_the_ratio_with_its_spread(language: Language, words: str) -> None:
    written = io.StringIO()
    Console(file=written, width=200).print(as_table(ROWS, language))
    text = written.getvalue()
    assert words in text
    assert "3.00 (3.00-3.30)" in text
    assert "22.1" in text


def test_a_reason_that_meets_many_rows_is_said_once() -> None:
    assert why_missing(ROWS) == ["peer: llama-cpp-python is not installed"]
    few = why_missing([*ROWS, ROWS[0], ROWS[0]])
    assert few == ["peer: llama-cpp-python is not installed (decode <one> & only)"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.012345, "0.0123"), (1.0, "1"), (3.456, "3.46"), (99.96, "100"), (1234.5, "1230"), (0.0, "0")],
)
def test_three_significant_digits_without_an_exponent(value: float, shown: str) -> None:
    assert significant(value) == shown


@given(st.floats(min_value=1e-4, max_value=1e7))
def test_shown_numbers_are_near_the_true_ones(value: float) -> None:
    assert float(significant(value)) == pytest.approx(value, rel=6e-3)


def test_csv_holds_every_single_value(tmp_path: Path) -> None:
    write_csv(ROWS, tmp_path / "bench.csv")
    with (tmp_path / "bench.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 8
    assert lines[0] == {
        "name": "vision tower, 512x512",
        "unit": "s",
        "side": "ours",
        "round": "1",
        "value": "1",
    }
    assert lines[-1]["value"] == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_plot_is_well_formed_with_a_bar_for_each_ratio(language: Language) -> None:
    both = [*ROWS, Row(DECODE, ours=[20.0], peer=[25.0])]
    root = ElementTree.fromstring(as_svg(both, language))
    svg = "{http://www.w3.org/2000/svg}"
    classes = [bar.get("class") for bar in root.findall(f"{svg}rect")]
    assert classes == ["paper", "ahead", "behind"]
    width = float(root.get("viewBox", "").split()[2])
    for line in root.findall(f"{svg}line"):
        assert 0 <= float(line.get("x1", "-1")) <= float(line.get("x2", "-1")) <= width


def test_plot_without_any_ratio_is_still_a_picture() -> None:
    ElementTree.fromstring(as_svg([ROWS[1]], "en"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_busy_machine_is_said_out_loud(language: Language) -> None:
    limits = Limits(48.0, {"bf16": 830.0, "f32": 270.0})
    calm = closing_words(limits, 0.02, 2, language)
    busy = closing_words(limits, 0.4, 2, language)
    assert "48 GB/s" in calm[0]
    assert "830 GFLOP/s" in calm[0]
    assert len(busy) == len(calm) + 1
    assert "40%" in busy[1]
