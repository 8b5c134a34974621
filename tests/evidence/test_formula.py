"""Typed formulas in LaTeX."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.formula import as_latex
from jianwei.scenes.exercises import exercise
from jianwei.scenes.formulas import plain
from jianwei.scenes.scene import Language, Split


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("=(2×6)/(5×10)", r"=\frac{2\times 6}{5\times 10}"),
        ("3/4+1/2", r"\frac{3}{4}+\frac{1}{2}"),
        ("c=√169", r"c=\sqrt{169}"),
        ("√(9+16)", r"\sqrt{9+16}"),
        ("c²=5²+12²", "c^2=5^2+12^2"),
        ("x+5=112 ÷ 8", r"x+5=112\div 8"),
        ("=64 km/h", "=64 km/h"),
        ("=64千米/时", "=64千米/时"),
        ("质保期为3个月。", "质保期为3个月。"),
    ],
)
def test_lines(typed: str, latex: str) -> None:
    assert as_latex(typed) == latex


@given(st.randoms(use_true_random=False), st.sampled_from(("train", "test")), st.sampled_from(("zh", "en")))
def test_steps_of_drawn_exercises_come_back(rng: Random, split: Split, language: Language) -> None:
    for step in exercise(rng, split, language).steps:
        assert as_latex(plain(step)) == step
