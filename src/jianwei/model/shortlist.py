"""Which tokens come into question, by logits that are nearly right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MOST = 32
"""Tokens at most."""

NEAR = 4.0
"""Tokens whose logits lie below the highest one's by less than so many standard deviations of all of them.

A product with weights of 4 bits is off by a tenth to a third of that deviation, so the likeliest token is among them.
"""

_EVERY = 61
"""The deviation is taken over every so manieth token: the vocabulary has 151936."""


def likeliest(logits: Floats, allowed: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.intp]:
    """The tokens that may turn out to be the likeliest, at most ``MOST``, in no order.

    Args:
        logits: ``[vocab]``.
        allowed: ``[<= vocab]``: True for the tokens that may be chosen (none beyond its end); None: all.
    """
    ids = None if allowed is None else np.flatnonzero(allowed[: len(logits)])
    left = logits if ids is None else logits[ids]
    if not len(left):
        return np.zeros(0, np.intp)
    top, margin = left.max(), np.float32(NEAR) * logits[::_EVERY].std()
    near = left >= top - margin
    # Where a model has no idea, tens of thousands lie near: selecting among so many would take its time.
    while margin > 0 and np.count_nonzero(near) > 4 * MOST:
        margin /= 2
        near = left >= top - margin
    near = np.flatnonzero(near)
    if len(near) > MOST:
        near = near[np.argpartition(left[near], -MOST)[-MOST:]]
    return near if ids is None else ids[near]
