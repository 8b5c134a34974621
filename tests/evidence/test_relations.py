"""What boxes say of where things are, and whether an answer agrees."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.relations import links, relation_of, relations
from jianwei.types import GroundedBox

TAG = GroundedBox("价签", (10, 10, 50, 30), 0, "model")
BOX = GroundedBox("蓝莓盒", (100, 100, 200, 180), 0, "model")
CUP = GroundedBox("cup", (20, 20, 40, 28), 0, "ocr")
FAR = GroundedBox("远处", (0, 0, 9, 9), 1, "model")
BOXES = [TAG, BOX, CUP, FAR]


def told(*sentences: str) -> str:
    return json.dumps({"objects": [], "texts": [], "spatial_relations": list(sentences)})


def test_relations_are_worked_out_from_the_boxes() -> None:
    assert relation_of(TAG.bbox, BOX.bbox) == {"left", "above"}
    assert relation_of(BOX.bbox, TAG.bbox) == {"right", "below"}
    assert "inside" in relation_of(CUP.bbox, TAG.bbox)
    assert "contains" in relation_of(TAG.bbox, CUP.bbox)
    assert relation_of((0, 0, 10, 10), (6, 0, 16, 10)) == {"overlaps", "left"}


@pytest.mark.parametrize(
    ("sentence", "agrees"),
    [
        ("价签位于蓝莓盒左上角2cm处", True),
        ("价签在蓝莓盒的右侧", False),
        ("蓝莓盒在价签下方", True),
        ("cup is inside 价签", True),
        ("价签 is below 蓝莓盒", False),
        ("价签旁边是蓝莓盒", None),
        ("价签在图的左边", None),
        ("价签在远处的左边", None),
    ],
)
def test_a_sentence_agrees_or_contradicts_or_cannot_be_checked(sentence: str, agrees: bool | None) -> None:
    (checked,) = relations(told(sentence), BOXES, "zh")[:1]
    assert checked["text"] == sentence
    assert checked["agrees"] is agrees


def test_the_two_boxes_are_named() -> None:
    (checked,) = relations(told("蓝莓盒在价签下方"), BOXES, "zh")[:1]
    assert checked["boxes"] == [1, 0]
    assert checked["computed"] == ["below", "right"]


@pytest.mark.parametrize("answer", ["", "[]", "{}", "no JSON", '{"spatial_relations": 3}'])
def test_an_answer_without_relations_gives_none(answer: str) -> None:
    assert relations(answer, BOXES, "en") == ()


def test_what_the_boxes_say_of_things_that_no_sentence_names_is_told_apart() -> None:
    found = relations(told("蓝莓盒在价签下方"), BOXES, "zh")
    assert [relation["told"] for relation in found] == [True, False, False]
    assert [relation["text"] for relation in found[1:]] == ["价签包含cup", "蓝莓盒在cup的下方、右边"]
    assert [relation["boxes"] for relation in found[1:]] == [[0, 2], [1, 2]]
    assert all(relation["agrees"] is None for relation in found[1:])
    english = relations(told(), [TAG, BOX], "en")
    assert [relation["text"] for relation in english] == ["价签 is above and left of 蓝莓盒"]
    assert relations(told(), [TAG, FAR], "en") == (), "in different pictures"


def test_entries_of_an_answer_are_linked_to_their_boxes() -> None:
    answer = json.dumps(
        {"objects": ["蓝莓盒", "价 签", "stamp"], "texts": ["CUP", "one cup", 3], "spatial_relations": []}
    )
    assert links(answer, BOXES) == {"objects": [1, 0, None], "texts": [2, None, None]}
    assert links('{"objects": ["蓝莓盒", "蓝莓盒"]}', [BOX, BOX]) == {"objects": [0, 1]}
    assert links('{"total": 3}', BOXES) is None
    assert links("no JSON", BOXES) is None


corner = st.floats(0, 100)
box = st.tuples(corner, corner, st.floats(1, 50), st.floats(1, 50)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(box, box)
def test_relations_are_mirrored_when_the_boxes_are_swapped(a, b) -> None:
    mirrored = {"left": "right", "right": "left", "above": "below", "below": "above", "overlaps": "overlaps"}
    forth, back = relation_of(a, b), relation_of(b, a)
    assert {mirrored[r] for r in forth if r in mirrored} == {r for r in back if r in mirrored}
    assert bool(forth & {"inside", "contains"}) == bool(back & {"inside", "contains"})
