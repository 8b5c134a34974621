"""How many fields each recipe has right on the scenes of its family.

The truth is that of the scenes' own questions: each question about something that a field of the recipe holds is
answered from the recipe's data, and scored as an answer to it. A field that the picture does not show must be
empty. ``python -m jianwei.evals.recipes_task [scenes] [--split train] [--only RECIPE] [--show]`` prints a table.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jianwei.config import Settings
from jianwei.evals.scoring import score
from jianwei.evals.tally import wilson
from jianwei.evidence.plain import plain
from jianwei.pipeline import VisionModel
from jianwei.recipes.labels import labels_of
from jianwei.recipes.library import find_recipe
from jianwei.recipes.recipe import Recipe
from jianwei.scenes.families import draw
from jianwei.scenes.scene import REFUSALS, Language, Question, Scene, Split

Data = Mapping[str, Any]

FAMILIES = ("cartons", "shelves", "homework", "screens", "documents", "charts")

GOAL = 0.85


@dataclass(frozen=True)
class Scored:
    """One field of one scene: which, what was said, what is true, and whether that is right."""

    recipe: str
    scene: str
    field: str
    said: str
    true: str
    right: bool


def recipe_for(scene: Scene) -> str:
    """The recipe that a scene is for."""
    if scene.family == "documents":
        kind = next(question.answer for question in scene.questions if question.kind == "kind")
        return "contract" if kind in ("合同", "contract") else "invoice"
    return {
        "cartons": "damage", "shelves": "price_tag", "homework": "homework", "screens": "support", "charts": "chart"
    }[scene.family]  # fmt: skip


def judge(scene: Scene, name: str, data: Data, about: str = "") -> Iterator[Scored]:
    """Score a recipe's data by the scene's questions.

    Args:
        scene: with its truth.
        name: of the recipe.
        data: what it found.
        about: the scene's name, for the list.
    """
    recipe = find_recipe(name)
    for question in scene.questions:
        said = _said(recipe, question, data, scene.language)
        if said is not None:
            key, text = said
            right = score(question, text or REFUSALS[scene.language]).right
            yield Scored(name, about, key, text, question.answer, right)
    for key in _absent(scene, name):
        value = data.get(key)
        yield Scored(name, about, f"{key} (absent)", "" if value is None else str(value), "", value is None)


def _said(recipe: Recipe, question: Question, data: Data, language: Language) -> tuple[str, str] | None:
    """The field that answers a question, and what it says; None: no field of this recipe does."""
    if question.kind == "field":
        return _labelled(recipe, question, data)
    answer = _ANSWERS.get(recipe.name, {}).get(question.kind)
    said = None if answer is None else answer(question, data, recipe, language)
    return None if said is None else (question.kind, said)


def _labelled(recipe: Recipe, question: Question, data: Data) -> tuple[str, str] | None:
    """A question for a printed label: a field of the recipe, if it knows that label."""
    if recipe.name == "homework":  # asked by meaning: which one shows in the value
        value = re.split(r"[:：]\s*", question.answer)[-1]
        if re.search(r"月|^[A-Z][a-z]{2} \d", value):
            return "date", _text(data.get("date"))
        key = "class" if re.fullmatch(r".*班|\d[A-D]", value) else "name"
        return key, _text(data.get(key))
    for field in recipe.fields:
        if labels_of(field.beside).begin(question.answer, colon=True):
            return field.key, _text(data.get(field.key))
    return None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _rows(data: Data, key: str) -> list[dict[str, Any]]:
    return data.get(key) or []


def _field(key: str) -> Answer:
    return lambda _question, data, _recipe, _language: _text(data.get(key))


def _named(rows: str, key: str, name: str = "name") -> Answer:
    """A column of the row whose name the question names."""

    def answer(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
        asked = plain(question.text)
        there = [row for row in _rows(data, rows) if row.get(name) and plain(str(row[name])) in asked]
        row = max(there, key=lambda row: len(str(row[name])), default=None)
        return "" if row is None else _text(row.get(key))

    return answer


def _count(rows: str) -> Answer:
    return lambda _question, data, _recipe, _language: str(len(_rows(data, rows)))


def _choice(key: str, rows: str = "") -> Answer:
    """A yes or no in the question's own words: its first choice is the "no" of a place to sign, else the "yes"."""

    def answer(question: Question, data: Data, recipe: Recipe, language: Language) -> str:
        value = data.get(key)
        if rows:
            asked = plain(question.text)
            there = [row for row in _rows(data, rows) if plain(str(row["field"])) in asked]
            row = max(there, key=lambda row: len(str(row["field"])), default={})
            value = row.get(key)
            return "" if value is None else question.choices[1 if value else 0]
        if isinstance(value, bool):
            return question.choices[0 if value else 1]
        field = next(field for field in recipe.fields if field.key == key)
        return "" if value is None else field.choice(value, language)

    return answer


def _damage_place(question: Question, data: Data, recipe: Recipe, language: Language) -> str:
    """The place; of a whole carton the words for that."""
    if data.get("damaged") is False or data.get("kind") == "none":
        return "没有破损。" if language == "zh" else "No, it is not damaged."
    return str(_choice("place")(question, data, recipe, language))


def _marks(_question: Question, data: Data, _recipe: Recipe, language: Language) -> str:
    marks = data.get("marks") or []
    nothing = "没有标识。" if language == "zh" else "There are no marks."
    return ("、" if language == "zh" else ", ").join(marks) or nothing


def _mark(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    """Whether a mark is there, or is missing: both ways of asking."""
    there = any(plain(mark) in plain(question.text) for mark in data.get("marks") or [])
    missing = question.choices[0] in ("缺少。", "Yes, it is missing.")
    return question.choices[(0 if there else 1) if not missing else (1 if there else 0)]


def _tag_price(question: Question, data: Data, recipe: Recipe, language: Language) -> str:
    price, unit = (_named("tags", key)(question, data, recipe, language) for key in ("price", "unit"))
    return f"{price}/{unit}" if unit else str(price)


def _tag_count(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str | None:
    """How many tags there are; how many boards a shelf has no recipe says."""
    return None if question.choices == ("1", "2", "3") else str(len(_rows(data, "tags")))


def _which(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    """The article of which the question names the price."""
    asked = plain(question.text)
    there = [(_with_unit(row), row) for row in _rows(data, "tags") if plain(_with_unit(row)) in asked]
    return _text(max(there, key=lambda item: len(item[0]), default=("", {}))[1].get("name"))


def _with_unit(row: Mapping[str, Any]) -> str:
    return f"{row.get('price')}/{row['unit']}" if row.get("unit") else str(row.get("price"))


def _place_in_sheet(question: Question) -> tuple[int, int]:
    """Exercise and step that a question about homework names; 1 and 0 where it names none."""
    exercise = re.search(r"第(\d+)题|exercise (\d+)", question.text)
    step = re.search(r"第(\d+)步|步骤(\d+)|step (?:number )?(\d+)", question.text)
    return (
        int(next(filter(None, exercise.groups()))) if exercise else 1,
        int(next(filter(None, step.groups()))) if step else 0,
    )


def _step(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    wanted = _place_in_sheet(question)
    there = (row["text"] for row in _rows(data, "steps") if (row["exercise"], row["number"]) == wanted)
    return _text(next(there, None))


def _final(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    exercise, _ = _place_in_sheet(question)
    lines = [row["text"] for row in _rows(data, "steps") if row["exercise"] == exercise]
    found = re.search(r"[\d.]+(?:/[\d.]+)?", lines[-1].split("=")[-1]) if lines else None
    return found[0] if found else ""


def _task(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    exercise, _ = _place_in_sheet(question)
    return _text(next((row["text"] for row in _rows(data, "tasks") if row["exercise"] == exercise), None))


def _remaining(_question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    if data.get("threshold") is None or data.get("subtotal") is None:
        return ""
    return _text(data.get("remaining")) or "0"


def _clause(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    number = re.search(r"\d+", question.text)
    wanted = int(number[0]) if number else 0
    return _text(next((row["text"] for row in _rows(data, "clauses") if row["number"] == wanted), None))


def _figure(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
    """The figure of a category, and of a column where the question names one."""
    asked = plain(question.text)
    rows = _of_chart(_rows(data, "figures"), question)
    rows = [row for row in rows if row.get("name") and plain(str(row["name"])) in asked]
    rows = [row for row in rows if not row.get("series") or plain(str(row["series"])) in asked]
    row = max(rows, key=lambda row: len(str(row["name"])), default=None)
    return "" if row is None else _text(row["value"])


def _of_chart(rows: Sequence[dict[str, Any]], question: Question, key: str = "chart") -> list[dict[str, Any]]:
    """The rows of the chart that a question names; all where it names none."""
    named = [row for row in rows if row.get(key) and plain(str(row[key])) in plain(question.text)]
    return named or list(rows) if not re.search('[“"]', question.text) else named


def _about_chart(key: str) -> Answer:
    def answer(question: Question, data: Data, recipe: Recipe, language: Language) -> str:
        rows = _of_chart(_rows(data, "charts"), question, "title")
        if not rows:
            return ""
        if key == "kind":
            column = next(c for f in recipe.fields if f.key == "charts" for c in f.columns if c.key == "kind")
            return column.choice(rows[0].get("kind"), language)
        return _text(rows[0].get(key))

    return answer


def _extreme(key: str) -> Answer:
    def answer(question: Question, data: Data, _recipe: Recipe, _language: Language) -> str:
        rows = _of_chart(_rows(data, key), question)
        return _text(rows[0]["name"]) if rows else ""

    return answer


Answer = Callable[[Question, Data, Recipe, Language], "str | None"]

_PAPER: dict[str, Answer] = {
    "total": _field("total"),
    "date": _field("date"),
    "number": _field("number"),
    "title": _field("title"),
    "stamp": _choice("stamp"),
    "signature": _choice("signed", "signatures"),
    "sign_date": _choice("dated", "signatures"),
}
_ANSWERS: dict[str, dict[str, Answer]] = {
    "damage": {
        "damaged": _choice("damaged"),
        "damage_kind": _choice("kind"),
        "damage_place": _damage_place,
        "damage_share": _field("width_share"),
        "lining": _choice("lining"),
        "marks": _marks,
        "mark": _mark,
    },
    "price_tag": {
        "price": _tag_price,
        "unit": _named("tags", "unit"),
        "best_before": _named("tags", "best_before"),
        "count": _tag_count,
        "which": _which,
    },
    "homework": {"step": _step, "final": _final, "task": _task, "score": _field("score")},
    "support": {
        "fee": _field("shipping"),
        "to_pay": _field("total"),
        "threshold": _field("threshold"),
        "remaining": _remaining,
        "small_print": _field("coupon"),
        "price": _named("goods", "amount"),
        "quantity": _named("goods", "count"),
        "count": _count("goods"),
    },
    "invoice": {
        **_PAPER,
        "tax": _field("tax"),
        "seller": _field("seller"),
        "buyer": _field("buyer"),
        "amount": _named("lines", "amount"),
        "quantity": _named("lines", "count"),
    },
    "contract": {**_PAPER, "seller": _field("party_b"), "buyer": _field("party_a"), "clause": _clause},
    "chart": {
        "value": _figure,
        "cell": _figure,
        "unit": _about_chart("unit"),
        "axis": _about_chart("measure"),
        "chart_title": _about_chart("title"),
        "chart_kind": _about_chart("kind"),
        "largest": _extreme("largest"),
        "smallest": _extreme("smallest"),
    },
}
"""Recipe and kind of question to the answer that the recipe's data gives."""


def _absent(scene: Scene, name: str) -> list[str]:
    """Fields of the recipe that the scene does not show."""
    asked = {question.kind for question in scene.questions}
    if name == "support":
        return ["threshold", "remaining"] if "threshold" not in asked else []
    if name == "homework":
        return ["score"] if "score" not in asked else []
    if name in ("invoice", "contract"):
        return [key for key in ("number", "tax") if key not in asked and (key, name) != ("tax", "contract")]
    return []


def run(
    model: VisionModel, scenes: int, split: Split = "test", seed: int = 0, only: str | None = None
) -> list[Scored]:
    """Draw, ask by recipe, score."""
    found: list[Scored] = []
    for number in range(seed, seed + scenes):
        language: Language = ("zh", "en")[number % 2]
        for family in FAMILIES:
            scene = draw(family, number, split, language)
            name = recipe_for(scene)
            if only not in (None, name):
                continue
            recipe = find_recipe(name)
            question = recipe.question.zh if language == "zh" else recipe.question.en
            report = model.ask(scene.image, question, recipe=name).recipe
            data = report.data if report is not None else {}
            found += judge(scene, name, data, f"{family} {split} {language} {number}")
    return found


def table(scored: Sequence[Scored]) -> str:
    """Shares of right fields with their 95% intervals, by recipe and in all."""
    names = [*dict.fromkeys(each.recipe for each in scored), ""]
    lines = ["| recipe | fields right | n | 95% interval |", "| --- | --- | --- | --- |"]
    for name in names:
        group = [each.right for each in scored if name in ("", each.recipe)]
        low, high = wilson(sum(group), len(group))
        share = sum(group) / max(1, len(group))
        lines.append(f"| {name or 'all'} | {share:.1%} | {len(group)} | {low:.1%} to {high:.1%} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", type=int, nargs="?", default=20)
    parser.add_argument("--split", choices=("test", "train"), default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--show", action="store_true", help="print every wrong field")
    options = parser.parse_args()
    model = VisionModel(settings=Settings())
    try:
        scored = run(model, options.scenes, options.split, options.seed, options.only)
    finally:
        model.close()
    for each in scored if options.show else []:
        if not each.right:
            print(f"{each.scene}: {each.field}: {each.said!r}, not {each.true!r}")
    print(table(scored))


if __name__ == "__main__":
    main()
