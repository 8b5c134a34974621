"""Reads a recipe's fields in the lines of the pictures: labels, patterns, and the readers of goods, papers, charts.

Nothing here asks a model. What is not printed, or not where a reader looks, is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jianwei.evidence.regions import language_of
from jianwei.recipes.charts import chart_rows
from jianwei.recipes.found import Findings, Found, Row, found_rows, found_value
from jianwei.recipes.goods import item_rows, table_rows, tag_rows
from jianwei.recipes.labels import Labels, labels_of
from jianwei.recipes.page import Page, Value, beside, matching, split_labels
from jianwei.recipes.papers import clause_rows, signature_rows, signing_rows, title
from jianwei.recipes.picture_marks import find_stamp
from jianwei.recipes.recipe import Field, Recipe
from jianwei.recipes.sheets import homework_rows, red_value
from jianwei.types import GroundedBox


def read_fields(recipe: Recipe, pages: Sequence[Page]) -> Findings:
    """What the lines say for the fields of a recipe; the first picture that says something for a field counts.

    Rows of all pictures are put together.
    """
    found: Findings = {}
    for page in pages:
        for field, value in _read_page(recipe, page):
            before = found.get(field.key)
            if before is None:
                found[field.key] = value
            elif field.type == "rows":
                places = (*before.places, *value.places)
                found[field.key] = Found([*before.value, *value.value], before.source, places)
            elif field.read == "stamp" and value.value:
                found[field.key] = value
    return found


def known_labels(recipe: Recipe) -> list[str]:
    """All labels that the recipe knows."""
    fields = [*recipe.fields, *(column for field in recipe.fields for column in field.columns)]
    return list(dict.fromkeys(label for field in fields for label in field.beside))


def _read_page(recipe: Recipe, page: Page) -> list[tuple[Field, Found]]:
    labels = labels_of(tuple(known_labels(recipe)))
    page = split_labels(page, labels)
    scalar = labels_of(tuple(label for field in recipe.fields for label in field.beside))
    signing = frozenset(
        row
        for field in recipe.fields
        if field.read == "signatures"
        for row in signing_rows(page, field.columns)
    )
    found: list[tuple[Field, Found]] = []
    for field in recipe.fields:
        value = _rows(field, page, scalar) if field.type == "rows" else _value(field, page, labels, signing)
        if value is not None:
            found.append((field, value))
    return found


def _value(field: Field, page: Page, labels: Labels, signing: frozenset[int]) -> Found | None:
    if field.read == "title":
        return found_value(field, title(page))
    if field.read == "stamp":
        return _stamp(page)
    if field.read == "words":
        return _words(field, page)
    if field.read == "red":
        return found_value(field, red_value(page, field.patterns))
    value = None
    if field.beside and field.read != "pattern":
        value = beside(page, field.beside, field.type, labels, signing)
    if value is None and field.patterns:
        value = matching(page, field.patterns, field.type)
    return found_value(field, value)


def _rows(field: Field, page: Page, labels: Labels) -> Found | None:
    rows: list[Row] = []
    if field.read == "table":
        rows = table_rows(page, field.columns, labels)
    elif field.read == "items":
        rows = item_rows(page, field.columns)
    elif field.read == "tags":
        rows = tag_rows(page)
    elif field.read == "numbered":
        rows = clause_rows(page)
    elif field.read == "signatures":
        rows = signature_rows(page, field.columns)
        found = found_rows(field, rows)
        return None if found is None else Found(found.value, "picture", found.places)
    elif field.read == "steps":
        tasks, steps = homework_rows(page)
        rows = steps if any(column.key == "number" for column in field.columns) else tasks
    elif field.read == "chart":
        charts, figures = chart_rows(page)
        rows = figures if any(column.key == "value" for column in field.columns) else charts
    return found_rows(field, rows)


def _stamp(page: Page) -> Found:
    box = find_stamp(page.view.image.pixels)
    if box is None:
        return Found(False, "picture")
    chinese = any(language_of(cell.text) == "zh" for cell in page.cells)
    label = "红色印章" if chinese else "red stamp"
    return Found(
        True, "picture", (GroundedBox(label, page.view.original_box(box), page.view.picture, "ocr"),)
    )


def _words(field: Field, page: Page) -> Found | None:
    """All that the patterns find, each once."""
    values: dict[str, Value] = {}
    for cell in page.cells:
        for pattern in field.patterns:
            for match in re.finditer(pattern, cell.text):
                values.setdefault(match[0], Value(match[0], (cell.place(match[0]),)))
    if not values:
        return None
    places = tuple(place for value in values.values() for place in value.places)
    return Found(list(values), "ocr", places)
