"""Text lines of a picture, read by PP-OCRv6 (RapidOCR on OpenVINO).

Knows pictures and lines; knows no model, prompt or question. The weights lie inside RapidOCR's wheel: nothing
is ever downloaded.
"""

from __future__ import annotations

import math
import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from jianwei.errors import ModelFileError
from jianwei.machine import give_back_freed
from jianwei.types import Box, Image, Pixels

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Of a line in pixels, clockwise from the text's own top left."""

_MODEL_FILES = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
"""Detection, direction and recognition, as RapidOCR 3.10 ships them in ``rapidocr/models``."""

_REST_AFTER = 0.5
"""Seconds without a picture after which memory is given back."""

_DIRECTED = 1.8
"""A line at least so much longer than high has a direction."""

_AGREED = 0.7
"""Share of the lines, by length, that must stand the same way."""

MARGIN = 0.15
"""What the detector leaves free on each side of what is written, as a share of a line's height. Measured over 658 lines
of drawn scenes: without it boxes share 0.80 of their union with the true ones, with it 0.57."""

_ROW_OVERLAP = 0.5
"""Two boxes are on one row when they share this much of the lower one's height."""


@dataclass(frozen=True)
class OcrLine:
    """One line of text.

    Attributes:
        text: what it says.
        quad: its corners as it was found and read, with a margin around it.
        score: the recognizer's confidence, 0 to 1.
    """

    text: str
    quad: Corners
    score: float

    @classmethod
    def around(cls, text: str, ink: Box, height: float, score: float = 1.0) -> OcrLine:
        """A line as the detector would find it around what is written: with its margin.

        Args:
            text: what it says.
            ink: the box of what is written, in pixels.
            height: of its print, by which the margin goes.
            score: as of the class.
        """
        left, top, right, bottom = ink
        by = MARGIN / (1 - 2 * MARGIN) * height
        left, top, right, bottom = left - by, top - by, right + by, bottom + by
        return cls(text, ((left, top), (right, top), (right, bottom), (left, bottom)), score)

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """The upright rectangle around it in pixels: left, top, right, bottom."""
        xs, ys = [x for x, _ in self.quad], [y for _, y in self.quad]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def height(self) -> float:
        """Of its upright rectangle, in pixels."""
        return self.box[3] - self.box[1]

    @property
    def slope(self) -> float:
        """Pixels by which it falls for each pixel to the right; 0 where it runs down or to the left."""
        (x1, y1), (x2, y2) = self.quad[:2]
        return (y2 - y1) / (x2 - x1) if x2 > x1 else 0.0

    @property
    def ink(self) -> Corners:
        """The corners of what is written, without the margin."""
        a, b, c, d = self.quad
        pull = MARGIN * (math.dist(a, d) + math.dist(b, c)) / 2
        return _pulled(a, b, d, pull), _pulled(b, a, c, pull), _pulled(c, d, b, pull), _pulled(d, c, a, pull)


class OcrReader:
    """Reads pictures, one at a time, from any thread; its networks are loaded at the first one."""

    def __init__(self, threads: int = 0, recognizer: Path | None = None) -> None:
        """Prepares a reader without loading anything.

        Args:
            threads: CPU threads of its inference; 0 leaves the choice to OpenVINO.
            recognizer: file of the network that reads lines; None: that of RapidOCR's wheel.
        """
        self._threads = threads
        self._recognizer = recognizer
        self._engine: Any = None
        self._lock = threading.Lock()
        self._resting: threading.Timer | None = None

    def read(self, image: Image) -> list[OcrLine]:
        """The lines in ``image`` in reading order: rows from the top, in a row from the left.

        Raises:
            ModelFileError: ``ocr_missing`` when RapidOCR or its weights are not installed.
        """
        with self._lock:
            if self._engine is None:
                self._engine = _load_engine(self._threads, self._recognizer)
            # RapidOCR follows OpenCV: channels are blue, green, red.
            result = self._engine(np.ascontiguousarray(image.pixels[:, :, ::-1]))
            self._rest_later()
        if result.boxes is None or result.txts is None:
            return []
        lines = [
            OcrLine(text, _quad(corners, image), float(score))
            for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
            if text.strip()
        ]
        return [line for row in reading_rows(lines) for line in row]

    def recognize(self, pieces: Sequence[Pixels]) -> list[tuple[str, float]]:
        """What is written in small pictures of one line each, RGB, with its confidence from 0 to 1.

        Raises:
            ModelFileError: ``ocr_missing`` when RapidOCR or its weights are not installed.
        """
        from rapidocr.ch_ppocr_rec.typings import TextRecInput

        with self._lock:
            if self._engine is None:
                self._engine = _load_engine(self._threads, self._recognizer)
            result = self._engine.text_rec(TextRecInput(img=[piece[:, :, ::-1] for piece in pieces]))
            self._rest_later()
        return [(text, float(score)) for text, score in zip(result.txts, result.scores, strict=True)]

    def turned(self, image: Image) -> int:
        """By how many degrees clockwise the text in ``image`` stands: 0, 90, 180 or 270; 0 where it cannot be told.

        Lines are found and their direction is judged, without reading them; longer lines count for more.

        Raises:
            ModelFileError: ``ocr_missing`` when RapidOCR or its weights are not installed.
        """
        with self._lock:
            if self._engine is None:
                self._engine = _load_engine(self._threads, self._recognizer)
            from rapidocr.main import RapidOCRError

            self._rest_later()
            shrunk, record = self._engine.preprocess_img(np.ascontiguousarray(image.pixels[:, :, ::-1]))
            try:
                pieces, found = self._engine.detect_and_crop(shrunk, record)
                judged = self._engine.text_cls(pieces).cls_res
            except RapidOCRError:  # it finds no text
                return 0
        votes: dict[int, float] = dict.fromkeys((0, 90, 180, 270), 0.0)
        for corners, (label, score) in zip(found.boxes, judged, strict=True):
            (left, top), (right, bottom) = np.min(corners, 0), np.max(corners, 0)
            wide, high = float(right - left), float(bottom - top)
            if max(wide, high) < _DIRECTED * min(wide, high):
                continue
            # A standing line is cut out turned to the left: what runs downwards is then level.
            degrees = (0 if wide > high else 90) + (180 if str(label) == "180" else 0)
            votes[degrees % 360] += max(wide, high) * float(score)
        best = max(votes, key=lambda degrees: votes[degrees])
        return best if votes[best] > _AGREED * sum(votes.values()) else 0

    def _rest_later(self) -> None:
        """With the lock held: rest unless something is read before that; doing so at once costs a fifth of the time."""
        if self._resting is not None:
            self._resting.cancel()
        self._resting = threading.Timer(_REST_AFTER, self._rest)
        self._resting.daemon = True
        self._resting.start()

    def _rest(self) -> None:
        """Give back what the networks compute in: some 500 MB."""
        if not self._lock.acquire(blocking=False):
            return  # it is reading again
        try:
            for part in (self._engine.text_det, self._engine.text_cls, self._engine.text_rec):
                compiled = part.session.session.get_compiled_model()
                # A request keeps room for the largest input it ever had: 32 MB after one long, low picture.
                part.session.session = compiled.create_infer_request()
                compiled.release_memory()
            give_back_freed()
        finally:
            self._lock.release()


def reading_rows(lines: Sequence[OcrLine]) -> list[list[OcrLine]]:
    """Lines grouped into rows, from the top; in a row from the left.

    The common slant of the lines is taken out first, so that a page photographed askew keeps its rows.
    """
    slant = _slant(lines)
    placed = [(_turned(line, -slant), line) for line in lines]
    placed.sort(key=lambda item: (item[0][1] + item[0][3]) / 2)
    rows: list[list[tuple[tuple[float, float, float, float], OcrLine]]] = []
    for box, line in placed:
        if rows and _same_row(rows[-1][-1][0], box):
            rows[-1].append((box, line))
        else:
            rows.append([(box, line)])
    return [[line for _, line in sorted(row, key=lambda item: item[0][0])] for row in rows]


def _load_engine(threads: int, recognizer: Path | None) -> Any:
    """RapidOCR on OpenVINO with the weights of its own wheel, quiet and without network."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelFileError("ocr_missing", name="rapidocr")
    folder = Path(spec.origin).parent / "models"
    for name in _MODEL_FILES.values():
        if not (folder / name).is_file():
            raise ModelFileError("ocr_missing", name=name)

    from rapidocr import EngineType, RapidOCR

    class Reader(RapidOCR):
        """RapidOCR, but for lines that are judged to stand on their heads while others do not."""

        def cls_and_rotate(self, img: list[Pixels]) -> tuple[list[Pixels], Any]:
            """Pieces of one line each, the right way up, and what the network judged.

            The network for directions was made for print: of what is written by hand it turns short lines at times.
            One that stands otherwise than most is read both ways, and taken as it is read more surely.
            """
            turned, judged = super().cls_and_rotate(img)
            flipped = [not np.array_equal(old, new) for old, new in zip(img, turned, strict=True)]
            down = sum(piece.shape[1] for piece, flip in zip(img, flipped, strict=True) if flip)
            most = 2 * down > sum(piece.shape[1] for piece in img)
            odd = [at for at, flip in enumerate(flipped) if flip != most]
            if odd and len(odd) < len(img):
                ways = [[cv2.rotate(img[at], cv2.ROTATE_180) for at in odd], [img[at] for at in odd]]
                scores = [self.recognize_txt(pieces).scores for pieces in ways]
                for at, *pieces in zip(odd, *ways, *scores, strict=True):
                    turned[at] = pieces[0] if pieces[2] > pieces[3] else pieces[1]
            return turned, judged

    params: dict[str, Any] = {
        "Global.log_level": "critical",
        "EngineConfig.openvino.inference_num_threads": threads or -1,
    }
    for part, name in _MODEL_FILES.items():
        params[f"{part}.engine_type"] = EngineType.OPENVINO
        # A given path is taken as it is; without one RapidOCR would check the file and may fetch it anew.
        given = recognizer if part == "Rec" else None
        params[f"{part}.model_path"] = str(given or folder / name)
    reader: Any = Reader(params=params)
    for part in (reader._load_det_model(), reader._load_cls_model(), reader._load_rec_model()):
        _without_kernel_cache(part.session, threads)
    return reader


def _without_kernel_cache(session: Any, threads: int) -> None:
    """Compile a network again so that kernels of past shapes are not kept.

    Every picture has shapes of its own, so the plugin's cache never helps and grows by some 10 MB a picture;
    RapidOCR has no setting for it.
    """
    import openvino as ov

    settings = {"CPU_RUNTIME_CACHE_CAPACITY": "0", "INFERENCE_NUM_THREADS": str(threads)}
    session.session = ov.Core().compile_model(session.model, "CPU", settings).create_infer_request()


def _quad(corners: Any, image: Image) -> Corners:
    limit_x, limit_y = float(image.width), float(image.height)
    a, b, c, d = ((min(limit_x, max(0.0, float(x))), min(limit_y, max(0.0, float(y)))) for x, y in corners)
    return a, b, c, d


def _pulled(corner: Point, one: Point, other: Point, by: float) -> Point:
    """The corner moved towards both its neighbours, by so many pixels but never past their middle."""
    x, y = corner
    for along_x, along_y in ((one[0] - x, one[1] - y), (other[0] - x, other[1] - y)):
        share = min(0.5, by / (math.hypot(along_x, along_y) or 1.0))
        corner = corner[0] + share * along_x, corner[1] + share * along_y
    return corner


def _slant(lines: Sequence[OcrLine]) -> float:
    """The lines' common angle in radians: the median over the top edges of the longer half."""
    edges = [(line.quad[1][0] - line.quad[0][0], line.quad[1][1] - line.quad[0][1]) for line in lines]
    level = [(dx, dy) for dx, dy in edges if dx > abs(dy)]
    if not level:
        return 0.0
    long = statistics.median(dx for dx, _ in level)
    return statistics.median(math.atan2(dy, dx) for dx, dy in level if dx >= long)


def _turned(line: OcrLine, angle: float) -> tuple[float, float, float, float]:
    """The upright box of the line after turning the picture by ``angle`` radians about its origin."""
    cos, sin = math.cos(angle), math.sin(angle)
    xs = [x * cos - y * sin for x, y in line.quad]
    ys = [x * sin + y * cos for x, y in line.quad]
    return min(xs), min(ys), max(xs), max(ys)


def _same_row(upper: tuple[float, float, float, float], lower: tuple[float, float, float, float]) -> bool:
    shared = min(upper[3], lower[3]) - max(upper[1], lower[1])
    least = min(upper[3] - upper[1], lower[3] - lower[1])
    if shared < _ROW_OVERLAP * least:
        return False
    # Boxes that also overlap from side to side are two tight lines, one under the other.
    beside = min(upper[2], lower[2]) - max(upper[0], lower[0])
    return beside < _ROW_OVERLAP * min(upper[2] - upper[0], lower[2] - lower[0])
