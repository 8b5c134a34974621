"""A service for the tests of the engine process: does what the question tells it to."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from jianwei.errors import EngineError, InputError, ModelFileError
from jianwei.types import Chunk, Completion, ModelCard, Timings, Usage

CARD = ModelCard("toy", "Toy", 1, 100, True, False)


class Unpicklable(InputError):
    """An error that cannot cross a pipe."""

    def __reduce__(self):
        raise TypeError("cannot be pickled")


class ToyService:
    """Answers on threads of its own, one a request."""

    def __init__(self, load: str = "", marker: str = "") -> None:
        self.card = CARD
        self._marker = Path(marker)
        self._cancelled: dict[str, threading.Event] = {}
        self._closed = threading.Event()
        self._arrays: list[int] = []
        if load == "model file":
            raise ModelFileError("model_not_gguf", name="toy.gguf")
        if load == "exception":
            raise RuntimeError("secret detail of ours")
        if load == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if load == "hang":
            time.sleep(600)
        if load == "fail when marked" and self._marker.exists():
            raise ModelFileError("model_not_gguf", name="toy.gguf")
        if load == "crash when marked" and self._marker.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if load == "slow when marked" and self._marker.exists():
            time.sleep(0.7)

    def submit(self, request, on_event):
        command = request.messages[-1].text
        if command == "raise":
            raise RuntimeError("secret detail of ours")
        if command == "refuse":
            raise InputError("empty_query")
        if command == "no memory":
            raise MemoryError
        stop = self._cancelled[request.id] = threading.Event()
        threading.Thread(target=self._answer, args=(request, command, on_event, stop), daemon=True).start()

    def _answer(self, request, command, on_event, stop):
        def say(text):
            on_event(Chunk(request.id, text))

        def end(text, reason="stop"):
            completion = Completion(text, reason, CARD.name, Usage(), Timings())
            on_event(Chunk(request.id, "", completion))

        def wait():
            while not stop.is_set() and not self._closed.is_set():
                time.sleep(0.002)

        verb, _, rest = command.partition(":")
        if verb == "say":
            for word in rest.split():
                say(word)
            end("".join(rest.split()))
        elif verb == "hang":  # silent until cancelled
            wait()
            end("", "cancelled")
        elif verb == "stream":  # one piece, then silent until cancelled
            say("piece")
            wait()
            end("piece", "cancelled")
        elif verb == "say when marked":
            while not self._marker.exists():
                time.sleep(0.002)
            say("fine")
            end("fine")
        elif verb == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif verb == "die once":
            if not self._marker.exists():
                self._marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            say("alive")
            end("alive")
        elif verb == "say and die":
            say("piece")
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
        elif verb == "look":  # what arrived of the pictures
            images = [image for message in request.messages for image in message.images]
            end(";".join(f"{image.name}/{image.digest}/{int(image.pixels.sum())}" for image in images))
        elif verb == "same":  # are the pixels of two requests one array?
            self._arrays += [id(image.pixels) for message in request.messages for image in message.images]
            say("kept")
            wait()
            end(str(len(set(self._arrays))), "cancelled")
        elif verb == "env":
            name = Path("/proc/self/comm").read_text().strip()
            end(f"{os.getpid()} {name} {signal.getsignal(signal.SIGINT) == signal.SIG_IGN}")
        elif verb == "error":
            on_event(EngineError("out_of_memory"))
        elif verb == "unpicklable":
            on_event(Unpicklable("empty_query"))

    def cancel(self, request_id):
        if request_id in self._cancelled:
            self._cancelled[request_id].set()

    def stats(self):
        return {"submitted": float(len(self._cancelled))}

    def close(self):
        self._closed.set()
        time.sleep(0.05)


class StubbornService(ToyService):
    """Never closes."""

    def close(self):
        time.sleep(600)


class MuteService(ToyService):
    """Takes long to tell its figures."""

    def stats(self):
        time.sleep(600)
        return {}
