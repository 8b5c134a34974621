from __future__ import annotations

import numpy as np
import pytest

from jianwei.bench.replay import Recording, Replayed, recordings

QWEN = 151936
SPOKEN = Recording("json", (1, 2), (7, 8, 9, 5), frozenset({1, 2}))


def test_both_kinds_are_there_in_tokens_of_the_vocabulary() -> None:
    given = recordings(QWEN)
    assert {recording.kind for recording in given} == {"ocr", "json"}
    for recording in given:
        assert len(recording.prompt) > 50
        assert len(recording.answer) > 20
        assert 0 <= min(recording.answer) <= max(recording.answer) < 151643
        assert max(recording.forced, default=0) < len(recording.answer)
        assert bool(recording.forced) == (recording.kind == "json")


def test_a_smaller_vocabulary_has_tokens_of_its_own_for_them() -> None:
    for small, large in zip(recordings(1280), recordings(QWEN), strict=True):
        assert max((*small.prompt, *small.answer)) < 640
        assert len(small.answer) == len(large.answer)


def test_nothing_but_the_given_answer_can_be_said() -> None:
    state = Replayed(SPOKEN, 10)
    assert np.flatnonzero(state.mask()).tolist() == [7]
    with pytest.raises(ValueError, match="not the given one"):
        state.accept(3)
    assert state.forced_tokens() == []
    state.accept(7)
    assert state.forced_tokens() == [8, 9]
    for token in (8, 9, 5):
        assert not state.is_complete
        state.accept(token)
    assert state.is_complete
