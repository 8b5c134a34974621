"""Train the built-in model from nothing: ``python training/train.py --out RUN`` (see README.md).

1. Reading: forms as OCR evidence, without pictures; short ones first, longer ones as the exact matches allow.
2. Looking: drawn scenes with their pictures are mixed in, evidence and all.

The last checkpoint is taken up again when ``--out`` already has one. ``log.jsonl`` holds the curves; plot.py
draws them. Exact match is measured on fresh samples by teacher forcing: every token of an answer is the likeliest
one, which is what greedy decoding would give.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections import defaultdict
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
import torch

import batches
import modelling
import nonsense
import samples
import to_gguf
import vocabulary
from batches import Batch, Conversation

LOG_EVERY = 25
SAVE_EVERY = 25
POOL = 4
"""Steps whose samples are drawn together, by a process of their own while the last ones are learnt."""
_WORDLESS = 0.2
_LONGEST = 2600
"""Tokens of a conversation that is still learnt from; the few longer ones would take a step's time."""
_TOKENIZER = vocabulary.tokenizer()


class Curriculum:
    """How long forms may be: grows while fresh questions about them are answered exactly."""

    def __init__(self, most: int, rows: float = 2.0) -> None:
        self.most, self.rows = most, rows
        self.exact = 0.0

    def observe(self, exact: float, smoothing: float = 0.96) -> None:
        """Take in one batch's share of exact answers."""
        self.exact = smoothing * self.exact + (1 - smoothing) * exact
        if self.exact > 0.6:
            self.rows = min(float(self.most), self.rows * 1.006 + 0.01)


class Known:
    """How well each kind of question is answered, by which is told how often it is worth asking."""

    def __init__(self) -> None:
        self._exact: dict[str, float] = {}

    def observe(self, kind: str, exact: bool, smoothing: float = 0.99) -> None:
        """Take in one answer."""
        self._exact[kind] = smoothing * self._exact.get(kind, 0.5) + (1 - smoothing) * exact

    def shares(self) -> dict[str, float]:
        """By kind, which share of its questions to ask: all until three in five are right, at least 15 %.

        How often something is not there at all must not look rarer than it is.
        """
        shares = {kind: min(1.0, max(0.15, 2.5 * (1 - exact))) for kind, exact in self._exact.items()}
        return {**shares, "absent": 1.0}


def draw_pool(
    seed: str, count: int, rows: float, pictures: float, batch: int, shares: samples.Shares
) -> list[list[Batch]]:
    """Samples of ``count`` steps of ``batch`` conversations, some with pictures and some without.

    Each conversation goes through the model alone: its activations stay in the processor's cache and nothing is
    padded. ``pictures`` is the share of conversations with pictures, ``shares`` by kind that of the questions asked.
    """
    rng = Random(seed)
    found: list[list[Batch]] = []
    for _ in range(count):
        step: list[Conversation] = []
        while len(step) < batch:
            if rng.random() >= pictures:
                long = rng.randint(1, max(1, round(rows)))
                step.append(
                    samples.text_only(rng, _TOKENIZER, long, rng.randint(4, min(12, 4 + long)), shares)
                )
            elif rng.random() < _WORDLESS:
                # Some of the pictures have no words: what is seen is learnt from many questions about little else.
                step.append(samples.looking(rng, _TOKENIZER, shares))
            else:
                step.append(samples.with_picture(rng, _TOKENIZER, round(rows), shares))
        found.append(
            [batches.collate(item, _TOKENIZER) for item in step if item.chains and item.length <= _LONGEST]
        )
    return found


def optimizers(model, lr: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for embeddings, norms, biases and the patch embedding."""
    matrices, others = [], []
    for name, parameter in model.named_parameters():
        inside = parameter.ndim == 2 and "embed" not in name and "lm_head" not in name
        (matrices if inside else others).append(parameter)
    return [
        torch.optim.Muon(matrices, lr=lr, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def learning_rate(step: int, args, started: float, spent: float) -> float:
    """Warm-up, then flat, then down over the last part of the time (or steps) given."""
    share = step / args.steps if args.steps else (spent + time.monotonic() - started) / (60 * args.minutes)
    cooling = min(1.0, max(0.0, (share - 1 + args.cooling) / args.cooling))
    return min(1.0, (step + 1) / 60) * (1.0 - 0.93 * cooling)


def run(args) -> None:
    """The training loop."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    model = modelling.build(modelling.SIZES[args.size]).to(args.device)
    model.train()
    modelling.learn_in_rows(model)
    if args.compile:
        modelling.compile_layers(model)
    steppers = optimizers(model, args.lr)
    curriculum, known = Curriculum(args.rows), Known()
    step, spent, pictures_from = 0, 0.0, None
    checkpoint = args.out / "last.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        for stepper, saved in zip(steppers, state["optimizers"], strict=True):
            stepper.load_state_dict(saved)
        step, spent, pictures_from = state["step"], state["spent"], state["pictures_from"]
        curriculum.rows, curriculum.exact = min(args.rows, state["rows"]), state["exact"]
    elif args.start:
        with torch.no_grad():
            pair = args.start / "language.gguf", args.start / "vision.gguf"
            to_gguf.read_gguf_pair(model.state_dict(), model.config.to_dict(), *pair)
        curriculum.rows = args.start_rows
    if args.tower:
        model.model.visual.load_state_dict(torch.load(args.tower / "tower.pt"))
    started = time.monotonic()
    drawing = ProcessPoolExecutor(1, get_context("spawn"), nonsense.draw_nonsense)
    ordered: Future[list[list[Batch]]] | None = None
    pool: list[list[Batch]] = []
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    losses: list[float] = []
    tokens = 0
    log = (args.out / "log.jsonl").open("a", encoding="utf-8")
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, from step {step}", flush=True)

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "optimizers": [stepper.state_dict() for stepper in steppers],
            "step": step,
            "spent": spent + time.monotonic() - started,
            "rows": curriculum.rows,
            "exact": curriculum.exact,
            "pictures_from": pictures_from,
            "size": args.size,
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    while (step < args.steps) if args.steps else (spent + time.monotonic() - started < 60 * args.minutes):
        # 0. How many steps there shall be may change on the way: a file ``steps`` in the folder says so.
        if (args.out / "steps").exists():
            args.steps = int((args.out / "steps").read_text())
        # 1. Samples.
        if not pool:
            if pictures_from is None and curriculum.rows >= args.pictures_after:
                pictures_from = step
            share = 0.0 if pictures_from is None else args.pictures
            wanted = POOL, curriculum.rows, share, args.batch, known.shares()
            pool = (ordered or drawing.submit(draw_pool, f"{args.seed}/{step}", *wanted)).result()
            ordered = drawing.submit(draw_pool, f"{args.seed}/{step}/next", *wanted)
        parts = pool.pop()
        # 2. Forward and back.
        factor = learning_rate(step, args, started, spent)
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = args.lr * factor
        total = float(sum(batch.weights.sum() for batch in parts))
        loss, reading = 0.0, []
        autocast = torch.autocast(args.device, dtype=torch.bfloat16, enabled=args.bf16)
        ids = [torch.from_numpy(batch.ids).to(args.device) for batch in parts]
        seen = [batch for batch in parts if batch.patches is not None]
        with autocast:
            given = modelling.inputs(
                model,
                ids,
                torch.from_numpy(np.concatenate([batch.patches for batch in seen])).to(args.device)
                if seen
                else None,
                torch.from_numpy(np.concatenate([batch.grids for batch in seen])).to(args.device)
                if seen
                else None,
            )
        pictures = iter(given.pictures)
        for batch, own_ids, words in zip(parts, ids, given.words, strict=True):
            targets = torch.from_numpy(batch.targets).to(args.device)
            with autocast:
                logits = modelling.answer_states(
                    model,
                    own_ids,
                    torch.from_numpy(batch.positions).to(args.device),
                    torch.from_numpy(batch.where).to(args.device),
                    torch.from_numpy(batch.own).to(args.device),
                    words,
                    None if batch.patches is None else next(pictures),
                )
            weights = torch.from_numpy(batch.weights).to(args.device)
            each = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")
            part = (each * weights).sum() / total
            part.backward()
            loss += part.item()
            # What was right.
            right = (logits.detach().argmax(-1) == targets).cpu().numpy()
            for a, b, kind in batch.spans:
                good = bool(np.all(right[a:b]))
                tally[kind][0] += good
                tally[kind][1] += 1
                known.observe(kind, good)
                if batch.patches is None:
                    reading.append(good)
            tokens += batch.ids.size
        given.back()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        # 3. The curriculum.
        if reading:
            curriculum.observe(sum(reading) / len(reading))
        losses.append(loss)
        step += 1
        # 4. The log and the checkpoint.
        if step % LOG_EVERY == 0:
            row = {
                "step": step,
                "minutes": round((spent + time.monotonic() - started) / 60, 2),
                "loss": round(sum(losses) / len(losses), 4),
                "rows": round(curriculum.rows, 2),
                "exact": {kind: [good, n] for kind, (good, n) in sorted(tally.items())},
                "tokens": tokens,
                "lr": round(args.lr * factor, 6),
            }
            if not math.isfinite(row["loss"]):
                raise SystemExit("the loss is not finite any more")
            log.write(json.dumps(row) + "\n")
            log.flush()
            shares = " ".join(f"{kind} {good / n:.2f}" for kind, (good, n) in sorted(tally.items()))
            print(
                f"{step} {row['minutes']} min, loss {row['loss']}, rows {row['rows']}, {shares}", flush=True
            )
            tally.clear()
            losses.clear()
        if step % SAVE_EVERY == 0:
            save()
    save()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the log")
    parser.add_argument("--size", choices=modelling.SIZES, default="cpu")
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--minutes", type=float, default=120, help="time to train in all, over every resumption"
    )
    parser.add_argument("--steps", type=int, default=0, help="train so many steps instead")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--cooling", type=float, default=0.25, help="last part, in which the rate sinks")
    parser.add_argument("--rows", type=int, default=24, help="longest forms, in rows")
    parser.add_argument("--pictures", type=float, default=0.4, help="share of batches with pictures")
    parser.add_argument(
        "--pictures-after", type=float, default=8, help="rows to be reached before pictures come"
    )
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument(
        "--compile", action=argparse.BooleanOptionalAction, default=True, help="torch.compile the layers"
    )
    parser.add_argument(
        "--start", type=Path, help="folder of a GGUF pair to start from instead of from nothing"
    )
    parser.add_argument("--tower", type=Path, help="run of look.py whose vision tower to take")
    parser.add_argument("--start-rows", type=float, default=8, help="longest forms at first, with --start")
    parser.add_argument("--seed", type=int, default=1)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
