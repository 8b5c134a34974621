"""``llama-server`` as the peer: what it is started with and asked, with a program that only speaks like it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from test_random_model import TINY

from jianwei.bench.main import run
from jianwei.bench.measure import Unmeasured
from jianwei.bench.random_model import random_pair
from jianwei.bench.sides import PEER, Sides
from jianwei.bench.worker import FIRST_QUESTION, INSTRUCTION, SECOND_QUESTION, Worker, WorkerFailure
from jianwei.config import Settings
from jianwei.hub import ModelPaths

PROGRAM = """#!{python}
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = open({log!r}, "a")
if "broken" in sys.argv[2]:
    sys.exit("no such model")

def note(what):
    asked.write(json.dumps(what) + "\\n")
    asked.flush()

class Handler(BaseHTTPRequestHandler):
    def log_message(self, *words): pass

    def answer(self, code, value):
        data = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer(200 if time.monotonic() > ready else 503, {{}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        note([self.path, body])
        if self.path == "/completion":
            return self.answer(200, {{"timings": {{"predicted_ms": 50.0 * (body["n_predict"] - 1)}}}})
        if len(str(body)) > 200_000:
            return self.answer(400, {{"error": "too large"}})
        self.answer(200, {{"choices": [{{"message": {{"content": "said"}}}}]}})

note(sys.argv[1:])
ready = time.monotonic() + 0.2
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


class Talk:
    """A worker, and what its server was told."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "asked.jsonl"
        self.program = folder / "llama-server"
        self.program.write_text(PROGRAM.format(python=sys.executable, log=str(self._log)))
        self.program.chmod(0o755)
        self.worker = Worker("jianwei.bench.peer_server")

    def load(self, language: str = "language.gguf") -> dict[str, Any]:
        return self.worker.ask(
            "load", language=language, vision="vision.gguf", threads=2, program=str(self.program)
        )

    @property
    def asked(self) -> list[Any]:
        return [json.loads(line) for line in self._log.read_text().splitlines()]


@pytest.fixture
def talk(tmp_path: Path) -> Any:
    talk = Talk(tmp_path)
    yield talk
    talk.worker.close()


def test_it_is_started_with_the_peers_means_and_waited_for(talk: Talk) -> None:
    assert talk.load() == {}
    words = talk.asked[0]
    options = dict(zip(words[::2], words[1::2], strict=False))
    assert (options["--model"], options["--mmproj"]) == ("language.gguf", "vision.gguf")
    assert (options["--threads"], options["--flash-attn"], options["--parallel"]) == ("2", "on", "1")


def test_prompts_are_new_each_time_and_decoding_is_what_the_server_counts(talk: Talk) -> None:
    talk.load()
    assert talk.worker.ask("prefill", tokens=30, seed=1)["seconds"] > 0
    assert talk.worker.ask("decode", context=50, steps=4, seed=1) == {"seconds": 0.05}
    (_, (path, prefill), (_, decode)) = talk.asked
    assert (path, len(prefill["prompt"]), prefill["n_predict"]) == ("/completion", 30, 1)
    assert (prefill["cache_prompt"], decode["cache_prompt"], decode["ignore_eos"]) == (False, False, True)
    assert prefill["prompt"] != decode["prompt"][:30]


def test_a_second_question_shows_the_same_picture(talk: Talk) -> None:
    talk.load()
    talk.worker.ask("first_question", side=64, seed=3)
    talk.worker.ask("second_question", side=64, seed=3)
    pictures, questions = zip(*(_parts(body["messages"][0]) for _, body in talk.asked[1:]), strict=True)
    assert questions == (FIRST_QUESTION, SECOND_QUESTION)
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith("data:image/png;base64,")


def test_many_at_once_decode_in_slots_of_their_own_after_their_prompts(talk: Talk) -> None:
    talk.load()
    assert talk.worker.ask("together", sequences=3, context=20, steps=4, seed=1)["rate"] == pytest.approx(60)
    words = talk.asked[1]
    assert (words[words.index("--parallel") + 1], "--mmproj" in words) == ("3", False)
    bodies = [body for _, body in talk.asked[2:]]
    assert [body["n_predict"] for body in bodies] == [1, 1, 1, 5, 5, 5]
    assert [body["id_slot"] for body in bodies[:3]] == [0, 1, 2]
    assert sorted(str(body["prompt"]) for body in bodies[:3]) == sorted(
        str(body["prompt"]) for body in bodies[3:]
    )


def test_photos_of_a_batch_come_after_one_instruction(talk: Talk) -> None:
    talk.load()
    assert talk.worker.ask("batch", count=2, side=64, answer=3, seed=1)["rate"] > 0
    bodies = [body for _, body in talk.asked[1:]]
    assert [body["messages"][0]["content"] for body in bodies] == [INSTRUCTION] * 2
    assert _parts(bodies[0]["messages"][1])[0] != _parts(bodies[1]["messages"][1])[0]


def test_rounds_are_one_conversation_and_its_process_is_watched(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.load()
    rounds = talk.worker.ask("rounds", count=3, side=64, answer=3, seed=1)
    assert 0 < rounds["steady"] <= rounds["most"] + 1
    assert talk.worker.ask("memory")["megabytes"] < 200
    roles = [[message["role"] for message in body["messages"]] for _, body in talk.asked[1:]]
    assert roles == [
        ["user"],
        ["user", "assistant", "user"],
        ["user", "assistant", "user", "assistant", "user"],
    ]


def test_what_goes_wrong_is_told(talk: Talk) -> None:
    with pytest.raises(WorkerFailure, match="nothing is loaded"):
        talk.worker.ask("prefill", tokens=3, seed=1)
    with pytest.raises(WorkerFailure, match="llama-server ended: no such model"):
        talk.load("broken.gguf")
    talk.load()
    with pytest.raises(WorkerFailure, match="vision tower alone"):
        talk.worker.ask("vision", side=64, seed=1)
    with pytest.raises(WorkerFailure, match="answered 400"):
        talk.worker.ask("first_question", side=512, seed=1)


def test_its_process_ends_with_the_worker_that_is_killed(talk: Talk) -> None:
    talk.load()
    (server,) = psutil.Process(talk.worker._process.pid).children()
    talk.worker._kill()
    assert psutil.wait_procs([server], 10)[1] == []


@pytest.mark.e2e
def test_it_is_the_peer_of_a_run(talk: Talk, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    models = tmp_path / "models"
    random_pair(models, TINY)
    settings = Settings(language="en", threads=2)
    asked = {"quick": True, "models": models, "only": "prefill", "as_json_line": True}
    assert run(**asked, server=talk.program, settings=settings) == 0
    output = capfd.readouterr().out
    (row,) = json.loads(output.splitlines()[-1])["rows"]
    assert row["peer"] > 0
    assert "The peer is llama-server" in " ".join(output.split())


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    pair = ModelPaths(tmp_path / "language.gguf", tmp_path / "mmproj.gguf")
    with pytest.raises(Unmeasured, match="there is no llama-server"):
        Sides(pair, 2, server=tmp_path / "none").ask(PEER, "prefill", tokens=3, seed=1)


def _parts(message: dict[str, Any]) -> tuple[str, str]:
    """The picture and the question of a message."""
    picture, text = message["content"]
    return picture["image_url"]["url"], text["text"]
