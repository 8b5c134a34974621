from __future__ import annotations

import hashlib
import io
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_fakes import picture

from jianwei.errors import EngineError, RequestError, StoreError
from jianwei.server import store as store_module
from jianwei.server.store import NewPicture, Store


def new_picture(colour: str = "red") -> NewPicture:
    data = picture(colour)
    digest = hashlib.sha256(data).hexdigest()
    return NewPicture(io.BytesIO(data), digest, f"{colour}.png", "image/png", 64, 48, len(data))


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def test_a_question_and_its_answer_survive_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path)
    turn = first.begin_turn(None, "What?\nMore", [new_picture()], {"json": True})
    first.finish_turn(turn.id, "done", "A box.", {"model": "m"})
    first.close()
    again = Store(tmp_path)
    (kept,) = again.turns(turn.conversation)
    assert (kept.query, kept.answer, kept.state) == ("What?\nMore", "A box.", "done")
    assert kept.options == {"json": True}
    assert kept.details == {"model": "m"}
    assert again.read_picture(kept.pictures[0].digest) == picture("red")
    assert again.summary(turn.conversation).title == "What?"


def test_a_question_is_kept_before_it_is_answered_and_fails_by_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path)
    turn = first.begin_turn(None, "q", [new_picture()], {})
    assert turn.state == "running"
    # The process dies here: nothing is closed.
    again = Store(tmp_path)
    (kept,) = again.turns(turn.conversation)
    assert kept.state == "failed"
    assert kept.error is not None
    assert kept.error["code"] == "interrupted"
    assert set(kept.error["message"]) == {"zh", "en"}


def test_an_error_is_kept_in_both_languages(store: Store) -> None:
    turn = store.begin_turn(None, "q", [new_picture()], {})
    store.finish_turn(turn.id, "failed", "half", error=EngineError("engine_crashed"))
    (kept,) = store.turns(turn.conversation)
    assert kept.answer == "half"
    assert kept.error is not None
    assert "引擎" in kept.error["message"]["zh"]


def test_the_same_picture_is_one_file_and_goes_with_its_last_conversation(
    store: Store, tmp_path: Path
) -> None:
    first = store.begin_turn(None, "a", [new_picture(), new_picture("blue")], {})
    second = store.begin_turn(None, "b", [new_picture()], {})

    def files() -> int:
        return sum(path.is_file() for path in (tmp_path / "pictures").rglob("*"))

    assert files() == 2
    store.delete(first.conversation)
    assert files() == 1
    assert store.read_picture(new_picture().digest)
    store.delete(second.conversation)
    assert files() == 0


def test_nothing_is_kept_of_a_question_that_cannot_be_saved(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        store.begin_turn(None, "q", [new_picture()], {})
    assert caught.value.code == "store_failed"
    monkeypatch.undo()
    assert store.summaries() == []
    assert store.begin_turn(None, "q", [new_picture()], {}).state == "running"


def test_an_unknown_conversation_is_an_error_everywhere(store: Store) -> None:
    for action in (
        lambda: store.begin_turn("x", "q", [], {}),
        lambda: store.turns("x"),
        lambda: store.rename("x", "t"),
        lambda: store.delete("x"),
        lambda: store.summary("x"),
    ):
        with pytest.raises(RequestError) as caught:
            action()
        assert caught.value.code == "unknown_conversation"


def test_an_answer_to_a_deleted_conversation_goes_nowhere(store: Store) -> None:
    turn = store.begin_turn(None, "q", [], {})
    store.delete(turn.conversation)
    store.finish_turn(turn.id, "done", "late")
    assert store.summaries() == []


def test_a_missing_picture_file_is_a_clear_error(store: Store, tmp_path: Path) -> None:
    turn = store.begin_turn(None, "q", [new_picture()], {})
    digest = turn.pictures[0].digest
    (tmp_path / "pictures" / digest[:2] / digest).unlink()
    with pytest.raises(StoreError) as caught:
        store.read_picture(digest)
    assert caught.value.code == "picture_gone"


def test_a_list_is_newest_first_and_can_be_searched(store: Store) -> None:
    one = store.begin_turn(None, "纸箱破损", [new_picture()], {})
    two = store.begin_turn(None, "100% sure_thing", [], {})
    store.finish_turn(one.id, "done", "左上角撕裂")
    assert [summary.id for summary in store.summaries()] == [two.conversation, one.conversation]
    assert [summary.id for summary in store.summaries("撕裂")] == [one.conversation]
    assert [summary.id for summary in store.summaries("破损")] == [one.conversation]
    assert [summary.id for summary in store.summaries("0% sure_")] == [two.conversation]
    assert store.summaries("100_") == []
    assert store.summaries(limit=1, offset=1)[0].id == one.conversation
    assert store.summaries()[1].picture == new_picture().digest
    store.begin_turn(one.conversation, "more", [], {})
    assert store.summaries()[0].id == one.conversation


@given(st.text(min_size=0, max_size=20))
def test_any_search_is_taken_literally(text: str) -> None:
    store = SHARED
    found = {summary.id for summary in store.summaries(text)}
    title = "a%b_c\\d'e\"f"
    assert (SHARED_TURN.conversation in found) == (text.lower() in title.lower() or text == "")


@pytest.fixture(autouse=True, scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    global SHARED, SHARED_TURN  # noqa: PLW0603
    SHARED = Store(tmp_path_factory.mktemp("store"))
    SHARED_TURN = SHARED.begin_turn(None, "a%b_c\\d'e\"f", [], {})


@pytest.mark.parametrize(
    "damage", [b"this is no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "conversations.sqlite3").write_bytes(damage)
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    assert caught.value.code == "store_unusable"
    assert (tmp_path / "conversations.sqlite3").read_bytes() == damage


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "conversations.sqlite3") as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    assert "newer" in caught.value.text("en")


def test_many_threads_write_at_once(store: Store) -> None:
    conversation = store.begin_turn(None, "0", [new_picture()], {}).conversation

    def write() -> None:
        for _ in range(10):
            turn = store.begin_turn(conversation, "q", [new_picture()], {})
            store.finish_turn(turn.id, "done", "a")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.turns(conversation)) == 41


def test_two_servers_may_open_a_new_folder_at_once(tmp_path: Path) -> None:
    stores: list[Store] = []
    threads = [threading.Thread(target=lambda: stores.append(Store(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 4
