"""Files of the page: compressed for who takes that, asked about each time, read again when they change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from jianwei.server.assets import Assets

WORDS = "export const words = 1;\n" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "a.js").write_text(WORDS, "utf-8")
    (folder / "photo.webp").write_bytes(b"RIFF0000WEBP")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return folder


@pytest.fixture
def client(folder: Path) -> TestClient:
    return TestClient(Assets(folder))


def mounted(folder: Path) -> TestClient:
    return TestClient(Starlette(routes=[Mount("/static", Assets(folder))]))


def test_text_goes_compressed_to_who_takes_it(client: TestClient) -> None:
    packed = client.get("/js/a.js", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    plain = client.get("/js/a.js", headers={"Accept-Encoding": "identity, gzip;q=0"})
    assert packed.text == plain.text == WORDS
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(WORDS) / 4
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-type"].startswith("text/javascript")
    assert packed.headers["etag"] != plain.headers["etag"]


def test_pictures_are_not_compressed_once_more(client: TestClient) -> None:
    answer = client.get("/photo.webp")
    assert answer.content == b"RIFF0000WEBP"
    assert "content-encoding" not in answer.headers


def test_what_a_browser_has_is_not_sent_again_until_it_changes(client: TestClient, folder: Path) -> None:
    tag = client.get("/js/a.js").headers["etag"]
    again = client.get("/js/a.js", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "js" / "a.js").write_text("new", "utf-8")
    os.utime(folder / "js" / "a.js", (1, 1))
    changed = client.get("/js/a.js", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.text) == (200, "new")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/gone.js", 404),
        ("GET", "/js", 404),
        ("GET", "/%2e%2e/secret.txt", 404),
        ("POST", "/js/a.js", 405),
    ],
)
def test_only_files_of_the_folder_are_read(folder: Path, method: str, path: str, status: int) -> None:
    with mounted(folder) as client:
        assert client.request(method, f"/static{path}").status_code == status


def test_a_file_that_has_gone_is_not_found(folder: Path) -> None:
    with mounted(folder) as client:
        assert client.head("/static/js/a.js").status_code == 200
        (folder / "js" / "a.js").unlink()
        assert client.get("/static/js/a.js").status_code == 404
