"""What code checks in the values of a recipe, and the report."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from recipe_pages import page

from jianwei.errors import Language
from jianwei.recipes.checks import run_checks
from jianwei.recipes.computed import compute_fields
from jianwei.recipes.expressions import polynomial, sides, solution, value_of
from jianwei.recipes.found import Findings, Found
from jianwei.recipes.homework_checks import mixed_notation, wrong_steps
from jianwei.recipes.kinds import kind_of
from jianwei.recipes.library import find_recipe
from jianwei.recipes.model_answers import from_json, short_answer
from jianwei.recipes.report import write_report

TODAY = date(2026, 1, 1)


def findings(values: dict[str, Any]) -> Findings:
    return {key: Found(value, "ocr") for key, value in values.items()}


def said(name: str, values: dict[str, Any], language: Language = "en") -> list[tuple[str, bool | None, str]]:
    checks = run_checks(find_recipe(name), findings(values), language, TODAY)
    return [(check.check, check.passed, check.said) for check in checks]


LINES = [{"name": "milk", "count": 3, "price": "$5.00", "amount": "$15.00"}]


def test_sums_that_add_up_pass_and_others_say_by_how_much() -> None:
    good = {
        "number": "1",
        "date": "2",
        "lines": LINES,
        "subtotal": "$15.00",
        "tax": "$1.50",
        "total": "$16.50",
    }
    assert [(kind, passed) for kind, passed, _ in said("invoice", good)] == [
        ("product", True), ("sum", True), ("sum", True)
    ]  # fmt: skip
    checks = said("invoice", {**good, "total": "$17.00"})
    assert checks[-1][1] is False
    assert "$0.50 apart" in checks[-1][2]
    assert "相差 $0.50" in said("invoice", {**good, "total": "$17.00"}, "zh")[-1][2]
    wrong_line = [{**LINES[0], "amount": "$14.00"}]
    assert [passed for *_, passed, _ in said("invoice", {**good, "lines": wrong_line})][:2] == [False, False]


def test_an_amount_that_could_not_be_read_is_no_pass_and_no_failure() -> None:
    lines = [*LINES, {"name": "tea", "count": 1, "price": None, "amount": None}]
    checks = said("invoice", {"number": "1", "date": "2", "lines": lines, "total": "$15.00"})
    assert ("sum", None) in [(kind, passed) for kind, passed, _ in checks]


def test_discounts_are_taken_off_whatever_their_sign() -> None:
    for discount in ("-$5.00", "$5.00"):
        checks = said(
            "support", {"subtotal": "$40.00", "shipping": "Free", "discount": discount, "total": "$35.00"}
        )
        assert [passed for _, passed, _ in checks] == [True]


def test_blank_places_and_gaps_are_named() -> None:
    rows = [
        {"field": "甲方签名", "signed": True, "dated": True},
        {"field": "乙方签名", "signed": False, "dated": None},
    ]
    clauses = [{"number": 1, "text": "a"}, {"number": 3, "text": "b"}]
    values = {"party_a": "a", "party_b": "b", "total": "¥1", "signatures": rows, "clauses": clauses}
    checks = said("contract", values, "zh")
    assert checks[0][:2] == ("filled", False)
    assert "乙方签名" in checks[0][2]
    assert "甲方签名" not in checks[0][2]
    assert checks[1] == ("numbering", False, "条款编号不连续，缺 2。")


def test_shelves_are_audited() -> None:
    tags = [
        {"name": "tea", "price": "$3.00", "unit": None, "best_before": "2025-05-01"},
        {"name": "Tea", "price": "$3.50", "unit": None, "best_before": "2027-05-01"},
        {"name": "milk", "price": None, "unit": None, "best_before": None},
    ]
    checks = {kind: (passed, text) for kind, passed, text in said("price_tag", {"tags": tags})}
    assert checks["present"][0] is False
    assert checks["one_price"] == (False, "One article at several prices: tea.")
    assert checks["dates"][0] is False
    assert "2025-05-01" in checks["dates"][1]
    assert "2027" not in checks["dates"][1]


def test_percentages_of_a_pie_must_make_a_hundred() -> None:
    figures = [{"chart": "A", "name": n, "series": None, "value": v} for n, v in (("x", 60), ("y", 35))]
    charts = [{"title": "A", "kind": "pie", "measure": None, "unit": None}]
    assert said("chart", {"charts": charts, "figures": figures}) == [
        ("hundred", False, "Percentages add up to A: 95%.")
    ]
    bars = [{**charts[0], "kind": "bar"}]
    assert said("chart", {"charts": bars, "figures": figures}) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2×(5+3)", 16),
        ("12+7×3-4", 29),
        ("3/4+1/4", 1),
        ("√(225)+5^2", 40),
        ("2(3+4)÷7", 2),
        ("-3+10", 7),
        ("5x", None),
        ("3++", None),
        ("3÷0", None),
        ("12a7", None),
    ],
)
def test_school_arithmetic_is_exact(text: str, value: int | None) -> None:
    assert value_of(text) == (None if value is None else Fraction(value))


def test_equations_are_solved() -> None:
    assert solution("4(x+5)", "48") == ("x", Fraction(49))
    assert solution("c^2", "9+16") == ("c", Fraction(25))
    assert solution("x+y", "3") is None
    assert polynomial("a+b") is None
    assert sides("C=2×8厘米") == ["C", "2×8"]


def rows(*texts: str) -> list[dict[str, Any]]:
    return [{"exercise": 1, "number": i, "text": text} for i, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("task", "steps", "wrong", "checked"),
    [
        ("求未知数：4(x+5)=48", ("x+5=48÷4", "x+5=12", "x=12-5", "x=7"), [], 4),
        ("Solve: 4(x+5)=48", ("x+5=48÷4", "x+5=13", "x=13-5", "x=8"), [2], 4),
        ("计算：2×(5+3)", ("=2×8", "=16"), [], 2),
        ("计算：2×(5+3)", ("=2×8", "=18"), [2], 2),
        ("Legs of a right triangle: 3 and 4. Find c.", ("c^2=3^2+4^2", "c^2=25", "c=√25", "c=6"), [4], 3),
        ("求速度", ("v=s÷t", "=150÷3", "=50千米/时"), [], 1),
        ("看图写话", ("今天天气好",), [], 0),
    ],
)
def test_steps_must_follow_from_each_other(
    task: str, steps: tuple[str, ...], wrong: list[int], checked: int
) -> None:
    found, count = wrong_steps([{"exercise": 1, "text": task}], rows(*steps))
    assert ([number for _, number, _ in found], count) == (wrong, checked)


def test_notation_that_changes_is_told_and_what_does_not_is_not() -> None:
    assert mixed_notation(rows("2×3=6", "4*5=20", "=9cm", "=9厘米"), "zh") == [
        "乘号有时写作 ×、有时写作 *",
        "厘米有时写作 cm、有时写作 厘米",
    ]
    assert mixed_notation(rows("x=3", "X=4"), "en") == ["one letter is written small and large: x, X"]
    assert mixed_notation(rows("2×3=6", "4×5=20", "c=5", "C=10", "1.5+2.5"), "en") == []


def test_the_report_answers_first_and_says_what_is_computed_and_what_is_missing() -> None:
    recipe = find_recipe("support")
    found = findings({"threshold": 99, "subtotal": "¥86.50", "shipping": "¥6.00"})
    found |= compute_fields(recipe, found)
    text = write_report(recipe, found, run_checks(recipe, found, "zh", TODAY), "zh", small=True)
    assert "再加 ¥12.50 即可免运费" in text
    assert "- 还差：¥12.50（算得）" in text
    assert "没有读到：商品" in text
    assert "†" not in text
    english = write_report(recipe, {**found, "total": Found("¥92.50", "model")}, [], "en", small=True)
    assert "add ¥12.50 to reach free shipping" in english
    assert "- To pay: ¥92.50†" in english
    assert "compare with the picture" in english


def test_text_of_a_picture_cannot_become_markup() -> None:
    recipe = find_recipe("invoice")
    found = findings({"seller": "<b>[x](http://e)</b> | *y*"})
    text = write_report(recipe, found, [], "en", small=False)
    assert r"\<b\>\[x\](http://e)\</b\> \| \*y\*" in text


def test_the_small_models_answer_counts_only_where_it_is_printed_beside_its_own_label() -> None:
    fields = {field.key: field for field in find_recipe("invoice").fields}
    shown = page("合计：¥42.40", "出纳：王芳", [("桌号：", 20), ("12", 120)])
    others = ["税额", "合计"]

    def answer(key: str, text: str, others: list[str] = others) -> object:
        found = short_answer(fields[key], text, [shown], others, "zh")
        return found.value if found else None

    assert answer("cashier", "出纳：王芳") == "王芳"
    assert answer("total", "合计：¥42.40", ["税额"]) == "¥42.40"
    assert answer("tax", "合计：¥42.40") is None, "another field's label"
    assert answer("cashier", "图中没有这项信息。") is None
    assert answer("cashier", "出纳：李四") is None, "it is not printed"
    assert answer("cashier", "桌号：") is None
    assert answer("total", "2.40", []) is None, "a part of a longer number"
    assert answer("stamp", "没有。") is False
    assert answer("stamp", "有。") is True


def test_a_strong_models_json_gets_the_places_of_what_is_printed() -> None:
    recipe = find_recipe("damage")
    shown = page("易碎品 FRAGILE")
    text = '{"damaged": true, "kind": "tear", "place": null, "lining": null, "marks": ["易碎品"], "damage_box": [100, 100, 300, 200], "carton_box": [0, 0, 500, 500]}'  # noqa: E501
    found = from_json(recipe, text, [shown.view], [shown])
    assert found["marks"].places[0].label == "易碎品"
    assert found["damage_box"].value == [60, 80, 180, 160]
    assert compute_fields(recipe, found)["width_share"].value == 40
    assert "place" not in found
    assert from_json(recipe, "not JSON", [shown.view], [shown]) == {}


def test_the_kind_of_a_picture_is_told_by_its_words() -> None:
    kinds = [find_recipe(name) for name in find_recipe("inspect").kinds]
    contract = kind_of(kinds, [page("买卖合同", "甲方：长风公司", "乙方：明月公司", "1、违约金为总价的3%")])
    assert contract is not None
    assert contract.recipe.name == "contract"
    assert "甲方" in contract.words
    assert kind_of(kinds, [page("今天天气好")]) is None
