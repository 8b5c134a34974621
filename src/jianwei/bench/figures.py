"""What ``jianwei bench`` measures: the figures, and how their values are taken from the two sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jianwei.bench.measure import Better, Figure, Take
from jianwei.bench.sides import OURS, PEER, Sides, command
from jianwei.hub import ModelPaths

_DECODE_CONTEXT = 500
_DECODE_STEPS = 32
_REPLAYED = {"context": 300, "steps": 32}
"""The peer has no drafts with pictures: plain decode, after a prompt as long as those of the given answers."""
_PICTURES_IN_MEMORY = 10
_LARGE = 1024
_SMALL = 512
_TOGETHER = 8
_PHOTOS = 64
_PHOTOS_QUICK = 4
_PEER_PHOTOS = 12
"""One after another every photo takes the same time: so many tell the rate."""
_PHOTO_ANSWER = 16
_ROUNDS = 10
_ROUND_ANSWER = 24

_KINDS = {
    "page": ("document page (printed page with margins)", "文档页（有页边距的印刷页）"),
    "dense": ("dense page (print from edge to edge)", "密排页（印满整页）"),
    "screen": ("screenshot", "屏幕截图"),
    "photo": ("photo at the same tokens", "照片（词元数相同）"),
}


class Bench:
    """The figures of one run; values that several of them need are taken once a round."""

    def __init__(
        self, pair: ModelPaths, threads: int, fast: ModelPaths | None = None, server: Path | None = None
    ) -> None:
        """The arguments are those of ``Sides``."""
        self._sides = Sides(pair, threads, fast, server)
        self._taken: dict[tuple[Any, ...], dict[str, Any]] = {}

    def close(self) -> None:
        """End both processes."""
        self._sides.close()

    def figures(self, quick: bool) -> list[Figure]:
        """In the order in which a round takes them; ``quick`` leaves out what takes long, and scales the rest down."""
        sizes = (_SMALL,) if quick else (_SMALL, _LARGE)
        lengths = (300,) if quick else (300, 1100)
        asked = sizes[-1]
        kinds = ("page",) if quick else ("page", "dense", "screen")
        figures = [self._tower(side) for side in sizes]
        figures += [self._prefill(tokens) for tokens in lengths]
        figures += [self._decode(), self._overhead()]
        figures += [
            self._first_token(asked, "photo"),
            *self._follow_up(asked),
        ]  # while its picture is the last one
        figures += [self._first_token(asked, kind) for kind in kinds]
        figures.append(self._start_to_ready(once=quick))
        if quick:
            return [*figures, self._batch(_PHOTOS_QUICK, 256)]
        return [
            *figures,
            self._replay(),
            *self._together(),
            self._batch(_PHOTOS, _SMALL),
            self._memory(),
            *self._rounds(),
        ]

    def _tower(self, side: int) -> Figure:
        return self._figure(
            f"vision tower, {side}x{side}",
            f"视觉编码，{side}x{side}",
            "s",
            "less",
            "seconds",
            "vision",
            side=side,
        )

    def _prefill(self, tokens: int) -> Figure:
        def take(module: str) -> Take:
            return lambda number: tokens / self._take(module, number, "prefill", tokens=tokens)["seconds"]

        title = f"预填充 {tokens} 词元"
        return Figure(f"prefill of {tokens} tokens", title, "tokens/s", "more", take(OURS), take(PEER))

    def _decode(self) -> Figure:
        return Figure(
            f"decode of one sequence at {_DECODE_CONTEXT} tokens of context",
            f"解码：单个序列，上下文 {_DECODE_CONTEXT} 词元",
            "tokens/s",
            "more",
            lambda number: 1 / self._decoded(OURS, number)["seconds"],
            lambda number: 1 / self._decoded(PEER, number)["seconds"],
        )

    def _overhead(self) -> Figure:
        return Figure(
            "own overhead in decode (time outside OpenVINO's inference calls)",
            "解码中推理调用之外的时间占比",
            "%",
            "less",
            lambda number: 100 * self._decoded(OURS, number)["overhead"],
        )

    def _decoded(self, module: str, number: int) -> dict[str, Any]:
        return self._take(module, number, "decode", context=_DECODE_CONTEXT, steps=_DECODE_STEPS)

    def _first_token(self, side: int, kind: str) -> Figure:
        what, title = _KINDS[kind]
        return self._figure(
            f"first token on a new {side}x{side} {what}",
            f"新的 {side}x{side} {title}，首词元",
            "s",
            "less",
            "seconds",
            "first_question",
            # What one of these pictures takes hardly varies, and the peer takes half a minute for each.
            once=kind in ("dense", "screen"),
            side=side,
            kind=kind,
        )

    def _follow_up(self, side: int) -> list[Figure]:
        asked: dict[str, Any] = {"side": side, "kind": "photo"}

        def share(module: str) -> Take:
            def value(number: int) -> float:
                first = self._take(module, number, "first_question", **asked)["seconds"]
                return 100 * self._take(module, number, "second_question", **asked)["seconds"] / first

            return value

        return [
            self._figure(
                "second question on a picture already asked about, first token",
                "同一张图片的第二个问题，首词元",
                "s",
                "less",
                "seconds",
                "second_question",
                **asked,
            ),
            Figure(
                "second question's first token as a share of the first question's",
                "第二个问题首词元用时占第一个问题的比例",
                "%",
                "less",
                share(OURS),
                share(PEER),
            ),
        ]

    def _start_to_ready(self, *, once: bool) -> Figure:
        def take(module: str) -> Take:
            def value(_: int) -> float:
                with self._sides.fresh(module) as (_worker, seconds):
                    return seconds

            return value

        return Figure(
            "start to ready, files in the page cache",
            "启动到就绪（文件已在页缓存中）",
            "s",
            "less",
            take(OURS),
            take(PEER),
            once=once,
        )

    def _replay(self) -> Figure:
        return Figure(
            "decode of OCR and JSON answers with drafts and forced tokens",
            "OCR 与 JSON 回答的解码（含草稿与强制词元）",
            "tokens/s",
            "more",
            lambda number: 1 / self._take(OURS, number, "replay")["seconds"],
            lambda number: 1 / self._take(PEER, number, "decode", **_REPLAYED)["seconds"],
        )

    def _together(self) -> list[Figure]:
        wanted: dict[str, Any] = {"sequences": _TOGETHER, "context": _DECODE_CONTEXT, "steps": _DECODE_STEPS}

        def against_one(module: str) -> Take:
            return lambda number: (
                self._take(module, number, "together", **wanted)["rate"]
                * self._decoded(module, number)["seconds"]
            )

        return [
            self._figure(
                "eight questions at once, tokens a second in all",
                "八个问题同时解码，合计每秒词元",
                "tokens/s",
                "more",
                "rate",
                "together",
                **wanted,
            ),
            Figure(
                "eight questions at once, against one of the same engine",
                "八个问题同时解码，相对同一引擎的单个问题",
                "times",
                "more",
                against_one(OURS),
                against_one(PEER),
            ),
        ]

    def _batch(self, count: int, side: int) -> Figure:
        def take(module: str, photos: int) -> Take:
            given = {"count": photos, "side": side, "answer": _PHOTO_ANSWER}
            return lambda number: self._take(module, number, "batch", **given)["rate"]

        return Figure(
            f"batch of {count} photos ({side}x{side}) with one instruction, photos a minute",
            f"{count} 张照片（{side}x{side}）、同一指令的批处理，每分钟张数",
            "photos/min",
            "more",
            take(OURS, count),
            take(PEER, min(count, _PEER_PHOTOS)),
            once=True,
        )

    def _memory(self) -> Figure:
        def take(module: str) -> Take:
            def value(_: int) -> float:
                with self._sides.fresh(module) as (worker, _seconds):
                    for seed in range(_PICTURES_IN_MEMORY):
                        command(worker, "first_question", side=_LARGE, seed=seed)
                    return float(command(worker, "memory")["megabytes"])

            return value

        return Figure(
            "anonymous memory of the engine process after ten pictures at 1024 tokens",
            "处理十张 1024 词元图片后引擎进程的匿名内存",
            "MB",
            "less",
            take(OURS),
            take(PEER),
            once=True,
        )

    def _rounds(self) -> list[Figure]:
        def take(module: str, key: str) -> Take:
            def value(_: int) -> float:
                if ("rounds", module) not in self._taken:
                    with self._sides.fresh(module) as (worker, _seconds):
                        given = {"count": _ROUNDS, "side": _LARGE, "answer": _ROUND_ANSWER, "seed": 0}
                        self._taken["rounds", module] = command(worker, "rounds", **given)
                return float(self._taken["rounds", module][key])

            return value

        what = "anonymous memory of the engine process, 2B, ten rounds on a 1024-token picture"
        title = "引擎进程的匿名内存，2B，同一张 1024 词元图片的十轮问答"
        return [
            Figure(
                f"{what}: steady",
                f"{title}：平稳",
                "MB",
                "less",
                take(OURS, "steady"),
                take(PEER, "steady"),
                True,
            ),
            Figure(
                f"{what}: at most (tower running)",
                f"{title}：最高（视觉编码时）",
                "MB",
                "less",
                take(OURS, "most"),
                take(PEER, "most"),
                once=True,
            ),
        ]

    def _figure(
        self,
        name: str,
        title: str,
        unit: str,
        better: Better,
        key: str,
        action: str,
        *,
        once: bool = False,
        **parameters: int | str,
    ) -> Figure:
        """A value that an action of both sides gives as it is."""

        def take(module: str) -> Take:
            return lambda number: float(self._take(module, number, action, **parameters)[key])

        return Figure(name, title, unit, better, take(OURS), take(PEER), once)

    def _take(self, module: str, number: int, action: str, **parameters: int | str) -> dict[str, Any]:
        """What an action gives on pictures and prompts of this round's own; asked once: caches would know it again."""
        key = (module, number, action, *sorted(parameters.items()))
        if key not in self._taken:
            self._taken[key] = self._sides.ask(module, action, seed=number, **parameters)
        return self._taken[key]
