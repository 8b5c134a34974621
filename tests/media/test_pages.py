"""Pages of PDF files and key frames of videos: right pictures, in the child, and clear errors for the rest."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from paged_files import locked_pdf, pdf, plain_pdf, video

from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import Page, chosen, open_pages, pages_kind
from jianwei.media.sandbox import DecodePool

SETTINGS = Settings(max_upload=4, max_pixels=16)
LIMITS = PictureLimits.from_settings(SETTINGS)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    with DecodePool(SETTINGS, workers=1) as pool:
        yield pool


def pages_of(pool: DecodePool, data: bytes, spec: str = "", most: int = 24) -> list[Page]:
    found: list[Page] = []
    pool.pages_sync(data, "folder/report.pdf", spec, most, found.append)
    return found


def colour_of(page: Page) -> list[int]:
    picture = PIL.Image.open(io.BytesIO(page.data))
    assert picture.size == (page.width, page.height)
    middle = np.asarray(picture.convert("RGB"), int)[page.height // 4 :].mean((0, 1))
    return middle.round(-1).astype(int).tolist()


def test_each_page_of_a_pdf_becomes_a_picture_of_its_own(pool: DecodePool) -> None:
    found = pages_of(pool, pdf("red", "lime", "blue", text="Page"))
    assert [page.number for page in found] == [1, 2, 3]
    assert {page.count for page in found} == {3}
    assert [colour_of(page) for page in found] == [[250, 0, 0], [0, 260, 0], [0, 0, 250]]
    # 300 x 400 points at 200 dots an inch.
    assert (found[0].width, found[0].height) == (834, 1112)
    assert [page.name("a.pdf") for page in found[:2]] == ["a.pdf · 1", "a.pdf · 2"]


def test_only_the_pages_asked_for_are_made_in_the_order_asked(pool: DecodePool) -> None:
    assert [page.number for page in pages_of(pool, pdf("red", "lime", "blue"), "3,1")] == [3, 1]


def test_a_poster_is_drawn_no_larger_than_is_looked_at(pool: DecodePool) -> None:
    (page,) = pages_of(pool, plain_pdf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 14400 7200] >>"))
    assert (page.width, page.height) == (2400, 1200)


def test_key_frames_of_a_video_are_its_scenes(pool: DecodePool, tmp_path: Path) -> None:
    found = pages_of(pool, video(tmp_path, (255, 0, 0), (0, 0, 255), (255, 255, 255), seconds=4))
    assert len(found) == 3
    assert [np.argmax(colour_of(page)) for page in found[:2]] == [0, 2]
    assert [page.seconds for page in found] == pytest.approx([0, 4, 8], abs=1)
    assert [page.name("clip.mp4") for page in found][:2] == ["clip.mp4 · 0:00", "clip.mp4 · 0:04"]


def test_a_still_video_is_one_frame(pool: DecodePool, tmp_path: Path) -> None:
    assert len(pages_of(pool, video(tmp_path, (9, 9, 9), seconds=3))) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"plain text", "not_a_picture"),
        (b"%PDF-1.7\nnothing", "file_damaged"),
        (pdf("red")[:300], "file_damaged"),
        (locked_pdf(), "file_locked"),
        (plain_pdf("null"), "file_damaged"),
        (b"\x1aE\xdf\xa3" + bytes(400), "file_damaged"),
        (b"\0\0\0\x18ftypisom" + bytes(400), "file_damaged"),
        (pdf("red") + bytes(4 << 20), "picture_too_large"),
    ],
)
def test_files_that_cannot_be_opened_are_refused_with_a_code(
    pool: DecodePool, data: bytes, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        pages_of(pool, data)
    assert caught.value.code == code
    assert caught.value.fix("zh")
    assert len(pages_of(pool, pdf("red"))) == 1


def test_a_cut_off_video_is_damaged_or_shorter_but_never_hangs(pool: DecodePool, tmp_path: Path) -> None:
    whole = video(tmp_path, (255, 0, 0), (0, 0, 255))
    with pytest.raises(InputError) as caught:
        pages_of(pool, whole[: len(whole) // 2])
    assert caught.value.code == "file_damaged"


def test_a_video_of_a_bad_size_is_refused(tmp_path: Path) -> None:
    small = PictureLimits(LIMITS.max_bytes, 320 * 200, LIMITS.min_side, LIMITS.max_aspect)
    with pytest.raises(InputError) as caught:
        open_pages(video(tmp_path, (1, 1, 1)), "clip.mp4", small)
    assert caught.value.code == "picture_too_large"


@pytest.mark.parametrize(
    ("spec", "numbers"),
    [("", [1, 2, 3, 4, 5]), ("2", [2]), (" 4-9 , 1", [4, 5, 1]), ("2-3，3,2", [2, 3])],
)
def test_pages_are_named_by_numbers_and_ranges(spec: str, numbers: list[int]) -> None:
    assert chosen(spec, 5, 5, "a.pdf") == numbers


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("0", "bad_pages"),
        ("6", "bad_pages"),
        ("3-2", "bad_pages"),
        ("6-9", "bad_pages"),
        ("one", "bad_pages"),
        ("1,", "bad_pages"),
        ("-3", "bad_pages"),
        ("9999999", "bad_pages"),
        ("1-5", "too_many_pages"),
        ("", "too_many_pages"),
    ],
)
def test_pages_that_are_not_there_are_refused(spec: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(spec, 5, 4, "a.pdf")
    assert caught.value.code == code


def test_pictures_are_no_paged_files() -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    assert [pages_kind(data) for data in (heic, b"\x89PNG\r\n\x1a\n", b"")] == [None] * 3


def test_pages_come_one_by_one_and_leaving_early_ends_the_work(pool: DecodePool) -> None:
    async def first() -> Page:
        pages = pool.pages(pdf(*["red"] * 6), "a.pdf", "", 24)
        async for page in pages:
            await pages.aclose()
            return page
        raise AssertionError

    assert asyncio.run(first()).number == 1
    assert len(pages_of(pool, pdf("red", "blue"))) == 2


def test_a_picture_after_a_video_is_decoded_by_a_fresh_child(pool: DecodePool, tmp_path: Path) -> None:
    assert pages_of(pool, video(tmp_path, (255, 0, 0)))
    target = io.BytesIO()
    PIL.Image.new("RGB", (4000, 3900), "teal").save(target, "PNG")
    assert pool.decode_sync(target.getvalue(), "large.png").width == 4000
