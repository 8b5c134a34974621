"""``jianwei doctor``: what this machine can do, what is broken, and the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import EXIT_FAILED, busy, stdout, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import language as spoken
from jianwei.cli.text import tr

if TYPE_CHECKING:
    from jianwei.doctor import Check, Status

COLOURS: dict[Status, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "doctor",
        cls=Command,
        help=tr(
            "Examine this machine and this installation: processor, memory, disk, libraries, models; and say "
            "how to mend what is broken. Ends with 1 if something will not work.",
            "检查本机与安装情况：处理器、内存、磁盘、依赖库、模型，并给出解决办法。"
            "若有无法工作的项目，退出码为 1。",
        ),
        epilog="jianwei doctor\njianwei doctor --thorough\njianwei doctor --json",
    )(doctor)


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help=tr("As JSON.", "以 JSON 输出。"))] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help=tr(
                "Also read every fetched model through and compare its SHA-256.",
                "同时完整读取每个已下载的模型并核对 SHA-256。",
            ),
        ),
    ] = False,
    model: Annotated[str | None, options.model()] = None,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Print a line a check."""
    from jianwei.doctor import diagnose

    settings = load_settings(model=model, language=language)
    with busy(tr("Examining …", "正在检查……")):
        checks = diagnose(settings, thorough=thorough)
    if as_json:
        write(json.dumps([check.to_dict() for check in checks], ensure_ascii=False, indent=2) + "\n")
    else:
        for check in checks:
            _print(check)
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(EXIT_FAILED)


def _print(check: Check) -> None:
    words: dict[Status, str] = {
        "ok": tr("ok  ", "正常"),
        "warn": tr("warn", "注意"),
        "fail": tr("FAIL", "故障"),
    }
    title = check.title.zh if spoken() == "zh" else check.title.en
    mark = f"[{COLOURS[check.status]}]{words[check.status]}[/]"
    console = stdout()
    console.print(f"{mark}  [bold]{escape(title)}[/]  {escape(check.text(spoken()))}")
    way_out = check.way_out(spoken())
    if way_out:
        console.print(f"      → {escape(way_out)}")
