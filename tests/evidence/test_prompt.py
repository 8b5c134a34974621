"""Every token of a prompt is traced back to the picture or the line that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_qwen3vl

from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.prompt import Reading, find_places, text_width
from jianwei.evidence.telling import tell_evidence
from jianwei.evidence.views import View, cut
from jianwei.model.chat_template import TextSegment, render
from jianwei.model.preprocess import PreprocessConfig
from jianwei.model.tokenizer import Tokenizer
from jianwei.types import Image, ImagePart, Message, Region, TextPart, Video, VideoPart

TOKENIZER = Tokenizer.from_gguf(tiny_qwen3vl.tokenizer_keys())
CONFIG = PreprocessConfig(min_tokens=4, max_tokens=64)


def image(seed: int, width: int = 160, height: int = 96) -> Image:
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def line(text: str, left: float, top: float, right: float, bottom: float) -> OcrLine:
    return OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.9)


def bytes_of(segments: list, start: int, end: int) -> bytes:
    """The text of the prompt's tokens ``start..end``."""
    ids: list[int | None] = []
    for segment in segments:
        ids += segment.ids if isinstance(segment, TextSegment) else [None] * segment.n_tokens
    return b"".join(TOKENIZER.token_bytes(token) for token in ids[start:end] if token is not None)


def test_pictures_and_lines_are_found_through_several_turns() -> None:
    views = [View(image(1), 0), View(image(2, 96, 200), 1), cut(image(1), Region(((0, 0), (80, 64))))]
    told = [
        (
            views[0],
            tell_evidence([line("合计", 5, 5, 40, 15), line("¥12.50", 100, 5, 150, 15)], views[0].image),
        ),
        (views[2], tell_evidence([line("箱子 é box", 5, 5, 75, 15)], views[2].image)),
    ]
    messages = [
        Message("user", (ImagePart(views[0].image), ImagePart(views[1].image), TextPart("OCR:\n合计"))),
        Message("assistant", (TextPart("这是什么"),)),
        Message("user", (ImagePart(views[2].image), TextPart("在哪"))),
    ]
    evidence = {view.image.digest: telling.text for view, telling in told}
    segments = render(messages, TOKENIZER, CONFIG, evidence=evidence)
    places = find_places(segments, TOKENIZER, views, told)
    at = 0
    for segment, tokens in zip(
        [s for s in segments if not isinstance(s, TextSegment)], places.pictures, strict=True
    ):
        at = sum(
            len(s.ids) if isinstance(s, TextSegment) else s.n_tokens
            for s in segments[: segments.index(segment)]
        )
        assert (tokens.start, tokens.end) == (at, at + segment.n_tokens)
        assert tokens.rows * 32 == segment.patched.size[1]
    said = [
        (bytes_of(segments, tokens.start, tokens.end).decode().strip(), tokens.reading.text)
        for tokens in places.lines
    ]
    assert said == [("合计", "合计"), ("¥12.50", "¥12.50"), ("箱子 é box", "箱子 é box")]
    assert all(len(tokens.boxes) == tokens.end - tokens.start for tokens in places.lines)


def test_places_of_a_part_are_in_the_original() -> None:
    view = cut(image(1), Region(((80, 32), (160, 96))))
    telling = tell_evidence([line("箱子", 10, 10, 50, 30)], view.image)
    messages = [Message("user", (ImagePart(view.image), TextPart("?")))]
    segments = render(messages, TOKENIZER, CONFIG, evidence={view.image.digest: telling.text})
    (tokens,) = find_places(segments, TOKENIZER, [view], [(view, telling)]).lines
    assert tokens.reading.box == (93, 45, 127, 59)  # its ink
    assert tokens.boxes[0][0] == pytest.approx(93)
    assert tokens.boxes[-1][2] == pytest.approx(127)
    assert all(box[0] <= box[2] for box in tokens.boxes)


def test_frames_of_a_video_are_no_views() -> None:
    video = Video((image(3), image(4), image(5)), (0.0, 1.0, 2.0))
    view = View(image(1))
    messages = [Message("user", (VideoPart(video), ImagePart(view.image), TextPart("?")))]
    segments = render(messages, TOKENIZER, CONFIG)
    (tokens,) = find_places(segments, TOKENIZER, [None, None, view], []).pictures
    assert tokens.view is view
    assert tokens.end < sum(len(s.ids) if isinstance(s, TextSegment) else s.n_tokens for s in segments)


def test_a_prompt_that_tells_something_else_is_refused() -> None:
    view = View(image(1))
    telling = tell_evidence([line("箱子", 0, 0, 9, 9)], view.image)
    segments = render([Message("user", (ImagePart(view.image), TextPart("?")))], TOKENIZER, CONFIG)
    with pytest.raises(ValueError, match="not found"):
        find_places(segments, TOKENIZER, [view], [(view, telling)])


def test_part_of_a_line_follows_the_direction_of_reading() -> None:
    flat = Reading("ab", ((0, 0), (100, 0), (100, 10), (0, 10)), 0)
    assert flat.part(0.5, 1) == (50, 0, 100, 10)
    standing = Reading("上下", ((0, 0), (10, 0), (10, 100), (0, 100)), 0)
    assert standing.part(0.5, 1) == (0, 50, 10, 100)
    upside_down = Reading("ab", ((100, 10), (0, 10), (0, 0), (100, 0)), 0)
    assert upside_down.part(0, 0.25) == (75, 0, 100, 10)


def test_text_in_a_line_is_found_by_the_widths_of_characters() -> None:
    reading = Reading("合计ab", ((0, 0), (312, 0), (312, 10), (0, 10)), 0)
    assert text_width("合计ab") == pytest.approx(3.12)
    box = reading.find("ab")
    assert box is not None
    assert box[0] == pytest.approx(200)
    assert reading.find("none") is None
