"""Sets up Jianwei's isolated environment, .venv, from uv.lock. Needs nothing but Python 3.8 or newer.

    python3 scripts/setup.py [--dev]

uv does the work. It is the one on the PATH or in .tools; else it is put into .tools by pip, or by venv, or,
where Debian's Python has neither, by the standard library alone, checked against the hashes below.

uv.lock names files at pypi.org. Where UV_DEFAULT_INDEX, PIP_INDEX_URL or pip's configuration names another
index, the same versions are taken from there and checked against the hashes in uv.lock. Proxies and
certificates of pip's settings are honoured too.
"""

from __future__ import annotations

import argparse
import configparser
import hashlib
import html.parser
import io
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
UV_FOLDER = TOOLS / "uv"

UV_VERSION = "0.13.9"
UV_WHEELS = {
    ("linux", "x86_64"): (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("linux", "aarch64"): (
        "manylinux_2_28_aarch64",
        "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    ),
}
"""The wheels of uv that the standard library may fetch, by system and processor: platform and SHA-256."""

PYPI = "https://pypi.org/simple"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian keeps the certificates it trusts, those that an administrator added included."""


def tr(en: str, zh: str) -> str:
    """The text in the user's language."""
    asked = os.environ.get("JIANWEI_LANGUAGE", "")
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    spoken = asked if asked in ("zh", "en") else next((os.environ[n] for n in names if os.environ.get(n)), "")
    return zh if spoken.lower().startswith("zh") else en


def say(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr, flush=True)


def pip_settings() -> dict[str, str]:
    """What matters here of the settings of pip (index-url, cert, proxy): environment over files."""
    home = Path.home()
    files = [
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf",
    ]
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    settings: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(str(file), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update(parser.items(section))
    for name in ("index-url", "cert", "proxy"):
        variable = "PIP_" + name.upper().replace("-", "_")
        if os.environ.get(variable):
            settings[name] = os.environ[variable]
    return settings


def other_index(settings: dict[str, str]) -> str | None:
    """The package index that the user has configured in place of pypi.org."""
    environment = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    index = environment or settings.get("index-url", "")
    index = index.strip()
    return None if not index or urllib.parse.urlsplit(index).hostname == "pypi.org" else index.rstrip("/")


def child_environment(settings: dict[str, str], index: str | None) -> dict[str, str]:
    """The environment for uv and pip: certificates, proxy and index where the user keeps them."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    environment["UV_PROJECT_ENVIRONMENT"] = str(ROOT / ".venv")
    environment["PIP_USER"] = "0"  # --target and --user exclude each other
    environment.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    environment.setdefault("UV_HTTP_TIMEOUT", "120")
    if not environment.get("SSL_CERT_FILE"):
        named = [settings.get("cert"), environment.get("REQUESTS_CA_BUNDLE"), CERTIFICATES]
        found = next((name for name in named if name and Path(name).is_file()), None)
        if found:
            environment["SSL_CERT_FILE"] = found
    proxies = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    if settings.get("proxy") and not any(environment.get(name) for name in proxies):
        environment["HTTPS_PROXY"] = settings["proxy"]
    if index is not None:
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def find_uv(environment: dict[str, str], index: str | None) -> str:
    """The program uv; installed into .tools if there is none."""
    ours = UV_FOLDER / "bin" / "uv"
    present = shutil.which("uv") or (str(ours) if ours.is_file() else None)
    if present:
        return present
    say(tr("Installing uv into .tools …", "正在把 uv 安装到 .tools……"))
    failures = []
    for install in (by_pip, by_venv, by_hand):
        shutil.rmtree(str(UV_FOLDER), ignore_errors=True)
        try:
            install(environment, index)
        except (OSError, RuntimeError, subprocess.CalledProcessError, zipfile.BadZipFile) as error:
            detail = getattr(error, "stderr", None) or str(error)
            failures.append(
                f"{install.__name__}: {detail.strip().splitlines()[-1] if detail.strip() else error}"
            )
            continue
        if ours.is_file():
            return str(ours)
    for failure in failures:
        say(f"  {failure}")
    sys.exit(
        tr(
            "uv could not be installed. Check the network (proxy: HTTPS_PROXY; mirror: PIP_INDEX_URL),\n"
            "or run  sudo apt-get install python3-venv python3-pip  and try again.",
            "无法安装 uv。请检查网络（代理：HTTPS_PROXY；镜像：PIP_INDEX_URL），或运行\n"
            "  sudo apt-get install python3-venv python3-pip\n后重试。",
        )
    )


def by_pip(environment: dict[str, str], index: str | None) -> None:
    """With the pip of this Python; --target touches nothing outside the folder."""
    install_with([sys.executable, "-m", "pip"], environment, index)


def by_venv(environment: dict[str, str], index: str | None) -> None:
    """With the pip of a new virtual environment, where this Python has none of its own."""
    venv = TOOLS / "venv"
    quietly([sys.executable, "-m", "venv", "--clear", str(venv)], environment)
    install_with([str(venv / "bin" / "python"), "-m", "pip"], environment, index)
    shutil.rmtree(str(venv), ignore_errors=True)


def install_with(pip: list[str], environment: dict[str, str], index: str | None) -> None:
    """Let ``pip`` put uv into .tools."""
    command = [*pip, "install", "--quiet", "--only-binary", ":all:", "--target", str(UV_FOLDER)]
    command += ["--index-url", index] if index else []
    quietly([*command, f"uv=={UV_VERSION}"], environment)


def by_hand(environment: dict[str, str], index: str | None) -> None:
    """With the standard library: the wheel from the index (PEP 503), its hash checked, uv taken out."""
    wheel = UV_WHEELS.get((sys.platform, platform.machine()))
    if wheel is None:
        raise RuntimeError(f"no wheel known for {sys.platform} {platform.machine()}")
    tag, digest = wheel
    name = f"uv-{UV_VERSION}-py3-none-{tag}.whl"
    for variable in ("SSL_CERT_FILE", "HTTPS_PROXY"):
        if environment.get(variable):
            os.environ[variable] = environment[variable]
    page = f"{index or PYPI}/uv/"
    links = Links(page)
    links.feed(fetch(page).decode("utf-8"))
    url = next((link for link in links.found if link.partition("#")[0].endswith("/" + name)), None)
    if url is None:
        raise RuntimeError(f"{name} is not at {page}")
    data = fetch(url)
    if hashlib.sha256(data).hexdigest() != digest:
        raise RuntimeError(f"{name} has the wrong SHA-256")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        program = archive.read(f"uv-{UV_VERSION}.data/scripts/uv")
    target = UV_FOLDER / "bin" / "uv"
    target.parent.mkdir(parents=True)
    target.write_bytes(program)
    target.chmod(0o755)


class Links(html.parser.HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of an ``a``."""
        for name, value in attrs:
            if tag == "a" and name == "href" and value:
                self.found.append(urllib.parse.urljoin(self._page, value))


def fetch(url: str) -> bytes:
    """The bytes at ``url``; environment proxies and SSL_CERT_FILE are honoured by the library."""
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.read()


def quietly(command: list[str], environment: dict[str, str]) -> None:
    """Run a command whose output matters only if it fails."""
    subprocess.run(
        command,
        cwd=str(ROOT),
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )


def sync(uv: str, environment: dict[str, str], *, dev: bool, index: str | None) -> None:
    """Bring .venv to what uv.lock says; what else is in it stays."""
    groups = [] if dev else ["--no-dev"]
    if index is None:
        commands = [["sync", "--frozen", "--inexact", *groups]]
    else:
        listed = TOOLS / "requirements.txt"
        TOOLS.mkdir(exist_ok=True)
        packages = ["pip", "install", "--python", str(ROOT / ".venv")]
        export = ["export", "--frozen", "--quiet", "--no-emit-project", "--no-header", "-o", str(listed)]
        commands = [[*export, *groups]]
        commands += [] if (ROOT / ".venv").exists() else [["venv", "--quiet", str(ROOT / ".venv")]]
        commands += [
            [*packages, "--require-hashes", "-r", str(listed)],
            [*packages, "--quiet", "--no-deps", "--editable", str(ROOT)],
        ]
    for command in commands:
        subprocess.run([uv, *command], cwd=str(ROOT), env=environment, check=True)


def main() -> None:
    """Read the words and set up."""
    parser = argparse.ArgumentParser(description=tr("Set up .venv from uv.lock.", "按 uv.lock 安装 .venv。"))
    parser.add_argument("--dev", action="store_true", help=tr("with the tools for tests", "包含测试工具"))
    dev = parser.parse_args().dev
    settings = pip_settings()
    index = other_index(settings)
    environment = child_environment(settings, index)
    uv = find_uv(environment, index)
    if not (ROOT / ".venv").exists():
        say(
            tr(
                "Setting up .venv from uv.lock (once; some 250 MB to download) …",
                "正在按 uv.lock 安装 .venv（仅首次，约下载 250 MB）……",
            )
        )
    try:
        sync(uv, environment, dev=dev, index=index)
    except subprocess.CalledProcessError as error:
        say(
            tr(
                "The environment could not be set up; the lines above tell why. Where pypi.org is slow or out of\n"
                "reach, name a mirror: PIP_INDEX_URL=https://... make serve",
                "环境安装失败，原因见上。如 pypi.org 较慢或无法访问，可指定镜像：\n"
                "PIP_INDEX_URL=https://... make serve",
            )
        )
        sys.exit(error.returncode or 1)


if __name__ == "__main__":
    main()
