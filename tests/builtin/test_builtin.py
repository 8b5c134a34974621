"""The model in the package: its files are whole and small, its vocabulary is what it says, and it does its job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import gguf
import numpy as np
import pytest
from PIL import Image as Picture

from jianwei.config import Settings
from jianwei.hub.catalogue import BUILTIN_DIR
from jianwei.model.gguf_metadata import read_gguf
from jianwei.model.tokenizer import Tokenizer
from jianwei.pipeline import VisionModel
from jianwei.scenes import fonts, words
from jianwei.scenes.families import draw
from jianwei.scenes.scene import REFUSALS, Language
from jianwei.types import JSON_ANSWER, Image, SamplingParams

RECEIPT = Path(__file__).parent.parent / "evidence" / "pictures" / "receipt.png"
CARD = json.loads((BUILTIN_DIR / "card.json").read_text(encoding="utf-8"))
LANGUAGES: list[Language] = ["zh", "en"] if fonts.available("zh", "train") else ["en"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_gguf(read_gguf(BUILTIN_DIR / "language.gguf").metadata)


@pytest.fixture(scope="module")
def model() -> Iterator[VisionModel]:
    model = VisionModel("builtin")
    yield model
    model.close()


def receipt() -> Image:
    return Image(np.asarray(Picture.open(RECEIPT).convert("RGB")))


def ask(model: VisionModel, question: str) -> str:
    return model.ask(receipt(), question, sampling=SamplingParams(temperature=0.0, max_tokens=64)).text


def test_files_are_small_enough_to_ship() -> None:
    sizes = [(BUILTIN_DIR / name).stat().st_size for name in ("language.gguf", "vision.gguf")]
    assert sum(sizes) < 15 * 2**20


def test_the_card_counts_the_parameters_of_the_files() -> None:
    files = [gguf.GGUFReader(BUILTIN_DIR / name) for name in ("language.gguf", "vision.gguf")]
    assert CARD["parameters"] == sum(int(tensor.n_elements) for file in files for tensor in file.tensors)
    assert CARD["wants_ocr"] is True
    for figure in CARD["figures"]:
        assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
        assert figure["n"] > 0


def test_every_hanzi_of_gb2312_is_one_token(tokenizer: Tokenizer) -> None:
    for character in words.hanzi():
        assert len(tokenizer.encode(character)) == 1
    assert len(tokenizer.encode(words.hanzi())) == len(words.hanzi())


@pytest.mark.parametrize("text", ["合计：¥128.50", "Order No. A-17\t合计\n", "𠮷😀龍 ∑≤℃", '{"a":["b","c"]}'])
def test_any_text_goes_there_and_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_control_tokens_are_qwen3_vls(tokenizer: Tokenizer) -> None:
    names = (
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
    )
    assert set(names) <= set(tokenizer.special)
    assert tokenizer.special["<|im_end|>"] in tokenizer.eos_ids


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("合计是多少？", "¥42.40"),
        ("订单编号是什么？", "A2031-0457"),
        ("蓝莓多少钱？", "¥29.90"),
        ("电话是多少？", "010-8321 4567"),
    ],
)
def test_what_a_receipt_says_is_answered(model: VisionModel, question: str, value: str) -> None:
    assert value in ask(model, question)


def test_an_output_layer_in_four_bits_answers_the_same(model: VisionModel) -> None:
    questions = (
        "合计是多少？",
        "订单编号是什么？",
        "蓝莓多少钱？",
        "电话是多少？",
        "航班号是多少？",
        "有没有“合计”？",
    )
    coarse = VisionModel("builtin", settings=Settings(head="int4"))
    try:
        assert coarse.decoder.head == "int4"
        assert model.decoder.head == "file"
        assert [ask(coarse, question) for question in questions] == [
            ask(model, question) for question in questions
        ]
        assert json.loads(coarse.ask(receipt(), "输出JSON。", format="json").text)
    finally:
        coarse.close()


def test_what_a_receipt_does_not_say_is_refused(model: VisionModel) -> None:
    assert ask(model, "航班号是多少？") == REFUSALS["zh"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shelf_as_json_has_what_is_on_it(model: VisionModel, language: Language) -> None:
    right = wanted = said = 0
    for seed in range(5000, 5003):
        scene = draw("shelves", seed, "test", language)
        (whole,) = [question for question in scene.questions if question.kind == "json"]
        answer = model.ask(
            scene.image, whole.text, grammar=JSON_ANSWER, sampling=SamplingParams(max_tokens=1024)
        )
        objects = set(json.loads(answer.text)["objects"])
        names = set(json.loads(whole.answer)["objects"])
        right, wanted, said = right + len(objects & names), wanted + len(names), said + len(objects)
    assert 2 * right / (wanted + said) > 0.7


@pytest.mark.parametrize("question", ["图里有什么？", "商品一共多少钱？", "用 JSON 描述。"])
def test_a_list_of_prices_as_json_is_whole_whatever_the_question(model: VisionModel, question: str) -> None:
    picture = files("jianwei.server").joinpath("static/examples/shelf.zh.webp")
    with picture.open("rb") as file:
        pixels = np.asarray(Picture.open(file).convert("RGB"))
    said = json.loads(model.ask(Image(pixels), question, grammar=JSON_ANSWER).text)
    assert said["objects"] == ["蓝莓", "牛奶", "面包"]
    assert {"今日价格", "¥29.90/盒", "¥12.50/瓶", "¥8.80/袋"} <= set(said["texts"])
