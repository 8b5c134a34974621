"""What a server may rely on when the engine lives, and dies, in a process of its own."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from jianwei.engine import worker, worker_wire
from jianwei.engine.worker import EngineProcess
from jianwei.errors import EngineError, JianweiError, ModelFileError
from jianwei.types import ChatRequest, Chunk, Image, ImagePart, Message, TextPart, Video, VideoPart

PATIENCE = 30.0
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc and /dev/shm")


def ask(request_id: str, command: str, *images: Image) -> ChatRequest:
    parts = (*(ImagePart(image) for image in images), TextPart(command))
    return ChatRequest(request_id, (Message("user", parts),))


def picture(seed: int, height: int = 300, width: int = 200, name: str = "photo.jpg") -> Image:
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), name)


class Answer:
    """Collects the events of one request."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Chunk | JianweiError] = queue.SimpleQueue()

    def __call__(self, event: Chunk | JianweiError) -> None:
        self._events.put(event)

    def next(self) -> Chunk | JianweiError:
        return self._events.get(timeout=PATIENCE)

    def last(self) -> Chunk | JianweiError:
        """Wait for the end."""
        while True:
            event = self.next()
            if isinstance(event, JianweiError) or event.completion is not None:
                return event

    def text(self) -> str:
        event = self.last()
        assert isinstance(event, Chunk), event
        assert event.completion is not None
        return event.completion.text

    def code(self) -> str:
        event = self.last()
        assert isinstance(event, JianweiError), event
        return event.code

    @property
    def silent(self) -> bool:
        return self._events.empty()


def begin(engine: EngineProcess, request_id: str, command: str, *images: Image) -> Answer:
    answer = Answer()
    engine.submit(ask(request_id, command, *images), answer)
    return answer


def segments() -> set[str]:
    return {path.name for path in Path("/dev/shm").glob(worker_wire.SEGMENT_PREFIX + "*")}


def eventually(condition) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture(scope="module")
def shared():
    """One process for the tests that do not end it."""
    engine = EngineProcess("toy_service:ToyService")
    engine.start()
    engine.wait_ready(PATIENCE)
    yield engine
    engine.close()


@pytest.fixture
def run():
    """Starts processes and closes them after the test."""
    engines: list[EngineProcess] = []

    def start(load: str = "", marker: Path | str = "", name: str = "ToyService") -> EngineProcess:
        engine = EngineProcess(f"toy_service:{name}", (load,), {"marker": str(marker)})
        engines.append(engine)
        engine.start()
        return engine

    yield start
    for engine in engines:
        engine.close(timeout=1.0)


# Answers


def test_an_answer_comes_in_pieces_and_ends_once(shared):
    answer = begin(shared, "a", "say:one two three")
    assert [answer.next().text for _ in range(3)] == ["one", "two", "three"]
    assert answer.next().completion.text == "onetwothree"
    begin(shared, "a", "say:again").last()  # the id may be used again
    assert answer.silent


def test_card_and_state_are_known_once_ready(shared):
    assert shared.state == "ready"
    assert shared.card.name == "toy"
    assert shared.error is None


def test_answers_run_beside_each_other(shared):
    waiting = begin(shared, "slow", "stream")
    waiting.next()
    assert begin(shared, "quick", "say:done").text() == "done"
    shared.cancel("slow")
    assert waiting.last().completion.finish_reason == "cancelled"


def test_cancel_of_an_unknown_id_does_nothing(shared):
    shared.cancel("nobody")
    assert begin(shared, "b", "say:fine").text() == "fine"


def test_two_requests_of_one_id_are_refused(shared):
    first = begin(shared, "twin", "hang")
    with pytest.raises(ValueError, match="twin"):
        shared.submit(ask("twin", "say:x"), Answer())
    shared.cancel("twin")
    first.last()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("refuse", "empty_query"),
        ("raise", "engine_failed"),
        ("no memory", "out_of_memory"),
        ("error", "out_of_memory"),
        ("unpicklable", "engine_failed"),
    ],
)
def test_errors_of_the_service_arrive_as_errors_of_ours(shared, command, code):
    answer = begin(shared, "e", command)
    event = answer.last()
    assert isinstance(event, JianweiError)
    assert event.code == code
    assert "secret" not in str(event)
    assert begin(shared, "after", "say:fine").text() == "fine"


def test_a_callback_may_call_back_and_even_fail(shared):
    answer = Answer()

    def on_event(event):
        shared.stats(timeout=5.0)
        shared.cancel("nobody")
        shared.submit(ask("inner", "say:inner"), answer)
        raise RuntimeError("of the caller")

    shared.submit(ask("outer", "refuse"), on_event)
    assert answer.text() == "inner"


def test_many_threads_may_ask_at_once(shared):
    texts: dict[int, str] = {}

    def one(number):
        image = picture(number % 3)
        told = begin(shared, f"t{number}", "look", image).text()
        texts[number] = told
        assert image.digest in told

    threads = [threading.Thread(target=one, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(texts) == 24


def test_stats_are_the_services_and_count_restarts(shared):
    begin(shared, "s", "say:x").last()
    assert shared.stats(PATIENCE)["submitted"] >= 1
    assert shared.stats()["engine_restarts_total"] == 0


# Pictures


@pytest.mark.parametrize("shape", [(300, 200), (1000, 700), (3, 5)])
def test_pictures_arrive_as_they_were_sent(shared, shape):
    image = picture(7, *shape, name="小票.jpg")
    told = begin(shared, "p", "look", image).text()
    assert told == f"小票.jpg/{image.digest}/{int(image.pixels.sum())}"


def test_a_picture_cut_from_a_larger_one_arrives_whole(shared):
    view = Image(picture(8, 900, 900).pixels[100:800:2, 50:750, ::-1])
    told = begin(shared, "p", "look", view).text()
    assert told == f"image/{view.digest}/{int(view.pixels.sum())}"


def test_names_belong_to_requests_even_when_pixels_are_shared(shared):
    image = picture(9)
    told = begin(shared, "p", "look", image, Image(image.pixels.copy(), "other.png")).text()
    assert [part.split("/")[0] for part in told.split(";")] == ["photo.jpg", "other.png"]


def test_a_picture_of_two_requests_in_flight_crosses_once(shared):
    first = begin(shared, "one", "same", picture(10))
    first.next()
    second = begin(shared, "two", "same", picture(10))
    second.next()
    shared.cancel("one")
    first.last()
    shared.cancel("two")
    assert second.text() == "1"


def test_frames_of_a_video_cross_too(shared):
    frames = tuple(picture(seed) for seed in range(4))
    message = Message("user", (VideoPart(Video(frames, (0.0, 0.5, 1.0, 1.5))), TextPart("say:seen")))
    answer = Answer()
    shared.submit(ChatRequest("v", (message,)), answer)
    assert answer.text() == "seen"


@linux
def test_shared_memory_is_gone_as_soon_as_it_is_copied(shared):
    before = segments()
    answer = begin(shared, "p", "stream", picture(11, 800, 800))
    answer.next()
    assert eventually(lambda: segments() <= before)
    shared.cancel("p")
    answer.last()


def test_without_shared_memory_pictures_go_through_the_pipe(shared, monkeypatch):
    def no_memory(*args, **kwargs):
        raise OSError("no space")

    monkeypatch.setattr(worker_wire, "SharedMemory", no_memory)
    image = picture(12, 800, 800)
    assert image.digest in begin(shared, "p", "look", image).text()


@linux
def test_a_segment_without_room_behind_it_is_not_used(monkeypatch):
    def full(file, offset, size):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    before = segments()
    parcel, memory = worker_wire.pack_pixels("d", picture(13).pixels)
    assert memory is None
    assert (parcel.unpack() == picture(13).pixels).all()
    assert segments() == before


# Loading


def test_a_request_before_ready_is_told_that_the_model_loads(run):
    engine = run("hang")
    assert engine.state == "loading"
    with pytest.raises(EngineError, match="engine_loading"):
        begin(engine, "a", "say:x")
    with pytest.raises(EngineError, match="engine_loading"):
        engine.wait_ready(0.01)
    with pytest.raises(EngineError, match="engine_loading"):
        _ = engine.card


@pytest.mark.parametrize(
    ("load", "kind", "code"),
    [
        ("model file", ModelFileError, "model_not_gguf"),
        ("exception", EngineError, "engine_failed"),
        ("crash", EngineError, "engine_failed"),
    ],
)
def test_a_model_that_cannot_be_loaded_fails_once_and_says_why(run, load, kind, code):
    engine = run(load)
    with pytest.raises(kind) as caught:
        engine.wait_ready(PATIENCE)
    assert caught.value.code == code
    assert engine.state == "failed"
    assert engine.error is caught.value
    with pytest.raises(kind):
        begin(engine, "a", "say:x")
    assert eventually(lambda: engine.pid is None)
    assert engine.stats()["engine_restarts_total"] == 0


def test_a_factory_that_does_not_exist_is_a_failure_not_a_hang():
    engine = EngineProcess("no_such_module:Service")
    engine.start()
    with pytest.raises(EngineError, match="engine_failed"):
        engine.wait_ready(PATIENCE)
    engine.close()


def test_arguments_that_cannot_be_pickled_are_a_failure_not_a_hang():
    engine = EngineProcess("toy_service:ToyService", (lambda: None,))
    engine.start()
    with pytest.raises(EngineError, match="engine_failed"):
        engine.wait_ready(PATIENCE)
    engine.close()


# Crashes


def test_an_answer_that_had_begun_gets_one_error_and_the_next_is_answered(run):
    engine = run()
    engine.wait_ready(PATIENCE)
    answer = begin(engine, "a", "say and die")
    assert answer.next().text == "piece"
    assert answer.code() == "engine_crashed"
    after = begin(engine, "b", "say:back")
    assert after.text() == "back"
    assert answer.silent
    assert engine.state == "ready"
    assert engine.stats()["engine_restarts_total"] == 1


def test_an_answer_that_had_not_begun_is_asked_again(run, tmp_path):
    engine = run(marker=tmp_path / "marker")
    engine.wait_ready(PATIENCE)
    image = picture(20, 800, 800)
    assert begin(engine, "a", "die once", image).text() == "alive"


def test_a_request_that_kills_the_engine_twice_is_not_asked_a_third_time(run):
    engine = run()
    engine.wait_ready(PATIENCE)
    answer = begin(engine, "a", "die")
    assert answer.code() == "engine_crashed"
    assert begin(engine, "b", "say:back").text() == "back"
    assert engine.stats()["engine_restarts_total"] == 2
    assert answer.silent


def test_a_deadly_request_takes_no_waiting_one_with_it(run, tmp_path):
    marker = tmp_path / "marker"
    engine = run(marker=marker)
    engine.wait_ready(PATIENCE)
    others = [begin(engine, f"other{i}", "say when marked", picture(i % 3)) for i in range(6)]
    deadly = begin(engine, "deadly", "die")
    assert eventually(lambda: engine.stats()["engine_restarts_total"] == 1)
    marker.touch()
    assert deadly.code() == "engine_crashed"
    assert [answer.text() for answer in others] == ["fine"] * 6
    assert engine.stats()["engine_restarts_total"] == 2


def test_killed_from_outside_every_request_ends_exactly_once(run):
    engine = run()
    engine.wait_ready(PATIENCE)
    streaming = [begin(engine, f"s{i}", "stream") for i in range(3)]
    for answer in streaming:
        answer.next()
    silent = begin(engine, "silent", "hang")
    engine.stats(PATIENCE)  # by now it has all four
    os.kill(engine.pid, signal.SIGKILL)
    assert [answer.code() for answer in streaming] == ["engine_crashed"] * 3
    engine.wait_ready(PATIENCE)
    engine.cancel("silent")
    assert silent.last().completion.finish_reason == "cancelled"
    assert all(answer.silent for answer in (*streaming, silent))


def test_a_request_during_the_restart_waits_for_it(run, tmp_path):
    marker = tmp_path / "marker"
    engine = run("slow when marked", marker)
    engine.wait_ready(PATIENCE)
    marker.touch()
    os.kill(engine.pid, signal.SIGKILL)
    assert eventually(lambda: engine.state == "restarting")
    waiting, unwanted = begin(engine, "w", "say:waited"), begin(engine, "u", "say:never")
    engine.cancel("u")
    assert unwanted.last().completion.finish_reason == "cancelled"
    assert engine.state == "restarting"
    assert engine.card.name == "toy"
    assert waiting.text() == "waited"


def test_a_cancelled_answer_stays_cancelled_over_a_crash(run):
    engine = run(name="StubbornService")
    engine.wait_ready(PATIENCE)
    answer = begin(engine, "a", "stream")
    answer.next()
    os.kill(engine.pid, signal.SIGSTOP)
    engine.cancel("a")
    os.kill(engine.pid, signal.SIGKILL)
    completion = answer.last().completion
    assert (completion.finish_reason, completion.text) == ("cancelled", "piece")


def test_when_the_model_cannot_be_loaded_again_those_who_wait_are_told(run, tmp_path):
    marker = tmp_path / "marker"
    engine = run("fail when marked", marker)
    engine.wait_ready(PATIENCE)
    answer = begin(engine, "a", "hang")
    marker.touch()
    os.kill(engine.pid, signal.SIGKILL)
    assert answer.code() == "model_not_gguf"
    assert engine.state == "failed"


def test_an_engine_that_dies_at_every_restart_is_given_up(run, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_MAX_FAILED_STARTS", 2)
    marker = tmp_path / "marker"
    engine = run("crash when marked", marker)
    engine.wait_ready(PATIENCE)
    answer = begin(engine, "a", "hang")
    marker.touch()
    os.kill(engine.pid, signal.SIGKILL)
    assert answer.code() == "engine_failed"
    assert engine.state == "failed"


@linux
def test_a_crash_leaves_no_shared_memory(run):
    before = segments()
    engine = run()
    engine.wait_ready(PATIENCE)
    os.kill(engine.pid, signal.SIGSTOP)  # so that the picture cannot be copied
    answer = begin(engine, "a", "say:seen", picture(30, 800, 800))
    assert eventually(lambda: segments() > before)
    os.kill(engine.pid, signal.SIGKILL)
    assert answer.text() == "seen"
    assert eventually(lambda: segments() <= before)


def test_figures_of_a_busy_engine_are_the_last_known(run):
    engine = run(name="MuteService")
    engine.wait_ready(PATIENCE)
    stats = engine.stats(timeout=0.05)
    assert stats.pop("memory_bytes", 1.0) > 0  # where the system tells
    assert stats == {"engine_restarts_total": 0}


# The end


def test_close_ends_what_is_under_way_as_cancelled(run):
    engine = run()
    engine.wait_ready(PATIENCE)
    answers = [begin(engine, f"a{i}", "stream") for i in range(3)]
    for answer in answers:
        answer.next()
    pid = engine.pid
    engine.close()
    assert [answer.last().completion.finish_reason for answer in answers] == ["cancelled"] * 3
    assert engine.state == "closed"
    assert not psutil.pid_exists(pid)
    with pytest.raises(EngineError):
        begin(engine, "late", "say:x")
    engine.close()


def test_a_service_that_does_not_close_is_killed(run):
    engine = run(name="StubbornService")
    engine.wait_ready(PATIENCE)
    answer, pid = begin(engine, "a", "stream"), engine.pid
    engine.close(timeout=0.3)
    assert answer.code() == "cancelled"
    assert not psutil.pid_exists(pid)


def test_close_while_loading_does_not_wait_for_the_model(run):
    engine = run("hang")
    assert eventually(lambda: engine.pid is not None)
    pid = engine.pid
    engine.close()
    assert not psutil.pid_exists(pid)
    assert engine.state == "closed"


def test_close_before_start_is_allowed():
    EngineProcess("toy_service:ToyService").close()


@linux
def test_the_child_has_a_name_and_leaves_interrupts_to_the_server(shared):
    assert begin(shared, "env", "env").text() == f"{shared.pid} jianwei-engine True"
    os.kill(shared.pid, signal.SIGINT)
    assert begin(shared, "after", "say:alive").text() == "alive"
    assert shared.stats()["engine_restarts_total"] == 0


PARENT = """
import sys, time
sys.path[:0] = {path!r}
from jianwei.engine.worker import EngineProcess
if __name__ == "__main__":
    engine = EngineProcess("toy_service:ToyService", ({load!r},))
    engine.start()
    {wait}
    while engine.pid is None: time.sleep(0.01)
    print(engine.pid, "openvino" in sys.modules, "toy_service" in sys.modules, flush=True)
    {then}
"""


def parent(tmp_path, load="", wait="engine.wait_ready(30)", then="time.sleep(600)"):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(path=[str(Path(__file__).parent)], load=load, wait=wait, then=then))
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    pid, openvino, toy = process.stdout.readline().split()
    return process, int(pid), (openvino, toy)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("load", ["", "hang"])
def test_the_engine_dies_with_the_server(tmp_path, load):
    process, pid, _ = parent(tmp_path, load, wait="" if load else "engine.wait_ready(30)")
    assert psutil.pid_exists(pid)
    process.kill()
    process.wait(PATIENCE)
    process.stdout.close()
    assert eventually(lambda: gone(pid))


def test_a_server_that_just_ends_leaves_no_engine_behind(tmp_path):
    process, pid, imported = parent(tmp_path, then="")
    assert process.wait(PATIENCE) == 0
    process.stdout.close()
    assert eventually(lambda: gone(pid))
    assert imported == ("False", "False"), "the server must not import what only the engine needs"


# Errors cross as they are


def test_an_error_keeps_its_parameters_over_the_pipe(run):
    engine = run("model file")
    with pytest.raises(ModelFileError) as caught:
        engine.wait_ready(PATIENCE)
    assert caught.value.params == {"name": "toy.gguf"}
