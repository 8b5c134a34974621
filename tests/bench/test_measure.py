from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianwei.bench import measure
from jianwei.bench.measure import Better, Disturbance, Figure, Row, Take, Unmeasured, alternate, spread

positive = st.floats(min_value=1e-3, max_value=1e3)


def one(_: int) -> float:
    return 1.0


def figure(
    name: str = "f", better: Better = "less", ours: Take = one, peer: Take | None = None, once: bool = False
) -> Figure:
    return Figure(name, name, "s", better, ours, peer, once)


def test_spread_of_nothing_is_nothing() -> None:
    assert spread([]) is None


@given(st.lists(positive, min_size=1))
def test_spread_encloses_its_median(values: list[float]) -> None:
    s = spread(values)
    assert s is not None
    assert s.low <= s.median <= s.high
    assert s.width >= 0


def test_ratio_over_one_always_means_ours_is_better() -> None:
    seconds = Row(figure(better="less"), ours=[2.0, 1.0], peer=[6.0, 4.0])
    speed = Row(figure(better="more"), ours=[60.0, 40.0], peer=[20.0, 10.0])
    for row in (seconds, speed):
        assert row.ratio is not None
        assert (row.ratio.low, row.ratio.median, row.ratio.high) == (3.0, 3.5, 4.0)


def test_ratio_is_taken_within_rounds_not_between_medians() -> None:
    """A machine twice as slow in one round changes both sides and no ratio."""
    row = Row(figure(), ours=[1.0, 2.0, 1.0], peer=[3.0, 6.0, 3.0])
    assert row.ratio is not None
    assert row.ratio.low == row.ratio.high == 3.0


def test_rounds_without_a_partner_give_no_ratio() -> None:
    assert Row(figure(), ours=[1.0, 1.0], peer=[None]).ratio is None


def test_sides_take_turns_and_swap_who_goes_first() -> None:
    order: list[str] = []

    def take(side: str):
        def value(number: int) -> float:
            order.append(f"{number}{side}")
            return 1.0

        return value

    alternate([figure(ours=take("A"), peer=take("B"))], 3)
    assert order == ["0A", "0B", "1B", "1A", "2A", "2B"]


def test_a_side_that_cannot_is_asked_once_and_says_why() -> None:
    calls: list[int] = []

    def refuse(number: int) -> float:
        calls.append(number)
        raise Unmeasured("not installed")

    (row,) = alternate([figure(peer=refuse)], 3)
    assert calls == [0]
    assert row.notes == ["peer: not installed"]
    assert row.ours == [1.0, 1.0, 1.0]
    assert row.peer_spread is None


def test_a_figure_taken_once_has_one_value() -> None:
    (row,) = alternate([figure(once=True)], 3)
    assert row.ours == [1.0]


def test_progress_names_round_figure_and_side() -> None:
    seen: list[tuple[int, str]] = []
    alternate([figure("decode", peer=lambda _: 1.0)], 1, lambda number, what: seen.append((number, what)))
    assert seen == [(0, "decode: ours"), (0, "decode: peer")]


def test_work_of_ours_and_of_our_children_is_no_disturbance() -> None:
    machine, own = iter([(100.0, 40.0), (110.0, 48.0)]), iter([5.0, 12.0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "_machine_seconds", lambda: next(machine))
        patch.setattr(measure, "_own_seconds", lambda: next(own))
        assert Disturbance().share() == pytest.approx(0.1)


def test_a_child_that_has_ended_counts_as_ours() -> None:
    before = measure._own_seconds()
    subprocess.run([sys.executable, "-c", "sum(i * i for i in range(3_000_000))"], check=True)
    assert measure._own_seconds() - before > 0.05


def test_the_share_of_others_is_a_share() -> None:
    assert 0.0 <= Disturbance().share() <= 1.0


@pytest.mark.parametrize("better", ["less", "more"])
def test_zero_on_either_side_gives_no_ratio(better: Better) -> None:
    assert Row(figure(better=better), ours=[0.0], peer=[1.0]).ratio is None
