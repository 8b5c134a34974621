"""The row of a bill that is the sum of those before it, found by adding them up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut
from jianwei.evidence.values import amount_of, sign_of

ARTICLE = re.compile(r"\S\s*[×x*]\s?\d+$")
"""An article that ends in a number of pieces, from the last character of its name on."""

_BEHIND = re.compile(
    r"(?<![×*@])(?<!\dx)(?<!\d x)(?<!over)(?<!above)(?<!from)(?<!least)(?<!than)(?<!满)(?:[\s)）]|(?<=[\u4e00-\u9fff]))"
    r"([-−]?[¥￥$€£]\s?\d[\d,.]*)$",
    re.IGNORECASE,
)
"""An amount right behind its label, as OCR joins them; none of a condition (``free over £35``) or of each piece."""


def sum_row(rows: Sequence[Sequence[OcrLine]]) -> Sequence[OcrLine] | None:
    """The last row whose amount is the sum of the amounts in the two or more rows before it; None where none is.

    What a sum is made of is not added to it once more: before taxes stands their base, which is a sum of articles.
    """
    found: Sequence[OcrLine] | None = None
    since: list[Decimal] = []  # amounts from the last sum on
    for row in rows:
        amount = _amount(row[-1].text.strip()) if row else None
        if amount is None:
            continue
        article = any(is_article(line.text) for line in row)
        if amount > 0 and not article and _adds_up(since, amount):
            found, since = row, []
        since.append(amount)
    return found


def larger_below(row: Sequence[OcrLine], rows: Sequence[Sequence[OcrLine]]) -> Sequence[OcrLine] | None:
    """The last row below one with an amount that has a larger one: the total below the sum before taxes."""
    least = _amount(row[-1].text.strip()) or 0
    below = rows[next(at for at, other in enumerate(rows) if other is row) + 1 :]
    found = [
        other for other in below if other and (amount := _amount(other[-1].text.strip())) and amount > least
    ]
    return found[-1] if found else None


def is_article(text: str) -> bool:
    """Whether a line ends in a number of pieces: ``Green Tea ×2``."""
    return ARTICLE.search(text.strip()) is not None


def parted(row: Sequence[OcrLine]) -> Sequence[OcrLine]:
    """A row of a label and the amount that OCR joined to it as these two; any other as it is."""
    line = row[0]
    behind = _BEHIND.search(line.text)
    if len(row) > 1 or behind is None or not line.text[: behind.start(1)].strip():
        return row
    return [cut(line, 0, behind.start(1)), cut(line, behind.start(1))]


def _adds_up(amounts: Sequence[Decimal], total: Decimal) -> bool:
    """Whether the last two or more of the amounts make the total."""
    return any(sum(amounts[start:]) == total for start in range(len(amounts) - 1))


def priced(rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """Every label with the amount right behind it, of which a row may have several side by side."""
    found: list[Sequence[OcrLine]] = []
    for row in filter(None, rows):
        for line, behind in zip(row, [*row[1:], None], strict=True):
            amount = _amount(line.text.strip())
            if amount is not None and amount_of(line.text.strip()) is None:
                found.append([line])
            elif amount is None and behind is not None and _amount(behind.text.strip()) is not None:
                found.append([line, behind])
    return found


def _amount(text: str) -> Decimal | None:
    """The amount that a line is, or ends in behind a label; None for bare numbers, which may be anything."""
    behind = _BEHIND.search(text)
    said = behind[1] if behind else re.split("[:：]", text)[-1].strip()
    found = amount_of(said)
    return found if found == 0 or sign_of(said) else None
