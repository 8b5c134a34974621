"""What a picture file becomes: upright sRGB within the limits, or an error a person can act on."""

from __future__ import annotations

import contextlib
import io
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms
from PIL.WebPImagePlugin import WebPImageFile

from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.media.image import decode_image, display_name, load_image, open_picture
from jianwei.media.limits import PictureLimits

SETTINGS = Settings(max_upload=1, max_pixels=2)
LIMITS = PictureLimits.from_settings(SETTINGS)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(size: tuple[int, int] = (48, 32)) -> PIL.Image.Image:
    """Red, green / blue, white quarters: any turn or mirroring shows."""
    width, height = size
    picture = PIL.Image.new("RGB", size, RED)
    picture.paste(GREEN, (width // 2, 0, width, height))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


def encode(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(pixels: np.ndarray) -> list[tuple[int, ...]]:
    height, width = pixels.shape[:2]
    rows, columns = (height // 4, height * 3 // 4), (width // 4, width * 3 // 4)
    return [tuple(int(v) for v in pixels[y, x]) for y in rows for x in columns]


def close(got: tuple[int, ...], wanted: tuple[int, ...], by: int) -> bool:
    return all(abs(int(g) - w) <= by for g, w in zip(got, wanted, strict=True))


def decode(data: bytes, limits: PictureLimits = LIMITS) -> np.ndarray:
    image = decode_image(data, "test", limits)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape == (image.height, image.width, 3)
    return image.pixels


def code_of(data: bytes, limits: PictureLimits = LIMITS) -> str:
    with pytest.raises(InputError) as caught:
        decode_image(data, "photo.jpg", limits)
    assert "photo.jpg" in caught.value.text("en")
    assert "photo.jpg" in caught.value.text("zh")
    assert caught.value.fix("zh")
    return caught.value.code


# Formats


@pytest.mark.parametrize(
    ("kind", "options", "by"),
    [
        ("PNG", {}, 0),
        ("JPEG", {"quality": 95}, 6),
        ("JPEG", {"quality": 95, "progressive": True}, 6),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
        ("GIF", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("AVIF", {"quality": 95}, 10),
    ],
)
def test_every_format_gives_the_same_picture(kind: str, options: dict[str, object], by: int) -> None:
    pixels = decode(encode(corners(), kind, **options))
    assert pixels.shape == (32, 48, 3)
    for got, wanted in zip(quarters(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert close(got, wanted, by), (got, wanted)


def heic(picture: PIL.Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture).save(buffer, quality=95, **options)
    return buffer.getvalue()


def test_heic_from_a_phone_is_read() -> None:
    pixels = decode(heic(corners((96, 64))))
    assert pixels.shape == (64, 96, 3)
    for got, wanted in zip(quarters(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert close(got, wanted, 12), (got, wanted)


def test_two_lens_jpeg_gives_its_first_picture() -> None:
    buffer = io.BytesIO()
    corners().save(buffer, "MPO", save_all=True, append_images=[PIL.Image.new("RGB", (48, 32))], quality=95)
    assert close(quarters(decode(buffer.getvalue()))[0], RED, 6)


def test_the_name_does_not_decide_the_format(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(corners(), "PNG"))
    assert quarters(load_image(path, SETTINGS).pixels)[0] == RED


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_gives_its_first_frame(kind: str) -> None:
    frames = [PIL.Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert close(tuple(decode(data)[16, 16]), RED, 8)


def test_tiff_gives_its_first_page() -> None:
    pages = [PIL.Image.new("RGB", (32, 32), colour) for colour in (GREEN, RED)]
    assert tuple(decode(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))[0, 0]) == GREEN


# Colour


def test_cmyk_jpeg_keeps_its_colours() -> None:
    pixels = decode(encode(corners().convert("CMYK"), "JPEG", quality=95))
    for got, wanted in zip(quarters(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert close(got, wanted, 8), (got, wanted)


def test_sixteen_bit_grey_keeps_its_scale() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (16, 1))
    for kind in ("PNG", "TIFF"):
        pixels = decode(encode(PIL.Image.fromarray(ramp), kind))
        assert np.abs(pixels[0, :, 0] - ramp[0] / 257.0).max() <= 0.5
        assert (pixels == pixels[..., :1]).all()


def test_big_endian_sixteen_bit_tiff_keeps_its_scale() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(">u2"), (16, 1))
    strip = ramp.tobytes()
    tags = [
        (256, 4, 64),
        (257, 4, 16),
        (258, 3, 16 << 16),
        (259, 3, 1 << 16),
        (262, 3, 1 << 16),
        (273, 4, 8),
        (277, 3, 1 << 16),
        (278, 4, 16),
        (279, 4, len(strip)),
    ]
    directory = struct.pack(">H", len(tags)) + b"".join(struct.pack(">HHII", t, k, 1, v) for t, k, v in tags)
    data = b"MM\0*" + struct.pack(">I", 8 + len(strip)) + strip + directory + b"\0\0\0\0"
    assert np.abs(decode(data)[0, :, 0] - ramp[0] / 257.0).max() <= 0.5


def test_float_tiff_reaches_from_black_to_white() -> None:
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (16, 1))
    pixels = decode(encode(PIL.Image.fromarray(ramp), "TIFF"))
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] == 255
    assert np.abs(pixels[0, :, 0] - ramp[0] * 255).max() <= 0.5


def test_palette_with_transparency_lies_over_white() -> None:
    picture = PIL.Image.new("P", (32, 32), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.paste(0, (0, 0, 16, 32))
    pixels = decode(encode(picture, "PNG", transparency=1))
    assert tuple(pixels[0, 0]) == RED
    assert tuple(pixels[0, 31]) == WHITE


@pytest.mark.parametrize(
    ("mode", "colour", "wanted"),
    [
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 255), RED),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
        ("LA", (0, 0), WHITE),
        ("LA", (0, 255), (0, 0, 0)),
        ("1", 1, WHITE),
        ("1", 0, (0, 0, 0)),
        ("L", 77, (77, 77, 77)),
    ],
)
def test_transparency_grey_and_black_and_white(mode: str, colour: object, wanted: tuple[int, ...]) -> None:
    pixels = decode(encode(PIL.Image.new(mode, (16, 16), colour), "PNG"))
    assert close(tuple(pixels[8, 8]), wanted, 1)


def test_a_profile_is_applied() -> None:
    # A profile whose red and blue primaries are swapped: red numbers mean blue light.
    swapped = swap_primaries(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for mode in ("RGB", "RGBA"):
        data = encode(PIL.Image.new(mode, (16, 16), RED), "PNG", icc_profile=swapped)
        assert close(tuple(decode(data)[8, 8]), BLUE, 3)


def swap_primaries(profile: bytes) -> bytes:
    """Exchange the tags rXYZ and bXYZ and give the description another name."""
    swapped = profile.replace(b"rXYZ", b"@@@@").replace(b"bXYZ", b"rXYZ").replace(b"@@@@", b"bXYZ")
    return swapped.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


@pytest.mark.parametrize("profile", [b"garbage", b"\0" * 200, b"x" * 16 + b"RGB " + b"x" * 300])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    assert tuple(decode(encode(corners(), "PNG", icc_profile=profile))[0, 0]) == RED


def with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """Put a chunk right after IHDR."""
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png[:33] + chunk + png[33:]


def test_hdr_picture_keeps_white_bright_and_black_black() -> None:
    # BT.2100 PQ: 0.58 is diffuse white (203 nits), 0.75 a highlight of 1000 nits.
    ramp = np.zeros((16, 3, 3), np.uint8)
    ramp[:, 1], ramp[:, 2] = round(0.58 * 255), round(0.75 * 255)
    ramp = np.repeat(ramp, 8, axis=1)
    plain = encode(PIL.Image.fromarray(ramp), "PNG")
    black, white, highlight = (
        int(decode(with_chunk(plain, b"cICP", bytes([9, 16, 0, 1])))[0, x, 1]) for x in (0, 8, 16)
    )
    assert black == 0
    assert 225 <= white < highlight <= 255
    assert decode(plain)[0, 8, 1] == round(0.58 * 255)


@pytest.mark.parametrize("kind", ["PNG", "HEIC", "AVIF"])
def test_wide_gamut_red_becomes_srgb_red(kind: str) -> None:
    # sRGB red is (0.918, 0.200, 0.139) in Display P3.
    picture = PIL.Image.new("RGB", (64, 64), (234, 51, 35))
    if kind == "PNG":
        data = with_chunk(encode(picture, "PNG"), b"cICP", bytes([12, 13, 0, 1]))
    elif kind == "HEIC":
        data = heic(picture, color_primaries=12, transfer_characteristic=13)
    else:  # Pillow writes BT.709 primaries; the box is changed by hand
        data = encode(picture, "AVIF", quality=95)
        assert data.count(b"colrnclx\0\1") == 1
        data = data.replace(b"colrnclx\0\1", b"colrnclx\0\x0c")
    assert close(tuple(decode(data)[8, 8]), RED, 6)


def test_hybrid_log_gamma_white_stays_bright() -> None:
    # BT.2100 HLG: 0.75 is diffuse white.
    plain = encode(PIL.Image.new("L", (16, 16), round(0.75 * 255)).convert("RGB"), "PNG")
    assert 225 <= decode(with_chunk(plain, b"cICP", bytes([9, 18, 0, 1])))[8, 8, 0] < 255


def test_lab_tiff_is_read() -> None:
    assert close(
        tuple(decode(encode(PIL.Image.new("LAB", (16, 16), (255, 128, 128)), "TIFF"))[8, 8]), WHITE, 2
    )


@pytest.mark.parametrize(("top", "kind"), [(65535, np.int32), (1_000_000, np.int32), (255, np.float32)])
def test_wider_grey_values_reach_from_black_to_white(top: int, kind: type) -> None:
    ramp = np.tile(np.linspace(0, top, 64).astype(kind), (16, 1))
    pixels = decode(encode(PIL.Image.fromarray(ramp), "TIFF"))
    assert np.abs(pixels[0, :, 0] - ramp[0] * (255.0 / top)).max() <= 0.5


def test_undefined_and_negative_grey_values_are_black() -> None:
    values = np.full((16, 16), 0.5, np.float32)
    values[:, 8:] = np.nan
    values[8:] = -1
    pixels = decode(encode(PIL.Image.fromarray(values), "TIFF"))
    assert [int(pixels[y, x, 0]) for y, x in ((0, 0), (0, 15), (15, 0))] == [128, 0, 0]


# Orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_undone(orientation: int, kind: str) -> None:
    upright = corners()
    undo = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }
    stored = upright if orientation == 1 else upright.transpose(undo[orientation])
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(encode(stored, kind, exif=exif, **({"quality": 95} if kind != "TIFF" else {})))
    assert pixels.shape == (32, 48, 3)
    for got, wanted in zip(quarters(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert close(got, wanted, 40), (got, wanted)


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_turned_heif_and_avif_are_turned_once(kind: str) -> None:
    stored = corners((96, 64)).transpose(PIL.Image.Transpose.ROTATE_90)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    whole = exif.tobytes()
    data = heic(stored, exif=whole) if kind == "HEIC" else encode(stored, "AVIF", quality=95, exif=whole)
    assert b"irot" in data
    pixels = decode(data)
    assert pixels.shape == (64, 96, 3)
    for got, wanted in zip(quarters(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert close(got, wanted, 14), (got, wanted)


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\0"])
def test_damaged_exif_does_not_matter(exif: bytes) -> None:
    assert close(quarters(decode(encode(corners(), "JPEG", exif=exif, quality=95)))[0], RED, 6)


# Limits and bad input


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size but holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_two_hundred_megapixels_are_refused_from_the_header() -> None:
    limits = PictureLimits.from_settings(Settings())
    with pytest.raises(InputError) as caught:
        open_picture(png_header(20_000, 10_000), "bomb.png", limits)
    assert caught.value.code == "picture_too_large"
    assert "20000x10000 (200.0 MP)" in caught.value.text("zh")
    assert "100 MP" in caught.value.text("zh")


def test_a_picture_at_the_limit_is_not_refused() -> None:
    assert open_picture(png_header(2000, 1000), "x", LIMITS).width == 2000
    assert code_of(png_header(2001, 1000)) == "picture_too_large"


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"quality": 50, "exif": b"Exif"}])
def test_webp_is_measured_before_a_canvas_is_made(
    options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode(PIL.Image.new("RGB", (1501, 1400)), "WEBP", method=0, **options)
    monkeypatch.setattr(WebPImageFile, "_open", lambda self: pytest.fail("opened"))
    assert code_of(data) == "picture_too_large"


@pytest.mark.parametrize("size", [(52_800, 44), (44, 52_800)])
def test_a_ribbon_is_too_narrow(size: tuple[int, int]) -> None:
    limits = PictureLimits.from_settings(Settings())
    with pytest.raises(InputError) as caught:
        decode_image(png_header(*size), "ribbon", limits)
    assert caught.value.code == "picture_too_narrow"
    assert "200" in caught.value.text("en")


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (300, 3)])
def test_a_few_pixels_are_too_small(size: tuple[int, int]) -> None:
    assert code_of(encode(PIL.Image.new("RGB", size), "PNG")) == "picture_too_small"


def test_a_large_file_is_refused_before_it_is_looked_at() -> None:
    assert code_of(b"\x89PNG\r\n\x1a\n" + bytes(2**20)) == "picture_too_large"


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert code_of(b"") == "empty_file"


@pytest.mark.parametrize(
    "data", [b"x", b"hello, world", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(99), b"<svg/>", bytes(5000), b"RIFF"]
)
def test_a_foreign_file_is_not_a_picture(data: bytes) -> None:
    assert code_of(data) == "not_a_picture"


FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC"]


def noise(kind: str) -> bytes:
    """A picture whose bytes are spread over the whole file, so that a cut anywhere loses pixels."""
    rng = np.random.default_rng(0)
    picture = PIL.Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8))
    return heic(picture) if kind == "HEIC" else encode(picture, kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_off_in_the_middle_is_damaged(kind: str) -> None:
    data = noise(kind)
    assert code_of(data[: len(data) // 2]) == "picture_damaged"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("keep", [12, 16, 24, 40])
def test_a_picture_cut_off_in_its_header_gives_a_clear_error(kind: str, keep: int) -> None:
    assert code_of(noise(kind)[:keep]) in ("picture_damaged", "not_a_picture")


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]),
    damage=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4),
)
def test_damaged_bytes_give_a_picture_or_a_clear_error(kind: str, damage: list[tuple[float, bytes]]) -> None:
    data = bytearray(encode(corners(), kind))
    for where, what in damage:
        at = int(where * len(data))
        data[at : at + len(what)] = what
    with contextlib.suppress(InputError):
        decode(bytes(data))


# Sources


def test_paths_pillow_images_and_arrays_give_the_same_picture(tmp_path: Path) -> None:
    picture = corners()
    path = tmp_path / "c.png"
    picture.save(path)
    array = np.array(picture)
    images = [
        load_image(source, SETTINGS)
        for source in (path, str(path), path.read_bytes(), memoryview(path.read_bytes()), picture, array)
    ]
    assert len({image.digest for image in images}) == 1
    assert images[0].name == "c.png"
    assert images[2].name == "image"


def test_arrays_of_other_types_keep_their_meaning() -> None:
    base = np.array(corners())
    for array in (
        base.astype(np.uint16) * 257,
        base / 255.0,
        (base / 255.0).astype(np.float32),
        np.dstack([base, np.full(base.shape[:2], 255, np.uint8)]),
    ):
        assert (load_image(array, SETTINGS).pixels == base).all()
    assert load_image(np.eye(8, dtype=bool), SETTINGS).pixels[3, 3].tolist() == [255, 255, 255]
    assert load_image(np.full((8, 8), 0.5), SETTINGS).pixels[3, 3].tolist() == [128, 128, 128]


@pytest.mark.parametrize(
    "array", [np.zeros(5), np.zeros((8, 8, 2)), np.zeros((8, 8, 3), np.int64), np.zeros((1, 8, 8, 3))]
)
def test_an_array_that_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(InputError) as caught:
        load_image(array, SETTINGS)
    assert caught.value.code == "bad_value"
    assert "[h, w]" in caught.value.text("zh")


def test_decoding_leaves_the_given_pillow_image_as_it_was() -> None:
    picture = PIL.Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    load_image(picture, SETTINGS)
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0)) == (255, 0, 0, 0)


def test_a_damaged_picture_that_pillow_has_opened_is_refused() -> None:
    lazy = PIL.Image.open(io.BytesIO(noise("PNG")[:-500]))
    with pytest.raises(InputError) as caught:
        load_image(lazy, SETTINGS)
    assert caught.value.code == "picture_damaged"


def test_missing_folder_and_forbidden_paths_are_explained(tmp_path: Path) -> None:
    for source, code in (
        (tmp_path / "none.jpg", "file_not_found"),
        (tmp_path, "file_unreadable"),
        ("a\0b", "file_unreadable"),
    ):
        with pytest.raises(InputError) as caught:
            load_image(source, SETTINGS)
        assert caught.value.code == code
        assert str(tmp_path.parent) not in caught.value.text("en")


class Endless(io.RawIOBase):
    """A device that gives zeros for ever and tells no size, as ``/dev/zero`` does."""

    def __init__(self) -> None:
        self.given = 0
        self._none = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this

    def readinto(self, buffer: memoryview) -> int:
        self.given += len(buffer)
        return len(buffer)

    def fileno(self) -> int:
        return self._none.fileno()

    def close(self) -> None:
        self._none.close()
        super().close()


def test_an_endless_device_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Endless()
    monkeypatch.setattr(Path, "open", lambda *_: device)
    with pytest.raises(InputError) as caught:
        load_image("device", SETTINGS)
    assert caught.value.code == "picture_too_large"
    assert device.given == LIMITS.max_bytes + 1
    assert device.closed


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\me\\照片.png", "照片.png"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\x1b[31m\u202e.png", "ab[31m.png"),
        ("", "image"),
        ("/", "image"),
        ("x" * 300, "x" * 79 + "…"),
    ],
)
def test_names_are_shown_without_folders_or_control_characters(name: str, shown: str) -> None:
    assert display_name(name) == shown
