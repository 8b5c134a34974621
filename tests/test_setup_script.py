"""``scripts/setup.py``: whose package index it uses, and uv fetched with nothing but the standard library."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import platform
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "setup.py"
MACHINE = sys.platform, platform.machine()


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with an empty home and its own folder for tools."""
    for name in (
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
        "PIP_INDEX_URL",
        "PIP_CONFIG_FILE",
        "PIP_CERT",
        "PIP_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    spec = importlib.util.spec_from_file_location("jianwei_setup", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(module, "UV_FOLDER", tmp_path / "tools" / "uv")
    return module


def write_pip_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "config" / "pip").mkdir(parents=True)
    (tmp_path / "config" / "pip" / "pip.conf").write_text(text)


def test_index_of_the_pip_configuration_is_used(setup: ModuleType, tmp_path: Path) -> None:
    write_pip_settings(tmp_path, "[global]\nindex-url = https://mirror.example/simple/\n")
    assert setup.other_index(setup.pip_settings()) == "https://mirror.example/simple"


def test_variables_win_over_the_pip_configuration(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pip_settings(tmp_path, "[global]\nindex-url = https://file.example/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    assert setup.other_index(setup.pip_settings()) == "https://pip.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert setup.other_index(setup.pip_settings()) == "https://uv.example/simple"


@pytest.mark.parametrize("index", ["", "https://pypi.org/simple", "https://pypi.org/simple/"])
def test_pypi_itself_is_no_other_index(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, index: str
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setattr(setup, "pip_settings", lambda: {"index-url": index})
    assert setup.other_index(setup.pip_settings()) is None


def test_proxy_and_certificates_of_pip_reach_uv(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    certificates = tmp_path / "company.pem"
    certificates.write_text("")
    settings = {"proxy": "http://proxy.example:3128", "cert": str(certificates)}
    environment = setup.child_environment(settings, None)
    assert environment["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert environment["SSL_CERT_FILE"] == str(certificates)


def test_damaged_pip_configuration_is_passed_over(setup: ModuleType, tmp_path: Path) -> None:
    before = setup.pip_settings()
    write_pip_settings(tmp_path, "index-url without a section\n")
    assert setup.pip_settings() == before


@pytest.fixture
def index(setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package index with one small wheel of uv."""
    name = f"uv-{setup.UV_VERSION}-py3-none-linux_test.whl"
    folder = tmp_path / "index" / "uv"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr(f"uv-{setup.UV_VERSION}.data/scripts/uv", "#!/bin/sh\necho a small uv\n")
    (folder / "index.html").write_text(f'<a href="uv-0.1.whl">old</a> <a href="{name}#sha256=x">new</a>')
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    monkeypatch.setattr(setup, "UV_WHEELS", {MACHINE: ("linux_test", digest)})
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def test_uv_is_fetched_without_pip_and_checked(setup: ModuleType, index: str) -> None:
    setup.by_hand({}, index)
    program = setup.UV_FOLDER / "bin" / "uv"
    assert "a small uv" in program.read_text()
    assert program.stat().st_mode & 0o111


def test_uv_with_another_hash_is_refused(
    setup: ModuleType, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "UV_WHEELS", {MACHINE: ("linux_test", "0" * 64)})
    with pytest.raises(RuntimeError, match="SHA-256"):
        setup.by_hand({}, index)
    assert not setup.UV_FOLDER.exists()


def test_when_nothing_installs_uv_the_way_out_is_named(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(environment: dict[str, str], index: str | None) -> None:
        raise RuntimeError("no network")

    for name in ("by_pip", "by_venv", "by_hand"):
        monkeypatch.setattr(setup, name, refuse)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JIANWEI_LANGUAGE", "zh")
    with pytest.raises(SystemExit, match="python3-venv"):
        setup.find_uv({}, None)
    assert "no network" in capsys.readouterr().err
