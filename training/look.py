"""Teach the vision tower to see before anybody asks: ``python training/look.py --out RUN [--start PAIR]``.

Every visual token of a drawn scene learns what lies under it: which kind of thing, its colour, whether its middle is
here, and its box. That is 64 lessons a picture instead of one word of an answer, and takes no decoder. Kinds and
colours are told in the decoder's own tongue: a token over a red circle comes near the embeddings of 红 and 圆, so that
the decoder finds in the picture what it can find in text already. ``train.py --tower RUN`` goes on from there.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

import modelling
import samples
import train
import vocabulary
from jianwei.model.preprocess import patch_image
from jianwei.scenes import palette
from jianwei.scenes.scene import Scene

KINDS = {
    "circle": "圆", "square": "方", "triangle": "角", "star": "星", "carton": "箱", "tear": "裂", "dent": "凹",
    "package": "品", "stamp": "章", "signature": "签", "tick": "对", "cross": "错", "a4": "纸", "sheet": "纸",
    "lining": "泡",
}  # fmt: skip
"""Kind of a thing to the character whose embedding stands for it."""
NOTHING, MIDDLE = "空", "个"


@dataclass(frozen=True, eq=False)
class Lesson:
    """What lies under each visual token of a picture.

    Attributes:
        kinds: ``[tokens]`` index into the kinds' characters; 0 is nothing.
        colours: ``[tokens]`` index into ``palette.COLOURS``, -1 where there is none.
        middles: ``[tokens]`` 1.0 where the middle of a thing lies.
        boxes: ``[tokens, 4]`` left, top, right, bottom as shares of the picture.
    """

    kinds: npt.NDArray[np.int64]
    colours: npt.NDArray[np.int64]
    middles: npt.NDArray[np.float32]
    boxes: npt.NDArray[np.float32]


CHARACTERS = [NOTHING, *dict.fromkeys(KINDS.values())]
COLOURS = list(palette.COLOURS)


def lesson(scene: Scene, rows: int, columns: int) -> Lesson:
    """What a grid of visual tokens should know of ``scene``; small things lie over large ones."""
    kinds, colours = np.zeros((rows, columns), np.int64), np.full((rows, columns), -1, np.int64)
    middles, boxes = np.zeros((rows, columns), np.float32), np.zeros((rows, columns, 4), np.float32)
    scale = np.array([scene.image.width, scene.image.height] * 2, np.float32)
    size = np.array([columns, rows] * 2, np.float32)
    for item in sorted(scene.objects, key=lambda o: -(o.box[2] - o.box[0]) * (o.box[3] - o.box[1])):
        if item.kind not in KINDS:
            continue
        box = np.array(item.box, np.float32) / scale
        left, top, right, bottom = box * size
        # A token belongs to the thing when its middle does; one token at least.
        x, y = min(columns - 1, int((left + right) / 2)), min(rows - 1, int((top + bottom) / 2))
        across, down = np.arange(columns) + 0.5, np.arange(rows) + 0.5
        under = ((down > top) & (down < bottom))[:, None] & ((across > left) & (across < right))[None]
        under[y, x] = True
        kinds[under] = CHARACTERS.index(KINDS[item.kind])
        colours[under] = COLOURS.index(item.colour) if item.colour in COLOURS else -1
        boxes[under] = box
        middles[y, x] = 1.0
    return Lesson(kinds.ravel(), colours.ravel(), middles.ravel(), boxes.reshape(-1, 4))


class Heads(nn.Module):
    """What is read off a visual token; kinds and colours by the decoder's embeddings of their characters."""

    def __init__(self, embedding: torch.Tensor) -> None:
        super().__init__()
        tokenizer = vocabulary.tokenizer()

        def rows(characters: list[str]) -> torch.Tensor:
            chosen = embedding[tokenizer.encode("".join(characters))].detach().clone()
            return chosen / chosen.norm(dim=1, keepdim=True)

        self.register_buffer("kind_rows", rows(CHARACTERS))
        self.register_buffer("colour_rows", rows([palette.COLOURS[name][1][0] for name in COLOURS]))
        self.register_buffer("middle_row", rows([MIDDLE]))
        self.kind_bias = nn.Parameter(torch.zeros(len(CHARACTERS)))
        self.colour_bias = nn.Parameter(torch.zeros(len(COLOURS)))
        self.middle_bias = nn.Parameter(torch.tensor(-2.0))
        self.box = nn.Linear(embedding.shape[1], 4)

    def loss(self, states: torch.Tensor, taught: Lesson) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss over all tokens ``[tokens, hidden]``, and the shares that are right."""
        kinds, colours = torch.from_numpy(taught.kinds), torch.from_numpy(taught.colours)
        middles, boxes = torch.from_numpy(taught.middles), torch.from_numpy(taught.boxes)
        states = states.float()
        said = states @ self.kind_rows.T + self.kind_bias
        tints = states @ self.colour_rows.T + self.colour_bias
        here = (states @ self.middle_row.T)[:, 0] + self.middle_bias
        thing = kinds > 0
        places = self.box(states)[thing]
        parts = (
            nn.functional.cross_entropy(said, kinds),
            nn.functional.cross_entropy(tints, colours, ignore_index=-1),
            nn.functional.binary_cross_entropy_with_logits(here, middles, pos_weight=torch.tensor(4.0)),
            5 * (places - boxes[thing]).abs().mean(),
        )
        coloured = colours >= 0
        right = {
            "kind": float((said.argmax(1) == kinds)[thing].float().mean()),
            "nothing": float((said.argmax(1) == 0)[~thing].float().mean()),
            "colour": float((tints.argmax(1) == colours)[coloured].float().mean()),
            "middle": float((here > 0)[middles > 0].float().mean()),
            "false middle": float((here > 0)[middles == 0].float().mean()),
            "box error": float((places.detach() - boxes[thing]).abs().mean()),
        }
        return sum(parts[1:], parts[0]), right


def main() -> None:
    """Read the command line and teach."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for tower.pt")
    parser.add_argument(
        "--start", type=Path, required=True, help="run of train.py whose embeddings are its tongue"
    )
    parser.add_argument("--size", choices=modelling.SIZES, default="cpu")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    args.out.mkdir(parents=True, exist_ok=True)
    model = modelling.build(modelling.SIZES[args.size])
    model.load_state_dict(torch.load(args.start / "last.pt", weights_only=False)["model"])
    tower = model.model.visual
    heads = Heads(model.model.language_model.embed_tokens.weight)
    steppers = train.optimizers(nn.ModuleDict({"tower": tower, "heads": heads}), args)
    rng, started = Random("look"), time.monotonic()
    for step in range(args.steps):
        patched, taught = [], []
        for _ in range(args.batch):
            scene = samples.scene(rng)
            patched.append(patch_image(scene.image, samples.EYES))
            taught.append(lesson(scene, patched[-1].grid[1] // 2, patched[-1].grid[2] // 2))
        whole = Lesson(
            *(np.concatenate([getattr(one, part) for one in taught]) for part in Lesson.__dataclass_fields__)
        )
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = args.lr * min(1.0, (step + 1) / 60, 0.02 + 3 * (1 - step / args.steps))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = tower(
                torch.from_numpy(np.concatenate([one.patches for one in patched])),
                torch.tensor([one.grid for one in patched]),
            ).pooler_output
        loss, right = heads.loss(seen, whole)
        loss.backward()
        nn.utils.clip_grad_norm_([*tower.parameters(), *heads.parameters()], 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        if (step + 1) % 25 == 0:
            shares = " ".join(f"{name} {value:.3f}" for name, value in right.items())
            print(
                f"{step + 1} {(time.monotonic() - started) / 60:.1f} min, loss {loss.item():.3f}, {shares}",
                flush=True,
            )
        if (step + 1) % 200 == 0 or step + 1 == args.steps:
            torch.save(tower.state_dict(), args.out / "tower.pt")


if __name__ == "__main__":
    main()
