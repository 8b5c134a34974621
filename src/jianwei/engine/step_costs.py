"""What a step costs by the number of its tokens, as measured on this CPU while answers are written.

A step reads all weights whatever it computes, so a few tokens cost little more than one; how little depends on the
CPU's matrix units and on how weights are unpacked for them. Guesses (``draft``) are weighed by this.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

_COSTS = ((1, 1.0), (4, 1.4), (5, 1.9), (8, 2.0), (16, 2.3), (32, 2.6))
"""(tokens, cost in steps of one token) before anything is measured: see "Drafts" in docs/performance.md."""

_MORE = 0.03
"""What each further token costs."""

_MEASURED = 0.2
"""Weight of a measured step among what is known of steps of its size."""

_FORGOTTEN = 0.002
"""How far every other size goes back to the beginning meanwhile: one step that was held up is no verdict."""

_PLAUSIBLE = (0.6, 3.0)
"""Measured costs are taken for no less and no more than so many times what is assumed at the beginning."""


class StepCosts:
    """Learns costs from steps. One thread owns it."""

    def __init__(self) -> None:
        self._sizes = [tokens for tokens, _ in _COSTS]
        self._costs = [cost for _, cost in _COSTS]
        self._one = 0.0

    def __call__(self, tokens: int) -> float:
        """The cost of a step of so many tokens, in steps of one; straight between the sizes that are known."""
        at = bisect_right(self._sizes, tokens)
        if at == len(self._sizes):
            return self._costs[-1] + _MORE * (tokens - self._sizes[-1])
        low, high = self._sizes[at - 1], self._sizes[at]
        cost, dearer = self._costs[at - 1], self._costs[at]
        return cost + (dearer - cost) * (tokens - low) / (high - low)

    def learn(self, tokens: int, seconds: float) -> None:
        """Note how long a step took that computed nothing but tokens of answers."""
        if tokens == 1:
            self._one = seconds if not self._one else self._one + _MEASURED * (seconds - self._one)
            return
        at = bisect_left(self._sizes, tokens)
        if not self._one or at == len(self._sizes):
            return
        least, most = _PLAUSIBLE
        for i, (_, assumed) in enumerate(_COSTS):
            goal, weight = (seconds / self._one, _MEASURED) if i == at else (assumed, _FORGOTTEN)
            goal = min(max(goal, least * assumed), most * assumed)
            if i:
                self._costs[i] += weight * (goal - self._costs[i])


_EVIDENCE = 60
"""Tokens that must have come with guesses, and as many without, before the two are compared."""

_SUSPENDED = 500
"""Steps without guesses after they have cost time; then they get another chance."""

_KEPT = 0.998
"""How much of what was counted is left after each step: pictures, texts and what else the machine does change."""


class GuessAccount:
    """Whether guesses save time on the whole: all that they take against what tokens take without them.

    ``StepCosts`` and the drafters foresee what a guess is worth; this counts what came of it, with the time for looking
    up guesses, for choosing among more rows, and for kernels compiled for steps of further sizes. One thread owns it.
    """

    def __init__(self) -> None:
        self._seconds = [0.0, 0.0]
        self._tokens = [0.0, 0.0]
        self._suspended = 0

    @property
    def pays(self) -> bool:
        """Whether guesses should be tried."""
        return not self._suspended

    def note(self, made: int, seconds: float, looking: float, *, guessed: bool) -> None:
        """Count a step that computed nothing but tokens of one answer.

        Args:
            made: tokens that the step added to the answer.
            seconds: of the step, with everything around it.
            looking: seconds of these that went into looking for a guess, found or not.
            guessed: whether it had a guess.
        """
        if self._suspended:
            self._suspended -= 1
            return
        for way in (0, 1):
            self._seconds[way] *= _KEPT
            self._tokens[way] *= _KEPT
        self._tokens[guessed] += made
        self._seconds[guessed] += seconds - looking
        self._seconds[True] += looking
        (plain, drafted), (plain_seconds, drafted_seconds) = self._tokens, self._seconds
        if min(plain, drafted) >= _EVIDENCE and drafted_seconds * plain > plain_seconds * drafted:
            self._suspended = _SUSPENDED
            self._seconds[True], self._tokens[True] = 0.0, 0.0
