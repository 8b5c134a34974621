"""Tables in the ways that models write them, and written so that any reader takes them.

A table here is rows of cells of plain text, all rows of one length.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Sequence
from html.parser import HTMLParser

Table = list[list[str]]

MAX_SPAN = 100
"""Columns that one cell may reach over."""

_FENCE = re.compile(r"```[\w-]*\s*\n(.*?)(?:```|\Z)", re.DOTALL)
_MARKDOWN_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_TABULAR = re.compile(
    r"\\begin\{(tabularx?|array|longtable)\*?\}(?:\[[^\]]*\])?(?:\{[^{}]*\})*(.*?)(?:\\end\{\1\*?\}|\Z)",
    re.DOTALL,
)
_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def without_fence(text: str) -> str:
    """What stands in the first fenced block of Markdown, open or closed; the text itself without one."""
    found = _FENCE.search(text)
    return found.group(1) if found else text


def read_table(text: str, read: Sequence[Sequence[str]] = ()) -> Table:
    """The table in an answer: HTML, Markdown, LaTeX or CSV; else a row a line, cut at its first colon.

    An answer that was cut off gives the rows that are there. All rows come out equally long; without any text
    there is one empty cell.

    Args:
        text: the answer.
        read: rows of pieces that stand beside each other in the picture: a line that repeats one is cut like it.
    """
    source = without_fence(text)
    rows = (
        _from_html(source)
        or _from_latex(source)
        or _from_markdown(source)
        or _from_csv(source)
        or _from_lines(source, read)
    )
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows] or [[""]]


def as_csv(table: Table) -> str:
    """CSV as RFC 4180 has it, with line feeds."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(table)
    return target.getvalue()


def as_html(table: Table) -> str:
    """An HTML table; of several rows the first is its head. Nothing in a cell is markup."""
    head, body = (table[:1], table[1:]) if len(table) > 1 else ([], table)
    lines = ["<table>"]
    if head:
        lines += ["<thead>", _html_row(head[0], "th"), "</thead>"]
    lines += ["<tbody>", *(_html_row(row, "td") for row in body), "</tbody>", "</table>"]
    return "\n".join(lines)


def as_latex(table: Table) -> str:
    """A ``tabular`` with all special characters escaped; a single cell is plain text."""
    if table == [table[0][:1]]:
        return _latex_text(table[0][0])
    rows = [" & ".join(map(_latex_text, row)) + r" \\" for row in table]
    if len(rows) > 1:
        rows.insert(1, r"\hline")
    columns = "l" * len(table[0])
    return "\n".join([f"\\begin{{tabular}}{{{columns}}}", *rows, r"\end{tabular}"])


def _html_row(row: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"


def _latex_text(text: str) -> str:
    return "".join(_LATEX_SPECIAL.get(character, character) for character in " ".join(text.split()))


class _TableParser(HTMLParser):
    """Collects the cells of the first table; markup inside cells is dropped, its text kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: Table = []
        self._cell: list[str] | None = None
        self._span = 1
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
        elif self._depth and tag == "tr":
            self._end_cell()
            self.rows.append([])
        elif self._depth and tag in ("td", "th"):
            self._end_cell()
            span = dict(attrs).get("colspan") or "1"
            self._span = (
                min(MAX_SPAN, int(span)) if span.isascii() and span.isdigit() and len(span) < 9 else 1
            )
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is not None:
            if not self.rows:
                self.rows.append([])
            self.rows[-1] += [" ".join("".join(self._cell).split()), *[""] * (self._span - 1)]
            self._cell = None


def _from_html(text: str) -> Table:
    if "<table" not in text.lower():
        return []
    parser = _TableParser()
    parser.feed(text)
    parser.close()
    return [row for row in parser.rows if row]


def _from_markdown(text: str) -> Table:
    lines = [line for line in text.splitlines() if line.strip()]
    rule = next((i for i, line in enumerate(lines) if "|" in line and _MARKDOWN_RULE.match(line)), None)
    if not rule:
        return []
    rows = [lines[rule - 1]]
    for line in lines[rule + 1 :]:
        if "|" not in line:
            break
        rows.append(line)
    return [_markdown_cells(row) for row in rows]


def _markdown_cells(line: str) -> list[str]:
    inner = line.strip()
    inner = inner[1:] if inner.startswith("|") else inner
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _from_latex(text: str) -> Table:
    found = _TABULAR.search(text)
    if not found:
        return []
    body = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^{}]*\})", "", found.group(2))
    rows = [row for row in re.split(r"\\\\(?:\[[^\]]*\])?", body) if row.strip()]
    return [[_plain_latex(cell) for cell in re.split(r"(?<!\\)&", row)] for row in rows]


def _plain_latex(cell: str) -> str:
    """The text of a cell: escaped characters as they are, other commands as written."""
    return " ".join(re.sub(r"\\([&%$#_{}])", r"\1", cell).split())


def _from_csv(text: str) -> Table:
    lines = text.strip()
    separator = "\t" if "\t" in lines else ","
    try:
        rows = [
            row for row in csv.reader(io.StringIO(lines), delimiter=separator, skipinitialspace=True) if row
        ]
    except csv.Error:
        return []
    # One line with a comma is a sentence.
    if len(rows) < 2 or len(rows[0]) < 2 or sum(len(row) == len(rows[0]) for row in rows) < 2:
        return []
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def _from_lines(text: str, read: Sequence[Sequence[str]]) -> Table:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    known = {"".join("".join(row).split()): list(row) for row in read if len(row) > 1}
    return [
        known.get("".join(line.split()))
        or [part.strip() for part in re.split(r"[：:]\s*", line, maxsplit=1) if part.strip()]
        or [line]
        for line in lines
    ]
