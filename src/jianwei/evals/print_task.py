"""How well a model reads large clear print by itself, without OCR evidence: the character error rate.

A picture has one line of a few words, a price or a number, in large letters on pale ground, in the fonts of the
test split.
``python -m jianwei.evals.print_task [pictures] [seed] [model]`` prints the rows; ``model`` is as for ``jianwei eval``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random

import numpy as np
from PIL import ImageDraw

from jianwei.config import Settings
from jianwei.evals.asking import Answerer, Subject, ask
from jianwei.evals.local import LocalModel
from jianwei.evals.tally import Record, Row, mean
from jianwei.scenes import camera, fonts, words
from jianwei.scenes.scene import Language, Question, Split
from jianwei.types import Image

GOAL = 0.10
"""Character error rate that issue 3 asks for."""
_QUESTIONS: dict[Language, str] = {"zh": "图中写了什么？", "en": "What is written in the picture?"}
_WIDTH = 512


def draw(rng: Random, split: Split, language: Language) -> tuple[Image, str]:
    """A picture with one line of large print, and what it says."""
    kinds = (words.goods, words.person, words.money)
    text = rng.choice(kinds)(rng, language) if rng.random() < 0.8 else words.digits(rng, rng.randint(3, 6))
    face = fonts.pick(rng, language, split)
    measured = face.at(100).getbbox(text, anchor="lt")
    size = min(96.0, 100 * 0.86 * _WIDTH / measured[2])
    _, _, width, height = face.at(size).getbbox(text, anchor="lt")
    canvas = camera.background(rng, split, _WIDTH, round(height + 1.2 * size))
    pen = ImageDraw.Draw(canvas)
    ink = tuple(rng.randint(0, 60) for _ in range(3))
    at = ((_WIDTH - width) / 2, (canvas.height - height) / 2)
    pen.text(at, text, fill=ink, font=face.at(size), anchor="lt")
    return Image(np.asarray(canvas)), text


def pictures(count: int, seed: int = 0, split: Split = "test") -> Iterator[tuple[Subject, Question]]:
    """So many pictures, Chinese and English in turn, each with the question what it says."""
    languages: tuple[Language, Language] = ("zh", "en")
    for number in range(seed, seed + count):
        language = languages[number % 2]
        image, text = draw(Random(f"print {split} {number}"), split, language)
        question = Question(_QUESTIONS[language], text, "read", "lines")
        yield Subject("print", f"{split} {language} {number}", image, language), question


def run(answerer: Answerer, count: int, seed: int = 0) -> list[Record]:
    """Ask about so many pictures.

    Raises:
        JianweiError: it makes no sense to go on asking.
    """
    return [ask(answerer, subject, question) for subject, question in pictures(count, seed)]


def rows(records: list[Record]) -> list[Row]:
    """The mean error rate of all answers and of each language's; an answer that did not come counts as all wrong."""
    found = [
        mean(
            f"large print without OCR, character error rate{name}",
            f"大号清晰印刷字，无 OCR，字符错误率{title}",
            [
                1.0 if record.score.error_rate is None else record.score.error_rate
                for record in records
                if language in ("", record.language)
            ],
        )
        for language, name, title in (("", "", ""), ("zh", ", zh", "，zh"), ("en", ", en", "，en"))
    ]
    return [row for row in found if row]


def main(count: int, seed: int, model: str) -> None:
    """Print the rows."""
    answerer = LocalModel(Settings(model=model), ocr=False)
    records = run(answerer, count, seed)
    answerer.close()
    for row in rows(records):
        print(f"{row.name}: {row.value:.1%} ({row.low:.1%} to {row.high:.1%}, n={row.n})")


if __name__ == "__main__":
    count, seed, model = (*sys.argv[1:], *("500", "0", "builtin")[len(sys.argv) - 1 :])
    main(int(count), int(seed), model)
