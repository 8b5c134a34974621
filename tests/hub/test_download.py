"""Pulling a model from two sources that do what sources do: drop, redirect, lie, vanish."""

from __future__ import annotations

import errno
import hashlib
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import numpy as np
import pytest

from jianwei.config import Settings
from jianwei.errors import InputError, ModelFileError, RequestError
from jianwei.hub import CATALOGUE, CatalogueEntry, ModelFile, Progress, catalogue, download, pull, transfer

RNG = np.random.default_rng(0)
LANGUAGE = RNG.integers(0, 256, 3 * 2**20 + 77, np.uint8).tobytes()
VISION = RNG.integers(0, 256, 300_001, np.uint8).tobytes()
ENTRY = CatalogueEntry(
    name="tiny",
    title="Tiny",
    parameters=1,
    licence="Apache-2.0",
    repository="Someone/Tiny-GGUF",
    revision="c0ffee",
    language=ModelFile("tiny.gguf", len(LANGUAGE), hashlib.sha256(LANGUAGE).hexdigest()),
    vision=ModelFile("mmproj-tiny.gguf", len(VISION), hashlib.sha256(VISION).hexdigest()),
)
HUGGINGFACE = "/hf/Someone/Tiny-GGUF/resolve/c0ffee/"
MODELSCOPE = "/ms/models/Someone/Tiny-GGUF/resolve/master/"

Behaviour = Callable[["Handler", bytes, int], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the two files at both sources; ``server.behaviour`` may do otherwise for a path's prefix."""

    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("localhost")[2] or self.path  # a proxy is asked with the whole address
        start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
        self.server.requests.append((path, start))
        name = path.rsplit("/", 1)[-1]
        body = {"tiny.gguf": LANGUAGE, "mmproj-tiny.gguf": VISION}.get(name)
        if body is None or not path.startswith((HUGGINGFACE, MODELSCOPE, "/cdn/")):
            self.send_error(404)
            return
        for prefix, behaviour in self.server.behaviours.items():
            if path.startswith(prefix):
                behaviour(self, body, start)
                return
        self.answer(body, start)

    def answer(self, body: bytes, start: int, keep: int | None = None) -> None:
        """Send the file from ``start``; after ``keep`` bytes, hang up."""
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:] if keep is None else body[start : start + keep])

    def log_message(self, *_: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, int]] = []
        self.behaviours: dict[str, Behaviour] = {}

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are meant to; nothing to print."""

    def starts(self, prefix: str, name: str = "tiny.gguf") -> list[int]:
        """From where a file was asked for at a source, in order."""
        return [start for path, start in self.requests if path == prefix + name]


def drop_after(keep: int) -> Behaviour:
    return lambda handler, body, start: handler.answer(body, start, keep)


def status(code: int) -> Behaviour:
    return lambda handler, body, start: handler.send_error(code)


def whole_only(handler: Handler, body: bytes, start: int) -> None:
    handler.answer(body, 0)


def flipped(handler: Handler, body: bytes, start: int) -> None:
    handler.answer(bytes([body[0] ^ 1]) + body[1:], start)


def shorter(handler: Handler, body: bytes, start: int) -> None:
    handler.answer(body[:-1], start)


def endless(handler: Handler, body: bytes, start: int) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(body + bytes(100))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(CATALOGUE, "tiny", ENTRY)
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(download, "LOCK_POLL_SECONDS", 0.01)


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    base = f"http://127.0.0.1:{server.server_port}"
    return Settings(home=tmp_path / "home", hf_endpoint=f"{base}/hf/", modelscope_endpoint=f"{base}/ms")


def folder(settings: Settings) -> Path:
    return settings.models_dir / "tiny"


def whole(settings: Settings) -> bool:
    return (folder(settings) / "tiny.gguf").read_bytes() == LANGUAGE and (
        folder(settings) / "mmproj-tiny.gguf"
    ).read_bytes() == VISION


def leave_part(settings: Settings, content: bytes) -> Path:
    folder(settings).mkdir(parents=True)
    part = folder(settings) / "tiny.gguf.part"
    part.write_bytes(content)
    return part


def failure(
    settings: Settings, source: Literal["auto", "huggingface", "modelscope"] = "auto"
) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        pull("tiny", settings, source=source)
    error = caught.value
    assert not (folder(settings) / "tiny.gguf").exists() or whole(settings)
    for language in ("zh", "en"):
        assert error.text(language)
        assert error.fix(language)
    return error


def test_a_pull_brings_both_files_and_says_how_far_it_is(server: Server, settings: Settings) -> None:
    told: list[Progress] = []
    paths = pull("tiny", settings, progress=told.append)
    assert whole(settings)
    assert paths.language == folder(settings) / "tiny.gguf"
    assert paths.entry is ENTRY
    assert catalogue.installed(settings)["tiny"] == paths
    assert [event.file for event in told if event.state == "done"] == ["tiny.gguf", "mmproj-tiny.gguf"]
    received = [event.all_received for event in told]
    assert received == sorted(received)
    assert received[-1] == told[-1].all_size == len(LANGUAGE) + len(VISION)
    assert {event.source for event in told if event.state == "downloading"} == {"huggingface"}
    assert sorted(os.listdir(folder(settings))) == [".lock", "mmproj-tiny.gguf", "tiny.gguf"]


def test_what_is_here_is_not_fetched_again(server: Server, settings: Settings) -> None:
    pull("tiny", settings)
    server.requests.clear()
    pull("tiny", settings)
    assert server.requests == []


def test_a_broken_off_pull_goes_on_where_it_stopped(server: Server, settings: Settings) -> None:
    leave_part(settings, LANGUAGE[:1_000_000])
    told: list[Progress] = []
    pull("tiny", settings, progress=told.append)
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == [1_000_000]
    assert any(event.state == "checking" and event.received == 1_000_000 for event in told)


def test_a_dropped_connection_is_resumed(server: Server, settings: Settings) -> None:
    server.behaviours[HUGGINGFACE] = drop_after(1_200_000)
    pull("tiny", settings, source="huggingface")
    assert whole(settings)
    starts = server.starts(HUGGINGFACE)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert 3 <= len(starts) <= 5
    assert server.starts(MODELSCOPE) == []


def test_a_source_that_fails_in_mid_way_is_left_for_the_other(server: Server, settings: Settings) -> None:
    def once(handler: Handler, body: bytes, start: int) -> None:
        (drop_after(500_000) if len(server.requests) == 1 else status(503))(handler, body, start)

    server.behaviours[HUGGINGFACE] = once
    told: list[Progress] = []
    pull("tiny", settings, progress=told.append)
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == [0]
    assert 0 < server.starts(MODELSCOPE)[0] <= 500_000
    retry = next(event for event in told if event.state == "retrying")
    assert retry.source == "huggingface"
    assert retry.reason is not None
    assert server.starts(HUGGINGFACE, "mmproj-tiny.gguf") == [], "the source that worked goes first"


@pytest.mark.parametrize("code", [401, 403, 404, 410, 500, 503, 429])
def test_a_source_that_refuses_is_left_for_the_other(server: Server, settings: Settings, code: int) -> None:
    server.behaviours[HUGGINGFACE] = status(code)
    pull("tiny", settings)
    assert whole(settings)


def test_a_source_that_cannot_be_reached_is_left_for_the_other(settings: Settings, server: Server) -> None:
    for endpoint in ("http://127.0.0.1:1", "hf-mirror.example", "http://", "ftp://127.0.0.1/"):
        pull("tiny", settings.model_copy(update={"hf_endpoint": endpoint}))
        assert whole(settings)
        shutil.rmtree(folder(settings))


def test_nowhere_to_be_had_names_every_reason_and_ends(server: Server, settings: Settings) -> None:
    server.behaviours.update({HUGGINGFACE: status(503), MODELSCOPE: status(404)})
    error = failure(settings)
    assert error.code == "download_failed"
    assert "503" in error.text("en")
    assert "404" in error.text("zh")
    assert len(server.starts(HUGGINGFACE)) == download.ATTEMPTS
    assert len(server.starts(MODELSCOPE)) == 1


def test_one_source_alone_is_asked_when_told_so(server: Server, settings: Settings) -> None:
    pull("tiny", settings, source="modelscope")
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == []
    shutil.rmtree(folder(settings))
    server.behaviours[MODELSCOPE] = status(404)
    assert failure(settings, source="modelscope").code == "download_failed"
    assert server.starts(HUGGINGFACE) == []


def test_a_wrong_hash_is_never_kept(server: Server, settings: Settings) -> None:
    server.behaviours.update({HUGGINGFACE: flipped, MODELSCOPE: flipped})
    assert failure(settings).code == "download_corrupt"
    assert os.listdir(folder(settings)) == [".lock"]


def test_a_source_with_a_damaged_file_is_left_for_the_other(server: Server, settings: Settings) -> None:
    server.behaviours[HUGGINGFACE] = flipped
    pull("tiny", settings)
    assert whole(settings)


def test_a_damaged_part_is_thrown_away_and_fetched_anew(server: Server, settings: Settings) -> None:
    leave_part(settings, b"x" * 1_000_000)
    pull("tiny", settings, source="huggingface")
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == [1_000_000, 0]


@pytest.mark.parametrize("length", [len(LANGUAGE), len(LANGUAGE) + 5])
def test_a_part_of_full_length_or_more_is_checked(server: Server, settings: Settings, length: int) -> None:
    leave_part(settings, (LANGUAGE + b"12345")[:length])
    pull("tiny", settings)
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == ([] if length == len(LANGUAGE) else [0])


@pytest.mark.parametrize("lie", [shorter, endless])
def test_a_file_of_another_size_is_refused(server: Server, settings: Settings, lie: Behaviour) -> None:
    server.behaviours.update({HUGGINGFACE: lie, MODELSCOPE: lie})
    error = failure(settings)
    assert error.code == "download_failed"
    assert "size" in error.text("en")
    assert len(server.starts(HUGGINGFACE)) == 1


def test_a_server_without_ranges_starts_over(server: Server, settings: Settings) -> None:
    leave_part(settings, LANGUAGE[:1_000_000])
    server.behaviours[HUGGINGFACE] = whole_only
    pull("tiny", settings, source="huggingface")
    assert whole(settings)


def test_redirects_are_followed_with_the_range(server: Server, settings: Settings) -> None:
    def elsewhere(handler: Handler, body: bytes, start: int) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/cdn/" + handler.path.rsplit("/", 1)[-1])
        handler.end_headers()

    leave_part(settings, LANGUAGE[:700_000])
    server.behaviours[HUGGINGFACE] = elsewhere
    pull("tiny", settings, source="huggingface")
    assert whole(settings)
    assert server.starts("/cdn/") == [700_000]


def test_redirects_in_a_circle_end(server: Server, settings: Settings) -> None:
    def again(handler: Handler, body: bytes, start: int) -> None:
        handler.send_response(302)
        handler.send_header("Location", handler.path)
        handler.end_headers()

    server.behaviours[HUGGINGFACE] = again
    assert failure(settings, source="huggingface").code == "download_failed"


def test_the_proxy_of_the_environment_is_used(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")
    proxied = settings.model_copy(update={"hf_endpoint": "http://hub.localhost/hf"})
    pull("tiny", proxied, source="huggingface")
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == [0]


@pytest.mark.parametrize("proxy", ["nonsense://127.0.0.1:1", "http://[::", "socks5://127.0.0.1:1"])
def test_an_unusable_proxy_is_a_clear_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    error = failure(settings)
    assert error.code == "download_failed"


def test_a_stalled_connection_is_given_up(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def stall(handler: Handler, body: bytes, start: int) -> None:
        handler.answer(body, start, 100_000)
        go_on.wait(30)

    monkeypatch.setattr(transfer, "READ_SECONDS", 0.2)
    server.behaviours[HUGGINGFACE] = stall
    pull("tiny", settings)
    go_on.set()
    assert whole(settings)


def test_two_pulls_at_once_fetch_every_file_once(server: Server, settings: Settings) -> None:
    begun, waited = threading.Event(), threading.Event()

    def slowly(handler: Handler, body: bytes, start: int) -> None:
        begun.set()
        waited.wait(30)
        handler.answer(body, start)

    def second(event: Progress) -> None:
        if event.state == "waiting":
            waited.set()

    server.behaviours[HUGGINGFACE] = slowly
    threads = [threading.Thread(target=pull, args=("tiny", settings))]
    threads[0].start()
    assert begun.wait(30)
    threads.append(threading.Thread(target=pull, args=("tiny", settings), kwargs={"progress": second}))
    threads[1].start()
    for thread in threads:
        thread.join(60)
    assert waited.is_set()
    assert whole(settings)
    assert len(server.requests) == 2


def test_interrupting_keeps_what_has_arrived(server: Server, settings: Settings) -> None:
    def interrupt(event: Progress) -> None:
        if event.received > 2**20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull("tiny", settings, progress=interrupt)
    part = folder(settings) / "tiny.gguf.part"
    size = part.stat().st_size
    assert part.read_bytes() == LANGUAGE[:size]
    assert size > 2**20
    pull("tiny", settings)
    assert whole(settings)
    assert server.starts(HUGGINGFACE) == [0, size]


def test_too_little_disk_is_said_before_anything_is_fetched(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(settings.home.parent)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=2**20))
    assert failure(settings).code == "disk_full"
    assert server.requests == []


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "download_failed")])
def test_a_disk_that_fails_in_mid_way_is_a_clear_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def write(part: transfer.PartialFile, chunk: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(transfer.PartialFile, "write", write)
    assert failure(settings).code == code


def test_a_home_that_is_a_file_is_a_clear_error(settings: Settings) -> None:
    settings.home.parent.mkdir(exist_ok=True)
    settings.home.write_text("in the way")
    assert failure(settings).code == "download_failed"


def test_names_and_sources_are_checked_first(settings: Settings, server: Server) -> None:
    with pytest.raises(RequestError) as unknown:
        pull("qwen9", settings)
    assert unknown.value.code == "unknown_model"
    other: Any = "ftp"  # as a program without types may say
    with pytest.raises(InputError) as bad:
        pull("tiny", settings, source=other)
    assert bad.value.code == "bad_value"
    assert server.requests == []


def test_addresses_follow_both_hubs_forms() -> None:
    entry = CATALOGUE["qwen3-vl-2b"]
    language = entry.files[0]
    default = Settings(hf_endpoint="https://hf-mirror.example/")
    assert download.file_url(entry, language, "huggingface", default) == (
        "https://hf-mirror.example/Qwen/Qwen3-VL-2B-Instruct-GGUF/resolve/"
        "52d6c8ffea26cc873ac5ad116f8631268d7eb503/Qwen3VL-2B-Instruct-Q4_K_M.gguf"
    )
    assert download.file_url(entry, language, "modelscope", default) == (
        "https://modelscope.cn/models/Qwen/Qwen3-VL-2B-Instruct-GGUF/resolve/master/Qwen3VL-2B-Instruct-Q4_K_M.gguf"
    )
    for address in (
        download.file_url(e, f, "huggingface", default) for e in CATALOGUE.values() for f in e.files
    ):
        assert httpx.URL(address).scheme == "https"


def test_the_hugging_face_mirror_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hf-mirror.example")
    assert Settings().hf_endpoint == "https://hf-mirror.example"
    monkeypatch.setenv("HF_ENDPOINT", "")
    assert Settings().hf_endpoint == "https://huggingface.co"
