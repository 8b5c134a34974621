"""What is told of a whole picture for one who lists its things: cards, heads of blocks, blank fields, areas, spots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from jianwei.errors import Language
from jianwei.evidence.areas import Area
from jianwei.evidence.charts import told_charts
from jianwei.evidence.json_patterns import CHARACTER, in_json
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import is_blank, pairs
from jianwei.evidence.seen import tell_counts, tell_spots, with_fields
from jianwei.evidence.sight import Sight
from jianwei.evidence.sums import is_article, sum_row
from jianwei.evidence.telling import tell_rows
from jianwei.evidence.values import amount_of, price_of, sign_of
from jianwei.types import Grammar

MAX_HEADS = 8
"""Heads of blocks, and blank fields, told of a whole page."""
MAX_AREAS = 8
"""Areas that are told one by one; more of them, as in a chart, are counted."""

_FEW = 8
"""Lines from which on a picture is a page, on which what is dark is rather writing."""
_APART = 1.5
"""How much larger than usual the gap between two blocks is at least."""
_LARGE = 1.15
"""How much higher than half of all lines one is written that is a title."""
_ALONE = 2.5
"""Heights of a title above which nothing stands over it."""
_LONG = 1.3
"""How much longer than half of all lines a title is."""
_TITLES = 2
"""Lines of a list of prices at most that offer nothing; more of them has a bill."""
_PLAIN = r'[^"\\\x00-\x1f“”]'
_LONGEST = 48
"""Characters of the name of a thing."""
_STRING = f'"{CHARACTER}*"'
_PAIR = re.compile(r"[:：]\s*\S")
_FIGURE = re.compile(r"\d")
_WORD = re.compile(r"[A-Za-z]{2}|[\u2e80-\uffef]")


def tell_whole(rows: Sequence[Sequence[OcrLine]], sight: Sight, language: Language) -> str:
    """The things that it is of, else what heads its blocks; blank fields; what stands out: each kind on a line."""
    lines = [line for row in rows for line in row]
    names = things_told(rows, sight, language) or _headings(lines)
    told = tell_rows([names[:MAX_HEADS]] if names else []).text
    blank = [with_fields(pair, sight, language) for row in rows for pair in pairs(row) if is_blank(pair)]
    told += tell_rows(blank[:MAX_HEADS]).text
    told += _tell_areas(sight.areas(), language)
    return told + tell_spots(sight.spots(), language) if len(lines) < _FEW else told


def things_told(rows: Sequence[Sequence[OcrLine]], sight: Sight, language: Language) -> list[OcrLine]:
    """What a picture is of where its print names it: what has a price by its name, charts by kind and title."""
    lines = [line for row in rows for line in row]
    cards = [row for row in rows if _is_card(row)]
    if 2 * sum(map(len, cards)) > len(lines):
        return [next((line for line in card if not _FIGURE.search(line.text)), card[0]) for card in cards]
    offers = [row for row in rows if _is_offer(row)]
    if len(offers) > 1 and len(lines) <= sum(map(len, offers)) + _TITLES and sum_row(rows) is None:
        return [name for name, _ in offers]
    if any(amount_of(line.text) is not None and sign_of(line.text) for line in lines):
        return []
    return told_charts(_headings(lines), lines, sight.areas(), language)


def whole_grammar(rows: Sequence[Sequence[OcrLine]], sight: Sight, language: Language) -> Grammar:
    """The form of a whole picture as JSON (``JSON_ANSWER``) in which what print gives is copied.

    ``texts`` are all that was read, in their order. Cards and charts are what a picture is of, and all its ``objects``.
    Of other pages these may be any, but what is named by a title (``"Basket" panel``) has that of a told head, each
    once at most and in their order.
    """
    if things := things_told(rows, sight, language):
        objects = _all(things)
    else:
        heads = _headings([line for row in rows for line in row])[:MAX_HEADS]
        objects = _in_order([_titled(in_json(head.text)) for head in heads])
    texts = _all([line for row in rows for line in row])
    said = f"(?:{_STRING}(?:,{_STRING})*)?"
    return Grammar(
        "regex", rf'\{{"objects":\[{objects}\],"texts":\[{texts}\],"spatial_relations":\[{said}\]\}}'
    )


def _all(lines: Sequence[OcrLine]) -> str:
    """The texts of all lines, as strings of a list."""
    return ",".join(f'"{in_json(line.text)}"' for line in lines)


def _titled(name: str) -> str:
    """A thing that is named by its title between quotation marks."""
    return rf'"{_PLAIN}{{0,14}}(?:“{name}”|\\"{name}\\"){_PLAIN}{{0,14}}"'


def _in_order(titled: Sequence[str]) -> str:
    """Some of the titled things in their order, and others without a title before, between and behind them."""
    other = f'"{_PLAIN}{{1,{_LONGEST}}}"'
    others = f"(?:,{other})*"
    rests = [""]  # what may follow: from the first title on, from the second on, ..., nothing
    for one in reversed(titled):
        rests.insert(0, f"(?:,{one}{others})?{rests[0]}")
    firsts = [other + others + rests[0]]
    firsts += [one + others + rest for one, rest in zip(titled, rests[1:], strict=True)]
    return f"(?:{'|'.join(firsts)})?"


def first_of_block(named: OcrLine, lines: Sequence[OcrLine]) -> OcrLine | None:
    """The first of the lines that begin where the named one does, without a gap between them and it."""
    column = [line for line in lines if abs(line.box[0] - named.box[0]) < named.height]
    column.sort(key=lambda line: line.box[1])
    gaps = [below.box[1] - above.box[3] for above, below in pairwise(column)]
    if not gaps:
        return None
    # Within a block lines are about evenly far apart; a third of all gaps are no larger than that.
    usual = max(sorted(gaps)[len(gaps) // 3], 0.3 * named.height)
    at = next(i for i, line in enumerate(column) if line is named)
    first = at
    while first and gaps[first - 1] < _APART * usual:
        first -= 1
    return column[first] if first < at else None


def _headings(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """What heads blocks of a page and is neither a value nor a sign."""
    return [line for line in _heads(lines) if _WORD.search(line.text) and not _is_value(line.text)]


def _heads(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """What stands first in a block, what is written large, and what is long and has nothing above it."""
    if not lines:
        return []
    firsts = {id(first) for line in lines if (first := first_of_block(line, lines))}
    large = _LARGE * median(line.height for line in lines)
    long = _LONG * median(_width(line) for line in lines)

    def is_title(line: OcrLine) -> bool:
        return _width(line) > long and not any(_right_above(other, line) for other in lines)

    return [
        line
        for line in lines
        if line.height > large or is_title(line) or (id(line) in firsts and not _PAIR.search(line.text))
    ]


def _width(line: OcrLine) -> float:
    return line.box[2] - line.box[0]


def _right_above(upper: OcrLine, line: OcrLine) -> bool:
    gap = line.box[1] - upper.box[3]
    beside = upper.box[2] < line.box[0] or line.box[2] < upper.box[0]
    return not beside and upper is not line and -0.5 * line.height < gap < _ALONE * line.height


def _is_card(row: Sequence[OcrLine]) -> bool:
    """Whether it is told as one of several cards: its lines stand below each other, the first of them its name."""
    if len(row) < 2 or _is_value(row[0].text):
        return False
    one, other = row[0].box, row[1].box
    apart = abs(one[1] + one[3] - other[1] - other[3]) / 2
    return apart > 0.5 * row[0].height and other[0] < one[2] and one[0] < other[2]


def _is_offer(row: Sequence[OcrLine]) -> bool:
    """Whether it is a name and its price, as ``Milk`` and ``£1.20/bottle``."""
    return (
        len(row) == 2
        and not _is_value(row[0].text)
        and price_of(row[1].text) is not None
        and bool(sign_of(row[1].text))
    )


def _is_value(text: str) -> bool:
    """Whether it is an amount, an article with its number, or a share."""
    return amount_of(text) is not None or is_article(text) or text.rstrip().endswith("%")


def _tell_areas(areas: Sequence[Area], language: Language) -> str:
    """Each of them from the top, as often as it is there; of many, how many there are of each colour and form."""
    if len(areas) > MAX_AREAS:
        return tell_counts(areas, language)
    names = [area.name(language) for area in sorted(areas, key=lambda area: area.box[1])]
    return "\t".join(names) + "\n" if names else ""
