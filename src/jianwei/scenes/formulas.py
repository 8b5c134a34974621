"""Simple formulas: in a small part of LaTeX, in plain text, and as pieces to be written one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

PieceKind = Literal["text", "raised", "root", "fraction"]

_PIECE = re.compile(
    r"\\frac\{([^{}]*)\}\{([^{}]*)\}|\^(?:\{([^{}]*)\}|(\S))|\\sqrt\{([^{}]*)\}|([^\\^]+)|(\\[a-z]+)"
)
_SIGNS = {r"\times": "×", r"\div": "÷"}


@dataclass(frozen=True)
class Piece:
    """A part of a written line: a run of text, an exponent, a root, or a fraction with ``below`` its bar."""

    kind: PieceKind
    text: str
    below: str = ""


def pieces(latex: str) -> list[Piece]:
    r"""The parts of a line in which ``\frac``, ``\sqrt``, ``^``, ``\times`` and ``\div`` may stand, not nested."""
    found: list[Piece] = []
    for match in _PIECE.finditer(_signs(latex)):
        top, below, long, short, root, text, command = match.groups()
        if top is not None:
            found.append(Piece("fraction", top, below))
        elif long or short:
            found.append(Piece("raised", long or short))
        elif root is not None:
            found.append(Piece("root", root))
        else:
            found.append(Piece("text", text or command))
    return found


def plain(latex: str) -> str:
    r"""The line as it is typed without LaTeX.

    ``\frac{3}{4}`` is 3/4, ``\frac{1+2}{4}`` is (1+2)/4, ``x^2`` stays, ``\sqrt{9}`` is √9.
    """
    said = ""
    for piece in pieces(latex):
        if piece.kind == "fraction":
            said += "/".join(part if part.isalnum() else f"({part})" for part in (piece.text, piece.below))
        elif piece.kind == "raised":
            said += f"^{piece.text}"
        elif piece.kind == "root":
            said += f"√{piece.text}" if piece.text.isalnum() else f"√({piece.text})"
        else:
            said += piece.text
    return said


def ways_to_write(latex: str) -> tuple[str, ...]:
    """Every form in which the formula is a right answer: LaTeX bare and between dollars, plain, with raised digits."""
    typed = plain(latex)
    raised = typed.replace("^2", "²").replace("^3", "³")
    bare = _signs(latex)
    found = (latex, f"${latex}$", bare, f"${bare}$", typed, f"${typed}$", raised)
    return tuple(dict.fromkeys(found))


def _signs(latex: str) -> str:
    for command, sign in _SIGNS.items():
        latex = re.sub(rf" ?{re.escape(command)} ?", sign, latex)
    return latex
