"""What boxes say of where things are, and whether an answer agrees."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.relations import relation_of, relations
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
    (checked,) = relations(told(sentence), BOXES)
    assert checked["text"] == sentence
    assert checked["agrees"] is agrees


def test_the_two_boxes_are_named() -> None:
    (checked,) = relations(told("蓝莓盒在价签下方"), BOXES)
    assert checked["boxes"] == [1, 0]
    assert checked["computed"] == ["below", "right"]


@pytest.mark.parametrize(
    "answer", ["", "[]", "{}", "no JSON", '{"spatial_relations": 3}', '{"spatial_relations": [1]}']
)
def test_an_answer_without_relations_gives_none(answer: str) -> None:
    assert relations(answer, BOXES) == ()


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
