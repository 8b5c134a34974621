"""What ``jianwei bench`` measures: the figures, and the processes that give their values."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from jianwei.bench import peer_llama
from jianwei.bench.measure import Figure, Take, Unmeasured
from jianwei.bench.random_model import ModelPair
from jianwei.bench.worker import Worker, WorkerFailure

OURS = "jianwei.bench.ours"
PEER = "jianwei.bench.peer_llama"

_DECODE_CONTEXT = 500
_DECODE_STEPS = 32
_REPLAYED = {"context": 300, "steps": 32}
"""The peer has no drafts with pictures: plain decode, after a prompt as long as those of the given answers."""
_PICTURES_IN_MEMORY = 10
_LARGE = 1024
_SMALL = 512


class Bench:
    """The two processes, started when they are first needed, and the figures taken from them."""

    def __init__(self, pair: ModelPair, threads: int) -> None:
        self._pair = pair
        self._threads = threads
        self._workers: dict[str, Worker] = {}
        self._failed: dict[str, str] = {}
        self._overheads: dict[int, float] = {}
        self._questions: dict[tuple[str, str, str, int], float] = {}

    def close(self) -> None:
        """End both processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def figures(self, quick: bool) -> list[Figure]:
        """In the order in which a round takes them; ``quick`` leaves out what takes long."""
        sizes = (_SMALL,) if quick else (_SMALL, _LARGE)
        lengths = (300,) if quick else (300, 1100)
        asked = sizes[-1]
        figures = [self._tower(side) for side in sizes]
        figures += [self._prefill(tokens) for tokens in lengths]
        figures += [
            self._speed(
                f"decode of one sequence at {_DECODE_CONTEXT} tokens of context",
                f"解码：单个序列，上下文 {_DECODE_CONTEXT} 词元",
                1,
                "decode",
                context=_DECODE_CONTEXT,
                steps=_DECODE_STEPS,
            ),
            Figure(
                "own overhead in decode (time outside OpenVINO's inference calls)",
                "解码中推理调用之外的时间占比",
                "%",
                "less",
                self._overhead,
            ),
            self._question(
                "first_question",
                f"first question on a new {asked}x{asked} picture, first token",
                f"新图片（{asked}x{asked}）的第一个问题，首词元",
                asked,
            ),
            self._question(
                "second_question",
                "second question on a picture already asked about, first token",
                "同一张图片的第二个问题，首词元",
                asked,
            ),
            self._question(
                "first_question",
                f"first token on a new {asked}x{asked} document page (printed page with margins)",
                f"新的 {asked}x{asked} 文档页（有页边距的印刷页），首词元",
                asked,
                "page",
            ),
            Figure(
                "second question's first token as a share of the first question's",
                "第二个问题首词元用时占第一个问题的比例",
                "%",
                "less",
                lambda number: self._share(OURS, asked, number),
                lambda number: self._share(PEER, asked, number),
            ),
            Figure(
                "start to ready, files in the page cache",
                "启动到就绪（文件已在页缓存中）",
                "s",
                "less",
                lambda _: self._start_to_ready(OURS),
                lambda _: self._start_to_ready(PEER),
                once=quick,
            ),
        ]
        if not quick:
            figures.append(self._replay())
            figures.append(
                Figure(
                    "anonymous memory of the engine process after ten pictures at 1024 tokens",
                    "处理十张 1024 词元图片后引擎进程的匿名内存",
                    "MB",
                    "less",
                    lambda _: self._memory(OURS),
                    lambda _: self._memory(PEER),
                    once=True,
                )
            )
        return figures

    def _replay(self) -> Figure:
        return Figure(
            "decode of OCR and JSON answers with drafts and forced tokens",
            "OCR 与 JSON 回答的解码（含草稿与强制词元）",
            "tokens/s",
            "more",
            lambda number: 1 / self._ask(OURS, "replay", number)["seconds"],
            lambda number: 1 / self._ask(PEER, "decode", number, **_REPLAYED)["seconds"],
        )

    def _tower(self, side: int) -> Figure:
        return Figure(
            f"vision tower, {side}x{side}",
            f"视觉编码，{side}x{side}",
            "s",
            "less",
            lambda number: self._ask(OURS, "vision", number, side=side)["seconds"],
            lambda number: self._ask(PEER, "vision", number, side=side)["seconds"],
        )

    def _prefill(self, tokens: int) -> Figure:
        return self._speed(
            f"prefill of {tokens} tokens", f"预填充 {tokens} 词元", tokens, "prefill", tokens=tokens
        )

    def _speed(self, name: str, title: str, counted: int, action: str, **parameters: int) -> Figure:
        """Tokens a second, from an action that gives the seconds of ``counted`` tokens."""

        def take(module: str) -> Take:
            def value(number: int) -> float:
                result = self._ask(module, action, number, **parameters)
                if "overhead" in result:
                    self._overheads[number] = result["overhead"]
                return counted / result["seconds"]

            return value

        return Figure(name, title, "tokens/s", "more", take(OURS), take(PEER))

    def _question(self, action: str, name: str, title: str, side: int, kind: str = "photo") -> Figure:
        return Figure(
            name,
            title,
            "s",
            "less",
            lambda number: self._answer(OURS, action, side, number, kind),
            lambda number: self._answer(PEER, action, side, number, kind),
        )

    def _overhead(self, number: int) -> float:
        """In percent, of this round's decode; measured now where that was left out."""
        if number not in self._overheads:
            result = self._ask(OURS, "decode", number, context=_DECODE_CONTEXT, steps=_DECODE_STEPS)
            self._overheads[number] = result["overhead"]
        return 100 * self._overheads[number]

    def _share(self, module: str, side: int, number: int) -> float:
        """In percent: the second question's seconds over the first's, on this round's picture."""
        first = self._answer(module, "first_question", side, number)
        return 100 * self._answer(module, "second_question", side, number) / first

    def _answer(self, module: str, action: str, side: int, number: int, kind: str = "photo") -> float:
        """Seconds to the first token of a question; asked once a round, for the cache would know it again."""
        key = (module, action, kind, number)
        if key not in self._questions:
            self._questions[key] = float(self._ask(module, action, number, side=side, kind=kind)["seconds"])
        return self._questions[key]

    def _start_to_ready(self, module: str) -> float:
        """Seconds from starting a fresh process until it has loaded everything and may be asked."""
        self._refuse_missing(module)
        for path in (self._pair.language, self._pair.vision):
            _read_through(path)
        start = time.perf_counter()
        with Worker(module) as worker:
            self._command(worker, "load", **self._files())
            return time.perf_counter() - start

    def _memory(self, module: str) -> float:
        """MB in a fresh process that has answered about so many pictures."""
        self._refuse_missing(module)
        with Worker(module) as worker:
            self._command(worker, "load", **self._files())
            for seed in range(_PICTURES_IN_MEMORY):
                self._command(worker, "first_question", side=_LARGE, seed=seed)
            return float(self._command(worker, "memory")["megabytes"])

    def _files(self) -> dict[str, Any]:
        return {
            "language": str(self._pair.language),
            "vision": str(self._pair.vision),
            "threads": self._threads,
        }

    def _ask(self, module: str, action: str, number: int, **parameters: int | str) -> dict[str, Any]:
        """An action of a loaded process, on pictures and prompts of this round's own."""
        return self._command(self._worker(module), action, seed=number, **parameters)

    def _worker(self, module: str) -> Worker:
        """The process of a side, loaded and warmed up; one that failed to load is not tried again."""
        self._refuse_missing(module)
        if module in self._failed:
            raise Unmeasured(self._failed[module])
        if module not in self._workers:
            worker = self._workers[module] = Worker(module)
            try:
                self._command(worker, "load", **self._files())
                self._command(worker, "first_question", side=256, seed=1_000_000)
            except Unmeasured as reason:
                self._failed[module] = str(reason)
                raise
        return self._workers[module]

    def _refuse_missing(self, module: str) -> None:
        reason = peer_llama.missing_reason() if module == PEER else None
        if reason:
            raise Unmeasured(reason)

    def _command(self, worker: Worker, action: str, **parameters: Any) -> dict[str, Any]:
        try:
            return worker.ask(action, **parameters)
        except WorkerFailure as failure:
            raise Unmeasured(str(failure)) from failure


def _read_through(path: Path) -> None:
    """Read to the end, so that the file is in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
