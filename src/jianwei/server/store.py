"""Conversations and their pictures on the disk: what was asked is kept before it is answered.

One SQLite file (WAL, every commit on the disk before it counts) and, beside it, the picture files exactly as
they came, named by the SHA-256 of their bytes. A turn is a question with its pictures and the answer to it;
its state is ``running`` until the answer is there, then ``done``, ``cancelled`` or ``failed``. What was
running when the server stopped is ``failed`` at the next start: the question is still there to be asked
again.

Every method is short and may be called from any thread; callers in the event loop use ``asyncio.to_thread``.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import filelock

from jianwei.errors import EngineError, JianweiError, Phrase, RequestError, StoreError

TurnState = Literal["running", "done", "cancelled", "failed"]

MIGRATIONS = (
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL
    );
    CREATE INDEX conversations_by_time ON conversations (updated);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        query TEXT NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
        answer TEXT NOT NULL DEFAULT '',
        details TEXT NOT NULL DEFAULT '{}',
        error TEXT,
        created REAL NOT NULL
    );
    CREATE INDEX turns_by_conversation ON turns (conversation, id);
    CREATE TABLE pictures (
        digest TEXT PRIMARY KEY,
        media_type TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        size INTEGER NOT NULL
    );
    CREATE TABLE turn_pictures (
        turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        digest TEXT NOT NULL REFERENCES pictures (digest),
        name TEXT NOT NULL,
        PRIMARY KEY (turn, position)
    );
    CREATE INDEX turn_pictures_by_digest ON turn_pictures (digest);
    """,
)
"""Applied in order; ``PRAGMA user_version`` counts those that a file has behind it. Only ever append."""

LOCK_SECONDS = 10.0
"""How long to wait for another process that writes to the same file."""

TITLE_LENGTH = 60


@dataclass(frozen=True)
class NewPicture:
    """A picture file to keep: its bytes (read from the start), what they are, and its size in pixels."""

    file: IO[bytes]
    digest: str
    name: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Picture:
    """A picture that a turn brought."""

    digest: str
    name: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Turn:
    """A question, its pictures and what became of it.

    Attributes:
        details: model, finish reason, usage and timings of the answer.
        error: of a failed turn: code, and message and fix in both languages.
    """

    id: int
    conversation: str
    query: str
    pictures: tuple[Picture, ...]
    options: dict[str, Any]
    state: TurnState
    answer: str
    details: dict[str, Any]
    error: dict[str, Any] | None
    created: float


@dataclass(frozen=True)
class Summary:
    """A conversation as a list shows it. ``picture`` is the digest of its first picture."""

    id: str
    title: str
    created: float
    updated: float
    turns: int
    picture: str | None


def error_record(error: JianweiError) -> dict[str, Any]:
    """An error as it is stored: readable later in either language."""
    return {
        "code": error.code,
        "message": {"en": error.text("en"), "zh": error.text("zh")},
        "fix": {"en": error.fix("en"), "zh": error.fix("zh")},
    }


def title_of(query: str) -> str:
    """The first line of a question, short enough for a list."""
    line = next((line.strip() for line in query.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


class Store:
    """All conversations under one folder.

    Raises:
        StoreError: ``store_unusable`` when the file is damaged, made by a newer version, or may not be
        written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures = folder / "pictures"
        self._lock = threading.RLock()
        try:
            self._pictures.mkdir(parents=True, exist_ok=True, mode=0o700)
            # isolation_level None: transactions are begun here, never by the library behind our back.
            self._db = sqlite3.connect(
                folder / "conversations.sqlite3", LOCK_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            # SQLite does not wait where two connections turn to WAL at once: one is told that the file is locked.
            with filelock.FileLock(folder / ".lock", timeout=LOCK_SECONDS):
                for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                    self._db.execute(f"PRAGMA {pragma}")
            self._migrate()
            interrupted = json.dumps(error_record(EngineError("interrupted")))
            with self._transaction():
                self._db.execute(
                    "UPDATE turns SET state = 'failed', error = ? WHERE state = 'running'", (interrupted,)
                )
        except (sqlite3.Error, OSError) as cause:
            reason = Phrase("it is damaged or may not be written", "文件已损坏或无写入权限")
            raise StoreError("store_unusable", reason=reason, folder=folder) from cause

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            self._db.close()

    def _migrate(self) -> None:
        # One transaction around reading the version and the steps: two servers may start at once.
        with self._transaction() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                reason = Phrase("a newer version of Jianwei made it", "由更新版本的见微创建")
                raise StoreError("store_unusable", reason=reason, folder=self._folder)
            for script in MIGRATIONS[version:]:
                for statement in script.split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextlib.contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection, None, None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # --- turns
    # -------------------------------------------------------------------------------------------------

    def begin_turn(
        self, conversation: str | None, query: str, pictures: Sequence[NewPicture], options: dict[str, Any]
    ) -> Turn:
        """Keep a question, in a new conversation if ``conversation`` is None; its state is ``running``.

        Raises:
            RequestError: ``unknown_conversation``.
            StoreError: ``store_failed``; nothing was kept then.
        """
        now = time.time()
        try:
            with self._transaction() as db:
                if conversation is None:
                    conversation = secrets.token_hex(12)
                    db.execute(
                        "INSERT INTO conversations VALUES (?, ?, ?, ?)",
                        (conversation, title_of(query), now, now),
                    )
                else:
                    found = db.execute(
                        "UPDATE conversations SET updated = ? WHERE id = ?", (now, conversation)
                    )
                    if not found.rowcount:
                        raise RequestError("unknown_conversation", name=conversation)
                turn = db.execute(
                    "INSERT INTO turns (conversation, query, options, state, created)"
                    " VALUES (?, ?, ?, 'running', ?)",
                    (conversation, query, json.dumps(options), now),
                ).lastrowid
                assert turn is not None
                for position, new in enumerate(pictures):
                    # Inside the transaction: whoever deletes unused files holds the same lock (see delete).
                    self._keep_file(new)
                    db.execute(
                        "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?)",
                        (new.digest, new.media_type, new.width, new.height, new.size),
                    )
                    db.execute(
                        "INSERT INTO turn_pictures VALUES (?, ?, ?, ?)",
                        (turn, position, new.digest, new.name),
                    )
                return self._turns(conversation, turn)[0]
        except (sqlite3.Error, OSError) as cause:
            raise StoreError("store_failed") from cause

    def finish_turn(
        self,
        turn: int,
        state: TurnState,
        answer: str,
        details: dict[str, Any] | None = None,
        error: JianweiError | None = None,
    ) -> None:
        """Keep what became of a question. Does nothing if its conversation has been deleted since."""
        record = json.dumps(error_record(error)) if error is not None else None
        try:
            with self._transaction() as db:
                db.execute(
                    "UPDATE turns SET state = ?, answer = ?, details = ?, error = ? WHERE id = ?",
                    (state, answer, json.dumps(details or {}), record, turn),
                )
        except sqlite3.Error as cause:
            raise StoreError("store_failed") from cause

    def turns(self, conversation: str) -> list[Turn]:
        """All turns of a conversation in order; raises ``RequestError("unknown_conversation")``."""
        with self._lock:
            self.summary(conversation)
            return self._turns(conversation)

    def turns_until(self, turn: int) -> list[Turn]:
        """The turns of a turn's conversation up to and with it; raises ``RequestError("not_found")``."""
        with self._lock:
            row = self._db.execute("SELECT conversation FROM turns WHERE id = ?", (turn,)).fetchone()
            if row is None:
                raise RequestError("not_found")
            return [earlier for earlier in self._turns(row["conversation"]) if earlier.id <= turn]

    def _turns(self, conversation: str, only: int | None = None) -> list[Turn]:
        rows = self._db.execute(
            "SELECT * FROM turns WHERE conversation = ? AND (? IS NULL OR id = ?) ORDER BY id",
            (conversation, only, only),
        ).fetchall()
        pictures: dict[int, list[Picture]] = {}
        for row in self._db.execute(
            "SELECT turn, digest, name, media_type, width, height, size"
            " FROM turn_pictures JOIN pictures USING (digest)"
            " WHERE turn IN (SELECT id FROM turns WHERE conversation = ?) ORDER BY turn, position",
            (conversation,),
        ):
            pictures.setdefault(row["turn"], []).append(Picture(*row[1:]))
        return [
            Turn(
                id=row["id"],
                conversation=conversation,
                query=row["query"],
                pictures=tuple(pictures.get(row["id"], ())),
                options=json.loads(row["options"]),
                state=row["state"],
                answer=row["answer"],
                details=json.loads(row["details"]),
                error=json.loads(row["error"]) if row["error"] else None,
                created=row["created"],
            )
            for row in rows
        ]

    # --- conversations
    # -----------------------------------------------------------------------------------------

    SUMMARY = """
        SELECT id, title, created, updated,
            (SELECT COUNT(*) FROM turns WHERE conversation = conversations.id) AS turns,
            (SELECT digest FROM turn_pictures JOIN turns ON turns.id = turn
                WHERE conversation = conversations.id ORDER BY turn, position LIMIT 1) AS picture
        FROM conversations
    """

    def summary(self, conversation: str) -> Summary:
        """One conversation; raises ``RequestError("unknown_conversation")``."""
        with self._lock:
            row = self._db.execute(f"{self.SUMMARY} WHERE id = ?", (conversation,)).fetchone()
        if row is None:
            raise RequestError("unknown_conversation", name=conversation)
        return Summary(*row)

    def summaries(self, search: str = "", limit: int = 50, offset: int = 0) -> list[Summary]:
        """Conversations, newest first; with ``search``, those whose title, questions or answers hold it."""
        # instr, not LIKE: nothing in the words is a pattern.
        holds = "instr(lower({}), lower(:search)) > 0"
        with self._lock:
            rows = self._db.execute(
                f"""{self.SUMMARY}
                WHERE {holds.format("title")} OR EXISTS (
                    SELECT 1 FROM turns WHERE conversation = conversations.id
                    AND ({holds.format("query")} OR {holds.format("answer")}))
                ORDER BY updated DESC, id LIMIT :limit OFFSET :offset""",
                {"search": search, "limit": limit, "offset": offset},
            ).fetchall()
        return [Summary(*row) for row in rows]

    def rename(self, conversation: str, title: str) -> Summary:
        """Give a conversation another title; raises ``RequestError("unknown_conversation")``."""
        try:
            with self._transaction() as db:
                db.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation))
                return self.summary(conversation)
        except sqlite3.Error as cause:
            raise StoreError("store_failed") from cause

    def delete(self, conversation: str) -> None:
        """Forget a conversation, and the picture files that no other one uses."""
        try:
            with self._transaction() as db:
                if not db.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount:
                    raise RequestError("unknown_conversation", name=conversation)
                unused = "digest NOT IN (SELECT digest FROM turn_pictures)"
                digests = [row[0] for row in db.execute(f"SELECT digest FROM pictures WHERE {unused}")]
                db.execute(f"DELETE FROM pictures WHERE {unused}")
                # Before the commit: a crash in between costs at most a picture of what was being deleted.
                for digest in digests:
                    self._path(digest).unlink(missing_ok=True)
        except (sqlite3.Error, OSError) as cause:
            raise StoreError("store_failed") from cause

    # --- picture files
    # -----------------------------------------------------------------------------------------

    def picture(self, conversation: str, digest: str) -> Picture:
        """A picture of this conversation; raises ``RequestError`` if it has no such one."""
        for turn in self.turns(conversation):
            for picture in turn.pictures:
                if picture.digest == digest:
                    return picture
        raise RequestError("not_found")

    def read_picture(self, digest: str) -> bytes:
        """The bytes of a picture file as they came; raises ``StoreError("picture_gone")``."""
        try:
            return self._path(digest).read_bytes()
        except OSError as cause:
            raise StoreError("picture_gone") from cause

    def _path(self, digest: str) -> Path:
        # Two letters of the digest as a folder: no folder grows beyond what a file system likes.
        return self._pictures / digest[:2] / digest

    def _keep_file(self, new: NewPicture) -> None:
        path = self._path(new.digest)
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True, mode=0o700)
        # Written aside, flushed to the disk, then renamed: a file under its digest is always whole.
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as target:
                new.file.seek(0)
                shutil.copyfileobj(new.file, target)
                target.flush()
                os.fsync(target.fileno())
            os.replace(aside, path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
