"""Amounts, numbers and dates as they are printed: recognised, and worked with exactly."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

_SIGN = r"(?:[¥￥$£€]|RMB|CNY|USD|EUR|GBP)"
_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|\d+(?:\.\d{1,4})?"
_MONEY = re.compile(rf"[-−–]?\s*{_SIGN}?\s*[-−–]?\s*(?:{_AMOUNT})\s*(?:元|块)?", re.IGNORECASE)
_FREE = re.compile(r"(?:免费|包邮|免运费|免|free)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"),
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"),
    re.compile(
        rf"(?P<name>{_MONTH})\s*(?P<d>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:\s*,?\s*(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<name>{_MONTH})(?:\s*,?\s*(?P<y>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日?"),
)


def amount_of(text: object) -> Decimal | None:
    """The number in a printed amount, without its currency; 0 for "free"; None where it is none."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, (int, float)):
        return Decimal(str(text))
    said = unicodedata.normalize("NFKC", str(text)).strip()
    if _FREE.fullmatch(said):
        return Decimal(0)
    found = _MONEY.fullmatch(said)
    if found is None:
        return None
    number = re.search(_AMOUNT, said)
    try:
        value = Decimal(number[0].replace(",", "")) if number else None
    except InvalidOperation:
        return None
    if value is None:
        return None
    return -value if re.match(rf"\s*{_SIGN}?\s*[-−–]", said) else value


def price_of(text: str) -> Decimal | None:
    """The amount of a price, also of one that says what it is for: ``£1.20/bottle``; None where it is none."""
    return amount_of(re.split("[/／]", text)[0])


def sign_of(text: str) -> str:
    """The currency's sign before an amount, or the word behind it; empty without one."""
    found = re.search(_SIGN, text, re.IGNORECASE)
    return found[0] if found else ""


def money(value: Decimal, like: str) -> str:
    """An amount written like a printed one: its currency, two decimals unless both are whole."""
    number = f"{abs(value):,.2f}" if "," in like else f"{abs(value):.2f}"
    minus = "-" if value < 0 else ""
    if like.strip().endswith("元"):
        return f"{minus}{number}元"
    sign = sign_of(like)
    return f"{minus}{sign}{' ' if sign.isalpha() else ''}{number}"


def number_text(value: Decimal) -> int | float:
    """A number as JSON has it."""
    return int(value) if value == value.to_integral_value() else float(value)


def date_of(text: str) -> date | None:
    """The day that a text tells, with its year; None where it tells none, or no year."""
    for pattern in _DATES:
        found = pattern.search(unicodedata.normalize("NFKC", text))
        if found is None:
            continue
        parts = found.groupdict()
        name = parts.get("name")
        month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["m"])
        try:
            return date(int(parts["y"]), month, int(parts["d"])) if parts.get("y") else None
        except ValueError:
            return None
    return None


def find_date(text: str) -> str | None:
    """The part of a text that is a day, with or without year."""
    said = unicodedata.normalize("NFKC", text)
    found = [match for pattern in _DATES if (match := pattern.search(said))]
    return max((match[0].strip() for match in found), key=len, default=None)


def as_type(text: str, kind: str) -> str | None:
    """A printed text as a value of a type: ``money``, ``number``, ``date`` or any other; None where it cannot be one.

    Money, dates and texts stay as printed. What stands behind an amount or a day ("/盒", a remark) is cut off.
    """
    said = " ".join(unicodedata.normalize("NFKC", text).split())
    if kind == "money":
        if _FREE.fullmatch(said):
            return said
        found = _MONEY.match(said)
        if found is None:
            return None
        rest = said[found.end() :].strip()
        return None if re.match(r"[\d.%％]", rest) else found[0].strip()
    if kind == "number":
        found = re.match(rf"[-−]?\s*{_SIGN}?\s*({_AMOUNT})", said)
        return found[1].replace(",", "") if found else None
    if kind == "date":
        return find_date(said)
    return said if re.search(r"\w", said) else None
