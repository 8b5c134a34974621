from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from test_random_model import TINY

from jianwei.bench import peer_llama
from jianwei.bench.figures import Bench
from jianwei.bench.limits import multiply_peak, read_bandwidth
from jianwei.bench.main import choose, fast_of, find_pair, run
from jianwei.bench.measure import alternate
from jianwei.bench.random_model import random_pair
from jianwei.bench.sides import Sides
from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.hub import ModelPaths

ISSUE_NAMES = (
    "vision tower, 512x512",
    "vision tower, 1024x1024",
    "prefill of 300 tokens",
    "prefill of 1100 tokens",
    "decode of one sequence at 500 tokens of context",
    "decode of OCR and JSON answers with drafts and forced tokens",
    "first token on a new 1024x1024 document page (printed page with margins)",
    "second question on a picture already asked about, first token",
    "start to ready, files in the page cache",
    "anonymous memory of the engine process after ten pictures at 1024 tokens",
    "first token on a new 1024x1024 photo at the same tokens",
    "first token on a new 1024x1024 dense page (print from edge to edge)",
    "first token on a new 1024x1024 screenshot",
    "eight questions at once, tokens a second in all",
    "eight questions at once, against one of the same engine",
    "batch of 64 photos (512x512) with one instruction, photos a minute",
    "anonymous memory of the engine process, 2B, ten rounds on a 1024-token picture: steady",
    "anonymous memory of the engine process, 2B, ten rounds on a 1024-token picture: at most (tower running)",
)


@pytest.fixture
def figures():
    return Bench(ModelPaths(Path("l.gguf"), Path("v.gguf")), 2).figures(quick=False)


def test_every_figure_that_is_promised_is_measured(figures) -> None:
    assert set(ISSUE_NAMES) <= {figure.name for figure in figures}


def test_quick_is_a_part_of_the_whole(figures) -> None:
    quick = Bench(ModelPaths(Path("l.gguf"), Path("v.gguf")), 2).figures(quick=True)
    assert len(quick) < len(figures)
    assert not any("1024" in figure.name for figure in quick)


def test_quick_says_by_how_many_photos_it_takes_less(figures) -> None:
    quick = Bench(ModelPaths(Path("l.gguf"), Path("v.gguf")), 2).figures(quick=True)
    (small,), (whole,) = ([f.name for f in some if "batch of" in f.name] for some in (quick, figures))
    assert "4 photos (256x256)" in small
    assert "64 photos (512x512)" in whole


@pytest.mark.parametrize(("only", "count"), [("vision tower", 2), ("PREFILL", 2), ("解码", 5), (None, 20)])
def test_only_takes_the_figures_of_that_name(figures, only: str | None, count: int) -> None:
    assert len(choose(figures, only)) == count


def test_only_with_an_unknown_name_says_which_there_are(figures) -> None:
    with pytest.raises(InputError) as caught:
        choose(figures, "colour")
    assert caught.value.code == "bad_value"
    assert "prefill of 300 tokens" in caught.value.text("en")
    assert "预填充" in caught.value.text("zh")


def test_a_folder_with_a_pair_is_measured_on_that_pair(tmp_path: Path) -> None:
    for name in ("Qwen3VL-2B-Instruct-Q4_K_M.gguf", "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    pair = find_pair(tmp_path, Console(stderr=True))
    assert pair.language.name.startswith("Qwen3VL")
    assert pair.vision.name.startswith("mmproj")


def test_a_folder_with_half_a_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Qwen3VL-2B-Instruct-Q4_K_M.gguf").write_bytes(b"GGUF")
    with pytest.raises(InputError) as caught:
        find_pair(tmp_path, Console(stderr=True))
    assert caught.value.code == "bad_value"
    assert "mmproj" in caught.value.text("zh")


def test_limits_are_measured_on_small_sizes_too() -> None:
    assert read_bandwidth(2, 1 << 20) > 0
    assert multiply_peak("f32", 1, 64) > 0


@pytest.mark.e2e
def test_bench_measures_a_small_model_and_ends_with_one_json_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_llama, "missing_reason", lambda: "llama-cpp-python is not installed")
    random_pair(tmp_path / "models", TINY)
    code = run(
        as_json_line=True,
        quick=True,
        out=tmp_path / "out",
        models=tmp_path / "models",
        settings=Settings(language="en", threads=2),
    )
    assert code == 0
    output = capfd.readouterr().out
    last = json.loads(output.splitlines()[-1])
    assert list(last) == ["rows"]
    rows = {row["name"]: row for row in last["rows"]}
    assert all(row["ours"] > 0 for row in rows.values())
    assert all(row["peer"] is None for row in rows.values())
    assert "llama-cpp-python is not installed" in " ".join(output.split())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"bench.json", "bench.csv", "bench.svg"}
    assert json.loads((tmp_path / "out" / "bench.json").read_text()) == last


@pytest.mark.e2e
def test_ours_is_measured_in_the_fast_layout_where_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = random_pair(tmp_path, TINY)
    loaded: list[str] = []
    files = Sides._files

    def noted(self: Sides, module: str) -> dict[str, Any]:
        names = (Path(files(self, module)[part]).name for part in ("language", "vision"))
        loaded.append(" ".join((module, *names)))
        return files(self, module)

    monkeypatch.setattr(Sides, "_files", noted)
    settings = Settings(language="en", threads=2)
    assert run(quick=True, models=tmp_path, only="prefill", fast=True, settings=settings) == 0
    fast = f"{pair.language.stem}-fast.gguf {pair.vision.stem}-fast.gguf"
    assert f"jianwei.bench.ours {fast}" in loaded
    assert not [name for name in loaded if "peer" in name and "-fast" in name]
    assert "in the fast layout" in " ".join(capfd.readouterr().out.split())


def test_the_fast_layout_of_a_users_model_is_made_for_the_run_alone(tmp_path: Path) -> None:
    given = tmp_path / "given"
    random = random_pair(given, TINY)
    own = ModelPaths(
        random.language.rename(given / "own.gguf"), random.vision.rename(given / "mmproj-own.gguf")
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = fast_of(own, scratch)
    assert made == ModelPaths(scratch / "own-fast.gguf", scratch / "mmproj-own-fast.gguf")
    assert sorted(path.name for path in given.iterdir()) == ["mmproj-own.gguf", "own.gguf"]


@pytest.mark.e2e
def test_many_at_once_is_measured_on_both_sides(tmp_path: Path) -> None:
    bench = Bench(random_pair(tmp_path, TINY), 2)
    both = peer_llama.missing_reason() is None
    try:
        rows = alternate(choose(bench.figures(quick=False), "eight questions"), 1)
        rows += alternate(choose(bench.figures(quick=True), "batch of"), 1)
        rows += alternate(choose(bench.figures(quick=False), "ten rounds"), 1)
    finally:
        bench.close()
    assert len(rows) == 5
    for row in rows:
        assert row.ours_spread, row.notes
        assert bool(row.peer_spread) == both, row.notes
    at_rest, at_most = rows[-2:]
    assert at_rest.ours[0] <= at_most.ours[0]


@pytest.mark.e2e
def test_a_model_that_cannot_be_loaded_fails_every_row_with_its_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("broken.gguf", "mmproj-broken.gguf"):
        (tmp_path / name).write_bytes(b"not a model")
    settings = Settings(language="en", threads=1)
    assert run(quick=True, models=tmp_path, only="prefill", settings=settings) == 1
    assert "broken.gguf" in capfd.readouterr().out
