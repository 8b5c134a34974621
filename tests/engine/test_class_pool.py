"""A pool of threads with two classes."""

from __future__ import annotations

import threading
import time

import pytest

from jianwei.engine.class_pool import ClassPool


def long(gate: threading.Event) -> None:
    gate.wait(10)


def test_interactive_jobs_overtake_batch_jobs_and_each_class_keeps_its_order() -> None:
    pool, gate, done = ClassPool(1, "test"), threading.Event(), []
    pool.submit(lambda: long(gate))
    for number in range(3):
        pool.submit(lambda number=number: done.append(f"batch {number}"), "batch")
    for number in range(2):
        pool.submit(lambda number=number: done.append(f"interactive {number}"))
    gate.set()
    pool.close(drop=False)
    assert done == ["interactive 0", "interactive 1", "batch 0", "batch 1", "batch 2"]


def test_long_batch_jobs_leave_a_thread_to_who_waits() -> None:
    pool, gate, came = ClassPool(2, "test", kept=1), threading.Event(), threading.Event()
    begun: list[int] = []

    def long(number: int) -> None:
        begun.append(number)
        gate.wait(10)

    for number in range(4):
        pool.submit(lambda number=number: long(number), "batch")
    pool.submit(came.set)
    assert came.wait(10)
    time.sleep(0.05)
    assert begun == [0]
    gate.set()
    pool.close(drop=False)
    assert begun == [0, 1, 2, 3]


def test_a_job_that_fails_takes_no_thread_with_it() -> None:
    pool, came = ClassPool(1, "test"), threading.Event()

    def fail() -> None:
        raise RuntimeError("a job's own error")

    pool.submit(fail, "batch")
    pool.submit(came.set, "batch")
    assert came.wait(10)
    pool.close(drop=True)
    with pytest.raises(RuntimeError):
        pool.submit(fail)


def test_closing_can_drop_what_is_queued() -> None:
    pool, gate, begun, done = ClassPool(1, "test"), threading.Event(), threading.Event(), []

    def long() -> None:
        begun.set()
        gate.wait(10)

    pool.submit(long)
    pool.submit(lambda: done.append(1))
    assert begun.wait(10)
    closing = threading.Thread(target=lambda: pool.close(drop=True))
    closing.start()
    time.sleep(0.05)
    gate.set()
    closing.join(10)
    assert not closing.is_alive()
    assert done == []
