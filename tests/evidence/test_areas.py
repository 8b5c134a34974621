"""Areas of one colour: each is found where it is painted, with its colour and its form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.evidence.areas import COLOURS, FORMS, MAX_AREAS, find_areas, looks_named
from jianwei.evidence.boxes import overlap
from jianwei.evidence.ocr import OcrLine
from jianwei.scenes import families, palette
from jianwei.types import Box, Image

PAPER = (246, 244, 238)


class Sheet:
    """Paper to paint on."""

    def __init__(self, width: int = 600, height: int = 400, ground: tuple[int, int, int] = PAPER) -> None:
        self.canvas = Picture.new("RGB", (width, height), ground)
        self.pen = ImageDraw.Draw(self.canvas)

    @property
    def image(self) -> Image:
        return Image(np.asarray(self.canvas))


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_is_named_as_scenes_name_it(colour: str) -> None:
    sheet = Sheet()
    sheet.pen.rectangle((200, 100, 330, 220), fill=palette.COLOURS[colour][0])
    (area,) = find_areas(sheet.image)
    assert area.colour == colour
    assert area.box == pytest.approx((200, 100, 331, 221), abs=3)
    assert (area.tint("zh"), area.tint("en")) == palette.COLOURS[colour][1:]


@pytest.mark.parametrize("colour", ["white", "grey"])
def test_white_and_grey_do_not_stand_out(colour: str) -> None:
    sheet = Sheet()
    sheet.pen.rectangle((200, 100, 330, 220), fill=palette.COLOURS[colour][0])
    assert find_areas(sheet.image) == []


def test_forms_have_names() -> None:
    sheet = Sheet(900, 300)
    pen, red = sheet.pen, (214, 40, 40)
    pen.ellipse((20, 60, 140, 180), fill=red)
    pen.rectangle((180, 60, 300, 180), fill=red)
    pen.polygon([(400, 60), (340, 180), (460, 180)], fill=red)
    star = [(50 * (1 if i % 2 else 0.4), np.pi * (i / 5 - 0.5 + 0.2)) for i in range(10)]
    pen.polygon([(560 + r * np.cos(a), 120 + r * np.sin(a)) for r, a in star], fill=red)
    pen.line([(640, 110), (670, 160), (740, 60)], fill=red, width=9)
    pen.line([(790, 60), (880, 170)], fill=red, width=9)
    pen.line([(880, 60), (790, 170)], fill=red, width=9)
    found = sorted(find_areas(sheet.image), key=lambda area: area.box[0])
    assert [area.form for area in found] == ["circle", "square", "triangle", "star", "tick", "cross"]
    assert [area.name("en") for area in found[4:]] == ["red tick", "red cross"]
    assert [area.name("zh") for area in found[4:]] == ["红色勾", "红色叉"]


def test_a_button_is_an_area_and_its_print_is_none() -> None:
    sheet = Sheet()
    sheet.pen.rounded_rectangle((200, 300, 400, 350), 12, fill=(35, 90, 205))
    sheet.pen.text((260, 312), "Pay", fill=(255, 255, 255), font_size=24)
    sheet.pen.text((40, 40), "Total", fill=(214, 40, 40), font_size=30)
    lines = [line("Pay", (258, 312, 302, 340)), line("Total", (38, 40, 112, 74))]
    (area,) = find_areas(sheet.image, lines)
    assert area.colour == "blue"
    assert [each.colour for each in find_areas(sheet.image)].count(
        "red"
    ) > 0  # print, where nobody has read it


@pytest.mark.parametrize("read", ["X", "★", "::", "√"])
def test_a_thing_that_was_read_as_a_sign_is_still_an_area(read: str) -> None:
    sheet = Sheet()
    sheet.pen.rectangle((200, 100, 300, 200), fill=(214, 40, 40))
    assert len(find_areas(sheet.image, [line(read, (195, 95, 305, 205))])) == 1
    assert find_areas(sheet.image, [line("sale", (195, 95, 305, 205))]) == []


def test_what_reaches_across_the_picture_is_ground() -> None:
    sheet = Sheet()
    sheet.pen.rectangle((0, 300, 600, 340), fill=(130, 80, 40))  # a shelf's board
    sheet.pen.rectangle((100, 180, 200, 299), fill=(40, 150, 70))
    assert [area.colour for area in find_areas(sheet.image)] == ["green"]


def test_warm_light_makes_no_paper_yellow() -> None:
    sheet = Sheet(ground=(252, 236, 196))
    sheet.pen.rectangle((40, 40, 560, 360), fill=(250, 232, 188))
    sheet.pen.rectangle((200, 100, 330, 220), fill=(35, 90, 205))
    assert [area.colour for area in find_areas(sheet.image)] == ["blue"]


@pytest.mark.parametrize("family", ["shapes", "homework", "screens"])
def test_things_of_test_scenes_are_found(family: str) -> None:
    kinds, found, named = {"circle", "square", "star", "triangle", "tick", "cross", "button"}, 0, 0
    things = 0
    for seed in range(1, 16, 2):
        scene = families.draw(family, seed, "test", "en")
        areas = find_areas(scene.image, [line(text.text, text.box) for text in scene.texts])
        for thing in scene.objects:
            if thing.kind not in kinds:
                continue
            things += 1
            best = max(areas, key=lambda area: overlap(area.box, thing.box), default=None)
            if best is not None and overlap(best.box, thing.box) > 0.5:
                found += 1
                named += best.colour == thing.colour and best.form in (thing.kind, *_OTHER[thing.kind])
    assert things >= 8
    assert found >= 0.9 * things
    assert named >= 0.8 * things


_OTHER = {**dict.fromkeys(FORMS, ()), "button": ("square", "")}


@pytest.mark.parametrize(
    ("question", "colours", "forms"),
    [
        ("Where is the red cross?", {"red"}, {"cross"}),
        ("红叉在哪里？", {"red"}, {"cross"}),
        ("圈出黄色正方形", {"yellow"}, {"square"}),
        ("框出红色印章", {"red"}, set()),
        ("Box the ticks.", set(), {"tick"}),
        ("How many check marks are there?", set(), {"tick"}),
        ("Is there a red X beside it?", {"red"}, {"cross"}),
        ("What is the number of X marks in red?", {"red"}, {"cross"}),
        ("有几个对号、几个错号？", set(), {"tick", "cross"}),
        ("Solve for x.", set(), set()),
        ("框出黄瓜的包装", set(), set()),
        ("Where is the package of Orange Juice?", set(), set()),
    ],
)
def test_colours_and_forms_that_a_question_names(question: str, colours: set[str], forms: set[str]) -> None:
    assert looks_named(question) == (colours, forms)


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3))))
def test_any_picture_has_areas_inside_itself(pixels: np.ndarray) -> None:
    areas = find_areas(Image(pixels))
    assert len(areas) <= MAX_AREAS
    for area in areas:
        left, top, right, bottom = area.box
        assert 0 <= left < right <= pixels.shape[1] + 1e-6
        assert 0 <= top < bottom <= pixels.shape[0] + 1e-6
        assert 0 < area.size <= 1


def line(text: str, box: Box) -> OcrLine:
    left, top, right, bottom = box
    return OcrLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99)
