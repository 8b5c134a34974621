"""Key frames of a video, through OpenCV's FFmpeg: frames that differ from the one before, at even distances.

Not the stream's own key frames: an encoder puts those where it pays, often every ten seconds of a still scene or
once for a whole clip. Here some moments are looked at, spread evenly, and those that show nothing new are left out.
"""

from __future__ import annotations

import io
import time
from typing import Any

import cv2
import numpy as np
import PIL.Image

from jianwei.errors import InputError
from jianwei.media.limits import PictureLimits
from jianwei.types import Pixels

LOOKS = 12
"""Moments of a video that are looked at, and so most frames that are kept."""

DIFFERENT = 4.0
"""Mean difference of grey values (0 to 255) of 32x32 cells from which a frame shows something new: what a codec does to
a still scene is well below 2, and plain scenes of other colours are above 20."""

SECONDS = 20.0
"""Time spent looking; then what has been found is what there is. Seeking in long, finely compressed videos is slow."""

MAX_SIDE = 2400
"""Pixels of the longer side of a frame that is kept."""

MAX_FRAMES = 200_000
"""Frames counted in a video that does not tell its length: two hours of 25 a second."""

_CELLS = (32, 32)


class VideoFrames:
    """The key frames of a video, all decoded when it is opened.

    Args:
        data: the file.
        name: what messages call it.
        limits: frames larger than a picture may be are refused.

    Raises:
        InputError: ``file_damaged``, ``no_pages``, ``picture_too_large``, ``picture_too_small`` or
            ``picture_too_narrow``.
    """

    def __init__(self, data: bytes, name: str, limits: PictureLimits) -> None:
        cv2.setNumThreads(1)
        self._name = name
        self._data = data
        self._end = time.monotonic() + SECONDS
        # OpenCV reads from these as long as a video is open, without holding them.
        self._sources: list[Any] = []
        self._frames: list[tuple[PIL.Image.Image, float]] = []
        video = self._open()
        try:
            self._look(video, limits)
        finally:
            video.release()
        if not self._frames:
            raise InputError("no_pages", name=name)
        self.count = len(self._frames)

    def picture(self, number: int) -> tuple[PIL.Image.Image, float]:
        """Key frame ``number`` (from 1), and when it is shown, in seconds."""
        return self._frames[number - 1]

    def _look(self, video: cv2.VideoCapture, limits: PictureLimits) -> None:
        """Look at moments of the video and keep the frames that show something new."""
        size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
        limits.check_size(*size, self._name)
        seen: Pixels | None = None
        length = self._length(video)
        for look in range(LOOKS):
            if look and time.monotonic() > self._end:
                break
            video.set(cv2.CAP_PROP_POS_MSEC, 1000 * length * look / LOOKS)
            there, frame = video.read()
            if not there:
                continue
            at = video.get(cv2.CAP_PROP_POS_MSEC) / 1000  # of the frame just read
            cells = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), _CELLS, interpolation=cv2.INTER_AREA)
            if seen is not None and np.abs(cells.astype(np.int16) - seen).mean() < DIFFERENT:
                continue
            seen = np.asarray(cells, np.uint8)
            picture = PIL.Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            picture.thumbnail((MAX_SIDE, MAX_SIDE), PIL.Image.Resampling.LANCZOS)
            self._frames.append((picture, max(0.0, at)))

    def _open(self) -> cv2.VideoCapture:
        try:
            # From memory: the child that runs this may open no files of its own.
            source: Any = io.BytesIO(self._data)
            self._sources.append(source)
            video = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        except cv2.error as error:
            raise InputError("file_damaged", name=self._name) from error
        if not video.isOpened():
            raise InputError("file_damaged", name=self._name)
        return video

    def _length(self, video: cv2.VideoCapture) -> float:
        """Seconds; counted where the file does not tell (recordings of a browser, cut off files)."""
        count, rate = video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)
        if 0 < count < MAX_FRAMES and rate > 0:
            return count / rate
        last = 0.0
        counting = self._open()
        half = (self._end + time.monotonic()) / 2
        for _ in range(MAX_FRAMES):
            if time.monotonic() > half or not counting.grab():
                break
            last = counting.get(cv2.CAP_PROP_POS_MSEC) / 1000
        counting.release()
        return last
