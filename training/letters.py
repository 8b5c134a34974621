"""Teach a vision tower to read large print: ``python training/letters.py --out RUN --start PAIR``.

Every visual token of a page learns which characters have their middle in it: some thirty lessons a page instead of one
answer, and no decoder. The first is told in the decoder's own tongue (``look.py``): a token over 茶 comes near the
embedding of 茶, so that a decoder which copies what it was told can copy what is seen. The others, and the character
before, are told through turned embeddings. The tower begins by looking around (``neighbours.py``). With ``--scenes`` it
also learns to give of drawn scenes what the pair's own tower gives, so that the pair's decoder still understands it.

The shipped model has no such tower: see README.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

import modelling
import neighbours
import pages
import rows
import samples
import to_gguf
import train
import vocabulary
from jianwei.model.preprocess import patch_image
from pages import Page

SIZE = "sharp"
_SCALE = 16.0
"""Of the cosine of a token and an embedding, at first."""
_POOL = 8
"""Steps whose pages are drawn together."""
_KEPT = 1500
"""Scenes that are looked at again and again."""
_SINGLE = 0.2
"""Share of the pages that have one line."""

Patched = tuple[npt.NDArray[np.float16], tuple[int, int, int]]


class Heads(nn.Module):
    """What is read off a visual token: its characters from the left, then the one before them."""

    def __init__(self, embedding: torch.Tensor) -> None:
        super().__init__()
        tokenizer = vocabulary.tokenizer()
        ids = [tokenizer.encode(character)[0] for character in pages.characters()]
        width, known = embedding.shape[1], len(ids)
        self.register_buffer("rows", nn.functional.normalize(embedding[ids].detach(), dim=1))
        self.turns = nn.ParameterList(
            torch.linalg.qr(torch.randn(width, width))[0] for _ in range(pages.SLOTS)
        )
        self.biases = nn.ParameterList(torch.zeros(known) for _ in range(pages.SLOTS + 1))
        self.scales = nn.Parameter(torch.zeros(pages.SLOTS + 1))

    def forward(self, states: torch.Tensor, slot: int) -> torch.Tensor:
        """Logits ``[tokens, characters]`` of a slot; the last slot is the character before."""
        turned = states @ self.turns[slot - 1] if slot else states
        cosine = nn.functional.normalize(turned, dim=1) @ self.rows.T
        return cosine * (_SCALE * torch.exp(self.scales[slot])) + self.biases[slot]

    def loss(self, states: torch.Tensor, taught: list[Page], tally: Counter[str]) -> torch.Tensor:
        """The loss over all tokens ``[tokens, hidden]``; what was right is counted in ``tally``."""
        slots = torch.from_numpy(np.concatenate([page.slots for page in taught]))
        before = torch.from_numpy(np.concatenate([page.before for page in taught]))
        parts: list[torch.Tensor] = []
        for slot in range(pages.SLOTS):
            # A second character is asked for where there is a first.
            asked = slots[:, slot] >= 0 if slot == 0 else (slots[:, slot] >= 0) & (slots[:, slot - 1] > 0)
            wanted = slots[asked, slot]
            logits = self(states[asked], slot)
            each = nn.functional.cross_entropy(logits, wanted, reduction="none")
            there = wanted > 0
            share = 1.0 if slot == 0 else 0.5
            parts.append(share * (_mean(each, there) + 0.5 * _mean(each, ~there)))
            right = logits.argmax(1) == wanted
            wide = there & _hanzi()[wanted]
            for name, group in (("hanzi", wide), ("others", there & ~wide), ("nothing", ~there)):
                tally[f"{name} {slot + 1}"] += int(right[group].sum())
                tally[f"n {name} {slot + 1}"] += int(group.sum())
        known = before >= 0
        logits = self(states[known], pages.SLOTS)
        parts.append(0.3 * nn.functional.cross_entropy(logits, before[known]))
        return sum(parts[1:], parts[0])


def _mean(each: torch.Tensor, group: torch.Tensor) -> torch.Tensor:
    return (each * group).sum() / group.sum().clamp(min=1)


def _hanzi() -> torch.Tensor:
    return torch.tensor([at > 0 and character >= "\u4e00" for at, character in enumerate(pages.characters())])


def draw(seed: str, steps: int, count: int) -> list[list[Page]]:
    """Pages of so many steps."""
    rng = Random(seed)
    return [
        [(pages.single if rng.random() < _SINGLE else pages.full)(rng) for _ in range(count)]
        for _ in range(steps)
    ]


def draw_scenes(seed: str, count: int) -> list[Patched]:
    """Drawn scenes, as the tower sees them."""
    rng, found = Random(seed), []
    for _ in range(count):
        patched = patch_image(samples.scene(rng).image, samples.EYES)
        found.append((patched.patches.astype(np.float16), patched.grid))
    return found


def _apart(tower: nn.Module, teacher: nn.Module, scenes: list[Patched]) -> torch.Tensor:
    """How far what two towers give of the same scenes is apart, as a share of how it varies."""
    patches = torch.from_numpy(np.concatenate([part for part, _ in scenes]).astype(np.float32))
    grids = torch.tensor([grid for _, grid in scenes])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.no_grad():
            wanted = teacher(patches, grids)
        given = tower(patches, grids)
    pairs = zip(
        (given.pooler_output, *given.deepstack_features),
        (wanted.pooler_output, *wanted.deepstack_features),
        strict=True,
    )
    found = [((a.float() - b.float()) ** 2).mean() / b.float().var(0).mean() for a, b in pairs]
    return sum(found[1:], found[0]) / len(found)


def main() -> None:
    """Read the command line and teach."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for letters.pt; gone on with if it is there"
    )
    parser.add_argument("--start", type=Path, required=True, help="GGUF pair whose embeddings are its tongue")
    parser.add_argument("--size", choices=modelling.SIZES, default="deep", help="of the pair")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument(
        "--scenes", type=int, default=0, help="a step, of which to see what the pair's tower sees"
    )
    parser.add_argument("--lr", type=float, default=8e-4)
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    args.out.mkdir(parents=True, exist_ok=True)
    pair = modelling.build(modelling.SIZES[args.size])
    with torch.no_grad():
        files = args.start / "language.gguf", args.start / "vision.gguf"
        to_gguf.read_gguf_pair(pair.state_dict(), pair.config.to_dict(), *files)
    teacher = pair.model.visual.eval()
    tower = modelling.build(modelling.SIZES[SIZE]).model.visual
    neighbours.look_around(tower, modelling.SIZES[SIZE].vision_heads)
    rng = Random("letters")
    neighbours.see_shapes(tower, [pages.full(rng).patched.patches for _ in range(150)])
    for each in (tower, teacher):
        each.config._attn_implementation = rows.NAME_OF_ALL
    for block in tower.blocks:
        block.mlp.compile(dynamic=True)
    heads = Heads(pair.model.language_model.embed_tokens.weight)
    taught = nn.ModuleDict({"tower": tower, "heads": heads})
    steppers, step = train.optimizers(taught, args.lr), 0
    checkpoint = args.out / "letters.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        taught.load_state_dict(state["taught"])
        for stepper, saved in zip(steppers, state["optimizers"], strict=True):
            stepper.load_state_dict(saved)
        step = state["step"]
    drawing = ProcessPoolExecutor(1, get_context("spawn"))
    scenes = drawing.submit(draw_scenes, "letters", _KEPT if args.scenes else 0)
    ahead: Future[list[list[Page]]] = drawing.submit(draw, f"letters/{step}", _POOL, args.batch)
    kept, pool = scenes.result(), []
    tally, losses, started = Counter[str](), [], time.monotonic()
    while step < args.steps:
        if not pool:
            pool = ahead.result()
            ahead = drawing.submit(draw, f"letters/{step}/next", _POOL, args.batch)
        own = pool.pop()
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = args.lr * min(1.0, (step + 1) / 60, 0.04 + 3 * (1 - step / args.steps))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = tower(
                torch.from_numpy(np.concatenate([page.patched.patches for page in own])),
                torch.tensor([page.patched.grid for page in own]),
            )
        loss = heads.loss(seen.pooler_output.float(), own, tally)
        losses.append(loss.item())
        if args.scenes:
            loss = loss + _apart(tower, teacher, rng.sample(kept, args.scenes))
        loss.backward()
        nn.utils.clip_grad_norm_(taught.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        step += 1
        if step % train.LOG_EVERY == 0:
            names = [name for name in tally if not name.startswith("n ")]
            shares = " ".join(f"{name} {tally[name] / max(1, tally[f'n {name}']):.3f}" for name in names)
            minutes = (time.monotonic() - started) / 60
            print(f"{step} {minutes:.1f} min, loss {sum(losses) / len(losses):.3f}, {shares}", flush=True)
            tally.clear()
            losses.clear()
        if step % train.SAVE_EVERY == 0 or step == args.steps:
            state = {
                "taught": taught.state_dict(),
                "optimizers": [stepper.state_dict() for stepper in steppers],
                "step": step,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)


if __name__ == "__main__":
    main()
