"""Recipes over HTTP: the list, and what a question with one hands to the engine."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from server_fakes import Running

from jianwei.recipes import library


@pytest.fixture(autouse=True)
def own_recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's recipes."""
    folder = tmp_path / "own-recipes"
    folder.mkdir()
    monkeypatch.setattr(library, "own_folder", lambda: folder)
    return folder


def test_all_recipes_are_listed_in_both_languages(server: Running, client: httpx.Client) -> None:
    body = client.get("/api/v1/recipes").json()
    names = [recipe["name"] for recipe in body["recipes"]]
    assert names == ["inspect", "damage", "price_tag", "homework", "support", "invoice", "contract", "chart"]
    assert body["problems"] == []
    for recipe in body["recipes"]:
        assert recipe["own"] is False
        for key in ("title", "description", "question"):
            assert set(recipe[key]) == {"zh", "en"}
            assert any("\u4e00" <= character <= "\u9fff" for character in recipe[key]["zh"])
            assert recipe[key]["en"].isascii()


def test_own_recipes_are_listed_and_broken_ones_told(
    server: Running, client: httpx.Client, own_recipes: Path
) -> None:
    ours = (library.DATA / "invoice.toml").read_text("utf-8")
    (own_recipes / "invoice.toml").write_text(ours.replace("Invoice or receipt", "My bills"), "utf-8")
    (own_recipes / "broken.toml").write_text("title = 3", "utf-8")
    body = client.get("/api/v1/recipes").json()
    mine = next(recipe for recipe in body["recipes"] if recipe["name"] == "invoice")
    assert (mine["own"], mine["title"]["en"]) == (True, "My bills")
    assert [problem["code"] for problem in body["problems"]] == ["bad_recipe"]
    assert "broken" in body["problems"][0]["en"]
