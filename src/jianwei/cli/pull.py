"""``jianwei pull``: fetch a model, resumed and verified."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from jianwei.cli import options
from jianwei.cli.convert import write_fast
from jianwei.cli.help import Command
from jianwei.cli.output import say, stderr, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import language as spoken
from jianwei.cli.text import size_text, tr

if TYPE_CHECKING:
    from jianwei import hub
    from jianwei.config import Settings

SOURCE_NAMES = {"huggingface": "Hugging Face", "modelscope": "ModelScope"}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "pull",
        cls=Command,
        help=tr(
            "Fetch a model of the catalogue. A download goes on where it broke off; size and SHA-256 are "
            "checked; HF_ENDPOINT and proxies of the environment are honoured.",
            "下载模型。支持断点续传，校验大小与 SHA-256；遵循 HF_ENDPOINT 和环境中的代理设置。",
        ),
        epilog="jianwei pull qwen3-vl-2b\njianwei pull qwen3-vl-2b --source modelscope --yes",
    )(pull)


def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar=tr("NAME", "名称"),
            autocompletion=options.complete_model,
            help=tr("As `jianwei models` lists it.", "`jianwei models` 列出的名称。"),
        ),
    ],
    *,
    source: Annotated[
        Literal["auto", "huggingface", "modelscope"],
        typer.Option(
            "--source",
            metavar="auto|huggingface|modelscope",
            help=tr(
                "Where from; auto: Hugging Face, and ModelScope whenever that fails.",
                "下载来源；auto：先 Hugging Face，失败时换 ModelScope。",
            ),
        ),
    ] = "auto",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=tr("Do not ask before a large download.", "下载前不再确认。"))
    ] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help=tr(
                "Also write it in the faster layout, as `jianwei convert` does.",
                "同时写出快速布局的文件（同 `jianwei convert`）。",
            ),
        ),
    ] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Say what is about to be fetched, fetch it, say how to use it."""
    from jianwei import hub

    settings = load_settings(language=language)
    entry = hub.CATALOGUE.get(name)
    if entry is not None and not entry.is_here(settings):
        say(
            f"{entry.title}: {size_text(entry.download_size)}, {entry.licence}, "
            f"{entry.repository} → {settings.models_dir / entry.name}"
        )
        if not yes and sys.stdin.isatty() and not _agreed():
            say(tr("Nothing was fetched.", "未下载。"))
            raise typer.Exit(0)
    report = _Bars() if stderr().is_terminal else _Lines()
    with report:
        paths = hub.pull(name, settings, source=source, progress=report.show)
    write(f"{paths.language}\n{paths.vision}\n")
    if fast:
        write_fast(paths)
        name += hub.catalogue.FAST
    say(_next_step(name, settings))


def _agreed() -> bool:
    answer = input(tr("Fetch it? [Y/n] ", "是否下载？[Y/n] ")).strip().lower()
    return answer in ("", "y", "yes", "是")


def _next_step(name: str, settings: Settings) -> str:
    if name == settings.model:
        return tr("Ready: `jianwei serve`.", "已就绪：运行 `jianwei serve`。")
    return tr(f"Ready: `jianwei serve --model {name}`.", f"已就绪：运行 `jianwei serve --model {name}`。")


def _state_text(progress: hub.Progress) -> str:
    source = SOURCE_NAMES.get(progress.source or "", "")
    reason = progress.reason
    words = {
        "waiting": tr("another pull is at it; waiting", "另一个下载正在进行，等待中"),
        "checking": tr("checking what is here", "正在校验已有部分"),
        "downloading": tr(f"from {source}", f"来自 {source}"),
        "done": tr("complete and verified", "已完成并通过校验"),
        "retrying": tr(f"{source} failed; trying again", f"{source} 失败，正在重试"),
    }
    text = words[progress.state]
    if progress.state == "retrying" and reason is not None:
        text += f" ({reason.zh if spoken() == 'zh' else reason.en})"
    return text


class _Bars:
    """Progress on a terminal: a bar a file."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[state]}", style="dim"),
            console=stderr(),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, progress: hub.Progress) -> None:
        """Update the bar of the file in hand."""
        if progress.file not in self._tasks:
            self._tasks[progress.file] = self._bars.add_task(progress.file, total=progress.size, state="")
        state = escape(_state_text(progress))
        self._bars.update(self._tasks[progress.file], completed=progress.received, state=state)


class _Lines:
    """Progress in a log: a line when something changes, and every tenth of a file."""

    def __init__(self) -> None:
        self._last: tuple[object, ...] = ()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, progress: hub.Progress) -> None:
        """Print a line if there is news."""
        tenth = progress.received * 10 // max(progress.size, 1)
        news = (progress.file, progress.state, progress.source, tenth)
        if news != self._last:
            self._last = news
            say(f"{progress.file}: {tenth * 10}% {_state_text(progress)}")
