"""The report of a recipe: Markdown in the question's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jianwei.errors import Language
from jianwei.evidence.values import amount_of
from jianwei.recipes.found import Findings, Found
from jianwei.recipes.recipe import Field, Recipe, Reply, in_language
from jianwei.types import Finding, RecipeCheck

MARKS = {True: "✓", False: "✗", None: "?"}

_UNSURE = {
    "zh": "† 由内置小模型回答，请对照原图。",
    "en": "† Answered by the small built-in model: compare with the picture.",
}
_COMPUTED = {"zh": "（算得）", "en": " (computed)"}


def data_of(recipe: Recipe, found: Findings) -> dict[str, Any]:
    """Every field of the recipe with its value; None for what was not found, no rows for rows."""
    return {
        field.key: found[field.key].value
        if field.key in found
        else ([] if field.type in ("rows", "list") else None)
        for field in recipe.fields
    }


def findings_of(recipe: Recipe, found: Findings, language: Language) -> tuple[Finding, ...]:
    """Who says each value, and where it was read."""
    made: list[Finding] = []
    for field in recipe.fields:
        label = in_language(field.label, language)
        value = found.get(field.key)
        if value is None:
            made.append(Finding(field.key, label, None, None))
        else:
            made.append(Finding(field.key, label, value.value, value.source, value.places))
    return tuple(made)


def write_report(
    recipe: Recipe, found: Findings, checks: Sequence[RecipeCheck], language: Language, *, small: bool
) -> str:
    """The report.

    Args:
        recipe: what was asked for.
        found: what was found.
        checks: what was checked.
        language: of the words.
        small: the built-in model answered: what it says is marked.
    """
    zh = language == "zh"
    parts = [f"**{in_language(recipe.title, language)}**"]
    reply = fitting_reply(recipe, found, language)
    if reply:
        parts.append(reply)
    singles = [field for field in recipe.fields if field.type != "rows" and field.key in found]
    lines = [
        _line(field, found[field.key], language, small=small) for field in singles if field.type != "box"
    ]
    if lines:
        parts.append("\n".join(lines))
    for field in recipe.fields:
        if field.type == "rows" and field.key in found:
            parts.append(
                f"**{in_language(field.label, language)}**\n\n{_table(field, found[field.key].value, language)}"
            )
    if checks:
        said = "\n".join(f"- {MARKS[check.passed]} {check.said}" for check in checks)
        parts.append(f"**{'核对' if zh else 'Checks'}**\n\n{said}")
    checked = {name for check in recipe.checks if check.kind == "present" for name in check.of}
    missing = [
        in_language(field.label, language)
        for field in recipe.fields
        if field.key not in found
        and field.compute is None
        and field.type != "box"
        and field.key not in checked
    ]
    if missing:
        names = ("、" if zh else ", ").join(missing)
        parts.append(f"没有读到：{names}。" if zh else f"Not found: {names}.")
    if small and any(value.source == "model" for value in found.values()):
        parts.append(_UNSURE[language])
    return "\n\n".join(parts)


def fitting_reply(recipe: Recipe, found: Findings, language: Language) -> str:
    """The first sentence whose conditions hold; empty without one."""
    reply = next((reply for reply in recipe.replies if _fits(reply, found)), None)
    if reply is None:
        return ""
    fields = {field.key: field for field in recipe.fields}

    def value(match: re.Match[str]) -> str:
        key = match[1]
        return shown(fields[key], found[key].value, language) if key in found else "—"

    return re.sub(r"\{(\w+)\}", value, in_language(reply.text, language))


def _fits(reply: Reply, found: Findings) -> bool:
    return all(_holds(found.get(name)) for name in reply.needs) and not any(
        _holds(found.get(name)) for name in reply.without
    )


def _holds(found: Found | None) -> bool:
    """Whether there is something: no "no", no 0, no empty list."""
    if found is None or found.value in (False, None, [], "", "none"):
        return False
    return amount_of(found.value) != 0 if isinstance(found.value, (int, float)) else True


def shown(field: Field, value: Any, language: Language) -> str:
    """A value as people read it."""
    zh = language == "zh"
    if value is None:
        return "—"
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if field.type == "choice":
        return field.choice(value, language)
    if isinstance(value, list):
        return ("、" if zh else ", ").join(str(each) for each in value)
    return str(value)


def _line(field: Field, found: Found, language: Language, *, small: bool) -> str:
    colon = "：" if language == "zh" else ": "
    mark = (
        "†"
        if small and found.source == "model"
        else _COMPUTED[language]
        if found.source == "computed"
        else ""
    )
    said = _escaped(shown(field, found.value, language))
    return f"- {in_language(field.label, language)}{colon}{said}{mark}"


def _table(field: Field, rows: Sequence[dict[str, Any]], language: Language) -> str:
    """A Markdown table; columns in which nothing was found are left out."""
    columns = [column for column in field.columns if any(row.get(column.key) is not None for row in rows)]
    head = [in_language(column.label, language) for column in columns]
    body = [[_escaped(shown(column, row.get(column.key), language)) for column in columns] for row in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(columns), *body)]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Text of a picture that Markdown shows as it is."""
    return re.sub(r"([\\`*_|<>#\[\]])", r"\\\1", " ".join(text.split()))
