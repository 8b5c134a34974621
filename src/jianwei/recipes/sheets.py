"""Reader of homework: tasks and numbered steps, fractions put together again, exponents that OCR has flattened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jianwei.evidence.ink import is_red
from jianwei.recipes.found import Row
from jianwei.recipes.page import Cell, Page, Value
from jianwei.recipes.papers import number_in

_STYLES = (
    re.compile(r"[(（]\s*([\dlI]{1,2})\s*[)）]\s*(.*)"),
    re.compile(r"第\s*(\d{1,2})\s*[步行]\s*[:：.)）]?\s*(.*)"),
    re.compile(r"步\s*[骤聚]\s*(\d{1,2})\s*[:：.]?\s*(.*)"),
    re.compile(r"step\s*([\dlI]{1,2})\s*[:：.]?\s*(.*)", re.IGNORECASE),
    re.compile(r"([\dlI]{1,2})\s*[)）]\s*(.*)"),
    re.compile(r"([\dlI]{1,2})\s*[、丶]\s*(.*)"),
    re.compile(r"[\[【〔<#]\s*([\dlI]{1,2})\s*[\]】〕>]?\s*(.*)"),
    re.compile(r"(?:line|part|row|no\.?|[LS]|解)\s*(\d{1,2})\s*[:：.]?\s*(.*)", re.IGNORECASE),
    re.compile(r"(\d{1,2})\s*(?:[.．](?!\d)|[:：]|/(?=\s))\s*(.*)"),
    re.compile(r"[-–—]?(?<![-–—]\s)(\d{1,2})\s*[-–—一]\s*(.*)|[-–—](\d{1,2})(?=\s|$)\s*(.*)"),
)
"""Ways to number steps; a sheet keeps to one of them."""

_TASK = re.compile(
    r"(?:(?:第|题|练习|Exercise|Problem|Task|Q|Ex\.?)\s*\d{1,2}\s*题?\s*[:：.．]?"
    r"|[(（\[【]\s*\d{1,2}\s*[)）\]】]|\d{1,2}\s*[.．,，、)）](?=\s*\D))\s*(.*)",
    re.IGNORECASE,
)
"""An exercise behind its number."""

_MARK = re.compile(r"[√✓✗✘xX×vVLJ]")
_HEADER = re.compile(r"(?:姓名|班级|日期|name|class|date)\s*[:：]", re.IGNORECASE)
_FORMULA = re.compile(r"[\d+×xX*÷()（）\-−\s]+")


@dataclass(frozen=True)
class _Line:
    """One written line, its cells joined."""

    text: str
    cells: tuple[Cell, ...]


def homework_rows(page: Page) -> tuple[list[Row], list[Row]]:
    """Tasks and steps. A step numbered 1 begins an exercise; the line before it is its task."""
    lines = _lines(page)
    style = max(_STYLES, key=lambda each: _run(lines, each))
    tasks: list[Row] = []
    steps: list[Row] = []
    before: _Line | None = None
    exercise, last, task = 0, 0, ""
    for line in lines:
        read = _numbered(line, style)
        if read is None or not _follows(read[0], last):
            if not _HEADER.match(line.text):
                before = line
            continue
        number, said = read
        if number <= last or exercise == 0:
            exercise += 1
            task = ""
            if before is not None:
                match = _TASK.fullmatch(before.text)
                task = match[1] if match else before.text
                tasks.append({"exercise": Value(str(exercise), ()), "text": _value(task, before.cells)})
        before, last = None, number
        steps.append(
            {
                "exercise": Value(str(exercise), ()),
                "number": Value(str(number), ()),
                "text": _value(_written(said, task), line.cells),
            }
        )
    return tasks, steps


def red_value(page: Page, patterns: Sequence[str]) -> Value | None:
    """What a line in red says that one of the patterns finds: a teacher's score."""
    for pattern in patterns:
        for cell in page.cells:
            found = re.search(pattern, cell.text)
            if found is not None and is_red(page.view.image.pixels, cell.box):
                said = found.group(1) if found.re.groups else found[0]
                return Value(said, (cell.place(said),))
    return None


def _value(text: str, cells: Sequence[Cell]) -> Value:
    return Value(text, tuple(cell.place() for cell in cells))


def _run(lines: Sequence[_Line], style: re.Pattern[str]) -> int:
    """How many lines go on with a numbering of this style."""
    last, count = 0, 0
    for line in lines:
        read = _numbered(line, style)
        if read is not None and (read[0] == 1 or read[0] == last + 1):
            last, count = read[0], count + 1
    return count


def _numbered(line: _Line, style: re.Pattern[str]) -> tuple[int, str] | None:
    match = style.fullmatch(line.text)
    if match is None:
        return None
    groups = [group for group in match.groups() if group is not None]
    return number_in(groups[0]), groups[1].strip()


def _follows(number: int, last: int) -> bool:
    """Whether a step may come after another: the next ones, or the first of the next exercise."""
    return number == 1 or last < number <= last + 3


def _lines(page: Page) -> list[_Line]:
    """The sheet line by line, with each fraction as one piece and without the teacher's marks."""
    pixels = page.view.image.pixels
    cells = [cell for cell in page.cells if not (_MARK.fullmatch(cell.text) and is_red(pixels, cell.box))]
    height = page.height
    taken: set[int] = set()
    pieces: list[tuple[Cell, tuple[Cell, ...]]] = []
    # Fractions of lines below each other stand in one column: what is nearest belongs together.
    for _, above, below in sorted(_stacked(cells, height)):
        if not taken & {above, below}:
            taken |= {above, below}
            pieces.append((_fraction(cells[above], cells[below]), (cells[above], cells[below])))
    pieces += [(cell, (cell,)) for i, cell in enumerate(cells) if i not in taken]
    rows: list[list[tuple[Cell, tuple[Cell, ...]]]] = []
    for piece in sorted(pieces, key=lambda each: each[0].middle[1]):
        if rows and any(abs(piece[0].middle[1] - other[0].middle[1]) < 0.55 * height for other in rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    found: list[_Line] = []
    for row in rows:
        row.sort(key=lambda each: each[0].box[0])
        text = " ".join(each[0].text for each in row)
        text = re.sub(r"(?<=[\d)])\s*[xX×]\s*(?=[\d(])", "×", text)
        found.append(
            _Line(re.sub(r"\s+[√✓✗✘xX×vV]$", "", text), tuple(cell for _, cells_ in row for cell in cells_))
        )
    return found


def _stacked(cells: Sequence[Cell], height: float) -> Iterator[tuple[float, int, int]]:
    """Pairs of which one stands right above the other, both of figures and signs alone; and the gap between them."""
    figures = [(i, cell) for i, cell in enumerate(cells) if _FORMULA.fullmatch(cell.text)]
    for i, top in figures:
        for j, low in figures:
            shared = min(top.box[2], low.box[2]) - max(top.box[0], low.box[0])
            narrow = min(top.box[2] - top.box[0], low.box[2] - low.box[0])
            gap = low.box[1] - top.box[3]
            lower = low.middle[1] - top.middle[1] > 0.35 * height
            if i != j and lower and shared > 0.5 * narrow and -0.6 * height < gap < 0.5 * height:
                yield gap, i, j


def _fraction(top: Cell, low: Cell) -> Cell:
    above, below = ("".join(cell.text.split()) for cell in (top, low))
    said = "/".join(part if part.isdigit() else f"({part})" for part in (above, below))
    left, right = min(top.box[0], low.box[0]), max(top.box[2], low.box[2])
    box = (left, top.middle[1], right, low.middle[1])
    return Cell(said, box, top.reading)


def _written(text: str, task: str) -> str:
    """A step as it was written: the sign "=" that looks like 二, and exponents that stand on the line when read.

    A digit 2 or 3 behind a letter is an exponent. Behind a number it is one where the task has the number without it.
    """
    said = re.sub(r"^(?:二|=|-{2})\s*(?=[\d(√-])", "=", text)
    said = re.sub(r"([a-z])([23])(?=\s*[=+\-×÷)]|$)", r"\1^\2", said)
    said = re.sub(r"\s*([=+×÷])\s*", r"\1", said)
    if "^" not in said:
        return said
    known = set(re.findall(r"\d+", task))

    def restored(match: re.Match[str]) -> str:
        number = match[0]
        if number not in known and number[-1] in "23" and number[:-1] in known:
            return f"{number[:-1]}^{number[-1]}"
        return number

    return re.sub(r"(?<![\d.^])\d{2,}(?![\d.])", restored, said)
