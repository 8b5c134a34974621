"""One side of a comparison in a process of its own, commanded through JSON lines.

Both sides are loaded at the same time and take turns, so that whatever else the machine does meets both. A
command is ``{"action": NAME, ...parameters}``; the answer ``{"result": {...}}`` or ``{"error": WORDS}``.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from jianwei.machine import anonymous_memory

Action = Callable[..., dict[str, Any]]

FIRST_QUESTION = "What is in this picture?"
SECOND_QUESTION = "Which part of it is damaged, and how?"
INSTRUCTION = (
    "You inspect photos of goods that came back. Look at the whole photo first, then at its parts. Name the goods, the "
    "packaging, every damage and where it is, and any text that can be read. Say what cannot be seen. Be brief: one "
    "line, no introduction, no advice, numbers as digits, places as left, right, above, below or middle."
)
"""Stands before every photo of a batch."""

_LIMIT_SECONDS = 900.0
"""No single action takes longer than this; a process that hangs is ended."""


class WorkerFailure(Exception):  # noqa: N818 - an outcome that becomes a row's note
    """The process could not do what it was asked; the text says why."""


class Worker:
    """The commanding end."""

    def __init__(self, module: str) -> None:
        """Start ``python -m module``, which calls :func:`serve`."""
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Do one action and wait for its result.

        Raises:
            WorkerFailure: the action failed, or the process died or took too long.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(_LIMIT_SECONDS, self._kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps({"action": action, **parameters}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise WorkerFailure(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerFailure(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def _kill(self) -> None:
        """With what it has started itself: a server would go on for ever."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                child.kill()
        self._process.kill()

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        return f"the process ended ({self._process.returncode}): {lines[-1] if lines else 'no message'}"


def actions_of(holder: object) -> dict[str, Action]:
    """The public methods of an object, as actions by name."""
    names = [name for name, member in vars(type(holder)).items() if callable(member)]
    return {name: getattr(holder, name) for name in names if not name.startswith("_")}


def serve(actions: Mapping[str, Action]) -> None:
    """The commanded end: answer until the input ends.

    The answers' channel is the original standard output; what native code prints goes to standard error.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)
        for line in sys.stdin:
            command = json.loads(line)
            try:
                answer = {"result": actions[command.pop("action")](**command)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            channel.write(json.dumps(answer) + "\n")
            channel.flush()


def picture(side: int, seed: int) -> npt.NDArray[np.uint8]:
    """A picture ``[side, side, 3]`` of random coloured tiles under fine noise: nothing in it repeats."""
    rng = np.random.default_rng([seed, side])
    tiles = rng.integers(0, 224, (-(-side // 32), -(-side // 32), 3), np.uint8)
    coarse = tiles.repeat(32, axis=0).repeat(32, axis=1)[:side, :side]
    return coarse + rng.integers(0, 32, (side, side, 3), np.uint8)


def random_tokens(count: int, seed: int) -> list[int]:
    """Ordinary tokens that every byte-level vocabulary has; their values do not matter for speed."""
    return np.random.default_rng([seed, count]).integers(0, 1000, count).tolist()


def anonymous_megabytes(pid: int | None = None) -> float:
    """Anonymous resident memory of a process (None: this one) in MB (2**20 bytes): what no file on disk backs."""
    found = anonymous_memory(pid)
    if found is None:
        raise OSError("this system does not tell a process's anonymous memory")
    return found / 2**20
