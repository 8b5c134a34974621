"""The task of memory: what a model's process keeps while it looks at ever new pictures."""

from __future__ import annotations

from dataclasses import replace

from jianwei.evals.asking import Answerer, ask
from jianwei.evals.scenes_task import OnProgress, Plan, subjects
from jianwei.evals.tally import Row

ROUNDS = 10
QUICK_ROUNDS = 3


def run(answerer: Answerer, plan: Plan, rounds: int, on_progress: OnProgress) -> list[int]:
    """Bytes of anonymous memory after each round; a round is one question about a new scene of each family.

    The scenes follow those of the plan, so none has been seen before. Empty where nobody can tell the memory.

    Raises:
        JianweiError: it makes no sense to go on asking.
    """
    if answerer.memory() is None:
        return []
    taken: list[int] = []
    for number in range(rounds):
        on_progress(number, rounds, "")
        for subject, questions in subjects(replace(plan, scenes=1, seed=plan.seed + plan.scenes + number)):
            ask(answerer, subject, questions[0])
        memory = answerer.memory()
        if memory is not None:
            taken.append(memory)
    return taken


def rows(taken: list[int]) -> list[Row]:
    """Memory after the last round, with the least and the most of any round; and its growth since the first."""
    if not taken:
        return []
    n, megabytes = len(taken), [memory / 2**20 for memory in taken]
    last, grown = megabytes[-1], megabytes[-1] - megabytes[0]
    return [
        Row(
            f"anonymous memory after {n} rounds, MB",
            f"{n} 轮后的匿名内存，MB",
            last,
            n,
            min(megabytes),
            max(megabytes),
            "MB",
        ),
        Row(
            f"growth of memory from round 1 to {n}, MB",
            f"第 1 至 {n} 轮的内存增长，MB",
            grown,
            n,
            grown,
            grown,
            "MB",
        ),
    ]
