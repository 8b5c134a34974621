"""Answers under a schema are checked by a validator of their own."""

from __future__ import annotations

from typing import Any

import pytest
from asked_model import AskedModel

from jianwei.evals.json_task import SCHEMAS, Tally, run, violations
from jianwei.types import Completion, Image, Timings, Usage

RECEIPT = {
    "merchant": None,
    "currency": "CNY",
    "date": "2024-01-02",
    "lines": [{"name": "a", "count": 1, "price": 0.5}],
    "total": 3,
}


def test_what_obeys_has_no_violations() -> None:
    assert violations(RECEIPT, SCHEMAS["receipt"]) == []
    assert violations([{"bbox_2d": [0, 1, 2, 1000], "label": ""}], SCHEMAS["boxes"]) == []
    assert violations({"found": True, "text": "ab"}, SCHEMAS["either"]) == []
    assert violations({"found": False}, SCHEMAS["either"]) == []
    assert violations(None, SCHEMAS["anything"]) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"merchant": 3}, "$.merchant"),
        ({"currency": "GBP"}, "$.currency"),
        ({"date": "2.1.2024"}, "$.date"),
        ({"lines": []}, "$.lines"),
        ({"lines": [{"name": "a", "count": 1}]}, "$.lines[0].price"),
        ({"lines": [{"name": "", "count": 1, "price": 1}]}, "$.lines[0].name"),
        ({"lines": [{"name": "a", "count": 0, "price": 1}]}, "$.lines[0].count"),
        ({"lines": [{"name": "a", "count": True, "price": 1}]}, "$.lines[0].count"),
        ({"total": "3"}, "$.total"),
        ({"more": 1}, "$.more"),
    ],
)
def test_what_breaks_a_schema_is_found_with_its_place(change: dict[str, Any], where: str) -> None:
    (found,) = violations({**RECEIPT, **change}, SCHEMAS["receipt"])
    assert found.startswith(f"{where}:")


def test_neither_way_and_what_is_missing_are_found() -> None:
    assert violations({"found": True}, SCHEMAS["either"])
    assert violations({key: value for key, value in RECEIPT.items() if key != "total"}, SCHEMAS["receipt"])


def test_a_word_that_cannot_be_checked_is_an_error() -> None:
    with pytest.raises(ValueError, match="uniqueItems"):
        violations([], {"type": "array", "uniqueItems": True})


def answer(text: str, reason: Any = "stop", truncated: bool = False) -> Completion:
    return Completion(text, reason, "m", Usage(), Timings(), truncated=truncated)


def test_answers_are_counted() -> None:
    tally = Tally()
    tally.add("either", 9, answer('{"found": false}'))
    tally.add("either", 2, answer('{"found": false}', "length", truncated=True))
    tally.add("either", 2, answer('{"found"', "length"))
    assert (tally.answers, tally.valid, tally.cut, tally.told) == (3, 2, 2, 1)
    assert tally.wrong == [("either", 2, '{"found"')]


def test_all_schemas_are_asked_for_with_limits_from_one_token_up() -> None:
    limits: list[int] = []
    schemas: set[str] = set()

    def reply(_: Image, __: str, options: dict[str, Any]) -> Completion:
        limits.append(options["sampling"].max_tokens)
        schemas.add(options["grammar"].text)
        return answer("{}")

    tally = run(AskedModel(reply), 60)
    assert tally.answers == 60
    assert len(schemas) == len(SCHEMAS)
    assert min(limits) <= 3
    assert max(limits) >= 200
