# ruff: noqa: E501 - tables of wordings
"""Exercises as pupils work them: a task, numbered steps in LaTeX, a last line with the answer, a slip at times.

The splits have different kinds of exercises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jianwei.scenes import words
from jianwei.scenes.scene import Language, Split


@dataclass(frozen=True)
class Exercise:
    """What is on the paper for one exercise.

    Attributes:
        task: the printed or copied problem, in the small LaTeX of ``formulas``.
        steps: what the pupil wrote, line by line; the last one holds the answer.
        answer: the final answer as written, without its unknown or unit ("5").
        slip: number of the step (from 1) in which a mistake was made; 0 without one.
    """

    task: str
    steps: tuple[str, ...]
    answer: str
    slip: int


def exercise(rng: Random, split: Split, language: Language) -> Exercise:
    """One exercise of the split's kinds; four in ten have a slip."""
    task, steps = rng.choice(KINDS[split])(rng, language)
    slip = 0
    if rng.random() < 0.4:
        slip = rng.randint(1, len(steps))
        steps = (*steps[: slip - 1], _slipped(rng, steps[slip - 1]), *steps[slip:])
    answer = re.findall(r"\\frac\{\d+\}\{\d+\}|\d+(?:\.\d+)?", steps[-1])[-1]
    return Exercise(task, steps, answer, slip)


Worked = tuple[str, tuple[str, ...]]
"""A task and its right steps."""


ASKED = {
    "solve": ("解方程：|解：|求解：|解一解：|解下面的方程：|方程：|求出x、y或n：|解出方程：", "Solve: |Solve the equation: |Equation: |Solve for the letter: |What is the letter? |Solve this: "),
    "work out": ("计算：|算出：|求：|口算：|笔算：|列式计算：|计算下列各题：|算式：|用竖式算：|求出结果：", "Work out: |Compute: |Do the sum: |Simplify: |Find: |Give the result: |Reckon: |How much: "),
    "stepwise": ("脱式计算：|递等式计算：|分步计算：|混合运算：|按顺序计算：|简便计算：", "Calculate: |Calculate step by step: |In order: |Mixed sum: |Simplify: "),
    "evaluate": ("求值：|化简求值：|求下式的值：|式子的值：", "Evaluate: |Find the value: |Value of: |Powers: "),
}  # fmt: skip
"""How an exercise begins, in training: Chinese, then English, parted by ``|``."""


def asked(rng: Random, language: Language, key: str) -> str:
    """One of the ways in which an exercise of the sort ``key`` of ``ASKED`` begins."""
    return rng.choice(ASKED[key][0 if language == "zh" else 1].split("|"))


def _word(language: Language, chinese: str, english: str) -> str:
    return chinese if language == "zh" else english


def _linear(rng: Random, language: Language) -> Worked:
    a, x, b = rng.randint(2, 9), rng.randint(2, 15), rng.randint(1, 30)
    plus = rng.random() < 0.5
    right = a * x + b if plus else a * x - b
    sign, back = ("+", "-") if plus else ("-", "+")
    unknown = rng.choice("xyn")
    return (
        f"{asked(rng, language, 'solve')}{a}{unknown}{sign}{b}={right}",
        (
            f"{a}{unknown}={right}{back}{b}",
            f"{a}{unknown}={a * x}",
            f"{unknown}={a * x}\\div {a}",
            f"{unknown}={x}",
        ),
    )


def _fractions(rng: Random, language: Language) -> Worked:
    b, d = rng.sample(range(2, 10), 2)
    a, c = rng.randint(1, b - 1), rng.randint(1, d - 1)
    low = math.lcm(b, d)
    top = a * low // b + c * low // d
    steps = [
        f"=\\frac{{{a * low // b}}}{{{low}}}+\\frac{{{c * low // d}}}{{{low}}}",
        f"=\\frac{{{a * low // b}+{c * low // d}}}{{{low}}}",
        f"=\\frac{{{top}}}{{{low}}}",
    ]
    return f"{asked(rng, language, 'work out')}\\frac{{{a}}}{{{b}}}+\\frac{{{c}}}{{{d}}}", tuple(steps)


def _mixed(rng: Random, language: Language) -> Worked:
    a, b, c, d = rng.randint(10, 60), rng.randint(2, 12), rng.randint(3, 12), rng.randint(2, 9)
    return (
        f"{asked(rng, language, 'stepwise')}{a}+{b}\\times {c}-{d}",
        (f"={a}+{b * c}-{d}", f"={a + b * c}-{d}", f"={a + b * c - d}"),
    )


def _powers(rng: Random, language: Language) -> Worked:
    a, b, r = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 12)
    return (
        f"{asked(rng, language, 'evaluate')}{a}^2+{b}^2+\\sqrt{{{r * r}}}",
        (f"={a * a}+{b * b}+\\sqrt{{{r * r}}}", f"={a * a + b * b}+{r}", f"={a * a + b * b + r}"),
    )


def _rectangle(rng: Random, language: Language) -> Worked:
    a, b = rng.randint(5, 30), rng.randint(3, 20)
    return (
        _word(
            language,
            f"长方形长{a}厘米，宽{b}厘米，求周长。",
            f"A rectangle is {a} cm by {b} cm. Find the perimeter.",
        ),
        (f"C=2\\times ({a}+{b})", f"=2\\times {a + b}", f"={2 * (a + b)}{_word(language, '厘米', ' cm')}"),
    )


def _difference(rng: Random, language: Language) -> Worked:
    a, b, c = rng.randint(40, 999), rng.randint(5, 60), rng.randint(5, 60)
    total = a + b + c
    return (
        f"{asked(rng, language, 'stepwise')}{total}-{b}-{c}",
        (f"={total}-({b}+{c})", f"={total}-{b + c}", f"={a}"),
    )


def _decimals(rng: Random, language: Language) -> Worked:
    a, b, c = (rng.randint(11, 999) / 10 for _ in range(3))
    return (
        f"{asked(rng, language, 'work out')}{a}+{b}+{c}",
        (f"={a + b:.1f}+{c}", f"={a + b + c:.1f}"),
    )


def _division(rng: Random, language: Language) -> Worked:
    a, b, c = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 30)
    return (
        f"{asked(rng, language, 'work out')}{a * b * c}\\div {a}\\div {b}",
        (f"={a * b * c}\\div ({a}\\times {b})", f"={a * b * c}\\div {a * b}", f"={c}"),
    )


def _shopping(rng: Random, language: Language) -> Worked:
    """Someone buys some more of something: names and goods without meaning among them."""
    who, what = words.person(rng, language).split()[0], words.goods(rng, language)
    a, b, c = rng.randint(2, 60), rng.randint(2, 30), rng.randint(2, 12)
    chinese = rng.choice(
        (
            f"{who}有{a}个{what}，又买来{b}盒，每盒{c}个，共有几个？",
            f"{who}买{b}份{what}，每份{c}元，付出{a}元运费，共付几元？",
            f"商店有{a}件{what}，{who}又送来{b}车，每车{c}件，现有几件？",
        )
    )
    english = rng.choice(
        (
            f"{who} has {a} {what} and buys {b} x {c}. How many?",
            f"{who} pays {a} and {b} times {c} for {what}.",
            f"{a} {what} and {b} crates of {c} from {who}.",
        )
    )
    end = _word(language, f"答：{a + b * c}", f"Answer: {a + b * c}")
    return (
        _word(language, chinese, english),
        (f"{b}\\times {c}={b * c}", f"{a}+{b * c}={a + b * c}", end),
    )


def _sharing(rng: Random, language: Language) -> Worked:
    who, what = words.person(rng, language).split()[0], words.goods(rng, language)
    each, people, left = rng.randint(2, 40), rng.randint(2, 12), rng.randint(1, 9)
    total = each * people + left
    return (
        _word(
            language,
            f"{who}把{total}个{what}分给{people}人，剩{left}个，每人几个？",
            f"{who} has {total} {what} for {people}, {left} stay. Each?",
        ),
        (f"{total}-{left}={each * people}", f"{each * people}\\div {people}", f"={each}"),
    )


def _square(rng: Random, language: Language) -> Worked:
    a = rng.randint(3, 40)
    return (
        _word(language, f"正方形边长{a}米，求面积。", f"A square has sides of {a} m. Find its area."),
        ("S=a\\times a", f"={a}\\times {a}", f"={a * a}{_word(language, '平方米', ' sq m')}"),
    )


def _average(rng: Random, language: Language) -> Worked:
    mean, off = rng.randint(20, 95), rng.randint(1, 15)
    a, b, c = mean - off, mean, mean + off
    return (
        _word(
            language, f"三次成绩{a}、{b}、{c}，平均数是几？", f"Scores {a}, {b} and {c}: what is the mean?"
        ),
        (f"m=({a}+{b}+{c})\\div 3", f"={3 * mean}\\div 3", f"={mean}"),
    )


def _brackets(rng: Random, language: Language) -> Worked:
    a, x, b = rng.randint(2, 9), rng.randint(2, 14), rng.randint(1, 12)
    return (
        f"{_word(language, '求未知数：', 'Find the unknown: ')}{a}(x+{b})={a * (x + b)}",
        (f"x+{b}={a * (x + b)}\\div {a}", f"x+{b}={x + b}", f"x={x + b}-{b}", f"x={x}"),
    )


def _triangle(rng: Random, language: Language) -> Worked:
    a, b, c = rng.choice(((3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17), (9, 12, 15), (7, 24, 25)))
    return (
        _word(
            language,
            f"直角三角形两直角边为{a}和{b}，求斜边c。",
            f"Legs of a right triangle: {a} and {b}. Find c.",
        ),
        (f"c^2={a}^2+{b}^2", f"c^2={a * a}+{b * b}", f"c=\\sqrt{{{c * c}}}", f"c={c}"),
    )


def _product(rng: Random, language: Language) -> Worked:
    b, d = rng.sample(range(3, 12), 2)
    a, c = rng.randint(1, b - 1), rng.randint(1, d - 1)
    return (
        f"{_word(language, '算一算：', 'Multiply: ')}\\frac{{{a}}}{{{b}}}\\times \\frac{{{c}}}{{{d}}}",
        (f"=\\frac{{{a}\\times {c}}}{{{b}\\times {d}}}", f"=\\frac{{{a * c}}}{{{b * d}}}"),
    )


def _speed(rng: Random, language: Language) -> Worked:
    v, t = rng.randint(30, 95), rng.randint(2, 9)
    return (
        _word(language, f"汽车{t}小时行{v * t}千米，求速度。", f"A car goes {v * t} km in {t} hours. Find its speed."),
        ("v=s\\div t", f"={v * t}\\div {t}", f"={v}{_word(language, '千米/时', ' km/h')}"),
    )  # fmt: skip


KINDS: dict[Split, tuple[Callable[[Random, Language], Worked], ...]] = {
    "train": (
        *(_linear, _fractions, _mixed, _powers, _rectangle, _difference),
        *(_decimals, _division, _shopping, _sharing, _square, _average),
    ),
    "test": (_brackets, _triangle, _product, _speed),
}
"""What is worked in each split; the same for all languages."""


def _slipped(rng: Random, step: str) -> str:
    """The step with one number wrong, never that of an exponent."""
    numbers = list(re.finditer(r"(?<![\^\d])\d+", step))
    if not numbers:
        return step.replace("\\div", "\\times")
    found = rng.choice(numbers)
    value = int(found[0])
    wrong = value + rng.choice((-2, -1, 1, 2, 3, 10))
    return step[: found.start()] + str(wrong if wrong > 0 else value + 1) + step[found.end() :]
