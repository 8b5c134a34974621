"""What a chart measures, and in which unit, also where OCR made one word of both."""

from __future__ import annotations

import pytest

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.scales import told_scale

TICKS = ("0", "50", "100")


def lines(*texts: str) -> list[OcrLine]:
    return [
        OcrLine.around(text, (0, 40 * y, 10 * len(text), 40 * y + 20), 20.0) for y, text in enumerate(texts)
    ]


def told(question: str, *texts: str, named: int | None = None) -> str | None:
    page = lines(*texts)
    titles = [] if named is None else [page[named]]
    found = told_scale(question, page, titles, "en" if question.isascii() else "zh")
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("scale", "quantity", "unit"),
    [
        ("Rainfall (km/h)", "Rainfall", "km/h"),
        ("Rainfall / mm", "Rainfall", "mm"),
        ("Rainfall, mm", "Rainfall", "mm"),
        ("Rainfallmm", "Rainfall", "mm"),
        ("Rainfall km/h", "Rainfall", "km/h"),
        ("Rainfall°C", "Rainfall", "°C"),
        ("Rainfall|mm", "Rainfall", "mm"),
        ("Rainfall: mm", "Rainfall", "mm"),
    ],
)
def test_a_scale_is_parted(scale: str, quantity: str, unit: str) -> None:
    page = ("Overview: Rainfall by month", scale, *TICKS, "Jan", "Feb", "Month")
    assert told("What does the vertical axis show?", *page) == quantity
    assert told("In which unit is it measured?", *page) == f"Unit: {unit}"


def test_the_chart_that_is_named_is_meant() -> None:
    page = ("各部门湿度", "湿度%RH", "各城市面积对比", "面积：平方米", *TICKS)
    assert told("“各部门湿度”的单位是什么？", *page, named=0) == "单位：%RH"
    assert told("“各城市面积对比”的纵轴表示什么？", *page, named=2) == "面积"
    assert told("数据的单位是什么？", *page) is None


def test_no_misread_day_is_a_quantity_and_no_label_of_a_unit() -> None:
    page = ("Traffic by month", "Traffic [GB]", "Fi!", "Finance", *TICKS)
    assert told("In which unit is traffic by month?", *page, named=0) == "Unit: GB"
    page = ("Votes, by city", "Unit: ballots", *TICKS, "A", "B", "Guests by team", "Unit: heads")
    assert told("In which unit is votes, by city?", *page, named=0) == "Unit: ballots"


@pytest.mark.parametrize(
    "page",
    [
        ("Rainfall, by month", "Jan", "Feb", *TICKS),  # a title alone
        ("采购合同", "合同专用章", "甲方：安泰"),  # no chart
        ("采购合同", "合同专用章", *TICKS, "¥20.00"),
        ("Rainfall by month", "Rainfall 2024", *TICKS),
        ("Rainfall by month", "Rain", *TICKS),
        ("Rainfall by month", "Rainfall of all the northern towns", *TICKS),
    ],
)
def test_other_lines_are_no_scale(page: tuple[str, ...]) -> None:
    assert told("In which unit is it measured?", *page) is None


def test_the_unit_above_a_table_is_told_as_it_stands() -> None:
    page = ("Freight by city", "Unit: USD", "Apple", *TICKS, "Complaints share", "Rain")
    assert told("In which unit is “Freight by city”?", *page, named=0) == "Unit: USD"
    assert told("In which unit is it measured?", *page) == "Unit: USD"
    assert told("In which unit is “Complaints share”?", *page, named=6) is None
    assert told("What does the axis show?", *page) is None


def test_other_questions_are_told_nothing() -> None:
    assert told("What is the title?", "Rainfall by month", "Rainfall (mm)", *TICKS) is None
