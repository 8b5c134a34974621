"""What is told of a whole picture for one who lists its things."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seen_things import area, sight

from jianwei.engine.grammar import GrammarCompiler
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.spots import Spot
from jianwei.evidence.telling import told_rows
from jianwei.evidence.whole import MAX_AREAS, MAX_HEADS, tell_whole, whole_grammar


def line(text: str, x: float, y: float, high: float = 20) -> OcrLine:
    wide = 10 * len(text)
    return OcrLine(text, ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high)), 0.99)


PANELS = [
    line("Offers", 0, 0),
    line("Coupon", 0, 26),
    line("-£3.00", 200, 26),
    line("Totals", 0, 150),
    line("Goods ×2", 0, 176),
    line("To pay", 0, 202),
]


def test_blocks_are_told_by_their_heads() -> None:
    assert tell_whole(told_rows(PANELS), sight(), "en") == "Offers\tTotals\nno spots\n"


def test_values_head_nothing() -> None:
    page = [
        line("£3.00", 0, 0),
        line("tea", 0, 26),
        line("5%", 300, 0),
        line("milk", 300, 26),
        line("||", 600, 0),
    ]
    assert tell_whole(told_rows(page), sight(), "en") == "no spots\n"


def test_what_is_written_large_is_told() -> None:
    page = [
        line("Sales by team", 300, 0, 30),
        *(line(f"word{at}", 40 * at, 200 + 60 * at) for at in range(9)),
    ]
    assert tell_whole(told_rows(page), sight(), "en") == "Sales by team\n"


def test_cards_are_told_by_their_names() -> None:
    page = [
        *(line(name, x, 100) for name, x in (("Daily choice", 0), ("Big value", 400))),
        *(line(price, x, 200) for price, x in (("£3.00", 20), ("£4.50", 420))),
        *(line(name, x, 226) for name, x in (("Tea", 20), ("Milk", 420))),
        line("Use by 5 Feb", 420, 252),
    ]
    assert tell_whole(told_rows(page), sight(), "en") == "Tea\tMilk\nno spots\n"


def test_blank_fields_are_told() -> None:
    page = [line("Signed:", 0, 0), line("Date: 5 Feb", 500, 0)]
    assert tell_whole(told_rows(page), sight(inked=True), "en") == "Signed:\thandwriting\nno spots\n"


def test_few_areas_are_told_one_by_one_from_the_top() -> None:
    marks = [area("red", "cross", 300, 90), area("red", "tick", 300, 30), area("red", "tick", 300, 150)]
    told = tell_whole([], sight(marks), "zh")
    assert told == "红色勾\t红色叉\t红色勾\n没有斑块\n"
    assert tell_whole([], sight(marks * MAX_AREAS), "zh").startswith(
        f"红色勾 ×{2 * MAX_AREAS}\t红色叉 ×{MAX_AREAS}\n"
    )


def test_spots_are_told_of_what_is_no_page() -> None:
    spot = Spot((100, 50, 200, 100), hole=False, place="top left")
    assert tell_whole([], sight(spots=[spot]), "en") == "shadow\ttop left\n"
    page = [line(f"line {at}", 0, 30 * at) for at in range(9)]
    assert "shadow" not in tell_whole(told_rows(page), sight(spots=[spot]), "en")


def test_a_long_page_is_told_by_its_first_heads() -> None:
    page = [
        line(f"{name} {at}", 0, 100 * at + 26 * below)
        for at in range(12)
        for below, name in enumerate(("Head", "one", "two"))
    ]
    assert tell_whole(told_rows(page), sight(), "en").count("Head") == MAX_HEADS


def allows(
    page: Sequence[OcrLine],
    objects: Sequence[str],
    texts: Sequence[str] | None = None,
    relations: Sequence[str] = (),
) -> bool:
    read = [one.text for row in told_rows(page) for one in row]
    answer = {
        "objects": list(objects),
        "texts": read if texts is None else list(texts),
        "spatial_relations": list(relations),
    }
    written = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return re.fullmatch(whole_grammar(told_rows(page), sight(), "en").text, written) is not None


CARDS = [
    *(line(name, x, 100) for name, x in (("Tea", 20), ("Milk (1 l)", 420))),
    *(line(price, x, 126) for price, x in (("£3.00", 20), ("£4.50", 420))),
]


@pytest.mark.parametrize(
    ("page", "objects", "fits"),
    [
        (CARDS, ["Tea", "Milk (1 l)"], True),
        (CARDS, ["Tea"], False),
        (CARDS, ["Milk (1 l)", "Tea"], False),
        (CARDS, [], False),
        (PANELS, [], True),
        (PANELS, ["button", "picture"], True),
        (PANELS, ['"Offers" panel', "button", '"Totals" panel', "button"], True),
        (PANELS, ['"Totals" panel'], True),
        (PANELS, ["“Offers”板块", "按钮"], True),
        (PANELS, ['"Totals" panel', '"Offers" panel'], False),
        (PANELS, ['"Offers" panel', '"Offers" panel'], False),
        (PANELS, ['"Coupon" panel'], False),
        ([], ["carton", "dent"], True),
        ([], ['"Offers" panel'], False),
    ],
)
def test_things_of_a_whole_picture_have_the_names_that_were_read(
    page: Sequence[OcrLine], objects: Sequence[str], fits: bool
) -> None:
    assert allows(page, objects, relations=['any "text" with \\ signs/']) is fits


@pytest.mark.parametrize(("bill", "names"), [((), ["Tea", "Milk"]), (("Total", "£7.50"), None)])
def test_a_list_of_prices_is_of_what_it_offers(bill: Sequence[str], names: list[str] | None) -> None:
    page = [line("Prices today", 0, 0)]
    for at, row in enumerate((("Tea", "£3.00"), ("Milk", "£4.50/l"), bill)):
        page += [line(text, 200 * x, 100 + 60 * at) for x, text in enumerate(row)]
    if names is None:
        page[4] = line("£4.50", 200, 160)
    assert allows(page, ["red stamp"]) is (names is None)
    assert names is None or allows(page, names)


def test_texts_are_all_that_was_read() -> None:
    read = [one.text for row in told_rows(PANELS) for one in row]
    assert allows(PANELS, [], read)
    assert not allows(PANELS, [], read[1:])
    assert not allows(PANELS, [], [*read, "Offers"])
    assert not allows(PANELS, [], [])


def test_every_card_is_a_thing_however_many_there_are() -> None:
    names = [f"Tea {chr(65 + at)}" for at in range(2 * MAX_HEADS)]
    page = [
        line(text, 300 * x, 200 * y + below)
        for y in range(2)
        for x in range(MAX_HEADS)
        for text, below in ((names[MAX_HEADS * y + x], 100), ("£3.00", 126))
    ]
    assert allows(page, names)
    assert not allows(page, names[:MAX_HEADS])


@pytest.mark.parametrize("character", ["\t", "\n", "\x00", "\x1f"])
def test_no_control_character_stands_in_a_string(character: str) -> None:
    pattern = re.compile(whole_grammar(told_rows(PANELS), sight(), "en").text)
    texts = json.dumps([one.text for row in told_rows(PANELS) for one in row], ensure_ascii=False)
    texts = texts.replace('", "', '","')
    for objects, relations in ((f"a{character}b", "ab"), ("ab", f"a{character}b")):
        written = f'{{"objects":["{objects}"],"texts":{texts},"spatial_relations":["{relations}"]}}'
        assert pattern.fullmatch(written) is None
        assert pattern.fullmatch(written.replace(character, "")) is not None


COMPILER = GrammarCompiler([*(bytes([byte]) for byte in range(256)), b""], [256])


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_print_makes_a_form_that_can_be_followed(texts: list[str]) -> None:
    page = [line(text, 0, 40 * at) for at, text in enumerate(texts)]
    state = COMPILER.compile(whole_grammar(told_rows(page), sight(), "zh"))
    shortest = bytes(token for token in state.closing() if token < 256)
    assert list(json.loads(shortest)) == ["objects", "texts", "spatial_relations"]
