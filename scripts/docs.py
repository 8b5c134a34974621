"""Writes the pages of docs/ that are made from the code: the command line, the settings, the errors.

    python scripts/docs.py [--check]

``--check`` writes nothing and fails if a page is not what the code says.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from jianwei.cli.app import COMMANDS, main
from jianwei.cli.text import tr, use_language
from jianwei.config import Settings
from jianwei.errors import JianweiError, Language

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by scripts/docs.py (make docs). Change the code, not this page. -->\n\n"


def help_of(language: Language, *words: str) -> str:
    """What ``jianwei WORDS --help`` prints."""
    target = io.StringIO()
    with contextlib.redirect_stdout(target):
        code = main(["--language", language, *words, "--help"])
    if code:
        raise SystemExit(f"jianwei {' '.join(words)} --help ended with {code}")
    return target.getvalue()


def command_line(language: Language) -> Iterator[str]:
    """docs/cli.md: every ``--help``."""
    use_language(language)
    yield NOTE
    yield tr("# The command line\n\n", "# 命令行\n\n")
    yield tr(
        "Settings come from flags, then `JIANWEI_*` variables, then `jianwei.toml` in the working folder "
        "(else `config.toml` in the user's config folder), then defaults: see [settings](settings.md).\n"
        "`JIANWEI_DEBUG=1` adds tracebacks to errors; every error has a code: see [errors](errors.md).\n",
        "设置的优先级：命令行参数 > `JIANWEI_*` 环境变量 > 当前文件夹的 `jianwei.toml`（或用户配置文件夹中的 "
        "`config.toml`）> 默认值，见[设置](settings.md)。`JIANWEI_DEBUG=1` 会在出错时附上调用栈；"
        "每个错误都有代码，见[错误](errors.md)。\n",
    )
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    for words in ([], *([name] for name in names)):
        title = " ".join(["jianwei", *words])
        yield f"\n## {title}\n\n```text\n{help_of(language, *words)}```\n"


def settings_page() -> Iterator[str]:
    """docs/settings.md: every field of ``Settings``."""
    yield NOTE
    yield "# Settings · 设置\n\n"
    yield "Each is a flag of `jianwei serve` where that has it, a variable, and a line of `jianwei.toml`.\n\n"
    yield "| `jianwei.toml` | variable | default | |\n| --- | --- | --- | --- |\n"
    fixed = {"home": "the user's data folder", "hf_endpoint": "https://huggingface.co"}
    for name, field in Settings.model_fields.items():
        default = fixed.get(name)
        if default is None:
            value = field.get_default()
            default = "" if value is None or value == () else str(value)
        choices = [str(choice) for choice in get_args(field.annotation) if isinstance(choice, str)]
        what = (field.description or "") + (f" ({', '.join(choices)})" if choices else "")
        yield f"| `{name}` | `JIANWEI_{name.upper()}` | {default} | {what} |\n"


def errors_page() -> Iterator[str]:
    """docs/errors.md: every code."""
    yield NOTE
    yield "# Errors · 错误\n\n"
    yield (
        "Every error has a stable code, a sentence and a way out. The HTTP API sends them as JSON with the "
        "status below; the command line prints them in one line and ends with the exit code of their kind.\n"
    )
    for kind in JianweiError.__subclasses__():
        exit_code = {"InputError": 3, "RequestError": 2}.get(kind.__name__, 1)
        yield f"\n## {kind.__name__}\n\n{kind.__doc__} Exit code {exit_code}.\n\n"
        yield "| code | HTTP | what it says | the way out |\n| --- | --- | --- | --- |\n"
        for code, text in kind.explanations.items():
            yield (
                f"| `{code}` | {text.status} | {_cell(text.en)}<br>{_cell(text.zh)} "
                f"| {_cell(text.fix_en)}<br>{_cell(text.fix_zh)} |\n"
            )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def pages() -> dict[str, str]:
    """All generated pages by file name."""
    os.environ["COLUMNS"] = "100"
    for name in [name for name in os.environ if name.startswith("JIANWEI_")]:
        del os.environ[name]
    return {
        "cli.md": "".join(command_line("en")),
        "cli.zh-CN.md": "".join(command_line("zh")),
        "settings.md": "".join(settings_page()),
        "errors.md": "".join(errors_page()),
    }


def run() -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"Not up to date: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
        return 1
    print(f"docs: {'written: ' + ', '.join(stale) if stale else 'up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(run())
