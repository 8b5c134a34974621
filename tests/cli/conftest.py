from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from cli_fakes import FakeModel, Jianwei, Outcome

from jianwei.cli import answering, main


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting, model or conversation of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith("JIANWEI_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("JIANWEI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def jianwei(capfd: pytest.CaptureFixture[str]) -> Jianwei:
    """Run the command line in this process."""

    def run(*words: str) -> Outcome:
        capfd.readouterr()
        code = main(words)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """The model that every command loads."""
    fake = FakeModel()
    monkeypatch.setattr(answering, "make_model", lambda settings: fake)
    return fake


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small picture file."""
    path = tmp_path / "photo.png"
    rng = np.random.default_rng(0)
    PIL.Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)).save(path)
    return path
