"""What a recipe is, and how it is read from a TOML file.

Plain values, and every error of a file with the place where it is. The names that a file may use for readers,
checks and computed values are those of ``readers``, ``checks`` and ``computed``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, cast, get_args

from jianwei.errors import InputError, Language, Phrase
from jianwei.types import Detail, Enhance

# By name: before Python 3.11 it comes with pydantic-settings[toml], and nowhere else is it there to be looked at.
tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

FieldType = Literal["text", "money", "number", "date", "yes_no", "choice", "list", "box", "rows"]
Reader = Literal[
    "beside",
    "pattern",
    "table",
    "items",
    "tags",
    "steps",
    "numbered",
    "signatures",
    "stamp",
    "words",
    "red",
    "title",
    "chart",
]
Compute = Literal["shortfall", "largest", "smallest", "count", "share_of_width"]
CheckKind = Literal[
    "sum",
    "product",
    "hundred",
    "filled",
    "present",
    "arithmetic",
    "notation",
    "numbering",
    "dates",
    "one_price",
]

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""Names of recipes and keys of fields."""

MAX_FIELDS = 40
MAX_TOKENS = 8192


@dataclass(frozen=True)
class Field:
    """One thing to find.

    Attributes:
        key: its name in the data.
        type: of its value. Money, dates and texts stay as printed; a list holds texts, rows hold objects.
        label: what a person calls it.
        ask: a short question for it, for a model that answers one at a time; None: it is not asked for.
        beside: labels beside which the value is printed.
        patterns: regular expressions for a line that says it; their first group is the value.
        choices: of a choice: value in the data to words.
        columns: of rows.
        read: who reads it in the lines of text; None: nobody, or ``beside`` and ``pattern`` where there are such.
        compute: how it is worked out from other fields, by name.
        of: the fields, or columns (``rows.column``), that it is computed from.
        hint: what a strong model should know about it.
    """

    key: str
    type: FieldType
    label: Phrase
    ask: Phrase | None = None
    beside: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    choices: tuple[tuple[str, Phrase], ...] = ()
    columns: tuple[Field, ...] = ()
    read: Reader | None = None
    compute: Compute | None = None
    of: tuple[str, ...] = ()
    hint: Phrase | None = None

    def choice(self, value: object, language: Language) -> str:
        """The words for a choice; the value itself where it has none."""
        for name, words in self.choices:
            if name == value:
                return in_language(words, language)
        return str(value)


@dataclass(frozen=True)
class Check:
    """Something that code checks.

    Attributes:
        kind: which check.
        of: what it is about: fields, or columns of rows (``rows.column``).
        equals: what the sum of ``of`` should be: the first of these fields that was found.
        minus: fields that are taken off the sum.
    """

    kind: CheckKind
    of: tuple[str, ...]
    equals: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A sentence with which the report can begin.

    Attributes:
        needs: fields that must have been found; a number among them must be above 0, a yes-or-no be yes.
        without: fields that must not have been found, or be 0, or no.
        text: with ``{key}`` for values.
    """

    text: Phrase
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """One everyday job.

    Attributes:
        name: what it is asked for by.
        title, description: for people.
        question: what somebody would ask; stands in for an empty question.
        prompt: what a strong model is told.
        fields: what to find, in the order of the report.
        checks: what to check then.
        replies: sentences for the beginning of the report: the first one that fits.
        words: regular expressions for lines by which a picture of this kind is known.
        kinds: of a recipe without fields: the recipes among which the picture's kind decides.
        enhance, detail, max_tokens: options, where the question has none of its own.
        own: it is a user's own.
    """

    name: str
    title: Phrase
    description: Phrase
    question: Phrase
    prompt: Phrase
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    replies: tuple[Reply, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    enhance: Enhance = "off"
    detail: Detail | None = None
    max_tokens: int = 1024
    own: bool = field(default=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """What a page or a program lists of it."""
        texts = {name: getattr(self, name)._asdict() for name in ("title", "description", "question")}
        return {"name": self.name, **texts, "own": self.own}


def in_language(words: Phrase, language: Language) -> str:
    """The words in a language."""
    return words.zh if language == "zh" else words.en


def parse_recipe(name: str, text: str, *, own: bool = False) -> Recipe:
    """Read a recipe.

    Args:
        name: of its file, without suffix.
        text: TOML; docs/recipes.md says what may stand in it.
        own: it is a user's.

    Raises:
        InputError: ``bad_recipe`` with the place and the reason.
    """
    table = _Table(name, "", _toml(name, text))
    options = table.table("options")
    recipe = Recipe(
        name=name,
        title=table.phrase("title"),
        description=table.phrase("description"),
        question=table.phrase("question"),
        prompt=table.phrase("prompt"),
        fields=tuple(_field(entry) for entry in table.tables("fields")),
        checks=tuple(_check(entry) for entry in table.tables("checks")),
        replies=tuple(
            Reply(entry.phrase("text"), entry.texts("needs"), entry.texts("without"))
            for entry in table.tables("replies")
        ),
        words=table.patterns("words"),
        kinds=table.texts("kinds"),
        enhance=options.choice("enhance", Enhance) or "off",
        detail=options.choice("detail", Detail),
        max_tokens=options.number("max_tokens", 1024, MAX_TOKENS),
        own=own,
    )
    table.end()
    _check_names(table, recipe)
    return recipe


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise bad_recipe(name, Phrase(f"it is not TOML: {error}", f"不是有效的 TOML：{error}")) from error


def bad_recipe(name: str, reason: Phrase) -> InputError:
    """The error about a recipe's file."""
    return InputError("bad_recipe", name=name, reason=reason)


class _Table:
    """A table of the file; what nobody has taken from it at its end is a mistake."""

    def __init__(self, recipe: str, place: str, values: Mapping[str, Any]) -> None:
        self._recipe, self._place = recipe, place
        self._values = dict(values)
        self._inner: list[_Table] = []

    def bad(self, key: str, en: str, zh: str) -> InputError:
        """The error about one key."""
        place = f"{self._place}.{key}".strip(".")
        return bad_recipe(self._recipe, Phrase(f"{place}: {en}", f"{place}：{zh}"))

    def end(self) -> None:
        """Raise for keys that mean nothing."""
        for key in self._values:
            raise self.bad(key, "there is no such key", "没有这个键")
        for inner in self._inner:
            inner.end()

    def text(self, key: str) -> str:
        """A text that must be there."""
        value = self._values.pop(key, None)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, "a text is missing", "缺少文字")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value: Any = self._values.pop(key, [])
        entries = cast("list[Any]", value if isinstance(value, list) else [value])
        if not all(isinstance(entry, str) and entry for entry in entries):
            raise self.bad(key, "it is a list of texts", "应为文字列表")
        return tuple(str(entry) for entry in entries)

    def patterns(self, key: str) -> tuple[str, ...]:
        """A list of regular expressions."""
        found = self.texts(key)
        for pattern in found:
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                raise self.bad(
                    key, f"“{pattern}” is no regular expression", f"“{pattern}”不是正则表达式"
                ) from error
        return found

    def phrase(self, key: str) -> Phrase:
        """Words in both languages; a single text serves for both."""
        value: Any = self._values.pop(key, None)
        if isinstance(value, str) and value.strip():
            return Phrase(value.strip(), value.strip())
        if not isinstance(value, dict) or set(cast("dict[str, Any]", value)) != {"zh", "en"}:
            raise self.bad(key, 'it is { zh = "...", en = "..." }', '应为 { zh = "...", en = "..." }')
        words = cast("dict[str, Any]", value)
        if not all(isinstance(text, str) and text.strip() for text in words.values()):
            raise self.bad(key, "its texts are missing", "缺少文字")
        return Phrase(words["en"].strip(), words["zh"].strip())

    def maybe_phrase(self, key: str) -> Phrase | None:
        """Words in both languages, if they are there."""
        return self.phrase(key) if key in self._values else None

    def choice(self, key: str, choices: Any) -> Any:
        """One of the values of a ``Literal``; None where it is left out."""
        value = self._values.pop(key, None)
        known = get_args(choices)
        if value is not None and value not in known:
            raise self.bad(key, f"one of {', '.join(known)}", f"可选 {'、'.join(known)}")
        return value

    def number(self, key: str, default: int, most: int) -> int:
        """A whole number from 1."""
        value = self._values.pop(key, default)
        if type(value) is not int or not 1 <= value <= most:
            raise self.bad(key, f"a whole number from 1 to {most}", f"应为 1 到 {most} 的整数")
        return value

    def table(self, key: str) -> _Table:
        """A table in it; an empty one where it is left out."""
        value: Any = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise self.bad(key, "it is a table", "应为表")
        self._inner.append(
            _Table(self._recipe, f"{self._place}.{key}".strip("."), cast("dict[str, Any]", value))
        )
        return self._inner[-1]

    def tables(self, key: str) -> list[_Table]:
        """A list of tables."""
        value: Any = self._values.pop(key, [])
        entries = cast("list[Any]", value) if isinstance(value, list) else [value]
        if len(entries) > MAX_FIELDS or not all(isinstance(entry, dict) for entry in entries):
            raise self.bad(key, f"it is a list of at most {MAX_FIELDS} tables", f"应为至多 {MAX_FIELDS} 个表")
        place = f"{self._place}.{key}".strip(".")
        found = [_Table(self._recipe, f"{place}[{i}]", entry) for i, entry in enumerate(entries, 1)]
        self._inner += found
        return found

    def pairs(self, key: str) -> tuple[tuple[str, Phrase], ...]:
        """A table of phrases, in its order."""
        table = self.table(key)
        return tuple((name, table.phrase(name)) for name in list(table._values))


def _field(table: _Table) -> Field:
    key = table.text("key")
    if not NAME.fullmatch(key):
        raise table.bad("key", "small letters, digits and _", "应为小写字母、数字和 _")
    kind: FieldType = table.choice("type", FieldType) or "text"
    made = Field(
        key=key,
        type=kind,
        label=table.phrase("label"),
        ask=table.maybe_phrase("ask"),
        beside=table.texts("beside"),
        patterns=table.patterns("patterns"),
        choices=table.pairs("choices"),
        columns=tuple(_field(entry) for entry in table.tables("columns")),
        read=table.choice("read", Reader),
        compute=table.choice("compute", Compute),
        of=table.texts("of"),
        hint=table.maybe_phrase("hint"),
    )
    if (kind == "choice") != bool(made.choices):
        raise table.bad(
            "choices", "a choice has choices, and nothing else has", "choice 须有选项，其他类型不能有"
        )
    if (kind == "rows") != bool(made.columns):
        raise table.bad("columns", "rows have columns, and nothing else has", "rows 须有列，其他类型不能有")
    if any(column.type in ("rows", "box") for column in made.columns):
        raise table.bad("columns", "no rows or boxes within rows", "rows 中不能再有 rows 或 box")
    if made.compute is not None and not made.of:
        raise table.bad("of", "say what it is computed from", "须说明由什么算出")
    return made


def _check(table: _Table) -> Check:
    kind: CheckKind | None = table.choice("check", CheckKind)
    if kind is None:
        raise table.bad("check", "say which check", "须说明检查类型")
    made = Check(kind, table.texts("of"), table.texts("equals"), table.texts("minus"))
    if not made.of:
        raise table.bad("of", "say what it is about", "须说明检查对象")
    return made


def _check_names(table: _Table, recipe: Recipe) -> None:
    """Whatever refers to fields must find them."""
    if bool(recipe.fields) == bool(recipe.kinds):
        raise table.bad("fields", "a recipe has either fields or kinds", "配方须有 fields 或 kinds 之一")
    keys = [each.key for each in recipe.fields]
    known = set(keys) | {f"{each.key}.{column.key}" for each in recipe.fields for column in each.columns}
    if len(set(keys)) < len(keys):
        raise table.bad("fields", "two of them have one key", "有重复的键")
    used = [*(name for each in recipe.fields for name in each.of)]
    used += [name for check in recipe.checks for name in (*check.of, *check.equals, *check.minus)]
    used += [name for reply in recipe.replies for name in (*reply.needs, *reply.without)]
    for reply in recipe.replies:
        for words in reply.text:
            used += re.findall(r"\{(\w+)\}", words)
    for name in used:
        if name not in known:
            raise table.bad("fields", f"there is no field “{name}”", f"没有字段“{name}”")
