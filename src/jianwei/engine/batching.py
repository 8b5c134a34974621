"""What a step computes as the decoder takes it: embeddings, positions and block tables of the work's tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from jianwei.engine.prefix_cache import VISUAL
from jianwei.engine.scheduler import Work
from jianwei.model.configuration import DecoderConfig
from jianwei.model.decoder import Batch

Floats = npt.NDArray[np.float32]


def gather(
    work: Sequence[Work], embed: Callable[[npt.NDArray[np.int64]], Floats], config: DecoderConfig
) -> Batch:
    """The work's tokens, sequence after sequence, each followed by its guesses.

    Logits are wanted where a sequence's next token is chosen: after its last token, and after each guess.

    Args:
        work: whose pictures are at hand.
        embed: input embeddings of tokens.
        config: the decoder's shape.
    """
    ids = np.concatenate(
        [
            np.array([*w.sequence.ids[w.sequence.computed : w.sequence.computed + w.n_tokens], *w.draft])
            for w in work
        ]
    )
    words = ids != VISUAL
    if words.all():
        embeddings, deepstack = embed(ids), None
    else:
        embeddings = np.empty((len(ids), config.hidden), np.float32)
        if words.any():
            embeddings[words] = embed(ids[words])
        deepstack = np.zeros((config.deepstack_layers, len(ids), config.hidden), np.float32)
        row = 0
        for w in work:
            _place_pictures(w, row, embeddings, deepstack)
            row += w.n_rows
    ends = np.cumsum([w.n_rows for w in work]).tolist()
    return Batch(
        embeddings=embeddings,
        positions=np.concatenate(
            [w.sequence.positions(w.sequence.computed, w.sequence.computed + w.n_rows) for w in work],
            axis=1,
        ),
        deepstack=deepstack,
        past_lens=[w.sequence.held for w in work],
        new_lens=[w.n_rows for w in work],
        tables=[w.sequence.table for w in work],
        logit_rows=[
            row
            for w, end in zip(work, ends, strict=True)
            if w.is_ready
            for row in range(end - 1 - len(w.draft), end)
        ],
    )


def _place_pictures(work: Work, row: int, embeddings: Floats, deepstack: Floats) -> None:
    """Write the visual tokens of a chunk into the batch's arrays, from ``row`` on."""
    sequence, start = work.sequence, work.sequence.computed
    end = start + work.n_tokens
    for span in sequence.spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        tokens = sequence.visual[span.digest]
        here = slice(row + first - start, row + last - start)
        there = slice(first - span.start, last - span.start)
        embeddings[here] = tokens.embeddings[there]
        deepstack[:, here] = tokens.deepstack[:, there]
