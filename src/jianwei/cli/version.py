"""``jianwei version``: what is installed here."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from typing import Annotated

import typer

from jianwei import __version__
from jianwei.cli.help import Command
from jianwei.cli.output import write
from jianwei.cli.text import columns, tr

LIBRARIES = ("openvino", "rapidocr", "llguidance", "numpy", "pillow")
"""Those whose version matters when something differs between two machines."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "version",
        cls=Command,
        help=tr(
            "Print the versions of Jianwei, Python and the main libraries.",
            "输出 Jianwei、Python 和主要依赖的版本。",
        ),
    )(version)


def version(
    *,
    as_json: Annotated[bool, typer.Option("--json", help=tr("As JSON.", "以 JSON 输出。"))] = False,
) -> None:
    """Print versions without loading the libraries."""
    found = {"jianwei": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = tr("missing", "未安装")
    if as_json:
        write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        write("\n".join(columns(list(found.items()))) + "\n")
