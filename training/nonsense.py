"""Words without meaning, for training alone: what is never the same twice is copied, not told by heart."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache
from random import Random

import vocabulary
from jianwei.scenes import exercises, forms, words
from jianwei.scenes.scene import Language

_REPEATING = 0.3
"""Share of the numbers in training that are made of two digits alone: by chance hardly any is, and what goes on in two
ways after the same digits ("138 0013 8000") is the hardest to copy."""
_SIGNS = 0.4
"""Share of the values of any sort, and of the words that others are renamed to, that are made of all signs."""

_INVENTED = 0.4
"""Share of the exercises that mean nothing: of a dozen kinds a model learns what stands in each, not to copy it."""
_PUNCTUATION = string.punctuation.replace("\\", "").replace('"', "")
"""Those that stand in JSON as they are."""


def another(rng: Random, value: str) -> str:
    """Words of the same shape in place of those of ``value``, or a row of any signs."""
    if rng.random() < _SIGNS:
        return signs(rng, string.ascii_letters)
    said = re.sub(r"[\u4e00-\u9fff]+", lambda run: words.random_hanzi(rng, len(run[0]), len(run[0])), value)
    return re.sub(r"[A-Za-z]+", lambda run: _spelt(rng, run[0]), said)


def _spelt(rng: Random, word: str) -> str:
    made = words.random_letters(rng, max(2, len(word)), max(2, len(word))).lower()
    return made.upper() if word.isupper() else made.capitalize() if word[0].isupper() else made


def unheard(rng: Random, question: str, told: str) -> str:
    """The question with one or two of its words, none of which are told, replaced by some without meaning."""
    if re.search(r"[\u4e00-\u9fff]", question):
        parts = re.finditer(r"[\u4e00-\u9fff]+", question)
        strange = [at for part in parts for at in range(*part.span()) if question[at] not in told]
        runs = [range(at, at + rng.randint(1, 3)) for at in rng.sample(strange, min(2, len(strange)))]
        drawn = {at for run in runs for at in run if at in strange}
        return "".join(words.random_hanzi(rng, 1, 1) if at in drawn else c for at, c in enumerate(question))
    heard = set(re.findall(r"[a-z]+", told.lower()))
    strange = [p.start() for p in re.finditer(r"[A-Za-z]{2,}", question) if p[0].lower() not in heard]
    drawn = set(rng.sample(strange, min(rng.randint(1, 2), len(strange))))
    return re.sub(r"[A-Za-z]{2,}", lambda p: _spelt(rng, p[0]) if p.start() in drawn else p[0], question)


def signs(rng: Random, plain: str = string.ascii_letters + string.digits) -> str:
    """A row of two to five pieces: hanzi, letters, ``plain`` ones, and any signs that the vocabulary knows.

    Scenes print few of its 800 signs; one that never was in an answer cannot be copied.
    """
    return rng.choice(("", "", " ")).join(_piece(rng, plain) for _ in range(rng.randint(2, 5)))


def _piece(rng: Random, plain: str) -> str:
    kind = rng.randrange(5)
    if kind == 0:
        return words.random_hanzi(rng, 1, 3)
    if kind == 1:
        return words.random_letters(rng, 2, 6)
    if kind == 2:
        return "".join(rng.choices(plain, k=rng.randint(1, 4)))
    if kind == 3:
        return "".join(rng.choices(_PUNCTUATION, k=rng.randint(1, 2)))
    return "".join(rng.choices(_all_signs(), k=rng.randint(1, 3)))


@lru_cache(maxsize=1)
def _all_signs() -> str:
    """Those of the vocabulary but hanzi, digits and spaces that stay what they are when text is put in order."""
    known = dict.fromkeys([*vocabulary.gb2312_characters(), *vocabulary.EXTRA_SYMBOLS])
    kept = (c for c in known if not "\u4e00" <= c <= "\u9fff" and not c.isspace() and not c.isdecimal())
    return "".join(c for c in kept if unicodedata.normalize("NFC", c) == c)


def _term(rng: Random) -> str:
    """A part of a formula: a number, a letter, a power, a root, a fraction or a bracket of any sort."""
    n, m, letter = rng.randint(2, 999), rng.randint(2, 99), rng.choice("abcdhkmnpqrstuvxyzCFPSV")
    return rng.choice(
        (
            *(f"{n}", f"{n}", f"{m}", f"{n / 10}", f"{m}{letter}", letter),
            *(f"{letter}^{rng.choice('23')}", f"{m}^2", f"\\sqrt{{{n}}}", f"\\sqrt{{{letter}}}"),
            *(f"\\frac{{{m}}}{{{n}}}", f"\\frac{{{letter}}}{{{m}}}", f"\\frac{{{m}+{letter}}}{{{n}}}"),
            *(f"({letter}{rng.choice('+-')}{m})", f"({m}{rng.choice('+-')}{n})"),
        )
    )


def _side(rng: Random, most: int) -> str:
    """One side of an equation, of up to ``most`` terms."""
    said = _term(rng)
    for _ in range(rng.randint(0, most - 1)):
        said += rng.choice(("+", "-", "\\times ", "\\div ")) + _term(rng)
    return said


def formulas(rng: Random, language: Language) -> exercises.Worked:
    """An exercise whose formulas and words mean nothing: they must be copied as they stand."""
    if rng.random() < 0.5:
        begun = exercises.asked(rng, language, rng.choice(tuple(exercises.ASKED)))
        task = f"{begun}{_side(rng, 3)}" + (f"={_side(rng, 1)}" if rng.random() < 0.5 else "")
    else:
        n, m, unit = rng.randint(2, 999), rng.randint(2, 99), rng.choice(words.UNITS[language])
        if language == "zh":
            one, two, last = (words.random_hanzi(rng, 1, 4) for _ in range(3))
            task = rng.choice(
                (
                    f"{one}{n}{unit}，{two}{m}，求{last}。",
                    f"{one}{m}{two}{n}{unit}，{last}是几？",
                    f"{one}{n}和{m}，{last}？",
                )
            )
        else:
            one, two, last = (words.random_letters(rng, 2, 7).lower() for _ in range(3))
            task = rng.choice(
                (
                    f"{one.capitalize()} {n} {unit}, {two} {m}. Find the {last}.",
                    f"A {one} of {m} has {n} {two}. What {last}?",
                    f"{one.capitalize()} {n} and {m} {two}: {last}?",
                )
            )
    steps = [
        f"{rng.choice(('', '', _side(rng, 1)))}={_side(rng, rng.randint(1, 3))}"
        for _ in range(rng.randint(1, 3))
    ]
    last = rng.choice((str(rng.randint(2, 9999)), f"\\frac{{{rng.randint(1, 99)}}}{{{rng.randint(2, 99)}}}"))
    unit = rng.choice(("", "", f" {rng.choice(words.UNITS[language])}"))
    return task, (*steps, f"{rng.choice(('', rng.choice('cmnpstvxyVS')))}={last}{unit}")


def draw_nonsense() -> None:
    """Have numbers repeat their digits, values be of all signs and exercises of any formulas in this process.

    It draws for training and judges nothing.
    """
    draw, any_value = words.digits, forms.anything

    def digits(rng: Random, count: int) -> str:
        few = rng.sample("0123456789", 2)
        return "".join(rng.choices(few, k=count)) if rng.random() < _REPEATING else draw(rng, count)

    def anything(rng: Random, language: Language) -> str:
        return signs(rng) if rng.random() < _SIGNS else any_value(rng, language)

    words.digits, forms.anything = digits, anything
    sensible = exercises.KINDS["train"]
    exercises.KINDS["train"] = (*sensible, *(formulas,) * round(len(sensible) * _INVENTED / (1 - _INVENTED)))
