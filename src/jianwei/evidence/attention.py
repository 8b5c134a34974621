"""Attention of chosen heads, worked out from queries and keys on the host: arrays in, arrays out.

Averaged over all heads, attention collapses onto a few tokens that say nothing (sinks). A few fixed heads look
at what the next word is about; they are found once for a model (``calibration``). "Gaze Heads" (arXiv
2606.14703), "Your Large Vision-Language Model Only Needs A Few Attention Heads" (CVPR 2025).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

HEADS_FILE = "heads.json"
"""Beside a model's files: what ``jianwei calibrate`` has found."""


@dataclass(frozen=True)
class Head:
    """One attention head of the decoder, both counted from 0."""

    layer: int
    head: int


@dataclass(frozen=True)
class Heads:
    """The heads whose attention makes the heat map.

    Which heads look at a line that was read is no sign of which ones look at the thing itself: those were found with
    questions about what is no text, asked without evidence.

    Attributes:
        chosen: in the order of what they found; for what is printed.
        calibrated: False: a guess, because nothing has been found out about this model.
        score: mean part of their attention over picture and evidence that lay on the true place, when they
            were chosen.
        pixels: those that look at things in pixels; empty: nobody knows any, ``chosen`` are used for it too.
        pixel_score: as ``score``, of ``pixels`` over the picture alone.
    """

    chosen: tuple[Head, ...]
    calibrated: bool = False
    score: float | None = None
    pixels: tuple[Head, ...] = ()
    pixel_score: float | None = None

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers they belong to, in order."""
        return tuple(sorted({head.layer for head in (*self.chosen, *self.pixels)}))

    def to_json(self, model: str) -> str:
        """As ``heads.json`` has it, for the model whose language file has this name."""
        written: dict[str, Any] = {
            "model": model,
            "heads": [[head.layer, head.head] for head in self.chosen],
            "score": self.score,
        }
        if self.pixels:
            written["pixel_heads"] = [[head.layer, head.head] for head in self.pixels]
            written["pixel_score"] = self.pixel_score
        return json.dumps(written) + "\n"


def default_heads(layers: int, heads: int) -> Heads:
    """All heads of three layers past the middle: where most models of this family look at what they name.

    A guess for models that nobody has calibrated.
    """
    chosen = sorted({min(layers - 1, round(layers * part)) for part in (0.5, 0.6, 0.7)})
    return Heads(tuple(Head(layer, head) for layer in chosen for head in range(heads)))


def all_heads(layers: int, heads: int) -> Heads:
    """Every head of a decoder, for calibration and evaluation."""
    return Heads(
        tuple(Head(layer, head) for layer in range(layers) for head in range(heads)), calibrated=True
    )


def read_heads(language: Path, layers: int, heads: int) -> Heads:
    """The heads of a model: from ``heads.json`` beside it, or a guess where that is missing or another model's.

    Args:
        language: the language file.
        layers: of its decoder.
        heads: of each layer.
    """
    try:
        written = json.loads(language.with_name(HEADS_FILE).read_text(encoding="utf-8"))
        if written["model"] != language.name:
            return default_heads(layers, heads)
        chosen, pixels = (
            tuple(Head(int(layer), int(head)) for layer, head in cast("list[Any]", pairs))
            for pairs in (written["heads"], written.get("pixel_heads", []))
        )
        if not chosen or not all(0 <= h.layer < layers and 0 <= h.head < heads for h in (*chosen, *pixels)):
            return default_heads(layers, heads)
        score, pixel_score = (
            None if value is None else float(value)
            for value in (written.get("score"), written.get("pixel_score"))
        )
        return Heads(chosen, calibrated=True, score=score, pixels=pixels, pixel_score=pixel_score)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return default_heads(layers, heads)


def attention_weights(
    queries: Floats, keys: Floats, layers: Sequence[int], heads: Sequence[Head], prompt_tokens: int
) -> Floats:
    """Softmax of q k / sqrt(d) for each head and each predicting row.

    Args:
        queries: ``[answer, layers, heads, head_dim]``: row ``i`` predicted token ``i`` of the answer, so it saw
            the prompt and ``i`` tokens after it.
        keys: ``[layers, tokens, kv_heads, head_dim]`` of prompt and answer; NaN: of a token that nothing can look
            at any more.
        layers: which layers of the decoder these are.
        heads: those wanted.
        prompt_tokens: of the prompt.

    Returns:
        ``[heads, answer, tokens]``; each row adds up to 1.
    """
    n_answer, _, n_heads, head_dim = queries.shape
    group = n_heads // keys.shape[2]
    n_tokens = keys.shape[1]
    future = np.arange(n_tokens)[None] >= prompt_tokens + np.arange(n_answer)[:, None]
    weights = np.empty((len(heads), n_answer, n_tokens), np.float32)
    for row, head in enumerate(heads):
        at = layers.index(head.layer)
        scores = queries[:, at, head.head] @ keys[at, :, head.head // group].T / np.float32(head_dim**0.5)
        scores[future | np.isnan(scores)] = -np.inf
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        weights[row] = scores / scores.sum(axis=1, keepdims=True)
    return weights


def mean_attention(
    queries: Floats, keys: Floats, layers: Sequence[int], heads: Sequence[Head], prompt_tokens: int
) -> Floats:
    """The mean of ``attention_weights`` over the heads, ``[answer, tokens]``, one head in memory at a time."""
    total = np.zeros((len(queries), keys.shape[1]), np.float32)
    for head in heads:
        total += attention_weights(queries, keys, layers, [head], prompt_tokens)[0]
    total /= np.float32(len(heads))
    return total
