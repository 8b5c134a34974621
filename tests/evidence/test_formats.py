"""Whatever a model writes, and wherever it was cut off, tables and LaTeX come out well-formed."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.evidence.formats import finish, instruction, is_rewritten
from jianwei.evidence.loops import repeats
from jianwei.evidence.tables import as_csv, as_html, as_latex, read_table
from jianwei.types import JSON_ANSWER, AnswerFormat, ChatRequest, Grammar, Message, ModelCard, TextPart

ROWS = [["商品", "价格"], ["牛奶, 1L", "¥9.9"], ["a|b & 50%", '"x"']]
MARKDOWN = '以下是表格：\n\n| 商品 | 价格 |\n|---|:--:|\n| 牛奶, 1L | ¥9.9 |\n| a\\|b & 50% | "x" |\n\n完毕。'
HTML = (
    "```html\n<table><tr><th>商品</th><th>价格</th></tr><tr><td>牛奶, <b>1L</b></td><td>¥9.9</td></tr>"
    "<tr><td>a|b &amp; 50%</td><td>&quot;x&quot;</td></tr></table>\n```"
)
LATEX = r"\begin{tabular}{l|r}\hline 商品 & 价格 \\ \hline 牛奶, 1L & ¥9.9 \\ a|b \& 50\% & {\"}x{\"} \\ \end{tabular}"
CSV = '商品,价格\n"牛奶, 1L",¥9.9\na|b & 50%,"""x"""\n'


@pytest.mark.parametrize("source", [MARKDOWN, HTML, CSV])
def test_a_table_is_read_however_it_is_written(source: str) -> None:
    assert read_table(source) == ROWS


def test_a_table_in_latex_is_read() -> None:
    assert read_table(LATEX)[:2] == ROWS[:2]
    assert read_table(LATEX)[2][0] == "a|b & 50%"


def test_lines_of_label_and_value_are_a_table() -> None:
    assert read_table("合计：12.50\n日期：2024-01-02") == [["合计", "12.50"], ["日期", "2024-01-02"]]
    assert read_table("看起来是一张收据，右下角破损。") == [["看起来是一张收据，右下角破损。"]]


def test_a_line_that_repeats_what_stands_side_by_side_in_the_picture_is_cut_like_it() -> None:
    read = [["猪肉", "500 g", "¥3.13"], ["谢谢惠顾"]]
    answer = "猪肉 500g ¥3.13\n谢谢惠顾"
    assert read_table(answer, read) == [["猪肉", "500 g", "¥3.13"], ["谢谢惠顾", "", ""]]
    assert finish(answer, "csv", read) == "猪肉,500 g,¥3.13\n谢谢惠顾,,\n"
    assert "<th>500 g</th>" in finish(answer, "html-table", read)
    assert r"猪肉 & 500 g & ¥3.13 \\" in finish(answer, "latex", read)
    assert finish(CSV, "csv", read) == CSV, "a table that the model wrote stays its own"


@pytest.mark.parametrize("source", [MARKDOWN, HTML, CSV])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9])
def test_an_answer_that_was_cut_off_gives_the_rows_that_are_there(source: str, part: float) -> None:
    rows = read_table(source[: int(len(source) * part)])
    assert len({len(row) for row in rows}) == 1


class Nesting(HTMLParser):
    """Fails where a tag is closed that is not open, or left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in {"table", "thead", "tbody", "tr", "th", "td"}
        self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["td"], ["th"]):
            self.cells[-1] += data


def cells_of(html: str) -> list[str]:
    parser = Nesting()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser.cells


def test_html_shows_the_cells_and_no_markup_of_the_model() -> None:
    assert cells_of(as_html(ROWS)) == [cell for row in ROWS for cell in row]
    wild = finish("| a | b |\n|---|---|\n| <script>x</script> | <img src=x onerror=y> |", "html-table")
    assert cells_of(wild)[2:] == ["<script>x</script>", "<img src=x onerror=y>"]


wild_text = st.text(alphabet=st.sampled_from("ab1,|\"'<>&;\n\t\\{}$%#_^~`-: 表table/tr\\begin"), max_size=120)


@given(wild_text)
def test_wild_answers_become_well_formed_html(text: str) -> None:
    cells_of(finish(text, "html-table"))


@given(wild_text)
def test_wild_answers_become_csv_with_equal_rows(text: str) -> None:
    rows = list(csv.reader(io.StringIO(finish(text, "csv")), strict=True))
    assert len({len(row) for row in rows}) <= 1


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), min_size=1, max_size=5))
def test_csv_gives_every_cell_back(rows: list[list[str]]) -> None:
    rows = [[cell.replace("\r", "").replace("\x00", "") for cell in row] for row in rows]
    assert list(csv.reader(io.StringIO(as_csv(rows), newline=""))) == rows


def is_balanced(latex: str) -> bool:
    """Groups, environments and formulas close in the order in which they open."""
    open_: list[str] = []
    for token in re.findall(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[\s\S]|\$\$?|[{}]", latex):
        if token.startswith("\\begin"):
            open_.append(token[6:].strip())
        elif token.startswith("\\end"):
            if not open_ or open_.pop() != token[4:].strip():
                return False
        elif token in ("$", "$$"):
            for dollars in "$$" if token == "$$" and "$" in open_ else [token]:
                if dollars not in open_:
                    open_.append(dollars)
                elif open_.pop() != dollars:
                    return False
        elif token == "{":
            open_.append(token)
        elif token == "}" and (not open_ or open_.pop() != "{"):
            return False
    return not open_


@given(wild_text)
def test_wild_answers_become_balanced_latex(text: str) -> None:
    assert is_balanced(finish(text, "latex"))


@pytest.mark.parametrize(
    ("written", "finished"),
    [
        (r"E = mc^2", r"E = mc^2"),
        (r"$\frac{1}{2", r"$\frac{1}{2}$"),
        (r"\begin{equation} x_{1}", r"\begin{equation} x_{1}\end{equation}"),
        ("```latex\n\\sqrt{2}\n```", r"\sqrt{2}"),
        ("合计 50%", r"合计 50\%"),
        ("x} \\end{foo}", r"x\} \textbackslash{}end\{foo\}"),
    ],
)
def test_latex_stays_as_it_is_and_is_closed_where_it_was_cut_off(written: str, finished: str) -> None:
    assert finish(written, "latex") == finished


def test_a_table_becomes_a_tabular_with_escaped_characters() -> None:
    assert as_latex([["a_b", "50%"], ["x & y", "#1"]]) == "\n".join(
        [r"\begin{tabular}{ll}", r"a\_b & 50\% \\", r"\hline", r"x \& y & \#1 \\", r"\end{tabular}"]
    )


def test_a_code_block_left_open_is_closed() -> None:
    assert finish("Look:\n```python\nprint(1)", "markdown") == "Look:\n```python\nprint(1)\n```"
    assert finish("Look:\n```python\nprint(1)\n```", "report") == "Look:\n```python\nprint(1)\n```"


def test_only_forms_that_are_written_anew_are_held_back() -> None:
    assert [
        form for form in ("report", "markdown", "csv", "latex", "html-table", None) if is_rewritten(form)
    ] == [
        "csv",
        "latex",
        "html-table",
    ]


def asked(
    question: str,
    *,
    grammar: Grammar | None = None,
    format: AnswerFormat | None = None,  # noqa: A002 - the option's name everywhere
) -> ChatRequest:
    return ChatRequest("a", (Message("user", (TextPart(question),)),), grammar=grammar, format=format)


CARD = ModelCard("qwen3-vl-2b", "Qwen3-VL 2B", 2, 4096, builtin=False, wants_ocr=False)


def test_a_model_is_told_the_form_in_the_language_of_the_question() -> None:
    assert "CSV" in instruction(asked("列出商品", format="csv"), CARD)
    assert instruction(asked("List the goods", format="csv"), CARD).startswith("Output CSV only")
    assert "spatial_relations" in instruction(asked("描述", grammar=JSON_ANSWER), CARD)
    assert '{"type": "object"}' in instruction(
        asked("x", grammar=Grammar("json_schema", '{"type": "object"}')), CARD
    )
    assert instruction(asked("plain"), CARD) == ""
    assert instruction(asked("x", grammar=Grammar("regex", "a+")), CARD) == ""


def test_the_builtin_model_is_told_nothing() -> None:
    builtin = ModelCard("builtin", "", 2, 4096, builtin=True, wants_ocr=True)
    assert instruction(asked("列出商品", format="csv", grammar=None), builtin) == ""


@pytest.mark.parametrize("unit", ["x", "谢谢惠顾\n", "| 1 | 2 |\n", "The total is 12.50. " * 10])
def test_an_answer_that_repeats_itself_is_noticed(unit: str) -> None:
    text = "收据\n" + unit * 300
    first = next(n for n in range(1, len(text) + 1) if repeats(text[:n]))
    assert first <= len("收据\n") + max(240, 8 * len(unit)) + len(unit)


@pytest.mark.parametrize("unit", ["位", "哈哈", "ab"])
def test_one_or_two_letters_again_and_again_are_noticed_soon(unit: str) -> None:
    text = "满" + unit * 60
    first = next(n for n in range(1, len(text) + 1) if repeats(text[:n]))
    assert first <= 1 + 40 + len(unit)
    assert not repeats("哈" * 30)


def test_real_tables_are_no_loops() -> None:
    rows = "".join(f"| {i} | 0.00 | 0.00 | yes |\n" for i in range(200))
    assert not any(repeats(rows[:n]) for n in range(len(rows)))
    assert not repeats("合计" + "-" * 200)
    assert not repeats("0.00, " * 30)
    assert not repeats("No. | Pass\n" * 10)
    assert not repeats("")
