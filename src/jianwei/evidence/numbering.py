"""Numbered rows: clauses of a contract, exercises and their steps, found by the numbers that a question names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise
from unicodedata import normalize

from jianwei.evidence.answer_types import asks_for_amount, asks_for_day
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
    r"得数|答数|结果|最后|最终|末步|结尾|收尾|答案|得多少|得到|所得|求出|算出|算得|做出来|等于|"
    r"\b(?:final(?:ly)?|results?|outcome|arrive[sd]?|answer|conclusion|comes? (?:out|to)|yields?|in the end|at the end|"
    r"ends? with|(?:he|she|they|pupil|student|child) got|last|bottom line|works? out|come to|finish\w*|"
    r"solution(?! step))\b",
    re.IGNORECASE,
)
_SCORE = re.compile(r"分[数值]|[得几]分|多少分|\b(?:marks?|scores?|points)\b", re.IGNORECASE)
_TASK = re.compile(
    r"题目|题干|题文|原题|习题|算题|所做的题|题怎么写|要求|求什么|问的是|什么题|式子|"
    r"\b(?:problem|exercise|task|question(?! ?:)|asked|statement|set|wording|instruct\w*|assignment)\b",
    re.IGNORECASE,
)
_LATEX = re.compile(r"tex(?![a-z])", re.IGNORECASE)
_WORDS = ("exercise", "ex", "task", "problem", "question", "line", "step", "row", "part", "no")
_WORD_HEAD = re.compile(
    r"\s*([A-Za-z]{2,9}?)[.,]?\s?(?:(\d{1,2})(?!\d)|[lI|!}](?![a-z]))\s*[-–—:：.．,，、)）\]】>/]?\s*(?=\S)"
)
"""A word and a number, which OCR also takes for a letter or a stroke where it is 1: ``Task l:``."""
_ONE = re.compile(r"(\s*[<(（\[【])[lI|](?=[>)）\]】])")
_HEAD = re.compile(
    r"\s*((?:第|题|练习|步骤|条款|行|解|§|[A-Za-z]{1,9}[.,]?)?\s*[#(（\[【<]?\s*)(\d{1,2})"
    r"((?:(?<=[款§习题骤#]\d)|(?<=[款§习题骤#]\d\d)|(?<=[Nn]o\.\d))(?=[^\d\s.,，、:：)）-])|"
    r"\s*(?:[题步行条款]\s*[):：）.、]?|[\]】>)）:：、/]|[.．,，](?!\d)|(?==)|\.(?=\d+[-+×÷=(^√])|\s?[-–—]\s?(?=\S)|\s(?=\S)))"
)
_DOUBTFUL = re.compile(r"\s*\d{1,2}\s?(?:[-–—=]|\.\d)")
"""A number behind which what follows may also be taken away, be part of it, or be what it is equal to."""
_MANY = 10
"""A row with a larger number may as well bear its first figure: ``#2`` and ``4n=28``."""
_ALIKE = 0.6
"""How alike a word is at least that OCR misread (``difflib``): ``Lime 2`` is a line."""
_MARK = re.compile(r"[xXvV×✗✘√✓✔]")
"""A cross or a tick as OCR reads it."""
_MARKED = re.compile(r"(?:\s[X√]|\s?[×✗✘✓✔])$")
_STOPS = str.maketrans(dict.fromkeys(",、．", "."))
_RESULT = re.compile(r"(?:^|=\s*|[:：]\s*)([^=:：]*)$")
"""What stands behind the last sign of a line: ``11`` of ``x=11`` and of ``Answer: 11``."""
_TIMES = re.compile(r"(?<![A-Za-z\d])(\d+|[a-wyz])[xX](?=\d|\1(?![A-Za-z]))")
"""The sign between two figures, or between a letter and itself, as OCR reads it."""


@dataclass(frozen=True)
class _Item:
    """A numbered row: its place, its number, what stands around it, and where what it says begins."""

    row: int
    number: int
    style: str
    end: int = 0
    before: str = ""
    doubtful: bool = False


def numbered_rows(question: str, rows: Sequence[Sequence[OcrLine]]) -> list[Sequence[OcrLine]]:
    """The row that the question names by its number, without it; in LaTeX where that is asked for.

    Empty where it names none, where there is no such list, and where nothing was read behind the number.

    "Step 3 of exercise 1" is the third of the rows that are numbered below the row that is numbered 1; the result of
    an exercise is its last step, its task the row that the steps stand below.
    """
    sheet, step = _number(_SHEET, question), _number(_STEP, question)
    final = _is_final(question)
    task = _TASK.search(question) is not None and not asks_for_day(question)
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
    content = [] if found is None else _content(rows[found.row], found.end)
    if content and step is None and final and (result := _RESULT.search(content[-1].text)):
        content = [*content[:-1], cut(content[-1], result.start(1))]
    if _LATEX.search(question):
        content = [replace(line, text=as_latex(line.text)) for line in content]
    return [content] if content else []


def asks_for_result(question: str) -> bool:
    """Whether it asks what comes out at the end of an exercise."""
    return _is_final(question) and not names_step(question)


def _is_final(question: str) -> bool:
    """Whether it asks how an exercise ends; bills have a last amount too, and are no exercises."""
    bill = asks_for_amount(question) and _number(_SHEET, question) is None
    return _FINAL.search(question) is not None and _SCORE.search(question) is None and not bill


def names_step(question: str) -> bool:
    """Whether it names a step or a clause by its number, and does not quote it: no other row is asked for then."""
    for quotation in reversed(quoted(question)):
        question = question[: quotation.start] + question[quotation.end :]
    return _number(_STEP, question) is not None


def _content(row: Sequence[OcrLine], start: int) -> Sequence[OcrLine]:
    """A row without the number that it begins with and a teacher's mark; powers as formulas are asked for, ``c^2``."""
    mark = _MARKED.search(row[0].text)
    rest = cut(row[0], start, mark.start() if mark else None)
    behind = [line for line in row[1:] if not _MARK.fullmatch(line.text.strip())]
    lines = [rest, *behind] if rest.text else behind
    return [replace(line, text=_TIMES.sub(r"\1×", line.text.translate(POWERS))) for line in lines]


def _number(pattern: re.Pattern[str], question: str) -> int | None:
    found = pattern.search(question)
    if found is None:
        return None
    said = next(filter(None, found.groups())).lower()
    return _FIGURES.get(said) or _ORDINALS.get(said) or int(said)


def _items(rows: Sequence[Sequence[OcrLine]]) -> list[_Item]:
    """The rows that begin with a number, and what stands around it."""
    found = {at: item for at, row in enumerate(rows) if row and (item := _item(at, row[0].text))}
    # What is doubtful numbers where the row before or behind counts on.
    places = {(item.row, item.number, item.style) for item in found.values()}
    sure = {
        at: item
        for at, item in found.items()
        if not item.doubtful or any((at + by, item.number + by, item.style) in places for by in (-1, 1))
    }
    # So does what OCR joined with its number, or with the sign behind it.
    for by in (1, -1):
        for at in range(len(rows))[::by]:
            near = sure.get(at - by)
            known = at in sure and sure[at].number <= _MANY
            if near and not known and rows[at] and (end := _joined(near, near.number + by, rows[at][0])):
                sure[at] = replace(near, row=at, number=near.number + by, end=end)
    return [sure[at] for at in sorted(sure)]


def _item(row: int, text: str) -> _Item | None:
    """A row by the number that its text begins with; None where it has none."""
    worded = _WORD_HEAD.match(text)
    if worded and (word := get_close_matches(worded[1].lower(), _WORDS, 1, _ALIKE)):
        return _Item(row, int(worded[2] or 1), f"{word[0]}#", worded.end(), worded[1])
    head = _HEAD.match(_ONE.sub(r"\g<1>1", text, count=1))
    if head is None:
        return None
    before, number, behind = head.groups()
    if not before.strip() and not behind.strip() and not text.startswith("=", head.end()):
        return None  # a number and a space: most are amounts
    # OCR takes wide and narrow signs for each other.
    style = normalize("NFKC", re.sub(r"\s", "", before + "#" + behind)).lower()
    return _Item(row, int(number), style, head.end(), before, _DOUBTFUL.match(text) is not None)


def _joined(near: _Item, number: int, line: OcrLine) -> int:
    """Where a row's text begins that bears this number like the one next to it, joined with it; 0 where none does."""
    before = r"\s*".join(map(re.escape, near.before.split()))
    sign = near.style.rpartition("#")[2]
    behind = {"/": r"[/1lI|](?=[\d=(])", "": r"(?=[\w=(])"}.get(sign, "(?==)")
    if number < 1 or not (before or sign):
        return 0
    found = re.match(rf"\s*{before}\s*{number}\s*{behind}", line.text, re.IGNORECASE)
    return found.end() if found else 0


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
        known = {item.row: item for item in items}
        above = [max(0, run[0].row - 1) for run in runs]
        found = [
            (known.get(row, _Item(row, 1, "")), list(run))
            for row, run in zip(above, runs, strict=True)
            if len(run) > 1
        ]
    return found
