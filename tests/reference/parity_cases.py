"""Conversations with drawn pictures, for which ``transformers`` and Jianwei must compute the same.

Pictures are drawn by integer arithmetic from a seed, so that only what was computed with them is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

MIN_TOKENS, MAX_TOKENS = 1, 256
"""Budget of a picture in visual tokens."""
GENERATED = 64
"""Tokens generated after each prompt."""


@dataclass(frozen=True)
class Picture:
    """A drawn picture, sizes in pixels."""

    width: int
    height: int
    seed: int

    def pixels(self) -> npt.NDArray[np.uint8]:
        """``[height, width, 3]``: shades, blocks, fine lines and noise."""
        y, x = np.mgrid[: self.height, : self.width].astype(np.int64)
        a, b, c = (self.seed * 37) % 101 + 3, (self.seed * 59) % 89 + 5, (self.seed * 73) % 97 + 7
        red = (x * a // 3 + y * b // 5 + ((x // 24 + y // 16) % 2) * c) % 256
        green = ((x // (a % 11 + 3) + y // (b % 13 + 2)) % 3) * 110 + (x * y) % 31
        blue = (x * x * a + y * y * b + x * y * c) % 256
        return np.stack([red, green, blue], axis=-1).astype(np.uint8)


@dataclass(frozen=True)
class Page(Picture):
    """A plain picture with a few things on it, of which much can be left out.

    Attributes:
        printed: merge groups (squares of 32 pixels, counted row by row) that are drawn full.
        line: row, first and last column in pixels of a straight line.
        kept: the groups that pruning keeps where nothing but equal pixels may go.
    """

    printed: tuple[int, ...] = ()
    line: tuple[int, int, int] = (0, 0, 0)
    kept: tuple[int, ...] = ()

    def pixels(self) -> npt.NDArray[np.uint8]:
        """``[height, width, 3]``."""
        drawn = super().pixels()
        page = np.full_like(drawn, 250)
        row, first, last = self.line
        page[row : row + 2, first:last] = 40
        for group in self.printed:
            y, x = group // (self.width // 32) * 32, group % (self.width // 32) * 32
            page[y : y + 32, x : x + 32] = drawn[y : y + 32, x : x + 32]
        return page


@dataclass(frozen=True)
class Clip:
    """Frames of a video: drawn pictures of one size, and their times in seconds."""

    frames: tuple[Picture, ...]
    times: tuple[float, ...]


Part: TypeAlias = str | Picture | Clip
Role: TypeAlias = Literal["system", "user", "assistant"]
Turn: TypeAlias = tuple[Role, tuple[Part, ...]]
"""Who speaks, and what."""

_EIGHT_FRAMES = Clip(tuple(Picture(96, 64, 40 + i) for i in range(8)), tuple(i * 0.5 for i in range(8)))

CASES: dict[str, tuple[Turn, ...]] = {
    "text_only": (
        ("system", ("You answer in one short sentence.",)),
        ("user", ("What is 12.5 × 3, and why? 请用中文说明，一二三。",)),
    ),
    "one_picture": (("user", (Picture(128, 96, 1), "这张图片里的箱子哪里破损了？请说明位置和尺寸。")),),
    "two_pictures": (
        (
            "user",
            (Picture(96, 96, 2), "and", Picture(64, 160, 3), "What is different? 左右两张图片有什么不同？"),
        ),
    ),
    "non_square": (("user", ("图：", Picture(320, 64, 4), "What colour is the second box from the right?")),),
    "smallest": (("user", (Picture(32, 32, 5), "颜色？")),),
    "largest": (("user", (Picture(700, 500, 6), "How many boxes are in this picture? 有几个箱子？")),),
    "video": (("user", (_EIGHT_FRAMES, "第几秒有红色的物体？ When does the red box come in?")),),
    "history": (
        ("system", ("请只说看见的。",)),
        ("user", (Picture(96, 64, 7), "What is in the upper left corner?")),
        ("assistant", ("A red box, 价格 29.9 元。",)),
        ("user", ("它的右边是什么？",)),
        ("assistant", ("两个蓝色的物体。\nAnd a number: 3048.",)),
        ("user", (Picture(64, 96, 8), "And in this one?")),
    ),
}

_LETTER = Page(
    256,
    192,
    11,
    printed=(10, 11, 12, 18, 19, 20, 37),
    line=(106, 16, 200),
    # Corners, what is printed, the line's two ends with the first group in its middle, and of plain ground the two
    # groups that have neither on their left nor above them any other.
    kept=(0, 7, 10, 11, 12, 18, 19, 20, 24, 25, 30, 32, 37, 38, 40, 47),
)
_NOTE = Page(96, 160, 12, printed=(4, 7), kept=(0, 2, 4, 7, 12, 14))

PRUNED: dict[str, tuple[Turn, ...]] = {
    "page": (("user", (_LETTER, "这一页的标题是什么？ What is the title?")),),
    "pages": (
        ("user", (Picture(64, 64, 13), _LETTER, "Which page is this?")),
        ("assistant", ("第 2 页。",)),
        ("user", (_NOTE, "And what does the note say? 便条上写着什么？")),
    ),
}
"""Conversations in which parts of pictures that repeat their neighbours are left out before the tower."""
