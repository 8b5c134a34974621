"""Screens of shop apps: figures add up, thresholds decide about fees, panels hold what they are said to hold."""

from __future__ import annotations

import re
from random import Random

import pytest

from jianwei.evals.scoring import score
from jianwei.scenes import fonts, orders, screens
from jianwei.scenes.scene import Language, Split

LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]
CASES: list[tuple[Split, Language]] = [
    (split, language) for split in ("train", "test") for language in LANGUAGES
]


def cents(text: str) -> int:
    """A printed amount in cents."""
    found = re.search(r"(-?)\D*(\d+)\.(\d\d)", text)
    if found is None:
        assert text in ("免费", "Free")
        return 0
    return (-1 if found[1] else 1) * (100 * int(found[2]) + int(found[3]))


@pytest.mark.parametrize(("split", "language"), CASES)
def test_fees_add_up_and_the_threshold_decides_about_shipping(split: Split, language: Language) -> None:
    seen: set[bool] = set()
    for seed in range(120):
        shown = orders.order(Random(seed), split, language)
        fees = dict(next(panel for panel in shown.panels if panel.key == "fees").rows)
        parts = [cents(value) for label, value in fees.items() if label != shown.labels["total"]]
        assert sum(parts) == shown.total == cents(fees[shown.labels["total"]])
        assert cents(fees[shown.labels["subtotal"]]) == shown.subtotal
        if shown.free_from is not None:
            assert (shown.shipping == 0) == (shown.subtotal >= 100 * shown.free_from)
            notes = " ".join(note for panel in shown.panels for note in panel.notes)
            assert str(shown.free_from) in notes
            seen.add(shown.shipping == 0)
        if shown.labels["discount"] in fees:
            assert shown.subtotal >= 100 * shown.coupon_from > 0
    assert seen == {True, False}


@pytest.mark.parametrize(("split", "language"), CASES)
def test_answers_follow_from_what_is_shown(split: Split, language: Language) -> None:
    kinds: set[str] = set()
    for seed in range(25):
        scene = screens.draw(Random(seed), split, language, 400)
        texts = [text.text for text in scene.texts]
        questions = {question.kind: question for question in scene.questions}
        kinds |= set(questions)
        for question in scene.questions:
            assert score(question, question.answer).right
            if question.kind in ("fee", "to_pay", "small_print", "price", "button"):
                assert (question.value or question.answer) in texts
            elif question.kind == "field":
                assert question.value in texts
            elif question.kind == "panel":
                label = next(
                    text
                    for text in scene.texts
                    if f"{text.text}”" in question.text or f'{text.text}"' in question.text
                )
                panels = [item.box for item in scene.objects if item.kind == "panel"]
                # The whole screen may bear the same name; its panel is the one with that title inside.
                panel = next(
                    box
                    for box in panels
                    for text in scene.texts
                    if text.text == question.answer
                    and box[0] < text.box[0] < box[2]
                    and box[1] < text.box[1] < box[3]
                )
                assert panel[1] < label.box[1] < panel[3]
        # What is missing for free shipping is the threshold less what the goods come to.
        if "threshold" in questions and "remaining" in questions:
            shown = screens._Screen(Random(seed), split, language, 400).order
            wanted = max(0, 100 * int(questions["threshold"].answer) - shown.subtotal)
            assert round(100 * float(questions["remaining"].answer)) == wanted
            goods = next(panel for panel in shown.panels if panel.key == "goods")
            assert sum(cents(value) for _, value in goods.rows) == shown.subtotal
        printed = " ".join(texts)
        for question in scene.questions:
            if question.kind == "absent":
                assert not any(
                    word in printed and word in question.text for word in screens._STRANGERS[language]
                )
    assert {
        "fee",
        "threshold",
        "remaining",
        "free",
        "panel",
        "small_print",
        "field",
        "absent",
        "relation",
    } <= kinds


@pytest.mark.parametrize(("split", "language"), CASES)
def test_panels_and_button_do_not_overlap(split: Split, language: Language) -> None:
    for seed in range(25):
        boxes = [item.box for item in screens.draw(Random(seed), split, language, 300).objects]
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (seed, one, other)
