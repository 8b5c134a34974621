"""Regions as people write them, checked, told, and found where somebody drew a red box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter

from jianwei.errors import InputError
from jianwei.evidence.regions import (
    find_red_box,
    inside,
    language_of,
    parse_regions,
    speaks_of_red_box,
    without_red_box,
)
from jianwei.evidence.showing import show
from jianwei.types import Image, ImagePart, Message, Region, TextPart

PICTURES = [
    Image(np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)),
    Image(np.full((1000, 500, 3), 90, np.uint8)),
]


def test_four_numbers_are_a_box_in_pixels() -> None:
    assert parse_regions("10,20,100,200", PICTURES) == (Region(((10, 20), (100, 200))),)


def test_numbers_up_to_one_are_parts_of_the_picture() -> None:
    assert parse_regions("0.25,0.5,1,1", PICTURES) == (Region(((100, 150), (400, 300))),)


def test_several_regions_of_several_pictures() -> None:
    assert parse_regions("10,20,100,200; 2:0,0,0.5,0.5", PICTURES) == (
        Region(((10, 20), (100, 200))),
        Region(((0, 0), (250, 500)), 1),
    )


def test_six_numbers_and_more_are_a_polygon() -> None:
    assert parse_regions("0,0,100,0,0,100", PICTURES)[0].points == ((0, 0), (100, 0), (0, 100))


def test_corners_are_put_in_order_and_clipped() -> None:
    assert parse_regions("900,200,100,-20", PICTURES) == (Region(((100, 0), (400, 200))),)


@pytest.mark.parametrize(
    "text",
    [
        "", ";", "1,2,3", "a,b,c,d", "1,2,3,4,5", "3:0,0,10,10", "0:0,0,10,10", "x:0,0,10,10", "500,500,600,600",
        "10,10,10,100", "nan,0,10,10", "0,0,inf,10", ";".join(["0,0,9,9"] * 9), ",".join(["1"] * 402),
    ],
)  # fmt: skip
def test_what_is_no_region_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_regions(text, PICTURES)
    assert caught.value.code == "bad_value"
    assert "region" in caught.value.text("en")


@given(st.text(alphabet="0123456789.,:;-einf ", max_size=40))
def test_wild_regions_are_inside_or_refused(text: str) -> None:
    try:
        regions = parse_regions(text, PICTURES)
    except InputError:
        return
    for region in regions:
        image = PICTURES[region.picture]
        left, top, right, bottom = region.box
        assert 0 <= left < right <= image.width
        assert 0 <= top < bottom <= image.height


def test_inside_follows_the_border_of_a_polygon() -> None:
    triangle = Region(((0, 0), (100, 0), (0, 100)))
    assert inside((10, 10, 20, 20), triangle)
    assert not inside((80, 80, 90, 90), triangle)
    assert inside((80, 80, 90, 90), Region(((50, 50), (100, 100))))


@pytest.mark.parametrize("question", ["红框里写了什么？", "只看红色方框", "What is in the red box?"])
def test_a_question_may_speak_of_a_red_box(question: str) -> None:
    assert speaks_of_red_box(question)


def test_other_questions_do_not() -> None:
    assert not speaks_of_red_box("What colour is the box?")


def drawn(box: tuple[int, int, int, int], width: int, background: str = "white") -> Image:
    """A photo-like page with red things on it that are no box, and a red box; slightly blurred."""
    picture = PillowImage.new("RGB", (640, 480), background)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 90, 60), fill=(220, 20, 20))
    draw.ellipse((500, 350, 600, 450), outline=(220, 20, 20), width=4)
    draw.text((120, 400), "SALE", fill=(230, 10, 10))
    draw.line((0, 470, 640, 470), fill=(220, 20, 20), width=3)
    draw.text((box[0] + 20, box[1] + 20), "inside 12.50", fill=(20, 20, 20))
    draw.rectangle(box, outline=(230, 30, 40), width=width)
    return Image(np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6))))


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize("background", ["white", "#c8b090", "#203040"])
@pytest.mark.parametrize("box", [(150, 100, 400, 220), (300, 80, 340, 330)])
def test_a_drawn_red_box_is_found_among_other_red_things(
    width: int, background: str, box: tuple[int, int, int, int]
) -> None:
    found = find_red_box(drawn(box, width, background), 2)
    assert found is not None
    assert found.picture == 2
    inner = (box[0] + width, box[1] + width, box[2] - width, box[3] - width)
    assert found.box == pytest.approx(inner, abs=3)
    assert len(found.points) == 4, "nothing around it is shown"


@pytest.mark.parametrize("width", [3, 7])
@pytest.mark.parametrize("background", ["white", "#203040"])
def test_a_drawn_red_ring_is_found_too_and_a_disc_is_none(width: int, background: str) -> None:
    picture = PillowImage.new("RGB", (640, 480), background)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 300, 160, 420), fill=(220, 20, 20))
    assert find_red_box(Image(np.asarray(picture))) is None
    draw.ellipse((200, 100, 500, 220), outline=(230, 30, 40), width=width)
    draw.text((300, 150), "only this", fill="green")
    found = find_red_box(Image(np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)))))
    assert found is not None
    assert found.box == pytest.approx((200 + width, 100 + width, 500 - width, 220 - width), abs=5)
    assert len(found.points) > 20


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("红框里写了什么？", "图中写了什么？"),
        ("只看红色方框内的价格", "只看图中的价格"),
        ("红圈中是什么", "图中是什么"),
        ("What is written in the red box?", "What is written in the picture?"),
        ("Read the red frame.", "Read the picture."),
        ("Is the box red?", "Is the box red?"),
    ],
)
def test_a_model_that_is_shown_the_inside_alone_is_asked_about_the_picture(question: str, left: str) -> None:
    assert without_red_box(question) == left


def test_without_a_red_box_none_is_found() -> None:
    picture = PillowImage.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 300, 260), fill=(220, 20, 20))
    draw.rectangle((350, 20, 600, 260), outline=(20, 20, 220), width=4)
    draw.line((0, 470, 640, 470), fill=(220, 20, 20), width=3)
    assert find_red_box(Image(np.asarray(picture))) is None


def asked(question: str, *regions: Region, whole_too: bool = True):
    message = Message("user", (ImagePart(PICTURES[0]), ImagePart(PICTURES[1]), TextPart(question)))
    return show([message], regions, side=32, whole_too=whole_too)


def test_without_regions_the_pictures_are_shown_as_they_are() -> None:
    showing = asked("what?")
    assert [view.image for view in showing.views if view] == PICTURES
    assert showing.messages[0].text == "what?"


def test_a_region_is_shown_beside_the_whole_picture_made_small() -> None:
    showing = asked("多少钱？", Region(((100, 400), (200, 500)), 1))
    first, second, part = (view for view in showing.views if view)
    assert first.image is PICTURES[0]
    assert second.image.width * second.image.height <= 256 * 32 * 32
    assert part.whole_box == (92, 392, 208, 508)
    assert showing.messages[0].images == (first.image, second.image, part.image)
    words = showing.messages[0].text
    assert words.endswith("多少钱？")
    assert "第3张图是第2张图中的一个区域" in words
    assert "横向18%–42%，纵向39%–51%" in words


def test_words_about_a_region_follow_the_question() -> None:
    words = asked("How much?", Region(((0, 0), (200, 150)))).messages[0].text
    assert "Picture 3 is a region of picture 1 (0% to 52% of its width, 0% to 53% of its height)" in words


def test_a_model_for_one_picture_gets_the_region_alone() -> None:
    showing = asked("how much?", Region(((100, 400), (200, 500)), 1), whole_too=False)
    assert [view.picture for view in showing.views if view] == [0, 1]
    assert showing.messages[0].text == "how much?"


def test_a_model_for_one_picture_gets_several_regions_in_one_view() -> None:
    image = PICTURES[0]
    regions = (Region(((20, 20), (60, 60))), Region(((200, 100), (260, 100), (260, 160), (200, 160))))
    showing = asked("how much?", *regions, whole_too=False)
    view = showing.regions[0]
    assert len(showing.regions) == 1
    assert view.whole_box == (12, 12, 268, 168)
    assert np.array_equal(view.image.pixels[8:48, 8:48], image.pixels[20:60, 20:60])
    assert np.array_equal(view.image.pixels[90:145, 190:245], image.pixels[102:157, 202:257])
    assert (view.image.pixels[20:60, 100:150] == 255).all(), "nothing between them is shown"
    assert len(asked("how much?", *regions).regions) == 2


def test_a_region_of_an_earlier_picture_leaves_the_earlier_turn_as_it_was() -> None:
    earlier = Message("user", (ImagePart(PICTURES[0]), TextPart("what is it?")))
    messages = [
        earlier,
        Message("assistant", (TextPart("a page"),)),
        Message("user", (TextPart("and here?"),)),
    ]
    showing = show(messages, [Region(((0, 0), (50, 50)))], side=32)
    assert showing.messages[0] == earlier
    assert len(showing.messages[2].images) == 1
    assert "Picture 2 is a region of picture 1" in showing.messages[2].text


def test_language_of_a_question() -> None:
    assert (language_of("total 是多少"), language_of("Total?")) == ("zh", "en")
