"""Fetching a model's files: two sources, resumed, verified, atomic, safe when two do it at once.

A file grows as ``<name>.part`` and gets its name only when its size and SHA-256 are the catalogue's; so a
file under its final name is always whole. Whoever holds ``<folder>/.lock`` writes; others wait and then
find the work done. A part is kept through errors, Ctrl-C and crashes, and goes on from either source: both
hold the same bytes, and the hash at the end settles it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import filelock
import httpx

from jianwei.errors import InputError, ModelFileError, Phrase, RequestError
from jianwei.hub.catalogue import CATALOGUE, CatalogueEntry, ModelFile, ModelPaths, part_of
from jianwei.hub.transfer import PartialFile, TransferError, fetch_rest, open_client

if TYPE_CHECKING:
    from jianwei.config import Settings

Source = Literal["huggingface", "modelscope"]
SOURCES: tuple[Source, ...] = ("huggingface", "modelscope")
State = Literal["waiting", "checking", "downloading", "retrying", "done"]

ATTEMPTS = 5
"""Failures in a row after which a source is given up; bytes that arrive start the count again."""
BACKOFF_SECONDS = 1.0
"""Wait after every source has failed once; doubles each round."""
PROGRESS_WORTH_A_RETRY = 2**20
"""Bytes a connection must have brought for its end not to count as a failure."""
DISK_MARGIN = 64 * 2**20
"""Bytes that must stay free on the disk."""
LOCK_POLL_SECONDS = 0.2

_DAMAGED = Phrase("it arrived damaged", "收到的文件已损坏")


@dataclass(frozen=True)
class Progress:
    """How far a pull is.

    Attributes:
        file: name of the file in hand.
        state: ``waiting`` for another pull, ``checking`` what is here already, ``downloading``,
        ``retrying`` after
            a failure, ``done`` with this file.
        source: where it comes from.
        received, size: bytes of this file so far, and in all.
        all_received, all_size: the same over all files of the model.
        reason: why it is retried.
    """

    file: str
    state: State
    source: Source | None
    received: int
    size: int
    all_received: int
    all_size: int
    reason: Phrase | None = None


ProgressCallback = Callable[[Progress], None]


def pull(
    name: str,
    settings: Settings,
    *,
    source: Literal["auto", "huggingface", "modelscope"] = "auto",
    progress: ProgressCallback | None = None,
) -> ModelPaths:
    """Fetch a model of the catalogue, or what is missing of it.

    Args:
        name: in the catalogue.
        settings: where models lie, and the addresses of the sources. Proxies come from the environment
            (``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).
        source: one of them only, or ``auto``: Hugging Face, and ModelScope whenever that fails.
        progress: called often, from this thread. An exception it raises ends the pull; what has arrived
        stays.

    Returns:
        Where the files are now.

    Raises:
        RequestError: ``unknown_model``.
        InputError: ``bad_value`` for ``source``.
        ModelFileError: ``download_failed``, ``download_corrupt``, ``disk_full``, or ``builtin_missing``.
    """
    entry = CATALOGUE.get(name)
    if entry is None:
        raise RequestError("unknown_model", name=name)
    if entry.builtin:
        if not entry.is_here(settings):
            raise ModelFileError("builtin_missing")
        return entry.paths(settings)
    if source not in ("auto", *SOURCES):
        reason = Phrase("it must be auto, huggingface or modelscope", "应为 auto、huggingface 或 modelscope")
        raise InputError("bad_value", name="source", got=source, reason=reason)
    paths = entry.paths(settings)
    if not entry.is_here(settings):
        sources: tuple[Source, ...] = SOURCES if source == "auto" else (source,)
        job = _Pull(entry, settings, sources, progress or _ignore)
        with _file_errors(entry, paths):
            job.run(paths)
    return paths


def file_url(entry: CatalogueEntry, file: ModelFile, source: Source, settings: Settings) -> str:
    """The address of a file at a source.

    Hugging Face: ``{endpoint}/{repository}/resolve/{commit}/{file}``. ModelScope:
    ``{endpoint}/models/{repository}/resolve/master/{file}``.
    """
    if source == "huggingface":
        base, revision = f"{settings.hf_endpoint.rstrip('/')}/{entry.repository}", entry.revision
    else:
        base, revision = f"{settings.modelscope_endpoint.rstrip('/')}/models/{entry.repository}", "master"
    return f"{base}/resolve/{revision}/{file.name}"


class _Pull:
    """One pull of one model."""

    def __init__(
        self,
        entry: CatalogueEntry,
        settings: Settings,
        sources: tuple[Source, ...],
        progress: ProgressCallback,
    ) -> None:
        self._entry = entry
        self._settings = settings
        self._sources: tuple[Source, ...] = sources
        self._progress = progress
        self._before = 0  # bytes of this model's files that are finished

    def run(self, paths: ModelPaths) -> None:
        """Fetch the files that are missing, one after the other."""
        folder = paths.language.parent
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock(folder):
            _check_space(folder, _missing(self._entry, paths))
            with _client(self._entry) as client:
                for file, path in zip(self._entry.files, (paths.language, paths.vision), strict=True):
                    if _size(path) != file.size:
                        self._fetch(client, file, path)
                    self._before += file.size
                    self._tell(file, "done", None, file.size)

    @contextlib.contextmanager
    def _lock(self, folder: Path) -> Generator[None]:
        """Hold the folder's lock; while another pull holds it, wait (its holder's death frees it)."""
        lock = filelock.FileLock(folder / ".lock")
        while True:
            try:
                lock.acquire(timeout=LOCK_POLL_SECONDS)
                break
            except filelock.Timeout:
                self._tell(self._entry.files[0], "waiting", None, 0)
        try:
            yield
        finally:
            lock.release()

    def _fetch(self, client: httpx.Client, file: ModelFile, path: Path) -> None:
        """Bring ``file`` to ``path`` from whichever source works; the one that did goes first next time."""
        part = part_of(path)
        turn: list[Source] = [*self._sources]
        failures: dict[Source, int] = dict.fromkeys(turn, 0)
        reasons: dict[Source, Phrase] = {}
        rounds = 0
        while turn:
            source = turn[0]
            try:
                self._attempt(client, source, file, part)
            except TransferError as error:
                reasons[source] = error.reason
                # Where much has arrived, it works, only not for long: go on there, else take turns.
                failures[source] = 0 if error.received >= PROGRESS_WORTH_A_RETRY else failures[source] + 1
                if failures[source] > 0:
                    turn.append(turn.pop(0))
                if error.final or failures[source] >= ATTEMPTS:
                    turn.remove(source)
                self._tell(file, "retrying", source, _size(part), error.reason)
            else:
                os.replace(part, path)
                self._sources = (source, *(other for other in self._sources if other != source))
                return
            if turn and min(failures[other] for other in turn) > rounds:
                time.sleep(BACKOFF_SECONDS * 2**rounds)
                rounds += 1
        if set(reasons.values()) == {_DAMAGED}:
            raise ModelFileError("download_corrupt", name=file.name, what="SHA-256")
        every = Phrase(*("; ".join(dict.fromkeys(words)) for words in zip(*reasons.values(), strict=True)))
        raise ModelFileError("download_failed", name=file.name, reason=every)

    def _attempt(self, client: httpx.Client, source: Source, file: ModelFile, part: Path) -> None:
        """Bring ``part`` to its full size from ``source`` and check its hash; a wrong one is removed.

        A part that was begun earlier may be the culprit, so then the whole file is fetched anew, once.

        Raises:
            TransferError: it could not be brought to its full size, or is damaged.
        """
        begun = True
        while begun:
            with PartialFile(part, file, lambda done: self._tell(file, "checking", None, done)) as growing:
                begun = growing.size > 0
                if growing.size < file.size:
                    self._tell(file, "downloading", source, growing.size)
                    url = file_url(self._entry, file, source, self._settings)
                    told = functools.partial(self._tell, file, "downloading", source)
                    fetch_rest(client, url, file, growing, told)
                if growing.verify():
                    return
            part.unlink()
        raise TransferError(_DAMAGED, final=True)

    def _tell(
        self,
        file: ModelFile,
        state: State,
        source: Source | None,
        received: int,
        reason: Phrase | None = None,
    ) -> None:
        so_far = self._before if state == "done" else self._before + received
        all_size = self._entry.download_size
        self._progress(Progress(file.name, state, source, received, file.size, so_far, all_size, reason))


def _client(entry: CatalogueEntry) -> httpx.Client:
    try:
        return open_client()
    except TransferError as error:
        raise ModelFileError("download_failed", name=entry.name, reason=error.reason) from error


@contextlib.contextmanager
def _file_errors(entry: CatalogueEntry, paths: ModelPaths) -> Generator[None]:
    """What the file system refuses, as errors of ours."""
    try:
        yield
    except BrokenPipeError:  # from the caller's progress, whose output has gone
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(paths.language.parent, _missing(entry, paths)) from error
        reason = Phrase("its folder cannot be written", "无法写入模型文件夹")
        raise ModelFileError("download_failed", name=entry.name, reason=reason) from error


def _missing(entry: CatalogueEntry, paths: ModelPaths) -> int:
    """Bytes that are still to come."""
    pairs = zip(entry.files, (paths.language, paths.vision), strict=True)
    return sum(max(0, file.size - max(_size(path), _size(part_of(path)))) for file, path in pairs)


def _check_space(folder: Path, missing: int) -> None:
    if shutil.disk_usage(folder).free < missing + DISK_MARGIN:
        raise _disk_full(folder, missing)


def _disk_full(folder: Path, missing: int) -> ModelFileError:
    free, needed = shutil.disk_usage(folder).free, missing + DISK_MARGIN
    return ModelFileError("disk_full", got=f"{free / 2**30:.2f} GB", limit=f"{needed / 2**30:.2f} GB")


def _size(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    return path.stat().st_size if path.is_file() else 0


def _ignore(_: Progress) -> None:
    return
