"""Pictures from addresses, from a real HTTP server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_fakes import FakeModel, Jianwei

PICTURE = "photo.png"


@pytest.fixture
def site(photo: Path) -> Iterator[str]:
    """An address that serves the photo, a redirect to it, a large body, and 404 for the rest."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", f"/{PICTURE}")
                self.end_headers()
                return
            if self.path == "/loop":
                self.send_response(302)
                self.send_header("Location", "/loop")
                self.end_headers()
                return
            bodies = {f"/{PICTURE}": photo.read_bytes(), "/large.png": bytes(3 << 20), "/text": b"hello"}
            body = bodies.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("path", [PICTURE, "moved"])
def test_picture_at_an_address_is_asked_about(
    jianwei: Jianwei, model: FakeModel, site: str, path: str
) -> None:
    assert jianwei("ask", f"{site}/{path}", "What is it?", "--allow-url").code == 0
    (image,) = model.requests[0].messages[0].images
    assert (image.width, image.height, image.name) == (64, 48, path)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("missing", "url_failed"),
        ("large.png", "url_failed"),
        ("loop", "url_failed"),
        ("text", "not_a_picture"),
    ],
)
def test_what_is_no_picture_there_is_bad_input(
    jianwei: Jianwei, model: FakeModel, site: str, monkeypatch: pytest.MonkeyPatch, path: str, code: str
) -> None:
    monkeypatch.setenv("JIANWEI_MAX_UPLOAD", "1")
    monkeypatch.setenv("JIANWEI_ALLOW_URL", "true")
    ended = jianwei("ask", f"{site}/{path}", "What is it?")
    assert ended.code == 3
    assert f"[{code}]" in ended.err


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/a.png", "http://[", "http:///a", "https://a b/"])
def test_address_that_cannot_be_reached_is_bad_input(
    jianwei: Jianwei, model: FakeModel, address: str
) -> None:
    ended = jianwei("ask", address, "What is it?", "--allow-url")
    assert ended.code == 3
    assert ended.err.count("\n") == 1
