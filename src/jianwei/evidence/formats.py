"""Forms of written answers: what a model is asked for, and what is made of what it wrote.

A model is asked for the form in words. Tables and LaTeX are then read from its answer, however it wrote them,
and written anew, so that they are well-formed also where the answer was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.errors import Language
from jianwei.evidence.intent import asks_for_all
from jianwei.evidence.regions import language_of
from jianwei.evidence.tables import as_csv, as_html, as_latex, read_table, without_fence
from jianwei.types import JSON_ANSWER, AnswerFormat, ChatRequest, ModelCard

_WORDS: dict[AnswerFormat, dict[Language, str]] = {
    "report": {
        "zh": "请写成简短的报告，用 Markdown 标题分为：概述、细节、结论。",
        "en": "Write a short report in Markdown with the headings Summary, Details, Conclusion.",
    },
    "markdown": {
        "zh": "请用 Markdown 格式回答，表格用 Markdown 表格。",
        "en": "Answer in Markdown; tables as tables.",
    },
    "csv": {
        "zh": "只输出 CSV：第一行为表头，字段用逗号分隔，不要其他文字。",
        "en": "Output CSV only: a header row, then one line a record, separated by commas.",
    },
    "latex": {
        "zh": "只输出 LaTeX：表格用 tabular，公式直接写出，不要其他文字。",
        "en": "Output LaTeX only: tables as tabular, formulas as they are.",
    },
    "html-table": {
        "zh": "只输出一个 HTML 表格（<table>），不要其他文字。",
        "en": "Output one HTML table (<table>) only.",
    },
}
_JSON: dict[Language, str] = {
    "zh": "请以 JSON 回答：objects 为物体名称列表，texts 为图中文字列表，"
    "spatial_relations 为物体或文字之间空间关系的句子列表。",
    "en": "Answer as JSON: objects (names of things), texts (what is written), spatial_relations (sentences on "
    "where things and texts are to each other).",
}
_SCHEMA: dict[Language, str] = {
    "zh": "请以符合下列 JSON schema 的 JSON 回答：{}",
    "en": "Answer as JSON that obeys this JSON schema: {}",
}


def instruction(request: ChatRequest, card: ModelCard) -> str:
    """What the model is told about the form of its answer, after the question and in its language.

    The built-in model has learned no words about forms but those for a whole picture as JSON.
    """
    question = request.messages[-1].text
    language = language_of(question)
    grammar = request.grammar
    if card.builtin:
        return _JSON[language] if grammar == JSON_ANSWER and not asks_for_all(question) else ""
    words = [_WORDS[request.format][language]] if request.format is not None else []
    if grammar == JSON_ANSWER:
        words.append(_JSON[language])
    elif grammar is not None and grammar.kind == "json_schema":
        words.append(_SCHEMA[language].format(grammar.text))
    return "\n".join(words)


def is_rewritten(form: AnswerFormat | None) -> bool:
    """Whether the answer is written anew when it is whole, so that no piece of it can be sent before."""
    return form in ("csv", "latex", "html-table")


def finish(text: str, form: AnswerFormat | None, rows: Sequence[Sequence[str]] = ()) -> str:
    """The answer in its form, well-formed whatever the model wrote and wherever it was cut off.

    Args:
        text: the answer.
        form: its form.
        rows: pieces that were read beside each other in the pictures: an answer that repeats such a row, and writes no
            table itself, has its pieces as cells.
    """
    if form == "csv":
        return as_csv(read_table(text, rows))
    if form == "html-table":
        return as_html(read_table(text, rows))
    if form == "latex":
        return _latex(text, rows)
    if form in ("markdown", "report"):
        return text + _open_fence(text)
    return text


def _open_fence(text: str) -> str:
    """What closes a code block of Markdown that was left open."""
    fences = [line.strip()[:3] for line in text.splitlines() if line.lstrip().startswith(("```", "~~~"))]
    return f"\n{fences[-1]}" if len(fences) % 2 else ""


_TOKEN = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}|\\[\s\S]|\$\$?|[{}]")
_MARKUP = re.compile(r"\\[a-zA-Z]+|\$|[_^]\S")


def _latex(text: str, rows: Sequence[Sequence[str]]) -> str:
    """LaTeX as it is if it was LaTeX, with what is open closed; a table of any other kind as tabular."""
    source = without_fence(text).strip()
    if _MARKUP.search(source):
        closing = _latex_closing(source)
        if closing is not None:
            return source + closing
    return as_latex(read_table(text, rows))


def _latex_closing(source: str) -> str | None:
    """What closes the open groups, environments and formulas, innermost first; None: it closes what is not open."""
    if (len(source) - len(source.rstrip("\\"))) % 2:
        return None  # it ends in the middle of a command
    open_: list[str] = []
    for found in _TOKEN.finditer(source):
        token, kind, name = found.group(0), found.group(1), found.group(2)
        if kind == "begin":
            open_.append(f"\\end{{{name}}}")
        elif kind == "end":
            if not open_ or open_.pop() != f"\\end{{{name}}}":
                return None
        elif token == "{":
            open_.append("}")
        elif token == "}":
            if not open_ or open_.pop() != "}":
                return None
        elif token in ("$", "$$"):
            # Inside $...$ two of them are the end of this formula and the beginning of the next.
            for dollars in ("$", "$") if token == "$$" and "$" in open_ else (token,):
                if dollars == "$" and "$$" in open_:
                    return None
                if dollars not in open_:
                    open_.append(dollars)
                elif open_.pop() != dollars:
                    return None
    closing = "".join(reversed(open_))
    return f" {closing}" if source.endswith("$") and closing.startswith("$") else closing
