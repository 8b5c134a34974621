"""Checks of homework: does each step follow from the one before, and is one thing always written one way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jianwei.errors import Language
from jianwei.recipes.expressions import sides, solution, value_of

Rows = Sequence[dict[str, Any]]

_WAYS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("乘号", "the sign of multiplication", (("×", "×"), ("*", r"\*"), ("x", r"\d\s?[xX]\s?\d"), ("·", "·"))),
    ("除号", "the sign of division", (("÷", "÷"), ("/", r"\d\s?/\s?\d"), (":", r"\d\s?[:：]\s?\d"))),
    ("小数点", "the decimal point", ((".", r"\d\.\d"), (",", r"\d,\d{1,2}(?!\d)"))),
    ("厘米", "centimetres", (("cm", r"\d\s?cm\b"), ("厘米", r"\d\s?厘米"))),
    ("千米每时", "kilometres an hour", (("km/h", r"\d\s?km/h"), ("千米/时", r"\d\s?千米/时"))),
)
"""What may be written in several ways: its name in Chinese and English, and each way with its pattern."""


def wrong_steps(tasks: Rows, steps: Rows) -> tuple[list[tuple[int, int, str]], int]:
    """Steps that do not follow: exercise, number and text of each; and how many steps could be checked."""
    wrong: list[tuple[int, int, str]] = []
    checked = 0
    for exercise in dict.fromkeys(step.get("exercise") for step in steps):
        task = next((str(task.get("text") or "") for task in tasks if task.get("exercise") == exercise), "")
        state = _State(task)
        for step in steps:
            if step.get("exercise") != exercise:
                continue
            text = str(step.get("text") or "")
            follows = state.follows(text)
            checked += follows is not None
            if follows is False:
                wrong.append((int(exercise or 1), int(step.get("number") or 0), text))
    return wrong, checked


class _State:
    """What the steps so far say: the value of a sum, or the solution of an equation."""

    def __init__(self, task: str) -> None:
        problem = re.split(r"[:：]", task)[-1]
        self._value = None if "=" in problem else value_of(problem)
        self._solution = solution(*sides(problem)) if len(sides(problem)) == 2 else None

    def follows(self, text: str) -> bool | None:
        """Whether a step agrees with what was before it; None: that cannot be told. It is remembered either way."""
        parts = sides(text)
        if len(parts) == 2 and parts[0]:
            solved = solution(*parts)
            if solved is not None:
                before, self._solution = self._solution, solved
                self._value = value_of(parts[1])
                if before is None or before[0] != solved[0]:
                    return None
                return before[1] == solved[1]
        values = [value_of(part) for part in parts if part]
        if not values or any(value is None for value in values):
            if len(parts) == 2 and values and values[-1] is not None:
                self._value = values[-1]  # "C=2×(5+3)": the next line goes on with the right side
                return None
            return None
        known = [value for value in values if value is not None]
        if not parts[0] and self._value is not None:
            known.insert(0, self._value)
        self._value = known[-1]
        return all(value == known[0] for value in known) if len(known) > 1 else None


def mixed_notation(steps: Rows, language: Language) -> list[str]:
    """Things that are written now one way and now another."""
    texts = [str(step.get("text") or "") for step in steps]
    found: list[str] = []
    for chinese, english, ways in _WAYS:
        used = [way for way, pattern in ways if any(re.search(pattern, text) for text in texts)]
        if len(used) > 1:
            found.append(
                f"{chinese}有时写作 {'、有时写作 '.join(used)}"
                if language == "zh"
                else f"{english} is written {' and '.join(used)}"
            )
    for letter in "abcnstvxyz":
        both = [way for way in (letter, letter.upper()) if any(_stands_alone(way, text) for text in texts)]
        if len(both) == 2 and letter not in "cs":  # C, S and c, s are different quantities
            found.append(
                f"同一字母有大写也有小写：{both[0]}、{both[1]}"
                if language == "zh"
                else f"one letter is written small and large: {both[0]}, {both[1]}"
            )
    return found


def _stands_alone(letter: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){letter}(?![A-Za-z])", text) is not None
