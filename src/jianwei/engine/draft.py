"""Guesses of what comes next, taken from what is already there: prompt lookup.

Answers about documents copy: values from OCR lines, rows from a table, words of the question, an earlier answer. So
what followed the last few tokens where they stood before is a good guess of what follows now (Saxena 2023,
https://github.com/apoorvumang/prompt-lookup-decoding). What is copied is often written otherwise at its joints: where
the prompt has an end of line, a JSON list has quotes and a comma. So an answer is followed along what it copies, and
what it puts in place of what is learned.

A step that computes the guesses too gives logits after each of them; those that equal what would have been chosen
anyway are kept. No answer changes by this, only its speed. How many tokens are guessed follows from how likely each
is to be right, which every sequence learns for itself by the length of the match, and from what a step of more tokens
costs here (``step_costs``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jianwei.engine.prefix_cache import VISUAL

LENGTHS = (1, 3, 7, 15)
"""Rows of a guess that are weighed against each other. Every size of step has kernels of its own, which take some
milliseconds to compile: with the token before it a step has 2, 4, 8 or 16 rows, and a guess of another length is filled
up. 16 rows are what matrix units take at once."""

_MATCH_CLASSES = (2, 3, 6)
"""Matches of 1 token, 2, 3 to 5, and more: what follows longer ones is surer."""

_FIRST_BELIEF = ((1.0, 1.0), (1.0, 0.7), (1.5, 0.5), (2.0, 0.3))
"""Tokens right and guesses ended by a wrong one, counted before the first guess, for each class of match."""

_MEMORY = 0.9
"""How much of what was counted is left after each guess: texts change their ways."""

_LEAST_GAIN = 1.08
"""Guesses that promise less are left out: they would pay for the work of looking at their logits at best."""

_FORGIVING = 0.985
"""How much of the disappointments is left after each step without a guess, so that another chance comes."""

_LONGEST_MATCH = 16
"""Tokens compared before the one that follows."""

_CANDIDATES = 8
"""Places that are compared, the latest first."""

_JOINT = 2
"""Tokens of the source for which an answer may put others."""

_REPLACED = 3
"""Tokens that it may put there; after more it no longer copies."""


class Guess(NamedTuple):
    """Tokens that may follow, and how many of them are expected to be right.

    Attributes:
        tokens: the guess; the last one may be repeated to fill the step up.
        gain: tokens expected to be right.
        real: tokens before what fills up.
    """

    tokens: tuple[int, ...] = ()
    gain: float = 0.0
    real: int = 0

    @staticmethod
    def filled(tokens: Sequence[int], gain: float, most: int) -> Guess:
        """A guess with as many rows as the next of ``LENGTHS``, but no more than ``most``."""
        rows = next((length for length in LENGTHS if length >= len(tokens)), len(tokens))
        filling = [token for token in tokens[-1:] for _ in range(min(rows, most) - len(tokens))]
        return Guess((*tokens, *filling), gain, len(tokens))


NO_GUESS = Guess()


class _Copy:
    """Where in the text an answer copies from.

    Attributes:
        place: the token that comes next there; None: it does not copy.
        length: tokens copied so far.
    """

    def __init__(self, ids: list[int]) -> None:
        """Follow an answer through ``ids``, which grows."""
        self.place: int | None = None
        self.length = 0
        self._ids = ids
        self._other: list[int] = []
        self._joints: dict[tuple[int, ...], tuple[int, ...]] = {}

    @property
    def is_sure(self) -> bool:
        """Whether what comes next is known: the source's next token, or what stands for it."""
        return self.place is not None and (not self._other or self._joint_at(self.place) is not None)

    def begin(self, place: int, length: int) -> None:
        """Copy from ``place`` on, after so many tokens that were equal."""
        self.place, self.length, self._other = place, length, []

    def follow(self, token: int) -> None:
        """Go on by one token of the answer."""
        place, ids = self.place, self._ids
        if place is None:
            return
        if ids[place] == token and not self._other:
            self._joints.pop((token,), None)  # it is copied as it is
            self.place, self.length = place + 1, self.length + 1
            return
        if self._other:
            for skipped in range(1, _JOINT + 1):
                if place + skipped < len(ids) - 1 and ids[place + skipped] == token:
                    self._joints[tuple(ids[place : place + skipped])] = tuple(self._other)
                    self.begin(place + skipped + 1, self.length + 1)
                    return
        self._other.append(token)
        if len(self._other) > _REPLACED:
            self.place = None

    def going_on(self, most: int) -> list[int]:
        """The tokens that come next if it goes on, the joints as they were before. A copy of itself repeats."""
        ids, at = self._ids, self.place
        found: list[int] = []
        if at is None:
            return found
        skip = len(self._other)
        while len(found) < most:
            joint = self._joint_at(at) if at < len(ids) else None
            if joint is not None:
                source, other = joint
                found += other[skip:]
                at += len(source)
            else:
                token = ids[at] if at < len(ids) else found[at - len(ids)]
                if token == VISUAL:
                    break
                found.append(token)
                at += 1
            skip = 0
        return found[:most]

    def _joint_at(self, place: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """What stands there and what the answer puts for it, if it has begun so."""
        for length in range(_JOINT, 0, -1):
            source = tuple(self._ids[place : place + length])
            other = self._joints.get(source)
            if other is not None and (place != self.place or list(other[: len(self._other)]) == self._other):
                return source, other
        return None


class Drafter:
    """Looks up the tokens of one sequence among those before them. One thread owns it."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._places: dict[int, list[int]] = {}
        self._copy = _Copy(self._ids)
        self._right = [right for right, _ in _FIRST_BELIEF]
        self._wrong = [wrong for _, wrong in _FIRST_BELIEF]
        self._class = 0
        self._prompt = 0

    def guess(
        self, ids: Sequence[int], most: int, tokens: int, expected: float, cost: Callable[[int], float]
    ) -> Guess:
        """What may follow ``ids``; nothing where guessing does not pay.

        Args:
            ids: prompt and answer so far, ``VISUAL`` for visual tokens; grows from call to call.
            most: tokens guessed at most.
            tokens: that the step computes without this guess, of all sequences.
            expected: tokens that the step adds to answers without this guess, of all sequences.
            cost: of a step by its tokens, in any unit.
        """
        self._prompt = self._prompt or len(ids)
        self._read(ids)
        copy = self._copy
        place, length = self._longest_match()
        in_prompt = 0 < place < self._prompt
        if in_prompt and (copy.place is None or (copy.is_sure and length > copy.length)):
            copy.begin(place, length)
        if copy.is_sure and copy.length >= length:
            length, following = copy.length, copy.going_on(min(most, LENGTHS[-1]))
        elif length:
            once = _Copy(self._ids)
            once.begin(place, length)
            following = once.going_on(min(most, LENGTHS[-1]))
        else:
            return NO_GUESS
        self._class = bisect_right(_MATCH_CLASSES, length)
        guess = self._worthwhile(following, most, tokens, expected, cost)
        if not guess.tokens:
            self._wrong[self._class] *= _FORGIVING
        return guess

    def learn(self, guessed: int, accepted: int) -> None:
        """Note how many tokens of the last guess were right."""
        at = self._class
        self._right[at] = _MEMORY * self._right[at] + accepted
        self._wrong[at] = _MEMORY * self._wrong[at] + (accepted < guessed)

    def _read(self, ids: Sequence[int]) -> None:
        """Index tokens that are new, and follow the answer; the last one has no successor yet."""
        for place in range(len(self._ids), len(ids)):
            if place and ids[place - 1] != VISUAL:
                self._places.setdefault(ids[place - 1], []).append(place)
            self._ids.append(ids[place])
            self._copy.follow(ids[place])

    def _longest_match(self) -> tuple[int, int]:
        """The place that follows the longest earlier copy of the end, and that copy's length.

        One token alone says something only where it stood once: where it stood several times, two must agree.
        """
        ids = self._ids
        places = self._places.get(ids[-1], [])
        best, longest = 0, 0
        for place in reversed(places[-_CANDIDATES:]):
            length = 1
            while (
                length < min(_LONGEST_MATCH, place)
                and ids[place - 1 - length] == ids[-1 - length]
                and ids[place - 1 - length] != VISUAL
            ):
                length += 1
            if length > longest:
                best, longest = place, length
        return (best, longest) if longest > 1 or len(places) == 1 else (0, 0)

    def _worthwhile(
        self, following: list[int], most: int, tokens: int, expected: float, cost: Callable[[int], float]
    ) -> Guess:
        """As many of the tokens as make a token of the step cheapest."""
        right, wrong = self._right[self._class], self._wrong[self._class]
        likely = right / (right + wrong)
        best, least = NO_GUESS, cost(tokens) / expected / _LEAST_GAIN
        for length in LENGTHS:
            guessed = following[:length]
            gain = sum(likely**place for place in range(1, len(guessed) + 1))
            price = cost(tokens + length) / (expected + gain)
            if guessed and price < least:
                best, least = Guess.filled(guessed, gain, most), price
            if len(guessed) < length:
                break
        return best
