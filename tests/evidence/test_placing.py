"""The form of answers that say where something stands: places of texts are copied, those of things are free."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.engine.grammar import GrammarCompiler
from jianwei.evidence.areas import Area
from jianwei.evidence.ocr import MARGIN, OcrLine
from jianwei.evidence.placing import place_grammar
from jianwei.evidence.sight import Sight
from jianwei.evidence.spots import Spot
from jianwei.evidence.telling import tell_evidence

PICTURE = SimpleNamespace(width=1000, height=1000)
SIGHT = Sight(PICTURE, lambda: (), lambda: (), lambda box, height: False)
REFUSAL = "图中没有这项信息。"


def line(text: str, left: float, top: float, right: float, bottom: float) -> OcrLine:
    """A line whose ink fills the box."""
    by = MARGIN / (1 - 2 * MARGIN) * (bottom - top)
    left, top, right, bottom = left - by, top - by, right + by, bottom + by
    return OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99)


LINES = [
    line("应付合计", 50, 100, 250, 140),
    line("¥128.50", 700, 100, 900, 140),
    line("合计 3 件", 50, 200, 250, 240),
    line("谢谢惠顾", 50, 300, 250, 340),
    line("谢谢惠顾", 50, 400, 250, 440),
    line('"A4" \\ x', 50, 500, 250, 540),
]


def answer(label: str, *box: int) -> str:
    return json.dumps([{"label": label, "bbox_2d": box}], ensure_ascii=False, separators=(",", ":"))


def fits(question: str, text: str) -> bool:
    return re.fullmatch(place_grammar(question, LINES, SIGHT, REFUSAL).text, text) is not None


def test_a_text_stands_where_it_was_read_and_nowhere_else() -> None:
    assert fits("“应付合计”在哪里？", answer("应付合计", 50, 100, 250, 140))
    assert not fits("“应付合计”在哪里？", answer("应付合计", 50, 100, 250, 141))
    assert not fits("“应付合计”在哪里？", answer("应付合计", 700, 100, 900, 140))


def test_of_several_alike_each_may_be_meant() -> None:
    for top in (300, 400):
        assert fits("框出“谢谢惠顾”", answer("谢谢惠顾", 50, top, 250, top + 40))
    assert not fits("框出“谢谢惠顾”", answer("谢谢惠顾", 50, 300, 250, 440))


def test_a_part_of_a_line_stands_where_the_part_is() -> None:
    found = re.search(r"应付\",\"bbox_2d\":\\\[\(\?:(\d+),(\d+),(\d+),(\d+)\)", _source("“应付”在哪里？"))
    assert found is not None
    assert [int(edge) for edge in found.groups()] == [50, 100, 150, 140]


def test_spaces_and_a_misread_character_do_not_matter_and_both_spellings_may_be_said() -> None:
    for label in ("合计3件", "合计 3 件"):
        assert fits("“合计3件”在哪里？", answer(label, 50, 200, 250, 240))
        assert not fits("“合计3件”在哪里？", answer(label, 1, 2, 3, 4))
    assert fits("“¥128.60”在哪里？", answer("¥128.60", 700, 100, 900, 140))
    assert not fits("“¥128.60”在哪里？", answer("¥128.60", 1, 2, 3, 4))


def test_marks_of_json_in_a_text_are_told_as_json_tells_them() -> None:
    assert fits('“"A4" \\ x”在哪里？', answer('"A4" \\ x', 50, 500, 250, 540))
    assert not fits('“"A4" \\ x”在哪里？', answer('"A4" \\ x', 50, 500, 250, 54))


def test_a_thing_that_is_named_by_a_read_text_may_stand_anywhere() -> None:
    for question, label in (
        ("请框出“应付合计”板块。", "“应付合计”板块"),
        ("柱状图“应付合计”在哪里？", "柱状图“应付合计”"),
        ('Mark the "应付合计" panel.', '"应付合计" panel'),
        ('Where is the bar chart "应付合计"?', 'bar chart "应付合计"'),
    ):
        assert fits(question, answer(label, 0, 1, 999, 1000))
        assert fits(question, answer("应付合计", 50, 100, 250, 140))
        for other in ("应付合计板块", "应付", "红色印章", "“应付合计”面板", ""):
            assert not fits(question, answer(other, 0, 1, 999, 1000))


def test_where_the_text_itself_is_meant_no_thing_is_answered() -> None:
    for question in ('Where is "应付合计"?', "把“应付合计”标出来。", 'Mark the words "应付合计".'):
        assert fits(question, answer("应付合计", 50, 100, 250, 140))
        for other in ("“应付合计”", '"应付合计"', 'is "应付合计"', "把“应付合计”"):
            assert not fits(question, answer(other, 0, 1, 999, 1000))


def test_things_and_what_was_not_read_may_stand_anywhere() -> None:
    for label in ("没有的字", "红色印章", 'bar "x"', ""):
        assert fits("“没有的字”在哪里？", answer(label, 0, 1, 999, 1000))
        assert fits("印章在哪里？", answer(label, 0, 1, 999, 1000))
    assert not fits("印章在哪里？", answer("印章", 0, 1, 999, 1001))


def test_it_may_be_said_that_it_is_not_there_but_nothing_else_in_words() -> None:
    assert fits("“应付合计”在哪里？", REFUSAL)
    assert not fits("“应付合计”在哪里？", "右下方")
    assert not fits("“应付合计”在哪里？", "[]")


def test_the_places_are_those_that_the_model_is_told() -> None:
    told = tell_evidence(LINES, PICTURE, boxes=True).text
    for box in ("50,100,250,140", "700,100,900,140"):
        assert f"[{box}]" in told


@given(
    st.lists(st.text(st.characters(exclude_characters="”\n"), min_size=1, max_size=70), max_size=3), st.data()
)
def test_any_text_makes_a_grammar_of_which_the_read_place_is_one_answer(
    texts: list[str], data: st.DataObject
) -> None:
    lines = [line(text, 10, 40 * at, 200, 40 * at + 20) for at, text in enumerate(texts)]
    question = "”和“".join(["", *texts, ""])
    grammar = place_grammar(question, lines, SIGHT, REFUSAL)
    assert re.fullmatch(grammar.text, REFUSAL)
    if texts:
        at = data.draw(st.integers(0, len(texts) - 1))
        if len(texts[at].strip()) > 0 and '"' not in "".join(texts):
            box = 10, 40 * at, 200, 40 * at + 20
            assert re.fullmatch(grammar.text, answer(" ".join(texts[at].split()), *box))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("“应付合计”在哪里？", answer("应付合计", 50, 100, 250, 140)),
        ("“应付合计”板块在哪里？", answer("“应付合计”板块", 1, 20, 300, 1000)),
        ('“"A4" \\ x”在哪里？', answer('"A4" \\ x', 50, 500, 250, 540)),
        (f"“{'长' * 60}”在哪里？", answer("长" * 60, 50, 600, 900, 640)),
        ("印章在画面哪一处？", answer("印章", 50, 100, 250, 140)),
        ("印章在画面哪一处？", REFUSAL),
    ],
)
def test_the_engine_can_follow_it(question: str, said: str) -> None:
    tokens = [bytes([byte]) for byte in range(256)]
    compiler = GrammarCompiler([*tokens, b""], [256])
    lines = [*LINES, line("长" * 60, 50, 600, 900, 640)]
    state = compiler.compile(place_grammar(question, lines, SIGHT, REFUSAL))
    for byte in said.encode():
        state.accept(byte)
    assert state.may_end


PAINTED = (
    Area("red", "tick", (300, 100, 350, 150), 0.01),
    Area("red", "cross", (300, 200, 350, 250), 0.01),
    Area("blue", "cross", (300, 300, 350, 350), 0.01),
)
SPOTS = (Spot((500, 500, 600, 600), hole=True, place="centre"),)


@pytest.mark.parametrize(
    ("question", "boxes"),
    [
        ("Box the red cross.", [(300, 200, 350, 250)]),
        ("框出红勾", [(300, 100, 350, 150)]),
        ("Mark the cross.", [(300, 200, 350, 250), (300, 300, 350, 350)]),
        ("Mark the damage.", [(500, 500, 600, 600)]),
    ],
)
def test_what_is_named_by_its_looks_stands_where_such_an_area_is(
    question: str, boxes: list[tuple[int, int, int, int]]
) -> None:
    grammar = place_grammar(
        question, LINES, Sight(PICTURE, lambda: PAINTED, lambda: SPOTS, lambda box, height: False), REFUSAL
    ).text
    for box in (*(tuple(map(int, area.box)) for area in PAINTED), (500, 500, 600, 600)):
        assert (re.fullmatch(grammar, answer("x", *box)) is not None) == (box in boxes)
    assert re.fullmatch(grammar, REFUSAL)


@pytest.mark.parametrize("question", ["Mark the star.", "Mark the button.", "Box the green circle."])
def test_what_was_not_seen_may_have_any_numbers(question: str) -> None:
    grammar = place_grammar(
        question, LINES, Sight(PICTURE, lambda: PAINTED, lambda: (), lambda box, height: False), REFUSAL
    ).text
    assert re.fullmatch(grammar, answer("x", 1, 2, 3, 4))


def _source(question: str) -> str:
    return place_grammar(question, LINES, SIGHT, REFUSAL).text
