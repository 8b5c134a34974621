"""How finely a picture is shown follows from the picture, the question and the options."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from jianwei.answering.resolution import FINE_TOKENS, PHOTO_TOKENS, asks_for_detail, shown_as
from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.evidence.showing import SMALL_TOKENS
from jianwei.model.preprocess import PreprocessConfig, fit_size, patch_image
from jianwei.model.prune import parse_prune
from jianwei.types import JSON_ANSWER, ChatRequest, Image, ImagePart, Message, Prune, TextPart

GENERAL, FINE = "What do you think of this?", "What does the label say?"


def parts(**settings: Any) -> Any:
    return SimpleNamespace(preprocess=PreprocessConfig(), settings=Settings(**settings))


def photo(fine: bool, width: int = 1600, height: int = 1200) -> Image:
    """A camera's picture of something green: soft, or with fine leaves."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    scene = 120 + 60 * np.sin(x / 90) * np.cos(y / 70)
    if fine:
        scene = scene + 50 * rng.choice([-1, 1], (height // 8, width // 8)).repeat(8, 0).repeat(8, 1)
    noisy = scene[..., None] * (0.5, 1.0, 0.4) + rng.normal(0, 2, (height, width, 3))
    return Image(np.clip(noisy, 0, 255).astype(np.uint8))


def page(lines: int) -> Image:
    picture = PillowImage.new("RGB", (1500, 2100), "white")
    for row in range(lines):
        ImageDraw.Draw(picture).text(
            (150, 160 + row * 44), "Printed words on paper, " * 4, "black", ImageFont.load_default(30)
        )
    return Image(np.asarray(picture))


def ask(*turns: tuple[Image | None, str], **options: Any) -> ChatRequest:
    messages: list[Message] = []
    for image, question in turns:
        if messages:
            messages.append(Message("assistant", (TextPart("So it is. The total is 3."),)))
        shown = (ImagePart(image),) if image is not None else ()
        messages.append(Message("user", (*shown, TextPart(question))))
    return ChatRequest("r", tuple(messages), **options)


def budget(request: ChatRequest, image: Image, **settings: Any) -> int:
    return shown_as(parts(**settings), request, request.messages)[image.digest].max_tokens


def test_a_photo_gets_few_tokens_for_an_impression_and_many_to_read() -> None:
    soft, fine = photo(fine=False), photo(fine=True)
    assert budget(ask((soft, GENERAL), detail="auto"), soft) == SMALL_TOKENS == 256
    assert budget(ask((fine, GENERAL), detail="auto"), fine) == PHOTO_TOKENS == 512
    assert budget(ask((soft, FINE), detail="auto"), soft) == FINE_TOKENS == 1024


@pytest.mark.parametrize("option", [{"boxes": True}, {"grammar": JSON_ANSWER}, {"format": "csv"}])
def test_options_that_want_places_or_print_ask_for_detail(option: dict[str, Any]) -> None:
    soft = photo(fine=False)
    assert budget(ask((soft, GENERAL), detail="auto", **option), soft) == FINE_TOKENS


def test_a_page_gets_at_least_the_usual_budget_and_what_pruning_frees() -> None:
    sparse, dense = page(12), page(40)
    assert budget(ask((sparse, GENERAL), detail="auto"), sparse) == 2 * FINE_TOKENS
    shown = patch_image(sparse, PreprocessConfig(), 2 * FINE_TOKENS, tolerance=0)
    assert shown.n_tokens <= FINE_TOKENS
    assert budget(ask((dense, GENERAL), detail="auto"), dense) == FINE_TOKENS
    assert budget(ask((sparse, GENERAL), detail="auto", prune="off"), sparse) == FINE_TOKENS
    assert budget(ask((dense, GENERAL), detail="auto"), dense, visual_tokens=1500) == 1500


def test_without_auto_the_budget_is_what_was_asked_for_or_set() -> None:
    soft = photo(fine=False)
    assert budget(ask((soft, FINE)), soft) == 1024
    assert budget(ask((soft, FINE)), soft, visual_tokens=700) == 700
    assert budget(ask((soft, FINE), detail="low"), soft) == 256
    assert budget(ask((soft, GENERAL), detail="high"), soft) == PreprocessConfig().max_tokens
    assert budget(ask((soft, GENERAL), max_visual_tokens=300, detail="auto"), soft) == 300


def test_a_follow_up_never_makes_a_picture_smaller_and_keeps_it_where_nothing_finer_is_asked() -> None:
    first, second = photo(fine=False), photo(fine=True)
    general = ask((first, GENERAL), (None, "And is it nice?"), detail="auto")
    assert budget(general, first) == SMALL_TOKENS
    grown = ask((first, GENERAL), (None, FINE), (None, "Thank you. Is it nice?"), detail="auto")
    assert budget(grown, first) == FINE_TOKENS
    later = ask((first, FINE), (second, GENERAL), detail="auto")
    assert budget(later, first) == FINE_TOKENS
    assert budget(later, second) == PHOTO_TOKENS, "what was asked before it came is not about it"


@pytest.mark.parametrize(
    "question",
    [
        "图里写了什么？",
        "一共有几个箱子？",
        "Where is the dog?",
        "How many boxes?",
        "价格是多少",
        "保质期到哪天",
    ],
)
def test_questions_about_small_things_are_known(question: str) -> None:
    assert asks_for_detail(question)


@pytest.mark.parametrize(
    "question", ["描述这张图片。", "Describe this picture.", "天气怎么样？", "What mood is it?"]
)
def test_general_questions_are_known(question: str) -> None:
    assert not asks_for_detail(question)


@pytest.mark.parametrize(
    ("asked", "set_to", "of_page", "of_photo"),
    [
        (None, "auto", 0, None),
        (None, "off", None, None),
        (None, "exact", 0, 0),
        (None, 5, 5, 5),
        ("auto", "off", 0, None),
        ("off", "exact", None, None),
        ("exact", "off", 0, 0),
        (3, "off", 3, 3),
    ],
)
def test_pruning_is_exact_in_pages_and_off_in_photos_unless_asked(
    asked: Prune | None, set_to: Prune, of_page: int | None, of_photo: int | None
) -> None:
    printed, soft = page(5), photo(fine=False)
    request = ask((printed, "1"), (soft, "2"), prune=asked)
    found = shown_as(parts(prune=set_to), request, request.messages)
    assert found[printed.digest].tolerance == of_page
    assert found[soft.digest].tolerance == of_photo


@pytest.mark.parametrize(("text", "value"), [("auto", "auto"), ("off", "off"), ("exact", "exact"), ("7", 7)])
def test_the_option_in_words(text: str, value: Prune) -> None:
    assert parse_prune(text) == value


@pytest.mark.parametrize("text", ["", "on", "-1", "33", "1.5", "٣", "9999999999"])
def test_what_is_no_such_option_is_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_prune(text)
    assert caught.value.code == "bad_value"


@pytest.mark.parametrize(("width", "height"), [(4200, 200), (200, 4200), (10500, 500), (1080, 22680)])
@pytest.mark.parametrize("most", [256, 1024])
def test_pictures_of_21_to_1_are_shown_whole_within_their_budget(width: int, height: int, most: int) -> None:
    shown = fit_size(width, height, PreprocessConfig(), max_tokens=most)
    tokens = shown[0] * shown[1] / 1024
    assert 0.7 * min(most, width * height / 1024) <= tokens <= most
    assert max(shown) / min(shown) == pytest.approx(21, rel=0.2)
