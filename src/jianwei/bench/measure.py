"""Honest comparison on a machine that is never quite quiet: turns, medians, pairs, spread, and what else ran.

The two sides take turns (ours first in one round, the peer first in the next), so a disturbance meets both.
The ratio is taken pair by pair within a round; the median of these is shown with the lowest and highest.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import psutil

Better = Literal["less", "more"]
Take = Callable[[int], float]
"""Takes one value in the round whose number it gets; raises :class:`Unmeasured` if it cannot."""


class Unmeasured(Exception):  # noqa: N818 - an outcome that becomes a row's note
    """This side has no such value; the text says why."""


@dataclass(frozen=True)
class Spread:
    """Median, lowest and highest of some values."""

    median: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Distance from lowest to highest as a share of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0


def spread(values: Sequence[float]) -> Spread | None:
    """Median, lowest and highest; None where there is no value."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


@dataclass(frozen=True)
class Figure:
    """What is measured.

    Attributes:
        name: of the row, in English; stable, machines look for it.
        title: the row's name in Chinese.
        unit: of the values.
        better: whether less or more of it is better.
        ours: takes a value of our side.
        peer: takes a value of the peer; None where it has no such thing.
        once: one round is enough (a quantity that hardly varies and takes long).
    """

    name: str
    title: str
    unit: str
    better: Better
    ours: Take
    peer: Take | None = None
    once: bool = False


@dataclass
class Row:
    """The values of one figure, a list position being a round; None where a side had none in that round."""

    figure: Figure
    ours: list[float | None] = field(default_factory=list[float | None])
    peer: list[float | None] = field(default_factory=list[float | None])
    notes: list[str] = field(default_factory=list[str])

    @property
    def ours_spread(self) -> Spread | None:
        """Over the rounds, our side."""
        return spread([value for value in self.ours if value is not None])

    @property
    def peer_spread(self) -> Spread | None:
        """Over the rounds, the peer."""
        return spread([value for value in self.peer if value is not None])

    @property
    def ratio(self) -> Spread | None:
        """How many times better ours is than the peer (over 1: ours is better), pair by pair."""
        pairs = zip(self.ours, self.peer, strict=False)
        ratios = [
            (peer / ours if self.figure.better == "less" else ours / peer)
            for ours, peer in pairs
            if ours and peer
        ]
        return spread(ratios)

    def note(self, words: str) -> None:
        """Remember why something is missing; once."""
        if words not in self.notes:
            self.notes.append(words)


def alternate(
    figures: Sequence[Figure], rounds: int, on_progress: Callable[[int, str], None] | None = None
) -> list[Row]:
    """Measure all figures in rounds, the sides taking turns.

    A side that fails at a figure is not asked for it again; its reason becomes the row's note.

    Args:
        figures: in the order in which they are taken in each round.
        rounds: how many.
        on_progress: called before each value with the round and what is taken.
    """
    rows = [Row(figure) for figure in figures]
    for number in range(rounds):
        for row in rows:
            figure = row.figure
            if figure.once and number:
                continue
            sides = [("ours", figure.ours, row.ours), ("peer", figure.peer, row.peer)]
            for side, take, values in sides if number % 2 == 0 else reversed(sides):
                if take is None or (values and values[-1] is None):
                    continue
                if on_progress:
                    on_progress(number, f"{figure.name}: {side}")
                try:
                    values.append(take(number))
                except Unmeasured as reason:
                    values.append(None)
                    row.note(f"{side}: {reason}")
    return rows


class Disturbance:
    """What the machine did for others since a moment, as a share of all its CPU time.

    A measurement beside a busy neighbour is worth little: the threads of one step wait for each other, and one
    that is held up holds up all.
    """

    def __init__(self) -> None:
        self._total, self._busy = _machine_seconds()
        self._own = _own_seconds()

    def share(self) -> float:
        """Busy time of others, and time stolen by other virtual machines, over all CPU time so far.

        Processes of ours count as such once they have ended: the system adds up only those.
        """
        total, busy = _machine_seconds()
        others = busy - self._busy - (_own_seconds() - self._own)
        return min(1.0, max(0.0, others / (total - self._total))) if total > self._total else 0.0


def _own_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _machine_seconds() -> tuple[float, float]:
    """CPU seconds of the whole machine since it started: all, and those not idle."""
    times = psutil.cpu_times()._asdict()
    # The kernel counts a guest's time in user time too.
    total = sum(value for name, value in times.items() if not name.startswith("guest"))
    return total, total - times.get("idle", 0.0) - times.get("iowait", 0.0)
