"""The house: pages that tell the truth, files of a readable size, a version in one place, a whole wheel."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from jianwei import __version__
from jianwei.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "README.zh-CN.md", "SECURITY.md", "docs/architecture.md"]
MAX_LINES = 600


def tracked(*patterns: str) -> list[Path]:
    """Files under version control; without git, all files there are."""
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [path for pattern in patterns for path in ROOT.glob(f"**/{pattern}") if ".venv" not in path.parts]


def code_blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[list[str]]:
    """The commands of a page's shell blocks, without comments, variables and redirections."""
    lines = [line for block in code_blocks(page, "sh") for line in block.splitlines()]
    inline = re.findall(r"`(make [a-z]+|jianwei [^`]+)`", (ROOT / page).read_text(encoding="utf-8"))
    found: list[list[str]] = []
    for line in [*lines, *inline]:
        words = shlex.split(line.partition(" > ")[0], comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            del words[0]
        if words:
            found.append(words)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_of_a_page_exist(page: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {words[1] for words in commands(page) if words[0] == "make"}
    assert named <= set(targets)


@pytest.mark.parametrize("page", PAGES)
def test_jianwei_commands_of_a_page_exist_with_their_options(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in commands(page):
        if words[0] != "jianwei":
            continue
        assert main([words[1], "--help"]) == 0, words
        options = set(re.findall(r"--?[a-z][a-z-]*", capsys.readouterr().out))
        assert {word for word in words[2:] if word.startswith("-")} <= options, words


@pytest.mark.parametrize("page", PAGES)
def test_python_of_a_page_compiles_and_imports_what_exists(page: str) -> None:
    for block in code_blocks(page, "python"):
        tree = ast.parse(block)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "jianwei":
                import jianwei

                assert {name.name for name in node.names} <= set(jianwei.__all__)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*tracked("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_both_readmes_show_the_same_commands_and_options() -> None:
    def shape(page: str) -> list[tuple[str, ...]]:
        blocks = [line for block in code_blocks(page, "sh") for line in block.splitlines()]
        return [tuple(re.findall(r"^[a-z]+ ?[a-z]*|--?[a-z-]{2,}", line.strip())) for line in blocks]

    assert shape("README.md") == shape("README.zh-CN.md")
    assert (ROOT / "README.md").read_text().count("\n## ") == (ROOT / "README.zh-CN.md").read_text().count(
        "\n## "
    )


def test_generated_pages_are_what_the_code_says() -> None:
    ended = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_architecture_names_files_that_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text() + (ROOT / "docs/architecture.svg").read_text()
    package = ROOT / "src/jianwei"
    names = set(re.findall(r"\b((?:[a-z_]+/)*[a-z_0-9]+\.py)\b", text)) - {"modeling_qwen3_vl.py"}
    assert len(names) > 20
    for name in names:
        assert (package / name).exists() or list(package.glob(f"*/{name}")), name


def test_no_file_is_too_long_to_be_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py", "*.js", "*.css", "*.sh", "Makefile")
        if "vendor" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert not long


def test_version_stands_in_one_place_and_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert released[0] == __version__
    assert "version" not in re.findall(r"^(\w+) =", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


def test_work_left_to_do_is_not_noted_in_code() -> None:
    note = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    for path in tracked("*.py", "*.js", "*.toml", "*.yaml", "Makefile"):
        assert not note.search(path.read_text(encoding="utf-8")), path


def test_importing_the_package_loads_no_engine_and_no_server() -> None:
    code = "import sys, jianwei; print([n for n in ('openvino', 'fastapi', 'rapidocr') if n in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_vendored_files_are_named_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for path in tracked():
        if "vendor" in path.relative_to(ROOT).parts:
            assert path.name in notice, path


@pytest.mark.e2e
def test_wheel_holds_the_model_and_the_page_and_nothing_of_the_workshop(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
    assert Path(uv).exists(), "uv builds the wheel; `make dev` brings it"
    built = subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata_name,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(metadata_name).decode())
    expected = {
        str(path.relative_to(ROOT / "src")) for path in tracked("src") if path.name not in (".gitkeep",)
    }
    assert expected <= set(names)
    assert {"jianwei/builtin/language.gguf", "jianwei/builtin/vision.gguf"} <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert {name.split("/")[0] for name in names} == {"jianwei", f"jianwei-{__version__}.dist-info"}
    assert metadata["Version"] == __version__
    assert not [
        line for line in metadata.get_all("Requires-Dist") or [] if re.match(r"torch|transformers", line)
    ]
    # The largest file that the package index takes.
    assert wheel.stat().st_size < 100 * 10**6
