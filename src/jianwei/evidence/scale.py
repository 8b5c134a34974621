"""What tells how long a pixel is, as a person writes it.

scale := "a4" | "dpi:" number | "mm_per_px:" number | "ref:" '"' label '"' "=" number "x" number [ "cm" | "mm" ]
"""

from __future__ import annotations

import math
import re
from typing import NoReturn

from jianwei.errors import InputError, Phrase
from jianwei.types import Scale

_REF = re.compile(r'ref:\s*"([^"]{1,80})"\s*=\s*([0-9.]+)\s*[xX×*]\s*([0-9.]+)\s*(cm|mm)?\s*', re.IGNORECASE)
_LIMITS = {"dpi": (1.0, 100_000.0), "mm_per_px": (1e-5, 10_000.0)}
_SIDE_LIMITS = (0.1, 100_000.0)


def parse_scale(text: str) -> Scale:
    """Read a scale as a form or a command line has it.

    Raises:
        InputError: ``bad_value`` with the reason.
    """
    plain = text.strip()
    if plain.lower() == "a4":
        return Scale("a4")
    kind, colon, rest = plain.partition(":")
    kind = kind.strip().lower()
    if colon and kind in _LIMITS:
        low, high = _LIMITS[kind]
        value = _number(text, rest)
        if not low <= value <= high:
            _bad(
                text,
                Phrase(f"the number has to be {low:g} to {high:g}", f"数值应在 {low:g} 到 {high:g} 之间"),
            )
        return Scale("dpi" if kind == "dpi" else "mm_per_px", value)
    found = _REF.fullmatch(plain)
    if found:
        per_cm = 10 if (found[4] or "cm").lower() == "mm" else 1
        width, height = (_number(text, side) / per_cm for side in (found[2], found[3]))
        low, high = _SIDE_LIMITS
        if not (low <= width <= high and low <= height <= high):
            _bad(
                text,
                Phrase(f"its sides have to be {low:g} to {high:g} cm", f"边长应为 {low:g} 到 {high:g} 厘米"),
            )
        if not found[1].strip():
            _bad(text, Phrase("the reference has no name", "未写出参照物名称"))
        return Scale("ref", label=found[1].strip(), size=(width, height))
    _bad(
        text,
        Phrase(
            'it is a4, dpi:300, mm_per_px:0.2 or ref:"label"=8.6x5.4 cm',
            '格式应为 a4、dpi:300、mm_per_px:0.2 或 ref:"名称"=8.6x5.4 cm',
        ),
    )


def _number(text: str, digits: str) -> float:
    try:
        value = float(digits)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        _bad(text, Phrase(f"“{digits.strip()}” is no length", f"“{digits.strip()}”不是有效的数值"))
    return value


def _bad(text: str, reason: Phrase) -> NoReturn:
    raise InputError("bad_value", name="scale", got=text, reason=reason)
