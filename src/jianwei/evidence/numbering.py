"""Numbered rows: clauses of a contract, exercises and their steps, found by the numbers that a question names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import normalize

from jianwei.evidence.formula import POWERS, as_latex
from jianwei.evidence.intent import quoted
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.pairs import cut

_FIGURES = {figure: at for at, figure in enumerate("一二三四五六七八九十", 1)}
_ORDINALS = {word: at for at, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), 1)}
_N = r"(\d{1,2}|[一二三四五六七八九十])"
_SHEET_ZH, _STEP_ZH = "题|道题|练习", "步|个?步骤|条目?|款|条款|行|项|点"
_SHEET_EN = "exercise|problem|question|task|sum"
_STEP_EN = "step|line|stage|clause|section|item|point|paragraph|article|rule|provision|regulation|term"
_ORDINAL = rf"({'|'.join(_ORDINALS)})"


def _named(zh: str, en: str) -> re.Pattern[str]:
    """Finds the number of something in a question: 第2题, 练习2, exercise number 2, 2nd exercise, second exercise."""
    number = r"(?:number|no\.?|nr\.?|#)?\s*"
    return re.compile(
        rf"第\s*{_N}\s*(?:{zh})|(?:{zh})\s*{_N}|\b(?:{en})\s*{number}(\d{{1,2}})\b|"
        rf"\b(\d{{1,2}})(?:st|nd|rd|th) (?:{en})\b|\b{_ORDINAL} (?:{en})\b",
        re.IGNORECASE,
    )


_SHEET, _STEP = _named(_SHEET_ZH, _SHEET_EN), _named(_STEP_ZH, _STEP_EN)
_FINAL = re.compile(
    r"得数|结果|最后|最终|末步|结尾|收尾|答案|得多少|得到|所得|求出|算出|算得|做出来|等于|"
    r"\b(?:final|results?|outcome|arrived?|answer|conclusion|comes? (?:out|to)|yields?|in the end|at the end|"
    r"ends? with|got|last)\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"题目|题干|原题|要求|求什么|问的是|什么题|式子|"
    r"\b(?:problem|exercise|task|question(?! ?:)|asked|statement|set|wording|instruct\w*)\b",
    re.IGNORECASE,
)
_LATEX = re.compile("latex", re.IGNORECASE)
_HEAD = re.compile(
    r"\s*((?:第|题|练习|步骤|条款|行|解|§|[A-Za-z]{1,9}[.,]?)?\s*[#(（\[【<]?\s*)(\d{1,2})"
    r"((?:(?<=[款§习题骤#]\d)|(?<=[款§习题骤#]\d\d)|(?<=[Nn]o\.\d))(?=[^\d\s.,，、:：)）-])|"
    r"\s*(?:[题步行条款]\s*[):：）.、]?|[\]】>)）:：、/]|[.,，](?!\d)|\.(?=\d+[-+×÷=(^√])|\s?[-–—]\s?(?=\S)|\s(?=\S)))"
)
_DOUBTFUL = re.compile(r"\s*\d{1,2}\s?(?:[-–—]|\.\d)")
"""A number behind which what follows may also be taken away, or be part of it."""
_MARK = re.compile(r"[xXvV×✗✘√✓✔]")
"""A cross or a tick as OCR reads it."""
_MARKED = re.compile(r"\s[X×✗✘√✓✔]$")
_STOPS = str.maketrans(dict.fromkeys(",、", "."))


@dataclass(frozen=True)
class _Item:
    row: int
    number: int
    style: str
    doubtful: bool = False


def numbered_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The row that the question names by its number, without it; in LaTeX where that is asked for.

    Empty where it names none, where there is no such list, and where nothing was read behind the number.

    "Step 3 of exercise 1" is the third of the rows that are numbered below the row that is numbered 1; the result of
    an exercise is its last step, its task the row that the steps stand below.
    """
    sheet, step = _number(_SHEET, question), _number(_STEP, question)
    final, task = _FINAL.search(question) is not None, _TASK.search(question) is not None
    if sheet is None and step is None and not final and not task:
        return []
    items = _items(rows)
    # OCR also takes stops for each other: the heads are alike then, of which there are more.
    alike = [replace(item, style=item.style.translate(_STOPS)) for item in items]
    spans = max(_spans(items), _spans(alike), key=len)
    if not spans:
        return []
    if sheet is not None and len(spans) > 1:
        spans = [span for span in spans if span[0].number == sheet]
        if not spans:
            return []
    head, steps = spans[0]
    if step is not None:
        found = next((item for item in steps if item.number == step), None)
    elif final:
        found = steps[-1]
    else:
        found = head if sheet is not None or task else None
    content = [] if found is None else _content(rows[found.row])
    if _LATEX.search(question):
        content = [replace(line, text=as_latex(line.text)) for line in content]
    return [content] if content else []


def names_step(question: str) -> bool:
    """Whether it names a step or a clause by its number, and does not quote it: no other row is asked for then."""
    for quotation in reversed(quoted(question)):
        question = question[: quotation.start] + question[quotation.end :]
    return _number(_STEP, question) is not None


def _content(row: Sequence[OcrLine]) -> Sequence[OcrLine]:
    """A row without the number that it begins with and a teacher's mark; powers as formulas are asked for, ``c^2``."""
    head = _HEAD.match(row[0].text)
    mark = _MARKED.search(row[0].text)
    rest = cut(row[0], head.end() if head else 0, mark.start() if mark else None)
    behind = [line for line in row[1:] if not _MARK.fullmatch(line.text.strip())]
    lines = [rest, *behind] if rest.text else behind
    return [replace(line, text=line.text.translate(POWERS)) for line in lines]


def _number(pattern: re.Pattern[str], question: str) -> int | None:
    found = pattern.search(question)
    if found is None:
        return None
    said = next(filter(None, found.groups())).lower()
    return _FIGURES.get(said) or _ORDINALS.get(said) or int(said)


def _items(rows: Sequence[Sequence[OcrLine]]) -> list[_Item]:
    """The rows that begin with a number, and what stands around it."""
    found: list[_Item] = []
    for at, row in enumerate(rows):
        if row and (head := _HEAD.match(row[0].text)):
            before, number, behind = head.groups()
            if not before.strip() and not behind.strip():
                continue  # a number and a space: most are amounts
            # OCR takes wide and narrow signs for each other.
            style = normalize("NFKC", re.sub(r"\s", "", before + "#" + behind)).lower()
            doubtful = _DOUBTFUL.match(row[0].text) is not None
            found.append(_Item(at, int(number), style, doubtful))
    # What is doubtful numbers where the row before or behind counts on.
    places = {(item.row, item.number, item.style) for item in found}
    return [
        item
        for item in found
        if not item.doubtful or any((item.row + by, item.number + by, item.style) in places for by in (-1, 1))
    ]


def _spans(items: Sequence[_Item]) -> list[tuple[_Item, list[_Item]]]:
    """What is numbered below what: each head with its steps. Steps alone stand below the row before them."""
    starts = [at for at, item in enumerate(items) if item.number == 1]
    runs = [items[a:b] for a, b in pairwise([*starts, len(items)])]
    found: list[tuple[_Item, list[_Item]]] = []
    styles = {item.style for item in items}
    outer = items[0].style if len(styles) > 1 else None
    for at, item in enumerate(items):
        if item.style == outer:
            below = []
            for other in items[at + 1 :]:
                if other.style == outer:
                    break
                below.append(other)
            if below:
                found.append((item, below))
    if not found:
        found = [(_Item(max(0, run[0].row - 1), 1, ""), list(run)) for run in runs if len(run) > 1]
    return found
