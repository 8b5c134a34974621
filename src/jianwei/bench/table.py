"""The figures as a table for people, one JSON line for machines, and all single values as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from rich.table import Table

from jianwei.bench.limits import Limits
from jianwei.bench.measure import Row, Spread

Language = Literal["zh", "en"]

_HEADINGS = {
    "en": ("what", "unit", "Jianwei", "llama.cpp", "times better (lowest to highest)"),
    "zh": ("项目", "单位", "见微", "llama.cpp", "倍数（最低到最高）"),
}

BUSY_SHARE = 0.1
"""More than this share of the CPU taken by others: say that the figures are not to be trusted."""


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, without an exponent."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:g}"


def as_table(rows: Sequence[Row], language: Language) -> Table:
    """Medians of both sides, and the ratio with its spread; a dash where something is missing."""
    what, unit, ours, peer, ratio = _HEADINGS[language]
    table = Table(what, unit)
    for heading in (ours, peer, ratio):
        table.add_column(heading, justify="right")
    for row in rows:
        figure = row.figure
        table.add_row(
            figure.title if language == "zh" else figure.name,
            figure.unit,
            _cell(row.ours_spread),
            _cell(row.peer_spread),
            _ratio_cell(row.ratio),
        )
    return table


def _cell(values: Spread | None) -> str:
    return significant(values.median) if values else "-"


def _ratio_cell(values: Spread | None) -> str:
    if values is None:
        return "-"
    return f"{values.median:.2f} ({values.low:.2f}-{values.high:.2f})"


def as_json(rows: Sequence[Row]) -> str:
    """One line: ``{"rows": [{"name", "ours", "peer", "ratio", "unit"}]}``, medians; null where there is none.

    ``ratio`` says how many times better ours is, whichever direction is better for the unit.
    """
    return json.dumps(
        {
            "rows": [
                {
                    "name": row.figure.name,
                    "ours": _number(row.ours_spread),
                    "peer": _number(row.peer_spread),
                    "ratio": _number(row.ratio),
                    "unit": row.figure.unit,
                }
                for row in rows
            ]
        },
        ensure_ascii=False,
    )


def _number(values: Spread | None) -> float | None:
    return float(f"{values.median:.4g}") if values else None


def why_missing(rows: Sequence[Row]) -> list[str]:
    """The reasons why values are missing, each once, with the rows that they are missing from."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        for note in row.notes:
            reasons.setdefault(note, []).append(row.figure.name)
    return [
        f"{reason} ({'; '.join(names)})" if len(names) < len(rows) / 2 else reason
        for reason, names in reasons.items()
    ]


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Every single value: name, unit, side, round (from 1), value; empty where there was none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "unit", "side", "round", "value"))
        for row in rows:
            for side, values in (("ours", row.ours), ("peer", row.peer)):
                for number, value in enumerate(values, 1):
                    shown: Any = "" if value is None else f"{value:.6g}"
                    writer.writerow((row.figure.name, row.figure.unit, side, number, shown))


def fast_words(language: Language) -> str:
    """Under a table whose sides did not compute with the same weights."""
    if language == "zh":
        return "本程序使用快速布局的模型，对比程序使用其来源的 GGUF。"
    return (
        "Ours computed with the model in the fast layout, the peer with the GGUF files that it was made from."
    )


def server_words(language: Language) -> str:
    """Under a table whose peer is a ``llama-server``."""
    if language == "zh":
        return "对比程序为 llama-server，经 HTTP 提问；本程序在进程内提问，不经 HTTP。"
    return "The peer is llama-server, asked over HTTP; ours is asked in its process, without HTTP."


def closing_words(limits: Limits, disturbance: float, threads: int, language: Language) -> list[str]:
    """What belongs under the table: the machine's limits, and how far it was busy with other things."""
    multiply = ", ".join(f"{kind} {speed:.0f} GFLOP/s" for kind, speed in limits.multiply.items())
    share = f"{disturbance:.0%}"
    if language == "zh":
        lines = [f"本机极限（{threads} 线程）：读内存 {limits.read:.0f} GB/s；矩阵乘 {multiply}。"]
        lines.append(f"测量期间其他程序占用 CPU {share}。")
        if disturbance > BUSY_SHARE:
            lines.append("机器太忙，以上数字不可靠：请关闭其他程序后重测。")
        return lines
    lines = [
        f"Limits of this machine, {threads} threads: reading {limits.read:.0f} GB/s; products {multiply}."
    ]
    lines.append(f"Other programs took {share} of the CPU meanwhile.")
    if disturbance > BUSY_SHARE:
        lines.append("That is too much to trust these figures: close other programs and measure again.")
    return lines
