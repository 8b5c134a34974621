"""Where the engine gets a picture's visual tokens: from memory, from disk, or from the vision tower.

    want ──► memory? ──► disk (a thread) ──► tower (a thread, beside the decoder) ──► deliver
                              └── found ──────────────────────────────────────────────► deliver

What somebody waits for overtakes batch work in both threads, also when it was queued as batch work before; what
nobody waits for any more is not begun.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from jianwei.engine.class_pool import ClassPool
from jianwei.engine.picture_cache import PictureCache
from jianwei.engine.picture_files import PictureFiles
from jianwei.model.preprocess import PatchedImage
from jianwei.model.vision import VisualTokens
from jianwei.types import Priority

log = logging.getLogger(__name__)


class TowerLike(Protocol):
    """What the engine needs of a vision tower (``model.vision.VisionTower``)."""

    def encode(self, picture: PatchedImage) -> VisualTokens:
        """Visual tokens of one picture."""
        ...


@dataclass(frozen=True)
class Delivery:
    """A picture's visual tokens.

    Attributes:
        digest: of the picture as the model sees it.
        tokens: None: the tower failed.
        tower_seconds: how long the tower took; None: it did not run.
    """

    digest: str
    tokens: VisualTokens | None
    tower_seconds: float | None


@dataclass
class _Wanted:
    """A picture on its way; ``stage`` is what it waits for, or ``busy`` until it has arrived."""

    picture: PatchedImage
    priority: Priority
    stage: Literal["disk", "tower", "busy"]


class PictureSource:
    """Gets visual tokens and keeps them. ``get``, ``want``, ``unwant`` and ``arrived`` are for one thread."""

    def __init__(
        self,
        tower: TowerLike,
        memory_bytes: int,
        files: PictureFiles | None,
        deliver: Callable[[Delivery], None],
    ) -> None:
        """Start the threads.

        Args:
            tower: the vision tower.
            memory_bytes: budget for embeddings in memory.
            files: those on disk; None: none are kept there.
            deliver: called from other threads; hands the delivery to the one thread, for :meth:`arrived`.
        """
        self.cache = PictureCache(memory_bytes)
        self._tower = tower
        self._files = files
        self._deliver = deliver
        self._wanted: dict[str, _Wanted] = {}
        self._lock = threading.Lock()
        self._tower_pool = ClassPool(1, "jianwei-vision")
        self._disk_pool = ClassPool(1, "jianwei-picture-files")

    def get(self, digest: str) -> VisualTokens | None:
        """The tokens of a picture, if they are in memory."""
        return self.cache.get(digest)

    def want(self, picture: PatchedImage, priority: Priority) -> None:
        """Have a picture delivered, once, however often it is wanted until then."""
        with self._lock:
            wanted = self._wanted.get(picture.digest)
            if wanted is None:
                stage = "disk" if self._files else "tower"
                wanted = self._wanted[picture.digest] = _Wanted(picture, priority, stage)
            elif wanted.stage == "busy" or priority in (wanted.priority, "batch"):
                return
            wanted.priority = priority
            self._queue(wanted)

    def unwant(self, digest: str) -> None:
        """Nobody waits for this picture any more; what is being done is done to its end."""
        with self._lock:
            wanted = self._wanted.get(digest)
            if wanted and wanted.stage != "busy":
                del self._wanted[digest]

    def arrived(self, delivery: Delivery) -> None:
        """Keep what was delivered in memory."""
        with self._lock:
            self._wanted.pop(delivery.digest, None)
        if delivery.tokens is not None:
            self.cache.put(delivery.digest, delivery.tokens)

    def close(self) -> None:
        """Wait for what is being done and written; the rest is dropped."""
        with self._lock:
            self._wanted = {d: wanted for d, wanted in self._wanted.items() if wanted.stage == "busy"}
        self._tower_pool.close(drop=True)
        self._disk_pool.close(drop=False)

    def stats(self) -> dict[str, float]:
        """Gauges and totals, by name."""
        files = self._files
        return {
            "pictures_cached": len(self.cache),
            "pictures_cached_bytes": self.cache.n_bytes,
            "pictures_from_disk_total": files.read_total if files else 0,
            "picture_files_damaged_total": files.damaged_total if files else 0,
        }

    def _queue(self, wanted: _Wanted) -> None:
        """With the lock held. Queued twice where its class has changed: the first to come takes it."""
        digest = wanted.picture.digest
        if wanted.stage == "disk":
            self._disk_pool.submit(lambda: self._read(digest), wanted.priority)
        else:
            self._tower_pool.submit(lambda: self._encode(digest), wanted.priority)

    def _take(self, digest: str, stage: Literal["disk", "tower"]) -> _Wanted | None:
        """Begin with a picture, unless another job has or nobody wants it."""
        with self._lock:
            wanted = self._wanted.get(digest)
            if wanted is None or wanted.stage != stage:
                return None
            wanted.stage = "busy"
            return wanted

    def _read(self, digest: str) -> None:
        """In the disk's thread."""
        wanted = self._take(digest, "disk")
        if wanted is None or self._files is None:
            return
        tokens = self._files.get(digest)
        if tokens is not None:
            self._deliver(Delivery(digest, tokens, None))
            return
        with self._lock, contextlib.suppress(RuntimeError):  # the engine closes
            wanted.stage = "tower"
            self._queue(wanted)

    def _encode(self, digest: str) -> None:
        """In the tower's thread."""
        wanted = self._take(digest, "tower")
        if wanted is None:
            return
        start = time.perf_counter()
        tokens = None
        try:
            tokens = self._tower.encode(wanted.picture)
        except Exception:
            log.exception("the vision tower failed")
        seconds = time.perf_counter() - start
        self._deliver(Delivery(digest, tokens, seconds))
        files = self._files
        if tokens is not None and files is not None:
            self._disk_pool.submit(lambda: files.put(digest, tokens), "batch")
