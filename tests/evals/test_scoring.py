"""The scorer: what is the same counts as the same, what differs does not, and guessing gains what guessing can."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evals.scoring import (
    box_of,
    chosen,
    error_rate,
    f1,
    failed,
    json_of,
    normalize,
    number_of,
    overlap,
    refuses,
    same_number,
    same_text,
    score,
)
from jianwei.scenes.families import FAMILIES, draw
from jianwei.scenes.scene import REFUSALS, Match, Question

HOUSE_TEXT = st.text(st.sampled_from("aBcXyZ0123456789 元合计天地¥$-/:()，。.,"), max_size=40)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def question(
    match: Match,
    answer: str,
    choices: tuple[str, ...] = (),
    *,
    value: str = "",
    tolerance: float = 0.0,
    accepted: tuple[str, ...] = (),
) -> Question:
    return Question("?", answer, match, match, choices, value, tolerance, accepted)


# Normalizing


@given(HOUSE_TEXT)
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(HOUSE_TEXT)
def test_width_and_case_do_not_matter(text: str) -> None:
    assert normalize(text.translate(WIDE)) == normalize(text) == normalize(text.upper())


@given(HOUSE_TEXT, st.data())
def test_spaces_do_not_matter(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    space = data.draw(st.sampled_from([" ", "\u3000", "\n", "\t", "\u00a0"]))
    assert normalize(text[:at] + space + text[at:]) == normalize(text)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_thousands_separators_and_final_stops_do_not_matter(whole: int, cents: int) -> None:
    assert (
        normalize(f"¥{whole:,}.{cents:02}。") == normalize(f"￥{whole}.{cents:02}") == f"¥{whole}.{cents:02}"
    )


@given(st.text(max_size=60))
def test_any_text_can_be_normalized_and_is_itself(text: str) -> None:
    assert same_text(text, text)
    assert error_rate(text, text) == 0.0


def test_a_comma_that_separates_no_thousands_stays() -> None:
    assert normalize("1,2 and 12,3456") == "1,2and12,3456"
    assert not same_text("1,5", "15")


# Texts


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("¥42.40", True),
        ("合计：￥42.40", True),
        ("Total: ¥ 42.40.", True),
        ("¥42.4", False),
        ("¥142.40", False),
        ("¥42.40 or ¥50", False),
        ("", False),
    ],
)
def test_a_value_may_stand_alone_or_behind_its_label(said: str, right: bool) -> None:
    assert score(question("text", "合计：¥42.40", value="¥42.40"), said).right is right
    assert score(question("text", "¥42.40"), said).right is right


def test_the_end_of_a_time_is_not_the_value_behind_a_label() -> None:
    assert not same_text("12:30", "30")
    assert same_text("Time: 12:30", "12:30")


@pytest.mark.parametrize(
    ("said", "true", "rate"),
    [("abc", "abc", 0), ("abd", "abc", 1 / 3), ("ab", "abc", 1 / 3), ("", "abc", 1), ("x" * 90, "abc", 1)],
)
def test_error_rate_is_edits_over_the_true_length_and_at_most_1(said: str, true: str, rate: float) -> None:
    assert error_rate(said, true) == pytest.approx(rate)


@given(
    st.text("ab一", max_size=8),
    st.text("ab一", min_size=1, max_size=8),
    st.text("ab一", min_size=1, max_size=8),
)
def test_edit_distance_obeys_the_triangle(one: str, two: str, three: str) -> None:
    def edits(said: str, true: str) -> float:
        longest = true + "c" * 20  # long enough that the rate is never cut off at 1
        return error_rate(said + "c" * 20, longest) * len(longest)

    assert edits(one, three) <= edits(one, two) + edits(two, three) + 1e-9


def test_all_text_may_have_a_tenth_of_errors() -> None:
    asked = question("lines", "0123456789\nabcdefghij")
    good, bad = score(asked, "0123456789 abcdefghxx"), score(asked, "0123456789 abcdefgxxx")
    assert (good.right, good.error_rate) == (True, 0.1)
    assert (bad.right, bad.error_rate) == (False, pytest.approx(0.15))


# Numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("３个", 3),
        ("三", 3),
        ("Two.", 2),
        ("两个", 2),
        ("-4.5 °C", -4.5),
        ("1,234,567", 1234567),
        ("about 12.5%", 12.5),
        ("3 of 5", None),
        ("192.168.1.1", None),
        ("someone", None),
        ("", None),
    ],
)
def test_the_number_that_a_text_tells(text: str, number: float | None) -> None:
    assert number_of(text) == number


@given(st.floats(-1e6, 1e6), st.floats(0, 1e3), st.floats(-2, 2))
def test_a_number_counts_within_its_tolerance(true: float, tolerance: float, share: float) -> None:
    said = true + share * tolerance
    assert same_number(f"{said:.9f}", f"{true:.9f}", tolerance + 1e-6) or abs(share) > 1
    if abs(share) > 1.01 and tolerance > 0.1:
        assert not same_number(f"{said:.9f}", f"{true:.9f}", tolerance)


def test_counts_are_exact() -> None:
    assert score(question("number", "4"), "4 circles").right
    assert not score(question("number", "4"), "5").right


# Choices


@pytest.mark.parametrize(
    ("said", "choices", "true", "right"),
    [
        ("没有破损。", ("有破损。", "没有破损。"), "没有破损。", True),
        ("没有破损", ("有破损。", "没有破损。"), "有破损。", False),
        ("No.", ("Yes, it is damaged.", "No, it is not damaged."), "No, it is not damaged.", True),
        ("nothing", ("Yes.", "No."), "No.", False),
        ("It is in the top left corner", ("top left", "top right", "centre"), "top left", True),
        ("left", ("top left", "top right"), "top left", False),
        ("left or right", ("left", "right"), "left", False),
        ("在左边。", ("左边", "右边"), "左边", True),
        ("红色", ("红色", "橙色"), "橙色", False),
        (REFUSALS["zh"], ("有。", "没有。"), "没有。", False),
    ],
)
def test_a_choice_is_named_and_no_other(said: str, choices: tuple[str, ...], true: str, right: bool) -> None:
    assert chosen(said, choices, true) is right


# Boxes


def boxed(*edges: float) -> str:
    return json.dumps([{"bbox_2d": edges, "label": "it"}])


@pytest.mark.parametrize(
    "said",
    [
        boxed(100, 100, 300, 200),
        "```json\n" + boxed(100, 100, 300, 200) + "\n```",
        '{"bbox_2d": [100, 100, 300, 200]}',
        "[100, 100, 300, 200]",
    ],
)
def test_a_box_is_found_in_the_forms_that_models_use(said: str) -> None:
    assert box_of(said) == [100, 100, 300, 200]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "here",
        "[]",
        "[1, 2, 3]",
        '[{"bbox_2d": [1, 2, 3, "4"]}]',
        "[3, 0, 1, 2]",
        "[NaN, 0, 1, 2]",
        "null",
    ],
)
def test_what_is_no_box_is_none_and_scores_nothing(said: str) -> None:
    assert box_of(said) is None
    found = score(question("box", boxed(0, 0, 10, 10)), said)
    assert (found.right, found.overlap, found.centre, found.distance) == (False, 0.0, False, None)


EDGE = st.integers(0, 1000)


@given(st.tuples(EDGE, EDGE, EDGE, EDGE), st.tuples(EDGE, EDGE, EDGE, EDGE))
def test_overlap_is_symmetric_and_1_only_for_the_same_box(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    first = [min(one[::2]), min(one[1::2]), max(one[::2]) + 1, max(one[1::2]) + 1]
    second = [min(other[::2]), min(other[1::2]), max(other[::2]) + 1, max(other[1::2]) + 1]
    shared = overlap(first, second)
    assert shared == overlap(second, first)
    assert 0 <= shared <= 1
    assert (shared == 1) is (first == second)


def test_half_an_overlap_and_the_centre_count_each_for_itself() -> None:
    true = question("box", boxed(100, 100, 200, 200))
    half = score(true, boxed(100, 100, 200, 150))
    assert (half.right, half.overlap, half.centre) == (True, 0.5, True)
    assert half.distance == (0, -25)
    small = score(true, boxed(145, 145, 155, 155))
    assert (small.right, small.centre) == (False, True)
    beside = score(true, boxed(210, 100, 310, 200))
    assert (beside.right, beside.overlap, beside.centre) == (False, 0.0, False)


# JSON

TRUTH = {"objects": ["红色圆形", "蓝色方形"], "texts": ["¥29.9/盒"], "spatial_relations": ["红色圆形在左"]}


def test_json_is_right_in_any_order_and_width() -> None:
    said = {
        "texts": ["￥29.9/盒"],
        "objects": ["蓝色方形", "红色圆形"],
        "spatial_relations": ["红色圆形在左"],
    }
    found = score(question("json", json.dumps(TRUTH)), f"```json\n{json.dumps(said)}\n```")
    assert (found.right, found.valid, found.f1, found.objects_f1) == (True, True, 1.0, 1.0)


def test_json_objects_are_counted_for_themselves() -> None:
    said = {**TRUTH, "objects": ["红色圆形", "绿色方形"]}
    found = score(question("json", json.dumps(TRUTH)), json.dumps(said))
    assert found.valid
    assert found.objects_f1 == 0.5
    assert found.f1 == 0.75
    assert not found.right


def test_a_value_under_another_key_is_not_the_value() -> None:
    found = score(
        question("json", '{"total": 42.4, "date": "2026-01-02"}'), '{"date": 42.40, "total": "2026-01-02"}'
    )
    assert (found.valid, found.f1, found.right) == (True, 0.0, False)


def test_a_missing_key_is_wrong_however_many_values_are_right() -> None:
    truth = {f"k{i}": i for i in range(20)}
    said = {key: value for key, value in truth.items() if key != "k0"}
    found = score(question("json", json.dumps(truth)), json.dumps(said))
    assert found.f1 is not None
    assert found.f1 > 0.9
    assert not found.right


@pytest.mark.parametrize("said", ["", "{", "sorry", "[" * 100_000])
def test_what_is_no_json_is_not_valid(said: str) -> None:
    assert json_of(said) is None
    found = score(question("json", json.dumps(TRUTH)), said)
    assert (found.valid, found.right, found.objects_f1) == (False, False, 0.0)


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_f1_is_between_0_and_1_and_1_only_when_all_is_there(one: list[str], other: list[str]) -> None:
    said, true = Counter(one), Counter(other)
    assert 0 <= f1(said, true) <= 1
    assert (f1(said, true) == 1) is (said == true)


# Refusals


@pytest.mark.parametrize(
    "said",
    [
        *REFUSALS.values(),
        "图中没有显示金额",
        "无法从图中得知。",
        "The picture does not show a date",
        "It cannot be determined from the image.",
        "The phone number isn't visible.",
        "I can’t tell.",
        "No such information is given",
    ],
)
def test_refusals_are_recognised(said: str) -> None:
    assert refuses(said)
    assert score(question("none", REFUSALS["en"]), said).right
    assert score(question("text", "¥42.40"), said).refused


@pytest.mark.parametrize(
    "said", ["¥42.40", "没有。", "No.", "There are no marks.", "没有破损。", "右边", "", "{}"]
)
def test_answers_are_no_refusals(said: str) -> None:
    assert not refuses(said)
    assert not score(question("none", REFUSALS["zh"]), said).right


def test_an_open_question_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="open"):
        score(question("open", "A carton."), "A carton.")


# All scenes


def all_questions(scenes: int) -> list[tuple[str, Question]]:
    return [
        (scene.language, asked)
        for family in FAMILIES
        for seed in range(scenes)
        for scene in [draw(family, seed, "test", "zh" if seed % 2 else "en")]
        for asked in scene.questions
        if asked.match != "open"
    ]


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, Question]]:
    return all_questions(60)


def test_true_answers_of_all_scenes_score_1_and_are_no_refusals(asked: list[tuple[str, Question]]) -> None:
    assert len(asked) > 500
    for _, one in asked:
        found = score(one, one.answer)
        assert found.right, one
        assert found.refused is (one.match == "none"), one
        assert found.error_rate in (None, 0.0)
        assert found.overlap in (None, 1.0)
        if one.value:
            assert score(one, one.value).right, one


def test_answers_that_never_came_score_nothing(asked: list[tuple[str, Question]]) -> None:
    for _, one in asked:
        found = failed(one)
        assert not found.right
        assert not found.refused
        assert found.error_rate in (None, 1.0)


def test_shuffled_answers_score_near_chance(asked: list[tuple[str, Question]]) -> None:
    """Answers exchanged among questions of one kind: right as often as two of them happen to be the same."""
    kinds: dict[tuple[str, str], list[Question]] = {}
    for language, one in asked:
        if one.match in ("choice", "number"):
            kinds.setdefault((language, one.kind), []).append(one)
    rng = Random(0)
    hits, expected, n = 0, 0.0, 0
    for same in kinds.values():
        for _ in range(5):
            answers = [one.answer for one in same]
            rng.shuffle(answers)
            hits += sum(score(one, answer).right for one, answer in zip(same, answers, strict=True))
            n += len(same)
        frequencies = Counter(normalize(one.answer) for one in same)
        expected += 5 * sum(count**2 for count in frequencies.values()) / len(same)
    assert abs(hits - expected) / n < 0.04
    assert hits / n < 0.6


def test_guessing_among_the_choices_scores_near_chance(asked: list[tuple[str, Question]]) -> None:
    guessed = [one for _, one in asked if one.match == "choice"]
    rng = Random(1)
    hits = sum(score(one, rng.choice(one.choices)).right for one in guessed)
    chance = sum(1 / len(set(one.choices)) for one in guessed)
    assert abs(hits - chance) / len(guessed) < 0.06


def test_shuffled_texts_and_boxes_score_next_to_nothing(asked: list[tuple[str, Question]]) -> None:
    rng = Random(2)
    for match, most in (("text", 0.03), ("box", 0.12)):
        same = [one for _, one in asked if one.match == match]
        answers = [one.answer for one in same]
        rng.shuffle(answers)
        hits = sum(score(one, answer).right for one, answer in zip(same, answers, strict=True))
        assert len(same) > 50
        assert hits / len(same) < most
