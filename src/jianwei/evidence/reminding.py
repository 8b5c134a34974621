"""What a small model is told right before a question: rows that it names, how two texts lie, colours, or spots.

Evidence is a page long, and what a question is about stands somewhere in it. What people name in their words ("what
does the milk cost") is found by comparing texts, which needs no model, and then stands where it is easily copied. So
do colours and the places of what stands out by its colour, where the question asks for such things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from jianwei.errors import Language
from jianwei.evidence.alike import misread
from jianwei.evidence.answer_types import (
    asks_for_cost,
    asks_for_terms,
    condition_rows,
    fee_rows,
    is_entry,
    is_general,
    party_rows,
    tax_rows,
    total_row,
    typed_rows,
)
from jianwei.evidence.bare import is_bare
from jianwei.evidence.intent import (
    asks_and_what,
    asks_for_all,
    asks_for_button,
    asks_for_count,
    asks_for_damage,
    asks_for_extreme,
    asks_for_heading,
    asks_for_looks,
    asks_for_place,
    asks_for_quantity,
    asks_for_scale,
    asks_for_side,
    asks_for_sorts,
    asks_for_stamp,
    asks_whether,
    quoted,
)
from jianwei.evidence.numbering import asks_for_result, names_step, numbered_rows
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import is_blank, is_labelled, pairs
from jianwei.evidence.plain import spaced
from jianwei.evidence.ranking import extremes
from jianwei.evidence.scales import told_scale
from jianwei.evidence.seen import buttons, tell_colours, tell_counts, tell_spots, tell_things, with_fields
from jianwei.evidence.sides import told_sides
from jianwei.evidence.sight import Sight
from jianwei.evidence.sums import is_article, parted
from jianwei.evidence.telling import Telling, tell_rows
from jianwei.evidence.trimming import is_asked_for, trimmed, without_number
from jianwei.evidence.values import amount_of, sign_of
from jianwei.evidence.whole import first_of_block, tell_whole

MAX_ROWS = 3
"""Rows told once more: those with the longest names in the question."""

_LEAST, _LEAST_LATIN = 2, 3
"""Characters of a name; shorter ones are everywhere."""

_HANZI = re.compile(r"[\u2e80-\uffef]")
_PART = re.compile(
    r"(.+?)\s*(?:[:：#]|[×x*] ?\d+$|\d[\d.,]* ?%$|-\s+(?=\S)|\s+(?=[^\s:：]*\d\S*$)|(?<=[\u4e00-\u9fff])(?=[¥￥]?\d))"
)
"""A label before its colon or its figures, an article before its number, or a name before its share."""
_PAIR = 2
"""Pieces of a name and its value."""

Rows = Sequence[Sequence[OcrLine]]


def reminder(question: str, rows: Rows, language: Language, sight: Sight | None = None) -> Telling:
    """What is told before the question, each on a line of its own; empty where nothing that it names was found.

    Args:
        question: in ``language``.
        rows: that are told of the picture, as ``Telling.rows`` has them.
        language: for words about sides and colours.
        sight: of the picture, where there is one.
    """
    rows = [[line for pair in pairs(row) for line in pair] for row in rows]
    if asks_for_place(question):
        return Telling("" if sight is None or quoted(question) else tell_things(question, sight, language))
    if sight is not None and asks_for_all(question):
        return Telling(tell_whole(rows, sight, language))
    names = _named(question, rows)
    if sight is not None and asks_for_looks(question) and not asks_for_count(question):
        return Telling(tell_colours(_named_lines(names, rows), sight.areas(), language))
    if (
        sight is not None
        and asks_for_button(question)
        and (pressed := buttons([line for row in rows for line in row], sight.areas()))
    ):
        return tell_rows([[line] for line in pressed])
    if sides := _sides(question, rows, sight, language):
        return Telling(f"{sides}\n")
    if articles := _articles(question, rows, language):
        return Telling(articles)
    if numbered := numbered_rows(question, rows):
        whole = len(numbered[0]) == 1 and (names_step(question) or asks_for_result(question))
        return replace(_answering(numbered, question), surely=True) if whole else tell_rows(numbered)
    if fees := fee_rows(question, rows):
        return tell_rows(fees)
    general = all(map(is_general, names))
    if general and (total := total_row(question, rows)):
        return _answering([_as_total(parted(total), language)], question)
    if general and (taxes := tax_rows(question, rows)):
        return _answering([parted(row) for row in taxes], question)
    if (
        sight is not None
        and any(asks_for_extreme(question))
        and (ranked := _ranked(question, rows, _named_lines(names, rows), sight, language))
    ):
        return Telling(ranked)
    lines = [line for row in rows for line in row]
    named = _named_lines(names, rows)
    if scale := told_scale(question, lines, named, language):
        return _answering([[scale]], question)
    if general and (parties := party_rows(question, rows)):
        return _answering(parties, question)
    told = [
        *(_headings(named, lines) if asks_for_heading(question) else []),
        *(trimmed(question, row, named, language) for row in _named_rows(names, rows)),
    ]
    if not told and sight is not None and asks_for_damage(question):
        return Telling(tell_spots(sight.spots(), language, question))
    if not told and sight is not None and (asks_for_count(question) or asks_for_stamp(question)):
        return Telling(tell_counts(sight.areas(), language, question))
    conditions = condition_rows(question, rows)
    if conditions and asks_for_terms(question):
        return replace(tell_rows(conditions), answers=_is_plain(question))
    told += [row for row in conditions if row not in told]
    if general and not conditions:
        told += [row for row in typed_rows(question, rows) if row not in told]
    if sight is not None:
        told = [with_fields(row, sight, language) for row in told]
    if not general:
        return _named_telling(question, names, told)
    single = len(told) == 1 and not quoted(question) and is_entry(question, told[0])
    return _answering(told, question) if single else tell_rows(told)


def _named_telling(question: str, names: set[str], told: Rows) -> Telling:
    """Rows that a question names; they answer it where it asks for nothing else, or for the kind of thing they hold."""
    bare = is_bare(question, names)
    if asks_for_cost(question) and not any(re.search(r"\d", line.text) for row in told for line in row):
        bare = False  # 快递 has a name, and what it costs stands elsewhere
    if bare and [len(row) for row in told] == [1, 1]:
        (label,), (value,) = told
        if spaced(label.text) in names and spaced(value.text) not in names:
            told = [[label, value]]  # one above the other
    if bare or asks_and_what(question) or (len(told) == 1 and is_asked_for(question, told[0])):
        return replace(_answering(told, question), surely=bare)
    return tell_rows(told)


def _sides(question: str, rows: Rows, sight: Sight | None, language: Language) -> str:
    """How two texts lie, or two things that are named by their colour and form."""
    if not asks_for_side(question):
        return ""
    sides = told_sides(question, [line for row in rows for line in row], language)
    if sides or sight is None:
        return sides
    things = [
        OcrLine(area.name(language), ((a, b), (c, b), (c, d), (a, d)), 1.0)
        for area in sight.areas()
        for a, b, c, d in [area.box]
    ]
    return told_sides(question, things, language)


def _answering(rows: Rows, question: str) -> Telling:
    """Rows that were found for what the question asks; a single one answers it, unless it asks whether or how many."""
    return replace(tell_rows(rows), answers=len(rows) == 1 and _is_plain(question))


def _is_plain(question: str) -> bool:
    """Whether it asks for what stands somewhere: not whether it does, nor how many there are."""
    counted = asks_for_count(question) or (asks_for_quantity(question) and not asks_for_scale(question))
    return not counted and not asks_whether(question)


def _as_total(row: Sequence[OcrLine], language: Language) -> Sequence[OcrLine]:
    """The row of a total; of an amount without a label beside it with one."""
    if len(row) > 1 or amount_of(row[0].text.strip()) is None:
        return row
    return [replace(row[0], text=f"{'合计：' if language == 'zh' else 'Total: '}{row[0].text}")]


def _articles(question: str, rows: Rows, language: Language) -> str:
    """How many articles there are with their number behind them, for a question about that: ``goods ×2``."""
    if not asks_for_sorts(question):
        return ""
    count = sum(is_article(line.text) for row in rows for line in row)
    return f"{'商品' if language == 'zh' else 'goods'} ×{count}\n" if count else ""


def _ranked(question: str, rows: Rows, named: Sequence[OcrLine], sight: Sight, language: Language) -> str:
    """What is largest or smallest in the chart that is meant, whichever is asked for: ``largest<tab>Apples``."""
    lines = [line for row in rows for line in row]
    found = extremes(lines, sight.areas(), named[0] if named else None)
    if found is None:
        return ""
    words = ("最大", "最小") if language == "zh" else ("largest", "smallest")
    told = zip(asks_for_extreme(question), words, found, strict=True)
    return "".join(f"{word}\t{name}\n" for asked, word, name in told if asked)


def _headings(named: Sequence[OcrLine], lines: Sequence[OcrLine]) -> list[list[OcrLine]]:
    """What stands first in the blocks of the named lines."""
    found = [first_of_block(line, lines) for line in named]
    return [[line] for line in found if line is not None][:MAX_ROWS]


def _named_lines(names: set[str], rows: Rows) -> list[OcrLine]:
    """The lines that are named, or of which a part is (``_names``)."""
    return [line for row in rows for line in row if names.intersection(_names(line.text))]


def _named_rows(found: set[str], rows: Rows) -> list[Sequence[OcrLine]]:
    """The rows of the longest named lines, and what belongs to them; in their order."""
    longest = [
        max((len(name) for line in row for name in _names(line.text) if name in found), default=0)
        for row in rows
    ]
    named = sorted((at for at, length in enumerate(longest) if length), key=lambda at: -longest[at])[
        :MAX_ROWS
    ]
    # What stands alone in its row may have its figures below, as on a till slip.
    told = {at + below for at in named for below in range(2 if _is_bare(rows[at]) else 1)}
    return [_meant(row, found) for at, row in enumerate(rows) if at in told]


def _meant(row: Sequence[OcrLine], names: set[str]) -> Sequence[OcrLine]:
    """Of a row of labels and values those that are named; all of it where one is blank."""
    parts = pairs(row)
    if len(parts) == 1 and (beside := _columns(row)):
        named = [part for part in beside if names.intersection(_names(part[0].text))]
        return [line for part in named for line in part] or row
    named = [part for part in parts if any(names.intersection(_names(line.text)) for line in part)]
    if not named or any(is_blank(part) or not is_labelled(part) for part in named):
        return row
    return [line for part in named for line in part]


def _columns(row: Sequence[OcrLine]) -> list[Sequence[OcrLine]]:
    """Names and values of two columns side by side, each pair for itself; none where a row is one of a table."""
    if len(row) < 2 * _PAIR or len(row) % _PAIR:
        return []
    figures = [re.search(r"\d", without_number(line).text) is not None for line in row]
    if any(figures[::2]) or not any(figures[1::2]):
        return []  # a row of a table, or of names
    return [row[at : at + _PAIR] for at in range(0, len(row), _PAIR)]


def _named(question: str, rows: Rows) -> set[str]:
    """Which names of lines the question holds, none of them within a longer one; misread ones where it holds none."""
    known = {name for row in rows for line in row for name in _names(line.text)}
    said = spaced(question)
    bare = said.replace(" ", "")
    names = {name for name in known if name.replace(" ", "") in bare}
    found: set[str] = set()
    for name in sorted(names, key=len, reverse=True):
        if _stands_in(name, said) is not None:
            found.add(name)
            while (at := _stands_in(name, said)) is not None:
                said = f"{said[: at[0]]}\n{said[at[1] :]}"  # a shorter one within it is not meant
    return found if not all(map(is_general, found)) else found | misread(known, question)


def _is_bare(row: Sequence[OcrLine]) -> bool:
    """Whether it is a name with nothing beside it."""
    return len(row) == 1 and re.search(r"[:：]\s*\S", row[0].text) is None


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[str, ...]:
    """What a line may be named by: all of it, or its label, or the article that it counts."""
    whole = spaced(text)
    part = _PART.match(whole)
    return tuple(name for name in (whole, part[1] if part else "") if len(name) >= _least(name))


def _least(name: str) -> int:
    return _LEAST if _HANZI.search(name) or sign_of(name) else _LEAST_LATIN


def _stands_in(name: str, text: str) -> tuple[int, int] | None:
    """Where a name stands as whole words and numbers."""
    before = r"(?<![a-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![a-z0-9]|[.,]\d)" if name[-1].isascii() and name[-1].isalnum() else ""
    # Nobody minds the spaces beside hanzi, signs and figures.
    pattern = r"\s*".join(re.escape(part) for part in re.findall(r"[a-z]+|[^a-z\s]", name))
    found = re.search(before + pattern + after, text)
    return None if found is None else found.span()
