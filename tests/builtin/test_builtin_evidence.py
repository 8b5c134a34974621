"""What the built-in model's answers come from can be seen: its heads are calibrated, its map lies on the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.evals.attention_task import evaluate
from jianwei.evidence.attention import read_heads
from jianwei.evidence.heat import hottest_point
from jianwei.hub.catalogue import BUILTIN_DIR
from jianwei.pipeline import VisionModel
from jianwei.types import Image, SamplingParams

RECEIPT = Path(__file__).parent.parent / "evidence" / "pictures" / "receipt.png"


@pytest.fixture(scope="module")
def model() -> Iterator[VisionModel]:
    model = VisionModel("builtin", heads="all")
    yield model
    model.close()


def test_heads_of_the_builtin_model_are_calibrated(model: VisionModel) -> None:
    config = model.decoder.config
    heads = read_heads(BUILTIN_DIR / "language.gguf", config.layers, config.heads)
    assert heads.calibrated, "run `jianwei calibrate` after the model's files have changed"
    assert (heads.score or 0) > 0.5


def test_the_map_of_right_answers_lies_on_the_text_and_that_of_other_questions_does_not(
    model: VisionModel,
) -> None:
    config = model.decoder.config
    heads = read_heads(BUILTIN_DIR / "language.gguf", config.layers, config.heads)
    measures, _ = evaluate(model, heads, "text", 6, split="train")
    ours, _, _, chance, other, _ = measures
    assert len(ours.hits) >= 5
    assert ours.pointing >= 0.7
    assert ours.energy > 5
    assert chance.pointing <= ours.pointing - 0.3
    assert other.pointing <= ours.pointing - 0.3


def test_boxes_and_map_of_an_answer_are_at_the_same_place() -> None:
    image = Image(np.asarray(Picture.open(RECEIPT).convert("RGB")))
    model = VisionModel("builtin")
    try:
        answer = model.ask(
            image, "订单编号是什么？", sampling=SamplingParams(max_tokens=64), boxes=True, heatmap=True
        )
        boxes, heat = answer.evidence.boxes, answer.evidence.heatmap
        assert boxes is not None
        assert heat is not None
        (box,) = boxes
        assert box.label == "A2031-0457"
        assert heat.note is None
        value = np.sum(
            [token.maps[0].grid.astype(float) for token in heat.tokens if token.text in "A2031-0457"], axis=0
        )
        x, y = hottest_point(value, image.width, image.height)
        assert box.bbox[0] <= x <= box.bbox[2]
        assert box.bbox[1] - 10 <= y <= box.bbox[3] + 10
    finally:
        model.close()


def test_print_too_small_for_the_whole_page_is_found_and_read_closely(model: VisionModel) -> None:
    receipt = Picture.open(RECEIPT).convert("RGB")
    page = Picture.new("RGB", (8 * receipt.width, 6 * receipt.height), (230, 230, 226))
    left, top = 5 * receipt.width, 2 * receipt.height
    page.paste(
        receipt.resize((receipt.width // 2, receipt.height // 2), Picture.Resampling.LANCZOS), (left, top)
    )
    image = Image(np.asarray(page))
    assert "A2031-0457" not in model.ask(image, "订单编号是什么？").text
    answer = model.ask(image, "订单编号是什么？", detail="auto", boxes=True)
    assert "A2031-0457" in answer.text
    (look,) = answer.evidence.steps or ()
    assert look.bbox[0] <= left + 20
    assert look.bbox[2] >= left + receipt.width // 2 - 20
    (box,) = [box for box in answer.evidence.boxes or () if "0457" in box.label]
    assert left < box.bbox[0] < box.bbox[2] < left + receipt.width // 2
    assert top < box.bbox[1] < box.bbox[3] < top + receipt.height // 2


def test_an_answer_by_lines_that_were_read_takes_no_second_look(model: VisionModel) -> None:
    image = Image(np.asarray(Picture.open(RECEIPT).convert("RGB").resize((1680, 1260))))
    answer = model.ask(image, "订单编号是什么？", detail="auto", sampling=SamplingParams(max_tokens=64))
    assert answer.evidence.steps == ()
    assert "A2031-0457" in answer.text


def test_what_a_red_box_surrounds_is_all_that_is_read(model: VisionModel) -> None:
    receipt = Picture.open(RECEIPT).convert("RGB")
    image = Image(np.asarray(receipt))
    (box,) = model.ask(image, "订单编号是什么？", boxes=True).evidence.boxes or ()
    left, top, right, bottom = box.bbox
    ImageDraw.Draw(receipt).rectangle(
        (left - 8, top - 6, right + 8, bottom + 6), outline=(230, 30, 30), width=2
    )
    answer = model.ask(Image(np.asarray(receipt)), "红框里写了什么？", boxes=True)
    assert "A2031-0457" in answer.text
    assert [found.label for found in answer.evidence.boxes or ()] == ["A2031-0457"]
