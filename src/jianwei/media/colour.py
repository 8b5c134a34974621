"""Any colour a file can hold becomes 8-bit sRGB over white.

Order of authority for what the numbers mean: an embedded ICC profile, else the coding-independent code points
(ITU-T H.273: ``colr``/``nclx`` box of HEIC and AVIF, ``cICP`` chunk of PNG), else sRGB.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import PIL.Image
from PIL import ImageCms

Floats = npt.NDArray[np.float32]

PRIMARIES_BT2020, PRIMARIES_P3 = 9, 12
TRANSFER_PQ, TRANSFER_HLG = 16, 18
REFERENCE_WHITE = 203.0
"""Nits of diffuse white in HDR pictures (ITU-R BT.2408)."""
KNEE = 0.7
"""Share of SDR white up to which HDR light keeps its value; above it, light is compressed, not cut."""
STRIP_ROWS = 256
"""Rows converted at a time in floating point, so that a large picture needs little more than its own size."""

# Linear light to linear BT.709 (the primaries of sRGB), D65 white in all three.
_TO_BT709: dict[int, Floats] = {
    PRIMARIES_BT2020: np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
    ),
    PRIMARIES_P3: np.array(
        [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]], np.float32
    ),
}
_GREY_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_SRGB = ImageCms.createProfile("sRGB")


class Coding(NamedTuple):
    """Code points of ITU-T H.273 that say what RGB values mean."""

    primaries: int
    transfer: int

    @property
    def is_hdr(self) -> bool:
        """Whether values reach above diffuse white."""
        return self.transfer in (TRANSFER_PQ, TRANSFER_HLG)

    @property
    def is_srgb(self) -> bool:
        """Whether there is nothing to convert (or nothing that we know how to)."""
        return not self.is_hdr and self.primaries not in _TO_BT709


def read_coding(data: bytes, info: Mapping[Any, Any]) -> Coding | None:
    """Code points that a PNG, HEIC or AVIF file states; None if none, or several (a gain map has its own).

    Args:
        data: the file.
        info: what Pillow's decoder found in it; the one for HEIC gives the primary picture's code points.
    """
    stated = info.get("nclx_profile")
    if isinstance(stated, dict):
        return Coding(stated["color_primaries"], stated["transfer_characteristics"])
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        at = 8
        while at + 12 <= len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            if kind == b"cICP" and length == 4 and at + 10 <= len(data):
                return Coding(data[at + 8], data[at + 9])
            if kind == b"IDAT":
                return None
            at += 12 + length
        return None
    if data[4:8] == b"ftyp":
        found = {match[1] for match in re.finditer(rb"colrnclx(.{4})", data[: 2**16], re.DOTALL)}
        if len(found) == 1:
            return Coding(*struct.unpack(">HH", found.pop()))
    return None


def to_srgb(image: PIL.Image.Image, coding: Coding | None = None) -> PIL.Image.Image:
    """``image``, already loaded, as mode RGB in sRGB, what was transparent over white.

    Args:
        image: any mode that Pillow's decoders give.
        coding: what ``read_coding`` found; an ICC profile in ``image.info`` goes before it.
    """
    if image.mode in _GREY_MODES:
        return PIL.Image.fromarray(grey_to_bytes(np.asarray(image))).convert("RGB")
    alpha: PIL.Image.Image | None = None
    if image.has_transparency_data:
        alpha, image = _split_alpha(image)
    profile = image.info.get("icc_profile")
    rgb = _by_profile(image, profile) if isinstance(profile, bytes) and profile else None
    if rgb is None:
        rgb = _lab_to_rgb(image) if image.mode == "LAB" else image.convert("RGB")
        if coding is not None and not coding.is_srgb:
            rgb = PIL.Image.fromarray(_by_coding(np.asarray(rgb), coding))
    if alpha is None:
        return rgb
    canvas = PIL.Image.new("RGB", rgb.size, "white")
    canvas.paste(rgb, mask=alpha)
    return canvas


def grey_to_bytes(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Grey values of any type, ``[height, width]``, as bytes: black stays 0 and white becomes 255.

    White is 65535 for 16-bit values and for wider integers that stay within it, 1.0 for floats within 0..1,
    and 255 for floats within 0..255; otherwise the picture states no white and its own largest value stands
    for it.
    Negative and undefined values are black.
    """
    if grey.dtype == np.uint8:
        return grey.astype(np.uint8)
    if grey.dtype.kind == "u" and grey.dtype.itemsize == 2:
        # (v * 255 + 32767) // 65535, which is v / 257 rounded.
        return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)
    values: Floats = np.nan_to_num(grey.astype(np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    candidates = (1.0, 255.0, top) if grey.dtype.kind == "f" else (65535.0, top)
    white = next(white for white in candidates if top <= white)
    # In place: a picture of 100 megapixels is 400 MB of these.
    values *= np.float32(255.0 / white)
    np.rint(values, out=values)
    return np.clip(values, 0, 255, out=values).astype(np.uint8)


def _split_alpha(image: PIL.Image.Image) -> tuple[PIL.Image.Image, PIL.Image.Image]:
    """Transparency and colour of ``image``, each on its own; colour keeps its ICC profile."""
    profile = image.info.get("icc_profile")
    if image.mode in ("La", "LA"):
        with_alpha = image.convert("LA")
        colour = with_alpha.getchannel("L")
    else:
        with_alpha = image.convert("RGBA")
        colour = with_alpha.convert("RGB")
    if profile:
        colour.info["icc_profile"] = profile
    return with_alpha.getchannel("A"), colour


def _by_profile(image: PIL.Image.Image, profile: bytes) -> PIL.Image.Image | None:
    """``image`` converted by its ICC profile; None if the profile is unusable or belongs to another mode."""
    if image.mode in ("1", "P"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = profile[16:20].decode("latin-1").strip()  # ICC.1:2022, 7.2.6: data colour space
        if {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}.get(image.mode) != space:
            return None
        if space == "RGB" and ImageCms.getProfileDescription(source).startswith("sRGB"):
            return image
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile does not make the picture unreadable: show it as every viewer does, without.
        return None


def _lab_to_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _SRGB, outputMode="RGB")
    assert converted is not None  # profileToProfile gives None only with inPlace=True
    return converted


def _by_coding(rgb: npt.NDArray[np.uint8], coding: Coding) -> npt.NDArray[np.uint8]:
    """RGB bytes ``[height, width, 3]`` in ``coding`` as sRGB bytes."""
    linear_of = _linear_light(coding.transfer)
    matrix = _TO_BT709.get(coding.primaries)
    result = np.empty_like(rgb)
    for top in range(0, rgb.shape[0], STRIP_ROWS):
        light = linear_of[rgb[top : top + STRIP_ROWS]]
        if matrix is not None:
            light = np.maximum(light @ matrix.T, 0.0)
        if coding.is_hdr:
            light = _compress(light)
        result[top : top + STRIP_ROWS] = _srgb_bytes(light)
    return result


def _linear_light(transfer: int) -> Floats:
    """Linear light of each of the 256 code values; 1.0 is diffuse white."""
    code = np.arange(256, dtype=np.float64) / 255.0
    if transfer == TRANSFER_PQ:  # SMPTE ST 2084, equation 4.1
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        power = code ** (1 / m2)
        light = 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) / REFERENCE_WHITE
    elif transfer == TRANSFER_HLG:  # ITU-R BT.2100 table 5, shown at 1000 nits; its OOTF taken per channel
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
        light = scene**1.2 * 1000 / REFERENCE_WHITE
    else:  # IEC 61966-2-1
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


def _compress(light: Floats) -> Floats:
    """Light above diffuse white brought into 0..1: unchanged to ``KNEE``, then ever flatter, never cut."""
    above = np.maximum(light - KNEE, 0.0) / (1 - KNEE)
    return (np.minimum(light, KNEE) + (1 - KNEE) * above / (1 + above)).astype(np.float32, copy=False)


def _srgb_bytes(light: Floats) -> npt.NDArray[np.uint8]:
    light = np.clip(light, 0.0, 1.0, dtype=np.float32)
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(code * 255.0).astype(np.uint8)
