"""A user's own pictures: good files are asked about, bad lines are named by their number, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.evals.folder import read_questions, run
from jianwei.evals.scoring import box_of
from jianwei.types import Image

LINE: dict[str, Any] = {"file": "a.png", "question": "Total?", "expected": "9.50", "match": "text"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, width in (("a.png", 200), ("b.png", 100)):
        PIL.Image.fromarray(np.full((100, width, 3), 200, np.uint8)).save(folder / name)
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:60])
    return folder


def written(folder: Path, *lines: object) -> Path:
    file = folder / "questions.jsonl"
    text = "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    file.write_text(text + "\n", encoding="utf-8")
    return file


class Parrot:
    """Answers with the same words always."""

    name = "parrot"
    knows_forms = True

    def __init__(self, words: str) -> None:
        self.words = words
        self.seen: list[tuple[int, str]] = []

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        self.seen.append((image.width, question))
        return self.words

    def memory(self) -> int | None:
        return None


def test_questions_are_asked_about_their_pictures(photos: Path) -> None:
    file = written(
        photos,
        LINE,
        "",
        {
            **LINE,
            "file": "b.png",
            "question": "合计？",
            "expected": 9.5,
            "match": "number",
            "tolerance": 0.01,
        },
        {**LINE, "match": "none", "expected": None},
    )
    entries = read_questions(photos, file, Settings())
    parrot = Parrot("9.50")
    records = run(parrot, entries, Settings(), lambda *_: None)
    assert parrot.seen == [(200, "Total?"), (100, "合计？"), (200, "Total?")]
    assert [record.score.right for record in records] == [True, True, False]
    assert [record.language for record in records] == ["en", "zh", "en"]
    assert [record.picture for record in records] == ["a.png", "b.png", "a.png"]
    assert {record.family for record in records} == {"folder"}


def test_a_box_is_given_in_pixels_of_the_picture(photos: Path) -> None:
    file = written(photos, {**LINE, "match": "box", "expected": [50, 25, 100, 75]})
    (entry,) = read_questions(photos, file, Settings())
    assert box_of(entry.question.answer) == [250, 250, 500, 750]


def test_choices_and_json(photos: Path) -> None:
    file = written(
        photos,
        {**LINE, "match": "choice", "expected": "torn", "choices": ["torn", "whole"]},
        {**LINE, "match": "json", "expected": {"objects": ["箱子"]}},
    )
    choice, objects = read_questions(photos, file, Settings())
    assert choice.question.choices == ("torn", "whole")
    assert json.loads(objects.question.answer) == {"objects": ["箱子"]}


def test_a_byte_order_mark_is_no_error(photos: Path) -> None:
    file = written(photos, LINE)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(read_questions(photos, file, Settings())) == 1


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        ("{", "not JSON", "不是"),
        ("[1]", "not an object", "不是 JSON 对象"),
        ({**LINE, "kind": "x"}, "unknown key “kind”", "未知的键“kind”"),
        ({**LINE, "question": " "}, "“question”", "缺少“question”"),
        ({"file": "a.png"}, "“question”", "缺少“question”"),
        ({**LINE, "match": "open"}, "one of text", "之一"),
        ({**LINE, "file": "no.png"}, "no.png", "no.png"),
        ({**LINE, "file": "broken.png"}, "broken.png", "broken.png"),
        ({**LINE, "expected": None}, "“expected” must be a text", "须是文字"),
        ({**LINE, "match": "number", "expected": "many"}, "must be a number", "须是数字"),
        ({**LINE, "match": "number", "expected": True}, "must be a number", "须是数字"),
        ({**LINE, "match": "number", "expected": 1, "tolerance": -1}, "“tolerance”", "“tolerance”"),
        ({**LINE, "tolerance": 1}, "“tolerance”", "“tolerance”"),
        ({**LINE, "choices": ["a"]}, "“choices”", "“choices”"),
        ({**LINE, "match": "choice", "choices": "ab"}, "“choices”", "“choices”"),
        ({**LINE, "match": "box", "expected": [0, 0, 10]}, "in pixels", "单位为像素"),
        ({**LINE, "match": "box", "expected": [0, 0, 300, 50]}, "inside the picture", "在图片之内"),
        ({**LINE, "match": "json", "expected": "{}"}, "object or a list", "对象或列表"),
        ({**LINE, "match": "none"}, "left out", "省略"),
    ],
)
def test_a_bad_line_is_named_by_its_number(photos: Path, line: object, en: str, zh: str) -> None:
    file = written(photos, LINE, "", line, LINE)
    with pytest.raises(InputError) as caught:
        read_questions(photos, file, Settings())
    assert caught.value.code == "bad_questions"
    assert caught.value.text("en").startswith("Line 3 of “questions.jsonl”")
    assert "第 3 行" in caught.value.text("zh")
    assert en in caught.value.text("en")
    assert zh in caught.value.text("zh")


def test_bytes_that_are_no_text_are_a_bad_line(photos: Path) -> None:
    file = photos / "questions.jsonl"
    file.write_bytes(b'{"file": "\xff\xfe"}\n')
    with pytest.raises(InputError, match="Line 1"):
        read_questions(photos, file, Settings())


def test_what_is_not_there_is_said(photos: Path, tmp_path: Path) -> None:
    for folder, file in ((tmp_path / "none", photos / "q"), (photos, photos / "q")):
        with pytest.raises(InputError) as caught:
            read_questions(folder, file, Settings())
        assert caught.value.code == "file_not_found"
    with pytest.raises(InputError) as caught:
        read_questions(photos, photos, Settings())
    assert caught.value.code == "file_unreadable"
    with pytest.raises(InputError) as caught:
        read_questions(photos, written(photos, "", " "), Settings())
    assert caught.value.code == "bad_questions"
