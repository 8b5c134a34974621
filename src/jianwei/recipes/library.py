"""Which recipes there are: those that come with Jianwei, and the user's own in a folder of the user's settings.

A user's recipe with the name of one of ours takes its place. Files are read anew each time, so that a change is
seen at once; the built-in ones only once.
"""

from __future__ import annotations

import functools
from pathlib import Path

import platformdirs

from jianwei.errors import InputError, Phrase
from jianwei.recipes.recipe import NAME, Recipe, bad_recipe, parse_recipe

DATA = Path(__file__).with_name("data")

MAX_BYTES = 200_000
"""Of one recipe's file."""

MAX_OWN = 100
"""Files in the user's folder that are looked at."""

ORDER = ("inspect", "damage", "price_tag", "homework", "support", "invoice", "contract", "chart")
"""Our recipes, as they are listed."""


def own_folder() -> Path:
    """Where the user's recipes are: ``recipes`` in the user's config folder."""
    return Path(platformdirs.user_config_dir("jianwei", appauthor=False)) / "recipes"


def source(name: str) -> tuple[str, bool]:
    """The text of a recipe's file, and whether it is the user's own.

    Raises:
        InputError: ``unknown_recipe``, or ``bad_recipe`` where the file cannot be read.
    """
    if NAME.fullmatch(name):
        for folder, own in ((own_folder(), True), (DATA, False)):
            path = folder / f"{name}.toml"
            try:
                with path.open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
                if len(data) > MAX_BYTES:
                    raise bad_recipe(name, Phrase("it is larger than 200 kB", "超过 200 kB"))
                return data.decode("utf-8-sig"), own
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, UnicodeDecodeError) as error:
                raise bad_recipe(
                    name, Phrase("the file cannot be read as UTF-8", "文件无法按 UTF-8 读取")
                ) from error
    there = names()
    raise InputError(
        "unknown_recipe",
        name=name[:80],
        there=Phrase(", ".join(there), "、".join(there)),
    )


def find_recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises:
        InputError: ``unknown_recipe`` or ``bad_recipe``.
    """
    text, own = source(name)
    return parse_recipe(name, text, own=True) if own else _ours(name)


def names() -> list[str]:
    """Of all recipes: ours first, then the user's."""
    try:
        own = sorted(path.stem for path in own_folder().glob("*.toml") if NAME.fullmatch(path.stem))
    except OSError:
        own = []
    return [*ORDER, *(name for name in own[:MAX_OWN] if name not in ORDER)]


def all_recipes() -> tuple[list[Recipe], list[InputError]]:
    """All recipes that can be read, and what is wrong with the others."""
    found: list[Recipe] = []
    wrong: list[InputError] = []
    for name in names():
        try:
            found.append(find_recipe(name))
        except InputError as error:
            wrong.append(error)
    return found, wrong


@functools.cache
def _ours(name: str) -> Recipe:
    return parse_recipe(name, (DATA / f"{name}.toml").read_text(encoding="utf-8"))
