"""Two classes: nobody who waits is held up by batch work, batch work gets on, and nothing is computed twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest
from fakes import Bench, HashTower, expected, picture, words

from jianwei.engine.picture_source import Delivery, PictureSource
from jianwei.model.chat_template import Segment

PATIENCE = 20.0


class Steps(Bench):
    """An engine whose steps a test lets happen one by one."""

    def __init__(self, n_blocks: int = 512, **options: int) -> None:
        super().__init__(n_blocks, **options)
        self.decoder.gated = True

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            before = len(self.decoder.steps)
            self.decoder.gate.release()
            until(lambda before=before: len(self.decoder.steps) > before)

    def run(self) -> None:
        self.decoder.gated = False
        self.decoder.gate.release()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def steps() -> Iterator[Steps]:
    made = Steps()
    yield made
    made.run()
    made.engine.close()


def prompt(seed: int, length: int) -> list[Segment]:
    return [words(*random.Random(seed).choices(range(1, 50), k=length))]


def test_a_short_question_behind_sixteen_batch_ones_has_its_first_token_within_three_steps(
    steps: Steps,
) -> None:
    batch = [steps.ask(f"b{i}", *prompt(i, 900), priority="batch", max_tokens=40) for i in range(16)]
    steps.step(12)  # all places are taken, some answers are being written, prompts are under way
    assert len(steps.engine.scheduler.running) == 8
    asked = steps.ask("short", *prompt(99, 20), max_tokens=3)
    taken = 0
    while not asked.tokens:
        steps.step()
        taken += 1
        until(lambda done=12 + taken: steps.engine.counters.steps >= done)
    assert taken <= 3
    steps.run()
    assert asked.wait().tokens == expected(prompt(99, 20), 3)
    for i, one in enumerate(batch):
        assert one.wait().tokens == expected(prompt(i, 900), 40)
    assert steps.engine.stats()["preempted_total"] >= 1


def test_batch_prompts_get_on_beside_interactive_ones_that_never_end(steps: Steps) -> None:
    batch = steps.ask("batch", *prompt(1, 800), priority="batch", max_tokens=2)
    shorts = [steps.ask(f"i{i}", *prompt(i + 2, 3000), max_tokens=2) for i in range(8)]
    steps.step(24)
    steps.run()
    for one in (batch, *shorts):
        one.wait()
    # 8 x 3000 tokens of interactive prompts are 47 chunks: the batch prompt's came among them, not after.
    assert batch.finished_at < max(one.finished_at for one in shorts)


def test_batch_prompts_are_taken_in_small_chunks_while_somebody_watches_an_answer(steps: Steps) -> None:
    watched = steps.ask("watched", *prompt(1, 5), max_tokens=12)
    steps.step(2)
    steps.ask("batch", *prompt(2, 900), priority="batch", max_tokens=1)
    steps.run()
    watched.wait()
    beside = [step for step in steps.decoder.steps if len(step) > 1]
    assert beside
    assert max(map(sum, beside)) <= 1 + 512 // 4


def test_the_same_new_beginning_asked_by_eight_at_once_is_computed_once(steps: Steps) -> None:
    common = prompt(5, 640)
    asks = [steps.ask(f"{i}", *common, words(i + 1), max_tokens=2) for i in range(8)]
    steps.run()
    results = [one.wait() for one in asks]
    for i, result in enumerate(results):
        assert result.tokens == expected([*common, words(i + 1)], 2)
    computed = sum(map(sum, steps.decoder.steps))
    assert computed == 641 + 7 * 1 + 8 * 1  # the beginning once, each own end, one decoded token each
    assert sum(result.cached_tokens for result in results) == 7 * 640


def test_several_short_prompts_share_a_step(steps: Steps) -> None:
    first = steps.ask("first", words(1), max_tokens=50)
    until(lambda: steps.engine.stats()["running"] == 1)  # its first step is held until all are there
    asks = [steps.ask(f"{i}", *prompt(i, 40), max_tokens=1) for i in range(6)]
    steps.run()
    for one in (first, *asks):
        one.wait()
    assert sorted(steps.decoder.steps, key=len)[-1] == [1] + [40] * 6


def test_a_picture_that_somebody_waits_for_overtakes_those_of_batch_work() -> None:
    steps = Steps()
    steps.decoder.gated = False
    steps.tower.gated = True
    try:
        batch = [steps.ask(f"b{i}", picture(f"b{i}"), words(1), priority="batch") for i in range(6)]
        until(lambda: steps.engine.stats()["running"] == 6)
        asked = steps.ask("i", picture("mine"), words(2))
        until(lambda: steps.engine.stats()["running"] == 7)
        time.sleep(0.05)
        steps.tower.gate.release(2)
        assert asked.wait().tokens == expected([picture("mine"), words(2)], 8)
        assert len(steps.tower.encoded) == 2
        steps.tower.gate.release(10)
        for one in batch:
            one.wait()
    finally:
        steps.tower.gate.release(10)
        steps.engine.close()


def test_a_batch_picture_that_somebody_comes_to_wait_for_overtakes_the_others() -> None:
    steps = Steps()
    steps.decoder.gated = False
    steps.tower.gated = True
    try:
        for i in range(6):
            steps.ask(f"b{i}", picture(f"b{i}"), words(1), priority="batch")
        until(lambda: steps.engine.stats()["running"] == 6)
        asked = steps.ask("i", picture("b5"), words(2))
        until(lambda: steps.engine.stats()["running"] == 7)
        time.sleep(0.05)
        steps.tower.gate.release(2)
        assert asked.wait().tokens == expected([picture("b5"), words(2)], 8)
    finally:
        steps.tower.gate.release(10)
        steps.engine.close()


def test_pictures_of_cancelled_questions_are_not_looked_at() -> None:
    steps = Steps()
    steps.decoder.gated = False
    steps.tower.gated = True
    try:
        asks = [steps.ask(f"{i}", picture(f"p{i}"), words(1)) for i in range(4)]
        until(lambda: steps.engine.stats()["running"] == 4)
        time.sleep(0.05)
        for i in (1, 2):
            steps.engine.cancel(f"{i}")
            assert asks[i].wait().finish_reason == "cancelled"
        steps.tower.gate.release(10)
        asks[0].wait()
        asks[3].wait()
        assert len(steps.tower.encoded) == 2
    finally:
        steps.tower.gate.release(10)
        steps.engine.close()


def test_a_source_does_not_bring_twice_what_is_on_its_way() -> None:
    found: list[Delivery] = []
    tower = HashTower()
    source = PictureSource(tower, 1 << 20, None, found.append)
    patched = picture("one").patched
    source.want(patched, "batch")
    until(lambda: bool(found))
    source.want(patched, "interactive")  # delivered, but not arrived yet
    source.arrived(found[0])
    assert source.get(patched.digest) is not None
    source.close()
    assert len(tower.encoded) == 1
