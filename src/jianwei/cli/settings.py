"""Settings of one run: flags over environment over file over defaults; and what is wrong with them."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from jianwei.cli.output import CommandError
from jianwei.cli.text import tr
from jianwei.config import Settings
from jianwei.errors import Language

REASONS: dict[str, tuple[str, str]] = {
    "greater_than_equal": ("at least {ge}", "不能小于 {ge}"),
    "less_than_equal": ("at most {le}", "不能大于 {le}"),
    "literal_error": ("one of {expected}", "可选 {expected}"),
    "int_parsing": ("a whole number", "必须是整数"),
    "int_type": ("a whole number", "必须是整数"),
    "int_from_float": ("a whole number", "必须是整数"),
    "bool_parsing": ("true or false", "只能是 true 或 false"),
    "bool_type": ("true or false", "只能是 true 或 false"),
}
"""What pydantic's error types mean to a person, English and Chinese."""


def load_settings(**flags: Any) -> Settings:
    """The settings of this run.

    Args:
        **flags: fields of ``Settings`` as flags gave them; None: not given.

    Raises:
        CommandError: a value that cannot be, and where it stands.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        detail = error.errors()[0]
        name = str(detail["loc"][0])
        english, chinese = REASONS.get(detail["type"], ("not of the right form", "格式不正确"))
        reason = tr(english, chinese).format_map(detail.get("ctx") or {})
        raise _bad_setting(_place(name, given), str(detail["input"]), reason) from error
    except SettingsError as error:
        raise _bad_setting("JIANWEI_*", str(error), tr("not of the right form", "格式不正确")) from error
    except (ValueError, OSError) as error:  # a settings file that is not TOML, or cannot be read
        raise CommandError(
            "bad_settings",
            tr(f"The settings file cannot be read: {error}.", f"无法读取配置文件：{error}。"),
            tr("Correct jianwei.toml, or move it away.", "请修正 jianwei.toml，或将其移走。"),
        ) from error


def spoken_language(asked: str | None) -> Language:
    """The language to speak: as the flag says, else as the settings do, else English."""
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    try:
        return load_settings().message_language
    except CommandError:  # reported when a command needs the settings
        return Settings.model_construct(language="auto").message_language


def flag_of(name: str) -> str:
    """The flag that sets a field of ``Settings``."""
    return "--" + name.replace("_", "-")


def _place(name: str, given: dict[str, Any]) -> str:
    """Where a person gave the value of a field."""
    if name in given:
        return flag_of(name)
    variable = f"JIANWEI_{name.upper()}"
    if variable in {key.upper() for key in os.environ}:
        return variable
    return tr(f"{name} in the settings file", f"配置文件中的 {name}")


def _bad_setting(place: str, got: str, reason: str) -> CommandError:
    return CommandError(
        "bad_value",
        tr(f"{place} cannot be “{got}”: {reason}.", f"{place} 的值“{got}”无效：{reason}。"),
        tr(
            "`jianwei serve --help` and README.md tell the values.",
            "取值说明见 `jianwei serve --help` 和 README。",
        ),
    )
