"""From many scored answers to a few figures, each with its 95% interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Literal, TypeVar

from jianwei.errors import Phrase
from jianwei.evals.scoring import OVERLAP_LIMIT, Score
from jianwei.scenes.scene import Language, Question

Unit = Literal["", "s", "cm", "MB"]

Group = TypeVar("Group")

_Z = 1.96
"""Standard deviations of a normal distribution on each side that hold 95% of it."""


@dataclass(frozen=True)
class Record:
    """One question that was asked, and what came of it.

    Attributes:
        family: of its scene, or ``folder``.
        picture: which scene or file it is about.
        language: of the question.
        question: with its true answer.
        answer: what was said; empty where no answer came.
        score: of the answer.
        seconds: until the whole answer was there, or the failure.
        failure: why no answer came; None where one did.
        distance_cm: from the middle of the answer's box to that of the true one, where lengths are known.
    """

    family: str
    picture: str
    language: Language
    question: Question
    answer: str
    score: Score
    seconds: float
    failure: Phrase | None = None
    distance_cm: float | None = None


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name: in English; stable, machines look for it.
        title: in Chinese.
        value: a share from 0 to 1, or a quantity in ``unit``.
        n: how many answers (or rounds) it rests on; never 0.
        low: lower end of the interval.
        high: upper end.
        unit: empty for shares.
    """

    name: str
    title: str
    value: float
    n: int
    low: float
    high: float
    unit: Unit = ""


GROUPS: dict[str, tuple[str, str]] = {
    "texts": ("fields and texts", "字段与文字"),
    "lines": ("all text read, error rate at most 10%", "全文识读，错误率不超过 10%"),
    "sense": ("colour, shape, count up to 5, side, damage", "颜色、形状、数量（不超过 5）、方位、破损"),
    "there": ("is it there", "是否存在"),
    "choices": ("other choices and numbers", "其他选择与数值"),
    "where": ("boxes of texts, IoU at least 0.5", "文字定位，IoU 不低于 0.5"),
    "things": ("boxes of things, IoU at least 0.5", "物体定位，IoU 不低于 0.5"),
    "json": ("JSON, F1 at least 0.8", "JSON，F1 不低于 0.8"),
    "none": ("unanswerable recognised", "识别出无法回答的问题"),
}
"""What the questions of all families are summed up by: key to name and title."""

_SENSE = {"colour", "shape", "relation", "damaged", "damage_kind", "damage_place", "lining"}
_AT_A_GLANCE = 5
"""Up to so many things are counted by looking; more are another task."""

_THERE = {"present", "present_object", "mark", "signature", "sign_date", "stamp"}
_BY_MATCH = {"text": "texts", "lines": "lines", "json": "json", "none": "none"}


def group_of(question: Question) -> str:
    """The key in ``GROUPS`` of a question that is not open."""
    if question.match == "box":
        return "where" if question.kind == "where" else "things"
    if question.kind == "count" and question.match == "number" and float(question.answer) <= _AT_A_GLANCE:
        return "sense"
    if question.match in ("choice", "number"):
        return "sense" if question.kind in _SENSE else "there" if question.kind in _THERE else "choices"
    return _BY_MATCH[question.match]


def wilson(good: int, n: int) -> tuple[float, float]:
    """95% interval of a share (E. B. Wilson, 1927), which is sensible for small ``n`` and near 0 and 1."""
    if n == 0:
        return 0.0, 1.0
    share = good / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))  # despite rounding


def share(name: str, title: str, hits: Iterable[bool]) -> Row | None:
    """How many of the hits are true, with Wilson's interval; None without any."""
    found = list(hits)
    if not found:
        return None
    low, high = wilson(sum(found), len(found))
    return Row(name, title, sum(found) / len(found), len(found), low, high)


def resampled(
    groups: Sequence[Group], figure: Callable[[Sequence[Group]], float], draws: int = 2000
) -> tuple[float, float]:
    """95% interval of a figure by drawing as many of its groups anew, with repetition (the percentile bootstrap).

    For figures that are no plain share: medians, differences, and where answers about one picture stand or fall
    together, the pictures being the groups. The same groups always give the same interval.
    """
    if not groups:
        return math.nan, math.nan
    chance = Random(0)
    found = sorted(figure(chance.choices(groups, k=len(groups))) for _ in range(draws))
    return found[round(0.025 * (draws - 1))], found[round(0.975 * (draws - 1))]


def mean(name: str, title: str, values: Iterable[float], unit: Unit = "") -> Row | None:
    """The mean with its normal 95% interval, never below 0 (these are rates, seconds, lengths); None without any."""
    found = list(values)
    if not found:
        return None
    n, middle = len(found), math.fsum(found) / len(found)
    variance = math.fsum((value - middle) ** 2 for value in found) / max(1, n - 1)
    half = _Z * math.sqrt(variance / n)
    high = middle + half
    return Row(name, title, middle, n, max(0.0, middle - half), high if unit else min(1.0, high), unit)


def by_family(records: Sequence[Record]) -> list[Row]:
    """The share of right answers by family and kind of question."""

    def key(record: Record) -> tuple[str, str]:
        return record.family, record.question.kind

    rows = [
        share(f"{family} {kind}", f"{family} {kind}", [record.score.right for record in group])
        for (family, kind), group in groupby(sorted(records, key=key), key)
    ]
    return [row for row in rows if row]


def by_group(records: Sequence[Record]) -> list[Row]:
    """The share of right answers over all families; by language too where both were asked."""
    rows: list[Row | None] = []
    spoken = sorted({record.language for record in records}, reverse=True)
    for key, (name, title) in GROUPS.items():
        found = [record for record in records if group_of(record.question) == key]
        rows.append(share(name, title, [record.score.right for record in found]))
        for language in spoken if len(spoken) > 1 else ():
            said = [record.score.right for record in found if record.language == language]
            rows.append(share(f"{name}, {language}", f"{title}，{language}", said))
    return [row for row in rows if row]


def measures(records: Sequence[Record]) -> list[Row]:
    """What is not counted as right or wrong: error rates, places, form, refusals, time."""
    answerable = [record for record in records if record.question.match != "none"]

    def part(pick: Callable[[Score], float | bool | None], match: str = "") -> list[float]:
        """A part of all scores that have it."""
        found = (pick(record.score) for record in records if match in ("", record.question.match))
        return [float(value) for value in found if value is not None]

    distances = [record.distance_cm for record in records if record.distance_cm is not None]
    rows = [
        mean("fields and texts, character error rate", "字段与文字，字符错误率", part(_rate, "text")),
        mean("all text read, character error rate", "全文识读，字符错误率", part(_rate, "lines")),
        share(
            "box IoU at least 0.5",
            "框的 IoU 不低于 0.5",
            [iou >= OVERLAP_LIMIT for iou in part(lambda s: s.overlap)],
        ),
        share("box centre inside the true box", "框中心落在真框内", map(bool, part(lambda s: s.centre))),
        mean("location error, cm", "定位误差，厘米", distances, "cm"),
        share("valid JSON", "JSON 有效", map(bool, part(lambda s: s.valid))),
        mean("JSON values, F1", "JSON 各值，F1", part(lambda s: s.f1)),
        mean("JSON objects, F1", "JSON objects，F1", part(lambda s: s.objects_f1)),
        share(
            "answerable refused",
            "能回答却拒答",
            [record.score.refused and not record.score.right for record in answerable],
        ),
        share("no answer came", "未得到回答", [record.failure is not None for record in records]),
        mean("seconds per answer", "每个回答的秒数", [r.seconds for r in records if r.failure is None], "s"),
    ]
    return [row for row in rows if row]


def _rate(score: Score) -> float | None:
    return score.error_rate
