"""``jianwei bench``: speed and memory beside llama.cpp on the same CPU, in one run, at true size."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from jianwei.bench.figures import Bench
from jianwei.bench.limits import measure_limits
from jianwei.bench.measure import Disturbance, Figure, Row, alternate
from jianwei.bench.plot import as_svg
from jianwei.bench.random_model import random_pair
from jianwei.bench.table import (
    Language,
    as_json,
    as_table,
    closing_words,
    fast_words,
    server_words,
    why_missing,
    write_csv,
)
from jianwei.config import Settings
from jianwei.errors import InputError, Phrase
from jianwei.hub import ModelPaths
from jianwei.model.fast_file import write_fast
from jianwei.model.runtime import physical_cores

_ROUNDS = 3
_QUICK_ROUNDS = 2
_PLAIN_WIDTH = 132
"""Columns of the table where the output is no terminal."""


def run(
    *,
    as_json_line: bool = False,
    quick: bool = False,
    out: Path | None = None,
    models: Path | None = None,
    only: str | None = None,
    fast: bool = False,
    server: Path | None = None,
    settings: Settings | None = None,
) -> int:
    """Measure, print the table, and give the exit code.

    Args:
        as_json_line: end the output with the rows as one JSON line.
        quick: fewer and smaller figures, within about a minute.
        out: folder for ``bench.json``, ``bench.csv`` (every single value) and ``bench.svg``; made if missing.
        models: folder with a pair of GGUF files to measure on; an empty one gets the random pair. None: the
            random pair in the user's cache folder.
        only: just the figures whose name contains this.
        fast: our side computes with the model in the fast layout, made here; the peer with the GGUF.
        server: a ``llama-server`` to be the peer, over HTTP; None: the binding.
        settings: threads and the language of the words; None: from the environment.

    Returns:
        0 if every figure of ours was measured, else 1.

    Raises:
        InputError: no figure is named so, or the folder has files but no pair.
    """
    settings = settings or Settings()
    language: Language = settings.message_language
    threads = settings.threads or physical_cores()
    messages = Console(stderr=True)
    pair = find_pair(models, messages)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="jianwei-bench-")))
        made = fast_of(pair, scratch) if fast else None
        disturbance = Disturbance()
        bench = stack.enter_context(closing(Bench(pair, threads, made, server)))
        figures = choose(bench.figures(quick), only)
        with messages.status("…") as status:
            limits = measure_limits(threads)
            rows = alternate(
                figures,
                _QUICK_ROUNDS if quick else _ROUNDS,
                lambda number, what: status.update(f"{number + 1}  {what}"),
            )
    others = disturbance.share()

    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    console.print(as_table(rows, language))
    notes = [fast_words(language)] if fast else []
    notes += [server_words(language)] if server else []
    for line in (*why_missing(rows), *notes, *closing_words(limits, others, threads, language)):
        console.print(line, highlight=False, markup=False)
    if out is not None:
        write_files(rows, out, language)
    if as_json_line:
        print(as_json(rows), flush=True)
    return 0 if all(row.ours_spread for row in rows) else 1


def choose(figures: list[Figure], only: str | None) -> list[Figure]:
    """The figures whose name, in either language, contains ``only``."""
    if only is None:
        return figures
    wanted = only.casefold()
    chosen = [f for f in figures if wanted in f.name.casefold() or wanted in f.title.casefold()]
    if not chosen:
        reason = Phrase(
            "it is in no name of " + "; ".join(f.name for f in figures),
            "它不在任何项目名称之中：" + "；".join(f.title for f in figures),
        )
        raise InputError("bad_value", name="--only", got=only, reason=reason)
    return chosen


def find_pair(models: Path | None, messages: Console) -> ModelPaths:
    """The pair in the folder, or the random pair written there."""
    folder = models or Path(platformdirs.user_cache_dir("jianwei", appauthor=False)) / "bench"
    files = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    visions = [file for file in files if file.name.startswith("mmproj")]
    languages = [file for file in files if file not in visions]
    given = [file for file in files if "random-" not in file.name]
    if given:
        if len(languages) != 1 or len(visions) != 1:
            reason = Phrase(
                "it must hold one language GGUF and one whose name begins with mmproj",
                "其中应有一个语言 GGUF 和一个以 mmproj 开头的 GGUF",
            )
            raise InputError("bad_value", name="--models", got=str(folder), reason=reason)
        return ModelPaths(languages[0], visions[0])
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=messages, transient=True) as progress:
        tasks = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done)

        return random_pair(folder, on_progress=show)


def fast_of(pair: ModelPaths, scratch: Path) -> ModelPaths:
    """The model in the fast layout: kept beside the random one, made anew in ``scratch`` for any other."""
    ours = pair.language.name.startswith("random-")
    made = pair.fast(None if ours else scratch)
    for source, out in ((pair.language, made.language), (pair.vision, made.vision)):
        if not out.exists():
            write_fast(source, out)
    return made


def write_files(rows: list[Row], out: Path, language: Language) -> None:
    """The table's data, every single value, and the plot."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(as_json(rows) + "\n", encoding="utf-8")
    write_csv(rows, out / "bench.csv")
    (out / "bench.svg").write_text(as_svg(rows, language), encoding="utf-8")
