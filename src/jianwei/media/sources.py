"""Whatever a person may ask about, in one list: pictures, and files of several pictures page by page.

What is opened here is opened in the calling process: for one's own files. For bytes from strangers use
``sandbox.DecodePool``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from jianwei.config import Settings
from jianwei.media.image import ImageSource, decode_image, display_name, load_image, read_file
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import chosen, no_paged_file, open_pages, pages_kind, render
from jianwei.types import Image

Source = ImageSource | Image


def load_pictures(
    sources: Sequence[tuple[Source, str | None]], settings: Settings, pages: str = ""
) -> list[Image]:
    """All pictures of ``sources``, in order; a PDF or a video gives a picture for each page or key frame.

    Args:
        sources: each with what messages call it; None: by its file name, or ``image``.
        settings: the limits. Pages may fill up what other sources leave of ``max_pictures``.
        pages: which pages of every PDF and video, such as ``1-3,7``; empty for all.

    Raises:
        InputError: as ``image.load_image``, ``pages.open_pages`` and ``pages.chosen``; ``bad_value`` if pages are
            named and no source has any.
    """
    images: list[Image] = []
    paged = False
    for number, (source, given) in enumerate(sources):
        if isinstance(source, Image):
            images.append(source)
            continue
        data, name = _read(source, given, settings)
        if data is None or pages_kind(data) is None:
            images.append(load_image(source if data is None else data, settings, name))
        else:
            left = settings.max_pictures - len(images) - (len(sources) - number - 1)
            images += _pages(data, name or "file", settings, pages, left)
            paged = True
    if pages and not paged:
        raise no_paged_file(pages)
    return images


def _read(source: ImageSource, name: str | None, settings: Settings) -> tuple[bytes | None, str | None]:
    """The bytes of a file and what to call it; no bytes for what is pixels already."""
    if isinstance(source, (str, os.PathLike)):
        label = display_name(name or os.fspath(source))
        return read_file(Path(source), PictureLimits.from_settings(settings), label), label
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), None if name is None else display_name(name)
    return None, name


def _pages(data: bytes, name: str, settings: Settings, spec: str, most: int) -> list[Image]:
    """Pages of one file as pictures: exactly those that the server makes, through JPEG as well."""
    limits = PictureLimits.from_settings(settings)
    opened = open_pages(data, name, limits)
    numbers = chosen(spec, opened.count, most, name)
    return [
        decode_image(page.data, page.name(name), limits) for page in render(opened, numbers, limits, name)
    ]
