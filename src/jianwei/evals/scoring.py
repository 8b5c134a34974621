"""Scores one answer against the truth, by the kinds of match that ``scenes.scene`` names.

What people and OCR write now one way and now another is the same here: width of characters, case, spaces,
thousands separators, final stops. Boxes are Qwen3-VL's: ``[{"bbox_2d": [x1, y1, x2, y2], "label": ...}]``, each
axis from 0 to 1000 over the whole picture.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jianwei.scenes.scene import REFUSALS, Question

LINES_LIMIT = 0.1
"""All text of a picture counts as read rightly up to this character error rate."""

OVERLAP_LIMIT = 0.5
"""A box counts as right from this intersection over union on."""

JSON_LIMIT = 0.8
"""A JSON answer counts as right from this F1 on, if it is valid and has every key."""

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"(?<![\d.])-?\d+(?:\.\d+)?(?![\d.]*\d)")
_LABELLED = re.compile(r"[^:]*[^\d:]:(.+)", re.DOTALL)
"""A normalized answer that names what it tells: "total:42.40"."""
_NUMBER_WORDS = {
    **{word: value for value, word in enumerate("零一二三四五六七八九十")},
    "两": 2,
    **{
        word: value
        for value, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        )
    },
}
_REFUSING = re.compile(
    r"图中没有(?:这|该|相关|提供|显示)|(?:无法|不能|难以)(?:从图|确定|判断|得知|看出|回答)"
    r"|看不出来?$|(?:未|没有)(?:显示|提及|提到|提供|给出)"
    r"|(?:does|do) not (?:show|say|contain|mention|provide|include)"
    r"|(?:not|n't) (?:be )?(?:determined|visible|shown|given|provided|mentioned|stated|specified|legible)"
    r"|(?:cannot|can't|unable to|not possible to) (?:be )?(?:tell|say|see|answer|identify|determine)"
    r"|no (?:such )?information"
)
"""How models that were never taught our refusals say that a picture does not show something."""


@dataclass(frozen=True)
class Score:
    """What one answer is worth. Every part but the first two is None where it has no meaning.

    Attributes:
        right: whether it counts as a right answer.
        refused: whether it says that the picture does not show this.
        error_rate: characters wrong, missing or too many, as a share of the true text; 1 at most.
        overlap: intersection over union of the first box with the true one; 0 without a box.
        centre: whether the middle of the first box lies inside the true one.
        distance: from the middle of the first box to the middle of the true one, in thousandths of the picture's
            width and height.
        valid: whether it is JSON.
        f1: harmonic mean of precision and recall over the values in JSON.
        objects_f1: the same over the list ``objects`` alone, where the truth has one.
    """

    right: bool
    refused: bool = False
    error_rate: float | None = None
    overlap: float | None = None
    centre: bool | None = None
    distance: tuple[float, float] | None = None
    valid: bool | None = None
    f1: float | None = None
    objects_f1: float | None = None


def score(question: Question, answer: str) -> Score:
    """Score an answer to a question.

    Raises:
        ValueError: the question is an open one (match ``open``): nothing checks its answer.
    """
    refused = refuses(answer)
    match question.match:
        case "text":
            wanted = [text for text in (question.answer, question.value, *question.accepted) if text]
            right = any(same_text(answer, text) for text in wanted)
            rate = 0.0 if right else min(error_rate(answer, text) for text in wanted)
            return Score(right, refused, error_rate=rate)
        case "number":
            wanted = question.value or question.answer
            whole = normalize(answer) == normalize(question.answer)
            return Score(whole or same_number(answer, wanted, question.tolerance), refused)
        case "choice":
            return Score(chosen(answer, question.choices, question.answer), refused)
        case "box":
            return _score_box(answer, question.answer, refused)
        case "json":
            return _score_json(answer, question.answer, refused)
        case "lines":
            rate = error_rate(answer, question.answer)
            return Score(rate <= LINES_LIMIT, refused, error_rate=rate)
        case "none":
            return Score(refused, refused)
        case "open":
            raise ValueError("an open question has no answer that could be checked")


def failed(question: Question) -> Score:
    """The score of an answer that never came: wrong in every way, and no refusal."""
    return score(question, "")


def normalize(text: str) -> str:
    """Text without width, case, spaces, thousands separators and final stops."""
    return _THOUSANDS.sub("", "".join(_folded(text).split())).rstrip("。.:")


def same_text(answer: str, true: str) -> bool:
    """Whether two texts are equal when normalized; the answer may name what it tells: "Total: 42.40"."""
    said, wanted = normalize(answer), normalize(true)
    labelled = _LABELLED.fullmatch(said)
    return said == wanted or (labelled is not None and labelled.group(1) == wanted)


def number_of(text: str) -> float | None:
    """The number that a text tells, in digits or in a word up to ten; None without one or with several."""
    plain = normalize(text)
    found = {float(digits) for digits in _NUMBER.findall(plain)}
    if not found and not any(character.isdigit() for character in plain):
        words = re.findall(r"[a-z]+", _folded(text)) + list(plain)
        found = {float(_NUMBER_WORDS[word]) for word in words if word in _NUMBER_WORDS}
    return found.pop() if len(found) == 1 else None


def same_number(answer: str, true: str, tolerance: float = 0.0) -> bool:
    """Whether the answer's number lies within ``tolerance`` (in its own unit) of the true one."""
    said, wanted = number_of(answer), number_of(true)
    if said is None and (labelled := _LABELLED.fullmatch(normalize(answer))):
        said = number_of(labelled.group(1))
    if said is None or wanted is None:
        return same_text(answer, true)
    return abs(said - wanted) <= tolerance + 1e-9 * max(1.0, abs(wanted))


def chosen(answer: str, choices: Sequence[str], true: str) -> bool:
    """Whether the answer is the true one of the choices, or names it and no other.

    A choice that begins with its verdict ("Yes, it is damaged.") is also named by that verdict ("yes").
    """
    if normalize(answer) == normalize(true):
        return True
    if refuses(answer):  # "图中没有这项信息" holds "没有", but does not choose it
        return False
    said = _folded(answer)
    named: dict[str, str] = {}
    for choice in {*choices, true}:
        whole = _folded(choice).strip(" 。.:")
        for name in {whole, whole.partition(",")[0]}:
            if name and re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", said):
                named[name] = choice
    # "没有" holds "有": only the longest names count.
    longest = {named[name] for name in named if not any(name != other and name in other for other in named)}
    return longest == {true}


def refuses(answer: str) -> bool:
    """Whether the answer says that the picture does not show what was asked for."""
    said = normalize(answer)
    known = {normalize(text) for text in REFUSALS.values()}
    return (
        said in known
        or said in ("[]", "null")
        or _REFUSING.search(" ".join(_folded(answer).split())) is not None
    )


def error_rate(answer: str, true: str) -> float:
    """Edit distance (Levenshtein) of the normalized texts over the true one's length; 1 at most."""
    said, wanted = normalize(answer), normalize(true)
    row = list(range(len(said) + 1))
    for i, character in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(said, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (character != other))
    return min(1.0, row[-1] / max(1, len(wanted)))


def json_of(text: str) -> Any:
    """The JSON value of an answer, bare or within a Markdown fence; None if it is none (or ``null``)."""
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.DOTALL)
    try:
        return json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        return None


def box_of(text: str) -> list[float] | None:
    """The first box of an answer, left, top, right, bottom; from Qwen3-VL's JSON or a bare list of four numbers."""
    value = json_of(text)
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        value = value[0]
    if isinstance(value, dict):
        value = value.get("bbox_2d")
    if not isinstance(value, list) or len(value) != 4:
        return None
    if not all(type(edge) in (int, float) and math.isfinite(edge) for edge in value):
        return None
    left, top, right, bottom = (float(edge) for edge in value)
    return [left, top, right, bottom] if left <= right and top <= bottom else None


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (both - shared)


def f1(said: Counter[str], true: Counter[str]) -> float:
    """Harmonic mean of precision and recall; 1 where nothing was to be said and nothing was."""
    total = said.total() + true.total()
    return 2 * (said & true).total() / total if total else 1.0


def _folded(text: str) -> str:
    """Text in one width and one case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("’", "'")


def _score_box(answer: str, truth: str, refused: bool) -> Score:
    said, true = box_of(answer), box_of(truth)
    if true is None:
        raise ValueError(f"no box: {truth}")
    if said is None:
        return Score(False, refused, overlap=0.0, centre=False)
    shared = overlap(said, true)
    x, y = (said[0] + said[2]) / 2, (said[1] + said[3]) / 2
    inside = true[0] <= x <= true[2] and true[1] <= y <= true[3]
    away = (x - (true[0] + true[2]) / 2, y - (true[1] + true[3]) / 2)
    return Score(shared >= OVERLAP_LIMIT, refused, overlap=shared, centre=inside, distance=away)


def _score_json(answer: str, truth: str, refused: bool) -> Score:
    true: Any = json.loads(truth)
    said = json_of(answer)
    valid = said is not None
    share = f1(Counter(_leaves(said)), Counter(_leaves(true)))
    objects: float | None = None
    complete = valid
    if isinstance(true, dict):
        fields: dict[str, Any] = said if isinstance(said, dict) else {}
        complete = valid and true.keys() <= fields.keys()
        if "objects" in true:
            objects = f1(Counter(_leaves(fields.get("objects"))), Counter(_leaves(true["objects"])))
    return Score(complete and share >= JSON_LIMIT, refused, valid=valid, f1=share, objects_f1=objects)


def _leaves(value: Any, key: str = "") -> Iterator[str]:
    """Every value in JSON with the keys that lead to it, normalized; the order in lists does not matter."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}/{normalize(str(name))}")
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    elif value is not None:
        number = number_of(str(value)) if type(value) in (int, float) else None
        yield f"{key}={normalize(str(value)) if number is None else f'{number:.12g}'}"
