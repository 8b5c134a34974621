"""Mends bad photos before they are read and looked at: measures first, mends only what is broken, says both.

In ``auto`` a mended picture is kept only if OCR reads it better than the original (or, for mends that only move
things, not worse), so that a good picture never loses by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from jianwei.errors import Language, Phrase
from jianwei.evidence.geometry import PixelMap
from jianwei.evidence.mend import GEOMETRY, mend, page_of
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.quality import Quality, measure
from jianwei.types import Image

Mode = Literal["auto", "on"]
Read = Callable[[Image], Sequence[OcrLine]]
Turned = Callable[[Image], int]

LOW_CONTRAST = 0.3
VERY_LOW_CONTRAST = 0.15
DARK = 0.3
DEEP_SHADOW = 0.5
BLURRED = 1.2
VERY_BLURRED = 2.0
"""Half the pixels across still hold all that can be seen then, with less of the grain that sharpening raises."""

NOISY = 0.05
"""Of the contrast."""
SKEWED = 1.0
"""Degrees."""
SMALL_TEXT = 11.0
"""Pixels."""

_GAIN = 1.01
"""A change of light has to be read at least so much better; it is no change else."""

_LOSS = 0.98
"""A change of place may be read so much worse: other crops give other scores."""

_SAID: dict[str, Phrase] = {
    "dark": Phrase("it is dark", "画面偏暗"),
    "low_contrast": Phrase("its contrast is low", "对比度低"),
    "shadow": Phrase("there is a shadow on it", "有阴影"),
    "blurred": Phrase("it is blurred", "画面模糊"),
    "noisy": Phrase("it is grainy", "噪点多"),
    "skewed": Phrase("it is askew", "画面倾斜"),
    "small_text": Phrase("its text is small", "文字很小"),
    "denoise": Phrase("grain smoothed", "去噪"),
    "stretch": Phrase("light and contrast spread", "拉伸亮度与对比度"),
    "shadow_removed": Phrase("shadow removed", "去阴影"),
    "local_contrast": Phrase("local contrast raised", "增强局部对比度"),
    "sharpen": Phrase("sharpened", "去模糊"),
    "deblur": Phrase("sharpened far", "强力去模糊"),
    "shrink": Phrase("made smaller", "缩小"),
    "upscale": Phrase("enlarged", "放大"),
    "straighten": Phrase("page brought flat", "透视矫正"),
    "deskew": Phrase("lines made level", "校正倾斜"),
    "turn90": Phrase("turned by a quarter", "旋转 90°"),
    "turn180": Phrase("turned upside down", "旋转 180°"),
    "turn270": Phrase("turned by three quarters", "旋转 270°"),
}


@dataclass(frozen=True, eq=False)
class Mended:
    """A picture as it is to be shown.

    Attributes:
        image: mended, or the original itself.
        way: from the original's pixels to its.
        found: measures of the original.
        did: names of the mends, in order; empty: nothing.
    """

    image: Image
    way: PixelMap
    found: Quality
    did: tuple[str, ...]

    def said(self, language: Language) -> str:
        """What was found and done, as a sentence."""
        here = 1 if language == "zh" else 0
        faults = [_SAID[name][here] for name in faults_of(self.found, self.did)]
        done = [_SAID["shadow_removed" if name == "shadow" else name][here] for name in self.did]
        if here:
            found = "、".join(faults) if faults else "图片质量良好"
            return f"{found}；{'已处理：' + '、'.join(done) if done else '未作处理'}。"
        found = ", ".join(faults) if faults else "the picture is good"
        return (
            f"{found[0].upper()}{found[1:]}; {'done: ' + ', '.join(done) if done else 'nothing was changed'}."
        )


def enhance(image: Image, mode: Mode, read: Read, turned: Turned) -> Mended:
    """Measure a picture and mend what is broken.

    Args:
        image: the original.
        mode: ``auto`` keeps a mend only if OCR reads no worse after it; ``on`` does not ask.
        read: OCR.
        turned: by how many degrees clockwise (0, 90, 180, 270) its text stands.
    """
    lines = read(image)
    found = _measured(image, lines)
    best = Mended(image, PixelMap.identity(image.width, image.height), found, ())
    worth = _worth(lines)
    for did in _tone_plans(found):
        tried, read_after = _tried(image, found, did, read)
        if read_after >= (worth if best.did else _least(worth, found, did, mode)):
            best, worth = tried, read_after
    if best.did and "deskew" not in best.did:
        # In better light more lines are read, and their angle with them.
        relit = _measured(best.image, read(best.image))
        found = Quality(**{**found.to_dict(), "skew": relit.skew})
        best = Mended(best.image, best.way, found, best.did)
    for names in _geometry_plans(best, turned):
        did = (*best.did, *names)
        tried, read_after = _tried(image, found, did, read)
        if not tried.way.is_identity and (mode == "on" or read_after >= worth * _LOSS):
            return tried
    return best


def faults_of(found: Quality, did: Sequence[str] = ()) -> list[str]:
    """Names of what is bad about a picture with these measures, and of what was mended by looking at it."""
    faults: list[str] = []
    if found.light < DARK:
        faults.append("dark")
    if found.contrast < LOW_CONTRAST:
        faults.append("low_contrast")
    if found.shadow > DEEP_SHADOW:
        faults.append("shadow")
    if found.blur > BLURRED:
        faults.append("blurred")
    if found.noise > NOISY * 255 * max(found.contrast, 0.02):
        faults.append("noisy")
    if abs(found.skew) > SKEWED or any(name in GEOMETRY for name in did):
        faults.append("skewed")
    if 0 < found.text_height < SMALL_TEXT:
        faults.append("small_text")
    return faults


def _measured(image: Image, lines: Sequence[OcrLine]) -> Quality:
    return measure(image, [line.quad for line in lines])


def _least(worth: float, found: Quality, did: Sequence[str], mode: Mode) -> float:
    """How well a picture in mended light has to be read to be kept, where the original is read so well."""
    if mode == "on":
        return 0.0
    if "sharpen" not in did and found.contrast < VERY_LOW_CONTRAST:
        return worth  # OCR may manage, but who looks at it sees hardly anything
    return max(worth * _GAIN, worth + 0.5)


def _tone_plans(found: Quality) -> list[tuple[str, ...]]:
    """What to try for light and sharpness, the fullest first."""
    faults = faults_of(found)
    steps: list[str] = []
    weak = "low_contrast" in faults or "dark" in faults
    # Spreading so little contrast spreads the grain and the steps of JPEG with it.
    if ("noisy" in faults or found.contrast < VERY_LOW_CONTRAST) and "blurred" not in faults:
        steps.append("denoise")
    if weak:
        steps.append("stretch")
    if "shadow" in faults and not weak:
        steps += ["shadow", "local_contrast"]
    if "blurred" in faults:
        steps.append("sharpen")
    if "small_text" in faults and "blurred" not in faults:
        steps.append("upscale")
    plans = [tuple(steps)]
    if found.blur > VERY_BLURRED:
        plans.append((*steps, "shrink"))
        plans.append((*(name for name in steps if name != "sharpen"), "deblur", "shrink"))
    if "sharpen" in steps and len(steps) > 1:
        plans.append(tuple(name for name in steps if name != "sharpen"))
    return [plan for plan in plans if plan]


def _geometry_plans(best: Mended, turned: Turned) -> list[tuple[str, ...]]:
    """What to try for place: the page brought flat, or its lines level; with a quarter turn where text wants it."""
    plans: list[tuple[str, ...]] = []
    level: tuple[str, ...] = ("deskew",) if abs(best.found.skew) > SKEWED else ()
    starts = [("straighten",), level] if page_of(best.image) is not None else [level]
    for start in starts:
        levelled, _ = mend(best.image, best.found, start)
        degrees = turned(levelled) % 360
        turn = (f"turn{360 - degrees}",) if degrees else ()
        if start or turn:
            plans.append((*start, *turn))
    return plans


def _tried(image: Image, found: Quality, did: tuple[str, ...], read: Read) -> tuple[Mended, float]:
    mended, way = mend(image, found, did)
    return Mended(mended, way, found, did), _worth(read(mended))


def _worth(lines: Sequence[OcrLine]) -> float:
    """How much was read, and how surely: characters, each counted by the square of its line's score."""
    return sum(len("".join(line.text.split())) * line.score**2 for line in lines)
