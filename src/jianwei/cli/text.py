"""The two languages of the command line, English and Chinese.

``tr`` chooses at the moment it is called, so help texts are written as calls inside annotations, which typer
evaluates only when a command is built (``from __future__ import annotations``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

from rich.cells import cell_len

from jianwei.errors import Language

_language: ContextVar[Language] = ContextVar("language", default="en")

NOT_AT_LINE_START = "，。；：！？、）》」』”’…,.;:!?)]}%"
"""Punctuation that stays with the character before it when Chinese text is broken into lines."""


def use_language(language: Language) -> None:
    """Speak this language from now on."""
    _language.set(language)


def language() -> Language:
    """The language spoken now."""
    return _language.get()


def tr(en: str, zh: str) -> str:
    """The text in the language spoken now."""
    return zh if _language.get() == "zh" else en


def wrap(text: str, width: int) -> list[str]:
    """Break a paragraph into lines of at most ``width`` terminal cells.

    English breaks between words; Chinese, whose characters take two cells, between any two characters.
    """
    lines = [""]
    for piece in _pieces(" ".join(text.split())):
        if cell_len(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def columns(rows: Sequence[Sequence[str]], gap: int = 2) -> list[str]:
    """Lines with the cells of ``rows`` aligned by their width on a terminal."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "".join(
            cell + " " * (width - cell_len(cell) + gap) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def size_text(n_bytes: int) -> str:
    """``n_bytes`` for people; MB and GB are 2**20 and 2**30 bytes, as everywhere in Jianwei."""
    return f"{n_bytes / 2**30:.2f} GB" if n_bytes >= 2**30 else f"{n_bytes / 2**20:.0f} MB"


def _pieces(text: str) -> list[str]:
    """``text`` in the smallest parts that a line may end after."""
    pieces: list[str] = []
    for character in text:
        wide = cell_len(character) == 2
        after_break = not pieces or pieces[-1].endswith(" ") or cell_len(pieces[-1][-1]) == 2
        if pieces and (character in NOT_AT_LINE_START or character == " " or not (wide or after_break)):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
