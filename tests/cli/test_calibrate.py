"""``jianwei calibrate`` writes what it has found beside the model, and tells how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_fakes import Jianwei

import jianwei.pipeline
from jianwei.errors import Phrase
from jianwei.evals import attention_task
from jianwei.evals.attention_task import Measure
from jianwei.evidence.attention import Head, Heads, read_heads


@dataclass
class Shape:
    layers: int = 4
    heads: int = 2


class Loaded:
    """Stands in for ``VisionModel``."""

    folder = Path()
    closed = 0

    def __init__(self, *, settings: object, heads: str) -> None:
        assert heads == "all"
        self.language_file = self.folder / "language.gguf"
        self.decoder = type("Decoder", (), {"config": Shape()})

    def close(self) -> None:
        Loaded.closed += 1


FOUND = Heads((Head(1, 0), Head(2, 1)), calibrated=True, score=0.75)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(Loaded, "folder", tmp_path)
    monkeypatch.setattr(jianwei.pipeline, "VisionModel", Loaded)
    monkeypatch.setattr(attention_task, "calibrate", lambda model, scenes: (FOUND, 9))
    ours = Measure(Phrase("the answer", "此回答"), [True, True, False], [10.0, 20.0, 0.5])
    monkeypatch.setattr(attention_task, "evaluate", lambda model, heads, scenes: ([ours], 7))
    return tmp_path


def test_heads_are_written_and_judged(jianwei: Jianwei, folder: Path) -> None:
    ended = jianwei("calibrate")
    assert ended.code == 0
    assert read_heads(folder / "language.gguf", 4, 2) == FOUND
    assert "1.0, 2.1" in ended.out
    assert "67%" in ended.out
    assert "10.0" in ended.out
    assert "9 right answers" in ended.err
    assert Loaded.closed


def test_a_dry_run_writes_nothing(jianwei: Jianwei, folder: Path) -> None:
    ended = jianwei("calibrate", "--dry-run", "--language", "zh")
    assert ended.code == 0
    assert not (folder / "heads.json").exists()
    assert "此回答" in ended.out


def test_a_model_that_is_never_right_is_not_calibrated(
    jianwei: Jianwei, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_task, "calibrate", lambda model, scenes: (Heads(()), 0))
    ended = jianwei("calibrate")
    assert ended.code == 1
    assert "[not_calibrated]" in ended.err
    assert not (folder / "heads.json").exists()
