"""Threads that do what somebody waits for before what may take its time (``types.Priority``)."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import get_args

from jianwei.types import Priority

log = logging.getLogger(__name__)

Job = Callable[[], None]


class ClassPool:
    """A pool of threads with a queue a class: interactive jobs first, each class in order. Thread-safe."""

    def __init__(self, threads: int, name: str, *, kept: int = 0) -> None:
        """Start the threads.

        Args:
            threads: how many.
            name: of them, for people who look.
            kept: threads that batch jobs never take, so that long ones cannot hold up an interactive one.
        """
        self._batch_limit = max(1, threads - kept)
        self._batch_running = 0
        self._closed = False
        self._changed = threading.Condition()
        self._queues: dict[Priority, deque[Job]] = {priority: deque() for priority in get_args(Priority)}
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{i}", daemon=True) for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job, priority: Priority = "interactive") -> None:
        """Queue a job. It has to handle its own errors; one that does not is logged.

        Raises:
            RuntimeError: the pool is closed.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._queues[priority].append(job)
            self._changed.notify()

    def close(self, *, drop: bool) -> None:
        """Take nothing more and wait for what is being done; ``drop`` what is queued, or do it first."""
        with self._changed:
            self._closed = True
            if drop:
                for queue in self._queues.values():
                    queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                priority = self._next()
                if priority is None:
                    return
                job = self._queues[priority].popleft()
                self._batch_running += priority == "batch"
            try:
                job()
            except Exception:
                log.exception("a job failed")
            del job  # or what it holds would live until the next one
            with self._changed:
                self._batch_running -= priority == "batch"
                self._changed.notify()

    def _next(self) -> Priority | None:
        """The class whose job comes next; None: there is none to do now."""
        for priority, queue in self._queues.items():
            if queue and (priority != "batch" or self._batch_running < self._batch_limit):
                return priority
        return None
