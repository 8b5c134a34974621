"""What a model is asked for a recipe, and what of its answers counts.

A strong model gives all fields at once as JSON by a schema. The small built-in one is asked field by field; what
it says must be printed beside a label that belongs to no other field, or it does not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast

from jianwei.errors import Language
from jianwei.evidence.plain import plain
from jianwei.evidence.telling import BOX_SCALE
from jianwei.evidence.values import as_type
from jianwei.evidence.views import View
from jianwei.recipes.found import Findings, Found, as_json
from jianwei.recipes.labels import labels_of
from jianwei.recipes.page import Cell, Page
from jianwei.recipes.recipe import Field, Recipe, in_language
from jianwei.types import Box, GroundedBox

MAX_ROWS = 40
"""Rows that a model may give."""

_YES = re.compile(r"^(?:有|是|能|可以|yes|破了|已)|有破损|is damaged", re.IGNORECASE)
_NO = re.compile(r"^(?:没有|没|不|否|无|未|no\b)|没有破损|not damaged", re.IGNORECASE)
_REFUSAL = re.compile(r"图中没有这项信息|does not show this", re.IGNORECASE)


def schema(recipe: Recipe) -> str:
    """JSON Schema of all fields that a model can tell."""
    return json.dumps(_object(_told(recipe.fields)))


def _told(fields: Sequence[Field]) -> list[Field]:
    return [field for field in fields if field.compute is None]


def _object(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.key: _value(field) for field in fields},
        "required": [field.key for field in fields],
        "additionalProperties": False,
    }


def _value(field: Field) -> dict[str, Any]:
    if field.type == "rows":
        return {"type": "array", "items": _object(field.columns), "maxItems": MAX_ROWS}
    if field.type == "list":
        return {"type": "array", "items": {"type": "string"}, "maxItems": MAX_ROWS}
    if field.type == "box":
        edge = {"type": "integer", "minimum": 0, "maximum": BOX_SCALE}
        box = {"type": "array", "items": edge, "minItems": 4, "maxItems": 4}
        return {"anyOf": [box, {"type": "null"}]}
    if field.type == "choice":
        return {"enum": [*(name for name, _ in field.choices), None]}
    kind = {"number": "number", "yes_no": "boolean"}.get(field.type, "string")
    return {"anyOf": [{"type": kind}, {"type": "null"}]}


def prompt(recipe: Recipe, question: str, language: Language) -> str:
    """What a strong model is told: the job, the fields, and what else the person asked."""
    zh = language == "zh"
    lines = [in_language(recipe.prompt, language), "字段：" if zh else "Fields:"]
    for field in _told(recipe.fields):
        lines.append(_described(field, language))
        lines += [f"  {_described(column, language)}" for column in field.columns]
    if question.strip() and question.strip() not in recipe.question:
        lines.append(f"用户的问题：{question}" if zh else f"The user's question: {question}")
    lines.append("以 JSON 回答。" if zh else "Answer as JSON.")
    return "\n".join(lines)


def _described(field: Field, language: Language) -> str:
    said = f"- {field.key}: {in_language(field.label, language)}"
    if field.choices:
        said += (
            " ("
            + ", ".join(f"{name} = {in_language(words, language)}" for name, words in field.choices)
            + ")"
        )
    if field.type == "box":
        said += " [x1, y1, x2, y2], 0-1000"
    return said + (f" ({in_language(field.hint, language)})" if field.hint else "")


def from_json(recipe: Recipe, text: str, views: Sequence[View], pages: Sequence[Page]) -> Findings:
    """What a strong model's JSON says, with the places where the lines say the same."""
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    answers = cast("dict[str, Any]", said)
    found: Findings = {}
    for field in _told(recipe.fields):
        value = answers.get(field.key)
        if value is None or value in ([], ""):
            continue
        if field.type == "box":
            box = _box(value, views)
            if box is not None:
                found[field.key] = Found([round(edge, 1) for edge in box.bbox], "model", (box,))
            continue
        found[field.key] = Found(value, "model", tuple(_places(value, pages)))
    return found


def _box(value: Any, views: Sequence[View]) -> GroundedBox | None:
    """Numbers of 0 to 1000 over the last picture, in its own pixels."""
    if not views or not isinstance(value, list):
        return None
    view = views[-1]
    edges = [float(edge) / BOX_SCALE for edge in cast("list[Any]", value)]
    if len(edges) != 4 or edges[0] >= edges[2] or edges[1] >= edges[3]:
        return None
    width, height = view.image.width, view.image.height
    scaled: Box = (edges[0] * width, edges[1] * height, edges[2] * width, edges[3] * height)
    return GroundedBox("", view.original_box(scaled), view.picture, "model")


def _places(value: Any, pages: Sequence[Page]) -> list[GroundedBox]:
    """Where the texts and numbers of a value are printed: of each the first line that has it."""
    if isinstance(value, dict):
        value = list(cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return [place for each in cast("list[Any]", value) for place in _places(each, pages)]
    if isinstance(value, bool) or value is None:
        return []
    found = _printed(str(value), pages)
    return [found[1].place(found[0])] if found else []


def _printed(text: str, pages: Sequence[Page]) -> tuple[str, Cell] | None:
    """The line in which a text is printed as a whole, and the text as it is printed there."""
    wanted = plain(text)
    if not wanted:
        return None
    for page in pages:
        for cell in page.cells:
            at = plain(cell.text).find(wanted)
            if at < 0:
                continue
            before, after = plain(cell.text)[:at][-1:], plain(cell.text)[at + len(wanted) :][:1]
            joins = (before.isdigit() and wanted[0].isdigit()) or (after.isdigit() and wanted[-1].isdigit())
            if not joins:
                return (text if text in cell.text else cell.text), cell
    return None


def short_answer(
    field: Field, text: str, pages: Sequence[Page], others: Sequence[str], language: Language
) -> Found | None:
    """What the small model's answer says for a field; None where it does not count.

    Args:
        field: that was asked for.
        text: the answer: "label: value", a value, a choice, or a refusal.
        pages: the pictures as they were read.
        others: labels of other fields: what is printed beside them is not meant.
        language: of the answer.
    """
    said = " ".join(text.split()).strip()
    if not said or _REFUSAL.search(said):
        return None
    if field.type == "yes_no":
        return (
            Found(False, "model") if _NO.search(said) else Found(True, "model") if _YES.search(said) else None
        )
    if field.type == "choice":
        named = [name for name, words in field.choices if plain(in_language(words, language)) in plain(said)]
        longest = max(named, key=lambda name: len(field.choice(name, language)), default=None)
        return None if longest is None else Found(longest, "model")
    label, colon, value = _split(said)
    typed = as_type(value.rstrip("。"), field.type)
    if (
        typed is None
        or typed.rstrip().endswith((":", "："))
        or any(plain(typed) == plain(other) for other in others)
    ):
        return None
    printed = _printed(typed, pages)
    if printed is None:
        return None
    cell = printed[1]
    if labels_of(tuple(others)).begin(f"{label}:" if colon else cell.text):
        return None
    return Found(as_json(typed, field.type), "model", (cell.place(printed[0]),))


def _split(text: str) -> tuple[str, str, str]:
    found = re.match(r"([^:：]{1,40}?)\s*[:：]\s*(\S.*)", text)
    return (found[1], ":", found[2]) if found and not found[1][-1:].isdigit() else ("", "", text)
