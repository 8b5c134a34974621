"""Choosing the next token from logits: penalties, grammar mask, temperature, top-k, top-p, min-p, one draw.

Knows token ids and numbers only. The order is that of ``transformers`` (``_get_logits_processor`` in
``generation/utils.py``): penalties, then temperature, top-k, top-p, min-p, each over what the one before
left. (vLLM applies min-p before top-k and top-p, which may keep fewer tokens when both are in use.) A
grammar's mask comes right after the penalties, so every filter counts allowed tokens only.

The vocabulary has 151936 entries and this runs for every token, so nothing here sorts all of it: filters are
thresholds on values, found by selection in linear time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from jianwei.errors import InputError, Phrase
from jianwei.types import SamplingParams

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.intp]
TokenMask = npt.NDArray[np.bool_]

GREEDY_BELOW = 1e-5
"""Temperatures under this are greedy, as in vLLM (``_SAMPLING_EPS``): dividing by them overflows."""

_FEW = 256
"""Top-p looks at so many tokens first: a peaked distribution has no more that matter."""

_RUN = 256
"""Weights in a run; see :func:`place_of`."""


class Sampler:
    """Chooses the tokens of one sequence. Not thread-safe; one thread owns it."""

    def __init__(self, params: SamplingParams, vocab_size: int, prompt_ids: Sequence[int]) -> None:
        """Check the parameters and count the prompt.

        Args:
            params: how to choose.
            vocab_size: number of logits.
            prompt_ids: the prompt's tokens (for the repetition penalty).

        Raises:
            InputError: ``bad_value`` names the parameter that makes no sense.
        """
        check_params(params)
        self._params = params
        self._vocab_size = vocab_size
        self._random = np.random.default_rng(params.seed)
        self._generated = TokenCounts(vocab_size)
        self._seen = TokenCounts(vocab_size)
        self._repetition = params.repetition_penalty != 1.0
        self._frequency = params.presence_penalty != 0.0 or params.frequency_penalty != 0.0
        if self._repetition:
            self._seen.extend(prompt_ids)

    def sample(self, logits: Floats, allowed: TokenMask | None = None) -> int:
        """The next token. Call :meth:`accept` with it if it becomes part of the sequence.

        Args:
            logits: ``[vocab]``; not changed.
            allowed: ``[<= vocab]`` True where the grammar allows a token (ids beyond its end are not
                allowed); None allows all.

        Raises:
            ValueError: no token is allowed, or the logits are not numbers.
        """
        params = self._params
        logits = self._penalized(logits)
        ids = None if allowed is None else np.flatnonzero(allowed[: len(logits)])
        if ids is not None:
            logits = logits[ids]
        if not len(logits):
            raise ValueError("no token is allowed")
        best = int(logits.argmax())
        if not math.isfinite(logits[best]):  # argmax finds a NaN first if there is one
            raise ValueError("logits are not finite")
        if params.temperature < GREEDY_BELOW:
            return best if ids is None else int(ids[best])
        kept, weights = keep_likely(logits, params)
        chosen = draw(weights, self._random)
        if kept is not None:
            chosen = int(kept[chosen])
        return chosen if ids is None else int(ids[chosen])

    def skip(self) -> None:
        """Leave out a choice that is none: what is drawn after it is as if it had been made."""
        if self._params.temperature >= GREEDY_BELOW:
            self._random.random()

    def accept(self, token: int) -> None:
        """Count a token that became part of the sequence."""
        if self._frequency:
            self._generated.add(token)
        if self._repetition:
            self._seen.add(token)

    def _penalized(self, logits: Floats) -> Floats:
        """Logits after the penalties: a copy where there are any."""
        repetition = self._repetition and self._seen.size > 0
        frequency = self._frequency and self._generated.size > 0
        if not repetition and not frequency:
            return logits
        logits = logits.copy()
        if repetition:
            penalize_repetition(logits, self._seen.ids, self._params.repetition_penalty)
        if frequency:
            penalize_frequency(
                logits,
                self._generated.ids,
                self._generated.counts,
                self._params.presence_penalty,
                self._params.frequency_penalty,
            )
        return logits


class TokenCounts:
    """How often tokens occurred, as parallel arrays that grow by doubling; other ids are left out."""

    def __init__(self, vocab_size: int) -> None:
        self.size = 0
        self._vocab_size = vocab_size
        self._place: dict[int, int] = {}
        self._ids = np.zeros(64, np.intp)
        self._counts = np.zeros(64, np.float32)

    @property
    def ids(self) -> Ids:
        """The distinct tokens, in order of first occurrence."""
        return self._ids[: self.size]

    @property
    def counts(self) -> Floats:
        """How often each of ``ids`` occurred."""
        return self._counts[: self.size]

    def add(self, token: int) -> None:
        """Count one occurrence."""
        if not 0 <= token < self._vocab_size:
            return
        place = self._place.get(token)
        if place is None:
            if self.size == len(self._ids):
                self._ids = np.resize(self._ids, 2 * self.size)
                self._counts = np.resize(self._counts, 2 * self.size)
            place = self._place[token] = self.size
            self._ids[place], self._counts[place] = token, 0.0
            self.size += 1
        self._counts[place] += 1.0

    def extend(self, tokens: Iterable[int]) -> None:
        """Count many."""
        for token in tokens:
            self.add(token)


def check_params(params: SamplingParams) -> None:
    """Raise ``InputError("bad_value")`` for a parameter outside its range."""
    positive = Phrase("it must be above 0", "必须大于 0")
    not_negative = Phrase("it must be 0 or more", "不能小于 0")
    share = Phrase("it must be between 0 and 1", "必须在 0 到 1 之间")
    some_share = Phrase("it must be above 0 and at most 1", "必须大于 0 且不超过 1")
    penalty = Phrase("it must be between -2 and 2", "必须在 -2 到 2 之间")
    rules = (
        ("max_tokens", params.max_tokens >= 1, Phrase("it must be 1 or more", "不能小于 1")),
        ("temperature", 0.0 <= params.temperature < math.inf, not_negative),
        ("top_p", 0.0 < params.top_p <= 1.0, some_share),
        ("top_k", params.top_k >= 0, not_negative),
        ("min_p", 0.0 <= params.min_p <= 1.0, share),
        ("presence_penalty", -2.0 <= params.presence_penalty <= 2.0, penalty),
        ("frequency_penalty", -2.0 <= params.frequency_penalty <= 2.0, penalty),
        ("repetition_penalty", 0.0 < params.repetition_penalty < math.inf, positive),
        ("seed", params.seed is None or params.seed >= 0, not_negative),
    )
    for name, right, reason in rules:
        if not right:
            raise InputError("bad_value", name=name, got=getattr(params, name), reason=reason)


def penalize_repetition(logits: Floats, seen: Ids, penalty: float) -> None:
    """Divide positive logits of ``seen`` tokens by ``penalty``, multiply negative ones; in place.

    CTRL's penalty (arXiv 1909.05858) as in ``transformers``' ``RepetitionPenaltyLogitsProcessor``.
    """
    values = logits[seen]
    logits[seen] = np.where(values < 0, values * np.float32(penalty), values / np.float32(penalty))


def penalize_frequency(logits: Floats, ids: Ids, counts: Floats, presence: float, frequency: float) -> None:
    """Lower logits by ``presence`` once and by ``frequency`` for every occurrence; in place.

    As in the OpenAI API: ``logit -= count * frequency + (count > 0) * presence``.
    """
    logits[ids] -= counts * np.float32(frequency) + np.float32(presence)


def keep_likely(logits: Floats, params: SamplingParams) -> tuple[Ids | None, Floats]:
    """The tokens left by temperature, top-k, top-p and min-p.

    Args:
        logits: ``[n]``, their maximum finite.
        params: ``temperature`` must be above 0.

    Returns:
        Places in ``logits``, ascending (None: all of them), and their weights: probabilities up to one common
        factor, the best token's weight being 1.
    """
    kept = top_k(logits, params.top_k) if 0 < params.top_k < len(logits) else None
    left = logits if kept is None else logits[kept]
    weights = left - left.max()  # the rest in place: fresh memory costs more than the arithmetic
    with np.errstate(over="ignore"):  # a low temperature sends unlikely tokens to -inf, that is to weight 0
        weights /= np.float32(params.temperature)
    np.exp(weights, out=weights)
    if params.top_p < 1.0:
        narrowed = top_p(weights, params.top_p)
        kept, weights = narrowed if kept is None else kept[narrowed], weights[narrowed]
    if params.min_p > 0.0:
        narrowed = np.flatnonzero(weights >= np.float32(params.min_p))
        kept, weights = narrowed if kept is None else kept[narrowed], weights[narrowed]
    return kept, weights


def top_k(logits: Floats, k: int) -> Ids:
    """Places of the ``k`` largest, ascending; equals of the last are kept too, as in ``transformers``."""
    smallest = len(logits) - k
    return np.flatnonzero(logits >= np.partition(logits, smallest)[smallest])


def top_p(weights: Floats, p: float) -> Ids:
    """Places of the fewest largest weights that hold the share ``p`` of the sum, ascending.

    The one that reaches ``p`` stays, so there is always one; what equals it is kept too, so that equal tokens
    have equal chances. (``transformers`` cuts among equals by the accident of its sort.)

    """
    wanted = p * float(weights.sum(dtype=np.float64))
    falling = weights
    if len(weights) > _FEW:
        falling = np.partition(weights, len(weights) - _FEW)[-_FEW:]
        if float(falling.sum(dtype=np.float64)) < wanted:
            falling = weights
    falling = np.sort(falling)[::-1]
    edge = place_of(falling, wanted / float(falling.sum(dtype=np.float64)))
    return np.flatnonzero(weights >= falling[edge])


def place_of(weights: Floats, share: float) -> int:
    """The first place where the running sum of ``weights`` reaches ``share`` (above 0, at most 1) of the sum.

    In two steps, sums of runs of weights and then one run: running sums of a whole vocabulary would take ten
    times as long. The weight at this place is above 0, since a weight of 0 reaches nothing new.
    """
    sums = np.add.reduceat(weights, np.arange(0, len(weights), _RUN)).astype(np.float64)
    ends = np.cumsum(sums)
    target = share * ends[-1]
    run = min(int(np.searchsorted(ends, target)), len(sums) - 1)
    share_of_run = (target - (ends[run] - sums[run])) / sums[run]
    inside = np.cumsum(weights[run * _RUN : (run + 1) * _RUN], dtype=np.float64)
    place = int(np.searchsorted(inside, share_of_run * inside[-1]))
    return run * _RUN + min(place, len(inside) - 1)


def draw(weights: Floats, random: np.random.Generator) -> int:
    """A place chosen with probabilities proportional to ``weights``."""
    return place_of(weights, 1.0 - random.random())


def log_probability(logits: Floats, token: int) -> float:
    """The natural logarithm of how likely a token is under logits ``[vocab]``, as they are: no penalty, no mask."""
    highest = float(logits.max())
    return float(logits[token]) - highest - math.log(float(np.exp(logits - highest).sum(dtype=np.float64)))
