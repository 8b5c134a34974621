"""``jianwei eval``: how often a model is right, on drawn scenes or on a user's own pictures."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from jianwei import __version__
from jianwei.config import Settings
from jianwei.errors import InputError, Language, Phrase
from jianwei.evals import folder, memory, scenes_task
from jianwei.evals.asking import Answerer
from jianwei.evals.endpoint import Endpoint
from jianwei.evals.local import LocalModel
from jianwei.evals.plot import as_svg
from jianwei.evals.scenes_task import OnProgress, Plan
from jianwei.evals.table import as_json, as_table, why_failed, write_csv, write_json
from jianwei.evals.tally import Record, Row, by_family, by_group, measures
from jianwei.scenes import fonts

_PLAIN_WIDTH = 132
"""Columns of the table where the output is no terminal."""

_WORDS = {
    "en": ("Scenes", "Memory", "Pictures", "Loading the model “{}” …", "{model}, {seconds:.0f} s"),
    "zh": ("场景", "内存", "图片", "正在加载模型“{}”……", "{model}，{seconds:.0f} 秒"),
}

_PRINTED = {
    "en": "Homework was drawn in print, which is read better than handwriting: no fonts for it (docs/evaluation.md).",
    "zh": "作业以印刷字体绘制（比手写体易读）：未安装手写字体（见 docs/evaluation.md）。",
}


@dataclass(frozen=True)
class Server:
    """A server to ask instead of a model in this process.

    Attributes:
        url: of its OpenAI-compatible API.
        model: the name to ask for; None: the first it lists.
        api_key: if it wants one.
        timeout: seconds that an answer may take.
    """

    url: str
    model: str | None = None
    api_key: str | None = None
    timeout: float = 120.0


@dataclass(frozen=True)
class Report:
    """What came of an evaluation.

    Attributes:
        about: what was asked of whom.
        records: every question.
        shares: right answers, summed up and by family.
        others: rates, places, refusals, time, memory.
    """

    about: dict[str, Any]
    records: list[Record]
    shares: list[list[Row]]
    others: list[Row]

    @property
    def rows(self) -> list[Row]:
        """All figures."""
        return [*(row for section in self.shares for row in section), *self.others]


def run(
    settings: Settings,
    *,
    plan: Plan | None = None,
    questions: tuple[Path, Path] | None = None,
    server: Server | None = None,
    ocr: bool = True,
    rounds: int = memory.ROUNDS,
    out: Path | None = None,
    as_json_line: bool = False,
) -> int:
    """Ask, print the table, and give the exit code.

    Args:
        settings: of the model in this process; the language of the words.
        plan: which scenes; or
        questions: a folder of pictures and its question file.
        server: to be asked instead of a model in this process.
        ocr: whether a model that wants OCR evidence gets it; in this process only.
        rounds: of the task of memory, which goes with scenes.
        out: folder for ``eval.json``, ``eval.csv`` (every answer) and ``eval.svg``; made if missing.
        as_json_line: end the output with the rows as one JSON line.

    Returns:
        0 if any question was answered, else 1.

    Raises:
        JianweiError: the model cannot be loaded, the server cannot be asked, a question file is wrong, or a
            scene cannot be drawn.
    """
    language = settings.message_language
    if out is not None:
        _make_folder(out)
    entries = folder.read_questions(*questions, settings) if questions else []
    messages = Console(stderr=True)
    with _answerer(settings, server, ocr, messages) as answerer:
        about: dict[str, Any] = {"model": answerer.name, "jianwei": __version__, "ocr": ocr}
        about |= {"endpoint": server.url if server else None}
        if plan is not None:
            report = _judge_scenes(answerer, plan, rounds, about, messages, language)
        else:
            with _bar(_WORDS[language][2], messages) as show:
                records = folder.run(answerer, entries, settings, show)
            about |= {"questions": questions[1].name} if questions else {}
            report = Report(about, records, [by_family(records)], measures(records))
    _print(report, language)
    if out is not None:
        _write_files(report, out, language)
    if as_json_line:
        print(as_json(report.rows), flush=True)
    return 0 if any(record.failure is None for record in report.records) else 1


def _judge_scenes(
    answerer: Answerer, plan: Plan, rounds: int, about: dict[str, Any], messages: Console, language: Language
) -> Report:
    with _bar(_WORDS[language][0], messages) as show:
        records = scenes_task.run(answerer, plan, show)
    with _bar(_WORDS[language][1], messages) as show:
        taken = memory.run(answerer, plan, rounds, show)
    written = {speech: fonts.names(speech, plan.split) for speech in plan.languages}
    about = {**about, **asdict(plan), "memory_bytes": taken, "fonts": written}
    others = [*measures(records), *memory.rows(taken)]
    return Report(about, records, [by_group(records), by_family(records)], others)


@contextlib.contextmanager
def _answerer(
    settings: Settings, server: Server | None, ocr: bool, messages: Console
) -> Generator[LocalModel | Endpoint]:
    """Whom to ask; closed at the end."""
    if server is not None:
        answerer = Endpoint(server.url, model=server.model, api_key=server.api_key, timeout=server.timeout)
    else:
        loading = _WORDS[settings.message_language][3].format(settings.model)
        with messages.status(loading) if messages.is_terminal else contextlib.nullcontext():
            answerer = LocalModel(settings, ocr=ocr)
    try:
        yield answerer
    finally:
        answerer.close()


@contextlib.contextmanager
def _bar(title: str, messages: Console) -> Generator[OnProgress]:
    """A bar on a terminal; nothing in a pipe."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(
        *columns, *times, console=messages, transient=True, disable=not messages.is_terminal
    ) as progress:
        task = progress.add_task(title, total=None)

        def show(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=f"{title}  {what}".rstrip())

        yield show


def _print(report: Report, language: Language) -> None:
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    console.print(as_table([*report.shares, report.others], language))
    seconds = sum(record.seconds for record in report.records)
    closing = _WORDS[language][4].format(model=report.about["model"], seconds=seconds)
    printed = [_PRINTED[language]] if _is_printed(report.about) else []
    for line in (*why_failed(report.records, language), *printed, closing):
        console.print(line, highlight=False, markup=False)


def _is_printed(about: dict[str, Any]) -> bool:
    """Whether there was homework and not in handwriting, for want of fonts."""
    written: dict[Language, dict[str, list[str]]] = about.get("fonts", {})
    return "homework" in about.get("families", ()) and not all(each["hand"] for each in written.values())


def _make_folder(out: Path) -> None:
    """Make the folder before anything is asked, so that no result is lost for want of it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = Phrase("this folder cannot be made", "无法创建此文件夹")
        raise InputError("bad_value", name="--out", got=str(out), reason=reason) from error


def _write_files(report: Report, out: Path, language: Language) -> None:
    write_json(out / "eval.json", report.rows, report.about)
    write_csv(out / "eval.csv", report.records)
    bars = [row for section in report.shares for row in section]
    (out / "eval.svg").write_text(as_svg(bars, str(report.about["model"]), language), encoding="utf-8")
