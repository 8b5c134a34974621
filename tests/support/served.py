"""A real ``jianwei serve`` in a process of its own, on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

START_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass
class Served:
    """A server process.

    Attributes:
        url: where it listens.
        home: its folder of conversations.
        process: the server.
        seen: what ``/healthz`` said until it was ready: HTTP status, or 0 for no connection.
        said: lines of its output.
    """

    url: str
    home: Path
    process: subprocess.Popen[str]
    seen: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def engine(self) -> psutil.Process:
        """The engine process."""
        (engine,) = [
            child
            for child in psutil.Process(self.process.pid).children()
            if any("spawn_main" in word for word in child.cmdline())
        ]
        return engine

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(home: Path, *arguments: str, port: int | None = None) -> Served:
    """Start a server; it is not ready yet."""
    port = port or free_port()
    program = [sys.executable, "-m", "jianwei"]
    process = subprocess.Popen(
        [*program, "serve", "--port", str(port), "--home", str(home), "--language", "en", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("JIANWEI_")},
    )
    served = Served(f"http://127.0.0.1:{port}", home, process)

    def read() -> None:
        assert process.stdout is not None
        served.said.extend(iter(process.stdout.readline, ""))

    threading.Thread(target=read, daemon=True).start()
    return served


def wait_ready(served: Served) -> None:
    """Wait until it answers questions."""
    end = time.monotonic() + START_SECONDS
    while not served.seen or served.seen[-1] != 200:
        assert served.process.poll() is None, "".join(served.said)
        assert time.monotonic() < end, "".join(served.said)
        try:
            served.seen.append(httpx.get(served.url + "/healthz", trust_env=False).status_code)
        except httpx.TransportError:
            served.seen.append(0)
        time.sleep(0.02)


@contextlib.contextmanager
def serve(home: Path, *arguments: str) -> Iterator[Served]:
    """A server that is ready; it is stopped at the end."""
    served = start(home, *arguments)
    try:
        wait_ready(served)
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            try:
                served.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                served.process.kill()
                served.process.wait()
