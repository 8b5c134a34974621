"""Notices that an answer has begun to repeat itself, as models do that copy out long text.

A repetition penalty would break real tables, whose rows and numbers do repeat; so an answer is ended only when
the very same text has come so often that no table has it.
"""

from __future__ import annotations

LEAST_TIMES = 8
"""So often the same text has to stand there in a row."""

LEAST_CHARACTERS = 240
"""So long the repetitions have to be together: a row of dashes or zeros may be 200 characters."""

LEAST_LETTERS = 40
"""The same where they are one or two letters: no language writes so, and no ruled line is made of letters."""

LONGEST_UNIT = 400
"""Characters of the longest text whose repetition is noticed."""


def repeats(text: str) -> bool:
    """Whether the text ends in nothing but one piece of it, again and again.

    Most lengths of a piece are ruled out by one comparison.
    """
    for unit in range(1, LONGEST_UNIT + 1):
        letters = unit <= 2 and text[-unit:].isalpha()
        length = max(unit * LEAST_TIMES, LEAST_LETTERS if letters else LEAST_CHARACTERS)
        if length > len(text):
            return False
        if text[-1] == text[-1 - unit] and text[-length + unit :] == text[-length:-unit]:
            return True
    return False
