"""The task of drawn scenes: so many of each family, every question that can be checked, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jianwei.errors import InputError, Phrase
from jianwei.evals.asking import Answerer, Subject, ask
from jianwei.evals.tally import Record
from jianwei.scenes.families import draw
from jianwei.scenes.scene import Language, Question, Split

OnProgress = Callable[[int, int, str], None]
"""Told how many pictures are done, of how many, and which family is next."""


@dataclass(frozen=True)
class Plan:
    """Which scenes to ask about. Equal plans mean equal scenes.

    Attributes:
        families: keys of ``scenes.families.FAMILIES``.
        scenes: of each family.
        split: ``test`` has templates, fonts, backgrounds and wordings that no training has seen.
        seed: number of the first scene of each family.
        languages: taken in turn.
        kinds: of questions that are asked; None: all. Of scenes without one nothing is asked.
    """

    families: tuple[str, ...]
    scenes: int
    split: Split = "test"
    seed: int = 0
    languages: tuple[Language, ...] = ("zh", "en")
    kinds: tuple[str, ...] | None = None


def run(answerer: Answerer, plan: Plan, on_progress: OnProgress) -> list[Record]:
    """Draw and ask.

    Raises:
        InputError: no question is of the kinds that are wanted (``bad_value``).
        JianweiError: a scene cannot be drawn, or it makes no sense to go on asking.
    """
    records: list[Record] = []
    kinds: set[str] = set()
    total = plan.scenes * len(plan.families)
    for number, (subject, questions) in enumerate(_drawn(plan)):
        on_progress(number, total, subject.family)
        kinds |= {question.kind for question in questions}
        records += [ask(answerer, subject, question) for question in questions if _is_wanted(question, plan)]
    if plan.kinds is not None and not records:
        there = Phrase(f"there are {', '.join(sorted(kinds))}", f"可选 {'、'.join(sorted(kinds))}")
        raise InputError("bad_value", name="--kinds", got=",".join(plan.kinds), reason=there)
    return records


def subjects(plan: Plan) -> Iterator[tuple[Subject, tuple[Question, ...]]]:
    """Each scene's picture with its checkable questions; the families take turns."""
    for subject, questions in _drawn(plan):
        wanted = tuple(question for question in questions if _is_wanted(question, plan))
        if wanted or plan.kinds is None:
            yield subject, wanted


def _drawn(plan: Plan) -> Iterator[tuple[Subject, tuple[Question, ...]]]:
    """The same with questions of all kinds."""
    for seed in range(plan.seed, plan.seed + plan.scenes):
        language = plan.languages[seed % len(plan.languages)]
        for family in plan.families:
            scene = draw(family, seed, plan.split, language)
            name = f"{plan.split} {language} {seed}"
            subject = Subject(family, name, scene.image, language, scene.cm_per_pixel)
            yield subject, tuple(question for question in scene.questions if question.match != "open")


def _is_wanted(question: Question, plan: Plan) -> bool:
    return plan.kinds is None or question.kind in plan.kinds
