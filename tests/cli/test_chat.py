from __future__ import annotations

import io
from pathlib import Path

import pytest
from cli_fakes import Answer, FakeModel, Jianwei

from jianwei.errors import EngineError
from jianwei.types import ChatRequest


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch):
    def type_in(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))

    return type_in


def said(request: ChatRequest) -> list[tuple[str, int, str]]:
    return [(message.role, len(message.images), message.text) for message in request.messages]


def test_second_question_carries_the_first_with_its_picture_and_answer(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    type_in("What is it?", "", "How large?")
    ended = jianwei("chat", str(photo))
    assert (ended.code, ended.out) == (0, "A carton.\nA carton.\n")
    assert said(model.requests[0]) == [("user", 1, "What is it?")]
    assert said(model.requests[1]) == [
        ("user", 1, "What is it?"),
        ("assistant", 0, "A carton."),
        ("user", 0, "How large?"),
    ]
    assert model.requests[0].id != model.requests[1].id
    assert model.closed


def test_picture_added_later_goes_with_the_next_question(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    spaced = photo.parent / "with space.png"
    spaced.write_bytes(photo.read_bytes())
    type_in("First?", "/picture 'with space.png'", "Second?")
    ended = jianwei("chat", str(photo))
    assert "with space.png (64x48)" in ended.err
    assert said(model.requests[1])[-1] == ("user", 1, "Second?")


def test_new_forgets_the_words_and_keeps_the_pictures(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    type_in("First?", "/new", "Second?")
    jianwei("chat", str(photo))
    assert said(model.requests[1]) == [("user", 1, "Second?")]


def test_new_with_a_file_takes_that_picture_instead(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    type_in("First?", f"/new {photo} {photo}", "Second?")
    jianwei("chat", str(photo))
    assert said(model.requests[1]) == [("user", 2, "Second?")]


def test_quit_ends_with_lines_left(jianwei: Jianwei, model: FakeModel, photo: Path, type_in) -> None:
    type_in("/quit", "Never asked?")
    assert jianwei("chat", str(photo)).code == 0
    assert not model.requests


@pytest.mark.parametrize("line", ["/nonsense", "/picture", "/picture missing.png", "/new missing.png"])
def test_a_wrong_command_is_an_error_line_and_the_chat_goes_on(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in, line: str
) -> None:
    type_in(line, "Still there?")
    ended = jianwei("chat", str(photo))
    assert ended.code == 0
    assert ended.err.startswith("Error: ")
    assert said(model.requests[0]) == [("user", 1, "Still there?")]


def test_question_that_failed_is_not_remembered_but_its_picture_is_asked_about_again(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    model.answers = [Answer([], error=EngineError("engine_crashed"))]
    type_in("First?", "Second?")
    ended = jianwei("chat", str(photo))
    assert "[engine_crashed]" in ended.err
    assert said(model.requests[1]) == [("user", 1, "Second?")]


def test_stopped_answer_is_remembered_as_far_as_it_came(
    jianwei: Jianwei, model: FakeModel, photo: Path, type_in
) -> None:
    model.answers = [Answer(["Half "], error=KeyboardInterrupt())]
    type_in("First?", "Second?")
    ended = jianwei("chat", str(photo))
    assert ended.code == 0
    assert "Stopped." in ended.err
    assert said(model.requests[1])[1] == ("assistant", 0, "Half ")


def test_standard_input_cannot_be_a_picture_too(jianwei: Jianwei, model: FakeModel) -> None:
    ended = jianwei("chat", "-")
    assert ended.code == 2
    assert "[usage]" in ended.err


def test_help_inside_lists_the_commands(jianwei: Jianwei, model: FakeModel, photo: Path, type_in) -> None:
    type_in("/help")
    ended = jianwei("chat", str(photo), "--language", "zh")
    assert "/picture 文件" in ended.err
    assert "/new" in ended.err
    assert "/quit" in ended.err
