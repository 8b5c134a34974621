"""Values that code works out exactly from what was found: what is missing to a threshold, the largest, how many."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from jianwei.evidence.values import amount_of, money, number_text
from jianwei.recipes.found import Findings, Found
from jianwei.recipes.recipe import Field, Recipe
from jianwei.types import GroundedBox


def compute_fields(recipe: Recipe, found: Findings) -> Findings:
    """The computed fields of a recipe whose parts were found."""
    made: Findings = {}
    for field in recipe.fields:
        if field.compute is None:
            continue
        value = _COMPUTE[field.compute](field, {**found, **made})
        if value is not None:
            made[field.key] = value
    return made


def column(found: Findings, name: str) -> list[Any]:
    """The values of ``rows.column``, or the one of a field; empty where it was not found."""
    key, _, inner = name.partition(".")
    if key not in found:
        return []
    value = found[key].value
    if not inner:
        return [value]
    rows = cast("list[dict[str, Any]]", value)
    return [row.get(inner) for row in rows]


def _shortfall(field: Field, found: Findings) -> Found | None:
    """What the second amount lacks to the first; nothing where it lacks nothing."""
    if any(name not in found for name in field.of[:2]):
        return None
    wanted, there = (amount_of(found[name].value) for name in field.of[:2])
    if wanted is None or there is None or wanted <= there:
        return None
    like = next((str(found[name].value) for name in field.of[1::-1] if not _bare(found[name].value)), "")
    missing = money(wanted - there, like) if field.type == "money" else number_text(wanted - there)
    return Found(missing, "computed", tuple(place for name in field.of[:2] for place in found[name].places))


def _bare(value: Any) -> bool:
    """Whether a value is a number without a currency."""
    return isinstance(value, (int, float)) or str(value).replace(".", "").isdigit()


def _extreme(field: Field, found: Findings, *, largest: bool) -> Found | None:
    """The row with the largest or smallest value; of each group where a third column names groups."""
    values = [amount_of(value) for value in column(found, field.of[0])]
    names = column(found, field.of[1]) if len(field.of) > 1 else [None] * len(values)
    groups = column(found, field.of[2]) if len(field.of) > 2 else [None] * len(values)
    rows = [
        (value, name, group)
        for value, name, group in zip(values, names, groups, strict=True)
        if value is not None and name is not None
    ]
    best: dict[Any, tuple[Decimal, Any]] = {}
    for value, name, group in rows:
        known = best.get(group)
        if known is None or (value > known[0] if largest else value < known[0]):
            best[group] = value, name
    if not best:
        return None
    if field.type == "rows":
        keys = [each.key for each in field.columns]
        made = [
            dict(zip(keys, (group, name, number_text(value)), strict=False))
            for group, (value, name) in best.items()
        ]
        return Found(made, "computed")
    value, name = next(iter(best.values()))
    return Found(f"{name} ({_as_printed(field, found, value)})", "computed")


def _as_printed(field: Field, found: Findings, value: Decimal) -> Any:
    return next((said for said in column(found, field.of[0]) if amount_of(said) == value), value)


def _count(field: Field, found: Findings) -> Found | None:
    name = field.of[0]
    return Found(len(found[name].value), "computed") if name in found else None


def _share_of_width(field: Field, found: Findings) -> Found | None:
    """How many percent of the second box's width the first one takes."""
    places: list[GroundedBox] = []
    for name in field.of[:2]:
        if name not in found or not found[name].places:
            return None
        places.append(found[name].places[0])
    part, whole = (place.bbox[2] - place.bbox[0] for place in places)
    if whole <= 0 or part > whole:
        return None
    return Found(round(100 * part / whole), "computed", tuple(places))


def _largest(field: Field, found: Findings) -> Found | None:
    return _extreme(field, found, largest=True)


def _smallest(field: Field, found: Findings) -> Found | None:
    return _extreme(field, found, largest=False)


_COMPUTE = {
    "shortfall": _shortfall,
    "largest": _largest,
    "smallest": _smallest,
    "count": _count,
    "share_of_width": _share_of_width,
}
