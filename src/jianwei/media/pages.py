"""Files of several pictures: the pages of a PDF, the key frames of a video. Each becomes a picture file (JPEG).

The kind is told from the first bytes, never from a name. What opens them is native code fed with bytes from
strangers: for those use ``sandbox.DecodePool.pages``, which runs this in a child process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import PIL.Image

from jianwei.errors import InputError, Phrase
from jianwei.media.limits import PictureLimits

PagesKind = Literal["pdf", "video"]

MAX_PAGES = 24
"""Pages that one request may ask for."""

MAX_PAGES_SPEC = 500
"""Characters of a choice of pages."""

JPEG_QUALITY = 92
"""Of a page's picture, with full colour resolution: coloured print stays sharp."""

_SPEC = re.compile(r"\d{1,6}(-\d{1,6})?")
_PDF_HEAD = 1024  # ISO 32000-1, annex H.3.4.1: the header may stand anywhere in the first 1024 bytes
_MP4_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})


@dataclass(frozen=True)
class Page:
    """One page or frame as a picture file.

    Attributes:
        number: from 1.
        count: how many the file has.
        seconds: when it is shown, for a frame of a video; None for a page.
        width, height: pixels.
        data: JPEG.
    """

    number: int
    count: int
    seconds: float | None
    width: int
    height: int
    data: bytes

    def name(self, file: str) -> str:
        """What to call the picture: ``report.pdf · 3``, ``clip.mp4 · 1:05``."""
        if self.seconds is None:
            return f"{file} · {self.number}"
        minutes, seconds = divmod(int(self.seconds), 60)
        return f"{file} · {minutes}:{seconds:02}"


class OpenedPages(Protocol):
    """A file of several pictures that has been opened."""

    count: int

    def picture(self, number: int) -> tuple[PIL.Image.Image, float | None]:
        """Page ``number`` (from 1) as RGB, and its time in a video; raises ``InputError("file_damaged")``."""
        ...


def pages_kind(data: bytes) -> PagesKind | None:
    """Whether a file is a PDF or a video; None if it is neither, and so perhaps a picture."""
    if b"%PDF-" in data[:_PDF_HEAD]:
        return "pdf"
    if data[:4] == b"\x1aE\xdf\xa3" or (
        data[:4] == b"RIFF" and data[8:12] == b"AVI "
    ):  # Matroska and WebM; AVI
        return "video"
    if data[4:8] in _MP4_BOXES:
        # HEIC and AVIF stand in the same boxes and are told apart by their brand.
        from jianwei.media.image import is_picture

        return None if is_picture(data) else "video"
    return None


def open_pages(data: bytes, name: str, limits: PictureLimits) -> OpenedPages:
    """Open a PDF or a video.

    Raises:
        InputError: ``empty_file``, ``picture_too_large``, ``not_a_picture``, ``file_locked``, ``file_damaged`` or
            ``no_pages``.
    """
    limits.check_file(len(data), name)
    kind = pages_kind(data)
    if kind is None:
        raise InputError("not_a_picture", name=name)
    # Loaded when needed: most children only ever decode pictures.
    if kind == "pdf":
        from jianwei.media.pdf import PdfPages

        opened: OpenedPages = PdfPages(data, name)
    else:
        from jianwei.media.video import VideoFrames

        opened = VideoFrames(data, name, limits)
    if not opened.count:
        raise InputError("no_pages", name=name)
    return opened


def chosen(spec: str, count: int, most: int, name: str) -> list[int]:
    """Numbers of the pages that ``spec`` names, in its order, each once.

    Args:
        spec: such as ``1-3,7``; empty for all. A range may reach beyond the end.
        count: pages that there are.
        most: pages that may be asked for.
        name: what messages call the file.

    Raises:
        InputError: ``bad_pages`` or ``too_many_pages``.
    """
    numbers: dict[int, None] = {}
    parts = spec.replace("，", ",").split(",") if spec.strip() else [f"1-{count}"]
    for part in map(str.strip, parts):
        first, _, last = part.partition("-")
        if not _SPEC.fullmatch(part) or not 1 <= int(first) <= min(count, int(last or first)):
            raise InputError("bad_pages", name=name, got=part[:40], count=count)
        numbers.update(dict.fromkeys(range(int(first), min(count, int(last or first)) + 1)))
    if len(numbers) > most:
        raise InputError("too_many_pages", name=name, got=len(numbers), limit=most)
    return list(numbers)


def no_paged_file(spec: str) -> InputError:
    """The error for pages that are named where no file has any."""
    reason = Phrase("there is no PDF or video", "没有 PDF 或视频")
    return InputError("bad_value", name="pages", got=spec[:40], reason=reason)


def render(opened: OpenedPages, numbers: list[int], limits: PictureLimits, name: str) -> Iterator[Page]:
    """The pages with these numbers, one after the other.

    Raises:
        InputError: ``file_damaged``, or as ``PictureLimits.check_size``.
    """
    for number in numbers:
        picture, seconds = opened.picture(number)
        limits.check_size(*picture.size, name)
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        yield Page(number, opened.count, seconds, *picture.size, target.getvalue())
