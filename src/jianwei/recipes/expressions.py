"""School arithmetic as it is written, worked out exactly: numbers, fractions, powers, roots, one unknown.

A side of an equation becomes a polynomial in one unknown with rational coefficients; what cannot be read so is
left alone (``None``), never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import isqrt

Polynomial = dict[int, Fraction]
"""Power of the unknown to its coefficient."""

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-z]|[-+*/^()√]")
_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "²": "^2", "³": "^3", "[": "(", "]": ")"}
)

MAX_LENGTH = 80
MAX_POWER = 4


class _UnreadableError(Exception):
    """It is no expression that is understood here."""


def sides(text: str) -> list[str]:
    """The sides of an equation, without units and words behind the last number."""
    said = unicodedata.normalize("NFKC", text.replace("²", "^2").replace("³", "^3"))
    said = re.sub(r"(?<=[\d)])\s*(?:厘米|千米/时|千米|平方厘米|元|cm|km/h|km|m/s|mm|kg)\s*$", "", said)
    return [side.strip() for side in said.split("=")]


def polynomial(text: str) -> tuple[Polynomial, str] | None:
    """An expression as a polynomial, and its unknown ("" without one); None where it cannot be read."""
    said = "".join(text.translate(_SIGNS).casefold().split())
    tokens = _TOKEN.findall(said)
    if not tokens or "".join(tokens) != said or len(said) > MAX_LENGTH:
        return None
    unknowns = {token for token in tokens if token.isalpha()}
    if len(unknowns) > 1:
        return None
    parser = _Parser(tokens)
    try:
        value = parser.sum()
    except (_UnreadableError, ZeroDivisionError, RecursionError, OverflowError):
        return None
    return (value, "".join(unknowns)) if parser.at_end else None


def value_of(text: str) -> Fraction | None:
    """The value of an expression without an unknown."""
    read = polynomial(text)
    return None if read is None or read[1] else read[0].get(0, Fraction(0))


def solution(left: str, right: str) -> tuple[str, Fraction] | None:
    """The unknown of an equation and its square; None where it has not one or two opposite solutions."""
    one, other = polynomial(left), polynomial(right)
    if one is None or other is None:
        return None
    unknown = one[1] or other[1]
    if not unknown or (one[1] and other[1] and one[1] != other[1]):
        return None
    powers = {
        power: one[0].get(power, Fraction(0)) - other[0].get(power, Fraction(0))
        for power in {*one[0], *other[0]}
    }
    used = {power for power, factor in powers.items() if factor and power}
    if len(used) != 1 or not used <= {1, 2}:
        return None
    power = used.pop()
    root = -powers.get(0, Fraction(0)) / powers[power]
    return unknown, root if power == 2 else root * root


class _Parser:
    """Sums of products of powers; a product sign may be left out."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def _next(self) -> str:
        return "" if self.at_end else self._tokens[self._at]

    def _take(self) -> str:
        token = self._next()
        if not token:
            raise _UnreadableError
        self._at += 1
        return token

    def sum(self) -> Polynomial:
        minus = self._next() == "-"
        if self._next() in ("+", "-"):
            self._at += 1
        total = self._product()
        if minus:
            total = _times(total, {0: Fraction(-1)})
        while self._next() in ("+", "-"):
            factor = Fraction(1 if self._take() == "+" else -1)
            for power, value in self._product().items():
                total[power] = total.get(power, Fraction(0)) + factor * value
        return total

    def _product(self) -> Polynomial:
        total = self._power()
        while True:
            token = self._next()
            if token == "/":
                self._at += 1
                below = self._power()
                if set(below) - {0}:
                    raise _UnreadableError
                total = _times(total, {0: 1 / below.get(0, Fraction(0))})
            elif token == "*":
                self._at += 1
                total = _times(total, self._power())
            elif token in {"(", "√"} or token.isalpha():
                total = _times(total, self._power())
            else:
                return total

    def _power(self) -> Polynomial:
        base = self._atom()
        if self._next() != "^":
            return base
        self._at += 1
        exponent = self._take()
        if not exponent.isdecimal() or int(exponent) > MAX_POWER:
            raise _UnreadableError
        total: Polynomial = {0: Fraction(1)}
        for _ in range(int(exponent)):
            total = _times(total, base)
        return total

    def _atom(self) -> Polynomial:
        token = self._take()
        if token == "(":
            inner = self.sum()
            if self._take() != ")":
                raise _UnreadableError
            return inner
        if token == "√":
            inner = self._atom()
            if set(inner) - {0}:
                raise _UnreadableError
            return {0: _root(inner.get(0, Fraction(0)))}
        if token.isalpha():
            return {1: Fraction(1)}
        if token[0].isdigit():
            return {0: Fraction(token)}
        raise _UnreadableError


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for power, factor in one.items():
        for more, value in other.items():
            if power + more > MAX_POWER:
                raise _UnreadableError
            total[power + more] = total.get(power + more, Fraction(0)) + factor * value
    return total


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise _UnreadableError
    top, below = isqrt(value.numerator), isqrt(value.denominator)
    if top * top != value.numerator or below * below != value.denominator:
        raise _UnreadableError
    return Fraction(top, below)
