"""The checkpoint in PyTorch float32 against its files through Jianwei's engine, on the same questions.

    python training/compare.py RUN [--scenes 20] [--split test]

The files are those in ``src/jianwei/builtin``, where export.py puts them. The engine has int8 weights and a u8 KV
cache: they should cost less than one point of right answers. JSON is left out: the engine binds it to a schema, PyTorch
does not. Needs Jianwei itself in the training environment: ``pip install .``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluate import Checkpoint
from jianwei.config import Settings
from jianwei.evals.asking import Answerer, Subject, ask
from jianwei.evals.local import LocalModel
from jianwei.evals.scenes_task import Plan, subjects
from jianwei.evals.tally import wilson
from jianwei.scenes.families import FAMILIES
from jianwei.scenes.scene import Question


def right(answerer: Answerer, asked: list[tuple[Subject, Question]]) -> list[tuple[bool, str]]:
    """Whether each question was answered rightly, and what was said."""
    records = [ask(answerer, subject, question) for subject, question in asked]
    return [(record.score.right, record.answer) for record in records]


def main() -> None:
    """Read the command line, ask both and print the difference."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--scenes", type=int, default=20, help="of each family")
    parser.add_argument("--split", choices=["train", "test"], default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    plan = Plan(tuple(args.families.split(",")), args.scenes, args.split, args.seed)
    asked = [
        (subject, question)
        for subject, questions in subjects(plan)
        for question in questions
        if question.match != "json"
    ]
    engine = LocalModel(Settings(model="builtin"))
    ours = right(engine, asked)
    engine.close()
    theirs = right(Checkpoint(args.run, args.threads, ocr=True), asked)
    n = len(asked)
    for name, found in (("engine", ours), ("PyTorch float32", theirs)):
        good = sum(hit for hit, _ in found)
        low, high = wilson(good, n)
        print(f"{name}: {good / n:.1%} right ({low:.1%} to {high:.1%}, n={n})")
    pairs = list(zip(ours, theirs, strict=True))
    lost = sum(their and not our for (our, _), (their, _) in pairs)
    won = sum(our and not their for (our, _), (their, _) in pairs)
    same = sum(our == their for (_, our), (_, their) in pairs)
    print(
        f"difference {100 * (won - lost) / n:+.2f} points (engine alone right {won}, PyTorch alone right {lost}); "
        f"answers equal to the letter {same / n:.1%}"
    )


if __name__ == "__main__":
    main()
