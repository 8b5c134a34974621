"""The command line: one module a subcommand, registered in ``app``; ``main`` is the console script.

Commands know words, files and exit codes. What they do is done below: ``pipeline``, ``hub``, ``media``,
and, started lazily, ``server`` and ``bench``.
"""

from __future__ import annotations

from jianwei.cli.app import main

__all__ = ["main"]
