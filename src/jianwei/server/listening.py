"""From a socket to a running server: binding, telling the person at the terminal, and stopping in order."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import threading
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape

from jianwei import __version__
from jianwei.config import Settings
from jianwei.errors import EngineError, JianweiError, Phrase, RequestError
from jianwei.server.answers import Answers
from jianwei.server.security import is_loopback
from jianwei.server.service import ChatService

GRACE_SECONDS = 5
"""How long answers in progress may go on after the server was told to stop."""

CLOSE_SECONDS = 3
"""How long answers that were cut off then have to be kept and sent as far as they came."""

BACKLOG = 256
POLL_SECONDS = 0.1

WORDS = {
    "loading": (
        "[dim]jianwei {version}[/]  {url}  loading the model “{model}” …",
        "[dim]jianwei {version}[/]  {url}  正在加载模型“{model}”……",
    ),
    "ready": ("[bold green]Ready[/]  {url}", "[bold green]已就绪[/]  {url}"),
    "model": ("Model  {title} ({size} parameters)", "模型    {title}（{size} 参数）"),
    "builtin": (
        "       the small built-in model; `jianwei pull qwen3-vl-2b` fetches a stronger one",
        "        内置小模型；运行 `jianwei pull qwen3-vl-2b` 可下载更强的模型",
    ),
    "insecure": (
        "[bold yellow]Warning[/]  open to the network without an API key",
        "[bold yellow]警告[/]  未设 API 密钥，网络上的任何人都可访问",
    ),
    "stop": ("Stop   Ctrl+C", "停止    Ctrl+C"),
    "stopping": ("Stopping …", "正在停止……"),
}
"""What is said at the terminal, English and Chinese."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ``RequestError("address_unusable")``."""
    reasons = {
        errno.EADDRINUSE: Phrase("another program uses it", "已被其他程序占用"),
        errno.EACCES: Phrase("that port needs more rights", "该端口需要更高权限"),
        errno.EADDRNOTAVAIL: Phrase("this machine does not have that address", "本机没有该地址"),
    }
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as cause:
        raise RequestError(
            "address_unusable", host=host, port=port, reason=Phrase("there is no such address", "没有该地址")
        ) from cause
    try:
        # A port that a stopped server has just left may be taken at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as cause:
        listener.close()
        reason = reasons.get(cause.errno or 0, Phrase("the system refuses", "系统拒绝"))
        raise RequestError("address_unusable", host=host, port=port, reason=reason) from cause
    return listener


def address_of(listener: socket.socket) -> str:
    """The address a person opens in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def human_count(count: int) -> str:
    """A number of parameters as people say it: 38 M, 2.1 B."""
    return f"{count / 1e9:.1f} B" if count >= 1e9 else f"{count / 1e6:.0f} M"


class _Server(uvicorn.Server):
    """uvicorn would cut connections off at the end of its patience; here answers end in order before that."""

    def __init__(self, answers: Answers, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._answers = answers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let answers go on for a while, then stop what is left of them, so that every response is completed."""
        ending = asyncio.create_task(self._end_answers())
        await super().shutdown(sockets)
        ending.cancel()

    async def _end_answers(self) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        await self._answers.close(CLOSE_SECONDS)


class Serving:
    """One run of the server: serves, announces, and stops when told or when the model cannot be loaded."""

    def __init__(
        self, app: FastAPI, service: ChatService, settings: Settings, listener: socket.socket
    ) -> None:
        self._service = service
        self._settings = settings
        self._listener = listener
        self._console = Console(highlight=False)
        self._chinese = settings.message_language == "zh"
        self._stopped = threading.Event()
        self._failure: JianweiError | None = None
        self._server = _Server(
            app.state.context.answers,
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                # A proxy in front is not trusted to tell who asks; nothing here depends on that.
                proxy_headers=False,
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS + CLOSE_SECONDS,
            ),
        )

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raises the error why the model cannot be loaded, if so."""
        self._say("loading", version=__version__, url=address_of(self._listener), model=self._settings.model)
        announcer = threading.Thread(target=self._announce, name="announce", daemon=True)
        # uvicorn puts its own handlers in place while it serves and sends itself the signal again at the end:
        # by then everything is closed in order, and there is nothing left to interrupt.
        before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            announcer.start()
            self._server.run(sockets=[self._listener])
        finally:
            self._stopped.set()
            announcer.join()
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._failure is not None:
            raise self._failure
        self._say("stopping")

    def _announce(self) -> None:
        while not self._stopped.is_set():
            if self._service.state == "ready" and self._server.started:
                self._say_ready()
                return
            if self._service.state == "failed":
                self._failure = self._service.error or EngineError("engine_failed")
                self._server.should_exit = True
                return
            time.sleep(POLL_SECONDS)

    def _say_ready(self) -> None:
        card = self._service.card
        self._say("ready", url=address_of(self._listener))
        self._say("model", title=card.title, size=human_count(card.parameters))
        if card.builtin:
            self._say("builtin")
        if not is_loopback(self._settings.host) and not self._settings.api_key:
            self._say("insecure")
        self._say("stop")

    def _say(self, what: str, **values: str) -> None:
        safe = {name: escape(value) for name, value in values.items()}
        self._console.print(WORDS[what][self._chinese].format(**safe), soft_wrap=True)


def _ignore(number: int, frame: FrameType | None) -> None:
    """The signal has done its work already."""
