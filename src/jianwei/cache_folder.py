"""A folder of cache files within a budget: written whole or not at all, the least recently used out first.

Nothing here is ever in the way: where nothing can be written (no room, no right), nothing is kept. Only the user may
read these files; processes may share a folder; it may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)

_ABANDONED_SECONDS = 600.0
"""A file that is still being written after this long belongs to a process that died."""


class CacheFolder:
    """Files of one ending in one folder. One thread writes."""

    def __init__(self, folder: Path, budget: int, ending: str) -> None:
        """Nothing is read or made yet.

        Args:
            folder: made when the first file is kept.
            budget: bytes.
            ending: of the names of finished files.
        """
        self.folder = folder
        self._budget = budget
        self._ending = ending
        self._bytes: int | None = None

    def path(self, name: str) -> Path:
        """Where the file of this name lies or would lie."""
        return self.folder / f"{name}{self._ending}"

    def touch(self, path: Path, later: int = 0) -> None:
        """Note that a file has been used; of several used at once, those ``later`` in order go out first."""
        now = time.time_ns() - later * 1000
        with contextlib.suppress(OSError):
            os.utime(path, ns=(now, now))

    def remove(self, path: Path) -> None:
        """A file that is damaged."""
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)

    def write(self, path: Path, parts: Sequence[bytes | memoryview]) -> bool:
        """Keep a file, unless it is here or larger than the budget; whether it was written."""
        size = sum(len(part) for part in parts)
        if size > self._budget or path.exists():
            return False
        unfinished = self.unfinished(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for part in parts:
                    file.write(part)
            self.finish(unfinished, path)
        except OSError as error:
            log.info("nothing is kept in %s: %s", self.folder, error)
            self.remove(unfinished)
            return False
        return True

    def unfinished(self, path: Path) -> Path:
        """A name of its own under which a file may grow; :meth:`finish` gives it its name."""
        return path.with_name(f"{path.stem}.{uuid.uuid4().hex}.part")

    def finish(self, unfinished: Path, path: Path) -> None:
        """Give a whole file its name, and keep the folder within its budget; raises ``OSError``."""
        size = unfinished.stat().st_size
        unfinished.replace(path)
        if self._bytes is not None:
            self._bytes += size
        if self._bytes is None or self._bytes > self._budget:
            self._prune(path)

    def _prune(self, newest: Path) -> None:
        """Count what is here; remove what dead processes left, and the oldest files down to nine tenths."""
        found: list[tuple[int, int, Path]] = []
        now = time.time()
        for entry in os.scandir(self.folder):
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                about = entry.stat()
                if entry.name.endswith(self._ending):
                    found.append((about.st_mtime_ns, about.st_size, Path(entry.path)))
                elif now - about.st_mtime > _ABANDONED_SECONDS:
                    os.unlink(entry.path)
        total = sum(size for _, size, _ in found)
        if total > self._budget:
            for _, size, path in sorted(found):
                if total <= 0.9 * self._budget:
                    break
                if path != newest:
                    self.remove(path)
                    total -= size
        self._bytes = total
