"""Decoded pictures of open conversations, and the small ones that the page shows.

A follow-up needs the pixels of earlier pictures again. They are decoded in the sandbox from the stored file,
and the latest are kept in memory by the digest of that file.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import PIL.Image

from jianwei.media.pages import no_paged_file, pages_kind
from jianwei.server.forms import Upload
from jianwei.server.service import Decoder
from jianwei.server.store import NewPicture, Picture, Store
from jianwei.types import Image, Region

CACHE_BYTES = 256 * 2**20
"""Pixels kept in memory: about ten photos of a phone."""

MEDIA_TYPES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"avif", "image/avif"),
    (4, b"ftyp", "image/heic"),
)
"""Where the first bytes of a file tell its format: offset, bytes, media type. The first match counts."""

PREVIEW_QUALITY = 85


def media_type_of(data: bytes) -> str:
    """What a picture file is, by its first bytes and never by what somebody said."""
    for offset, magic, media_type in MEDIA_TYPES:
        if data[offset : offset + len(magic)] == magic:
            return media_type
    return "application/octet-stream"


class Pictures:
    """Decodes uploads and stored pictures, remembering the latest.

    Args:
        decoder: the sandboxed pool.
        store: where picture files are kept.
        cache_bytes: of pixels that are remembered.
    """

    def __init__(self, decoder: Decoder, store: Store, cache_bytes: int = CACHE_BYTES) -> None:
        self._decoder = decoder
        self._store = store
        self._cache_bytes = cache_bytes
        self._cache: OrderedDict[str, Image] = OrderedDict()

    async def decode(self, upload: Upload) -> tuple[Image, NewPicture]:
        """An upload's pixels, and the record to keep it by; raises ``InputError`` if it is no picture."""
        data = await asyncio.to_thread(upload.read)
        image = await self._decode(upload.digest, data, upload.name)
        record = NewPicture(
            upload.file,
            upload.digest,
            upload.name,
            media_type_of(data),
            image.width,
            image.height,
            upload.size,
        )
        return image, record

    async def expand(self, uploads: list[Upload], spec: str | None, most: int) -> list[Upload]:
        """Uploads with every PDF and video replaced by pictures of its pages; what is replaced is closed.

        Args:
            uploads: files of a request.
            spec: which pages; None for all.
            most: pictures that a request may have.

        Raises:
            InputError: as ``sandbox.DecodePool.pages``; ``bad_value`` if pages are named and no file has any.
        """
        pictures: list[Upload] = []
        paged = False
        for number, upload in enumerate(uploads):
            head = await asyncio.to_thread(upload.head)
            if pages_kind(head) is None:
                pictures.append(upload)
                continue
            paged = True
            left = most - len(pictures) - (len(uploads) - number - 1)
            data = await asyncio.to_thread(upload.read)
            async for page in self._decoder.pages(data, upload.name, spec or "", left):
                pictures.append(Upload.of(page.data, page.name(upload.name)))
            upload.file.close()
        if spec and not paged:
            raise no_paged_file(spec)
        return pictures

    async def decode_all(self, data: bytes, name: str, spec: str, most: int) -> tuple[list[Image], bool]:
        """The pixels of a picture that is not kept, or of the pages of a PDF or video; and whether it has pages.

        Args:
            data: the file.
            name: what to call it.
            spec: which pages, if it has any; empty for all.
            most: pages that may be asked for.

        Raises:
            InputError: as ``sandbox.DecodePool.decode`` and ``sandbox.DecodePool.pages``.
        """
        if pages_kind(data) is None:
            return [await self._decode_bytes(data, name)], False
        pages = [page async for page in self._decoder.pages(data, name, spec, most)]
        return [await self._decode_bytes(page.data, page.name(name)) for page in pages], True

    async def _decode_bytes(self, data: bytes, name: str) -> Image:
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        known = self._cache.get(digest)
        return await self._decode(digest, data, name) if known is None else known.called(name)

    async def stored(self, picture: Picture) -> Image:
        """The pixels of a stored picture; raises ``StoreError("picture_gone")``."""
        if picture.digest in self._cache:
            self._cache.move_to_end(picture.digest)
            return self._cache[picture.digest].called(picture.name)
        data = await asyncio.to_thread(self._store.read_picture, picture.digest)
        return await self._decode(picture.digest, data, picture.name)

    async def preview(self, picture: Picture, side: int) -> bytes:
        """A JPEG that any browser shows: upright, its longer side at most ``side`` pixels."""
        image = await self.stored(picture)
        return await asyncio.to_thread(_jpeg, image, side)

    async def mended(self, picture: Picture, told: Mapping[str, Any]) -> bytes:
        """A JPEG of a picture as it was mended.

        Args:
            picture: the original.
            told: what was found and done, as an answer's ``enhance`` has it.
        """
        image = await self.stored(picture)
        return await asyncio.to_thread(_mended_jpeg, image, told)

    async def _decode(self, digest: str, data: bytes, name: str) -> Image:
        image = await self._decoder.decode(data, name)
        # The digest of the pixels is wanted later, in the event loop: worked out here, beside it.
        await asyncio.to_thread(lambda: image.digest)
        self._cache[digest] = image
        self._cache.move_to_end(digest)
        held = sum(kept.pixels.nbytes for kept in self._cache.values())
        while held > self._cache_bytes and len(self._cache) > 1:
            held -= self._cache.popitem(last=False)[1].pixels.nbytes
        return image


def _mended_jpeg(image: Image, told: Mapping[str, Any]) -> bytes:
    # Here, so that OpenCV is loaded only when somebody looks at a mended picture.
    from jianwei.evidence.mend import mend
    from jianwei.evidence.quality import Quality
    from jianwei.evidence.views import cut

    if told.get("bbox"):
        left, top, right, bottom = told["bbox"]
        image = cut(image, Region(((left, top), (right, bottom)))).image
    made, _ = mend(image, Quality(**told["found"]), told["did"])
    return _jpeg(made, max(made.width, made.height))


def _jpeg(image: Image, side: int) -> bytes:
    picture = PIL.Image.fromarray(image.pixels)
    # reducing_gap: large steps by whole factors first, several times faster and as good at this size.
    picture.thumbnail((side, side), PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=PREVIEW_QUALITY)
    return target.getvalue()
