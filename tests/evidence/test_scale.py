"""How a scale is written, and what is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.errors import InputError
from jianwei.evidence.scale import parse_scale
from jianwei.types import Scale


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("a4", Scale("a4")),
        (" A4 ", Scale("a4")),
        ("dpi:300", Scale("dpi", 300.0)),
        ("mm_per_px:0.2", Scale("mm_per_px", 0.2)),
        ('ref:"bank card"=8.56x5.4 cm', Scale("ref", label="bank card", size=(8.56, 5.4))),
        ('ref:"银行卡"=85.6×54mm', Scale("ref", label="银行卡", size=(8.56, 5.4))),
        ('ref:"box"=20x10', Scale("ref", label="box", size=(20.0, 10.0))),
    ],
)
def test_scales_are_read(text: str, scale: Scale) -> None:
    found = parse_scale(text)
    assert (found.kind, found.label) == (scale.kind, scale.label)
    assert (found.value, *found.size) == pytest.approx((scale.value, *scale.size))


@pytest.mark.parametrize(
    "text",
    ["", "a5", "dpi", "dpi:", "dpi:0", "dpi:-3", "dpi:nan", "dpi:inf", "dpi:1e9", "mm_per_px:x", "ref:card=8x5",
     'ref:""=8x5', 'ref:" "=8x5', 'ref:"card"=8', 'ref:"card"=0x5', 'ref:"card"=8x5 m', 'ref:"c"=8..1x5'],
)  # fmt: skip
def test_what_is_no_scale_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_scale(text)
    assert refused.value.code == "bad_value"
    for language in ("zh", "en"):
        assert "scale" in refused.value.text(language)
        assert refused.value.fix(language)


@given(st.text(max_size=60))
def test_wild_text_gives_a_scale_or_our_error(text: str) -> None:
    with contextlib.suppress(InputError):
        found = parse_scale(text)
        assert found.kind in ("a4", "dpi", "mm_per_px", "ref")
