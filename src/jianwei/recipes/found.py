"""What was found for a field, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jianwei.evidence.values import amount_of, number_text
from jianwei.recipes.page import Value
from jianwei.recipes.recipe import Field, FieldType
from jianwei.types import FindingSource, GroundedBox


@dataclass(frozen=True)
class Found:
    """A field's value.

    Attributes:
        value: as JSON has it; of rows a list of objects.
        source: who says so.
        places: where it was read.
    """

    value: Any
    source: FindingSource
    places: tuple[GroundedBox, ...] = ()


Findings = dict[str, Found]
"""Field key to what was found; what was not found is not in it."""

Row = Mapping[str, Value | bool | None]
"""One row: column key to a printed value, a yes or no, or nothing."""


def as_json(text: str, kind: FieldType) -> Any:
    """A printed value as JSON has it: numbers as numbers, everything else as printed."""
    if kind == "number":
        value = amount_of(text)
        return text if value is None else number_text(value)
    return text


def found_value(field: Field, value: Value | None) -> Found | None:
    """A value read in the lines."""
    return None if value is None else Found(as_json(value.text, field.type), "ocr", value.places)


def found_rows(field: Field, rows: list[Row]) -> Found | None:
    """Rows read in the lines, with every column of the field."""
    if not rows:
        return None
    values: list[dict[str, Any]] = []
    places: list[GroundedBox] = []
    for row in rows:
        said: dict[str, Any] = {}
        for column in field.columns:
            cell = row.get(column.key)
            if isinstance(cell, Value):
                places += cell.places
                said[column.key] = as_json(cell.text, column.type)
            else:
                said[column.key] = cell
        values.append(said)
    return Found(values, "ocr", tuple(places))
