"""What all commands share: help, languages, completion, version; and models, pull, doctor, serve, bench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_fakes import Jianwei
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jianwei import __version__, hub
from jianwei.cli.app import COMMANDS
from jianwei.cli.text import columns, wrap
from jianwei.config import Settings
from jianwei.doctor import Check
from jianwei.doctor.check import Status
from jianwei.errors import ModelFileError, Phrase
from jianwei.hub.catalogue import BUILTIN_DIR

NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_is_in_the_users_language_and_fits_the_terminal(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8" if language == "zh" else "en_GB.UTF-8")
    ended = jianwei(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("用法：jianwei" if language == "zh" else "Usage: jianwei")
    assert not any(is_chinese(ended.out) for _ in [0] if language == "en")
    assert "\x1b" not in ended.out
    before_examples = ended.out.partition("示例" if language == "zh" else "Examples")[0]
    assert max(cell_len(line) for line in before_examples.splitlines()) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_a_help_text(jianwei: Jianwei, name: str) -> None:
    lines = jianwei(name, "--help").out.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("  -"):
            assert "  " in line.strip() or lines[number + 1].startswith("    "), line


def test_no_words_at_all_give_the_help(jianwei: Jianwei) -> None:
    ended = jianwei()
    assert ended.code == 0
    assert all(name in ended.out for name in NAMES)


def test_language_flag_wins_over_the_locale(jianwei: Jianwei) -> None:
    assert jianwei("--language", "zh", "--help").out.startswith("用法")
    assert jianwei("models", "--language=zh").out.startswith("名称")
    assert jianwei("models").out.startswith("name")


def test_version(jianwei: Jianwei) -> None:
    assert jianwei("--version").out == f"jianwei {__version__}\n"
    assert __version__ in jianwei("version").out
    found = json.loads(jianwei("version", "--json").out)
    assert found["jianwei"] == __version__
    assert found["openvino"].startswith("2026.4")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_shown(shell: str) -> None:
    ended = run_program("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert ended.returncode == 0
    assert "_JIANWEI_COMPLETE" in ended.stdout


def test_model_names_are_completed() -> None:
    ended = run_program(
        _JIANWEI_COMPLETE="complete_bash", COMP_WORDS="jianwei pull qwen3-vl-", COMP_CWORD="2"
    )
    assert set(ended.stdout.split()) == {name for name in hub.CATALOGUE if name.startswith("qwen3")}


def test_locale_without_chinese_prints_what_it_can() -> None:
    ended = run_program("--language", "zh", "--help", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended.returncode == 0
    assert "jianwei" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_models_lists_the_catalogue(jianwei: Jianwei) -> None:
    lines = jianwei("models").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(hub.CATALOGUE)
    listed = json.loads(jianwei("models", "--json").out)
    assert [item["name"] for item in listed] == list(hub.CATALOGUE)


def test_models_shows_how_far_a_download_is(jianwei: Jianwei, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models" / "qwen3-vl-2b"
    folder.mkdir(parents=True)
    entry = hub.CATALOGUE["qwen3-vl-2b"]
    assert entry.language is not None
    with (folder / f"{entry.language.name}.part").open("wb") as part:
        part.truncate(entry.download_size // 2)
    assert "50%" in jianwei("models").out


def test_a_fast_layout_that_was_made_is_listed_and_completed(jianwei: Jianwei, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models" / "qwen3-vl-2b"
    folder.mkdir(parents=True)
    entry = hub.CATALOGUE["qwen3-vl-2b"]
    for file in entry.files:
        with (folder / file.name).open("wb") as whole:
            whole.truncate(file.size)
        (folder / f"{Path(file.name).stem}-fast.gguf").touch()
    assert "-fast" in jianwei("models").out
    ended = run_program(
        _JIANWEI_COMPLETE="complete_bash",
        COMP_WORDS="jianwei serve --model qwen3-vl-2b",
        COMP_CWORD="3",
        JIANWEI_HOME=str(tmp_path / "home"),
    )
    assert ended.stdout.split() == ["qwen3-vl-2b", "qwen3-vl-2b-fast"]


def test_pull_of_an_unknown_model_is_wrong_usage(jianwei: Jianwei) -> None:
    ended = jianwei("pull", "nonsense")
    assert ended.code == 2
    assert "[unknown_model]" in ended.err


def test_pull_tells_progress_and_prints_the_files(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, str]] = []

    def pull(name: str, settings: Settings, *, source: str, progress: hub.ProgressCallback) -> hub.ModelPaths:
        asked.append((name, source))
        for received in (0, 1, 40, 41, 100):
            progress(hub.Progress("a.gguf", "downloading", "modelscope", received, 100, received, 200))
        reason = Phrase("it hung up", "连接中断")
        progress(hub.Progress("a.gguf", "retrying", "modelscope", 100, 100, 100, 200, reason))
        progress(hub.Progress("a.gguf", "done", None, 100, 100, 100, 200))
        return hub.ModelPaths(tmp_path / "a.gguf", tmp_path / "b.gguf")

    monkeypatch.setattr(hub, "pull", pull)
    ended = jianwei("pull", "qwen3-vl-2b", "--source", "modelscope", "--yes")
    assert asked == [("qwen3-vl-2b", "modelscope")]
    assert ended.out.split() == [str(tmp_path / "a.gguf"), str(tmp_path / "b.gguf")]
    told = [line for line in ended.err.splitlines() if line.startswith("a.gguf")]
    assert told == [
        "a.gguf: 0% from ModelScope",
        "a.gguf: 40% from ModelScope",
        "a.gguf: 100% from ModelScope",
        "a.gguf: 100% ModelScope failed; trying again (it hung up)",
        "a.gguf: 100% complete and verified",
    ]
    assert "jianwei serve --model qwen3-vl-2b" in ended.err
    assert "1.45 GB" in ended.err


def test_failed_pull_is_exit_1(jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch) -> None:
    def pull(*_: object, **__: object) -> hub.ModelPaths:
        raise ModelFileError("disk_full", got="1.00 GB", limit="2.00 GB")

    monkeypatch.setattr(hub, "pull", pull)
    ended = jianwei("pull", "qwen3-vl-2b", "--yes")
    assert ended.code == 1
    assert "[disk_full]" in ended.err


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_doctor_fails_when_something_will_not_work(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch, status: Status, code: int
) -> None:
    check = Check(
        "disk",
        Phrase("Disk", "磁盘"),
        status,
        Phrase("1 [GB] left.", "剩余 1 [GB]。"),
        Phrase("Free some.", "请清理。"),
        {"free": 1},
    )
    monkeypatch.setattr("jianwei.doctor.diagnose", lambda settings, *, thorough: [check])
    ended = jianwei("doctor")
    assert ended.code == code
    assert "1 [GB] left." in ended.out
    assert "→ Free some." in ended.out
    assert "剩余 1 [GB]。" in jianwei("doctor", "--language", "zh").out
    ended = jianwei("doctor", "--json")
    assert ended.code == code
    assert json.loads(ended.out)[0]["name"] == "disk"


def test_serve_hands_its_flags_to_the_server(jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("jianwei.server.app.run", served.append)
    monkeypatch.setenv("JIANWEI_PORT", "6000")
    monkeypatch.setenv("JIANWEI_KV_BUDGET", "100")
    flags = "--host 0.0.0.0 --port 7000 --api-key k --allow-host a.example --allow-host b.example"
    assert jianwei("serve", *flags.split(), "--allow-url", "--model", "qwen3-vl-2b").code == 0
    (settings,) = served
    assert (settings.host, settings.port, settings.api_key) == ("0.0.0.0", 7000, "k")
    assert settings.allow_host == ("a.example", "b.example")
    assert (settings.allow_url, settings.insecure, settings.model) == (True, False, "qwen3-vl-2b")
    assert settings.kv_budget == 100


def test_host_names_of_a_variable_stand_between_commas(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("jianwei.server.app.run", served.append)
    monkeypatch.setenv("JIANWEI_ALLOW_HOST", "a.example, b.example")
    assert jianwei("serve").code == 0
    Path("jianwei.toml").write_text('allow_host = ["c.example"]\n')
    monkeypatch.delenv("JIANWEI_ALLOW_HOST")
    assert jianwei("serve").code == 0
    assert [settings.allow_host for settings in served] == [("a.example", "b.example"), ("c.example",)]


def test_every_flag_of_serve_is_a_setting(jianwei: Jianwei) -> None:
    flags = {word for word in jianwei("serve", "--help").out.split() if word.startswith("--")}
    names = {flag.strip("-,.:").replace("-", "_") for flag in flags} - {"help"}
    assert names <= set(Settings.model_fields)


def test_serve_beyond_this_machine_wants_a_key(jianwei: Jianwei) -> None:
    ended = jianwei("serve", "--host", "0.0.0.0", "--port", "0")
    assert ended.code == 2
    assert "[insecure_host]" in ended.err


def test_bench_hands_over_its_options_and_its_exit_code(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def run(**options: Any) -> int:
        asked.append(options)
        return 1

    monkeypatch.setattr("jianwei.bench.main.run", run)
    ended = jianwei("bench", "--json", "--quick", "--only", "decode", "--out", "o", "--threads", "2")
    assert ended.code == 1
    options = asked[0]
    assert (options["as_json_line"], options["quick"], options["only"]) == (True, True, "decode")
    assert options["out"] == Path("o")
    assert options["settings"].threads == 2


@given(st.lists(st.text("ab见微，", max_size=7), max_size=30), st.integers(16, 40))
def test_wrapped_lines_hold_every_character_and_stay_within_the_width(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


def test_chinese_is_wrapped_by_its_width_and_not_before_a_full_stop() -> None:
    assert wrap("见微知著，以小见大。", 10) == ["见微知著，", "以小见大。"]
    assert wrap("one two three", 7) == ["one two", "three"]


def test_columns_align_chinese_by_its_width() -> None:
    lines = columns([("名称", "x"), ("name", "x"), ("a", "x")])
    assert {cell_len(line) for line in lines} == {7}


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def run_program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "jianwei", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def test_convert_writes_the_fast_layout_beside_its_source(jianwei: Jianwei, tmp_path: Path) -> None:
    source = _builtin_in(tmp_path)
    made = source.fast()
    for path in (source.language, tmp_path):
        ended = jianwei("convert", str(path))
        assert (ended.code, ended.out) == (0, f"{made.language}\n{made.vision}\n")
        assert f"jianwei serve --model {made.language}" in ended.err
        assert "Writing vision-fast.gguf" in ended.err
    assert made.language.stat().st_size < source.language.stat().st_size
    for path in (source.language, source.vision):
        assert path.read_bytes() == (BUILTIN_DIR / path.name).read_bytes(), "the sources stay as they are"
    again = jianwei("convert", str(made.language))
    assert "[model_unsupported]" in again.err


def test_convert_makes_the_folder_that_it_is_told(jianwei: Jianwei, tmp_path: Path) -> None:
    out = tmp_path / "new" / "fast"
    assert jianwei("convert", "builtin", "--out", str(out)).code == 0
    assert sorted(path.name for path in out.iterdir()) == ["language-fast.gguf", "vision-fast.gguf"]
    asked = jianwei("convert", "builtin")
    assert (asked.code, "--out" in asked.err) == (2, True)
    nowhere = jianwei("convert", "builtin", "--out", str(out / "vision-fast.gguf"), "--language=zh")
    assert "无法写入" in nowhere.err


def test_pull_writes_the_fast_layout_too(
    jianwei: Jianwei, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths = _builtin_in(tmp_path)
    monkeypatch.setattr(hub, "pull", lambda *_, **__: paths)
    ended = jianwei("pull", "qwen3-vl-2b", "--fast", "--yes")
    made = paths.fast()
    assert ended.out.splitlines()[-2:] == [str(made.language), str(made.vision)]
    assert made.language.exists()
    assert made.vision.exists()


def _builtin_in(folder: Path) -> hub.ModelPaths:
    """A copy of the built-in model's files."""
    paths = hub.ModelPaths(folder / "language.gguf", folder / "vision.gguf")
    for path in (paths.language, paths.vision):
        path.write_bytes((BUILTIN_DIR / path.name).read_bytes())
    return paths
