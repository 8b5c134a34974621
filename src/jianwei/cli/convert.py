"""``jianwei convert``: the faster layout of a model, made once from its two GGUF files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError, say, stderr, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import tr

if TYPE_CHECKING:
    from jianwei.hub import ModelPaths


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "convert",
        cls=Command,
        help=tr(
            "Write a model's two files in a faster layout of our own, once: prompts are computed about 1.4 times as "
            "fast, answers written 1.3 times, pictures looked at 1.1 times. It rounds weights, so it is another model; "
            "best made from Q8_0, F16 or BF16.",
            "把模型的两个文件一次性转换为本程序的快速布局：处理提示词的速度约为原来的 1.4 倍，写答案约为 1.3 倍，"
            "看图约为 1.1 倍。转换会对权重取整，因此得到的是另一个模型；最好用 Q8_0、F16 或 BF16 文件转换。",
        ),
        epilog="jianwei convert qwen3-vl-2b\njianwei convert Qwen3VL-2B-Instruct-Q8_0.gguf --out fast",
    )(convert)


def convert(
    model: Annotated[
        str,
        typer.Argument(
            metavar=tr("NAME|PATH", "名称|路径"),
            autocompletion=options.complete_model,
            help=tr(
                "A fetched model's name, a language GGUF with its mmproj beside it, or a folder of both.",
                "已下载模型的名称，或语言模型的 GGUF 文件（mmproj 文件在同一文件夹），或含这两个文件的文件夹。",
            ),
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar=tr("FOLDER", "文件夹"),
            help=tr(
                "Where to; by default beside the files. The names are theirs with -fast.",
                "输出到哪个文件夹；默认写在原文件旁。文件名为原名加 -fast。",
            ),
        ),
    ] = None,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Write the files, print their paths, say how to use them."""
    from jianwei import hub
    from jianwei.hub.catalogue import FAST

    settings = load_settings(language=language)
    if model == "builtin" and out is None:
        raise CommandError(
            "usage",
            tr("The built-in model's folder is no place for it.", "不应写入内置模型所在的文件夹。"),
            tr("Say where to with --out.", "请用 --out 指定输出文件夹。"),
        )
    made = write_fast(hub.resolve(model, settings), out)
    use = f"{model}{FAST}" if model in hub.CATALOGUE and out is None else str(made.language)
    say(tr(f"Ready: `jianwei serve --model {use}`.", f"已就绪：运行 `jianwei serve --model {use}`。"))


def write_fast(paths: ModelPaths, folder: Path | None = None) -> ModelPaths:
    """Write a model's files in the fast layout, with a bar on a terminal, else a line each; print where they are.

    Args:
        paths: of the model as it is.
        folder: where to, made if missing; None: beside the files.

    Raises:
        CommandError: they cannot be written there.
        JianweiError: what ``fast_file.write_fast`` raises.
    """
    from jianwei.model import fast_file

    made = paths.fast(folder)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    for source, out in ((paths.language, made.language), (paths.vision, made.vision)):
        if not stderr().is_terminal:
            say(tr(f"Writing {out.name}.", f"正在写入 {out.name}。"))  # half a minute without a word, else
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with Progress(*columns, console=stderr(), disable=not stderr().is_terminal) as progress:
                task = progress.add_task(out.name, total=None)
                fast_file.write_fast(source, out, partial(_show, progress, task))
        except OSError as error:
            raise CommandError(
                "output_unwritable",
                tr(f"{out} cannot be written ({error.strerror}).", f"无法写入 {out}（{error.strerror}）。"),
                tr("Give another place with --out.", "请用 --out 指定其他位置。"),
                exit_code=1,
            ) from error
        write(f"{out}\n")
    return made


def _show(progress: Progress, task: TaskID, done: int, total: int) -> None:
    progress.update(task, completed=done, total=total)
