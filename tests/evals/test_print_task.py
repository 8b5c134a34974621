"""Large print without OCR: what is drawn is large and clear, and the error rate counts every answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from jianwei.evals.print_task import pictures, rows, run
from jianwei.types import Image


@dataclass
class Reader:
    """Says the true text of every picture, or always the same."""

    always: str | None = None
    known: dict[str, str] = field(default_factory=dict[str, str])
    name: str = "reader"
    knows_forms: bool = True

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        return self.known[image.digest] if self.always is None else self.always

    def memory(self) -> int | None:
        return None


def test_the_same_pictures_come_again_and_their_print_is_large() -> None:
    first = [(subject.image, question.answer) for subject, question in pictures(6)]
    again = [(subject.image, question.answer) for subject, question in pictures(6)]
    assert [(image.digest, text) for image, text in first] == [(image.digest, text) for image, text in again]
    for image, text in first:
        assert text.strip()
        ground = np.median(image.pixels.reshape(-1, 3), axis=0)
        ink = np.abs(image.pixels.astype(float) - ground).sum(-1) > 150
        high = np.flatnonzero(ink.any(1))
        wide = np.flatnonzero(ink.any(0))
        assert high[-1] - high[0] > image.height / 5, "letters fill a good part of the picture"
        assert 0 < wide[0] < wide[-1] < image.width - 1, "nothing is cut off"


def test_true_answers_have_no_errors_and_foreign_ones_are_all_wrong() -> None:
    known = {subject.image.digest: question.answer for subject, question in pictures(8)}
    assert [row.value for row in rows(run(Reader(known=known), 8))] == [0.0, 0.0, 0.0]
    whole, chinese, english = rows(run(Reader(always="@@"), 8))
    assert (whole.value, whole.n, chinese.n, english.n) == pytest.approx((1.0, 8, 4, 4))
