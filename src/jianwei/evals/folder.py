"""The task of a folder: a user's own pictures, with questions and true answers in a JSON Lines file.

A line is an object with ``file`` (in the folder), ``question``, ``expected`` and ``match``. What ``expected`` is
follows from ``match``: words for ``text``, ``lines`` and ``choice``; a number; for ``box`` left, top, right and
bottom in pixels of the upright picture; any object or list for ``json``; nothing for ``none`` (cannot be told
from the picture). ``choice`` takes ``choices``, ``number`` takes ``tolerance``.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args

from jianwei.config import Settings
from jianwei.errors import InputError, Phrase
from jianwei.evals.asking import Answerer, Subject, ask
from jianwei.evals.scenes_task import OnProgress
from jianwei.evals.scoring import number_of
from jianwei.evals.tally import Record
from jianwei.media.image import load_image
from jianwei.scenes.scene import REFUSALS, Language, Match, Question
from jianwei.types import Image

FAMILY = "folder"
MATCHES: tuple[Match, ...] = tuple(match for match in get_args(Match) if match != "open")

_KEYS = ("file", "question", "expected", "match", "choices", "tolerance")


@dataclass(frozen=True)
class Entry:
    """A checked line of the question file."""

    path: Path
    name: str
    language: Language
    question: Question


class _LineError(ValueError):
    """What is wrong with a line."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reason = Phrase(en, zh)


def run(
    answerer: Answerer, entries: list[Entry], settings: Settings, on_progress: OnProgress
) -> list[Record]:
    """Ask the questions in the order of the file.

    Raises:
        InputError: a picture has become unreadable meanwhile.
        JianweiError: it makes no sense to go on asking.
    """
    records: list[Record] = []
    shown: tuple[Path, Image] | None = None
    for number, entry in enumerate(entries):
        on_progress(number, len(entries), entry.name)
        if shown is None or shown[0] != entry.path:
            shown = entry.path, load_image(entry.path, settings)
        subject = Subject(FAMILY, entry.name, shown[1], entry.language)
        records.append(ask(answerer, subject, entry.question))
    return records


def read_questions(folder: Path, file: Path, settings: Settings) -> list[Entry]:
    """Read and check the whole question file and every picture it names, before anything is asked.

    Raises:
        InputError: ``file_not_found``, ``file_unreadable``; ``bad_questions`` with the number of the line.
    """
    if not folder.is_dir():
        raise InputError("file_not_found", name=str(folder))
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except FileNotFoundError as error:
        raise InputError("file_not_found", name=str(file)) from error
    except OSError as error:
        reason = Phrase("the system refuses", "系统拒绝")
        raise InputError("file_unreadable", name=file.name, reason=reason) from error
    sizes: dict[Path, tuple[int, int]] = {}
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append(_entry(line, folder, sizes, settings))
        except _LineError as error:
            raise InputError("bad_questions", line=number, name=file.name, reason=error.reason) from error
    if not entries:
        reason = Phrase("the file has no question", "文件中没有问题")
        raise InputError("bad_questions", line=1, name=file.name, reason=reason)
    return entries


def _entry(line: bytes, folder: Path, sizes: dict[Path, tuple[int, int]], settings: Settings) -> Entry:
    try:
        value: Any = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _LineError("it is not JSON in UTF-8", "不是 UTF-8 编码的 JSON") from error
    if not isinstance(value, dict):
        raise _LineError("it is not an object", "不是 JSON 对象")
    fields = cast("dict[str, Any]", value)
    unknown = [name for name in fields if name not in _KEYS]
    if unknown:
        raise _LineError(f"unknown key “{unknown[0]}”", f"未知的键“{unknown[0]}”")
    for name in ("file", "question", "match"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            raise _LineError(f"“{name}” is missing or no text", f"缺少“{name}”，或它不是文字")
    if fields["match"] not in MATCHES:
        raise _LineError(
            f"“match” must be one of {', '.join(MATCHES)}", f"“match”须是 {'、'.join(MATCHES)} 之一"
        )
    path = folder / fields["file"]
    if path not in sizes:
        try:
            image = load_image(path, settings)
        except InputError as error:
            raise _LineError(error.text("en").rstrip("."), error.text("zh").rstrip("。")) from error
        sizes[path] = image.width, image.height
    language: Language = "zh" if re.search(r"[\u3400-\u9fff]", fields["question"]) else "en"
    return Entry(path, fields["file"], language, _question(fields, sizes[path], language))


def _question(fields: dict[str, Any], size: tuple[int, int], language: Language) -> Question:
    match: Match = fields["match"]
    choices, tolerance = fields.get("choices"), fields.get("tolerance", 0)
    if "choices" in fields and (match != "choice" or not _is_texts(choices)):
        raise _LineError(
            "“choices” is a list of texts, for match choice", "“choices”是文字列表，只用于 match 为 choice 时"
        )
    if "tolerance" in fields and (match != "number" or not _is_number(tolerance) or tolerance < 0):
        raise _LineError(
            "“tolerance” is a number from 0 on, for match number",
            "“tolerance”是不小于 0 的数，只用于 match 为 number 时",
        )
    answer = _answer(fields.get("expected"), match, size, language)
    options = tuple(dict.fromkeys([*(choices or ()), answer])) if match == "choice" else ()
    return Question(fields["question"], answer, match, match, options, tolerance=float(tolerance))


def _answer(expected: Any, match: Match, size: tuple[int, int], language: Language) -> str:
    """The true answer as scenes write it."""
    wrong = {
        "text": _LineError("“expected” must be a text", "“expected”须是文字"),
        "number": _LineError("“expected” must be a number", "“expected”须是数字"),
        "box": _LineError(
            "“expected” must be [left, top, right, bottom] in pixels, inside the picture",
            "“expected”须是 [左, 上, 右, 下]，单位为像素，且在图片之内",
        ),
        "json": _LineError("“expected” must be an object or a list", "“expected”须是对象或列表"),
        "none": _LineError("“expected” must be left out or null", "“expected”须省略或为 null"),
    }
    if match == "none":
        if expected is not None:
            raise wrong["none"]
        return REFUSALS[language]
    if match == "number":
        if not (_is_number(expected) or (isinstance(expected, str) and number_of(expected) is not None)):
            raise wrong["number"]
        return f"{Decimal(str(expected)):f}" if _is_number(expected) else str(expected)
    if match == "box":
        width, height = size
        if not isinstance(expected, list) or len(expected) != 4 or not all(map(_is_number, expected)):
            raise wrong["box"]
        left, top, right, bottom = (float(edge) for edge in expected)
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise wrong["box"]
        box = [1000 * left / width, 1000 * top / height, 1000 * right / width, 1000 * bottom / height]
        return json.dumps([{"bbox_2d": box}])
    if match == "json":
        if not isinstance(expected, dict | list):
            raise wrong["json"]
        return json.dumps(expected, ensure_ascii=False)
    if not (isinstance(expected, str) and expected.strip()) and not _is_number(expected):
        raise wrong["text"]
    return str(expected)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
