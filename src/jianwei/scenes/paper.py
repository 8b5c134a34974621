"""Draws forms as printed sheets, labels or screens: the pictures of the family ``forms``."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from PIL import ImageDraw

from jianwei.scenes import camera, fonts, form_questions, forms, palette
from jianwei.scenes.camera import Canvas
from jianwei.scenes.fonts import Face
from jianwei.scenes.forms import Cell, Form
from jianwei.scenes.scene import Language, PlacedText, Scene, Split


def draw(rng: Random, split: Split, language: Language, rows: int, questions: int = 6) -> Scene:
    """A form of about ``rows`` rows, drawn, with questions about it."""
    form = forms.layout(rng, language, rows)
    canvas, form = print_form(rng, form, split)
    image = camera.photograph(rng, canvas, 0.6)
    texts = tuple(PlacedText(cell.text, cell.box) for cell in form.cells)
    asked = form_questions.ask(rng, form, split, questions)
    return Scene("forms", image, language, texts, (), tuple(asked))


def print_form(rng: Random, form: Form, split: Split, scale: float = 1.0) -> tuple[Canvas, Form]:
    """Draws a form at ``scale``; returns the canvas and the form with the boxes of the ink in its pixels."""
    face = fonts.pick(rng, form.language, split)
    drawn = _measured(form, face, scale)
    width, height = round(drawn.width), round(drawn.height)
    dark = rng.random() < 0.12
    canvas = camera.background(rng, split, width, height, pale=not dark)
    pen = ImageDraw.Draw(canvas)
    if dark:
        pen.rectangle(
            (0, 0, width, height), fill=palette.shade(rng, rng.choice(("black", "blue", "green", "red")))
        )
    _decorate(rng, pen, drawn, dark)
    ink = (245, 245, 240) if dark else tuple(rng.randint(0, 70) for _ in range(3))
    for row, old_row in zip(drawn.rows, form.rows, strict=True):
        bright = not dark and rng.random() < 0.08
        fill = palette.shade(rng, rng.choice(("red", "blue", "green"))) if bright else ink
        for cell, old in zip(row, old_row, strict=True):
            pen.text((cell.left, cell.top), cell.text, fill=fill, font=face.at(old.size * scale), anchor="lt")
    return canvas, drawn


def _measured(form: Form, face: Face, scale: float) -> Form:
    """The form with true widths and heights; a cell that would run into its neighbour moves on."""
    rows: list[list[Cell]] = []
    right = 0.0
    for row in form.rows:
        cells: list[Cell] = []
        edge = 0.0
        for cell in row:
            size = cell.size * scale
            x1, y1, x2, y2 = face.at(size).getbbox(cell.text, anchor="lt")
            left = max(cell.left * scale, edge)
            cells.append(
                replace(cell, left=left, top=cell.top * scale, width=x2 - x1, size=max(1.0, y2 - y1))
            )
            edge = left + (x2 - x1) + 0.8 * size
        right = max(right, edge)
        rows.append(cells)
    return Form(
        form.language, max(form.width * scale, right), rows, form.entries, form.title, form.height * scale
    )


def _decorate(rng: Random, pen: ImageDraw.ImageDraw, form: Form, dark: bool) -> None:
    """Rules, frames and a coloured band: what sheets and screens have beside text."""
    grey = (90, 90, 90) if dark else (170, 170, 170)
    if rng.random() < 0.35:
        for row in form.rows[1:]:
            if rng.random() < 0.4:
                y = row[0].top - 0.15 * row[0].size
                pen.line((form.width * 0.03, y, form.width * 0.97, y), fill=grey, width=1)
    if rng.random() < 0.25:
        inset = 0.012 * form.width
        pen.rectangle((inset, inset, form.width - inset, form.height - inset), outline=grey, width=2)
    if rng.random() < 0.15 and not dark:
        first = form.rows[0][0]
        tint = tuple(
            min(255, value + 90) for value in palette.shade(rng, rng.choice(("yellow", "pink", "grey")))
        )
        pen.rectangle((0, 0, form.width, first.top + 1.4 * first.size), fill=tint)
