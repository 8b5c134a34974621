"""``jianwei bench``: measured speed and memory on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.settings import load_settings
from jianwei.cli.text import tr


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "bench",
        cls=Command,
        help=tr(
            "Measure speed and memory on this machine, beside llama.cpp where llama-cpp-python is installed. "
            "Without --models, a full-size Qwen3-VL-2B pair with random weights (1.6 GB) is written to the "
            "cache folder.",
            "在本机测量速度与内存；若已安装 llama-cpp-python，则与 llama.cpp 对比。"
            "未指定 --models 时，会在缓存文件夹中生成一对全尺寸随机权重的 Qwen3-VL-2B 文件（1.6 GB）。",
        ),
        epilog="jianwei bench --quick\njianwei bench --json --out bench-out\njianwei bench --only decode",
    )(bench)


def bench(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("End with one JSON line.", "最后输出一行 JSON。"))
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help=tr("Fewer and smaller figures.", "只测少量小项目。"))
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar=tr("TEXT", "文字"),
            help=tr("Only figures whose name contains this.", "只测名称含此文字的项目。"),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar=tr("FOLDER", "文件夹"),
            help=tr(
                "Folder for bench.json, bench.csv and bench.svg.",
                "bench.json、bench.csv 和 bench.svg 的输出文件夹。",
            ),
        ),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(
            "--models",
            metavar=tr("FOLDER", "文件夹"),
            help=tr("Folder with the GGUF pair to measure on.", "用于测量的一对 GGUF 文件所在的文件夹。"),
        ),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help=tr(
                "Ours in the fast layout (`jianwei convert`), the peer on the GGUF as it is.",
                "本程序使用快速布局（见 `jianwei convert`），对比程序仍用原 GGUF。",
            ),
        ),
    ] = False,
    server: Annotated[
        Path | None,
        typer.Option(
            "--llama-server",
            metavar=tr("FILE", "文件"),
            help=tr(
                "A llama-server program to compare with over HTTP, in place of llama-cpp-python.",
                "改与该 llama-server 程序（经 HTTP）对比，不用 llama-cpp-python。",
            ),
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            metavar="N",
            help=tr("CPU threads; 0: all physical cores.", "CPU 线程数；0：全部物理核心。"),
        ),
    ] = None,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Measure; ends with 1 if a figure of ours could not be measured."""
    settings = load_settings(threads=threads, language=language)
    from jianwei.bench.main import run

    code = run(
        as_json_line=as_json,
        quick=quick,
        out=out,
        models=models,
        only=only,
        fast=fast,
        server=server,
        settings=settings,
    )
    raise typer.Exit(code)
