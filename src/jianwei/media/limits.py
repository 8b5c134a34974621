"""What a picture may measure. Kept apart from ``config`` so that the sandbox's children need not load it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jianwei.errors import InputError

if TYPE_CHECKING:
    from jianwei.config import Settings

MEGABYTE = 2**20


@dataclass(frozen=True)
class PictureLimits:
    """Limits of one picture.

    Attributes:
        max_bytes: size of the file.
        max_pixels: width times height.
        min_side: shorter side in pixels.
        max_aspect: longer side over shorter side.
    """

    max_bytes: int
    max_pixels: int
    min_side: int
    max_aspect: int

    @classmethod
    def from_settings(cls, settings: Settings) -> PictureLimits:
        """The limits that ``settings`` (and the constants beside it) state."""
        from jianwei.config import MAX_ASPECT_RATIO, MIN_PICTURE_SIDE

        return cls(
            max_bytes=settings.max_upload * MEGABYTE,
            max_pixels=settings.max_pixels * 1_000_000,
            min_side=MIN_PICTURE_SIDE,
            max_aspect=MAX_ASPECT_RATIO,
        )

    def check_file(self, n_bytes: int, name: str) -> None:
        """Refuse a file of ``n_bytes`` that is empty or too large.

        Raises:
            InputError: ``empty_file`` or ``picture_too_large``.
        """
        if n_bytes == 0:
            raise InputError("empty_file", name=name)
        if n_bytes > self.max_bytes:
            raise InputError(
                "picture_too_large", name=name, got=_megabytes(n_bytes), limit=_megabytes(self.max_bytes)
            )

    def check_size(self, width: int, height: int, name: str) -> None:
        """Refuse a picture of ``width`` x ``height`` pixels that is too small, too large or too narrow.

        Raises:
            InputError: ``picture_too_small``, ``picture_too_large`` or ``picture_too_narrow``.
        """
        size = f"{width}x{height}"
        if min(width, height) < self.min_side:
            raise InputError("picture_too_small", name=name, got=size, limit=self.min_side)
        if width * height > self.max_pixels:
            raise InputError(
                "picture_too_large",
                name=name,
                got=f"{size} ({width * height / 1e6:.1f} MP)",
                limit=f"{self.max_pixels / 1e6:g} MP",
            )
        if max(width, height) > self.max_aspect * min(width, height):
            raise InputError("picture_too_narrow", name=name, got=size, limit=self.max_aspect)


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / MEGABYTE:.1f} MB"
