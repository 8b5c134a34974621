"""Finds the fonts that scenes are written in, on the machine that draws them.

Looked for in the folder named by ``JIANWEI_FONTS``, then where systems keep fonts. Latin text can always be
drawn, for Pillow brings a font of its own. Chinese needs an installed one; without it there is a clear error.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from random import Random

from PIL import ImageFont

from jianwei.errors import InputError
from jianwei.scenes.scene import Language, Split

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)

_FILES: dict[Language, dict[Split, tuple[str, ...]]] = {
    "zh": {
        "train": (
            "NotoSansCJK-Regular.ttc",
            "NotoSansCJK-Bold.ttc",
            "wqy-zenhei.ttc",
            "uming.ttc",
            "NotoSansSC-*.otf",
            "msyh.ttc",
            "PingFang.ttc",
        ),
        "test": (
            "NotoSerifCJK-Regular.ttc",
            "NotoSerifCJK-Bold.ttc",
            "wqy-microhei.ttc",
            "ukai.ttc",
            "simsun.ttc",
            "STHeiti*.ttc",
        ),
    },
    "en": {
        "train": (
            "DejaVuSans.ttf",
            "DejaVuSans-Bold.ttf",
            "DejaVuSansMono.ttf",
            "LiberationSans-Regular.ttf",
            "LiberationSans-Bold.ttf",
            "LiberationMono-Regular.ttf",
            "Arial.ttf",
        ),
        "test": (
            "LiberationSerif-Regular.ttf",
            "LiberationSerif-Bold.ttf",
            "DejaVuSerif.ttf",
            "LiberationSansNarrow-Regular.ttf",
            "Times New Roman.ttf",
        ),
    },
}
"""File names by language and split; all but the last of each row are free fonts of Debian and Ubuntu."""

_HANDS: dict[Language, dict[Split, tuple[str, ...]]] = {
    "zh": {
        "train": ("LXGWWenKai-Regular.ttf", "LXGWWenKai-Light.ttf", "Kaiti.ttc", "STXINGKA.TTF"),
        "test": ("ukai.ttc", "simkai.ttf", "STKaiti*.ttf"),
    },
    "en": {
        "train": ("dkg.ttf", "SteveHand.ttf", "ComicNeue-Regular.otf"),
        "test": ("Breip.ttf", "LiberationSerif-Italic.ttf"),
    },
}
"""The same for what is written by hand: fonts drawn after handwriting, most of them in Debian and Ubuntu."""

_SIMPLIFIED_FACE = {"NotoSansCJK": 2, "NotoSerifCJK": 2}
"""Faces within a collection; every other collection has its simplified face first."""

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=1)
def _installed() -> dict[str, Path]:
    """File name to path of every font file on this machine."""
    folders = [Path(os.environ["JIANWEI_FONTS"])] if os.environ.get("JIANWEI_FONTS") else []
    folders += [Path(folder).expanduser() for folder in _FOLDERS]
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.rglob("*.[to]t[fc]")):
                found.setdefault(path.name, path)
    return found


@lru_cache(maxsize=16)
def available(language: Language, split: Split) -> tuple[Path, ...]:
    """The fonts of a split that are here; those of the other split where it has none."""
    return _of(_FILES[language][split]) or _of(_FILES[language]["test" if split == "train" else "train"])


@lru_cache(maxsize=16)
def hands(language: Language, split: Split) -> tuple[Path, ...]:
    """The fonts like handwriting that are here, and the printed ones of the split where it has none."""
    return _of(_HANDS[language][split]) or available(language, split)


def names(language: Language, split: Split) -> dict[str, list[str]]:
    """File names of what scenes are written in here: ``print`` and ``hand``, the latter empty where none is installed.

    Figures of two machines are comparable only where these are the same: homework in print is read far better.
    """
    found = {"print": available(language, split), "hand": _of(_HANDS[language][split])}
    return {kind: [path.name for path in paths] for kind, paths in found.items()}


def _of(names: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(
        path for name, path in sorted(_installed().items()) if any(Path(name).match(n) for n in names)
    )


@lru_cache(maxsize=256)
def _open(path: Path, size: int) -> Font:
    face = next((index for name, index in _SIMPLIFIED_FACE.items() if path.name.startswith(name)), 0)
    return ImageFont.truetype(str(path), size, index=face)


@lru_cache(maxsize=64)
def _own(size: int) -> Font:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise InputError("scene_font_missing", name="FreeType")
    return font


class Face:
    """One typeface in all sizes."""

    def __init__(self, path: Path | None) -> None:
        """A face of a font file, or Pillow's own."""
        self._path = path

    @property
    def name(self) -> str:
        """The file's name, for records."""
        return self._path.name if self._path else "Pillow"

    def at(self, size: float) -> Font:
        """The font ``size`` pixels high."""
        pixels = max(6, round(size))
        return _open(self._path, pixels) if self._path else _own(pixels)


def pick(rng: Random, language: Language, split: Split, *, by_hand: bool = False) -> Face:
    """One of the split's fonts for a language, like print or like handwriting.

    Raises:
        InputError: ``scene_font_missing`` when Chinese is wanted and no known font is installed.
    """
    found = (hands if by_hand else available)(language, split)
    if found:
        return Face(rng.choice(found))
    if language == "en":
        return Face(None)
    raise InputError("scene_font_missing", name="Noto Sans CJK")
