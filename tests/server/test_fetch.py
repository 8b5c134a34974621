from __future__ import annotations

import asyncio
import contextlib
import http.server
import threading
from collections.abc import Iterator

import pytest
from server_fakes import picture

from jianwei.errors import InputError
from jianwei.server.fetch import PictureFetcher, is_public

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "name",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body, status, more = "image/png", picture("lime"), 200, {}
        if self.path == "/report.pdf":
            kind, body = "application/pdf", b"%PDF-1.7"
        elif self.path == "/page":
            kind, body = "text/html", b"<html>"
        elif self.path == "/gone":
            status = 404
        elif self.path == "/large":
            body = bytes(3 << 20)
        elif self.path == "/packed":
            more = {"Content-Encoding": "gzip"}
        elif self.path == "/slow":
            threading.Event().wait(1)
        elif self.path == "/endless":
            status, more = 302, {"Location": "/endless"}
        elif self.path == "/inside":
            status, more = 302, {"Location": "http://inside.example/a.png"}
        elif self.path == "/file":
            status, more = 302, {"Location": "file:///etc/passwd"}
        elif self.path == "/moved":
            status, more = 302, {"Location": "/a.png"}
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Host", self.headers["Host"])
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        SEEN.append(self.headers["Host"])
        with contextlib.suppress(OSError):  # the reader of too much goes away
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


SEEN: list[str] = []


@pytest.fixture
def site() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


async def resolve(host: str, port: int) -> list[str]:
    return {"outside.example": ["127.0.0.1"], "both.example": ["127.0.0.1", "10.0.0.1"]}.get(
        host, ["10.0.0.1"]
    )


def outside(address: str) -> bool:
    """Stands for the internet: this machine's address counts as outside here, 10.0.0.1 as inside."""
    return address == "127.0.0.1"


def fetch(url: str, timeout: float = 20.0) -> tuple[bytes, str]:
    return asyncio.run(PictureFetcher(2 << 20, timeout, resolve, outside).fetch(url))


def test_a_picture_comes_with_its_name_and_the_host_is_told(site: int) -> None:
    SEEN.clear()
    assert fetch(f"http://outside.example:{site}/a%20b.png") == (picture("lime"), "a b.png")
    assert [f"outside.example:{site}"] == SEEN


def test_a_pdf_is_fetched_as_well(site: int) -> None:
    assert fetch(f"http://outside.example:{site}/report.pdf") == (b"%PDF-1.7", "report.pdf")


def test_redirects_are_followed(site: int) -> None:
    assert fetch(f"http://outside.example:{site}/moved")[0] == picture("lime")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/page", "no picture"), ("/gone", "404"), ("/large", "larger"), ("/packed", "no picture"),
        ("/endless", "redirects"), ("/inside", "public"), ("/file", "http"),
    ],
)  # fmt: skip
def test_what_is_not_a_picture_from_outside_is_refused(site: int, path: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        fetch(f"http://outside.example:{site}{path}")
    assert caught.value.code == "url_failed"
    assert word in caught.value.text("en")


def test_a_slow_site_is_given_up(site: int) -> None:
    with pytest.raises(InputError) as caught:
        fetch(f"http://outside.example:{site}/slow", timeout=0.2)
    assert caught.value.code == "url_failed"


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/a.png", "http://both.example/a.png", "ftp://outside.example/a", "file:///etc/passwd",
        "http://user:word@outside.example/", "http://", "nonsense", "http://outside.example:99999/", "http://[::1",
        "//outside.example/a", "javascript:alert(1)", "http://outside.example:1/", "http://\ud800/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        fetch(url)
    assert caught.value.code == "url_failed"


def test_names_that_resolve_to_this_machine_are_refused_by_default() -> None:
    for url in ("http://localhost:1/a.png", "http://127.0.0.1/a.png", "http://2130706433/", "http://[::1]/"):
        with pytest.raises(InputError) as caught:
            asyncio.run(PictureFetcher(1000).fetch(url))
        assert caught.value.code == "url_failed"
