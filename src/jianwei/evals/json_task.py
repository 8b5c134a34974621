"""Whether answers bound to a schema obey it, wherever they are cut off.

Drawn scenes of all families are asked about under schemas of many kinds, with limits from one token up. Each answer is
parsed and checked by a validator that has nothing in common with what enforces the schema.
``python -m jianwei.evals.json_task [answers] [seed]`` prints the figures.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from jianwei.config import Settings
from jianwei.evals.tally import wilson
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import FAMILIES, draw
from jianwei.scenes.scene import Language
from jianwei.types import JSON_ANSWER, Completion, Grammar, SamplingParams

_LINE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "count": {"type": "integer", "minimum": 1, "maximum": 999},
        "price": {"type": "number", "minimum": 0},
    },
    "required": ["name", "count", "price"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {
    "objects, texts, relations": json.loads(JSON_ANSWER.text),
    "receipt": {
        "type": "object",
        "properties": {
            "merchant": {"type": ["string", "null"]},
            "currency": {"enum": ["CNY", "USD", "EUR"]},
            "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "lines": {"type": "array", "items": _LINE, "minItems": 1, "maxItems": 30},
            "total": {"type": "number"},
        },
        "required": ["merchant", "currency", "date", "lines", "total"],
        "additionalProperties": False,
    },
    "boxes": {
        "type": "array",
        "maxItems": 64,
        "items": {
            "type": "object",
            "properties": {
                "bbox_2d": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0, "maximum": 1000},
                    "minItems": 4,
                    "maxItems": 4,
                },
                "label": {"type": "string"},
            },
            "required": ["bbox_2d", "label"],
            "additionalProperties": False,
        },
    },
    "either": {
        "anyOf": [
            {"type": "object", "properties": {"found": {"const": True}, "text": {"type": "string", "minLength": 2}},
             "required": ["found", "text"], "additionalProperties": False},
            {"type": "object", "properties": {"found": {"const": False}}, "required": ["found"],
             "additionalProperties": False},
        ]
    },
    "deep": {
        "type": "object",
        "properties": {
            "page": {
                "type": "object",
                "properties": {
                    "sections": {
                        "type": "array",
                        "minItems": 2,
                        "items": {
                            "type": "object",
                            "properties": {"title": {"type": "string"}, "signed": {"type": "boolean"}},
                            "required": ["title", "signed"],
                            "additionalProperties": False,
                        },
                    }
                },
                "required": ["sections"],
                "additionalProperties": False,
            }
        },
        "required": ["page"],
        "additionalProperties": False,
    },
    "anything": {"type": ["object", "array", "string", "number", "boolean", "null"]},
}  # fmt: skip
"""Name to a schema."""

QUESTIONS: dict[Language, str] = {
    "zh": "把图中的内容整理成 JSON。",
    "en": "Give what the picture shows as JSON.",
}


@dataclass
class Tally:
    """What came of it.

    Attributes:
        answers: how many were asked for.
        valid: how many obey their schema.
        cut: how many were cut off at their limit.
        told: how many of these say so.
        wrong: schema, limit and text of those that do not obey.
    """

    answers: int = 0
    valid: int = 0
    cut: int = 0
    told: int = 0
    wrong: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])

    def add(self, name: str, limit: int, answer: Completion) -> None:
        """Judge one answer."""
        self.answers += 1
        is_cut = answer.finish_reason == "length"
        self.cut += is_cut
        self.told += is_cut and answer.truncated
        try:
            obeys = not violations(json.loads(answer.text), SCHEMAS[name])
        except ValueError:
            obeys = False
        self.valid += obeys
        if not obeys:
            self.wrong.append((name, limit, answer.text))


def violations(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value breaks a schema; empty where it obeys.

    Raises:
        ValueError: the schema has a word that is not known here.
    """
    unknown = set(schema) - _KNOWN
    if unknown:
        raise ValueError(f"{at}: {sorted(unknown)} cannot be checked")
    return [*_type_and_values(value, schema, at), *_parts(value, schema, at)]


_KNOWN = frozenset(
    ("type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items", "minItems",
     "maxItems", "minimum", "maximum", "minLength", "maxLength", "pattern")
)  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float),
}  # fmt: skip


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name]) or (
        name == "integer" and isinstance(value, float) and value.is_integer()
    )


def _type_and_values(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    found: list[str] = []
    named = schema.get("type", [])
    types = [named] if isinstance(named, str) else cast("list[str]", named)
    if types and not any(_is_of(value, name) for name in types):
        found.append(f"{at}: not {types}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: not among its values")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: not its value")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{at}: out of range")
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{at}: too short or too long")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: not of its pattern")
    if "anyOf" in schema and all(violations(value, each, at) for each in schema["anyOf"]):
        found.append(f"{at}: none of the ways")
    return found


def _parts(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        entries, inner = cast("dict[str, Any]", value), cast("dict[str, Any]", schema.get("properties", {}))
        found += [f"{at}.{name}: missing" for name in schema.get("required", []) if name not in entries]
        for name, entry in entries.items():
            if name in inner:
                found += violations(entry, inner[name], f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}.{name}: not allowed")
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if not schema.get("minItems", 0) <= len(items) <= schema.get("maxItems", len(items)):
            found.append(f"{at}: too few or too many")
        if "items" in schema:
            for i, item in enumerate(items):
                found += violations(item, schema["items"], f"{at}[{i}]")
    return found


def run(model: VisionModel, answers: int, seed: int = 0) -> Tally:
    """Ask for so many answers: schemas, families, limits and ways of choosing words in turn."""
    tally = Tally()
    names = list(SCHEMAS)
    families = list(FAMILIES)
    for number in range(seed, seed + answers):
        rng = Random(f"json {number}")
        language: Language = ("zh", "en")[number % 2]
        # A scene is drawn and read once for several answers.
        scene = draw(families[number // 20 % len(families)], number // 20, "test", language)
        name = names[number % len(names)]
        limit = rng.choice((rng.randint(1, 8), rng.randint(1, 40), rng.randint(40, 200), 300))
        sampling = SamplingParams(max_tokens=limit, temperature=rng.choice((0.0, 0.0, 1.0, 2.0)), seed=number)
        grammar = Grammar("json_schema", json.dumps(SCHEMAS[name]))
        tally.add(
            name, limit, model.ask(scene.image, QUESTIONS[language], grammar=grammar, sampling=sampling)
        )
    return tally


def main(answers: int = 1000, seed: int = 0) -> None:
    """Print the figures."""
    model = VisionModel(settings=Settings())
    try:
        tally = run(model, answers, seed)
    finally:
        model.close()
    low, high = wilson(tally.valid, tally.answers)
    print(f"valid: {tally.valid} of {tally.answers} (95% {low:.2%} to {high:.2%})")
    print(f"cut off: {tally.cut}, of which say so: {tally.told}")
    for name, limit, text in tally.wrong[:10]:
        print(f"wrong: {name}, {limit} tokens: {text[:200]!r}")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
