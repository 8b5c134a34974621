"""Which way of the vision tower's products is taken: measured once, remembered, and never in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType
from parity_harness import error

from jianwei.model import activations
from jianwei.model.activations import choose_activations
from jianwei.model.configuration import vision_config
from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.model.runtime import Runtime
from jianwei.model.vision import VisionTower
from jianwei.model.weights import WeightFile
from jianwei.types import Image


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[GgmlType, WeightFile]:
    folder = tmp_path_factory.mktemp("towers")
    model = tiny_qwen3vl.MODELS["tied"]
    return {
        kind: WeightFile(tiny_qwen3vl.write(model, folder, kind)[1]) for kind in (GgmlType.Q8_0, GgmlType.F16)
    }


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Sets what a measurement finds, and counts them; small towers count as worth it."""
    state: dict[str, Any] = {"seconds": {"int8": 1.0, "float": 1.0}, "times": 0}

    def measure(*_: object) -> dict[str, float]:
        state["times"] += 1
        return state["seconds"]

    monkeypatch.setattr(activations, "_WORTH_IT", 0)
    monkeypatch.setattr(activations, "_try", measure)
    return state


def choose(file: WeightFile, remembered: Path, threads: int = 2) -> str:
    return choose_activations(file, vision_config(file), Runtime(threads), remembered)


@pytest.mark.parametrize(
    ("int8", "float_", "chosen"), [(0.5, 1.0, "int8"), (1.0, 0.5, "float"), (0.99, 1.0, "float")]
)
def test_the_faster_way_is_taken_and_at_equal_speed_the_finer_one(
    files: Any, tried: dict[str, Any], tmp_path: Path, int8: float, float_: float, chosen: str
) -> None:
    tried["seconds"] = {"int8": int8, "float": float_}
    assert choose(files[GgmlType.Q8_0], tmp_path / "new" / "tower.json") == chosen


def test_it_is_tried_once_for_a_machine_and_a_number_of_threads(
    files: Any, tried: dict[str, Any], tmp_path: Path
) -> None:
    remembered = tmp_path / "tower.json"
    tried["seconds"] = {"int8": 1.0, "float": 0.5}
    assert choose(files[GgmlType.Q8_0], remembered) == "float"
    tried["seconds"] = {"int8": 0.1, "float": 0.5}
    assert choose(files[GgmlType.Q8_0], remembered) == "float"
    assert tried["times"] == 1
    assert choose(files[GgmlType.Q8_0], remembered, threads=1) == "int8"
    assert choose(files[GgmlType.Q8_0], remembered) == "float", "one choice does not forget the other"
    assert tried["times"] == 2


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}', '{"x": {"activations": "int4"}}', "\x00\xff"])
def test_a_damaged_memory_is_tried_anew_and_written_whole(
    files: Any, tried: dict[str, Any], tmp_path: Path, text: str
) -> None:
    remembered = tmp_path / "tower.json"
    remembered.write_text(text, encoding="latin-1")
    assert choose(files[GgmlType.Q8_0], remembered) == "float"
    assert any(entry["activations"] == "float" for entry in json.loads(remembered.read_text()).values())
    assert [file.name for file in tmp_path.iterdir()] == ["tower.json"]


def test_where_nothing_can_be_written_it_is_tried_all_the_same(
    files: Any, tried: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert choose(files[GgmlType.Q8_0], tmp_path / "file" / "tower.json") == "float"


def test_float_weights_and_small_towers_are_not_tried(
    files: Any, tried: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose(files[GgmlType.F16], tmp_path / "tower.json") == "int8"
    monkeypatch.setattr(activations, "_WORTH_IT", 10**12)
    assert choose(files[GgmlType.Q8_0], tmp_path / "tower.json") == "int8"
    assert tried["times"] == 0


def test_the_measurement_itself_runs_both_ways(
    files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "_WORTH_IT", 0)
    chosen = choose(files[GgmlType.Q8_0], tmp_path / "tower.json")
    (entry,) = json.loads((tmp_path / "tower.json").read_text()).values()
    assert entry["activations"] == chosen
    assert all(0 < entry["seconds"][way] < 60 for way in ("int8", "float"))


def test_both_ways_see_the_same_picture(files: Any) -> None:
    file = files[GgmlType.Q8_0]
    pixels = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    patched = patch_image(Image(pixels), PreprocessConfig(min_tokens=1))
    towers = {way: VisionTower(file, vision_config(file), Runtime(2), way) for way in activations.WAYS}
    fine, coarse = (towers[way].encode(patched).embeddings.astype(np.float32) for way in ("float", "int8"))
    assert error(coarse, fine) < 3e-2
    assert towers["int8"].identity != towers["float"].identity
