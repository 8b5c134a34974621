"""Invoices, receipts and contracts: sums add up, blank fields are blank, stamps are there when they are said to be."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import documents, fonts, records
from jianwei.scenes.scene import A4_CM, Language, Scene, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


def cents(text: str) -> int:
    """A printed amount in cents."""
    return round(100 * float(text.lstrip("¥$£€").replace(",", "")))


@pytest.mark.parametrize(("split", "language"), CASES)
def test_sums_add_up(split: Split, language: Language) -> None:
    kinds: set[str] = set()
    for seed in range(120):
        said = records.record(Random(seed), split, language)
        kinds.add(said.kind)
        assert len(said.signers) == {"contract": 2, "invoice": 1}.get(said.kind, len(said.signers))
        total = cents(said.sums["total"][1])
        if said.kind == "contract":
            assert any(said.sums["total"][1] in clause for clause in said.clauses)
            continue
        goods = sum(line.count * line.cents for line in said.lines)
        assert total == goods + (cents(said.sums["tax"][1]) if "tax" in said.sums else 0)
        if "subtotal" in said.sums:
            assert cents(said.sums["subtotal"][1]) == goods
    assert kinds == {"invoice", "receipt", "contract"}


@pytest.mark.parametrize(("split", "language"), CASES)
def test_answers_follow_from_what_is_printed(split: Split, language: Language) -> None:
    kinds: set[str] = set()
    for seed in range(30):
        scene = documents.draw(Random(seed), split, language, 400)
        said = records.record(Random(seed), split, language)
        texts = [text.text for text in scene.texts]
        things = [item.kind for item in scene.objects]
        assert things.count("signature") == sum(signer.signed for signer in said.signers)
        assert things.count("signature_field") == len(said.signers)
        assert ("stamp" in things) == bool(said.stamp)
        for question in scene.questions:
            kinds.add(question.kind)
            assert score(question, question.answer).right
            if question.match == "text":
                assert any((question.value or question.answer) in text for text in texts)
            if question.kind == "signature":
                signer = next(signer for signer in said.signers if signer.label in question.text)
                assert (question.answer in ("已签字。", "It is signed.")) == signer.signed
            elif question.kind == "sign_date":
                signer = next(signer for signer in said.signers if signer.label in question.text)
                assert (question.answer in ("已填写。", "It is filled in.")) == (signer.date in texts)
            elif question.kind == "stamp":
                assert (question.answer in ("有。", "Yes.")) == ("stamp" in things)
            elif question.kind == "absent":
                there = [
                    word for word in documents._STRANGERS[language] if word.lower() in question.text.lower()
                ]
                assert not any(word in text for word in there for text in texts)
    assert {
        "total",
        "date",
        "seller",
        "amount",
        "signature",
        "sign_date",
        "stamp",
        "clause",
        "diameter",
    } <= kinds


def ink_share(scene: Scene, box: tuple[float, float, float, float]) -> float:
    """How much of the middle of a box is darker than its paper."""
    left, top, right, bottom = box
    pad_x, pad_y = 0.08 * (right - left), 0.1 * (bottom - top)
    patch = scene.image.pixels[
        round(top + pad_y) : round(bottom - 4 * pad_y), round(left + pad_x) : round(right - pad_x)
    ]
    grey = patch.mean(axis=2)
    return float((grey < np.median(grey) - 50).mean())


@pytest.mark.parametrize(("split", "language"), CASES)
def test_a_blank_field_holds_no_ink_and_a_signed_one_does(split: Split, language: Language) -> None:
    blank: list[float] = []
    signed: list[float] = []
    for seed in range(40):
        scene = documents.draw(Random(seed), split, language, 700)
        said = records.record(Random(seed), split, language)
        fields = [item for item in scene.objects if item.kind == "signature_field"]
        stamps = [item.box for item in scene.objects if item.kind == "stamp"]
        for field, signer in zip(fields, said.signers, strict=True):
            if any(box[1] < field.box[3] for box in stamps):
                continue
            (signed if signer.signed else blank).append(ink_share(scene, field.box))
    assert len(blank) > 3
    assert len(signed) > 3
    assert np.median(blank) < 0.005
    assert np.quantile(signed, 0.1) > np.quantile(blank, 0.9)


def test_the_scale_of_an_a4_sheet_gives_its_length_in_cm() -> None:
    scales = 0
    for seed in range(20):
        scene = documents.draw(Random(seed), "train", LANGUAGES[0], 800)
        if scene.scale is None:
            continue
        scales += 1
        top_left, top_right, _, bottom_left = scene.scale.corners
        assert math.dist(top_left, top_right) * scene.scale.cm_per_pixel == pytest.approx(A4_CM[0], rel=0.1)
        assert math.dist(top_left, bottom_left) * scene.scale.cm_per_pixel == pytest.approx(A4_CM[1], rel=0.1)
        for question in scene.questions:
            if question.kind == "diameter":
                stamp = next(item.box for item in scene.objects if item.kind == "stamp")
                seen = (stamp[2] - stamp[0] + stamp[3] - stamp[1]) / 2 * scene.scale.cm_per_pixel
                assert seen == pytest.approx(float(question.answer), rel=0.15)
    assert scales > 5
