"""``jianwei serve``: the HTTP server with its page and APIs."""

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
        "serve",
        cls=Command,
        help=tr(
            "Start the server: the page, the HTTP API and the OpenAI-compatible API, by default on "
            "http://127.0.0.1:5000.\n\n"
            "Every option can also be set as JIANWEI_NAME in the environment or in jianwei.toml.",
            "启动服务：网页、HTTP 接口和兼容 OpenAI 的接口，默认地址 http://127.0.0.1:5000。\n\n"
            "每个选项也可用环境变量 JIANWEI_名称 或 jianwei.toml 设置。",
        ),
        epilog=tr(
            "jianwei serve\njianwei serve --model qwen3-vl-2b --port 8000\n"
            "JIANWEI_API_KEY=secret jianwei serve --host 0.0.0.0 --allow-host photos.example.org",
            "jianwei serve\njianwei serve --model qwen3-vl-2b --port 8000\n"
            "JIANWEI_API_KEY=密钥 jianwei serve --host 0.0.0.0 --allow-host photos.example.org",
        ),
    )(serve)


def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar=tr("ADDRESS", "地址"),
            help=tr(
                "Address to listen on (127.0.0.1); any beyond this machine wants --api-key.",
                "监听地址（127.0.0.1）；对外监听必须设置 --api-key。",
            ),
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", metavar="N", help=tr("Port (5000).", "端口（5000）。"))
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            "--api-key",
            metavar=tr("KEY", "密钥"),
            help=tr(
                "Ask clients for this key. Others on this machine see flags: JIANWEI_API_KEY is safer.",
                "要求客户端提供此密钥。本机其他用户能看到命令行参数，用 JIANWEI_API_KEY 更安全。",
            ),
        ),
    ] = None,
    model: Annotated[str | None, options.model()] = None,
    mmproj: Annotated[Path | None, options.mmproj()] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar=tr("NAME", "主机名"),
            help=tr("A further host name to answer for; may be repeated.", "允许的其他主机名；可重复。"),
        ),
    ] = None,
    allow_url: Annotated[bool, options.allow_url()] = False,
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure", help=tr("Listen beyond this machine without a key.", "对外监听而不设密钥。")
        ),
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            metavar="N",
            help=tr(
                "CPU threads of the engine; 0: all physical cores.", "引擎的 CPU 线程数；0：全部物理核心。"
            ),
        ),
    ] = None,
    precision: Annotated[
        Literal["auto", "bf16", "f32"] | None,
        typer.Option(
            "--precision",
            metavar="auto|bf16|f32",
            help=tr("Arithmetic; auto: bf16 where the CPU has it.", "计算精度；auto：CPU 支持时用 bf16。"),
        ),
    ] = None,
    visual_tokens: Annotated[
        int | None,
        typer.Option(
            "--visual-tokens",
            metavar="N",
            help=tr(
                "Tokens one picture may take where a request says nothing (1024; 32x32 pixels each).",
                "请求未指定时一张图片最多占用的词元（1024；每个 32x32 像素）。",
            ),
        ),
    ] = None,
    kv_budget: Annotated[
        int | None,
        typer.Option(
            "--kv-budget", metavar="MB", help=tr("Memory for KV blocks (512).", "KV 块的内存（512）。")
        ),
    ] = None,
    picture_budget: Annotated[
        int | None,
        typer.Option(
            "--picture-budget",
            metavar="MB",
            help=tr("Memory for pictures already seen (32).", "已看过图片的内存（32）。"),
        ),
    ] = None,
    picture_disk: Annotated[
        int | None,
        typer.Option(
            "--picture-disk",
            metavar="MB",
            help=tr(
                "Disk for pictures already seen, so that none is looked at again after a restart (2048; 0: off).",
                "已看过图片的磁盘缓存，重启后无需重新识别（2048；0：关闭）。",
            ),
        ),
    ] = None,
    kv_disk: Annotated[
        int | None,
        typer.Option(
            "--kv-disk",
            metavar="MB",
            help=tr(
                "Disk for conversations' KV blocks, where reading is faster than computing anew (1024; 0: off).",
                "对话 KV 块的磁盘缓存，仅在读取比重新计算更快时使用（1024；0：关闭）。",
            ),
        ),
    ] = None,
    max_running: Annotated[
        int | None,
        typer.Option(
            "--max-running",
            metavar="N",
            help=tr("Answers generated together (8).", "同时生成的回答数（8）。"),
        ),
    ] = None,
    max_queue: Annotated[
        int | None,
        typer.Option(
            "--max-queue",
            metavar="N",
            help=tr("Requests that may wait (64); more are refused.", "可排队的请求数（64）；超出则拒绝。"),
        ),
    ] = None,
    max_upload: Annotated[
        int | None,
        typer.Option("--max-upload", metavar="MB", help=tr("One picture file (50).", "单个图片文件（50）。")),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar=tr("FOLDER", "文件夹"),
            help=tr("Where models and conversations live.", "模型和对话的存放位置。"),
        ),
    ] = None,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Serve until Ctrl-C."""
    settings = load_settings(
        host=host,
        port=port,
        api_key=api_key,
        model=model,
        mmproj=mmproj,
        allow_host=tuple(allow_host) if allow_host else None,
        allow_url=allow_url or None,
        insecure=insecure or None,
        threads=threads,
        precision=precision,
        visual_tokens=visual_tokens,
        kv_budget=kv_budget,
        picture_budget=picture_budget,
        picture_disk=picture_disk,
        kv_disk=kv_disk,
        max_running=max_running,
        max_queue=max_queue,
        max_upload=max_upload,
        home=home,
        language=language,
    )
    from jianwei.server.app import run

    run(settings)
