"""The doctor tells the truth about whatever machine it finds, and never falls over."""

from __future__ import annotations

import collections
import errno
import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jianwei import machine
from jianwei.config import Settings
from jianwei.doctor import Check, diagnose, hardware, software
from jianwei.doctor.check import Finding
from jianwei.errors import Phrase
from jianwei.hub import CATALOGUE, CatalogueEntry, ModelFile, catalogue

Usage = collections.namedtuple("Usage", "total used free")
GB = 2**30


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", port=0)


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "builtin"
    folder.mkdir()
    for name in ("language.gguf", "vision.gguf"):
        (folder / name).write_bytes(name.encode() * 100)
    sums = [
        f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n"
        for n in ("language.gguf", "vision.gguf")
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))
    monkeypatch.setattr(catalogue, "BUILTIN_DIR", folder)
    return folder


def in_both_languages(finding: Finding | Check) -> None:
    assert finding.sentence.en
    assert finding.sentence.zh
    assert (finding.fix is None) == (finding.status == "ok"), "a problem has a way out"
    json.dumps(finding.data)


def test_this_machine_is_examined_whole(settings: Settings, builtin: Path) -> None:
    checks = diagnose(settings)
    by_name = {check.name: check for check in checks}
    assert len(by_name) == len(checks) == 13
    for name in ("python", "openvino", "ocr", "pictures", "builtin_model", "model", "home", "port"):
        assert by_name[name].status == "ok", by_name[name]
    assert by_name["cpu"].data["usable_threads"] >= 1
    assert by_name["memory"].data["total"] > by_name["memory"].data["available"] > 0
    assert by_name["openvino"].data["pinned"] == "2026.4"
    for check in checks:
        assert check.text("zh")
        assert check.text("en")
        restored = json.loads(json.dumps(check.to_dict()))
        assert restored["sentence"]["en"] == check.text("en")


def test_a_check_that_breaks_does_not_hide_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Settings) -> Finding:
        raise ZeroDivisionError("secret detail")

    for module in (hardware, software):
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == module.__name__ and name.islower():
                monkeypatch.setattr(module, name, broken)
    monkeypatch.setattr(software, "fetched_models", lambda s, thorough: broken(s))
    checks = diagnose(settings)
    assert len(checks) == 13
    assert {check.status for check in checks} == {"warn"}
    assert all("ZeroDivisionError" in check.text("en") for check in checks)
    assert not any("secret" in check.text("en") for check in checks)


# Processor

CPUINFO = """processor\t: 0
model name\t: {model}
flags\t\t: fpu sse4_2 {flags}

processor\t: 1
model name\t: another
flags\t\t: nothing
"""


def on_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cpuinfo: str | None) -> None:
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text(cpuinfo)
    monkeypatch.setattr(machine.sys, "platform", "linux")
    monkeypatch.setattr(machine, "CPUINFO", path)
    monkeypatch.setattr(machine, "CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(machine.platform, "machine", lambda: "x86_64")


@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        ("avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_int8", "ok", "AMX-BF16"),
        ("avx2 fma", "ok", "twice"),
        ("avx", "warn", "AVX2"),
    ],
)
def test_the_processor_is_read_from_the_system(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, status: str, said: str
) -> None:
    on_linux(monkeypatch, tmp_path, CPUINFO.format(model="Some CPU", flags=flags))
    found = hardware.cpu(settings)
    assert (found.status, "Some CPU" in found.sentence.zh, said in found.sentence.en) == (status, True, True)
    assert set(found.data["features"]) == {*flags.split(), "sse4_2"}
    in_both_languages(found)


def test_arm_processors_have_other_names(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_linux(monkeypatch, tmp_path, "processor : 0\nFeatures : fp asimd asimddp bf16 i8mm\n")
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    found = hardware.cpu(settings)
    assert found.status == "ok"
    assert "I8MM, BF16" in found.sentence.en


@pytest.mark.parametrize("cpuinfo", [None, "", "garbage", "flags :", "\0\xff: \n:::"])
def test_a_processor_that_is_not_told_is_not_guessed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cpuinfo: str | None
) -> None:
    on_linux(monkeypatch, tmp_path, cpuinfo)
    monkeypatch.setattr(machine.platform, "processor", lambda: "")
    monkeypatch.setattr(machine.psutil, "cpu_count", lambda logical: None)
    found = hardware.cpu(settings)
    assert found.data["features"] is None
    assert found.data["physical_cores"] is None
    in_both_languages(found)


def test_a_mac_is_asked_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def sysctl(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        said = (
            "machdep.cpu.brand_string: Apple M4\nhw.optional.arm.FEAT_I8MM: 1\nhw.optional.arm.FEAT_BF16: 0\n"
        )
        return subprocess.CompletedProcess(command, 0, said, "")

    monkeypatch.setattr(machine.sys, "platform", "darwin")
    monkeypatch.setattr(machine.subprocess, "run", sysctl)
    found = machine.read_cpu()
    assert (found.model, found.features) == ("Apple M4", frozenset({"i8mm"}))

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(machine.subprocess, "run", missing)
    assert machine.read_cpu().features is None


def test_windows_does_not_tell_instruction_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.sys, "platform", "win32")
    monkeypatch.delattr(machine.os, "sched_getaffinity", raising=False)
    found = machine.read_cpu()
    assert found.features is None
    assert found.usable_threads >= 1


@pytest.mark.parametrize(
    ("text", "quota"),
    [("150000 100000", 1.5), ("max 100000", None), ("", None), ("1 0", None), ("x y", None)],
)
def test_a_container_may_grant_less_than_the_machine_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, quota: float | None
) -> None:
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text(text)
    assert machine.read_cpu().quota == quota


# Memory


def memory_of(monkeypatch: pytest.MonkeyPatch, total: int, available: int) -> None:
    memory = collections.namedtuple("Memory", "total available")(total, available)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def test_memory_of_a_container_goes_before_the_machines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory_of(monkeypatch, 64 * GB, 60 * GB)
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max")
    assert machine.read_memory() == machine.Memory(64 * GB, 60 * GB)
    (tmp_path / "memory.max").write_text(str(4 * GB))
    (tmp_path / "memory.current").write_text(str(3 * GB))
    (tmp_path / "memory.stat").write_text(f"anon 5\ninactive_file {GB}\n")
    assert machine.read_memory() == machine.Memory(4 * GB, 2 * GB)
    for name in ("memory.current", "memory.stat"):
        (tmp_path / name).unlink()
    assert machine.read_memory() == machine.Memory(4 * GB, 4 * GB)


@pytest.mark.parametrize(
    ("available", "model", "status", "fits"),
    [
        (64 * GB, "qwen3-vl-2b", "ok", ["builtin", "qwen3-vl-2b", "qwen3-vl-4b", "qwen3-vl-8b"]),
        (4 * GB, "builtin", "ok", ["builtin", "qwen3-vl-2b"]),
        (2 * GB, "qwen3-vl-2b", "warn", ["builtin"]),
        (GB // 2, "builtin", "warn", []),
        (GB // 2, "/my/own.gguf", "fail", []),
    ],
)
def test_which_models_fit_in_the_free_memory(
    settings: Settings,
    builtin: Path,
    monkeypatch: pytest.MonkeyPatch,
    available: int,
    model: str,
    status: str,
    fits: list[str],
) -> None:
    memory_of(monkeypatch, 64 * GB, available)
    monkeypatch.setattr(machine, "CGROUP", Path("/nowhere"))
    found = hardware.memory(settings.model_copy(update={"model": model}))
    assert (found.status, found.data["fits"]) == (status, fits)
    in_both_languages(found)


# Disk, folders, port


@pytest.mark.parametrize(
    ("free", "status", "fits"),
    [
        (100 * GB, "ok", ["qwen3-vl-2b", "qwen3-vl-4b", "qwen3-vl-8b"]),
        (2 * GB, "ok", ["qwen3-vl-2b"]),
        (GB, "warn", []),
        (GB // 8, "fail", []),
    ],
)
def test_free_disk_decides_what_can_be_fetched(
    settings: Settings,
    builtin: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    status: str,
    fits: list[str],
) -> None:
    monkeypatch.setattr(hardware.shutil, "disk_usage", lambda _: Usage(100 * GB, 0, free))
    found = hardware.disk(settings)
    assert (found.status, found.data["fits"]) == (status, fits)
    in_both_languages(found)


def test_a_home_in_the_way_or_not_writable_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hardware.home(settings).status == "ok"
    assert not settings.home.exists(), "the doctor makes no folders"
    monkeypatch.setattr(hardware.os, "access", lambda *_: False)
    assert hardware.home(settings).status == "fail"
    settings.home.mkdir()
    assert hardware.home(settings).status == "ok"
    assert list(settings.home.iterdir()) == []

    def read_only(**_: object) -> None:
        raise OSError(errno.EROFS, "read only")

    monkeypatch.setattr(hardware.tempfile, "TemporaryFile", read_only)
    found = hardware.home(settings)
    assert found.status == "fail"
    in_both_languages(found)
    settings.home.rmdir()
    settings.home.write_text("a file")
    assert hardware.home(settings).status == "fail"


@pytest.mark.parametrize(("free", "status"), [(GB, "ok"), (64 * 2**20, "warn")])
def test_small_shared_memory_of_a_container_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, status: str
) -> None:
    monkeypatch.setattr(hardware, "SHM", tmp_path)
    monkeypatch.setattr(hardware.shutil, "disk_usage", lambda _: Usage(GB, 0, free))
    assert hardware.shared_memory(settings).status == status
    monkeypatch.setattr(hardware, "SHM", tmp_path / "none")
    assert hardware.shared_memory(settings).status == "ok"


def test_a_taken_port_is_found(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        found = hardware.port(taken)
        assert found.status == "warn"
        in_both_languages(found)
    assert hardware.port(taken).status == "ok"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_found(settings: Settings, host: str) -> None:
    found = hardware.port(settings.model_copy(update={"host": host}))
    assert found.status == "fail"
    in_both_languages(found)


# Installation


def probe(monkeypatch: pytest.MonkeyPatch, code: int, out: str = "", err: str = "") -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, code, out, err)

    monkeypatch.setattr(software.subprocess, "run", run)


def openvino_says(version: str) -> str:
    return "a warning\n" + json.dumps({"version": version, "devices": ["CPU"], "capabilities": ["FP32"]})


@pytest.mark.parametrize(
    ("code", "out", "err", "status", "said"),
    [
        (0, openvino_says("2026.4.3-1-x"), "", "ok", "2026.4.3"),
        (0, openvino_says("2026.40.0-1-x"), "", "fail", "2026.4"),
        (0, openvino_says("2027.1.0-1-x"), "", "fail", "2027.1.0"),
        (1, "", "Traceback\nImportError: libtbb.so", "fail", "libtbb.so"),
        (1, "", "", "fail", "loaded"),
        (-4, "", "", "fail", "SIGILL"),
        (-250, "", "", "fail", "250"),
    ],
)
def test_openvino_that_fails_or_is_of_another_version_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int, out: str, err: str, status: str, said: str
) -> None:
    probe(monkeypatch, code, out, err)
    found = software.openvino(settings)
    assert found.status == status
    assert said in found.sentence.en
    in_both_languages(found)


def test_openvino_that_hangs_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("python", 1)

    monkeypatch.setattr(software.subprocess, "run", run)
    assert software.openvino(settings).status == "fail"


@pytest.mark.parametrize(
    ("requirements", "pinned"),
    [
        (["gguf", "openvino==2026.4.*"], "2026.4"),
        (["openvino-extra==1.0", "openvino == 2026.4.1 ; python_version > '3'"], "2026.4.1"),
        (["openvino>=2026"], None),
        (None, None),
    ],
)
def test_the_pin_is_read_from_the_package(
    monkeypatch: pytest.MonkeyPatch, requirements: list[str] | None, pinned: str | None
) -> None:
    monkeypatch.setattr(software.importlib.metadata, "requires", lambda _: requirements)
    assert software._pinned_version("openvino") == pinned


def test_an_old_python_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software.sys, "version_info", (3, 9, 1))
    found = software.python(settings)
    assert found.status == "fail"
    in_both_languages(found)


def test_missing_ocr_models_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(software.importlib.util, "find_spec", lambda _: None)
    assert software.ocr(settings).status == "fail"
    spec = collections.namedtuple("Spec", "submodule_search_locations")([str(tmp_path)])
    monkeypatch.setattr(software.importlib.util, "find_spec", lambda _: spec)
    assert software.ocr(settings).status == "fail"
    (tmp_path / "models").mkdir()
    for name in ("x_det_y.onnx", "x_rec_y.onnx", "x_cls_y.onnx"):
        assert software.ocr(settings).status == "fail"
        (tmp_path / "models" / name).write_bytes(b"")
        assert software.ocr(settings).status == "fail", "an empty model is none"
        (tmp_path / "models" / name).write_bytes(b"x")
    assert software.ocr(settings).status == "ok"


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")


@pytest.mark.parametrize(
    ("harm", "status"),
    [
        (lambda folder: None, "ok"),
        (lambda folder: (folder / "vision.gguf").unlink(), "fail"),
        (lambda folder: change(folder / "language.gguf"), "fail"),
        (lambda folder: (folder / "language.gguf").write_bytes(b""), "fail"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "warn"),
        (lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff\xfe"), "warn"),
        (lambda folder: (folder / "SHA256SUMS").write_text(f"{'0' * 64}  card.json\n"), "fail"),
    ],
)
def test_a_damaged_built_in_model_is_found(
    settings: Settings, builtin: Path, harm: Callable[[Path], Any], status: str
) -> None:
    harm(builtin)
    found = software.builtin_model(settings)
    assert found.status == status
    in_both_languages(found)


def test_fetched_unfinished_and_damaged_models_are_told_apart(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"model"
    file = ModelFile("a.gguf", len(content), hashlib.sha256(content).hexdigest())
    entry = CatalogueEntry("tiny", "Tiny", 1, "MIT", "a/b", "c", file, ModelFile("b.gguf", 5, file.sha256))
    monkeypatch.setitem(CATALOGUE, "tiny", entry)
    assert software.fetched_models(settings, True).data["here"] == []
    paths = entry.paths(settings)
    paths.language.parent.mkdir(parents=True)
    catalogue.part_of(paths.language).write_bytes(b"mo")
    unfinished = software.fetched_models(settings, True)
    assert (unfinished.status, unfinished.data["unfinished"]) == ("warn", ["tiny"])
    in_both_languages(unfinished)
    for path in (paths.language, paths.vision):
        path.write_bytes(content)
    assert software.fetched_models(settings, True).status == "ok"
    paths.vision.write_bytes(b"mudel")
    assert software.fetched_models(settings, False).status == "ok"
    damaged = software.fetched_models(settings, True)
    assert (damaged.status, damaged.data["damaged"]) == ("fail", ["tiny"])
    in_both_languages(damaged)


def test_a_chosen_model_that_is_not_here_is_found(settings: Settings) -> None:
    found = software.chosen_model(settings.model_copy(update={"model": "qwen3-vl-8b"}))
    assert found.status == "fail"
    assert found.fix is not None
    assert "jianwei pull qwen3-vl-8b" in found.fix.zh
    in_both_languages(found)


def test_the_doctor_loads_no_engine_in_its_own_process() -> None:
    program = (
        "import sys, jianwei.doctor; print([m for m in ('openvino', 'PIL', 'rapidocr') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_check_speaks_both_languages() -> None:
    check = Check("x", Phrase("X", "某"), "warn", Phrase("bad", "坏"), Phrase("mend", "修"))
    assert (check.text("zh"), check.way_out("zh"), check.way_out("en")) == ("坏", "修", "mend")
    assert Check("x", Phrase("X", "某"), "ok", Phrase("good", "好")).way_out("zh") == ""
