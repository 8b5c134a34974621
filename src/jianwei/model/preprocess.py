"""From a picture to the patches that the vision tower takes, as Qwen3-VL's image processor makes them.

Knows pixels, sizes and patch order; knows neither tokens nor the tower. Reference:
``transformers/models/qwen2_vl/image_processing_pil_qwen2_vl.py`` (which Qwen3-VL uses with patches of 16);
for the size of video frames ``transformers/models/qwen3_vl/video_processing_qwen3_vl.py``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from jianwei.config import MAX_ASPECT_RATIO
from jianwei.errors import InputError, ModelFileError, Phrase
from jianwei.model.prune import Groups, kept_groups
from jianwei.types import Image

Patches = npt.NDArray[np.float32]

MAX_PATCH_SIZE, MAX_MERGE_SIZE = 64, 8
"""More than any vision tower has: what lies beyond is a damaged file."""


@dataclass(frozen=True)
class PreprocessConfig:
    """How pictures become patches; the defaults are Qwen3-VL's (its ``preprocessor_config.json``).

    Attributes:
        patch_size: side of one patch in pixels.
        merge_size: patches on each side of the group that becomes one visual token.
        temporal_patch_size: frames in one patch; a still picture stands in all of them.
        mean, std: of each channel, for pixels scaled to 0..1.
        min_tokens, max_tokens: visual tokens that one picture may become.
        max_video_tokens: visual tokens that all frame pairs of one video may become together.
    """

    patch_size: int = 16
    merge_size: int = 2
    temporal_patch_size: int = 2
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    min_tokens: int = 64
    max_tokens: int = 16384
    max_video_tokens: int = 12288

    @property
    def token_side(self) -> int:
        """Side of one visual token in pixels: sizes are rounded to multiples of it."""
        return self.patch_size * self.merge_size

    @classmethod
    def from_gguf(cls, metadata: Mapping[str, Any], name: str = "mmproj") -> PreprocessConfig:
        """Reads patch and merge size, mean, deviation and sizes from a vision file's ``clip.vision.*`` keys.

        Raises:
            ModelFileError: ``model_truncated`` when they cannot be; ``name`` is the file's.
        """
        try:
            patch_size = int(metadata.get("clip.vision.patch_size", cls.patch_size))
            merge_size = int(metadata.get("clip.vision.spatial_merge_size", cls.merge_size))
            token_pixels = max(1, (patch_size * merge_size) ** 2)
            found = cls(
                patch_size=patch_size,
                merge_size=merge_size,
                min_tokens=int(metadata.get("clip.vision.image_min_pixels", cls.min_tokens * token_pixels))
                // token_pixels,
                max_tokens=int(metadata.get("clip.vision.image_max_pixels", cls.max_tokens * token_pixels))
                // token_pixels,
                mean=_three(metadata.get("clip.vision.image_mean", cls.mean)),
                std=_three(metadata.get("clip.vision.image_std", cls.std)),
            )
            usable = 0 < found.patch_size <= MAX_PATCH_SIZE and 0 < found.merge_size <= MAX_MERGE_SIZE
            usable = usable and 0 < found.min_tokens <= found.max_tokens
            usable = (
                usable and all(map(math.isfinite, found.mean)) and all(0 < v < math.inf for v in found.std)
            )
        except (TypeError, ValueError, OverflowError):
            usable = False
            found = cls()
        if not usable:
            reason = Phrase("its settings for pictures cannot be", "图片预处理参数有误")
            raise ModelFileError("model_truncated", name=name, reason=reason)
        return found


def _three(values: Any) -> tuple[float, float, float]:
    """One number for each channel; raises ``TypeError`` or ``ValueError`` for anything else."""
    red, green, blue = values
    return float(red), float(green), float(blue)


@dataclass(frozen=True)
class ShownAs:
    """How one picture is shown: its budget of visual tokens, and ``patch_image``'s ``tolerance``."""

    max_tokens: int
    tolerance: int | None = None


@dataclass(frozen=True, eq=False)
class PatchedImage:
    """A picture, or a pair of video frames, ready for the vision tower.

    Attributes:
        patches: ``[n, 3 * temporal_patch_size * patch_size**2]`` float32, normalized, of all ``grid_h * grid_w``
            patches or of the kept groups'; those of a merge group are adjacent; within a patch: channel, frame,
            row, column.
        grid: ``(1, grid_h, grid_w)`` in patches, of the whole picture.
        size: ``(width, height)`` in pixels as shown to the model.
        source_size: ``(width, height)`` in pixels before resizing.
        n_tokens: visual tokens it becomes.
        digest: SHA-256 (hex) over the source pixels and everything else here.
        kept: the merge groups that are shown, counted row by row, in order; None: all.
        merge_size: patches on each side of a merge group.
    """

    patches: Patches
    grid: tuple[int, int, int]
    size: tuple[int, int]
    source_size: tuple[int, int]
    n_tokens: int
    digest: str
    kept: Groups | None = None
    merge_size: int = 2

    @property
    def token_grid(self) -> tuple[int, int]:
        """Rows and columns of the whole picture in merge groups; each that is kept is one visual token."""
        _, height, width = self.grid
        return height // self.merge_size, width // self.merge_size

    @property
    def n_pruned(self) -> int:
        """Merge groups that were left out."""
        rows, columns = self.token_grid
        return rows * columns - self.n_tokens

    @property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Which merge groups, counted row by row, are shown: ``[rows * columns]``."""
        rows, columns = self.token_grid
        if self.kept is None:
            return np.ones(rows * columns, bool)
        shown = np.zeros(rows * columns, bool)
        shown[self.kept] = True
        return shown

    @property
    def scale_x(self) -> float:
        """Pixels of the source for one pixel shown to the model, along the width."""
        return self.source_size[0] / self.size[0]

    @property
    def scale_y(self) -> float:
        """Pixels of the source for one pixel shown to the model, along the height."""
        return self.source_size[1] / self.size[1]


def fit_size(
    width: int, height: int, config: PreprocessConfig, *, max_tokens: int | None = None, name: str = "image"
) -> tuple[int, int]:
    """The ``(width, height)`` in pixels at which the model sees a picture of ``width`` x ``height`` pixels.

    Both are multiples of ``token_side``, near the picture's proportions, and within the budget of visual
    tokens (``smart_resize``). A long and thin picture may go over the budget: no side is under one token.

    Args:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        config: the budget.
        max_tokens: the upper end of the budget in place of the one in ``config``.
        name: what the user called the picture, for the error.

    Raises:
        InputError: ``picture_too_narrow`` when one side is more than 200 times the other.
    """
    side = config.token_side
    most = (config.max_tokens if max_tokens is None else max(1, max_tokens)) * side * side
    least = min(config.min_tokens * side * side, most)
    _check_aspect(width, height, name)
    # Python's round() halves to even, as in the reference.
    fitted = round(width / side) * side, round(height / side) * side
    return _scale_to_budget(
        width, height, fitted=fitted, least=least, most=most, side=side, frames=1, counted_frames=1
    )


def fit_video_size(
    width: int,
    height: int,
    n_frames: int,
    config: PreprocessConfig,
    *,
    max_tokens: int | None = None,
    name: str = "video",
) -> tuple[int, int]:
    """The ``(width, height)`` in pixels at which the model sees each frame of a video.

    As Qwen3-VL's video processor: the budget is shared by all frames, so a long video has smaller frames.

    Args:
        width: of one frame, in pixels.
        height: of one frame, in pixels.
        n_frames: frames taken from the video, before the last is doubled to make the number even.
        config: the budget of the whole video.
        max_tokens: at most so many visual tokens for one pair of frames.
        name: for the error.

    Raises:
        InputError: ``picture_too_narrow`` as for ``fit_size``.
    """
    side, pair = config.token_side, config.temporal_patch_size
    n_frames = max(n_frames, pair)
    if height < side or width < side:
        grow = max(side / height, side / width)
        width, height = int(width * grow), int(height * grow)
    _check_aspect(width, height, name)
    counted = round(n_frames / pair) * pair
    most = config.max_video_tokens * pair * side * side
    if max_tokens is not None:
        most = min(most, max(1, max_tokens) * side * side * counted)
    least = min(4 * side * side, most)  # ``size.shortest_edge`` of the video processor: 4096 pixels
    fitted = round(width / side) * side, round(height / side) * side
    return _scale_to_budget(
        width,
        height,
        fitted=fitted,
        least=least,
        most=most,
        side=side,
        frames=n_frames,
        counted_frames=counted,
    )


def patch_image(
    image: Image, config: PreprocessConfig, max_tokens: int | None = None, tolerance: int | None = None
) -> PatchedImage:
    """Resizes one picture (bicubic, antialiased), normalizes it and cuts it into patches.

    Args:
        image: the picture.
        config: how.
        max_tokens: its budget of visual tokens in place of the one in ``config``.
        tolerance: leave out what repeats its neighbours, as ``prune.kept_groups``; None: keep everything.

    Raises:
        InputError: ``picture_too_narrow`` when one side is more than 200 times the other.
    """
    size = fit_size(image.width, image.height, config, max_tokens=max_tokens, name=image.name)
    return _patch((image,), size, config, tolerance)


def patch_frame_pair(
    first: Image, second: Image, config: PreprocessConfig, size: tuple[int, int] | None = None
) -> PatchedImage:
    """Makes one group of patches from two video frames, shown at ``size`` (default: as a picture would be).

    Raises:
        InputError: ``picture_too_narrow``, when no size is given, as ``fit_size``.
    """
    if size is None:
        size = fit_size(first.width, first.height, config, name=first.name)
    return _patch((first, second), size, config)


def _check_aspect(width: int, height: int, name: str) -> None:
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise InputError("picture_too_narrow", name=name, got=f"{width}x{height}", limit=MAX_ASPECT_RATIO)


def _scale_to_budget(
    width: int,
    height: int,
    *,
    fitted: tuple[int, int],
    least: int,
    most: int,
    side: int,
    frames: int,
    counted_frames: int,
) -> tuple[int, int]:
    """The common end of both ``smart_resize``: between ``least`` and ``most`` pixels in all frames."""
    area = fitted[0] * fitted[1] * counted_frames
    if area < least:
        grow = math.sqrt(least / (frames * height * width))
        fitted = math.ceil(width * grow / side) * side, math.ceil(height * grow / side) * side
        area = fitted[0] * fitted[1] * counted_frames
    # Growing rounds up: too much where the budget is near the least size (the reference lets that be).
    if area > most:
        shrink = math.sqrt(frames * height * width / most)
        fitted = (
            max(side, math.floor(width / shrink / side) * side),
            max(side, math.floor(height / shrink / side) * side),
        )
    return fitted


def _patch(
    frames: Sequence[Image], size: tuple[int, int], config: PreprocessConfig, tolerance: int | None = None
) -> PatchedImage:
    """Patches of one still picture or of a pair of frames; what repeats is left out of still ones only."""
    width, height = size
    patch, merge, depth = config.patch_size, config.merge_size, config.temporal_patch_size
    grid_h, grid_w = height // patch, width // patch
    # [groups down, groups across, 2, 2, channel, frame, row, column]
    patches = np.empty((grid_h // merge, grid_w // merge, merge, merge, 3, depth, patch, patch), np.float32)
    tables = _normalized_values(config)
    kept: Groups | None = None
    for index, frame in enumerate(frames):
        pixels = _resize(frame, size)
        if tolerance is not None:
            kept = kept_groups(pixels, config.token_side, tolerance)
        groups = pixels.reshape(grid_h // merge, merge, patch, grid_w // merge, merge, patch, 3)
        for channel in range(3):
            # [group row, row in group, y, group column, column in group, x] -> merge-group order
            ordered = groups[..., channel].transpose(0, 3, 1, 4, 2, 5)
            patches[:, :, :, :, channel, index] = tables[channel][ordered]
    for index in range(len(frames), depth):
        patches[:, :, :, :, :, index] = patches[:, :, :, :, :, len(frames) - 1]
    source = hashlib.sha256(f"{width}x{height};{config};".encode())
    for frame in frames:
        source.update(frame.digest.encode())
    n_tokens = grid_h * grid_w // merge**2
    if kept is not None and len(kept) < n_tokens:
        # Embeddings depend on what else is shown, not on the tolerance that chose it.
        source.update(kept.tobytes())
        n_tokens = len(kept)
    else:
        kept = None
    groups = patches.reshape(-1, merge**2, 3 * depth * patch**2)
    return PatchedImage(
        patches=(groups if kept is None else groups[kept]).reshape(-1, groups.shape[-1]),
        grid=(1, grid_h, grid_w),
        size=size,
        source_size=(frames[0].width, frames[0].height),
        n_tokens=n_tokens,
        digest=source.hexdigest(),
        kept=kept,
        merge_size=merge,
    )


def _resize(image: Image, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    if (image.width, image.height) == size:
        return image.pixels
    resized = PillowImage.fromarray(image.pixels).resize(size, PillowImage.Resampling.BICUBIC)
    return np.asarray(resized)


def _normalized_values(config: PreprocessConfig) -> npt.NDArray[np.float32]:
    """``[3, 256]``: what each channel's 256 pixel values become; a table lookup is faster than arithmetic.

    The roundings are the reference's: product in float64, then float32 throughout.
    """
    scaled = (np.arange(256) * (1 / 255)).astype(np.float32)
    mean, std = np.array(config.mean, np.float32)[:, None], np.array(config.std, np.float32)[:, None]
    return (scaled - mean) / std
