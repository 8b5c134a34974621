"""``jianwei recipes``: which recipes there are, and a copy of one to change."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError, say, stdout, write
from jianwei.cli.settings import load_settings
from jianwei.cli.text import columns, language, tr
from jianwei.errors import InputError
from jianwei.recipes.library import all_recipes, own_folder, source
from jianwei.recipes.recipe import NAME, in_language, parse_recipe


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "recipes",
        cls=Command,
        help=tr(
            "List the recipes for everyday jobs (jianwei ask PICTURE --recipe NAME), or copy one to change it: "
            "`jianwei recipes copy invoice` writes it to your own folder, where it takes the place of ours; with a "
            "second name it becomes a new one. What may stand in it: docs/recipes.md.",
            "列出日常任务的配方（jianwei ask 图片 --recipe 名称），或复制一份来修改："
            "`jianwei recipes copy invoice` 把它写入您自己的文件夹，并取代内置的同名配方；"
            "给出第二个名称则成为新配方。文件的写法见 docs/recipes.md。",
        ),
        epilog=tr(
            "jianwei recipes\njianwei recipes copy invoice our-bills\njianwei ask bill.jpg --recipe our-bills",
            "jianwei recipes\njianwei recipes copy invoice our-bills\njianwei ask bill.jpg --recipe our-bills",
        ),
    )(recipes)


def recipes(
    action: Annotated[
        Literal["list", "copy", "show"],
        typer.Argument(
            metavar="[list|copy|show]",
            help=tr(
                "What to do (list); show prints a recipe's file.",
                "要做的事（默认 list）；show 输出配方文件。",
            ),
        ),
    ] = "list",
    name: Annotated[
        str | None, typer.Argument(metavar=tr("NAME", "名称"), help=tr("Of the recipe.", "配方名称。"))
    ] = None,
    new_name: Annotated[
        str | None,
        typer.Argument(
            metavar=tr("NEW_NAME", "新名称"), help=tr("Of the copy (the same).", "副本的名称（默认相同）。")
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help=tr("The list as JSON.", "以 JSON 列出。"))] = False,
    spoken: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """List, show or copy."""
    load_settings(language=spoken)
    if action == "list":
        _list(as_json)
        return
    if name is None:
        raise CommandError(
            "usage",
            tr("Name the recipe.", "请写出配方名称。"),
            tr("`jianwei recipes` lists them.", "运行 `jianwei recipes` 可列出全部配方。"),
        )
    text, _ = source(name)
    if action == "show":
        write(text)
        return
    _copy(name, new_name or name, text)


def _list(as_json: bool) -> None:
    found, wrong = all_recipes()
    if as_json:
        write(json.dumps([recipe.to_dict() for recipe in found], ensure_ascii=False, indent=2) + "\n")
        return
    spoken = language()
    rows = [
        (recipe.name, tr("yes", "是") if recipe.own else "", in_language(recipe.title, spoken))
        for recipe in found
    ]
    head, *lines = columns([(tr("name", "名称"), tr("own", "自有"), tr("what for", "用途")), *rows])
    stdout().print(head, style="bold", markup=False)
    for line, recipe in zip(lines, found, strict=True):
        write(f"{line}\n    {in_language(recipe.description, spoken)}\n")
    for error in wrong:
        say(f"{error.text(spoken)} {error.fix(spoken)}", "red")
    say(tr(f"Your own are in {own_folder()}", f"您自己的配方位于 {own_folder()}"), "dim")


def _copy(name: str, new_name: str, text: str) -> None:
    if not NAME.fullmatch(new_name):
        raise CommandError(
            "usage",
            tr(f"“{new_name}” cannot be a recipe's name.", f"“{new_name}”不能作为配方名称。"),
            tr("Small letters, digits, - and _, a letter first.", "用小写字母、数字、- 和 _，以字母开头。"),
        )
    parse_recipe(new_name, text, own=True)
    folder = own_folder()
    path = folder / f"{new_name}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandError(
            "file_exists",
            tr(f"{path} is there already.", f"{path} 已存在。"),
            tr("Give the copy another name, or delete the file first.", "请换一个名称，或先删除该文件。"),
        ) from error
    except OSError as error:
        reason = tr("it cannot be written", "无法写入")
        raise InputError("file_unreadable", name=path.name, reason=reason) from error
    write(f"{path}\n")
