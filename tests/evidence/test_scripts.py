"""Scripts that models read badly: found, read first where that can be, and told where it cannot."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from jianwei.answering.prepare import prepare
from jianwei.config import Settings
from jianwei.evidence.ocr import OcrLine, OcrReader
from jianwei.evidence.scripts import asks_for_text, is_weak, merged, missing_note, recognizer, spoken_of
from jianwei.pipeline import VisionModel
from jianwei.types import ChatRequest, Image, ImagePart, Message, TextPart

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs Noto Sans CJK")


def written(*lines: str) -> Image:
    picture = PIL.Image.new("RGB", (520, 60 + 70 * len(lines)), "white")
    pen = PIL.ImageDraw.Draw(picture)
    for number, text in enumerate(lines):
        pen.text((30, 30 + 70 * number), text, font=PIL.ImageFont.truetype(str(FONT), 36), fill="black")
    return Image(np.asarray(picture))


@pytest.fixture
def model(tmp_path: Path) -> Iterator[VisionModel]:
    model = VisionModel("builtin", settings=Settings(home=tmp_path))
    yield model
    model.close()


def asked(image: Image, question: str) -> ChatRequest:
    return ChatRequest("id", (Message("user", (ImagePart(image), TextPart(question))),))


@pytest.mark.parametrize(
    ("line", "weak"),
    [
        ("たっぷりサイズ", True),
        ("مرحبا", True),
        ("Привет", True),
        ("牛奶 Fresh Milk", True),
        ("新鲜牛奶", False),
        ("Fresh Milk", False),
        ("¥29.9/盒", False),
        ("200g 牛奶", False),
    ],
)
def test_lines_that_models_read_badly_are_known(line: str, weak: bool) -> None:
    assert is_weak(line) is weak


def test_questions_that_speak_of_a_script_or_of_text_are_known() -> None:
    assert spoken_of("把图中的日文和阿拉伯文翻译成中文") == ("kana", "arabic")
    assert spoken_of("What does the Russian label say?") == ("cyrillic",)
    assert spoken_of("What is the total?") == ()
    assert asks_for_text("标签上写了什么？")
    assert not asks_for_text("Is the box torn?")


@needs_font
def test_kana_are_read_by_the_recognizer_in_the_wheel() -> None:
    lines = OcrReader(1).read(written("たっぷりサイズ", "おいしい牛乳 MILK"))
    assert [line.text.replace(" ", "") for line in lines] == ["たっぷりサイズ", "おいしい牛乳MILK"]


@needs_font
def test_a_model_that_reads_by_itself_is_told_such_lines_and_no_others(
    model: VisionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "card", dataclasses.replace(model.card, builtin=False, wants_ocr=False))
    kana, plain = written("たっぷりサイズ"), written("新鲜牛奶")
    assert "たっぷりサイズ" in prepare(model, asked(kana, "标签上写了什么？")).told[0][1].text
    assert prepare(model, asked(plain, "标签上写了什么？")).told == ()
    assert prepare(model, asked(kana, "盒子是什么颜色？")).told == ()
    off = dataclasses.replace(asked(kana, "翻译这段日文"), ocr="off")
    assert prepare(model, off).told == ()


@needs_font
def test_a_recognizer_that_is_missing_is_told_with_the_answer(model: VisionModel) -> None:
    image = written("牛奶 ABC")
    answer = model.ask(image, "图中的阿拉伯文写了什么？")
    (note,) = answer.notes
    assert "没有安装阿拉伯文的文字识别模型" in note
    assert str(model.settings.ocr_dir) in note
    assert answer.text.endswith(note)
    assert answer.to_dict()["notes"] == [note]
    assert model.ask(image, "图中写了什么？").notes == ()
    assert "Arabic" in missing_note(["arabic"], model.settings.ocr_dir, "en")


@needs_font
def test_an_installed_recognizer_is_found_and_used(model: VisionModel) -> None:
    folder = model.settings.ocr_dir
    assert recognizer("arabic", folder) is None
    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    folder.mkdir(parents=True)
    (folder / "arabic_PP-OCRv5_rec_empty.onnx").write_bytes(b"no letters inside")
    assert recognizer("arabic", folder) is None
    path = folder / "arabic_PP-OCRv5_rec_mobile.onnx"
    # The wheel's own under this name: it loads and reads as any other would.
    shutil.copy(Path(spec.origin).parent / "models" / "PP-OCRv6_rec_small.onnx", path)
    assert recognizer("arabic", folder) == path
    image = written("牛奶 ABC")
    assert model.read_script(image, "arabic") == model.read(image)
    assert model.ask(image, "图中的阿拉伯文写了什么？").notes == ()


def line(text: str, top: float, score: float) -> OcrLine:
    return OcrLine(text, ((0, top), (90, top), (90, top + 20), (0, top + 20)), score)


def test_the_better_reading_of_each_line_stays() -> None:
    ours = [line("牛奶", 0, 0.99), line("LJ#", 40, 0.3), line("abc", 80, 0.99)]
    theirs = [line("مم", 0, 0.4), line("ابحرم 12", 40, 0.9), line("سلام", 120, 0.8)]
    texts = [each.text for each in merged(ours, theirs, "arabic")]
    assert texts[0] == "牛奶"
    assert texts[2] == "abc"
    assert texts[1].startswith("12"), "read from the left, said from the right"
    assert texts[3] == "مالس"
