"""Which files a model's name or path stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianwei.config import Settings
from jianwei.errors import InputError, JianweiError, ModelFileError, RequestError
from jianwei.hub import CATALOGUE, ModelPaths, catalogue, installed, pull, resolve, status


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "builtin"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "BUILTIN_DIR", folder)
    return folder


def sparse(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def fill(name: str, settings: Settings) -> None:
    """Files of the right names and sizes (sparse: they take no disk)."""
    entry = CATALOGUE[name]
    paths = entry.paths(settings)
    for path, file in zip((paths.language, paths.vision), entry.files, strict=True):
        sparse(path, file.size)


def test_every_fetched_model_is_pinned() -> None:
    assert list(CATALOGUE) == ["builtin", "qwen3-vl-2b", "qwen3-vl-4b", "qwen3-vl-8b"]
    for name, entry in CATALOGUE.items():
        assert entry.name == name
        assert entry.builtin == (name == "builtin")
        assert len(entry.revision) == (0 if entry.builtin else 40)
        assert entry.licence == "Apache-2.0"
        for file in entry.files:
            assert len(file.sha256) == 64
            assert int(file.sha256, 16)
            assert file.size > 4e8
    assert len({file.sha256 for entry in CATALOGUE.values() for file in entry.files}) == 6


def test_a_model_is_here_when_both_files_have_their_size(settings: Settings) -> None:
    assert "qwen3-vl-2b" not in installed(settings)
    fill("qwen3-vl-2b", settings)
    paths = resolve("qwen3-vl-2b", settings)
    assert installed(settings) == {"qwen3-vl-2b": paths} | (
        {"builtin": resolve("builtin", settings)} if CATALOGUE["builtin"].is_here(settings) else {}
    )
    assert paths.vision.name == "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf"
    sparse(paths.vision, 5)
    with pytest.raises(ModelFileError) as caught:
        resolve("qwen3-vl-2b", settings)
    assert caught.value.code == "model_not_here"
    assert "jianwei pull qwen3-vl-2b" in caught.value.fix("zh")


def test_the_fast_layout_of_a_fetched_model_is_used_by_name(settings: Settings) -> None:
    with pytest.raises(ModelFileError) as caught:
        resolve("qwen3-vl-2b-fast", settings)
    assert "jianwei pull qwen3-vl-2b --fast" in caught.value.fix("en")
    fill("qwen3-vl-2b", settings)
    with pytest.raises(ModelFileError):
        resolve("qwen3-vl-2b-fast", settings)
    plain = resolve("qwen3-vl-2b", settings)
    sparse(plain.fast().language, 5)
    with pytest.raises(ModelFileError):
        resolve("qwen3-vl-2b-fast", settings)
    sparse(plain.fast().vision, 5)
    assert [model.entry.name for model in status(settings) if model.fast] == ["qwen3-vl-2b"]
    paths = resolve("qwen3-vl-2b-fast", settings)
    assert paths.language.name == "Qwen3VL-2B-Instruct-Q4_K_M-fast.gguf"
    assert paths.vision.name == "mmproj-Qwen3VL-2B-Instruct-Q8_0-fast.gguf"
    assert paths.entry is not None
    assert paths.entry.name == "qwen3-vl-2b-fast"
    for unknown in ("nonsense-fast", "builtin-fast"):
        with pytest.raises(RequestError):
            resolve(unknown, settings)


def test_files_of_the_fast_layout_beside_the_others_belong_together(
    settings: Settings, tmp_path: Path
) -> None:
    plain = ModelPaths(tmp_path / "x.gguf", tmp_path / "mmproj-x.gguf")
    fast = plain.fast()
    for path in (plain.language, plain.vision, fast.language, fast.vision):
        sparse(path, 5)
    assert resolve(str(plain.language), settings) == plain
    assert resolve(str(fast.language), settings) == fast
    assert resolve(str(tmp_path), settings) == plain
    fast.vision.unlink()
    assert resolve(str(fast.language), settings).vision == plain.vision


def test_the_built_in_model_ships_in_the_package(settings: Settings, builtin: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        resolve("builtin", settings)
    assert caught.value.code == "builtin_missing"
    with pytest.raises(ModelFileError):
        pull("builtin", settings)
    for name in ("language.gguf", "vision.gguf"):
        (builtin / name).write_bytes(b"x" * 10)
    assert resolve("builtin", settings).language == builtin / "language.gguf"
    assert pull("builtin", settings) == resolve("builtin", settings)


def test_a_path_takes_the_vision_file_beside_it(settings: Settings, tmp_path: Path) -> None:
    language = tmp_path / "m" / "my.Q4_0.gguf"
    sparse(language, 9)
    with pytest.raises(ModelFileError) as caught:
        resolve(str(language), settings)
    assert caught.value.code == "mmproj_not_found"
    vision = tmp_path / "m" / "MMPROJ-my.gguf"
    sparse(vision, 9)
    for given in (language, language.parent):
        paths = resolve(str(given), settings)
        assert (paths.language, paths.vision, paths.entry) == (language, vision, None)
    sparse(tmp_path / "m" / "other-mmproj.gguf", 9)
    with pytest.raises(ModelFileError):
        resolve(str(language), settings)
    named = settings.model_copy(update={"mmproj": vision})
    assert resolve(str(language), named).vision == vision


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("qwen9", RequestError, "unknown_model"),
        ("", RequestError, "unknown_model"),
        ("nowhere/my.gguf", InputError, "file_not_found"),
        ("my.gguf", InputError, "file_not_found"),
        ("~nobody-here/a\0b", InputError, "file_not_found"),
        ("x" * 5000, RequestError, "unknown_model"),
    ],
)
def test_what_is_not_there_is_said_clearly(
    settings: Settings, name: str, kind: type[JianweiError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        resolve(name, settings)
    assert caught.value.code == code


def test_a_missing_mmproj_is_named(settings: Settings, tmp_path: Path) -> None:
    sparse(tmp_path / "my.gguf", 9)
    with pytest.raises(InputError) as caught:
        resolve(str(tmp_path / "my.gguf"), settings.model_copy(update={"mmproj": tmp_path / "gone.gguf"}))
    assert "gone.gguf" in caught.value.text("zh")


def test_status_tells_size_licence_memory_and_what_is_here(settings: Settings) -> None:
    part = catalogue.part_of(CATALOGUE["qwen3-vl-4b"].paths(settings).language)
    sparse(part, 1000)
    fill("qwen3-vl-2b", settings)
    by_name = {model.entry.name: model for model in status(settings)}
    two, four, eight = (by_name[f"qwen3-vl-{size}b"] for size in (2, 4, 8))
    assert two.here
    assert two.bytes_here == two.entry.download_size == 1_552_463_168
    assert (four.here, four.bytes_here) == (False, 1000)
    assert (eight.here, eight.bytes_here) == (False, 0)
    needed = [model.memory_needed or 0 for model in (two, four, eight)]
    assert 2e9 < needed[0] < needed[1] < needed[2] < 12e9
    assert two.to_dict()["licence"] == "Apache-2.0"


def test_checksum_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "SHA256SUMS"
    path.write_text(f"{'a' * 64}  language.gguf\n{'B' * 64} *vision.gguf\n")
    assert catalogue.read_sums(path) == {"language.gguf": "a" * 64, "vision.gguf": "b" * 64}
    path.write_text("nonsense\n")
    with pytest.raises(ValueError, match="checksum"):
        catalogue.read_sums(path)
