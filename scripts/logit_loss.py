#!/usr/bin/env python3
"""What fewer bits lose: logits of the built-in model along right answers about drawn scenes.

Keys and values in fewer bits, or, with ``--language`` and ``--vision``, other files of the same model. Every prompt
(with the lines that OCR reads) is computed in chunks, then the right answer token by token; the logits that predict the
answer's tokens are compared with those over keys and values in the arithmetic's own floats, or with those of the
built-in file. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from jianwei.answering.prepare import prepare
from jianwei.config import KV_BLOCK_TOKENS, Settings
from jianwei.engine.batching import gather
from jianwei.engine.scheduler import Work
from jianwei.engine.sequence import EngineRequest, Sequence
from jianwei.evals.scenes_task import Plan, subjects
from jianwei.hub.catalogue import BUILTIN_DIR
from jianwei.model.decoder import Head, KvPrecision
from jianwei.pipeline import VisionModel
from jianwei.scenes.families import FAMILIES
from jianwei.types import ChatRequest, ImagePart, Message, SamplingParams, TextPart

CHUNK = 512
Floats = npt.NDArray[np.float32]


def answer_logits(model: VisionModel, request: ChatRequest, answer: str) -> Floats:
    """Logits ``[tokens, vocab]`` that predict the answer's tokens after the request's prompt."""
    prompt = EngineRequest(
        request.id, prepare(model, request).segments, SamplingParams(), None, lambda _: False, lambda _: None
    )
    sequence = Sequence(prompt, model.decoder.config.vocab)
    sequence.visual = {digest: model.tower.encode(patched) for digest, patched in sequence.patched.items()}
    sequence.ids += model.tokenizer.encode(answer)
    sequence.table = list(range(-(-len(sequence.ids) // KV_BLOCK_TOKENS)))
    rows: list[Floats] = []
    while sequence.computed < len(sequence.ids) - 1:
        before = sequence.prompt_tokens - 1 - sequence.computed
        count = min(before, CHUNK) if before > 0 else 1
        batch = gather([Work(sequence, count)], model.decoder.embed, model.decoder.config)
        logits = model.decoder.step(replace(batch, logit_rows=[count - 1]))
        if before <= 0:
            model.decoder.sharpen(logits[0], 0)
            rows.append(logits[0].copy())
        sequence.computed += count
    return np.stack(rows)


def compared(exact: Floats, other: Floats) -> dict[str, Floats]:
    """For each position: relative error of the logits, divergence in nats, whether another token is the likeliest."""
    centred, difference = exact - exact.mean(-1, keepdims=True), other - exact
    difference -= difference.mean(-1, keepdims=True)
    p, q = (x - x.max(-1, keepdims=True) for x in (exact.astype(np.float64), other.astype(np.float64)))
    p, q = (x - np.log(np.exp(x).sum(-1, keepdims=True)) for x in (p, q))
    return {
        "error": np.linalg.norm(difference, axis=-1) / np.linalg.norm(centred, axis=-1),
        "nats": (np.exp(p) * (p - q)).sum(-1),
        "another": (exact.argmax(-1) != other.argmax(-1)).astype(np.float64),
    }


def variants(languages: list[Path], vision: Path, head: Head) -> Iterator[tuple[str, VisionModel]]:
    """The models to compare, the one that the others are compared with first."""
    plain = Settings(picture_disk=0, kv_disk=0)
    if languages:
        yield "builtin", VisionModel(settings=plain)
        beside = plain.model_copy(update={"mmproj": vision, "head": head})
        for path in languages:
            yield path.name, VisionModel(str(path), settings=beside)
        return
    precisions = [name for name in get_args(KvPrecision) if name != "f32"]
    for precision in sorted(precisions, key=lambda name: name != "bf16"):
        yield precision, VisionModel(settings=plain.model_copy(update={"kv_precision": precision}))


def main() -> None:
    """Compute the same in each way and print what differs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scenes", type=int, default=4, help="of each family")
    options.add_argument(
        "--language", type=Path, nargs="+", default=[], help="GGUF files of the built-in model"
    )
    options.add_argument(
        "--vision", type=Path, default=BUILTIN_DIR / "vision.gguf", help="of these files; the built-in one"
    )
    options.add_argument("--head", choices=get_args(Head), default="file", help="of these files")
    given = options.parse_args()
    exact: list[Floats] = []
    report: dict[str, dict[str, float]] = {}
    for name, model in variants(given.language, given.vision, given.head):
        logits: list[Floats] = []
        for subject, questions in subjects(Plan(tuple(FAMILIES), given.scenes)):
            for question in questions:
                if question.match in ("text", "number", "choice", "box") and question.answer:
                    parts = (ImagePart(subject.image), TextPart(question.text))
                    request = ChatRequest("loss", (Message("user", parts),), SamplingParams(), ocr="on")
                    logits.append(answer_logits(model, request, question.answer))
        model.close()
        if not exact:
            exact = logits
            continue
        every = [compared(one, other) for one, other in zip(exact, logits, strict=True)]
        report[name] = {
            key: float(f"{np.concatenate([one[key] for one in every]).mean():.3g}") for key in every[0]
        }
    positions = sum(len(rows) for rows in exact)
    print(json.dumps({"answers": len(exact), "positions": positions, **report}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
