#!/usr/bin/env python3
"""What leaving out visual blocks costs: conversations of twelve rounds with late questions about early pictures.

A conversation begins with four drawn forms, each asked about once; eight more questions follow, each about something
that only one of the four shows, without naming the picture. The same conversations are held with all blocks kept
and with half of those that may go left out (``visual_keep``); the answers given go into the history.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from collections.abc import Iterator

from jianwei.config import KV_BLOCK_TOKENS, Settings
from jianwei.evals.scoring import score
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import draw
from jianwei.scenes.scene import Question, Scene
from jianwei.types import ChatRequest, ImagePart, Message, SamplingParams, TextPart

PICTURES, LATE = 4, 8


def conversations(count: int, family: str) -> Iterator[list[tuple[Scene | None, Question, bool]]]:
    """Rounds: a new picture or none, the question, and whether it is a late one."""
    for number in range(count):
        language = ("zh", "en")[number % 2]
        scenes = [draw(family, 100 * number + i, "test", language) for i in range(PICTURES)]
        asked = [[q for q in scene.questions if q.match == "text" and q.kind != "absent"] for scene in scenes]
        rounds: list[tuple[Scene | None, Question, bool]] = [
            (scene, questions[0], False) for scene, questions in zip(scenes, asked, strict=True) if questions
        ]
        if len(rounds) < PICTURES:
            continue
        labels = [{line.text for line in scene.texts} for scene in scenes]
        late: list[tuple[Scene | None, Question, bool]] = []
        for turn in range(1, 20):
            for i, questions in enumerate(asked):
                others = set().union(*(labels[j] for j in range(PICTURES) if j != i))
                if turn < len(questions) and questions[turn].answer not in others:
                    late.append((None, questions[turn], True))
        yield [*rounds, *late[:LATE]]


def hold(
    model: VisionModel, rounds: list[tuple[Scene | None, Question, bool]]
) -> tuple[list[bool], list[str], int, int]:
    """Ask it all: whether late answers were right, all answers, visual tokens of late prompts, and those left out."""
    messages: list[Message] = []
    right: list[bool] = []
    said: list[str] = []
    visual = left_out = 0
    for scene, question, is_late in rounds:
        before = model.stats()["kv_blocks_left_out_total"]
        parts = (ImagePart(scene.image),) if scene else ()
        messages.append(Message("user", (*parts, TextPart(question.text))))
        request = ChatRequest(uuid.uuid4().hex, tuple(messages), SamplingParams(max_tokens=96), prune="off")
        completion = next(c.completion for c in model.stream(request) if c.completion)
        messages.append(Message("assistant", (TextPart(completion.text),)))
        said.append(completion.text)
        if is_late:
            visual += completion.usage.visual_tokens
            left_out += KV_BLOCK_TOKENS * int(model.stats()["kv_blocks_left_out_total"] - before)
            right.append(bool(score(question, completion.text).right))
    return right, said, visual, left_out


def main() -> None:
    """Hold the conversations twice and print the shares of right late answers as one JSON line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=12)
    options.add_argument("--family", default="forms")
    options.add_argument("--visual-tokens", type=int, default=512)
    options.add_argument("--keep", type=int, default=50)
    given = options.parse_args()
    report: dict[str, object] = {}
    answers: dict[int, list[str]] = {}
    for keep in (100, given.keep):
        model = VisionModel(settings=Settings(picture_disk=0, kv_disk=0, visual_tokens=given.visual_tokens))
        # The setting goes no lower than 25. A small model's pictures have 64 tokens, half of them in a block of theirs.
        model.engine.scheduler.visual_keep = keep / 100
        right: list[bool] = []
        answers[keep] = []
        visual = left_out = 0
        for rounds in conversations(given.count, given.family):
            late, said, seen, gone = hold(model, rounds)
            visual, left_out = visual + seen, left_out + gone
            right += late
            answers[keep] += said
        model.close()
        report[f"keep {keep} %"] = {
            "late questions": len(right),
            "right, percent": round(100 * sum(right) / max(1, len(right)), 1),
            "visual tokens in late prompts": visual,
            "of these left out": left_out,
        }
    pairs = zip(answers[100], answers[given.keep], strict=True)
    report["answers alike, percent"] = round(
        100 * sum(a == b for a, b in pairs) / max(1, len(answers[100])), 1
    )
    print(json.dumps(report), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
