"""Recipes as files: ours are whole, a user's own take their place, mistakes are told with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jianwei.engine.grammar import GrammarCompiler
from jianwei.errors import InputError
from jianwei.hub.catalogue import BUILTIN_DIR
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.weights import WeightFile
from jianwei.recipes import library
from jianwei.recipes.library import ORDER, all_recipes, find_recipe, names
from jianwei.recipes.model_answers import prompt, schema
from jianwei.recipes.recipe import parse_recipe
from jianwei.types import Grammar

GOOD = """
title = "Meter"
description = "What a meter shows."
question = "What does the meter show?"
prompt = "Read the meter."
[[fields]]
key = "reading"
type = "number"
label = { zh = "读数", en = "Reading" }
beside = ["kWh"]
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "recipes"
    folder.mkdir()
    monkeypatch.setattr(library, "own_folder", lambda: folder)
    return folder


def test_every_recipe_of_ours_can_be_read_and_none_is_forgotten() -> None:
    found, wrong = all_recipes()
    assert wrong == []
    assert [recipe.name for recipe in found] == list(ORDER)
    assert {path.stem for path in library.DATA.glob("*.toml")} == set(ORDER)
    assert [find_recipe(name).name for name in find_recipe("inspect").kinds] == list(ORDER[1:])


@pytest.fixture(scope="module")
def grammars() -> GrammarCompiler:
    file = WeightFile(BUILTIN_DIR / "language.gguf", None)
    tokenizer = Tokenizer.from_gguf(file.metadata, file.name)
    return GrammarCompiler(tokenizer.all_token_bytes(), tokenizer.eos_ids, tokenizer.encode)


@pytest.mark.parametrize("name", ORDER[1:])
def test_a_strong_model_can_be_bound_to_every_schema(name: str, grammars: GrammarCompiler) -> None:
    recipe = find_recipe(name)
    grammars.compile(Grammar("json_schema", schema(recipe)))
    told = [field.key for field in recipe.fields if field.compute is None]
    assert list(json.loads(schema(recipe))["properties"]) == told
    for language in ("zh", "en"):
        assert all(f"- {key}: " in prompt(recipe, "", language) for key in told)


def test_a_persons_own_question_is_put_to_a_strong_model_too() -> None:
    recipe = find_recipe("invoice")
    assert "Is the seller from Kyoto?" in prompt(recipe, "Is the seller from Kyoto?", "en")
    assert "question" not in prompt(recipe, recipe.question.en, "en")


def test_own_recipes_come_after_ours_or_take_their_place(own: Path) -> None:
    (own / "meter.toml").write_text(GOOD, "utf-8")
    (own / "invoice.toml").write_text(GOOD, "utf-8")
    assert names() == [*ORDER, "meter"]
    assert find_recipe("meter").own
    assert find_recipe("invoice").title.en == "Meter"
    (own / "invoice.toml").unlink()
    assert find_recipe("invoice").title.en == "Invoice or receipt"


@pytest.mark.parametrize("name", ["unknown", "../invoice", "Invoice", "", "a" * 60])
def test_a_recipe_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(InputError) as error:
        find_recipe(name)
    assert error.value.code == "unknown_recipe"
    assert "price_tag" in error.value.text("en")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('key = "reading"', 'key = "Reading"'), "fields[1].key"),
        (('type = "number"', 'type = "digits"'), "fields[1].type: one of text, money"),
        (('label = { zh = "读数", en = "Reading" }', 'label = { en = "Reading" }'), "fields[1].label"),
        (('beside = ["kWh"]', 'patterns = ["(kWh"]'), "no regular expression"),
        (('beside = ["kWh"]', 'besides = ["kWh"]'), "fields[1].besides: there is no such key"),
        (('beside = ["kWh"]', 'read = "tea leaves"'), "fields[1].read"),
        (('beside = ["kWh"]', 'compute = "shortfall"\nof = ["a", "reading"]'), "there is no field “a”"),
        (('title = "Meter"', "title = 3"), "title"),
        (('prompt = "Read the meter."', ""), "prompt"),
        (("[[fields]]", "[[fields]"), "it is not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], said: str) -> None:
    assert parse_recipe("meter", GOOD).fields[0].key == "reading"
    with pytest.raises(InputError) as error:
        parse_recipe("meter", GOOD.replace(*change))
    assert error.value.code == "bad_recipe"
    assert said in error.value.text("en")
    assert "meter" in error.value.text("zh")
