"""What is guessed from a text, how much of it, and when guessing is given up."""

from __future__ import annotations

import itertools
import random

from jianwei.engine.draft import LENGTHS, NO_GUESS, Drafter, Guess
from jianwei.engine.prefix_cache import VISUAL
from jianwei.engine.step_costs import GuessAccount, StepCosts

ROW = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]


def guess(drafter: Drafter, ids: list[int], most: int = 32) -> list[int]:
    return list(drafter.guess(ids, most, 1, 1.0, StepCosts()).tokens)


def test_what_followed_a_copy_of_the_end_is_guessed() -> None:
    found = guess(Drafter(), [*ROW, 1, 2, 3, 12, 13, 14])
    assert found
    assert found == ROW[4 : 4 + len(found)]


def test_the_longest_copy_counts_and_not_the_latest() -> None:
    ids = [1, 2, 3, 4, 5, 6, 77, 70, 71, 72, 73, 9, 5, 6, 88, 80, 81, 82, 83, 7, 2, 3, 4, 5, 6]
    assert guess(Drafter(), ids)[0] == 77


def test_a_single_token_that_stood_once_is_enough_and_one_that_stood_often_is_not() -> None:
    assert guess(Drafter(), [*ROW, 1, 15])[0] == 16
    assert guess(Drafter(), [5, 1, 6, 5, 2, 6, 5, 3, 7, 5]) == []


def test_nothing_is_guessed_without_a_copy_or_without_room() -> None:
    assert guess(Drafter(), ROW) == []
    assert guess(Drafter(), [VISUAL] * 5 + [3]) == []
    assert guess(Drafter(), [*ROW, 11, 12], most=0) == []


def test_a_guess_ends_where_a_picture_begins() -> None:
    assert guess(Drafter(), [1, 2, 3, 4, VISUAL, VISUAL, 9, 1, 2, 3]) == [4]
    assert guess(Drafter(), [1, 2, VISUAL, 8, 1, 2]) == []


def test_what_repeats_itself_is_guessed_to_go_on() -> None:
    drafter = Drafter()
    ids = [1, 2, 3, 4, 5]
    for _ in range(60):
        ids += [7, 8, 9]
        found = guess(drafter, ids)
        assert found == ([7, 8, 9] * 5)[: len(found)]
        drafter.learn(len(found), len(found))
    assert len(found) == LENGTHS[-1]


LINE, QUOTE, COMMA = 90, 91, 92
LINES = [[11, 12, 13], [21, 22], [31, 32, 33, 34], [41, 42], [51, 52, 53], [61, 62], [71, 72, 73]]
PAGE = [5, LINE, *(token for line in LINES for token in (*line, LINE)), 6, 7]


def taken_in_steps(answer: list[int]) -> int:
    """Steps until a given answer is said, one of its tokens being chosen in each beside what was guessed right."""
    drafter, at, steps = Drafter(), 1, 1
    while at < len(answer):
        found = guess(drafter, [*PAGE, *answer[:at]])
        right = 0
        while right < len(found) and answer[at : at + right + 1] == found[: right + 1]:
            right += 1
        if found:
            drafter.learn(len(found), right)
        at += right + 1
        steps += 1
    return steps


def test_lines_are_copied_across_joints_that_are_written_otherwise() -> None:
    plain = [token for line in LINES for token in (*line, LINE)]
    as_list = [token for line in LINES for token in (*line, QUOTE, COMMA, QUOTE)]
    assert taken_in_steps(plain) <= len(plain) / 3
    assert taken_in_steps(as_list) <= len(as_list) / 3


def test_a_joint_that_is_no_longer_written_otherwise_is_forgotten() -> None:
    changing = [token for line in LINES[:3] for token in (*line, QUOTE, COMMA)]
    changing += [token for line in LINES[3:] for token in (*line, LINE)]
    assert taken_in_steps(changing) <= len(changing) / 2


def test_guesses_grow_with_what_was_right_and_stop_with_what_was_wrong() -> None:
    random_ = random.Random(2)
    text = [random_.randrange(5, 500) for _ in range(200)]
    drafter, at, lengths = Drafter(), 4, []
    while at + LENGTHS[-1] < len(text):
        found = guess(drafter, [*text, *text[:at]])
        lengths.append(len(found))
        assert found == text[at : at + len(found)]
        drafter.learn(len(found), len(found))
        at += len(found) + 1
    assert lengths[-1] == LENGTHS[-1] > lengths[0] > 0

    drafter, tried = Drafter(), 0
    ids = [random_.randrange(4) for _ in range(300)]
    for _ in range(300):
        found = guess(drafter, ids)
        tried += bool(found)
        drafter.learn(len(found), 0) if found else None
        ids.append(random_.randrange(4))
    assert 0 < tried < 60, "what is never right must hardly be tried"


def test_guesses_may_be_right_for_ever() -> None:
    drafter, ids = Drafter(), [7, 8] * 8
    for _ in range(3000):
        found = guess(drafter, ids)
        assert found
        drafter.learn(len(found), len(found))


def test_disappointments_are_forgotten_so_that_another_chance_comes() -> None:
    ids = [*ROW, 1, 2, 3, 12, 13, 14]
    drafter = Drafter()
    while found := guess(drafter, ids):
        drafter.learn(len(found), 0)
    waited = 1
    while not guess(drafter, ids):
        waited += 1
    assert 4 < waited < 100


def test_more_sequences_in_a_step_make_guesses_dearer() -> None:
    ids = [*ROW, 1, 2, 3, 15]
    alone = Drafter().guess(ids, 32, 1, 1.0, StepCosts())
    beside_a_prompt = Drafter().guess(ids, 32, 513, 1.0, StepCosts())
    assert len(beside_a_prompt.tokens) >= len(alone.tokens) > 0, "a slow step is worth more tokens"
    assert Drafter().guess(ids, 32, 32, 32.0, StepCosts()) == NO_GUESS, (
        "thirty sequences pay for every token in full"
    )


def test_a_step_of_more_tokens_costs_more_but_less_for_each() -> None:
    cost = StepCosts()
    costs = [cost(n) for n in range(1, 600)]
    assert costs[0] == 1
    assert all(b > a for a, b in itertools.pairwise(costs))
    assert costs[15] / 16 < costs[3] / 4 < costs[0]


def test_costs_are_those_of_this_cpu_as_soon_as_they_are_known() -> None:
    cost, assumed = StepCosts(), StepCosts()
    for _ in range(30):
        cost.learn(1, 0.1)
        cost.learn(4, 0.2)
        cost.learn(8, 0.35)
        cost.learn(16, 0.5)
    assert abs(cost(4) - 2) < 0.05
    assert abs(cost(16) - 5) < 0.05
    assert abs(cost(8) - 3.5) < 0.05
    assert abs(cost(32) - assumed(32)) < 0.05
    ids = [*ROW, 1, 2, *ROW[:8]]
    assert len(Drafter().guess(ids, 32, 1, 1.0, cost).tokens) < len(
        Drafter().guess(ids, 32, 1, 1.0, assumed).tokens
    )


def test_a_step_that_was_held_up_does_not_end_guessing_for_ever() -> None:
    cost, assumed = StepCosts(), StepCosts()
    cost.learn(1, 0.1)
    cost.learn(16, 60.0)
    assert cost(16) < 2 * assumed(16)
    for _ in range(2000):
        cost.learn(4, 0.14)
    assert cost(16) < 1.1 * assumed(16)


def test_a_guess_fills_a_step_of_few_sizes() -> None:
    for count in range(1, 16):
        guess = Guess.filled(range(count), 1.0, 15)
        assert guess.tokens[:count] == tuple(range(count))
        assert set(guess.tokens[count:]) <= {count - 1}
        assert len(guess.tokens) in LENGTHS
        assert guess.real == count
    assert Guess.filled(range(5), 1.0, 6).tokens == (0, 1, 2, 3, 4, 4), "no more than may be computed"
    assert not Guess.filled((), 0.0, 15).tokens


def counted(plain: float, drafted: float, steps: int = 400) -> GuessAccount:
    """An account of steps that took so many seconds a token, with a guess and without in turn."""
    account = GuessAccount()
    for _ in range(steps):
        account.note(1, plain, 0.0, guessed=False)
        account.note(2, 2 * drafted, 0.0, guessed=True)
    return account


def test_guesses_go_on_while_they_save_time() -> None:
    assert counted(0.1, 0.09).pays


def test_guesses_that_cost_time_are_left_for_a_while_and_get_another_chance() -> None:
    account = counted(0.1, 0.11, steps=70)
    assert not account.pays
    for _ in range(1000):
        account.note(1, 0.1, 0.0, guessed=False)
    assert account.pays


def test_looking_for_guesses_in_vain_counts_too() -> None:
    account = GuessAccount()
    for _ in range(150):
        account.note(2, 0.19, 0.0, guessed=True)
        account.note(1, 0.13, 0.03, guessed=False)
    assert not account.pays


def test_one_step_that_was_held_up_is_no_verdict_before_there_is_evidence() -> None:
    account = GuessAccount()
    account.note(1, 0.1, 0.0, guessed=False)
    account.note(2, 60.0, 0.0, guessed=True)
    assert account.pays
