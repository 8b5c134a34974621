"""Readers of papers: titles, numbered clauses, places to sign."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.evidence.ink import field_behind, has_ink
from jianwei.recipes.found import Row
from jianwei.recipes.labels import after_label, labels_of
from jianwei.recipes.page import Cell, Page, Value
from jianwei.recipes.recipe import Field

_CHINESE = {word: value for value, word in enumerate("零一二三四五六七八九十")}
_CLAUSES = (
    re.compile(r"第\s*([一二三四五六七八九十\d]{1,3})\s*条\s*[:：、.]?\s*(.*)"),
    re.compile(r"(?:clause|section|article)\s*(\d{1,2})\s*[:：.]?\s*(.*)", re.IGNORECASE),
    re.compile(r"([一二三四五六七八九十]{1,3}|\d{1,2})\s*、\s*(.*)"),
    re.compile(r"(\d{1,2})\s*[.．)]\s*(\D.*)"),
)

MAX_CLAUSES = 60


def title(page: Page) -> Value | None:
    """The largest line in the upper part of a page, if it is clearly larger than the others and no amount."""
    upper = [cell for cell in page.cells if cell.middle[1] < 0.4 * page.view.image.height]
    words = [cell for cell in upper if len(re.findall(r"[^\W\d]", cell.text)) >= 2]
    best = max(words, key=lambda cell: cell.height, default=None)
    if best is None or best.height < 1.2 * page.height:
        return None
    return Value(best.text, (best.place(),))


def clause_rows(page: Page) -> list[Row]:
    """Numbered clauses; a line without a number right below one goes on with it."""
    found: list[tuple[str, list[Cell], str]] = []
    last: Cell | None = None
    kind: re.Pattern[str] | None = None
    for row in page.rows:
        cell = row[0]
        text = " ".join(each.text for each in row)
        pattern = next((each for each in _CLAUSES if each.fullmatch(text)), None)
        match = pattern.fullmatch(text) if pattern is not None and kind in (None, pattern) else None
        if match is not None:
            kind = pattern
            found.append((str(number_in(match[1])), list(row), match[2].strip()))
            last = cell
        elif last is not None and found and _goes_on(cell, last, page) and not re.search(r"[:：]", text):
            number, cells, said = found[-1]
            glue = "" if text[:1] > "\u2e7f" or said[-1:] > "\u2e7f" else " "
            found[-1] = (number, [*cells, *row], f"{said}{glue}{text}")
            last = cell
        else:
            last = None
    return [
        {
            "number": Value(number, (cells[0].place(),)),
            "text": Value(said.rstrip("。."), tuple(cell.place() for cell in cells)),
        }
        for number, cells, said in found[:MAX_CLAUSES]
        if said
    ]


def _goes_on(cell: Cell, last: Cell, page: Page) -> bool:
    near = cell.box[1] - last.box[3] < page.height
    return near and abs(cell.box[0] - last.box[0]) < 3 * page.height


def number_in(text: str) -> int:
    """A number in digits or in Chinese words up to 99."""
    if text.isdecimal():
        return int(text)
    if text.isascii():
        return 1  # an l or I that was a 1
    tens, ten, ones = text.partition("十")
    if not ten:
        return _CHINESE.get(text, 0)
    return 10 * (_CHINESE.get(tens, 1) if tens else 1) + _CHINESE.get(ones, 0)


def signature_rows(page: Page, columns: Sequence[Field]) -> list[Row]:
    """Places to sign: whether somebody has, and whether the date beside is filled in."""
    words = {column.key: column.beside for column in columns}
    found: list[Row] = []
    for number, row in enumerate(page.rows):
        for place, cell in enumerate(row):
            label = _signing_label(cell, words.get("field", ()))
            if label is None:
                continue
            found.append(_signature(page, number, place, label, words.get("dated", ())))
    return found


def signing_rows(page: Page, columns: Sequence[Field]) -> frozenset[int]:
    """Numbers of the rows in which people sign: dates there are not the paper's."""
    words = [word for column in columns if column.key == "field" for word in column.beside]
    return frozenset(
        number
        for number, row in enumerate(page.rows)
        if any(_signing_label(cell, words) is not None for cell in row)
    )


def _signing_label(cell: Cell, words: Sequence[str]) -> str | None:
    for fuzzy in (False, True):
        met = [
            after
            for after in labels_of(tuple(words)).at_start(cell.text, fuzzy=fuzzy)
            if after.colon or not after.rest
        ]
        if met:
            return min(met).label
    return None


def _signature(page: Page, number: int, place: int, label: str, date_words: Sequence[str]) -> Row:
    row = page.rows[number]
    cell = row[place]
    pixels = page.view.image.pixels
    width, high = float(page.view.image.width), cell.height
    day = next(
        (other for other in row[place + 1 :] if labels_of(tuple(date_words)).begin(other.text)),
        None,
    )
    after = after_label(cell.text, label)
    # The label's own end: OCR may have read the signature as a part of the line.
    end = cell.box[2]
    if after is not None and after[1]:
        share = 1 - len(after[1]) / max(1, len(cell.text))
        end = cell.box[0] + share * (cell.box[2] - cell.box[0])
    stop = day.box[0] - 0.4 * high if day is not None else min(width, end + 0.42 * width)
    # Whatever OCR has made of it, something written stands between the label and what follows.
    between = [other for other in row[place + 1 :] if day is None or other.box[0] < day.box[0]]
    written = bool(after is not None and after[1]) or any(other.box[2] < stop + high for other in between)
    signed = written or has_ink(pixels, field_behind(cell.box, cell.slope, end, stop), high)
    said: dict[str, Value | bool | None] = {
        "field": Value(label, (cell.place(label),)),
        "signed": signed,
        "dated": None,
    }
    if day is not None:
        behind = next(labels_of(tuple(date_words)).at_start(day.text)).rest
        followers = [other for other in row if other.box[0] > day.box[0] and other is not day]
        told = re.search(r"\d", behind) is not None or any(re.search(r"\d", each.text) for each in followers)
        end = day.box[2]
        box = field_behind(day.box, day.slope, end, min(width, end + 7 * high))
        said["dated"] = told or (not behind and has_ink(pixels, box, high))
    return said
