"""Bytes, files, Pillow images and arrays become ``types.Image``: upright 8-bit sRGB, within the limits.

The format is told from the first bytes, never from a name. Size is checked from the header, before a pixel is
decoded. Only the first frame of an animation and the first page of a TIFF are taken.

Decoding here runs in the calling process. For bytes from strangers use ``sandbox.DecodePool``.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import numpy.typing as npt
import PIL.Image
from PIL import ExifTags, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from jianwei.errors import InputError, Phrase
from jianwei.media.colour import Coding, grey_to_bytes, read_coding, to_srgb
from jianwei.media.limits import PictureLimits
from jianwei.types import Image, Pixels

if TYPE_CHECKING:
    from jianwei.config import Settings

ImageSource = Union[bytes, bytearray, memoryview, str, "os.PathLike[str]", PIL.Image.Image, npt.NDArray[Any]]
Transpose = PIL.Image.Transpose

MAX_NAME = 80
"""Characters of a user's file name that messages repeat."""

# EXIF 2.32, tag 0x0112: what undoes each orientation.
_TURNS: dict[int, Transpose] = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)


def load_image(source: ImageSource, settings: Settings | None = None, name: str | None = None) -> Image:
    """Decode ``source`` in this process.

    Args:
        source: the file's bytes, its path, a Pillow image, or an array: ``[h, w]``, ``[h, w, 1]``,
            ``[h, w, 3]`` or ``[h, w, 4]`` (alpha last) of uint8, uint16, bool or floats in 0..1.
        settings: the limits; by default those of the environment and the settings file.
        name: what messages call the picture; by default the file's name, or ``image``.

    Raises:
        InputError: ``not_a_picture``, ``empty_file``, ``picture_damaged``, ``picture_too_large``,
            ``picture_too_small``, ``picture_too_narrow``, ``file_not_found``, ``file_unreadable`` or
            ``bad_value``.
    """
    if settings is None:
        from jianwei.config import Settings

        settings = Settings()
    limits = PictureLimits.from_settings(settings)
    if isinstance(source, (str, os.PathLike)):
        label = display_name(name or os.fspath(source))
        return decode_image(read_file(Path(source), limits, label), label, limits)
    label = display_name(name or "image")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return decode_image(bytes(source), label, limits)
    if isinstance(source, PIL.Image.Image):
        return _from_pillow(source, label, limits)
    return _from_array(source, label, limits)


def read_file(path: Path, limits: PictureLimits, name: str) -> bytes:
    """The bytes of a file, read no further than the limit (so a device or pipe cannot fill the memory).

    Raises:
        InputError: ``file_not_found``, ``file_unreadable``, ``empty_file`` or ``picture_too_large``.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except FileNotFoundError as error:
        raise InputError("file_not_found", name=name) from error
    except IsADirectoryError as error:
        raise InputError(
            "file_unreadable", name=name, reason=Phrase("it is a folder", "它是文件夹")
        ) from error
    except PermissionError as error:
        raise InputError("file_unreadable", name=name, reason=Phrase("no permission", "没有权限")) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise InputError(
            "file_unreadable", name=name, reason=Phrase("the system refused", "系统拒绝读取")
        ) from error
    limits.check_file(size, name)
    return data


def decode_image(data: bytes, name: str, limits: PictureLimits) -> Image:
    """Decode the bytes of a picture file in this process.

    Raises:
        InputError: see ``load_image``.
    """
    return open_picture(data, name, limits).decode()


@dataclass(frozen=True)
class OpenedPicture:
    """A picture whose header has been read and is within the limits, but of which no pixel has been decoded.

    Attributes:
        file: Pillow's decoder.
        coding: what the file says of its colours beside a profile.
        name: what messages call it.
        width, height: pixels as stored, before EXIF turns it.
    """

    file: ImageFile.ImageFile
    coding: Coding | None
    name: str
    width: int
    height: int

    def decode(self) -> Image:
        """All pixels, upright, in sRGB, over white.

        Raises:
            InputError: ``picture_damaged``.
        """
        try:
            self.file.load()
            if self.file.size != (self.width, self.height):
                raise ValueError(f"header says {self.width}x{self.height}, got {self.file.size}")
            rgb = _turn(to_srgb(self.file, self.coding), _orientation(self.file))
            return Image(np.array(rgb), self.name)
        except Exception as error:  # decoders raise nearly every kind there is when bytes are wrong
            raise InputError("picture_damaged", name=self.name) from error


def open_picture(data: bytes, name: str, limits: PictureLimits) -> OpenedPicture:
    """Read the header of a picture file and check it against ``limits``.

    Raises:
        InputError: ``empty_file``, ``not_a_picture``, ``picture_damaged`` (header), ``picture_too_large``,
            ``picture_too_small`` or ``picture_too_narrow``.
    """
    limits.check_file(len(data), name)
    opener = _opener(data)
    if opener is None:
        raise InputError("not_a_picture", name=name)
    if opener is WebPImageFile and (size := _webp_size(data)) is not None:
        limits.check_size(
            *size, name
        )  # before Pillow: its WebP decoder takes two canvases when it opens a file
    try:
        file = opener(BytesIO(data))
    except PIL.Image.DecompressionBombError as error:  # GIF frames beyond the screen they announce
        raise InputError(
            "picture_too_large", name=name, got="> 178 MP", limit=f"{limits.max_pixels / 1e6:g} MP"
        ) from error
    except Exception as error:  # decoders raise nearly every kind there is when bytes are wrong
        raise InputError("picture_damaged", name=name) from error
    limits.check_size(*file.size, name)
    return OpenedPicture(file, read_coding(data, file.info), name, *file.size)


def display_name(name: str) -> str:
    """A user's file name as messages may repeat it: no folders, no control characters, not endless."""
    base = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    clean = "".join(c for c in base if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    return (clean if len(clean) <= MAX_NAME else clean[: MAX_NAME - 1] + "…").strip() or "image"


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a picture format that is decoded here."""
    return _opener(data) is not None


def _opener(data: bytes) -> Callable[[BytesIO], ImageFile.ImageFile] | None:
    """The decoder for these bytes, told from their first ones; None if they are no picture.

    Not ``PIL.Image.open``: that tries every registered plugin, and refuses large pictures by a global setting
    which a library must not change under its host.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImageFile  # for an MPO (two-lens) file, its first picture
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GifImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImageFile
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return TiffImageFile
    if data.startswith(b"BM"):
        return BmpImageFile
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, _box_length(data), 4))}
        if brands & {b"avif", b"avis"}:
            return AvifImageFile
        if brands & _HEIF_BRANDS:
            return HeifImageFile
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in the header of a WebP file (RFC 9649, sections 2.5 to 3); None if cut off."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


def _box_length(data: bytes) -> int:
    """Length of the ISO base media box that ``data`` starts with, at most 256 (a ``ftyp`` box is short)."""
    return min(int.from_bytes(data[:4], "big"), len(data), 256)


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF does not make the picture unreadable
        return 1


def _turn(image: PIL.Image.Image, orientation: int) -> PIL.Image.Image:
    method = _TURNS.get(orientation)
    return image if method is None else image.transpose(method)


def _from_pillow(source: PIL.Image.Image, name: str, limits: PictureLimits) -> Image:
    limits.check_size(*source.size, name)
    try:
        source.load()
        return Image(np.array(_turn(to_srgb(source), _orientation(source))), name)
    except Exception as error:  # a lazily opened file may be damaged in any way
        raise InputError("picture_damaged", name=name) from error


def _from_array(source: npt.NDArray[Any], name: str, limits: PictureLimits) -> Image:
    array = np.asarray(source)
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    known = array.dtype.kind in "bf" or array.dtype.str[1:] in ("u1", "u2")
    if channels not in (1, 3, 4) or not known:
        raise InputError(
            "bad_value",
            name="image",
            got=f"{array.dtype}{list(array.shape)}",
            reason=Phrase(
                "an array must be [h, w], [h, w, 3] or [h, w, 4] of uint8, uint16, bool or floats in 0..1",
                "数组应为 [h, w]、[h, w, 3] 或 [h, w, 4]，类型为 uint8、uint16、bool 或 0..1 的浮点数",
            ),
        )
    height, width = array.shape[:2]
    limits.check_size(width, height, name)
    values = _to_bytes(array).reshape(height, width, channels)
    if channels == 1:
        return Image(np.repeat(values, 3, axis=2), name)
    if channels == 4:
        return Image(np.array(to_srgb(PIL.Image.fromarray(values))), name)
    return Image(np.ascontiguousarray(values), name)


def _to_bytes(array: npt.NDArray[Any]) -> Pixels:
    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f":  # every channel on the same scale, so white is 1.0 whatever the values are
        unit = np.clip(np.nan_to_num(array), 0.0, 1.0)
        return np.rint(unit * 255.0).astype(np.uint8)
    return grey_to_bytes(array)
