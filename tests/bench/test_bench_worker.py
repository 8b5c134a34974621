from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jianwei.bench.worker import Worker, WorkerFailure, anonymous_megabytes, picture, random_tokens

MODULE = """
import os, sys
from jianwei.bench.worker import serve

def add(a, b):
    return {"sum": a + b}

def shout():
    os.write(1, b"noise from native code\\n")
    print("more noise")
    return {"ok": True}

def fail():
    raise ValueError("no such weight")

def die():
    print("out of luck", file=sys.stderr, flush=True)
    os._exit(3)

serve({"add": add, "shout": shout, "fail": fail, "die": die})
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    (tmp_path / "worker_under_test.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with Worker("worker_under_test") as worker:
        yield worker


def test_actions_are_done_one_after_another(worker: Worker) -> None:
    assert worker.ask("add", a=1, b=2) == {"sum": 3}
    assert worker.ask("add", a=3, b=4) == {"sum": 7}


def test_what_native_code_prints_does_not_spoil_the_answers(worker: Worker) -> None:
    assert worker.ask("shout") == {"ok": True}
    assert worker.ask("add", a=1, b=1) == {"sum": 2}


def test_a_failed_action_is_told_and_the_next_one_works(worker: Worker) -> None:
    with pytest.raises(WorkerFailure, match="ValueError: no such weight"):
        worker.ask("fail")
    assert worker.ask("add", a=1, b=1) == {"sum": 2}


def test_a_dead_process_leaves_its_last_words(worker: Worker) -> None:
    with pytest.raises(WorkerFailure, match=r"ended \(3\): out of luck"):
        worker.ask("die")
    with pytest.raises(WorkerFailure, match="out of luck"):
        worker.ask("add", a=1, b=1)


def test_a_module_that_is_not_there_is_told() -> None:
    with (
        Worker("jianwei.bench.no_such_module") as worker,
        pytest.raises(WorkerFailure, match="No module named"),
    ):
        worker.ask("load")


def test_pictures_are_of_their_size_and_differ_by_seed() -> None:
    first, again, other = picture(100, 1), picture(100, 1), picture(100, 2)
    assert first.shape == (100, 100, 3)
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert (first != other).mean() > 0.9


def test_prompts_of_two_rounds_share_no_beginning() -> None:
    assert len(random_tokens(300, 1)) == 300
    assert random_tokens(300, 1)[:32] != random_tokens(300, 2)[:32]


def test_memory_grows_with_what_is_held() -> None:
    # What earlier tests used may be given back between the two looks, so there are several.
    for _ in range(20):
        before = anonymous_megabytes()
        held = np.ones(64 << 20, np.uint8)
        grown = anonymous_megabytes() - before
        assert held[0]
        del held
        if grown > 50:
            return
        time.sleep(0.5)
    pytest.fail("64 MB were held and never seen")
