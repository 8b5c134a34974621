"""What the command line says, and how it ends.

Answers go to standard output, plain; everything about them goes to standard error. A pipe gets no colour and
no spinner.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Generator

from rich.console import Console
from rich.markup import escape

from jianwei.cli.text import language, tr
from jianwei.errors import InputError, JianweiError, RequestError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_INTERRUPTED = 130

# Escape sequences in an answer (a picture may show anything) could write over the screen.
_CONTROL = {code: None for code in [*range(32), *range(127, 160)] if chr(code) not in "\n\t"}


class CommandError(Exception):
    """Something only the command line knows is wrong.

    Args:
        code: stable, for machines.
        message: what is wrong, in the user's language.
        way_out: what to do about it.
        exit_code: what the process ends with.
    """

    def __init__(self, code: str, message: str, way_out: str, exit_code: int = EXIT_USAGE) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.way_out = way_out
        self.exit_code = exit_code


def debugging() -> bool:
    """Whether ``JIANWEI_DEBUG`` asks for tracebacks."""
    return os.environ.get("JIANWEI_DEBUG", "") not in ("", "0")


def stderr() -> Console:
    """The console for everything that is not the answer."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def stdout() -> Console:
    """The console for the answer's side; without colour when piped."""
    return Console(highlight=False, soft_wrap=True)


def say(text: str, style: str = "") -> None:
    """A line on standard error."""
    stderr().print(escape(text), style=style or None)


def write(text: str) -> None:
    """A piece of an answer on standard output, at once, without control characters."""
    sys.stdout.write(text.translate(_CONTROL))
    sys.stdout.flush()


def exit_code_of(error: JianweiError) -> int:
    """What the process ends with for an error: bad input, usage, or a failure of engine or model."""
    if isinstance(error, InputError):
        return EXIT_INPUT
    return EXIT_USAGE if isinstance(error, RequestError) else EXIT_FAILED


def show_error(error: BaseException) -> int:
    """Say in one line what went wrong (with a traceback under ``JIANWEI_DEBUG``); returns the exit code."""
    if debugging():
        traceback.print_exception(error)
    if isinstance(error, JianweiError):
        _error_line(error.code, error.text(language()), error.fix(language()))
        return exit_code_of(error)
    if isinstance(error, CommandError):
        _error_line(error.code, error.message, error.way_out)
        return error.exit_code
    message = tr(f"Something unforeseen: {type(error).__name__}.", f"意外错误：{type(error).__name__}。")
    way_out = tr(
        "Run it again with JIANWEI_DEBUG=1 to see where, and please report it.",
        "请设置 JIANWEI_DEBUG=1 后重新运行以查看位置，并反馈给我们。",
    )
    _error_line("internal_error", message, way_out)
    return EXIT_FAILED


@contextlib.contextmanager
def busy(text: str) -> Generator[None]:
    """A spinner beside ``text`` on a terminal; nothing in a pipe."""
    console = stderr()
    if not console.is_terminal:
        yield
        return
    with console.status(escape(text)):
        yield


def _error_line(code: str, message: str, way_out: str) -> None:
    head = tr("Error:", "错误：")
    gap = tr(" ", "")
    stderr().print(
        f"[bold red]{head}[/]{gap}{escape(message)}{gap}{escape(way_out)} [dim]{escape(f'[{code}]')}[/]"
    )
