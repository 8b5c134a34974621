"""Halfway between the model that a run began from and what it became: ``python training/average.py RUN PAIR OUT``.

A short run on new words gains there and forgets elsewhere; the mean of both weights keeps most of either ("Robust
fine-tuning of zero-shot models", Wortsman et al., 2022). PAIR is the folder of the GGUF pair that
the run started from; OUT gets a checkpoint for export.py and evaluate.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import modelling
import to_gguf


def main() -> None:
    """Read the command line and write the mean."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("pair", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the run's weights in the mean")
    args = parser.parse_args()
    state = torch.load(args.run / "last.pt", weights_only=False, map_location="cpu")
    model = modelling.build(modelling.SIZES[state["size"]])
    with torch.no_grad():
        pair = args.pair / "language.gguf", args.pair / "vision.gguf"
        to_gguf.read_gguf_pair(model.state_dict(), model.config.to_dict(), *pair)
    began = model.state_dict()
    mean = {name: torch.lerp(began[name], became, args.share) for name, became in state["model"].items()}
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": mean, "size": state["size"], "step": state["step"]}, args.out / "last.pt")


if __name__ == "__main__":
    main()
