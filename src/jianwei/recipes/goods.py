"""Readers of goods: tables with a head, slips without one, items of an order, price tags on a shelf."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.evidence.plain import plain
from jianwei.evidence.values import as_type, find_date
from jianwei.recipes.found import Row
from jianwei.recipes.labels import Labels
from jianwei.recipes.page import Cell, Page, Value, is_label
from jianwei.recipes.recipe import Field

_TIMES = re.compile(r"(.*?\S)?\s*[×xX*✕]\s?(\d{1,4})")
_COUNT_TIMES = re.compile(r"(\d{1,4})\s*[×xX*✕@]\s*(.+)")
_NUMERIC = re.compile(r"[-−]?\s*[¥￥$£€]?\s*[-−]?\d[\d,]*(?:\.\d+)?")
_TAG_PRICE = re.compile(
    r"(?:会员价|零售价|特价|现价|price:?)?\s*"
    r"((?:USD|RMB|[¥￥$£€])?\s?\d[\d,]*\.\d{1,2}\s?(?:元|yuan)?|(?:USD\s|RMB\s|[¥￥$£€]\s?)\d+|\d+\s?元|\d+(?=\s*/))"
    r"\s*(?:[/／]\s*(\S.{0,13}))?",
    re.IGNORECASE,
)
_BARE_PRICE = re.compile(r"(\d{1,6})(?:\s?/\s?(\S.*))?")

MAX_ROWS = 60
"""Rows of goods or tags that are read."""


def table_rows(page: Page, columns: Sequence[Field], labels: Labels) -> list[Row]:
    """The rows of a table under its head; without a head those of a slip.

    Args:
        page: where.
        columns: the first holds names, the others numbers; ``beside`` are the words in their heads.
        labels: of other fields: a row that begins with one ends the table.
    """
    heads = [(number, _head(row, columns)) for number, row in enumerate(page.rows)]
    number, head = max(heads, key=lambda item: len(item[1]), default=(0, {}))
    if len(head) < 2:
        return slip_rows(page, columns, labels)
    numeric = [column for column in columns[1:] if column.key in head]
    found: list[Row] = []
    for row in page.rows[number + 1 :][:MAX_ROWS]:
        if is_label(row[0], labels):
            break
        names = [cell for cell in row if not _NUMERIC.fullmatch(cell.text) and not _numbers(cell)]
        values = [piece for cell in row for piece in _numbers(cell)]
        if not values or not names:
            continue
        said: dict[str, Value | bool | None] = {columns[0].key: _joined(names)}
        for column, (cell, text) in _aligned(numeric, values, head):
            typed = as_type(text, column.type)
            said[column.key] = None if typed is None else Value(typed, (cell.place(text),))
        found.append(said)
    return found


def _head(row: Sequence[Cell], columns: Sequence[Field]) -> dict[str, Cell]:
    """The columns whose words stand in a row."""
    found: dict[str, Cell] = {}
    for cell in row:
        for column in columns:
            if column.key not in found and any(plain(cell.text) == plain(word) for word in column.beside):
                found[column.key] = cell
                break
    return found


def _numbers(cell: Cell) -> list[tuple[Cell, str]]:
    """The numbers of a cell that holds nothing else."""
    pieces = re.findall(rf"{_NUMERIC.pattern}", cell.text)
    rest = re.sub(_NUMERIC.pattern, "", cell.text).strip()
    return [(cell, piece.strip()) for piece in pieces] if pieces and not re.search(r"\w", rest) else []


def _aligned(
    columns: Sequence[Field], values: Sequence[tuple[Cell, str]], head: dict[str, Cell]
) -> list[tuple[Field, tuple[Cell, str]]]:
    """Which number belongs to which column: in order, or where one is missing by the nearer edge."""
    if len(values) >= len(columns):
        return list(zip(columns, values[-len(columns) :], strict=True)) if columns else []
    return [(min(columns, key=lambda column: _apart(head[column.key], value[0])), value) for value in values]


def _apart(head: Cell, cell: Cell) -> float:
    return min(
        abs(head.box[2] - cell.box[2]), abs(head.box[0] - cell.box[0]), abs(head.middle[0] - cell.middle[0])
    )


def _joined(cells: Sequence[Cell]) -> Value:
    return Value(" ".join(cell.text for cell in cells), tuple(cell.place() for cell in cells))


def slip_rows(page: Page, columns: Sequence[Field], labels: Labels) -> list[Row]:
    """Rows of a till slip: "milk x2 7.00", or a name with "2 x 3.50 7.00" below it."""
    keys = {column.key for column in columns}
    found: list[Row] = []
    before: Cell | None = None
    for row in page.rows:
        first, last = row[0], row[-1]
        amount = as_type(last.text, "money") if _NUMERIC.fullmatch(last.text) else None
        counted = _COUNT_TIMES.fullmatch(first.text)
        if is_label(first, labels):
            before = None
        elif counted and before is not None and (amount or len(row) == 1):
            price = as_type(counted[2], "money")
            said: dict[str, Value | bool | None] = {
                columns[0].key: Value(before.text, (before.place(),)),
                "count": Value(counted[1], (first.place(counted[1]),)),
                "price": Value(price, (first.place(price),)) if price else None,
                "amount": Value(amount, (last.place(amount),)) if amount else None,
            }
            found.append({key: value for key, value in said.items() if key in keys})
            before = None
        elif amount and len(row) > 1 and not _NUMERIC.fullmatch(first.text):
            found += [row_ for row_ in [_slip_row(row, amount, columns[0].key)] if row_ is not None]
            before = None
        else:
            before = first if len(row) == 1 else None
    return found[:MAX_ROWS]


def _slip_row(row: Sequence[Cell], amount: str, name_key: str) -> Row | None:
    """A row of a name, its count, and what it comes to; without a count it may be anything, and is none."""
    times = [(cell, match) for cell in row[:-1] if (match := _TIMES.fullmatch(cell.text))]
    if not times:
        return None
    cell, match = times[-1]
    name = match[1] or row[0].text
    where = cell if match[1] else row[0]
    if not re.search(r"\w", name) or where is row[-1]:
        return None
    return {
        name_key: Value(name, (where.place(name),)),
        "count": Value(match[2], (cell.place(match[2]),)),
        "amount": Value(amount, (row[-1].place(amount),)),
    }


def item_rows(page: Page, columns: Sequence[Field]) -> list[Row]:
    """Goods of an order: "milk ×2" and the amount to its right, also where other panels stand beside."""
    found: list[Row] = []
    for row in page.rows:
        for place, cell in enumerate(row):
            whole = re.fullmatch(rf"(.+?)\s*[×xX✕]\s?(\d{{1,4}})(?:\s+({_NUMERIC.pattern}))?", cell.text)
            if whole is None:
                continue
            follower = row[place + 1] if place + 1 < len(row) else None
            amount = whole[3] or (as_type(follower.text, "money") if follower else None)
            where = cell if whole[3] else follower
            said: dict[str, Value | bool | None] = {
                columns[0].key: Value(whole[1], (cell.place(whole[1]),)),
                "count": Value(whole[2], (cell.place(),)),
                "amount": Value(amount, (where.place(amount),)) if amount and where else None,
            }
            found.append(said)
    return found[:MAX_ROWS]


def tag_rows(page: Page) -> list[Row]:
    """Price tags: each price with the nearest name above or below it, and the date nearest to it.

    On one board of a shelf the tags are alike: names stand on the side where they are nearer on the whole.
    """
    cells = list(page.cells)
    boards = [prices for row in page.rows if (prices := _prices(row))]
    dates = [cell for cell in cells if _is_date(cell)]
    texts = [
        cell for cell in cells
        if cell not in dates and not any(cell is price for board in boards for price, _ in board)
        and re.search(r"[^\W\d]", cell.text)
    ]  # fmt: skip
    found: list[Row] = []
    for board in boards:
        above = [_nearest(price, texts, -1) for price, _ in board]
        below = [_nearest(price, texts, 1) for price, _ in board]
        take_above = sum(_gap(p, c, above=True) for (p, _), c in zip(board, above, strict=True)) <= sum(
            _gap(p, c, above=False) for (p, _), c in zip(board, below, strict=True)
        )
        for (cell, match), up, down in zip(board, above, below, strict=True):
            name, until = up if take_above else down, _date_of(cell, dates)
            day = find_date(until.text) if until is not None else None
            unit = match[2].strip() if match[2] else None
            found.append(
                {
                    "name": Value(name.text, (name.place(),)) if name is not None else None,
                    "price": Value(match[1].strip(), (cell.place(match[1].strip()),)),
                    "unit": Value(unit, (cell.place(unit),)) if unit else None,
                    "best_before": Value(day, (until.place(day),)) if until is not None and day else None,
                }
            )
    return found[:MAX_ROWS]


def _date_of(price: Cell, dates: Sequence[Cell]) -> Cell | None:
    """The date on the tag of a price: below it, else above it."""
    for side in (1, -1):
        date = _nearest(price, dates, side)
        if date is not None and _gap(price, date, above=side < 0) <= 4.5 * price.height:
            return date
    return None


def _prices(row: Sequence[Cell]) -> list[tuple[Cell, re.Match[str]]]:
    """The prices of a row; a bare whole number is one among others that say so themselves."""
    sure = [(cell, match) for cell in row if (match := _TAG_PRICE.fullmatch(cell.text))]
    if not sure:
        return []
    return [
        (cell, match)
        for cell in row
        if (match := _TAG_PRICE.fullmatch(cell.text) or _BARE_PRICE.fullmatch(cell.text)) is not None
    ]


def _is_date(cell: Cell) -> bool:
    """Whether it is a date, alone or behind words: tags say in many ways until when something keeps."""
    day = find_date(cell.text)
    return day is not None and not re.search(r"\d", cell.text.replace(day, ""))


def _nearest(cell: Cell, others: Sequence[Cell], side: int) -> Cell | None:
    """The nearest of the others above (-1) or below (1) that overlaps from side to side."""
    x, y = cell.middle
    lying = [
        other
        for other in others
        if side * (other.middle[1] - y) > 0.4 * cell.height
        and min(other.box[2], cell.box[2]) - max(other.box[0], cell.box[0]) > 0
    ]
    return min(lying, key=lambda o: abs(o.middle[1] - y) + 0.3 * abs(o.middle[0] - x), default=None)


def _gap(price: Cell, other: Cell | None, *, above: bool) -> float:
    """Empty pixels between a price and what is above or below it; much where there is nothing."""
    if other is None:
        return 12 * price.height
    return max(0.0, price.box[1] - other.box[3] if above else other.box[1] - price.box[3])
