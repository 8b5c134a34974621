"""Scripts other than Chinese and plain Latin: which of them OCR can read here, and what to say where it cannot.

The recognizer in RapidOCR's wheel reads Chinese, Latin and Greek letters and kana. For others a recognizer of
PaddleOCR in ONNX form may lie beside it or in Jianwei's own folder; nothing is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from jianwei.errors import Language, Phrase
from jianwei.evidence.ocr import OcrLine

Script = Literal["kana", "arabic", "cyrillic", "korean", "thai", "devanagari"]


@dataclass(frozen=True)
class _Known:
    """One script: its name, its letters, how questions speak of it, and the files of its recognizer.

    Attributes:
        files: patterns of file names; none: the recognizer in the wheel reads it.
    """

    name: Phrase
    letters: re.Pattern[str]
    asked: re.Pattern[str]
    files: tuple[str, ...] = ()


def _known(en: str, zh: str, letters: str, asked: str, *files: str) -> _Known:
    return _Known(Phrase(en, zh), re.compile(letters), re.compile(asked, re.IGNORECASE), files)


SCRIPTS: dict[Script, _Known] = {
    "kana": _known("Japanese kana", "日文假名", r"[\u3041-\u30fa]", r"日文|日语|假名|\bjapanese\b|\bkana\b"),
    "arabic": _known(
        "Arabic",
        "阿拉伯文",
        r"[\u0600-\u06ff]",
        r"阿拉伯(?:文|语|字)|波斯文|\b(?:arabic|persian)\b",
        "arabic_*rec*.onnx",
    ),
    "cyrillic": _known(
        "Cyrillic",
        "西里尔文",
        r"[\u0400-\u04ff]",
        r"俄文|俄语|西里尔|\b(?:russian|cyrillic|ukrainian)\b",
        "cyrillic_*rec*.onnx",
        "eslav_*rec*.onnx",
    ),
    "korean": _known(
        "Korean", "韩文", r"[\uac00-\ud7a3]", r"韩文|韩语|朝鲜文|\b(?:korean|hangul)\b", "korean_*rec*.onnx"
    ),
    "thai": _known("Thai", "泰文", r"[\u0e00-\u0e7f]", r"泰文|泰语|\bthai\b", "th_*rec*.onnx"),
    "devanagari": _known(
        "Devanagari",
        "天城文",
        r"[\u0900-\u097f]",
        r"印地[文语]|天城文|\b(?:hindi|devanagari)\b",
        "devanagari_*rec*.onnx",
    ),
}
"""All scripts that are told apart."""

_ASKS_TEXT = re.compile(
    r"文字|写|读|念|抄|翻译|译成|标签上|字样|\b(?:text|read|say|says|written|write|words?|translate|label|copy)\b",
    re.IGNORECASE,
)
_HAN, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-zÀ-ÿ]{3,}")

UNSURE = 0.75
"""A line read with less confidence may be of another script."""


def spoken_of(question: str) -> tuple[Script, ...]:
    """The scripts that a question names."""
    return tuple(script for script, known in SCRIPTS.items() if known.asked.search(question))


def asks_for_text(question: str) -> bool:
    """Whether a question is about what is written: then it pays to look for scripts that a model is weak at."""
    return _ASKS_TEXT.search(question) is not None


def is_weak(line: str) -> bool:
    """Whether a line holds what models read badly: kana or a further script, or Chinese and Latin words in one."""
    if any(known.letters.search(line) for known in SCRIPTS.values()):
        return True
    return _HAN.search(line) is not None and _LATIN.search(line) is not None


def recognizer(script: Script, own_folder: Path) -> Path | None:
    """The file of a script's recognizer; None where it is missing, or the one in the wheel reads it (see ``covered``).

    Args:
        script: which.
        own_folder: looked into before RapidOCR's own.
    """
    spec = find_spec("rapidocr")
    folders = [own_folder] + ([Path(spec.origin).parent / "models"] if spec and spec.origin else [])
    for folder in folders:
        for pattern in SCRIPTS[script].files:
            for path in sorted(folder.glob(pattern)):
                # Without its letters inside, RapidOCR would try to download them.
                if b"character" in path.read_bytes():
                    return path
    return None


def covered(script: Script) -> bool:
    """Whether the recognizer in the wheel reads it."""
    return not SCRIPTS[script].files


def missing_note(scripts: Iterable[Script], own_folder: Path, language: Language) -> str:
    """What a person should know whose question speaks of scripts that cannot be read here."""
    chinese = language == "zh"
    names = [SCRIPTS[script].name.zh if chinese else SCRIPTS[script].name.en for script in scripts]
    files = [SCRIPTS[script].files[0] for script in scripts]
    if chinese:
        return (
            f"（没有安装{'、'.join(names)}的文字识别模型，回答全凭模型自己看图，请勿轻信。"
            f"把 {'、'.join(files)} 放入 {own_folder} 后可先识别文字。）"
        )
    return (
        f"(No text recognizer for {', '.join(names)} is installed: the model had to read by itself, so do not rely "
        "on it. "
        f"With {', '.join(files)} in {own_folder} the text is read first.)"
    )


def merged(lines: Sequence[OcrLine], others: Sequence[OcrLine], script: Script) -> list[OcrLine]:
    """Lines with those of another recognizer where it reads the script, or reads a line with more confidence.

    Both have found the same lines: their places are compared.
    """
    letters = SCRIPTS[script].letters
    found: list[OcrLine] = []
    for line in lines:
        same = next((other for other in others if other.quad == line.quad), None)
        better = (
            same is not None
            and letters.search(same.text) is not None
            and same.score > min(line.score, UNSURE)
        )
        found.append(_logical(same) if better and same is not None else line)
    known = {line.quad for line in lines}
    found += [_logical(other) for other in others if other.quad not in known and letters.search(other.text)]
    return found


def _logical(line: OcrLine) -> OcrLine:
    """A line of a script written from the right in the order in which it is read; it is recognized from the left."""
    if not SCRIPTS["arabic"].letters.search(line.text):
        return line
    runs = re.findall(r"[A-Za-z0-9.,:/%+-]+|[^A-Za-z0-9.,:/%+-]", line.text)
    return OcrLine("".join(reversed(runs)), line.quad, line.score)
