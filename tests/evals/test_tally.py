from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.errors import Phrase
from jianwei.evals.scoring import failed, score
from jianwei.evals.tally import GROUPS, Record, by_family, by_group, group_of, mean, measures, share, wilson
from jianwei.scenes.families import FAMILIES, draw
from jianwei.scenes.scene import REFUSALS, Language, Question


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [
        # Published values: Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_against_published_values(good: int, n: int, low: float, high: float) -> None:
    assert wilson(good, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_and_is_symmetric(counts: tuple[int, int]) -> None:
    good, n = counts
    low, high = wilson(good, n)
    assert 0 <= low <= good / n <= high <= 1
    assert wilson(n - good, n) == pytest.approx((1 - high, 1 - low))


def test_nothing_asked_means_nothing_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert share("a", "一", []) is None
    assert mean("a", "一", []) is None


def test_mean_with_its_interval() -> None:
    row = mean("seconds", "秒", [1.0, 2.0, 3.0, 4.0], "s")
    assert row is not None
    half = 1.96 * math.sqrt((2.25 + 0.25 + 0.25 + 2.25) / 3 / 4)
    assert (row.value, row.n) == (2.5, 4)
    assert (row.low, row.high) == pytest.approx((2.5 - half, 2.5 + half))


def test_the_interval_of_a_rate_stays_between_0_and_1() -> None:
    row = mean("rate", "率", [0.0, 1.0])
    assert row is not None
    assert (row.low, row.value, row.high) == (0.0, 0.5, 1.0)


def test_every_question_of_every_family_has_a_group() -> None:
    for family in FAMILIES:
        for language in ("zh", "en"):
            for question in draw(family, 5, "test", language).questions:
                if question.match != "open":
                    assert group_of(question) in GROUPS


@pytest.mark.parametrize(
    ("question", "group"),
    [
        (Question("?", "5", "count", "number"), "sense"),
        (Question("?", "6", "count", "number"), "choices"),
        (Question("?", "red", "colour", "choice"), "sense"),
        (Question("?", "Yes.", "present", "choice"), "there"),
        (Question("?", "rising", "trend", "choice"), "choices"),
        (Question("?", "[]", "where", "box"), "where"),
        (Question("?", "[]", "where_object", "box"), "things"),
        (Question("?", "{}", "json", "json"), "json"),
    ],
)
def test_the_group_of_a_question(question: Question, group: str) -> None:
    assert group_of(question) == group


def record(
    question: Question,
    answer: str,
    *,
    language: Language = "en",
    family: str = "forms",
    distance_cm: float | None = None,
) -> Record:
    scored = score(question, answer)
    return Record(family, "1", language, question, answer, scored, 1.0, distance_cm=distance_cm)


PRICE = Question("How much?", "Total: 9.50", "price", "text", value="9.50")
COUNT = Question("How many?", "3", "count", "number")
ABSENT = Question("Who?", REFUSALS["en"], "absent", "none")
PLACE = Question("Where?", '[{"bbox_2d": [0, 0, 100, 100]}]', "where", "box")
RECORDS = [
    record(PRICE, "9.50"),
    record(PRICE, "9.51", language="zh"),
    record(PRICE, REFUSALS["en"]),
    record(COUNT, "3", family="shapes"),
    record(ABSENT, REFUSALS["en"]),
    record(ABSENT, "Jane"),
    record(PLACE, '[{"bbox_2d": [0, 0, 100, 60]}]', distance_cm=0.5),
    Record("forms", "1", "en", COUNT, "", failed(COUNT), 9.0, failure=Phrase("no", "否")),
]


def test_rows_by_family_and_kind() -> None:
    rows = {row.name: (row.value, row.n) for row in by_family(RECORDS)}
    assert rows == {
        "forms absent": (0.5, 2),
        "forms count": (0.0, 1),
        "forms price": (pytest.approx(1 / 3), 3),
        "forms where": (1.0, 1),
        "shapes count": (1.0, 1),
    }


def test_groups_are_told_by_language_where_there_are_two() -> None:
    rows = {row.name: (row.value, row.n) for row in by_group(RECORDS)}
    assert rows["fields and texts"] == (pytest.approx(1 / 3), 3)
    assert rows["fields and texts, en"] == (0.5, 2)
    assert rows["fields and texts, zh"] == (0.0, 1)
    assert rows["colour, shape, count up to 5, side, damage"] == (0.5, 2)
    assert rows["unanswerable recognised"] == (0.5, 2)
    assert rows["boxes of texts, IoU at least 0.5"] == (1.0, 1)
    only_english = by_group([one for one in RECORDS if one.language == "en"])
    assert not [row for row in only_english if row.name.endswith((", en", ", zh"))]


def test_measures() -> None:
    rows = {row.name: (row.value, row.n) for row in measures(RECORDS)}
    assert rows["answerable refused"] == (pytest.approx(1 / 6), 6)
    assert rows["no answer came"] == (0.125, 8)
    assert rows["seconds per answer"] == (1.0, 7)
    assert rows["location error, cm"] == (0.5, 1)
    assert rows["box IoU at least 0.5"] == (1.0, 1)
    assert rows["box centre inside the true box"] == (1.0, 1)
    rate, n = rows["fields and texts, character error rate"]
    assert n == 3
    assert 1 / 3 < rate < 0.5
    assert "valid JSON" not in rows
