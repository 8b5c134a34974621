"""Writing by hand: a font's characters, each a little moved, turned and resized, on a line that waves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from jianwei.scenes.board import Board
from jianwei.scenes.fonts import Face, Font
from jianwei.scenes.formulas import Piece, pieces, plain
from jianwei.scenes.palette import Rgb
from jianwei.scenes.scene import Box, PlacedText

INKS: tuple[Rgb, ...] = ((28, 32, 70), (22, 22, 26), (30, 52, 140), (60, 60, 66))
"""Ballpoint pens and pencil."""

RED_PENS: tuple[Rgb, ...] = ((205, 30, 36), (220, 48, 40), (184, 20, 44))


@dataclass(frozen=True)
class Hand:
    """Somebody's handwriting: a typeface, an ink, and how unsteady it is (0: like print, 1: lively)."""

    face: Face
    ink: Rgb
    unrest: float

    def write(
        self, rng: Random, board: Board, text: str, x: float, y: float, size: float, room: float | None = None
    ) -> Box:
        """Writes a line of text or LaTeX (``formulas.pieces``) from ``x``, its top at ``y``; tells its ink's box.

        The board remembers the line as ``formulas.plain`` types it. It is written smaller where it would be
        wider than ``room``.
        """
        parts = pieces(text)
        wide = self._width(parts, size)
        if room is not None and wide > room:
            size *= room / wide
            wide = self._width(parts, size)
        pad = math.ceil(0.5 * size)
        mask = Picture.new("L", (math.ceil(wide * 1.06) + 2 * pad, math.ceil(1.7 * size) + 2 * pad), 0)
        line = _Line(rng, self, mask, pad, pad + 0.35 * size, size)
        for part in parts:
            line.add(part)
        mask = _waved(rng, mask, 0.05 * size * self.unrest)
        inked = mask.getbbox() or (pad, pad, pad + 1, pad + 1)
        left, top = round(x) - pad, round(y - 0.35 * size) - pad
        board.lay_over(mask, (left, top), self.ink)
        box = (left + inked[0], top + inked[1], left + inked[2], top + inked[3])
        placed = tuple(float(edge) for edge in box)
        board.texts.append(PlacedText(plain(text), (placed[0], placed[1], placed[2], placed[3])))
        return placed[0], placed[1], placed[2], placed[3]

    def _width(self, parts: Sequence[Piece], size: float) -> float:
        return sum(piece_width(self.face, part, size) for part in parts)


def piece_width(face: Face, piece: Piece, size: float) -> float:
    """How wide a piece is written, in pixels."""
    if piece.kind == "fraction":
        return max(_length(face, text, 0.72 * size) for text in (piece.text, piece.below)) + 0.35 * size
    if piece.kind == "raised":
        return _length(face, piece.text, 0.62 * size) + 0.05 * size
    return _length(face, piece.text, size) + (0.6 * size if piece.kind == "root" else 0.0)


def _length(face: Face, text: str, size: float) -> float:
    """Characters one by one, without the kerning of print."""
    font = face.at(size)
    return sum(font.getlength(character) for character in text)


class _Line:
    """Where the pen is on a mask that is being written on."""

    def __init__(self, rng: Random, hand: Hand, mask: Picture.Image, x: float, y: float, size: float) -> None:
        self._rng, self._hand, self._mask = rng, hand, mask
        self._pen = ImageDraw.Draw(mask)
        self._x, self._y, self._size = x, y, size
        self._slope = rng.uniform(-0.012, 0.012) * hand.unrest
        self._stroke = max(1, round(size / 16))

    def add(self, piece: Piece) -> None:
        """Writes one piece and moves on."""
        size, face = self._size, self._hand.face
        wide = piece_width(face, piece, size)
        if piece.kind == "fraction":
            small = 0.72 * size
            for text, top in ((piece.text, -0.3), (piece.below, 0.52)):
                length = _length(face, text, small)
                self._run(text, self._x + (wide - length) / 2, self._y + top * size, small)
            middle = self._y + 0.5 * size + self._rng.uniform(-0.02, 0.02) * size
            self._rule((self._x + 0.08 * size, middle), (self._x + wide - 0.08 * size, middle))
        elif piece.kind == "raised":
            self._run(piece.text, self._x, self._y - 0.1 * size, 0.62 * size)
        elif piece.kind == "root":
            x, y = self._x, self._y
            hook = [
                (x, y + 0.55 * size),
                (x + 0.14 * size, y + 0.5 * size),
                (x + 0.28 * size, y + 0.92 * size),
            ]
            hook += [(x + 0.45 * size, y - 0.02 * size), (x + wide - 0.02 * size, y - 0.04 * size)]
            self._pen.line(hook, fill=235, width=self._stroke, joint="curve")
            self._run(piece.text, x + 0.52 * size, y, size)
        else:
            self._run(piece.text, self._x, self._y, size)
        self._x += wide

    def _rule(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self._pen.line((*start, *end), fill=235, width=self._stroke)

    def _run(self, text: str, x: float, y: float, size: float) -> None:
        """Characters one by one, none quite like the last."""
        rng, unrest, face = self._rng, self._hand.unrest, self._hand.face
        for character in text:
            step = face.at(size).getlength(character)
            if character != " ":
                font = face.at(size * (1 + rng.uniform(-0.07, 0.07) * unrest))
                left = x + rng.uniform(-0.03, 0.03) * size * unrest
                base = y + 0.82 * size + self._slope * x + rng.uniform(-0.05, 0.05) * size * unrest
                if unrest > 0.3 and step > 0.3 * size and rng.random() < 0.75:
                    self._turned(character, left, base, font, size)
                else:
                    self._pen.text(
                        (left, base), character, fill=rng.randint(215, 255), font=font, anchor="ls"
                    )
            x += step * (1 + rng.uniform(0, 0.04) * unrest)

    def _turned(self, character: str, left: float, base: float, font: Font, size: float) -> None:
        reach = math.ceil(1.6 * size)
        stamp = Picture.new("L", (reach, reach), 0)
        pen = ImageDraw.Draw(stamp)
        pen.text(
            (0.25 * size, 1.15 * size), character, fill=self._rng.randint(215, 255), font=font, anchor="ls"
        )
        stamp = stamp.rotate(self._rng.uniform(-5, 5) * self._hand.unrest, Picture.Resampling.BILINEAR)
        at = (round(left - 0.25 * size), round(base - 1.15 * size))
        self._mask.paste(255, (at[0], at[1], at[0] + reach, at[1] + reach), stamp)


def _waved(rng: Random, mask: Picture.Image, reach: float) -> Picture.Image:
    """The mask slightly bent, each row and column by a slow wave of ``reach`` pixels."""
    if reach < 0.3:
        return mask
    grey = np.asarray(mask)
    height, width = grey.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    long = height * rng.uniform(1.5, 4)
    down = np.rint(rows + reach * np.sin(columns / long * 2 * math.pi + rng.uniform(0, 6))).astype(int)
    along = np.rint(columns + reach * np.sin(rows / height * math.pi * rng.uniform(1, 3) + rng.uniform(0, 6)))
    bent = grey[np.clip(down, 0, height - 1), np.clip(along.astype(int), 0, width - 1)]
    return Picture.fromarray(bent)


def tick(rng: Random, board: Board, x: float, y: float, size: float, ink: Rgb) -> Box:
    """A check mark in a box of about ``size``; its left top at ``x``, ``y``."""
    points = ((0.0, 0.55), (0.1, 0.6), (0.34, 0.98), (0.62, 0.4), (1.0, 0.0))
    return _stroke(rng, board, [points], x, y, size, ink)


def cross(rng: Random, board: Board, x: float, y: float, size: float, ink: Rgb) -> Box:
    """Two strokes across each other."""
    return _stroke(
        rng,
        board,
        [((0.0, 0.05), (0.5, 0.5), (1.0, 0.95)), ((0.95, 0.0), (0.5, 0.52), (0.05, 1.0))],
        x,
        y,
        size,
        ink,
    )


def signature(rng: Random, board: Board, box: Box, ink: Rgb) -> Box:
    """A name nobody can read: loops and a flourish within a box."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    points: list[tuple[float, float]] = []
    loops, phase, tall = rng.uniform(2.5, 7), rng.uniform(0, 6), rng.uniform(0.6, 4)
    bend, round_ = rng.uniform(0.6, 1.6), rng.uniform(0.02, 0.09)
    steps = 70
    for i in range(steps):
        part = i / (steps - 1)
        turn = phase + loops * 2 * math.pi * part
        swing = 0.12 + 0.3 * abs(math.sin(tall * math.pi * part + phase))
        x = left + wide * (0.1 + 0.76 * part) + round_ * wide * math.cos(turn)
        points.append((x, top + high * (0.5 + swing * math.sin(turn * bend + 2 * math.sin(2 * tall * part)))))
    points.append((right, top + high * rng.uniform(0.25, 0.8)))
    board.scribble(points, ink, max(1.0, high / 16))
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _stroke(
    rng: Random,
    board: Board,
    strokes: Sequence[Sequence[tuple[float, float]]],
    x: float,
    y: float,
    size: float,
    ink: Rgb,
) -> Box:
    """Pen strokes given in a unit square, each point a little off."""
    width, drawn = max(1.5, size / 9), []
    for stroke in strokes:
        points = [
            (x + size * (u + rng.uniform(-0.06, 0.06)), y + size * (v + rng.uniform(-0.06, 0.06)))
            for u, v in stroke
        ]
        board.scribble(points, ink, width)
        drawn += points
    half = width / 2
    xs, ys = [point[0] for point in drawn], [point[1] for point in drawn]
    return min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half
