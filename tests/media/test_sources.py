"""Pictures and files of several pictures in one list, in this process."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from paged_files import locked_pdf, pdf, video

from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.media.sandbox import DecodePool
from jianwei.media.sources import load_pictures
from jianwei.types import Image

SETTINGS = Settings(max_pictures=5)
THREE = pdf("red", "lime", "blue")


def test_pages_and_pictures_come_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    report, photo = tmp_path / "report.pdf", tmp_path / "photo.png"
    report.write_bytes(THREE)
    PIL.Image.new("RGB", (40, 30), "blue").save(photo)
    known = Image(np.zeros((8, 9, 3), np.uint8), "known")
    found = load_pictures([(str(photo), None), (report, None), (known, None)], SETTINGS)
    assert [image.name for image in found] == [
        "photo.png", "report.pdf · 1", "report.pdf · 2", "report.pdf · 3", "known",
    ]  # fmt: skip
    assert [int(image.pixels[5, 5].argmax()) for image in found[:4]] == [2, 0, 1, 2]
    assert found[4] is known


def test_pages_are_chosen_of_every_file_that_has_some() -> None:
    found = load_pictures([(THREE, "a.pdf"), (bytearray(THREE), None)], SETTINGS, "3,1")
    assert [image.name for image in found] == ["a.pdf · 3", "a.pdf · 1", "file · 3", "file · 1"]


def test_a_video_gives_its_key_frames(tmp_path: Path) -> None:
    clip = video(tmp_path, (255, 0, 0), (0, 0, 255))
    found = load_pictures([(clip, os.fspath("folder/clip.mp4"))], SETTINGS)
    assert [image.name for image in found] == ["clip.mp4 · 0:00", "clip.mp4 · 0:02"]


def test_a_page_is_the_same_picture_as_behind_the_server() -> None:
    (here,) = load_pictures([(THREE, "a.pdf")], SETTINGS, "2")
    with DecodePool(SETTINGS, workers=1) as pool:
        pages: list[bytes] = []
        pool.pages_sync(THREE, "a.pdf", "2", 1, lambda page: pages.append(page.data))
        assert pool.decode_sync(pages[0], "a.pdf · 2").digest == here.digest


@pytest.mark.parametrize(
    ("data", "pages", "code"),
    [
        (b"", "", "empty_file"),
        (b"plain text", "", "not_a_picture"),
        (locked_pdf(), "", "file_locked"),
        (THREE[:300], "", "file_damaged"),
        (THREE, "4", "bad_pages"),
        (pdf(*["red"] * 5), "", "too_many_pages"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_code(data: bytes, pages: str, code: str) -> None:
    photo = Image(np.zeros((8, 9, 3), np.uint8), "photo")
    with pytest.raises(InputError) as caught:
        load_pictures([(photo, None), (data, "a.pdf")], SETTINGS, pages)
    assert caught.value.code == code


def test_pages_of_pictures_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        load_pictures([(np.zeros((8, 9, 3), np.uint8), None)], SETTINGS, "1")
    assert caught.value.code == "bad_value"
    assert "there is no PDF or video" in caught.value.text("en")
