"""Whether ``enhance=auto`` helps bad photos and leaves good ones alone, judged by OCR on drawn scenes.

Every scene is read as it is and as four bad copies of it: blurred, dark, of low contrast, askew. The copies are
so bad that OCR alone loses a good part of the text: its detector copes with milder ones by itself. Text counts as
read when a row of it stands exactly, in order, on one row of what was read, because a label without its value
answers nothing. ``python -m jianwei.evals.enhance_task [scenes] [seed] [copies]`` prints the table.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from jianwei.evals.scoring import normalize
from jianwei.evals.tally import resampled
from jianwei.evidence.enhance import enhance
from jianwei.evidence.geometry import PixelMap
from jianwei.evidence.mend import warp
from jianwei.evidence.ocr import OcrLine, OcrReader, reading_rows
from jianwei.scenes import families
from jianwei.scenes.scene import Language, PlacedText
from jianwei.types import Image

FAMILIES = ("forms", "shelves")
"""Drawn upright and well lit, most of what they show is text."""

Pixels = npt.NDArray[np.uint8]


@dataclass
class Tally:
    """Rows of text read exactly.

    Attributes:
        rows: how many there are.
        off, auto: how many of them are read without and with ``enhance=auto``.
        changed: pictures that were changed.
        pictures: how many there are.
        worse: pictures of which less is read with ``auto``.
        did: how often each mend was kept.
        each: of every picture, its rows, and how many of them are read without and with it.
    """

    rows: int = 0
    off: int = 0
    auto: int = 0
    changed: int = 0
    pictures: int = 0
    worse: int = 0
    did: dict[str, int] = field(default_factory=dict[str, int])
    each: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    @property
    def gain(self) -> tuple[float, float, float]:
        """Percentage points by which more rows are read with it, and the 95% interval of that.

        Rows of one picture stand or fall together, so pictures are drawn anew for it, not rows.
        """

        def points(pictures: Sequence[tuple[int, int, int]]) -> float:
            rows = sum(each[0] for each in pictures)
            return 100 * sum(each[2] - each[1] for each in pictures) / max(1, rows)

        return points(self.each), *resampled(self.each, points)

    @property
    def shares(self) -> tuple[float, float]:
        """Rows read without and with it, in percent."""
        return 100 * self.off / max(1, self.rows), 100 * self.auto / max(1, self.rows)


def run(
    scenes: int,
    seed: int = 0,
    reader: OcrReader | None = None,
    kinds: Sequence[str] = (),
    show: Callable[[int, int], None] | None = None,
) -> dict[str, Tally]:
    """Judge by so many scenes of the test split, families and languages in turn; kind of copy to its tally.

    Args:
        scenes: how many.
        seed: the first one's number.
        reader: OCR.
        kinds: of copies; empty: all.
        show: told how many scenes are done, of how many.
    """
    reader = reader or OcrReader()
    copies = {kind: copy for kind, copy in COPIES.items() if not kinds or kind in kinds}
    tallies = {kind: Tally() for kind in copies}
    for i in range(scenes):
        language: Language = "zh" if i // len(FAMILIES) % 2 == 0 else "en"
        scene = families.draw(FAMILIES[i % len(FAMILIES)], seed + i, "test", language)
        for kind, copy in copies.items():
            image = Image(np.ascontiguousarray(copy(Random(f"{kind} {seed + i}"), scene.image.pixels)))
            _judge(tallies[kind], image, scene.texts, reader)
        if show is not None:
            show(i + 1, scenes)
    return tallies


def _judge(tally: Tally, image: Image, texts: Sequence[PlacedText], reader: OcrReader) -> None:
    mended = enhance(image, "auto", reader.read, reader.turned)
    off = rows_read(reader.read(image), texts)
    auto = rows_read(reader.read(mended.image), texts) if mended.did else off
    rows = len(true_rows(texts))
    tally.each.append((rows, off, auto))
    tally.rows += rows
    tally.off += off
    tally.auto += auto
    tally.pictures += 1
    tally.changed += bool(mended.did)
    tally.worse += auto < off
    for name in mended.did:
        tally.did[name] = tally.did.get(name, 0) + 1


def true_rows(texts: Sequence[PlacedText]) -> list[str]:
    """The rows of a scene's text, normalized."""
    lines: list[OcrLine] = []
    for text in texts:
        left, top, right, bottom = text.box
        lines.append(OcrLine(text.text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0))
    return [normalize("".join(line.text for line in row)) for row in reading_rows(lines)]


def rows_read(lines: Sequence[OcrLine], texts: Sequence[PlacedText]) -> int:
    """How many rows of a scene stand exactly on a row of what was read."""
    read = [normalize("".join(line.text for line in row)) for row in reading_rows(lines)]
    return sum(any(row in found for found in read) for row in true_rows(texts))


def _good(_: Random, pixels: Pixels) -> Pixels:
    return pixels


def _blurred(rng: Random, pixels: Pixels) -> Pixels:
    return _saved(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(2.4, 3.6)), rng, 0.5)


def _dark(rng: Random, pixels: Pixels) -> Pixels:
    return _saved(pixels * rng.uniform(0.035, 0.075), rng, 1.3)


def _faint(rng: Random, pixels: Pixels) -> Pixels:
    grey = rng.uniform(90, 190)
    return _saved(grey + (pixels - grey) * rng.uniform(0.035, 0.075), rng, 1.0)


def _askew(rng: Random, pixels: Pixels) -> Pixels:
    """On a darker table seen from the side, or turned as a camera that does not know what is up turns it."""
    if rng.random() < 0.5:
        return _saved(_tilted(rng, pixels, rng.uniform(56, 66), rng.uniform(-15, 15)), rng, 1.0)
    degrees = rng.choice((90, 180, 270)) + rng.uniform(-8, 8)
    height, width = pixels.shape[:2]
    return _saved(warp(pixels, PixelMap.turn((width, height), degrees)), rng, 1.0)


COPIES: dict[str, Callable[[Random, Pixels], Pixels]] = {
    "good": _good,
    "blurred": _blurred,
    "dark": _dark,
    "low_contrast": _faint,
    "askew": _askew,
}
"""Name of a copy to what makes it."""


def _saved(pixels: npt.NDArray[np.number], rng: Random, grain: float) -> Pixels:
    """With a camera's grain and as JPEG, both of which no mend can undo."""
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, grain, pixels.shape)
    data = io.BytesIO()
    shot = np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)
    Picture.fromarray(shot).save(data, "JPEG", quality=90)
    return np.asarray(Picture.open(data).convert("RGB"))


def _tilted(rng: Random, pixels: Pixels, tilt: float, turn: float) -> Pixels:
    """The sheet on a plain table through a pinhole camera 1.6 sheets away, ``tilt`` degrees off its normal."""
    height, width = pixels.shape[:2]
    away = 1.6 * max(width, height)
    towards = rng.uniform(-60, 60)
    lean = _about_x(math.radians(tilt))
    aim = _about_z(math.radians(turn - towards)) @ lean @ _about_z(math.radians(towards))
    corners = (
        np.array([(-width, -height, 0), (width, -height, 0), (width, height, 0), (-width, height, 0)]) / 2
    )
    seen = corners @ aim.T
    flat = away * seen[:, :2] / (seen[:, 2:] + away)
    margin = 0.06 * max(width, height)
    flat += margin - flat.min(0)
    right, bottom = flat.max(0) + margin
    size = (int(right), int(bottom))
    quad = [(float(x), float(y)) for x, y in flat]
    back = PixelMap.straighten(size, quad, (width, height))
    way = PixelMap(back.to_original, (width, height), size)
    sheet = warp(pixels, way)
    inside = np.zeros(sheet.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.rint(flat).astype(np.int32), 1)
    table = np.array([rng.randint(40, 110) for _ in range(3)], np.uint8)
    return np.where(inside[..., None] > 0, sheet, table).astype(np.uint8)


def _about_z(angle: float) -> npt.NDArray[np.float64]:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def _about_x(angle: float) -> npt.NDArray[np.float64]:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


def main(scenes: int = 60, seed: int = 0, kinds: Sequence[str] = ()) -> None:
    """Print how many rows are read, without and with it."""
    found = run(scenes, seed, kinds=kinds)
    bad = [tally for kind, tally in found.items() if kind != "good"]
    if len(bad) > 1:
        found["all bad"] = Tally(
            *(sum(getattr(tally, name) for tally in bad) for name in ("rows", "off", "auto", "changed")),
            pictures=sum(tally.pictures for tally in bad),
            worse=sum(tally.worse for tally in bad),
            each=[each for tally in bad for each in tally.each],
        )
    for kind, tally in found.items():
        off, auto = tally.shares
        gain, low, high = tally.gain
        print(
            f"{kind:13} n={tally.rows} rows of {tally.pictures} pictures: off {off:.1f}%, auto {auto:.1f}% "
            f"({gain:+.1f}, 95% {low:+.1f} to {high:+.1f}); changed {tally.changed}, worse {tally.worse}; {tally.did}"
        )


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]), kinds=sys.argv[3:])
