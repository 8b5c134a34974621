"""Go on with a larger model from where a smaller one is: ``python training/grow.py RUN PAIR OUT --size SIZE``.

RUN holds the smaller one's checkpoint, PAIR its GGUF pair, whose vocabulary says what its embedding's rows are; OUT
gets a checkpoint that train.py takes up. What the larger one adds gives nothing at first, and so it answers as the
smaller one does: added layers are copies whose products with the residual stream are zero ("LLaMA Pro: Progressive
LLaMA with Block Expansion", Wu et al., 2024), and so are added neurons of the feed-forward layers ("Net2Net", Chen et
al., 2016). Only tokens that are new must be learnt: they begin as an unknown hanzi, which the model can copy.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import torch

import modelling
import train
import vocabulary
from jianwei.model.gguf_metadata import read_gguf

_LAYER = re.compile(r"(.*language_model\.layers\.)(\d+)(\..*)")
_EMBEDDING = "model.language_model.embed_tokens.weight"
_SILENT = ("self_attn.o_proj.weight", "mlp.down_proj.weight")


def copied(layers: int, wanted: int) -> list[tuple[int, bool]]:
    """Of each layer of the larger model which one it comes from, and whether that one stands before it already.

    The last ones are copied, but for the very last, behind which answers are read off.
    """
    twice = range(layers - 1 - (wanted - layers), layers - 1)
    return [
        pair for layer in range(layers) for pair in ([(layer, False)] + [(layer, True)] * (layer in twice))
    ]


def grown(
    fresh: dict[str, torch.Tensor], state: dict[str, torch.Tensor], sources: list[tuple[int, bool]]
) -> dict[str, torch.Tensor]:
    """The larger model's weights, but for its embedding; ``fresh`` are its own, ``state`` those of the smaller."""
    found: dict[str, torch.Tensor] = {}
    for name, own in fresh.items():
        layer = _LAYER.fullmatch(name)
        source, again = sources[int(layer[2])] if layer else (0, False)
        known = state[f"{layer[1]}{source}{layer[3]}" if layer else name]
        if own.shape == known.shape:
            weight = known.clone()
        else:
            # Wider: the neurons behind the known ones read the stream by chance, and give nothing yet.
            weight = torch.zeros_like(own) if name.endswith("down_proj.weight") else own.clone()
            if layer:
                weight[tuple(slice(length) for length in known.shape)] = known
        found[name] = torch.zeros_like(own) if again and name.endswith(_SILENT) else weight
    return found


def embedding(known: torch.Tensor, before: list[str], now: list[str]) -> torch.Tensor:
    """Rows ``[tokens, hidden]`` of the new vocabulary: the known ones, and for others what a hanzi might have."""
    hanzi = known[[row for row, token in enumerate(before) if token in _hanzi()]]
    spread = torch.distributions.MultivariateNormal(
        hanzi.mean(0), torch.cov(hanzi.T) + 1e-6 * torch.eye(hanzi.shape[1])
    )
    rows = spread.sample((len(now),))
    place = {token: row for row, token in enumerate(before)}
    for row, token in enumerate(now):
        if token in place:
            rows[row] = known[place[token]]
    return rows


def _hanzi() -> set[str]:
    alphabet = vocabulary.byte_alphabet()
    return {
        "".join(alphabet[byte] for byte in character.encode())
        for character in vocabulary.gb2312_characters()
        if character >= "\u4e00"
    }


def main() -> None:
    """Read the command line and write the checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("pair", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=modelling.SIZES, default="deep")
    parser.add_argument("--rows", type=float, default=16, help="longest forms at first")
    args = parser.parse_args()
    torch.manual_seed(1)
    state = torch.load(args.run / "last.pt", weights_only=False, map_location="cpu")
    before = list(read_gguf(args.pair / "language.gguf").metadata["tokenizer.ggml.tokens"])
    model = modelling.build(modelling.SIZES[args.size])
    sources = copied(modelling.SIZES[state["size"]].layers, modelling.SIZES[args.size].layers)
    weights = grown(model.state_dict(), state["model"], sources)
    rows = embedding(state["model"][_EMBEDDING], before, vocabulary.build()["tokenizer.ggml.tokens"])
    model.load_state_dict({**weights, _EMBEDDING: rows, "lm_head.weight": rows})
    args.out.mkdir(parents=True, exist_ok=True)
    begun = {
        "model": model.state_dict(),
        "optimizers": [each.state_dict() for each in train.optimizers(model, 0.0)],
        "step": 0,
        "spent": 0.0,
        "rows": args.rows,
        "exact": 0.0,
        "pictures_from": 0,
        "size": args.size,
    }
    torch.save(begun, args.out / "last.pt")


if __name__ == "__main__":
    main()
