"""Regions: the parts of pictures that a question is about, as they are written, checked and told.

    region  := [ picture ":" ] number "," number { "," number "," number }
    regions := region { ";" region }

Four numbers are two corners of a box, six and more a polygon; all within 0..1 they are parts of the picture's
size, else pixels of the original. Pictures are counted from 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from jianwei.errors import InputError, Language, Phrase
from jianwei.evidence.views import View
from jianwei.types import Box, Image, Region

MAX_REGIONS = 8
MAX_POINTS = 200
LEAST_SIDE = 2.0
"""Pixels: a region thinner than that shows nothing."""


def language_of(text: str) -> Language:
    """The language to answer a question in: Chinese where it has a Chinese character."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


def parse_regions(text: str, pictures: Sequence[Image]) -> tuple[Region, ...]:
    """Read regions as a form or a command line has them.

    Args:
        text: see above.
        pictures: of the conversation, in order.

    Raises:
        InputError: ``bad_value`` with the reason.
    """
    parts = [part for part in text.split(";") if part.strip()]
    if not parts or len(parts) > MAX_REGIONS:
        raise _bad(text, Phrase(f"1 to {MAX_REGIONS} regions", f"应为 1 到 {MAX_REGIONS} 个区域"))
    return tuple(_parse_region(part, pictures) for part in parts)


def _parse_region(text: str, pictures: Sequence[Image]) -> Region:
    number, colon, points = text.rpartition(":")
    try:
        picture = int(number) - 1 if colon else 0
        values = [float(value) for value in points.split(",")]
    except ValueError as error:
        raise _bad(text, Phrase("it is x1,y1,x2,y2", "格式应为 x1,y1,x2,y2")) from error
    if not 0 <= picture < len(pictures):
        raise _bad(text, Phrase(f"there are {len(pictures)} pictures", f"共有 {len(pictures)} 张图片"))
    if len(values) < 4 or len(values) % 2 or len(values) > 2 * MAX_POINTS:
        raise _bad(
            text,
            Phrase("it has four numbers, or six and more for a polygon", "应为四个数，多边形为六个或更多"),
        )
    if not all(math.isfinite(value) for value in values):
        raise _bad(text, Phrase("its numbers have to be finite", "必须是有限的数"))
    image = pictures[picture]
    if all(0 <= value <= 1 for value in values):
        values = [value * (image.height if i % 2 else image.width) for i, value in enumerate(values)]
    points_ = tuple(zip(values[::2], values[1::2], strict=True))
    return clip(Region(points_, picture), image)


def clip(region: Region, image: Image) -> Region:
    """The region inside its picture; a box gets its top left corner first.

    Raises:
        InputError: ``bad_value`` when nothing, or too little, of it is inside.
    """
    points = region.box if len(region.points) == 2 else None
    corners = ((points[0], points[1]), (points[2], points[3])) if points else region.points
    inside = tuple(
        (min(max(float(x), 0.0), float(image.width)), min(max(float(y), 0.0), float(image.height)))
        for x, y in corners
    )
    clipped = Region(inside, region.picture)
    left, top, right, bottom = clipped.box
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        size = f"{image.width}x{image.height}"
        raise _bad(
            ",".join(f"{value:g}" for point in region.points for value in point),
            Phrase(
                f"it is empty, or outside the picture ({size} pixels)",
                f"区域为空，或在图片之外（图片为 {size} 像素）",
            ),
        )
    return clipped


def describe(
    crops: Sequence[View], numbers: Mapping[int, int], originals: Sequence[Image], first: int, question: str
) -> str:
    """Where the regions lie, before the question and in its language.

    Args:
        crops: the regions as they are shown.
        numbers: at which place, from 1, each whole picture is shown.
        originals: the pictures of the conversation.
        first: the place at which the first region is shown.
        question: in whose language to speak.
    """
    lines: list[str] = []
    chinese = language_of(question) == "zh"
    for place, crop in enumerate(crops, first):
        image = originals[crop.picture]
        left, top, right, bottom = _percent(crop.whole_box, image)
        whole = numbers[crop.picture]
        lines.append(
            f"第{place}张图是第{whole}张图中的一个区域（横向{left}%–{right}%，纵向{top}%–{bottom}%），按原始分辨率放大。"
            if chinese
            else f"Picture {place} is a region of picture {whole} ({left}% to {right}% of its width, "
            f"{top}% to {bottom}% of its height) at full resolution."
        )
    lines.append("请只回答有关该区域的内容：" if chinese else "Answer only about that region: ")
    return "\n".join(lines)


def inside(box: Box, region: Region) -> bool:
    """Whether the middle of a box lies in a region."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top, right, bottom = region.box
    if not (left <= x <= right and top <= y <= bottom):
        return False
    if len(region.points) == 2:
        return True
    # Even-odd rule: a ray to the right crosses the border an odd number of times.
    crossed = False
    for (x1, y1), (x2, y2) in zip(region.points, (*region.points[1:], region.points[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossed = not crossed
    return crossed


_RED_WORDS = (
    "红框",
    "红色框",
    "红色方框",
    "红色的框",
    "红圈",
    "红色矩形",
    "red box",
    "red frame",
    "red rectangle",
    "red circle",
)


def speaks_of_red_box(question: str) -> bool:
    """Whether a question is about what is inside a red box drawn on the picture."""
    plain = question.lower()
    return any(word in plain for word in _RED_WORDS)


_RING = 0.7
"""A ring drawn by hand comes no nearer to its middle than so large a part of the way to the ellipse around it."""

_IN_RED_BOX = re.compile(
    r"(?:这个|那个|该)?红(?:色的?)?(?:方框|矩形|框|圈)(?:里面|内部|中间|里|内|中)?|"
    r"\b(?:inside|within|in)\s+(?:of\s+)?(?:the|a|this|that)\s+red\s+(?:box|frame|rectangle|circle)\b|"
    r"\b(?:the|a|this|that)\s+red\s+(?:box|frame|rectangle|circle)\b",
    re.IGNORECASE,
)


def without_red_box(question: str) -> str:
    """The question asked of the inside of the red box alone: "in the red box" becomes "in the picture"."""

    def of_picture(found: re.Match[str]) -> str:
        if not found[0].isascii():
            return "图中"
        return "the picture" if found[0][:1] in "tTaA" else "in the picture"

    return _IN_RED_BOX.sub(of_picture, question)


def find_red_box(image: Image, picture: int = 0) -> Region | None:
    """The inside of the largest unfilled red rectangle or ellipse drawn on a picture, if there is one.

    It is a polygon, so that nothing of its surroundings is shown with it.

    Red pixels are found by hue; of their connected parts the largest is taken that runs along all four sides
    of its own upright box, or round the ellipse in it, and leaves the inside mostly free.
    """
    import cv2

    hsv = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2HSV)
    low, high = (cv2.inRange(hsv, (hue, 120, 90), (hue + 8, 255, 255)) for hue in (0, 172))
    red = cv2.bitwise_or(low, high)
    # A line that was resampled or compressed has gaps of a pixel.
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    best: tuple[int, Region] | None = None
    least = max(12, min(image.width, image.height) // 50)
    for label in range(1, count):
        left, top, width, height = (int(value) for value in stats[label][:4])
        if width < least or height < least or (best and width * height <= best[0]):
            continue
        part = labels[top : top + height, left : left + width] == label
        thickness = _frame_thickness(part)
        if thickness:
            x1, y1 = float(left + thickness), float(top + thickness)
            x2, y2 = float(left + width - thickness), float(top + height - thickness)
            best = width * height, Region(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), picture)
            continue
        inner = _ring_inside(part)
        if inner:
            best = width * height, Region(_ellipse(left + width / 2, top + height / 2, *inner), picture)
    return best[1] if best else None


def _ring_inside(part: npt.NDArray[np.bool_]) -> tuple[float, float] | None:
    """Half the width and height of the inside of the ring that ``part`` draws in its box; None: it draws none.

    Looked at along rays from the middle: nearly all meet the line once, near the ellipse that touches the box.
    """
    height, width = part.shape
    turns = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    shares = np.linspace(0, 1, max(height, width))
    x = np.clip(width / 2 + np.outer(np.cos(turns), shares) * (width / 2 - 0.5), 0, width - 1).astype(int)
    y = np.clip(height / 2 + np.outer(np.sin(turns), shares) * (height / 2 - 0.5), 0, height - 1).astype(int)
    met = part[y, x]
    first = np.where(met.any(1), shares[met.argmax(1)], 0.0)
    if np.mean(first > _RING) < 0.9:
        return None
    inner = float(np.median(first[first > _RING]))
    return inner * width / 2, inner * height / 2


def _ellipse(x: float, y: float, across: float, down: float) -> tuple[tuple[float, float], ...]:
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return tuple((float(x + across * np.cos(t)), float(y + down * np.sin(t))) for t in turns)


def _frame_thickness(part: npt.NDArray[np.bool_]) -> int:
    """How thick the frame is that ``part`` draws along its own borders, in pixels; 0: it draws none."""
    height, width = part.shape
    most = max(2, min(height, width) // 4)
    covered = next((depth for depth in range(1, most + 1) if _along_all_sides(part, depth)), None)
    if covered is None:
        return 0
    # The strips have met the line; it goes on as far as the next rows and columns are full.
    for thickness in range(covered, most + 1):
        inner = part[thickness:-thickness, thickness:-thickness]
        if not inner.size:
            return 0
        if inner[0].mean() <= 0.5 or inner[:, 0].mean() <= 0.5:
            return thickness if inner.mean() < 0.3 else 0
    return 0


def _along_all_sides(part: npt.NDArray[np.bool_], depth: int) -> bool:
    """Whether strips of ``depth`` pixels along all four borders hold a line from end to end."""
    strips = (
        part[:depth].any(0),
        part[-depth:].any(0),
        part[:, :depth].any(1),
        part[:, -depth:].any(1),
    )
    return all(float(np.mean(strip)) > 0.9 for strip in strips)


def _percent(box: Box, image: Image) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (
        round(100 * left / image.width),
        round(100 * top / image.height),
        round(100 * right / image.width),
        round(100 * bottom / image.height),
    )


def _bad(got: str, reason: Phrase) -> InputError:
    return InputError("bad_value", name="region", got=got[:80], reason=reason)
