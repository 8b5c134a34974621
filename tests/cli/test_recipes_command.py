"""``jianwei recipes`` and ``jianwei ask --recipe``."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_fakes import FakeModel, Jianwei

from jianwei.recipes import library


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config" / "recipes"
    monkeypatch.setattr(library, "own_folder", lambda: folder)
    monkeypatch.setattr("jianwei.cli.recipes.own_folder", lambda: folder)
    return folder


def test_recipes_are_listed_and_shown(jianwei: Jianwei) -> None:
    listed = jianwei("recipes")
    assert listed.code == 0
    assert "price_tag" in listed.out
    assert "Shelf" not in listed.out, "descriptions, not comments"
    assert jianwei("recipes", "show", "invoice").out == (library.DATA / "invoice.toml").read_text("utf-8")


def test_a_copy_can_be_changed_and_used(jianwei: Jianwei, model: FakeModel, photo: Path, own: Path) -> None:
    ended = jianwei("recipes", "copy", "invoice", "our-bills")
    assert ended.code == 0
    path = own / "our-bills.toml"
    assert str(path) in ended.out.replace("\n", "")
    path.write_text(
        path.read_text("utf-8").replace("What does this invoice say", "What does our bill say"), "utf-8"
    )
    assert jianwei("ask", str(photo), "--recipe", "our-bills").code == 0
    request = model.requests[0]
    assert request.recipe == "our-bills"
    assert request.messages[-1].text.startswith("What does our bill say")
    again = jianwei("recipes", "copy", "invoice", "our-bills")
    assert again.code == 2
    assert "file_exists" in again.err


def test_with_a_recipe_the_last_word_may_be_a_picture_or_a_question(
    jianwei: Jianwei, model: FakeModel, photo: Path
) -> None:
    assert jianwei("ask", str(photo), str(photo), "--recipe", "damage").code == 0
    assert len(model.requests[0].messages[-1].images) == 2
    assert jianwei("ask", str(photo), "Is the lining torn?", "--recipe", "damage").code == 0
    assert len(model.requests[1].messages[-1].images) == 1
    assert model.requests[1].messages[-1].text == "Is the lining torn?"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--recipe", "nothing"], 3, "unknown_recipe"),
        (["--recipe", "invoice", "--format", "csv"], 2, "--format cannot go with --recipe"),
        (["--recipe", "invoice", "--heatmap", "a.png"], 2, "--heatmap cannot go with --recipe"),
    ],
)
def test_what_cannot_be_done_is_refused(
    jianwei: Jianwei, model: FakeModel, photo: Path, words: list[str], code: int, said: str
) -> None:
    ended = jianwei("ask", str(photo), *words)
    assert ended.code == code
    assert said in ended.err.replace("\n", " ")
    assert model.requests == []


def test_without_a_recipe_picture_and_question_are_both_needed(jianwei: Jianwei, photo: Path) -> None:
    ended = jianwei("ask", str(photo))
    assert ended.code == 2
    assert "[usage]" in ended.err


def test_wrong_uses_of_recipes_are_told(jianwei: Jianwei) -> None:
    assert jianwei("recipes", "copy").code == 2
    assert jianwei("recipes", "copy", "nothing").code == 3
    assert jianwei("recipes", "copy", "invoice", "../evil").code == 2
