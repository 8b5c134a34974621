"""The figures as a table for people, one JSON line for machines, and every answer as CSV."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from jianwei.errors import Language
from jianwei.evals.tally import Record, Row

_HEADINGS = {"en": ("what", "value", "95% interval", "n"), "zh": ("项目", "数值", "95% 区间", "n")}

_REASONS_SHOWN = 5


def as_table(sections: Sequence[Sequence[Row]], language: Language) -> Table:
    """The rows in their sections; shares in percent."""
    what, value, interval, count = _HEADINGS[language]
    table = Table(what)
    for heading in (value, interval, count):
        table.add_column(heading, justify="right")
    for section in sections:
        for row in section:
            name = row.title if language == "zh" else row.name
            spread = f"{shown(row, row.low)} - {shown(row, row.high)}"
            table.add_row(name, shown(row, row.value), spread, str(row.n))
        table.add_section()
    return table


def shown(row: Row, value: float) -> str:
    """A value of a row as people read it; the unit stands in the row's name."""
    return f"{value:.2f}" if row.unit else f"{value:.1%}"


def as_json(rows: Sequence[Row]) -> str:
    """One line: ``{"rows": [{"name", "value", "n", "low", "high"}]}``; shares from 0 to 1."""
    return json.dumps({"rows": [_plain(row) for row in rows]}, ensure_ascii=False)


def write_json(path: Path, rows: Sequence[Row], about: dict[str, Any]) -> None:
    """The rows with what was asked of whom."""
    value = {"about": about, "rows": [_plain(row) for row in rows]}
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_csv(path: Path, records: Sequence[Record]) -> None:
    """Every answer with its score, a line each; empty where something has no meaning."""
    heads = (
        "family",
        "picture",
        "language",
        "kind",
        "match",
        "question",
        "expected",
        "answer",
        "right",
        "refused",
        "error_rate",
        "iou",
        "centre",
        "distance_cm",
        "valid",
        "f1",
        "objects_f1",
        "seconds",
        "failure",
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for record in records:
            question, score = record.question, record.score
            cells: tuple[Any, ...] = (
                record.family,
                record.picture,
                record.language,
                question.kind,
                question.match,
                question.text,
                question.answer,
                record.answer,
                score.right,
                score.refused,
                score.error_rate,
                score.overlap,
                score.centre,
                record.distance_cm,
                score.valid,
                score.f1,
                score.objects_f1,
                record.seconds,
                record.failure and record.failure.en,
            )
            writer.writerow([_cell(cell) for cell in cells])


def why_failed(records: Sequence[Record], language: Language) -> list[str]:
    """The reasons why answers did not come, the most frequent first, with how often."""
    reasons = Counter(record.failure for record in records if record.failure is not None)
    lines = [
        f"{count} x {reason.zh if language == 'zh' else reason.en}"
        for reason, count in reasons.most_common(_REASONS_SHOWN)
    ]
    if len(reasons) > _REASONS_SHOWN:
        lines.append("…")
    if lines:
        lines.insert(
            0, "未得到回答（算作答错）：" if language == "zh" else "No answer came (counted as wrong):"
        )
    return lines


def _plain(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": round(row.value, 4),
        "n": row.n,
        "low": round(row.low, 4),
        "high": round(row.high, 4),
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.4f}" if isinstance(value, float) else str(value)
