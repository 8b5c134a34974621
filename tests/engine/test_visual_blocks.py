"""Conversations larger than the budget: what is left out, what stays, what comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from fakes import Ask, Bench, expected, next_token, picture, visual_values, words
from hypothesis import given
from hypothesis import strategies as st

from jianwei.engine.prefix_cache import PictureSpan
from jianwei.engine.sequence import Sequence as Running
from jianwei.engine.visual_blocks import COVERAGE, VisualScores, block_attention, least_needed, whole_blocks
from jianwei.errors import InputError
from jianwei.model.chat_template import Segment, VisionSegment
from jianwei.model.rope import mrope_positions

BLOCK = 32


def key(number: int) -> bytes:
    return str(number).encode()


KEYS = [key(number) for number in range(200)]


def scored(**weights: float) -> VisualScores:
    scores = VisualScores()
    scores.add([key(int(name[1:])) for name in weights], weights.values())
    return scores


def test_what_any_question_looked_at_stays() -> None:
    scores = scored(b1=0.5, b6=0.1)
    scores.add([key(1), key(6)], [0.0, 0.3])
    assert scores.get(key(1)) == 0.5
    gone = least_needed([range(8)], KEYS, scores, 6)
    assert len(gone) == 6
    assert {1, 6}.isdisjoint(gone)


@given(st.integers(1, 60), st.integers(0, 60), st.lists(st.floats(0, 1), min_size=60, max_size=60))
def test_of_neighbouring_blocks_one_stays_unless_there_is_no_other_way(
    length: int, count: int, weights: list[float]
) -> None:
    scores = VisualScores()
    scores.add(KEYS[:60], weights)
    pictures = [range(length)]
    gone = least_needed(pictures, KEYS, scores, count)
    groups = [range(start, min(start + COVERAGE, length)) for start in range(0, length, COVERAGE)]
    if count <= length - len(groups):
        assert len(gone) == count
        assert all(not gone.issuperset(group) for group in groups)
    else:
        assert gone == frozenset(range(length))


def test_nothing_looked_at_thins_a_picture_out_evenly() -> None:
    gone = least_needed([range(40)], KEYS, VisualScores(), 18)
    left = [block for block in range(40) if block not in gone]
    assert max(b - a for a, b in itertools.pairwise(left)) <= 3


def test_whole_pictures_go_last_and_the_least_looked_at_first() -> None:
    scores = scored(b2=0.1, b12=0.9, b22=0.5)
    gone = least_needed([range(4), range(10, 14), range(20, 24)], KEYS, scores, 11)
    assert gone >= {0, 1, 2, 3, 20, 21, 22, 23}
    assert 12 not in gone


@pytest.mark.parametrize(
    ("start", "length", "blocks"),
    [(0, 64, range(2)), (1, 64, range(1, 2)), (5, 20, range(1, 0)), (32, 95, range(1, 3))],
)
def test_only_blocks_of_nothing_but_the_picture_count(start: int, length: int, blocks: range) -> None:
    assert list(whole_blocks(PictureSpan(start, length, "x"))) == list(blocks)


def test_attention_of_blocks_is_a_softmax_over_what_is_there() -> None:
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((3, 2, 4, 8)).astype(np.float32)
    keys = rng.standard_normal((2, 96, 2, 8)).astype(np.float32)
    keys[:, 32:64] = np.nan
    slow = np.zeros(96)
    for row in range(3):
        for layer in range(2):
            for head in range(4):
                logits = keys[layer, :, head // 2].astype(np.float64) @ queries[row, layer, head] / 8**0.5
                weights = np.where(np.isnan(logits), 0, np.exp(np.nan_to_num(logits)))
                slow += weights / weights.sum() / 24
    received = block_attention(queries, keys)
    assert np.allclose(received, slow.reshape(3, 32).sum(1), atol=1e-5)
    assert received[1] == 0
    assert received.sum() == pytest.approx(1, abs=1e-5)


class Conversation:
    """Turns about pictures of 8 blocks each, on a pool that has room for less."""

    def __init__(self, n_blocks: int, **options: float) -> None:
        made = Bench(n_blocks, **options)
        self.decoder, self.tower, self.engine = made.decoder, made.tower, made.engine
        self.segments: list[Segment] = []
        self.names: list[str] = []
        self.turn = 0

    def ask(self, name: str | None, *, named: Sequence[int] = ()) -> Ask:
        """One more turn, with a new picture if it has a name."""
        self.turn += 1
        earlier = len(self.names)
        self.segments.append(words(*[self.turn % 49 + 1] * 32))
        if name is not None:
            self.segments.append(picture(name, 16, 16))
            self.names.append(name)
        self.segments.append(words(*[self.turn % 49 + 1] * 31, 7))
        may = frozenset(range(earlier)) - frozenset(named)
        asked = Ask(self.engine, f"{self.turn}", list(self.segments), may_leave_out=may, max_tokens=4)
        result = asked.wait()
        self.last = result
        return asked

    def follow(self, skip: Sequence[int]) -> list[int]:
        """What the model answers when it does not see these blocks."""
        gone = {token for block in skip for token in range(block * BLOCK, (block + 1) * BLOCK)}
        identities: list[float] = []
        layout: list[int | tuple[int, int, int]] = []
        for segment in self.segments:
            if isinstance(segment, VisionSegment):
                identities += [float(v) + 0.5 for v in visual_values(segment.patched)]
                layout.append((1, *segment.patched.token_grid))
            else:
                identities += [float(i) for i in segment.ids]
                layout.append(len(segment.ids))
        positions, following = mrope_positions(layout)
        context = [
            (identity, *map(float, place))
            for token, (identity, place) in enumerate(zip(identities, positions.T, strict=True))
            if token not in gone
        ]
        answer: list[int] = []
        for i in range(4):
            answer.append(next_token(context))
            context.append((float(answer[-1]), *(float(following + i),) * 3))
        return answer


@pytest.fixture
def chat() -> Iterator[Conversation]:
    made = Conversation(40)
    yield made
    made.engine.close()


def test_a_conversation_larger_than_the_budget_goes_on_and_forgets_no_text(chat: Conversation) -> None:
    """Six pictures of 8 blocks and twelve blocks of text, in 40 blocks."""
    skips = []
    for name in "abcdef":
        before = chat.engine.stats()["kv_blocks_left_out_total"]
        asked = chat.ask(name)
        left_out = int(chat.engine.stats()["kv_blocks_left_out_total"] - before)
        skips.append(left_out)
        if not left_out:
            assert asked.tokens == expected(chat.segments, 4)
    assert skips[:3] == [0, 0, 0]
    assert skips[-1] >= 60 + 1 - 40
    assert chat.last.finish_reason == "length"
    assert len(chat.tower.encoded) == 6
    assert chat.engine.stats()["kv_blocks_used"] == 0


def test_the_answer_follows_from_exactly_what_was_kept(
    chat: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[frozenset[int]] = []
    scheduler = chat.engine.scheduler
    original = scheduler._leave_out

    def leave_out(sequence: Running) -> None:
        original(sequence)
        seen.append(sequence.skip)

    monkeypatch.setattr(scheduler, "_leave_out", leave_out)
    for name in "abcdef":
        asked = chat.ask(name)
        assert asked.tokens == chat.follow(sorted(seen[-1]))
        # Never of the newest turn: its picture is the last 8 blocks but one of text.
        total = sum(s.n_tokens if isinstance(s, VisionSegment) else len(s.ids) for s in chat.segments) // 32
        assert all(block < total - 10 for block in seen[-1])
    assert seen[-1]


def test_a_picture_that_is_named_comes_back_without_the_tower_and_without_the_rest(
    chat: Conversation,
) -> None:
    for name in "abcdef":
        chat.ask(name)
    steps = len(chat.decoder.steps)
    before = chat.engine.stats()
    asked = chat.ask(None, named=[0])
    after = chat.engine.stats()
    computed = sum(map(sum, chat.decoder.steps[steps:]))
    assert len(chat.tower.encoded) == 6
    # Its 8 blocks at most, two blocks of new text and what follows the last full block; not the pictures between.
    assert computed <= (8 + 2 + 2) * BLOCK + 4
    assert after["kv_blocks_brought_back_total"] >= before["kv_blocks_brought_back_total"]
    assert len(asked.tokens) == 4


def test_follow_ups_compute_only_what_is_new_also_when_blocks_are_left_out(chat: Conversation) -> None:
    for name in "abcdef":
        chat.ask(name)
    chat.ask(None)
    steps = len(chat.decoder.steps)
    chat.ask(None)
    assert sum(map(sum, chat.decoder.steps[steps:])) <= 4 * BLOCK + 4


def test_a_prompt_that_has_nothing_to_spare_is_refused(chat: Conversation) -> None:
    segments = [words(*[3] * 32), *(picture(name, 16, 16) for name in "abcdef")]
    with pytest.raises(InputError) as refused:
        Ask(chat.engine, "a", segments, max_tokens=4)
    assert refused.value.code == "context_too_long"
    # With its pictures from earlier turns it is not.
    Ask(chat.engine, "b", segments, may_leave_out=frozenset(range(5)), max_tokens=4).wait()


def test_half_of_what_has_been_looked_at_can_be_left_out_though_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chat = Conversation(200, visual_keep=0.5)
    # Every token is looked at alike.
    monkeypatch.setattr(chat.decoder, "keys", lambda _, length: np.zeros((1, length, 1, 2), np.float32))
    try:
        for name in "abcd":
            chat.ask(name)
        assert chat.engine.stats()["kv_blocks_left_out_total"] == 4 + 8 + 12
    finally:
        chat.engine.close()


def test_attention_knows_what_is_not_there() -> None:
    chat = Conversation(40)
    try:
        for name in "abcdef":
            chat.ask(name)
        may = frozenset(range(6))
        result = Ask(
            chat.engine, "x", [*chat.segments, words(5)], may_leave_out=may, attention=True, max_tokens=2
        ).wait()
        assert result.attention is not None
        keys = result.attention.keys[0, :, 0, 0]
        assert len(keys) == result.prompt_tokens + 1
        assert np.isnan(keys).sum() >= 21 * BLOCK
        assert not np.isnan(keys[:BLOCK]).any()
    finally:
        chat.engine.close()
