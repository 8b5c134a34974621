"""The most memory that a process has while something runs in it."""

from __future__ import annotations

import threading
from types import TracebackType

from jianwei.bench.worker import anonymous_megabytes

_EVERY = 0.01
"""Seconds between two looks."""


class MemoryWatch:
    """Looks at a process's anonymous memory again and again while it is entered.

    Attributes:
        most: megabytes.
    """

    def __init__(self, pid: int | None = None) -> None:
        """``pid``: of the process; None: this one."""
        self._pid = pid
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory-watch", daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.most = max(self.most, anonymous_megabytes(self._pid))
            if self._over.wait(_EVERY):
                return
