"""``--help`` of every command: usage, what it does, arguments, options, examples.

Typer's own help is English only and does not know that Chinese characters take two cells. This one is plain
text, the same on a terminal and in a pipe but for bold headings.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

import typer
from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

from jianwei.cli.text import tr, wrap

MAX_WIDTH = 100
LEFT = 2
MAX_NAMES = 36
"""Cells for the names of options; longer names push their help to the next line."""


class Command(TyperCommand):
    """A command with our help. Its ``epilog`` holds the examples, one a line."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help text."""
        formatter.write(render_help(self, ctx))


class Group(TyperGroup):
    """The program itself with our help; its commands in the order they were registered."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help text."""
        formatter.write(render_help(self, ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


def render_help(command: TyperCommand | TyperGroup, ctx: Any) -> str:
    """The whole help text of a command, ending with a newline."""
    width = min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)
    parameters: list[Any] = list(command.get_params(ctx))
    arguments = [item for item in parameters if item.param_type_name == "argument"]
    options = [item for item in parameters if item.param_type_name == "option" and not item.hidden]
    usage = [ctx.command_path, tr("[OPTIONS]", "[选项]"), *(str(item.metavar or "") for item in arguments)]
    if isinstance(command, TyperGroup):
        usage.append(tr("COMMAND ...", "命令 ..."))
    lines = [_heading(tr("Usage:", "用法：")) + tr(" ", "") + " ".join(usage)]
    for paragraph in (command.help or "").split("\n\n"):
        lines += ["", *wrap(paragraph, width)]
    lines += _section(
        tr("Arguments", "参数"),
        [(str(item.metavar or ""), item.help or "") for item in arguments],
        width,
    )
    if isinstance(command, TyperGroup):
        found = [(name, command.get_command(ctx, name)) for name in command.list_commands(ctx)]
        rows = [
            (name, _first_sentence(entry.help or ""))
            for name, entry in found
            if entry is not None and not entry.hidden
        ]
        lines += _section(tr("Commands", "命令"), rows, width)
    lines += _section(tr("Options", "选项"), [_option(item) for item in options], width)
    if command.epilog:
        lines += ["", _heading(tr("Examples", "示例"))]
        lines += [" " * LEFT + line if line.strip() else "" for line in command.epilog.splitlines()]
    return "\n".join(lines) + "\n"


def _first_sentence(text: str) -> str:
    return re.split(r"[;:.] |[；：。]|\n", text, maxsplit=1)[0].rstrip(".")


def _option(option: Any) -> tuple[str, str]:
    names = ", ".join([*sorted(option.opts, key=len), *option.secondary_opts])
    if not option.is_flag:
        names += f" {option.metavar}" if option.metavar else ""
    return names, _library_help(option)


def _library_help(option: Any) -> str:
    """An option's help; the texts of those that typer adds by itself are ours too."""
    if "--help" in option.opts:
        return tr("Show this help and exit.", "显示本帮助并退出。")
    if "--install-completion" in option.opts:
        return tr("Install completion for the current shell.", "为当前 shell 安装命令补全。")
    if "--show-completion" in option.opts:
        return tr("Print the completion script, to install it by hand.", "输出命令补全脚本，以便自行安装。")
    return str(option.help or "")


def _section(title: str, rows: list[tuple[str, str]], width: int) -> list[str]:
    if not rows:
        return []
    names = [cell_len(name) for name, _ in rows]
    start = LEFT + max((cells for cells in names if cells <= MAX_NAMES), default=0) + 2
    lines = ["", _heading(title)]
    for (name, text), cells in zip(rows, names, strict=True):
        first, *rest = wrap(text, width - start)
        head = " " * LEFT + name
        if cells <= MAX_NAMES:
            lines.append((head + " " * (start - LEFT - cells) + first).rstrip())
        else:
            lines += [head, " " * start + first]
        lines += [" " * start + line for line in rest]
    return lines


def _heading(text: str) -> str:
    return typer.style(text, bold=True)
