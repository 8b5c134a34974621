"""``jianwei models``: what there is, and what is here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import say, stdout, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import columns, size_text, tr

if TYPE_CHECKING:
    from jianwei.hub import ModelStatus


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "models",
        cls=Command,
        help=tr(
            "List the models of the catalogue: which are here, their size, memory needed and licence.",
            "列出可用的模型：是否已下载、大小、所需内存和许可证。",
        ),
        epilog="jianwei models\njianwei models --json",
    )(models)


def models(
    *,
    as_json: Annotated[bool, typer.Option("--json", help=tr("As JSON.", "以 JSON 输出。"))] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Print the table."""
    from jianwei.hub import status

    found = status(load_settings(language=language))
    if as_json:
        write(json.dumps([item.to_dict() for item in found], ensure_ascii=False, indent=2) + "\n")
        return
    head = (
        tr("name", "名称"),
        tr("here", "本机"),
        tr("download", "下载"),
        tr("memory", "内存"),
        tr("parameters", "参数"),
        tr("licence", "许可证"),
        tr("title", "说明"),
    )
    title, *lines = columns([head, *(_row(item) for item in found)])
    stdout().print(title, style="bold", markup=False)
    for line in lines:
        write(line + "\n")
    if not any(item.here and not item.entry.builtin for item in found):
        say(
            tr(
                "`jianwei pull qwen3-vl-2b` fetches a stronger model.",
                "运行 `jianwei pull qwen3-vl-2b` 可下载更强的模型。",
            ),
            "dim",
        )


def _row(item: ModelStatus) -> tuple[str, ...]:
    entry = item.entry
    if item.here:
        here = tr("yes, -fast too", "有，含 -fast") if item.fast else tr("yes", "有")
    elif item.bytes_here:
        here = f"{item.bytes_here / max(entry.download_size, 1):.0%}"
    else:
        here = tr("no", "无")
    return (
        entry.name,
        here,
        size_text(entry.download_size) if entry.download_size else tr("included", "内置"),
        size_text(item.memory_needed) if item.memory_needed else "",
        f"{entry.parameters / 1e9:.1f} B" if entry.parameters else "",
        entry.licence,
        entry.title,
    )
