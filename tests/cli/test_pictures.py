"""Pictures from addresses, from a real HTTP server on this machine."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_fakes import FakeModel, Jianwei
from paged_files import pdf, video

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


def test_pages_of_a_pdf_and_frames_of_a_video_are_pictures(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf("red", "lime", "blue"))
    (tmp_path / "clip.mp4").write_bytes(video(tmp_path, (255, 0, 0), (0, 0, 255)))
    assert jianwei("ask", "report.pdf", str(photo), "What is the total?", "--pages", "2-3").code == 0
    assert jianwei("ask", "clip.mp4", "What happens?").code == 0
    shown = [[image.name for image in request.messages[0].images] for request in model.requests]
    assert shown == [
        ["report.pdf · 2", "report.pdf · 3", "photo.png"],
        ["clip.mp4 · 0:00", "clip.mp4 · 0:02"],
    ]


def test_a_conversation_begins_with_chosen_pages(
    jianwei: Jianwei, model: FakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf("red", "lime", "blue"))
    monkeypatch.setattr("sys.stdin", io.StringIO("What is it?\n/picture report.pdf\nAnd these?\n"))
    assert jianwei("chat", "report.pdf", "--pages", "3").code == 0
    first, last = model.requests
    assert [image.name for image in first.messages[0].images] == ["report.pdf · 3"]
    assert len(last.messages[-1].images) == 3


@pytest.mark.parametrize(
    ("name", "pages", "code"),
    [
        ("report.pdf", "9", "bad_pages"),
        ("photo.png", "1", "bad_value"),
        ("long.pdf", "1-17", "too_many_pages"),
    ],
)
def test_pages_that_are_not_there_are_bad_input(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path, name: str, pages: str, code: str
) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf("red"))
    (tmp_path / "long.pdf").write_bytes(pdf(*["red"] * 17, size=(40, 40)))
    ended = jianwei("ask", name, "What is it?", "--pages", pages)
    assert ended.code == 3
    assert f"[{code}]" in ended.err
    assert not model.requests
