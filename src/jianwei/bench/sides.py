"""The processes of the two sides: started when first needed, asked for values, and why one has none."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jianwei.bench import peer_llama, peer_server
from jianwei.bench.measure import Unmeasured
from jianwei.bench.worker import Worker, WorkerFailure
from jianwei.hub import ModelPaths

OURS = "jianwei.bench.ours"
PEER = "jianwei.bench.peer"
SERVER = "jianwei.bench.peer_server"
"""In place of ``PEER`` where a ``llama-server`` is given."""


class Sides:
    """Both sides' processes on one pair of files."""

    def __init__(
        self, pair: ModelPaths, threads: int, fast: ModelPaths | None = None, server: Path | None = None
    ) -> None:
        """``fast``: the same model in our own layout, for our side; ``server``: a ``llama-server`` for the peer."""
        self._pair = pair
        self._fast = fast
        self._server = server
        self._threads = threads
        self._workers: dict[str, Worker] = {}
        self._failed: dict[str, str] = {}

    def close(self) -> None:
        """End both processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def ask(self, module: str, action: str, **parameters: int | str) -> dict[str, Any]:
        """An action of a side's process, which is loaded and warmed up; one that failed to load is not tried again.

        Raises:
            Unmeasured: why this side has no such value.
        """
        self._refuse_missing(module)
        if module in self._failed:
            raise Unmeasured(self._failed[module])
        if module not in self._workers:
            worker = self._workers[module] = Worker(self._program(module))
            try:
                command(worker, "load", **self._files(module))
                command(worker, "first_question", side=256, seed=1_000_000)
            except Unmeasured as reason:
                self._failed[module] = str(reason)
                raise
        return command(self._workers[module], action, **parameters)

    @contextmanager
    def fresh(self, module: str) -> Generator[tuple[Worker, float]]:
        """A further process of a side, loaded; and the seconds from its start until it might be asked.

        Raises:
            Unmeasured: why there is none.
        """
        self._refuse_missing(module)
        files = self._files(module)
        for path in (files["language"], files["vision"]):
            _read_through(Path(path))
        start = time.perf_counter()
        with Worker(self._program(module)) as worker:
            command(worker, "load", **files)
            yield worker, time.perf_counter() - start

    def _files(self, module: str) -> dict[str, Any]:
        pair = self._fast if module == OURS and self._fast else self._pair
        files = {"language": str(pair.language), "vision": str(pair.vision), "threads": self._threads}
        return files | {"program": str(self._server)} if module == PEER and self._server else files

    def _program(self, module: str) -> str:
        """What runs for a side."""
        return SERVER if module == PEER and self._server else module

    def _refuse_missing(self, module: str) -> None:
        """Raises :class:`Unmeasured` where a side cannot run here."""
        if module == PEER:
            reason = peer_server.missing_reason(self._server) if self._server else peer_llama.missing_reason()
            if reason:
                raise Unmeasured(reason)


def command(worker: Worker, action: str, **parameters: Any) -> dict[str, Any]:
    """What a process answers; raises :class:`Unmeasured` with its reason."""
    try:
        return worker.ask(action, **parameters)
    except WorkerFailure as failure:
        raise Unmeasured(str(failure)) from failure


def _read_through(path: Path) -> None:
    """Read to the end, so that the file is in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
