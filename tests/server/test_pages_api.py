"""PDF files and videos over HTTP: their pages before a question, and questions about them."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx
import PIL.Image
import pytest
from paged_files import locked_pdf, pdf, video
from server_fakes import Running, parse_events, picture


def ask(client: httpx.Client, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    return client.post(
        "/api/v1/chat", files=[("image", file) for file in files], data={"query": "What is this?", **fields}
    )


def test_pages_come_as_pictures_one_after_the_other(client: httpx.Client) -> None:
    data = {"file": ("report.pdf", pdf("red", "lime", "blue"))}
    response = client.post("/api/v1/pages", files=data, data={"pages": "2-9"})
    events = [(name, json.loads(data)) for name, data in parse_events(response.text)]
    assert [name for name, _ in events] == ["page", "page", "done"]
    assert [data["name"] for _, data in events[:2]] == ["report.pdf · 2", "report.pdf · 3"]
    assert events[2][1] == {"kind": "pdf", "count": 3}
    first: dict[str, Any] = events[0][1]
    shown = PIL.Image.open(io.BytesIO(base64.b64decode(first["picture"])))
    assert shown.size == (first["width"], first["height"]) == (834, 1112)
    assert (first["number"], first["count"], first["seconds"]) == (2, 3, None)


@pytest.mark.parametrize(
    ("data", "pages", "code"),
    [
        (locked_pdf(), "", "file_locked"),
        (pdf("red"), "7", "bad_pages"),
        (pdf(*["red"] * 25), "", "too_many_pages"),
        (picture(), "", "not_a_picture"),
    ],
)
def test_what_has_no_such_pages_is_refused(client: httpx.Client, data: bytes, pages: str, code: str) -> None:
    response = client.post("/api/v1/pages", files={"file": ("a", data)}, data={"pages": pages})
    ((name, body),) = parse_events(response.text)
    assert name == "error"
    assert json.loads(body)["error"]["code"] == code


def test_a_form_without_a_file_is_refused(client: httpx.Client) -> None:
    response = client.post("/api/v1/pages", data={"pages": "1"})
    assert response.json()["error"]["code"] == "no_picture"


def test_a_question_about_two_pages_of_a_pdf_and_one_after_it(server: Running, client: httpx.Client) -> None:
    body = ask(client, ("report.pdf", pdf("red", "lime", "blue")), pages="3,1").json()
    images = server.engine.requests[-1].messages[0].images
    assert [image.name for image in images] == ["report.pdf · 3", "report.pdf · 1"]
    assert [int(image.pixels[5, 5].argmax()) for image in images] == [2, 0]
    client.post(
        "/api/v1/chat", files={"query": (None, "And?"), "conversation_id": (None, body["conversation_id"])}
    )
    again = server.engine.requests[-1].messages[0].images
    assert [image.digest for image in again] == [image.digest for image in images]
    kept = client.get(f"/api/v1/conversations/{body['conversation_id']}").json()["turns"][0]
    assert [item["name"] for item in kept["pictures"]] == ["report.pdf · 3", "report.pdf · 1"]
    assert kept["options"]["pages"] == "3,1"


def test_a_video_is_asked_about_by_its_key_frames(
    server: Running, client: httpx.Client, tmp_path: Path
) -> None:
    clip = video(tmp_path, (255, 0, 0), (0, 0, 255))
    assert ask(client, ("clip.mp4", clip), ("photo.png", picture("lime"))).status_code == 200
    images = server.engine.requests[-1].messages[0].images
    assert [image.name for image in images] == ["clip.mp4 · 0:00", "clip.mp4 · 0:02", "photo.png"]


@pytest.mark.parametrize(
    ("files", "pages", "code"),
    [
        ([("a.png", picture())], "1", "bad_value"),
        ([("a.pdf", pdf("red"))], "2", "bad_pages"),
        ([("a.pdf", locked_pdf())], "", "file_locked"),
        ([("a.pdf", pdf(*["red"] * 16)), ("a.png", picture())], "", "too_many_pages"),
    ],
)
def test_pages_that_cannot_be_used_are_refused_before_anything_is_asked(
    server: Running, client: httpx.Client, files: list[tuple[str, bytes]], pages: str, code: str
) -> None:
    assert ask(client, *files, pages=pages).json()["error"]["code"] == code
    assert not server.engine.requests
