"""Checks of a recipe: what code can tell exactly from the values that were found.

Each says what it compared. A check whose values were not found says so, and neither passes nor fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jianwei.errors import Language, Phrase
from jianwei.evidence.plain import plain
from jianwei.evidence.values import amount_of, date_of, money
from jianwei.recipes.computed import column
from jianwei.recipes.found import Findings
from jianwei.recipes.homework_checks import mixed_notation, wrong_steps
from jianwei.recipes.recipe import Check, Field, Recipe, in_language
from jianwei.types import RecipeCheck

CENT = Decimal("0.005")
"""Amounts this near are equal."""

MAX_NAMED = 6
"""Rows that a check names."""


@dataclass(frozen=True)
class Facts:
    """What a check looks at."""

    recipe: Recipe
    found: Findings
    language: Language
    today: date

    def say(self, zh: str, en: str) -> str:
        """The words in the answer's language."""
        return zh if self.language == "zh" else en

    def label(self, name: str) -> str:
        """What people call a field or a column."""
        key, _, inner = name.partition(".")
        field = next(field for field in self.recipe.fields if field.key == key)
        if inner:
            field = next(each for each in field.columns if each.key == inner)
        return in_language(field.label, self.language)

    def list(self, words: Sequence[str]) -> str:
        """Some words, one after the other; not all of very many."""
        more = (
            self.say(f" 等 {len(words)} 处", f" and {len(words) - MAX_NAMED} more")
            if len(words) > MAX_NAMED
            else ""
        )
        return ("、" if self.language == "zh" else ", ").join(words[:MAX_NAMED]) + more


def run_checks(recipe: Recipe, found: Findings, language: Language, today: date) -> list[RecipeCheck]:
    """All checks of a recipe that have something to say."""
    facts = Facts(recipe, found, language, today)
    made = [(check.kind, _CHECKS[check.kind](check, facts)) for check in recipe.checks]
    return [RecipeCheck(kind, result[0], result[1]) for kind, result in made if result is not None]


Result = tuple[bool | None, str] | None


def _sum(check: Check, facts: Facts) -> Result:
    target = next((name for name in check.equals if name in facts.found), None)
    rows = any("." in name for name in check.of)
    if (
        target is None
        or (rows and not column(facts.found, check.of[0]))
        or (not rows and check.of[0] not in facts.found)
    ):
        return None
    wanted = amount_of(facts.found[target].value)
    terms = [(name, value) for name in check.of for value in column(facts.found, name)]
    taken = [(name, value) for name in check.minus for value in column(facts.found, name)]
    amounts = [amount_of(value) for _, value in (*terms, *taken)]
    if wanted is None or any(amount is None for amount in amounts):
        return None, facts.say(
            f"{facts.label(target)}：有金额没读清，无法核对。",
            f"{facts.label(target)}: an amount could not be read, so it was not checked.",
        )
    numbers = [amount for amount in amounts if amount is not None]
    total = sum(numbers[: len(terms)], Decimal(0)) - sum((abs(n) for n in numbers[len(terms) :]), Decimal(0))
    if not rows and len(terms) + len(taken) < 2:
        return None
    like = str(facts.found[target].value)
    names = (
        facts.label(check.of[0].partition(".")[0])
        if rows
        else " + ".join(facts.label(name) for name, _ in terms)
    )
    for name, _ in taken:
        names += f" − {facts.label(name)}"
    what = facts.say(f"{names}之和" if rows else names, f"the sum of “{names}”" if rows else names)
    said = f"{what} = {money(total, like)}"
    if abs(total - wanted) <= CENT:
        return True, said + facts.say(
            f"，与{facts.label(target)}相符。", f", which is the printed {facts.label(target)}."
        )
    apart = money(abs(total - wanted), like)
    return False, said + facts.say(
        f"，但{facts.label(target)}印的是 {like}，相差 {apart}。",
        f", but the printed {facts.label(target)} is {like}: {apart} apart.",
    )


def _product(check: Check, facts: Facts) -> Result:
    key = check.of[0].partition(".")[0]
    rows: list[dict[str, Any]] = facts.found[key].value if key in facts.found else []
    names = [name.partition(".")[2] for name in check.of]
    first = next(field for field in facts.recipe.fields if field.key == key).columns[0].key
    checked, wrong = 0, list[str]()
    for row in rows:
        amounts = [amount_of(row.get(name)) for name in names]
        if any(amount is None for amount in amounts):
            continue
        *factors, total = (amount for amount in amounts if amount is not None)
        made = Decimal(1)
        for factor in factors:
            made *= factor
        checked += 1
        if abs(made - total) > CENT:
            wrong.append(
                f"{row.get(first)}: {' × '.join(str(row[name]) for name in names[:-1])} = {made:f} ≠ {row[names[-1]]}"
            )
    if not checked:
        return None
    if wrong:
        return False, facts.say(
            f"有 {len(wrong)} 行算不对：", f"Lines that do not compute ({len(wrong)}): "
        ) + facts.list(wrong)
    return True, facts.say(
        f"{checked} 行的数量 × 单价都等于金额。", f"Quantity × price is the amount in every line ({checked})."
    )


def _hundred(check: Check, facts: Facts) -> Result:
    values, groups, titles, kinds = (column(facts.found, name) for name in check.of)
    pies = [title for title, kind in zip(titles, kinds, strict=True) if kind == "pie"]
    said: list[str] = []
    fits = True
    for title in pies:
        parts = [amount_of(value) for value, group in zip(values, groups, strict=True) if group == title]
        numbers = [part for part in parts if part is not None]
        if len(numbers) < 2:
            continue
        total = sum(numbers, Decimal(0))
        fits = fits and abs(total - 100) <= 1
        said.append(f"{title}: {total:f}%")
    if not said:
        return None
    return fits, facts.say("百分比之和：", "Percentages add up to ") + facts.list(said) + facts.say("。", ".")


def _filled(check: Check, facts: Facts) -> Result:
    key = check.of[0].partition(".")[0]
    rows: list[dict[str, Any]] = facts.found[key].value if key in facts.found else []
    if not rows:
        return None
    first = next(field for field in facts.recipe.fields if field.key == key).columns[0].key
    blank = [
        f"{row.get(first)}（{facts.label(name)}：否）"
        if facts.language == "zh"
        else f"{row.get(first)} ({facts.label(name)}: no)"
        for row in rows
        for name in check.of
        if row.get(name.partition(".")[2]) is False
    ]
    if blank:
        return False, facts.say("空白：", "Blank: ") + facts.list(blank) + facts.say("。", ".")
    return True, facts.say(
        f"{len(rows)} 处签字栏都不是空白。", f"No place to sign is blank ({len(rows)} in all)."
    )


def _present(check: Check, facts: Facts) -> Result:
    missing: list[str] = []
    for name in check.of:
        key, _, inner = name.partition(".")
        if not inner:
            missing += [] if key in facts.found else [facts.label(name)]
        elif key in facts.found:
            empty = sum(value is None for value in column(facts.found, name))
            missing += (
                [facts.say(f"{empty} 处{facts.label(name)}", f"{facts.label(name)} ({empty} times)")]
                if empty
                else []
            )
    if not missing:
        return None
    return False, facts.say(f"没有读到：{facts.list(missing)}。", f"Not found: {facts.list(missing)}.")


def _arithmetic(check: Check, facts: Facts) -> Result:
    tasks, steps = (_table(facts, name) for name in check.of)
    wrong, checked = wrong_steps(tasks, steps)
    if not checked:
        return None
    if not wrong:
        return True, facts.say(
            f"能验算的 {checked} 步都算得对。", f"All steps that can be checked compute ({checked})."
        )
    said = [facts.say(f"第{e}题第{n}步“{text}”", f"exercise {e}, step {n} “{text}”") for e, n, text in wrong]
    return False, facts.say(
        f"接不上前一步：{facts.list(said)}。（按读到的文字；请对照原图。）",
        f"Does not follow from the step before: {facts.list(said)}. (As it was read; compare with the picture.)",
    )


def _notation(check: Check, facts: Facts) -> Result:
    steps = _table(facts, check.of[0])
    if not steps:
        return None
    mixed = mixed_notation(steps, facts.language)
    if mixed:
        return False, facts.say("写法不一致：", "Inconsistent notation: ") + facts.list(mixed) + facts.say(
            "。", "."
        )
    return True, facts.say("没有发现不一致的写法。", "No inconsistent notation was found.")


def _numbering(check: Check, facts: Facts) -> Result:
    key, _, inner = check.of[0].partition(".")
    rows = _table(facts, check.of[0])
    if not rows:
        return None
    gaps: list[str] = []
    for group in dict.fromkeys(row.get("exercise") for row in rows):
        numbers = [
            int(value)
            for row in rows
            if row.get("exercise") == group and (value := amount_of(row.get(inner)))
        ]
        missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
        gaps += [str(n) if group is None else f"{group}-{n}" for n in missing]
    what = in_language(next(f for f in facts.recipe.fields if f.key == key).label, facts.language)
    if gaps:
        return False, facts.say(
            f"{what}编号不连续，缺 {facts.list(gaps)}。", f"{what}: the numbering lacks {facts.list(gaps)}."
        )
    return True, facts.say(f"{what}编号连续。", f"{what}: the numbering runs on.")


def _dates(check: Check, facts: Facts) -> Result:
    rows = _table(facts, check.of[0])
    inner = check.of[0].partition(".")[2]
    dated = [(row, day) for row in rows if (day := date_of(str(row.get(inner) or ""))) is not None]
    if not dated:
        return None
    past = [f"{next(iter(row.values()))} ({row[inner]})" for row, day in dated if day < facts.today]
    if past:
        return False, facts.say(
            f"已过期（今天 {facts.today}）：{facts.list(past)}。",
            f"Past its date (today is {facts.today}): {facts.list(past)}.",
        )
    return True, facts.say(f"{len(dated)} 个日期都未过期。", f"No date has passed ({len(dated)} in all).")


def _one_price(check: Check, facts: Facts) -> Result:
    names, prices = (column(facts.found, name) for name in check.of)
    seen: dict[str, tuple[str, set[Decimal]]] = {}
    for name, price in zip(names, prices, strict=True):
        value = amount_of(price)
        if name is not None and value is not None:
            seen.setdefault(plain(str(name)), (str(name), set()))[1].add(value)
    twice = [name for name, values in seen.values() if len(values) > 1]
    if not twice:
        return None
    return False, facts.say(
        f"同名不同价：{facts.list(twice)}。", f"One article at several prices: {facts.list(twice)}."
    )


def _table(facts: Facts, name: str) -> list[dict[str, Any]]:
    key = name.partition(".")[0]
    return facts.found[key].value if key in facts.found else []


_CHECKS: dict[str, Callable[[Check, Facts], Result]] = {
    "sum": _sum,
    "product": _product,
    "hundred": _hundred,
    "filled": _filled,
    "present": _present,
    "arithmetic": _arithmetic,
    "notation": _notation,
    "numbering": _numbering,
    "dates": _dates,
    "one_price": _one_price,
}

DISAGREES = Phrase(
    "{label}: the model reads {said}, the line reads {read}.",
    "{label}：模型读作 {said}，文字识别读作 {read}，请对照原图。",
)
"""Where a model and OCR read one field differently."""


def disagreement(field: Field, said: object, read: object, language: Language) -> RecipeCheck:
    """The check of a field that a model and OCR read differently."""
    words = in_language(DISAGREES, language)
    label = in_language(field.label, language)
    return RecipeCheck("agrees", False, words.format(label=label, said=said, read=read))
