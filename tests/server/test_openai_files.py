"""PDF files and videos from the official OpenAI client: each page or key frame reaches the engine."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from paged_files import locked_pdf, pdf, video
from server_fakes import CARD, Running, picture

THREE = pdf("red", "lime", "blue")


@pytest.fixture
def api(server: Running) -> Iterator[openai.OpenAI]:
    with httpx.Client(trust_env=False) as http_client:
        yield openai.OpenAI(
            base_url=server.url + "/v1", api_key="none", max_retries=0, http_client=http_client
        )


def packed(data: bytes, kind: str = "application/pdf") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def image(data: bytes, kind: str = "application/pdf") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": packed(data, kind)}}


def file(**values: str) -> dict[str, Any]:
    return {"type": "file", "file": values}


def ask(api: openai.OpenAI, *parts: dict[str, Any], role: str = "user", **more: Any) -> None:
    content: Any = [*parts, {"type": "text", "text": "What is the total?"}]
    messages: Any = [{"role": role, "content": content}]
    if role != "user":
        messages.append({"role": "user", "content": "And?"})
    api.chat.completions.create(model=CARD.name, messages=messages, extra_body=more)


def shown(server: Running) -> list[tuple[str, int]]:
    images = server.engine.requests[-1].messages[0].images
    return [(image.name, int(image.pixels[5, 5].argmax())) for image in images]


def test_a_pdf_as_a_file_is_seen_page_by_page(server: Running, api: openai.OpenAI) -> None:
    ask(api, file(file_data=packed(THREE), filename="folder/report.pdf"))
    assert shown(server) == [("report.pdf · 1", 0), ("report.pdf · 2", 1), ("report.pdf · 3", 2)]


def test_pages_are_chosen_and_stand_where_the_file_stood(server: Running, api: openai.OpenAI) -> None:
    plain = base64.b64encode(THREE).decode()  # without the head of a data: URL
    ask(api, image(picture("lime"), "image/png"), file(file_data=plain), image(THREE), pages="3")
    assert shown(server) == [("image", 1), ("file · 3", 2), ("image · 3", 2)]


def test_a_picture_may_come_as_a_file_too(server: Running, api: openai.OpenAI) -> None:
    ask(api, file(file_data=packed(picture("blue"), "image/png"), filename="box.png"))
    assert shown(server) == [("box.png", 2)]


def test_a_video_is_seen_by_its_key_frames(server: Running, api: openai.OpenAI, tmp_path: Path) -> None:
    url = packed(video(tmp_path, (255, 0, 0), (0, 0, 255)), "video/mp4")
    ask(api, {"type": "video_url", "video_url": {"url": url}})
    assert shown(server) == [("video · 0:00", 0), ("video · 0:02", 2)]


@pytest.mark.parametrize(
    ("parts", "pages", "code"),
    [
        ([file(file_data=packed(locked_pdf()))], "", "file_locked"),
        ([file(file_data=packed(THREE))], "7", "bad_pages"),
        ([file(file_data="@")], "", "bad_value"),
        ([file(file_data="data:x")], "", "bad_value"),
        ([file(file_data=packed(b"words", "text/plain"))], "", "not_a_picture"),
        ([file(file_id="file-1")], "", "unsupported_option"),
        ([image(picture(), "image/png")], "1", "bad_value"),
        ([image(pdf(*["red"] * 16)), image(picture(), "image/png")], "", "too_many_pages"),
        ([image(picture(), "image/png")] * 17, "", "too_many_pictures"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_asked(
    server: Running, api: openai.OpenAI, parts: list[dict[str, Any]], pages: str, code: str
) -> None:
    more = {"pages": pages} if pages else {}
    with pytest.raises(openai.APIStatusError) as caught:
        ask(api, *parts, **more)
    assert caught.value.code == code
    assert not server.engine.requests


def test_only_the_user_sends_files(api: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(api, file(file_data=packed(THREE)), role="system")
    assert caught.value.code == "bad_value"
