"""``jianwei ask`` with regions, boxes, heat maps, formats and detail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from cli_fakes import Answer, FakeModel, Jianwei

from jianwei.types import Evidence, GroundedBox, HeatGrid, HeatMap, Region, Step

GRID = HeatGrid(0, 64, 48, 3, 4, bytes([255] + [0] * 11))
EVIDENCE = Evidence(
    boxes=(GroundedBox("12.50", (10, 20, 40, 30), 0, "ocr"),),
    heatmap=HeatMap(0.25, 0.5, "A note.", (GRID,)),
    steps=(Step("look", 0, (0, 0, 30, 20), 48),),
    relations=({"text": "a is left of b", "boxes": [0, 1], "computed": ["right"], "agrees": False},),
)


def test_options_reach_the_request(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    words = ["--region", "0,0,0.5,0.5", "--boxes", "--format", "csv", "--detail", "high"]
    assert jianwei("ask", str(photo), "q", *words).code == 0
    request = model.requests[0]
    assert request.regions == (Region(((0, 0), (32, 24))),)
    assert (request.boxes, request.heatmap, request.format, request.detail) == (True, False, "csv", "high")


def test_what_backs_the_answer_is_on_stderr_and_the_answer_alone_on_stdout(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path
) -> None:
    model.answers = [Answer(evidence=EVIDENCE)]
    ended = jianwei("ask", str(photo), "q", "--boxes", "--heatmap", "looked.png")
    assert ended.code == 0
    assert ended.out == "A carton.\n"
    assert "10,20,40,30  12.50  (ocr)" in ended.err
    assert "looked at 0,0,30,20" in ended.err
    assert "25% to the picture, 50% to text" in ended.err
    assert "A note." in ended.err
    assert "contradict: a is left of b" in ended.err
    original = np.asarray(PIL.Image.open(photo), int)
    drawn = np.asarray(PIL.Image.open(tmp_path / "looked.png"), int)
    assert drawn.shape == original.shape
    assert drawn[2, 2, 0] > 200, "the hot corner"
    assert drawn[20, 25].tolist() == [0, 150, 70], "the box"


def test_several_pictures_get_overlays_of_their_own(
    jianwei: Jianwei, model: FakeModel, photo: Path, tmp_path: Path
) -> None:
    second = HeatGrid(1, 64, 48, 1, 1, b"\xff")
    model.answers = [Answer(evidence=Evidence(heatmap=HeatMap(0.5, 0, None, (GRID, second))))]
    assert jianwei("ask", str(photo), str(photo), "q", "--heatmap", "out.png").code == 0
    assert (tmp_path / "out.png").exists()
    assert (tmp_path / "out-2.png").exists()


def test_an_overlay_that_cannot_be_written_is_an_error_with_a_way_out(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    model.answers = [Answer(evidence=EVIDENCE)]
    ended = jianwei("ask", str(photo), "q", "--heatmap", "no/such/folder/out.png")
    assert ended.code == 1
    assert "[file_unwritable]" in ended.err


@pytest.mark.parametrize("region", ["1,2,3", "100,100,200,200", "2:0,0,9,9"])
def test_a_bad_region_is_refused_before_the_model_is_loaded(
    jianwei: Jianwei, model: FakeModel, photo: Path, region: str
) -> None:
    ended = jianwei("ask", str(photo), "q", "--region", region)
    assert ended.code == 3
    assert "[bad_value]" in ended.err
    assert not model.requests


def test_a_format_does_not_go_with_json(jianwei: Jianwei, model: FakeModel, photo: Path) -> None:
    ended = jianwei("ask", str(photo), "q", "--format", "csv", "--json")
    assert ended.code == 2
    assert not model.requests


def test_detail_is_a_word_or_a_number_and_nothing_else(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    assert jianwei("ask", str(photo), "q", "--detail", "300").code == 0
    assert (model.requests[0].detail, model.requests[0].max_visual_tokens) == (None, 300)
    for wrong in ("some", "3", "99999"):
        ended = jianwei("ask", str(photo), "q", "--detail", wrong)
        assert ended.code != 0
        assert "[bad_value]" in ended.err
    assert len(model.requests) == 1
