"""Recipes over HTTP: the list, and what a question with one hands to the engine."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from server_fakes import Reply, Running, picture

from jianwei.recipes import library
from jianwei.types import Finding, GroundedBox, RecipeCheck, RecipeReport


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


CHAT = "/api/v1/chat"


def image() -> dict[str, tuple[str, bytes]]:
    return {"image": ("a.png", picture())}


def test_a_recipe_needs_no_question_and_its_own_is_kept(server: Running, client: httpx.Client) -> None:
    response = client.post(CHAT, files=image(), data={"recipe": "invoice", "language": "zh"})
    assert response.status_code == 200
    request = server.engine.requests[0]
    assert request.recipe == "invoice"
    assert request.messages[-1].text == "这张发票写了什么？金额对得上吗？"
    kept = client.get(f"/api/v1/conversations/{response.json()['conversation_id']}").json()
    assert "金额对得上吗" in str(kept)
    client.post(CHAT, files=image(), data={"recipe": "invoice", "query": "And the tax?"})
    assert server.engine.requests[1].messages[-1].text == "And the tax?"


def test_data_and_who_says_it_come_with_the_answer(server: Running, client: httpx.Client) -> None:
    place = GroundedBox("12.50", (1, 2, 30, 20), 0, "ocr")
    report = RecipeReport(
        "invoice", None, {"total": "12.50"}, (Finding("total", "Total", "12.50", "ocr", (place,)),),
        (RecipeCheck("sum", True, "It adds up."),),
    )  # fmt: skip
    server.engine.replies.append(Reply(recipe=report))
    body = client.post(CHAT, files=image(), data={"recipe": "invoice", "json": "true"}).json()
    assert body["data"] == {"total": "12.50"}
    assert body["recipe"]["name"] == "invoice"
    assert body["recipe"]["findings"][0]["boxes"][0]["bbox"] == [1, 2, 30, 20]
    assert body["recipe"]["checks"] == [{"check": "sum", "passed": True, "said": "It adds up."}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"recipe": "nothing"}, "unknown_recipe"),
        ({"recipe": "../../etc/passwd"}, "unknown_recipe"),
        ({"recipe": "invoice", "heatmap": "1"}, "bad_value"),
        ({"recipe": "invoice", "schema": "{}"}, "bad_value"),
        ({"recipe": "invoice", "format": "csv"}, "bad_value"),
        ({}, "empty_query"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_kept(
    server: Running, client: httpx.Client, fields: dict[str, str], code: str
) -> None:
    response = client.post(CHAT, files=image(), data=fields or {"query": " "})
    assert response.json()["error"]["code"] == code
    assert server.engine.requests == []


def test_the_openai_api_takes_a_recipe_too(server: Running, client: httpx.Client) -> None:
    url = "data:image/png;base64," + base64.b64encode(picture()).decode()
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    body = {"messages": [{"role": "user", "content": parts}], "recipe": "damage"}
    server.engine.replies.append(Reply(recipe=RecipeReport("damage", None, {"damaged": True}, (), ())))
    answer = client.post("/v1/chat/completions", json=body).json()
    assert answer["data"] == {"damaged": True}
    assert server.engine.requests[0].recipe == "damage"
    assert server.engine.requests[0].messages[-1].text
    refused = client.post("/v1/chat/completions", json=body | {"recipe": "nothing"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_recipe")
    form = {"type": "json_object"}
    refused = client.post("/v1/chat/completions", json=body | {"response_format": form})
    assert refused.json()["error"]["code"] == "bad_value"
