"""Another peer: llama.cpp's own ``llama-server``, asked over HTTP as its users ask it; a process of its own.

It keeps prompts and pictures in its slots by itself, so nothing is helped along here; what HTTP, PNG and its own
template cost is part of its figures, and is some hundredths of a second.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from jianwei.bench.peer_llama import MICRO_BATCH
from jianwei.bench.pictures import draw
from jianwei.bench.watch import MemoryWatch
from jianwei.bench.worker import (
    FIRST_QUESTION,
    INSTRUCTION,
    SECOND_QUESTION,
    actions_of,
    anonymous_megabytes,
    random_tokens,
    serve,
)
from jianwei.media.data_url import png_url

_CONTEXT = 4096
_BATCH = 2048
_READY_SECONDS = 300.0
_LOOK_EVERY = 0.02
_REST = 2.0
"""Seconds without a question before memory is read, as on our side."""


class LlamaServer:
    """A running ``llama-server``.

    Attributes:
        pid: its process.
    """

    def __init__(
        self,
        program: str,
        language: str,
        vision: str | None,
        threads: int,
        *,
        slots: int = 1,
        context: int = _CONTEXT,
    ) -> None:
        """Start it and wait until it can be asked.

        Args:
            program: its path.
            language: GGUF file.
            vision: the other one; None: it is asked about text alone.
            threads: of prompts and of decoding.
            slots: questions that it answers at once.
            context: tokens of each of them.

        Raises:
            RuntimeError: it ended, or was not ready in time.
        """
        port = _free_port()
        words = [program, "--model", language, "--host", "127.0.0.1", "--port", str(port)]
        words += ["--threads", str(threads), "--threads-batch", str(threads), "--gpu-layers", "0"]
        words += ["--flash-attn", "on", "--batch-size", str(_BATCH), "--ubatch-size", str(MICRO_BATCH)]
        words += ["--parallel", str(slots), "--ctx-size", str(slots * context)]
        words += ["--mmproj", vision, "--no-mmproj-offload"] if vision else []
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(words, stdout=self._log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=None, trust_env=False)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        limit = time.monotonic() + _READY_SECONDS
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                self._log.seek(0)
                lines = [line.strip() for line in self._log if line.strip()]
                raise RuntimeError(f"llama-server ended: {lines[-1] if lines else 'no message'}")
            with contextlib.suppress(httpx.TransportError):
                if self._http.get("/health").is_success:
                    return
            time.sleep(_LOOK_EVERY)
        raise RuntimeError("llama-server was not ready in time")

    def close(self) -> None:
        """End it, and wait for that."""
        self._http.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def complete(self, tokens: list[int], count: int, **options: Any) -> dict[str, Any]:
        """Go on with bare tokens, greedily, by so many; its answer with ``timings`` (milliseconds)."""
        asked = {"prompt": tokens, "n_predict": count, "temperature": 0, "ignore_eos": True, **options}
        return self._post("/completion", asked)

    def chat(self, messages: list[dict[str, Any]], count: int) -> str:
        """The answer of so many tokens, greedy."""
        asked = {"messages": messages, "max_tokens": count, "temperature": 0, "ignore_eos": True}
        answer = self._post("/v1/chat/completions", asked)
        return str(answer["choices"][0]["message"].get("content") or "")

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(path, json=asked)
        if answer.is_error:
            raise RuntimeError(f"llama-server answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()


class _Actions:
    """The commands of ``worker``; the same as those of ``ours``."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._server: LlamaServer | None = None
        self._files: dict[str, Any] = {}
        self._asked: tuple[int, int, str] | None = None

    def _running(self) -> LlamaServer:
        if self._server is None:
            raise RuntimeError("nothing is loaded")
        return self._server

    def load(self, language: str, vision: str, threads: int, program: str) -> dict[str, Any]:
        self._files = {"program": program, "language": language, "threads": threads}
        self._server = self._opened.enter_context(closing(LlamaServer(vision=vision, **self._files)))
        return {}

    def vision(self, side: int, seed: int) -> dict[str, Any]:
        raise RuntimeError("llama-server does not tell what the vision tower alone takes")

    def prefill(self, tokens: int, seed: int) -> dict[str, Any]:
        start = time.perf_counter()
        self._running().complete(random_tokens(tokens, seed), 1, cache_prompt=False)
        return {"seconds": time.perf_counter() - start}

    def decode(self, context: int, steps: int, seed: int) -> dict[str, Any]:
        tokens = random_tokens(context, seed)
        return {"seconds": _decoding(self._running().complete(tokens, steps + 1, cache_prompt=False)) / steps}

    def first_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        asked = [_user(FIRST_QUESTION, _png(kind, side, seed))]  # drawing is no part of the answer
        start = time.perf_counter()
        self._running().chat(asked, 1)
        seconds = time.perf_counter() - start
        self._asked = (side, seed, kind)
        return {"seconds": seconds}

    def second_question(self, side: int, seed: int, kind: str = "photo") -> dict[str, Any]:
        if self._asked != (side, seed, kind):
            self.first_question(side, seed, kind)
        asked = [_user(SECOND_QUESTION, _png(kind, side, seed))]
        start = time.perf_counter()
        self._running().chat(asked, 1)
        return {"seconds": time.perf_counter() - start}

    def together(self, sequences: int, context: int, steps: int, seed: int) -> dict[str, Any]:
        prompts = [random_tokens(context, 1000 * seed + number + 7) for number in range(sequences)]
        each = -(-(context + steps + 1) // 256) * 256
        with self._many(sequences, each) as server, ThreadPoolExecutor(sequences) as pool:
            # Prompts first, one after another, so that afterwards all decode and nothing else is done.
            for slot, prompt in enumerate(prompts):
                server.complete(prompt, 1, id_slot=slot)
            asked = [
                pool.submit(server.complete, prompt, steps + 1, id_slot=slot)
                for slot, prompt in enumerate(prompts)
            ]
            return {"rate": sequences * steps / max(_decoding(each.result()) for each in asked)}

    @contextmanager
    def _many(self, slots: int, context: int) -> Generator[LlamaServer]:
        """A server with so many slots beside the other one, which does nothing meanwhile."""
        with closing(LlamaServer(vision=None, **self._files, slots=slots, context=context)) as server:
            yield server

    def batch(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        pictures = [_png("photo", side, 10_000 * (seed + 1) + number) for number in range(count)]
        start = time.perf_counter()
        for picture in pictures:
            instructed = {"role": "system", "content": INSTRUCTION}
            self._running().chat([instructed, _user(FIRST_QUESTION, picture)], answer)
        return {"rate": 60 * count / (time.perf_counter() - start)}

    def rounds(self, count: int, side: int, answer: int, seed: int) -> dict[str, Any]:
        server = self._running()
        messages = [_user(FIRST_QUESTION, _png("photo", side, seed))]
        with MemoryWatch(server.pid) as watch:
            for number in range(count):
                if number:
                    messages.append({"role": "user", "content": SECOND_QUESTION})
                messages.append({"role": "assistant", "content": server.chat(messages, answer)})
        time.sleep(_REST)
        return {"steady": anonymous_megabytes(server.pid), "most": watch.most}

    def memory(self) -> dict[str, Any]:
        return {"megabytes": anonymous_megabytes(self._running().pid)}


def missing_reason(program: Path) -> str | None:
    """Why it cannot be asked, or None if it can."""
    return None if program.is_file() else f"there is no llama-server at {program}"


def _decoding(answer: dict[str, Any]) -> float:
    """Seconds from an answer's first token to its last, as the server counts them."""
    return float(answer["timings"]["predicted_ms"]) / 1000


def _user(question: str, picture: str) -> dict[str, Any]:
    shown = {"type": "image_url", "image_url": {"url": picture}}
    return {"role": "user", "content": [shown, {"type": "text", "text": question}]}


def _png(kind: str, side: int, seed: int) -> str:
    """A drawn picture as a server is sent it."""
    return png_url(draw(kind, side, seed))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    with ExitStack() as opened:
        serve(actions_of(_Actions(opened)))
