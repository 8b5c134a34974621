"""Which tokens a checkpoint or a GGUF pair copies: ``python training/copying.py src/jianwei/builtin``.

Values of four tokens, drawn evenly from those of a class, stand behind a label in the evidence and once more right
before the question for them. A token that training never had in an answer is pushed down with every other answer, and
in the end cannot be said even where it stands right there; scenes print few signs. Counted is the likeliest token at
each of the four places, with those before it given.

``--fresh OUT`` writes a checkpoint in which each hanzi and sign that is never copied has a new embedding, drawn from
the distribution of those of hanzi (mean and covariance). The old ones lie close together, pushed there in company; to
the heads that copy, one random hanzi is as good as another. No training is needed for that. Parts of words keep theirs,
copied or not: they have a meaning in questions, and JSON's joints in answers.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch

import modelling
import to_gguf
import vocabulary

_LENGTH, _BATCH = 4, 64
_FRESH = ("hanzi", "other signs")
_TOKENIZER = vocabulary.tokenizer()


def classes() -> dict[str, list[int]]:
    """The tokens of the vocabulary that are whole words or characters, by what they are."""
    found: dict[str, list[int]] = defaultdict(list)
    count = len(vocabulary.build()["tokenizer.ggml.tokens"]) - len(vocabulary.CONTROL)
    for token in range(count):
        text = _TOKENIZER.decode([token])
        if "\ufffd" in text or not text.strip():
            continue
        if text.isascii():
            found["ASCII signs and digits" if len(text) == 1 else "parts of words"].append(token)
        elif len(text) == 1:
            found["hanzi" if "\u4e00" <= text <= "\u9fff" else "other signs"].append(token)
    return found


def copied(model: torch.nn.Module, tokens: Sequence[int], rng: Random) -> dict[int, list[bool]]:
    """For each token whether it was copied, each time it was drawn; about twice."""
    order = [*tokens, *tokens]
    rng.shuffle(order)
    values = [order[at : at + _LENGTH] for at in range(0, len(order) - _LENGTH + 1, _LENGTH)]
    special, encode = _TOKENIZER.special, _TOKENIZER.encode
    label = encode("Name: ")
    begun = [special["<|im_start|>"], *encode("user\nOCR:\n"), *label]
    asked = [*encode("\nWhat is the name?"), special["<|im_end|>"], *encode("\n"), special["<|im_start|>"]]
    found: dict[int, list[bool]] = defaultdict(list)
    for at in range(0, len(values), _BATCH):
        part = values[at : at + _BATCH]
        rows = [
            [*begun, *v, *encode("\n\n"), *label, *v, *asked, *encode("assistant\n"), *label, *v]
            for v in part
        ]
        with torch.no_grad():
            likeliest = model(input_ids=torch.tensor(rows), use_cache=False).logits.argmax(-1)
        for value, said in zip(part, likeliest.tolist(), strict=True):
            for token, guess in zip(value, said[-_LENGTH - 1 : -1], strict=True):
                found[token].append(token == guess)
    return found


def refresh(model: torch.nn.Module, tokens: Sequence[int], like: Sequence[int]) -> None:
    """Give tokens embeddings drawn from the distribution of those of others."""
    weights = model.get_input_embeddings().weight.data
    known = weights[list(like)]
    drawn = torch.distributions.MultivariateNormal(
        known.mean(0), torch.cov(known.T) + 1e-4 * torch.eye(known.shape[1])
    )
    torch.manual_seed(0)
    weights[list(tokens)] = drawn.sample((len(tokens),))


def main() -> None:
    """Print for each class how often its tokens are copied, and how many of them never are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="folder of a run, or of a GGUF pair")
    parser.add_argument("--size", choices=sorted(modelling.SIZES), default="deep", help="of a GGUF pair")
    parser.add_argument(
        "--fresh",
        type=Path,
        metavar="OUT",
        help="write hanzi and signs that are never copied with new embeddings",
    )
    args = parser.parse_args()
    checkpoint = args.model / "last.pt"
    state = torch.load(checkpoint, weights_only=False) if checkpoint.exists() else None
    model = modelling.build(modelling.SIZES[state["size"] if state else args.size]).eval()
    if state:
        model.load_state_dict(state["model"])
    else:
        pair = args.model / "language.gguf", args.model / "vision.gguf"
        with torch.no_grad():
            to_gguf.read_gguf_pair(model.state_dict(), model.config.to_dict(), *pair)
    rng, known, lost = Random(0), classes(), list[int]()
    for name, tokens in known.items():
        found = copied(model, tokens, rng)
        if name in _FRESH:
            lost += [token for token, each in found.items() if not any(each)]
        share = sum(map(sum, found.values())) / sum(map(len, found.values()))
        never = sum(not any(each) for each in found.values())
        print(f"{name}: copied {share:.1%}; never {never} of {len(found)}")
    if args.fresh:
        refresh(model, lost, [token for token in known["hanzi"] if token not in lost])
        args.fresh.mkdir(parents=True, exist_ok=True)
        size = state["size"] if state else args.size
        step = state["step"] if state else 0
        torch.save({"model": model.state_dict(), "size": size, "step": step}, args.fresh / "last.pt")


if __name__ == "__main__":
    main()
