"""A tiny OpenAI-compatible server that answers as a function of picture and question says."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import PIL.Image

from jianwei.types import Image


@dataclass
class Asked:
    """One request for a chat completion.

    Attributes:
        image: the picture of its data: URL.
        text: the words of the user.
        body: the whole request.
        authorization: its header.
    """

    image: Image
    text: str
    body: dict[str, Any]
    authorization: str | None


class Refusal(Exception):
    """Answer with this HTTP status and these words; 0: hang up."""

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass
class Oracle:
    """A running server."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextlib.contextmanager
def oracle(answer: Callable[[Asked], object], models: tuple[str, ...] = ("oracle",)) -> Iterator[Oracle]:
    """Serve on a free port until the end of the block; no ``models``: there is no such list (404)."""
    found = Oracle("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if models:
                self._send(200, {"data": [{"id": name} for name in models]})
            else:
                self._send(404, {"error": "no such path"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            picture, text = body["messages"][-1]["content"]
            data = base64.b64decode(picture["image_url"]["url"].partition("base64,")[2])
            image = Image(np.asarray(PIL.Image.open(io.BytesIO(data))))
            asked = Asked(image, text["text"], body, self.headers.get("Authorization"))
            found.asked.append(asked)
            try:
                content = answer(asked)
            except Refusal as refusal:
                if refusal.status:
                    self._send(refusal.status, {"error": {"message": refusal.words}})
                else:
                    self.close_connection = True
                return
            self._send(200, {"choices": [{"message": {"role": "assistant", "content": content}}]})

        def _send(self, status: int, value: object) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
