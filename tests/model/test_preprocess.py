from __future__ import annotations

import hashlib
import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jianwei.errors import InputError, ModelFileError
from jianwei.model.preprocess import (
    PreprocessConfig,
    fit_size,
    fit_video_size,
    patch_frame_pair,
    patch_image,
)
from jianwei.types import Image

REFERENCE = Path(__file__).parents[1] / "reference" / "preprocess"
PICTURES: dict[str, Any] = runpy.run_path(str(REFERENCE / "pictures.py"))
SMALL = PreprocessConfig(min_tokens=PICTURES["MIN_TOKENS"], max_tokens=PICTURES["MAX_TOKENS"])
QWEN = PreprocessConfig()


def drawn(width: int, height: int) -> Image:
    return Image(PICTURES["draw"](width, height), "drawn.png")


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    with np.load(REFERENCE / "patches.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize(("width", "height"), PICTURES["CASES"])
def test_patches_equal_the_reference_processor_with_a_difference_of_zero(
    width: int, height: int, reference: dict[str, Any]
) -> None:
    ours = patch_image(drawn(width, height), SMALL)
    expected = reference["values"][reference[f"patches_{width}x{height}"]]
    frames = ours.patches.reshape(-1, 3, 2, 16, 16)
    assert ours.grid == tuple(reference[f"grid_{width}x{height}"])
    assert np.abs(frames[:, :, 0] - expected).max() == 0
    assert np.array_equal(frames[:, :, 1], frames[:, :, 0])


@pytest.mark.parametrize(("width", "height"), PICTURES["LARGE_CASES"])
def test_patches_of_large_pictures_equal_the_reference_bit_for_bit(
    width: int, height: int, reference: dict[str, Any]
) -> None:
    ours = patch_image(drawn(width, height), QWEN)
    assert ours.grid == tuple(reference[f"grid_{width}x{height}"])
    assert ours.patches.dtype == np.float32
    digest = hashlib.sha256(np.ascontiguousarray(ours.patches).tobytes()).digest()
    assert digest == reference[f"sha256_{width}x{height}"].tobytes()


def test_neighbouring_patches_of_a_merge_group_lie_side_by_side() -> None:
    pixels = np.zeros((64, 96, 3), np.uint8)
    rows, columns = np.mgrid[:64, :96]
    pixels[..., 0] = (rows // 16) * 6 + columns // 16  # the patch's place in reading order
    ours = patch_image(Image(pixels), PreprocessConfig(min_tokens=1))
    places = np.rint((ours.patches[:, 0] * 0.5 + 0.5) * 255).astype(int).tolist()
    assert places == [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 12, 13, 18, 19, 14, 15, 20, 21, 16, 17, 22, 23]


# ``smart_resize`` of transformers 5.23: (height, width) it gives for factor 32 and the budgets in tokens.
@pytest.mark.parametrize(
    ("width", "height", "least", "most", "expected"),
    [
        (1024, 1024, 64, 16384, (1024, 1024)),
        (4000, 3000, 64, 16384, (4000, 3008)),
        (5000, 5000, 64, 16384, (4096, 4096)),
        (32, 32, 64, 16384, (256, 256)),
        (5, 9, 64, 16384, (192, 352)),
        (1, 200, 64, 16384, (32, 3648)),
        (48, 80, 1, 100, (64, 64)),  # 1.5 and 2.5 both round to 2: halves go to even
        (1000, 100, 64, 64, (800, 64)),
        (4000, 25, 4, 16, (1600, 32)),  # no side under one token: over the budget
    ],
)
def test_sizes_are_those_of_the_reference(
    width: int, height: int, least: int, most: int, expected: tuple[int, int]
) -> None:
    config = PreprocessConfig(min_tokens=least, max_tokens=most)
    assert fit_size(width, height, config) == expected


@given(
    width=st.integers(1, 12_000), height=st.integers(1, 12_000), most=st.integers(1, 20_000)
)  # fmt: skip
def test_size_fits_the_budget_and_keeps_the_proportions(width: int, height: int, most: int) -> None:
    assume(max(width, height) <= 200 * min(width, height))
    shown_w, shown_h = fit_size(width, height, QWEN, max_tokens=most)
    tokens = shown_w // 32 * (shown_h // 32)
    assert shown_w % 32 == shown_h % 32 == 0
    assert tokens <= most or 32 in (shown_w, shown_h)
    if most >= 128:
        assert tokens >= 64
    if min(shown_w, shown_h) > 32 * 4:
        assert math.isclose(shown_w / shown_h, width / height, rel_tol=0.3)


def test_budget_of_one_token_is_kept() -> None:
    assert fit_size(640, 480, QWEN, max_tokens=1) == (32, 32)
    assert fit_size(640, 480, QWEN, max_tokens=0) == (32, 32)


# As above, ``smart_resize`` of Qwen3VLVideoProcessor with 4096 to 25165824 pixels over all frames.
@pytest.mark.parametrize(
    ("width", "height", "frames", "expected"),
    [
        (1920, 1080, 8, (1920, 1088)),
        (1920, 1080, 9, (1920, 1088)),
        (1920, 1080, 64, (832, 448)),
        (3840, 2160, 3, (3840, 2144)),
        (320, 240, 768, (192, 128)),
        (8, 20, 4, (32, 64)),
    ],
)
def test_video_frames_have_the_size_of_the_reference(
    width: int, height: int, frames: int, expected: tuple[int, int]
) -> None:
    assert fit_video_size(width, height, frames, QWEN) == expected


def test_budget_of_a_pair_bounds_video_frames() -> None:
    shown_w, shown_h = fit_video_size(1920, 1080, 8, QWEN, max_tokens=100)
    assert shown_w // 32 * (shown_h // 32) <= 100


def test_frame_pair_holds_each_frame_as_its_own_picture_would() -> None:
    first, second = drawn(200, 123), drawn(201, 122)
    size = (128, 96)
    pair = patch_frame_pair(first, second, QWEN, size).patches.reshape(-1, 3, 2, 16, 16)
    for index, frame in enumerate((first, second)):
        alone = patch_frame_pair(frame, frame, QWEN, size).patches.reshape(-1, 3, 2, 16, 16)
        assert np.array_equal(pair[:, :, index], alone[:, :, 0])


def test_a_frame_doubled_is_what_the_picture_alone_would_be() -> None:
    frame = drawn(200, 123)
    assert np.array_equal(patch_frame_pair(frame, frame, SMALL).patches, patch_image(frame, SMALL).patches)


def test_scales_lead_from_the_model_to_the_pixels_of_the_source() -> None:
    patched = patch_image(drawn(200, 123), SMALL)
    assert patched.source_size == (200, 123)
    assert patched.size == (patched.grid[2] * 16, patched.grid[1] * 16)
    assert patched.size[0] * patched.scale_x == pytest.approx(200)
    assert patched.size[1] * patched.scale_y == pytest.approx(123)
    assert patched.n_tokens == patched.grid[1] * patched.grid[2] // 4


def test_digest_tells_pictures_sizes_and_frames_apart() -> None:
    one, other = drawn(64, 64), drawn(64, 65)
    again = Image(one.pixels.copy(), "renamed.png")
    digests = [
        patch_image(one, SMALL).digest,
        patch_image(one, SMALL, max_tokens=1).digest,
        patch_image(other, SMALL).digest,
        patch_image(one, PreprocessConfig(min_tokens=4, max_tokens=16, mean=(0.4, 0.5, 0.5))).digest,
        patch_frame_pair(one, other, SMALL, (64, 64)).digest,
        patch_frame_pair(other, one, SMALL, (64, 64)).digest,
    ]
    assert len(set(digests)) == len(digests)
    assert patch_image(again, SMALL).digest == digests[0]


def test_means_and_deviations_are_applied_by_channel() -> None:
    pixels = np.full((32, 32, 3), 255, np.uint8)
    config = PreprocessConfig(min_tokens=1, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 0.5))
    values = patch_image(Image(pixels), config).patches.reshape(-1, 3, 2, 16, 16)
    assert [float(values[0, c, 0, 0, 0]) for c in range(3)] == [1.0, 3.0, 2.0]


@pytest.mark.parametrize(("width", "height"), [(201, 1), (1, 201), (5280, 4)])
def test_too_narrow_pictures_are_a_clear_error(width: int, height: int) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    with pytest.raises(InputError) as caught:
        patch_image(Image(pixels, "strip.png"), QWEN)
    assert caught.value.code == "picture_too_narrow"
    assert "strip.png" in caught.value.text("zh")


def test_settings_come_from_the_vision_file() -> None:
    metadata = {
        "clip.vision.patch_size": 8,
        "clip.vision.spatial_merge_size": 4,
        "clip.vision.image_mean": [0.1, 0.2, 0.3],
        "clip.vision.image_std": [0.4, 0.5, 0.6],
    }
    config = PreprocessConfig.from_gguf(metadata)
    assert (config.patch_size, config.merge_size, config.token_side) == (8, 4, 32)
    assert (config.mean, config.std) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


@pytest.mark.parametrize(
    "damage",
    [
        {"clip.vision.patch_size": 0},
        {"clip.vision.patch_size": 4_000_000},
        {"clip.vision.patch_size": "big"},
        {"clip.vision.patch_size": math.inf},
        {"clip.vision.spatial_merge_size": -1},
        {"clip.vision.image_mean": [0.5]},
        {"clip.vision.image_mean": 0.5},
        {"clip.vision.image_std": [0.5, 0.0, 0.5]},
        {"clip.vision.image_std": [0.5, math.nan, 0.5]},
    ],
)
def test_settings_that_cannot_be_are_a_clear_error(damage: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError) as caught:
        PreprocessConfig.from_gguf(damage, "mmproj.gguf")
    assert caught.value.code == "model_truncated"


def test_sizes_that_a_vision_file_names_are_taken():
    config = PreprocessConfig.from_gguf(
        {"clip.vision.image_min_pixels": 48 * 1024, "clip.vision.image_max_pixels": 64 * 1024}
    )
    assert (config.min_tokens, config.max_tokens) == (48, 64)
    assert 48 <= patch_image(Image(np.zeros((600, 900, 3), np.uint8)), config).n_tokens <= 64


def test_sizes_that_cannot_be_are_damage():
    with pytest.raises(ModelFileError):
        PreprocessConfig.from_gguf({"clip.vision.image_min_pixels": 0})
