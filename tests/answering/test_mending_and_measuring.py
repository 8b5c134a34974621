"""``enhance`` and ``scale`` through a whole answer, on a tiny random model."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import tiny_qwen3vl
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from jianwei.config import Settings
from jianwei.pipeline import VisionModel
from jianwei.types import JSON_ANSWER, Grammar, Image, SamplingParams

SHORT = SamplingParams(max_tokens=4)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VisionModel]:
    language, vision = tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path_factory.mktemp("tiny"))
    made = VisionModel(str(language), settings=Settings(mmproj=vision, kv_budget=16, threads=2))
    yield made
    made.close()


def receipt(light: float = 1.0) -> Image:
    picture = PillowImage.new("RGB", (480, 240), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(36)
    draw.text((30, 40), "Total", fill="black", font=font)
    draw.text((280, 40), "128.50", fill="black", font=font)
    rng = np.random.default_rng(1)
    pixels = np.asarray(picture) * light + rng.normal(0, 0.7, (240, 480, 3))
    return Image(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def test_a_dark_picture_is_mended_and_its_places_are_the_originals(model: VisionModel) -> None:
    said = Grammar("regex", r"Total 128\.50")
    dark = model.ask(receipt(0.04), "What is the total?", grammar=said, enhance="auto", boxes=True, ocr="on")
    (enhanced,) = dark.evidence.enhance or ()
    assert enhanced.did == ("denoise", "stretch")
    assert enhanced.said.startswith("It is dark, its contrast is low")
    assert enhanced.found["light"] < 0.1
    (box,) = [box for box in dark.evidence.boxes or () if box.label == "128.50"]
    assert box.bbox == pytest.approx((280, 45, 400, 75), abs=12)


def test_a_good_picture_is_shown_as_it_is(model: VisionModel) -> None:
    answer = model.ask(receipt(), "合计？", sampling=SHORT, enhance="auto")
    assert answer.to_dict()["enhance"][0]["did"] == []
    assert answer.to_dict()["enhance"][0]["said"] == "图片质量良好；未作处理。"


def test_a_dark_region_is_mended_in_place(model: VisionModel) -> None:
    answer = model.ask(
        receipt(0.04), "What is it?", sampling=SHORT, enhance="auto", region="250,20,450,100", ocr="on"
    )
    (enhanced,) = answer.evidence.enhance or ()
    assert "stretch" in enhanced.did


def test_a_region_is_measured_and_the_words_say_its_numbers(model: VisionModel) -> None:
    answer = model.ask(
        receipt(), "这个区域多宽？", sampling=SHORT, region="100,50,260,90", scale="mm_per_px:0.2"
    )
    measures = answer.evidence.measures or ()
    assert [one.value for one in measures[:2]] == [3.2, 0.8]
    ending = answer.text.split("\n\n")[-1]
    told = re.findall(r"([\d.]+) ± ([\d.]+) 厘米", ending)
    assert told == [(f"{one.value:.2f}", f"{one.error:.2f}") for one in measures]
    assert answer.evidence.scale == "mm_per_px"


def test_without_a_scale_in_the_picture_the_answer_refuses(model: VisionModel) -> None:
    answer = model.ask(receipt(), "How wide is it?", sampling=SHORT, region="100,50,256,90", scale="a4")
    assert answer.evidence.to_dict()["measures"] == []
    assert answer.evidence.to_dict()["scale"] is None
    assert answer.text.endswith("156 px wide, 32% of the width, 40 px high, 17% of the height.")
    assert "No scale in this picture" in answer.text


def test_words_are_kept_out_of_json_and_in_the_stream(model: VisionModel) -> None:
    structured = model.ask(
        receipt(), "?", sampling=SHORT, grammar=JSON_ANSWER, region="100,50,260,90", scale="dpi:254"
    )
    assert structured.text.endswith("}")
    assert [one.value for one in structured.evidence.measures or ()][:2] == [1.6, 0.4]
    mapped = model.ask(receipt(), "?", sampling=SHORT, heatmap=True, region="100,50,260,90", scale="dpi:254")
    assert mapped.evidence.heatmap is not None
    assert "".join(token.text for token in mapped.evidence.heatmap.tokens) == mapped.text


def test_things_of_the_answer_are_measured_without_a_region(model: VisionModel) -> None:
    said = Grammar("regex", r'\[\{"bbox_2d": \[100, 200, 300, 400\], "label": "tear"\}\]')
    answer = model.ask(receipt(), "Total?", grammar=said, ocr="on", scale="mm_per_px:0.1")
    lengths = {one.what: one.value for one in answer.evidence.measures or ()}
    assert (lengths["width of tear"], lengths["height of tear"]) == (0.96, 0.48)


def test_a_mended_picture_is_remembered(model: VisionModel) -> None:
    dark = receipt(0.05)
    assert model.mended(dark, "on") is model.mended(dark, "on")
    assert model.mended(dark, "on").image is not dark
