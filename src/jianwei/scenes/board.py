"""A picture while it is drawn, together with the truth about all that is on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.scenes.camera import Canvas
from jianwei.scenes.fonts import Face
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Box, PlacedObject, PlacedText

Align = Literal["left", "middle", "right"]

_BASELINE = 0.82
"""Where letters stand in their line, as a share of its height."""


class Board:
    """A canvas that remembers the box of every text and thing put on it."""

    def __init__(self, canvas: Canvas) -> None:
        """A board over a canvas, which is drawn on."""
        self.canvas = canvas
        self.pen = ImageDraw.Draw(canvas)
        self.texts: list[PlacedText] = []
        self.objects: list[PlacedObject] = []

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.canvas.size

    def write(
        self,
        text: str,
        x: float,
        y: float,
        face: Face,
        size: float,
        ink: Rgb,
        *,
        align: Align = "left",
        room: float | None = None,
        known: bool = True,
    ) -> Box:
        """Writes one line ``size`` pixels high whose top is at ``y``; returns the box of its ink.

        Args:
            text: the line.
            x: its left edge, middle or right edge, as ``align`` says.
            y: its top.
            face: typeface.
            size: height of the line; smaller where the line would be wider than ``room``.
            ink: its colour.
            align: what ``x`` is.
            room: greatest width, if there is one.
            known: whether the line belongs to the truth.
        """
        font = face.at(size)
        length = font.getlength(text)
        if room is not None and length > room:
            font = face.at(size * room / length)
            length = font.getlength(text)
        left = x - {"left": 0.0, "middle": length / 2, "right": length}[align]
        base = y + _BASELINE * size
        x1, y1, x2, y2 = font.getbbox(text, anchor="ls")
        self.pen.text((left, base), text, fill=ink, font=font, anchor="ls")
        box = (left + x1, base + y1, left + x2, base + y2)
        if known:
            self.texts.append(PlacedText(text, box))
        return box

    def add(self, label: str, box: Box, kind: str, colour: str = "") -> PlacedObject:
        """Remembers a thing that has been drawn."""
        item = PlacedObject(label, box, kind, colour)
        self.objects.append(item)
        return item

    def dashed(self, x1: float, x2: float, y: float, dash: float, ink: Rgb) -> None:
        """A level line of dashes."""
        while x1 < x2:
            self.pen.line((x1, y, min(x2, x1 + dash), y), fill=ink, width=max(1, round(dash / 6)))
            x1 += 1.8 * dash

    def scribble(self, points: Sequence[tuple[float, float]], ink: Rgb, width: float) -> None:
        """A pen's stroke through points, with round ends."""
        self.pen.line(list(points), fill=ink, width=max(1, round(width)), joint="curve")
        for x, y in (points[0], points[-1]):
            reach = width / 2
            if reach >= 1:
                self.pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=ink)

    def become(self, canvas: Canvas) -> None:
        """Goes on with another canvas, once the first has been changed as a whole."""
        self.canvas = canvas
        self.pen = ImageDraw.Draw(canvas)

    def lay_over(self, mask: Canvas, at: tuple[int, int], ink: Rgb) -> None:
        """Lets ink through a grey mask whose top left corner lies at ``at``."""
        self.canvas.paste(Picture.new("RGB", mask.size, ink), at, mask)


def enclosing(boxes: Sequence[Box]) -> Box:
    """The smallest box around boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
