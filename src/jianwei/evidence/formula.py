r"""Formulas as they are typed, in LaTeX: ``=(2×6)/(5×10)`` is ``=\frac{2\times 6}{5\times 10}``."""

from __future__ import annotations

import re

POWERS = str.maketrans({"²": "^2", "³": "^3"})
"""Raised digits as they are typed, for ``str.translate``."""

_PART = r"\([^()]*\)|[0-9A-Za-z.]+"
_FRACTION = re.compile(rf"(?P<above>{_PART})\s?/\s?(?P<below>{_PART})")
_ROOT = re.compile(r"√\s?(?P<of>\([^()]*\)|[0-9A-Za-z.]+)")
_SIGNS = re.compile(r"\s?([×÷])\s?")
_COMMANDS = {"×": r"\times ", "÷": r"\div "}


def as_latex(text: str) -> str:
    """A typed line in LaTeX: fractions of numbers, roots, powers, ``×`` and ``÷``; all else as it is.

    What has no digit on either side of a stroke is no fraction: ``km/h``.
    """
    said = _ROOT.sub(lambda root: rf"\sqrt{{{_bare(root['of'])}}}", text.translate(POWERS))
    said = _FRACTION.sub(_fraction, said)
    return _SIGNS.sub(lambda sign: _COMMANDS[sign[1]], said)


def _fraction(found: re.Match[str]) -> str:
    above, below = found["above"], found["below"]
    if not (re.search(r"\d", above) and re.search(r"\d", below)):
        return found[0]
    return rf"\frac{{{_bare(above)}}}{{{_bare(below)}}}"


def _bare(part: str) -> str:
    return part[1:-1] if part.startswith("(") else part
