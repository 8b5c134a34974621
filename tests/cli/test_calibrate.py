"""``jianwei calibrate`` writes what it has found beside the model, and tells how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_fakes import Jianwei

import jianwei.pipeline
from jianwei.errors import Phrase
from jianwei.evals import attention_task, deletion
from jianwei.evals.attention_task import Found, Measure
from jianwei.evals.deletion import Deletion
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


FOUND = {
    "text": Found((Head(1, 0), Head(2, 1)), 0.75, 9),
    "pixels": Found((Head(3, 1),), 0.5, 4),
}
HEADS = Heads(FOUND["text"].heads, True, 0.75, FOUND["pixels"].heads, 0.5)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(Loaded, "folder", tmp_path)
    monkeypatch.setattr(jianwei.pipeline, "VisionModel", Loaded)
    monkeypatch.setattr(attention_task, "calibrate", lambda model, kind, scenes: FOUND[kind])
    ours = Measure(Phrase("the answer", "此回答"), [True, True, False], [10.0, 20.0, 0.5])
    monkeypatch.setattr(attention_task, "evaluate", lambda model, heads, kind, scenes: ([ours], 7))
    return tmp_path


def test_heads_are_written_and_judged(jianwei: Jianwei, folder: Path) -> None:
    ended = jianwei("calibrate")
    assert ended.code == 0
    assert read_heads(folder / "language.gguf", 4, 2) == HEADS
    assert "Printed text. Heads (layer.head): 1.0, 2.1" in ended.out
    assert "Pixels alone. Heads (layer.head): 3.1" in ended.out
    assert "67%" in ended.out
    assert "10.0" in ended.out
    assert "printed text: 9 right answers" in ended.err
    assert Loaded.closed


def test_one_kind_leaves_the_heads_of_the_other(jianwei: Jianwei, folder: Path) -> None:
    (folder / "heads.json").write_text(Heads((Head(0, 0),), True, 0.9).to_json("language.gguf"))
    assert jianwei("calibrate", "--kind", "pixels").code == 0
    kept = read_heads(folder / "language.gguf", 4, 2)
    assert (kept.chosen, kept.score) == ((Head(0, 0),), 0.9)
    assert kept.pixels == FOUND["pixels"].heads


def test_what_blurring_costs_is_told(jianwei: Jianwei, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Deletion([(5.0, 1.0), (4.0, 0.5), (1.0, 2.0)], [(True, False)] * 3)
    monkeypatch.setattr(deletion, "evaluate_deletion", lambda *_: done)
    ended = jianwei("calibrate", "--dry-run", "--deletion", "--kind", "text")
    assert "costs more log-probability than random 10%: 67% (2/3" in ended.out
    assert "hottest 10% blurred: 100% (3/3" in ended.out
    assert "Pixels" not in ended.out


def test_a_dry_run_writes_nothing(jianwei: Jianwei, folder: Path) -> None:
    ended = jianwei("calibrate", "--dry-run", "--language", "zh")
    assert ended.code == 0
    assert not (folder / "heads.json").exists()
    assert "此回答" in ended.out


def test_a_model_that_is_never_right_is_not_calibrated(
    jianwei: Jianwei, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_task, "calibrate", lambda model, kind, scenes: Found((), 0.0, 0))
    ended = jianwei("calibrate")
    assert ended.code == 1
    assert "[not_calibrated]" in ended.err
    assert not (folder / "heads.json").exists()


def test_a_model_that_sees_nothing_in_pixels_keeps_the_heads_for_print(
    jianwei: Jianwei, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {**FOUND, "pixels": Found((), 0.0, 0)}
    monkeypatch.setattr(attention_task, "calibrate", lambda model, kind, scenes: found[kind])
    assert jianwei("calibrate").code == 0
    assert read_heads(folder / "language.gguf", 4, 2) == Heads(FOUND["text"].heads, True, 0.75)
