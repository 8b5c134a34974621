"""The program ``jianwei``: its commands, its exit codes, and the one place where errors become a line.

Exit codes: 0 done, 1 engine or model failed, 2 wrong usage, 3 bad input, 130 interrupted (Ctrl-C).
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from jianwei import __version__
from jianwei.cli import (
    ask,
    bench,
    calibrate,
    chat,
    convert,
    doctor,
    models,
    options,
    pull,
    recipes,
    serve,
    version,
)
from jianwei.cli import eval as evaluation
from jianwei.cli.help import Group
from jianwei.cli.output import EXIT_FAILED, EXIT_INTERRUPTED, CommandError, say, show_error, write
from jianwei.cli.settings import spoken_language
from jianwei.cli.text import tr, use_language

_VALUE_REASONS = (
    (r"valid integer", "a whole number", "必须是整数"),
    (r"valid number", "a number", "必须是数字"),
    (r"less than or equal to (\S+)", "at most {}", "不能大于 {}"),
    (r"greater than or equal to (\S+)", "at least {}", "不能小于 {}"),
    (r"is not one of (.+?)\.?$", "one of {}", "可选 {}"),
)

COMMANDS = (ask, chat, serve, recipes, pull, convert, models, doctor, evaluation, bench, calibrate, version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    use_language(spoken_language(_asked_language(words)))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A locale without Chinese must not turn an answer into a traceback.
            with contextlib.suppress(ValueError, OSError):
                stream.reconfigure(errors="replace")
    try:
        result: Any = build_app()(words, prog_name="jianwei", standalone_mode=False)
    except typer.TyperException as error:
        return show_error(_usage_error(error))
    except SystemExit as error:  # how typer ends after printing a completion script, or at a closed pipe
        return error.code if isinstance(error.code, int) else EXIT_FAILED
    except KeyboardInterrupt:
        result = EXIT_INTERRUPTED
    except Exception as error:
        return show_error(error)
    if result == EXIT_INTERRUPTED:
        say("\n" + tr("Stopped.", "已停止。"))
    return result if isinstance(result, int) else 0


def build_app() -> typer.Typer:
    """The program with all its commands, in the language spoken now."""
    app = typer.Typer(
        cls=Group,
        add_completion=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=tr(
            "Jianwei: ask a picture in plain words on an ordinary CPU.\n\n"
            "Exit codes: 0 done, 1 engine or model failed, 2 wrong usage, 3 bad input, 130 interrupted.",
            "见微：在普通 CPU 上用日常语言向图片提问。\n\n"
            "退出码：0 完成，1 引擎或模型出错，2 用法错误，3 输入有误，130 被中断。",
        ),
        epilog=tr(
            'jianwei ask photo.jpg "Where is the box torn?"\njianwei serve',
            'jianwei ask photo.jpg "这张照片里的箱子哪里破了？"\njianwei serve',
        ),
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(_root)
    for module in COMMANDS:
        module.register(app)
    return app


def _root(
    context: typer.Context,
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help=tr("Print the version and exit.", "输出版本并退出。"))
    ] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    if show_version:
        write(f"jianwei {__version__}\n")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _asked_language(words: Sequence[str]) -> str | None:
    """The value of ``--language``, which must be known before the commands are built."""
    asked = None
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--":
            break
        if word == "--language":
            asked = following
        elif word.startswith("--language="):
            asked = word.partition("=")[2]
    return asked


def _usage_error(error: typer.TyperException) -> CommandError:
    """Typer's complaint about the words as one of ours."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "jianwei"
    kind = type(error).__name__
    parameter: Any = getattr(error, "param", None)
    name = ""
    if parameter is not None:
        name = str(parameter.metavar) if parameter.param_type_name == "argument" else parameter.opts[0]
    message = error.format_message()
    if kind == "NoSuchOption":
        option = str(getattr(error, "option_name", ""))
        message = tr(f"There is no option {option}.", f"没有选项 {option}。")
    elif kind == "MissingParameter" and name:
        message = tr(f"{name} is missing.", f"缺少{name}。")
    elif kind == "BadParameter" and name:
        message = _bad_value(name, error.message)
    elif kind == "BadOptionUsage" and "requires an argument" in message:
        option = str(getattr(error, "option_name", ""))
        message = tr(f"{option} wants a value.", f"{option} 需要一个值。")
    elif message.startswith("Got unexpected extra argument"):
        extra = message.partition("(s) ")[2].strip("()") or message.partition("argument ")[2].strip("()")
        message = tr(f"There is an argument too many: {extra}.", f"多余的参数：{extra}。")
    elif message.startswith("No such command"):
        command = message.split(" ", 3)[3].strip(".'\"")
        message = tr(f"There is no command “{command}”.", f"没有命令“{command}”。")
    message += "" if message.endswith((".", "。")) else tr(".", "。")
    return CommandError("usage", message, tr(f"See `{path} --help`.", f"见 `{path} --help`。"))


def _bad_value(name: str, message: str) -> str:
    """What typer says about a value, in our words where we know them."""
    for pattern, english, chinese in _VALUE_REASONS:
        found = re.search(pattern, message)
        if found:
            rest = found.group(1) if found.groups() else ""
            return tr(f"{name} must be {english.format(rest)}.", f"{name} {chinese.format(rest)}。")
    return f"{name}: {message}"
