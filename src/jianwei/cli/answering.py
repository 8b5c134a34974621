"""One question, from a person's words to the answer on the screen: what ``ask`` and ``chat`` share."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from jianwei.cli.output import EXIT_INTERRUPTED, CommandError, busy, say, stderr, write
from jianwei.cli.text import columns, tr
from jianwei.config import Settings
from jianwei.errors import InputError, Phrase
from jianwei.types import JSON_ANSWER, ChatRequest, Chunk, Completion, Grammar, Message, ModelCard

MAX_SCHEMA_BYTES = 1 << 20
_KV_COUNTS = ("total", "used", "idle", "shared", "evicted_total", "left_out_total", "brought_back_total")

CLOSE_SECONDS = 2.0
"""How long an interrupted engine may take to stop; a step of it (one picture) can take longer."""


class AnsweringModel(Protocol):
    """What the command line needs of ``jianwei.pipeline.VisionModel``."""

    card: ModelCard

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """Answer as it comes; leaving the loop early cancels the answer."""
        ...

    def stats(self) -> dict[str, float]:
        """Gauges and totals of the engine, by name."""
        ...

    def close(self) -> None:
        """Stop the engine."""
        ...


def make_model(settings: Settings) -> AnsweringModel:
    """Load the model that the settings name, in this process."""
    from jianwei.pipeline import VisionModel

    return VisionModel(settings=settings)


@dataclass
class Session:
    """A loaded model and the seconds its loading took."""

    model: AnsweringModel
    load_seconds: float


@contextlib.contextmanager
def open_model(settings: Settings) -> Generator[Session]:
    """Load the model, and close it at the end; an interrupted one is not waited for long."""
    start = time.perf_counter()
    with busy(tr(f"Loading the model “{settings.model}” …", f"正在加载模型“{settings.model}”……")):
        model = make_model(settings)
    session = Session(model, time.perf_counter() - start)
    try:
        yield session
    except KeyboardInterrupt:
        closing = threading.Thread(target=model.close, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            # A thread inside the inference library cannot be stopped, and nothing it does is kept.
            say(tr("Stopped.", "已停止。"))
            sys.stdout.flush()
            os._exit(EXIT_INTERRUPTED)
        raise
    except BaseException:
        model.close()
        raise
    model.close()


def read_grammar(as_json: bool, schema: Path | None) -> Grammar | None:
    """The form of the answer that ``--json`` and ``--schema`` ask for.

    Raises:
        InputError: ``file_not_found``, ``file_unreadable`` or ``bad_schema``.
    """
    if schema is None:
        return JSON_ANSWER if as_json else None
    try:
        with schema.open("rb") as file:
            data = file.read(MAX_SCHEMA_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError("file_not_found", name=schema.name) from error
    except (OSError, ValueError) as error:
        reason = Phrase("the system refuses", "系统拒绝")
        raise InputError("file_unreadable", name=schema.name, reason=reason) from error
    if len(data) > MAX_SCHEMA_BYTES:
        raise InputError("bad_schema", reason=Phrase("it is larger than 1 MB", "超过 1 MB"))
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("bad_schema", reason=Phrase("it is not valid JSON", "不是有效的 JSON")) from error
    if not isinstance(value, dict):
        raise InputError("bad_schema", reason=Phrase("it is not an object", "不是 JSON 对象"))
    return Grammar("json_schema", text)


def new_request(messages: tuple[Message, ...], template: ChatRequest) -> ChatRequest:
    """The request for one more answer, with the options of ``template``."""
    return replace(template, id=uuid.uuid4().hex, messages=messages)


def print_answer(
    session: Session, request: ChatRequest, said: Callable[[str], None] | None = None
) -> Completion:
    """Answer on standard output: text as it comes; JSON whole, checked and indented.

    Args:
        session: the loaded model.
        request: what is asked.
        said: told every piece of text that has been printed.

    Raises:
        CommandError: a JSON answer was cut off.
        JianweiError: what went wrong.
    """
    whole = request.grammar is not None
    completion: Completion | None = None
    chunks = session.model.stream(request)
    with contextlib.ExitStack() as stream, contextlib.ExitStack() as waiting:
        if isinstance(chunks, Generator):
            stream.enter_context(contextlib.closing(chunks))  # an answer that cannot be printed is cancelled
        waiting.enter_context(busy(tr("Looking at the picture …", "正在看图……")))
        for chunk in chunks:
            completion = chunk.completion
            if whole or not chunk.text:
                continue
            waiting.close()
            write(chunk.text)
            if said is not None:
                said(chunk.text)
    if completion is None:
        raise CommandError(
            "no_answer", tr("There was no answer.", "没有得到回答。"), tr("Ask again.", "请重新提问。"), 1
        )
    if whole:
        write(_checked_json(completion))
    write("\n")
    if completion.finish_reason == "length":
        say(
            tr(
                f"(cut off after {completion.usage.completion_tokens} tokens; --max-tokens allows more)",
                f"（已达 {completion.usage.completion_tokens} 个词元上限而截断；可用 --max-tokens 调大）",
            ),
            "dim",
        )
    return completion


def print_stats(
    completion: Completion, engine: Mapping[str, float], load_seconds: float | None = None
) -> None:
    """The table of ``--stats`` on standard error: each step with its seconds, tokens and speed; then the KV blocks.

    Args:
        completion: the answer.
        engine: the model's own numbers (``stats``).
        load_seconds: how long loading took; None: it is not told.
    """
    usage, timings = completion.usage, completion.timings
    new = usage.prompt_tokens - usage.cached_tokens
    rows: list[tuple[str, float | None, int | None, bool]] = [
        (tr("load model", "加载模型"), load_seconds, None, False),
        (tr("prepare", "准备"), timings.prepare, None, False),
        (tr("OCR", "文字识别"), timings.ocr, None, False),
        (tr("queue", "排队"), timings.queue, None, False),
        (
            tr(f"vision tower ({timings.vision_runs})", f"视觉塔（{timings.vision_runs}）"),
            timings.vision,
            usage.visual_tokens if timings.vision_runs else None,
            True,
        ),
        (tr("prefill", "预填充"), timings.prefill, new, True),
        (tr("decode", "解码"), timings.decode, usage.completion_tokens, True),
        (tr("first token after", "首个词元"), timings.first_token, None, False),
        (tr("total", "合计"), timings.total, usage.prompt_tokens + usage.completion_tokens, False),
    ]
    table = [(tr("step", "步骤"), tr("seconds", "秒"), tr("tokens", "词元"), tr("tokens/s", "词元/秒"))]
    for name, seconds, tokens, with_speed in rows:
        if seconds is None:
            continue
        speed = f"{tokens / seconds:.0f}" if with_speed and tokens and seconds > 0 else ""
        table.append((name, f"{seconds:.2f}", "" if tokens is None else str(tokens), speed))
    if usage.drafted_tokens:
        right = tr(f"guessed right, of {usage.drafted_tokens}", f"猜中（共猜 {usage.drafted_tokens}）")
        table.append((right, "", str(usage.accepted_tokens), ""))
    if usage.forced_tokens:
        table.append((tr("forced by the form", "由格式决定"), "", str(usage.forced_tokens), ""))
    if usage.pruned_tokens:
        table.append((tr("left out of pictures", "图片中略去"), "", str(usage.pruned_tokens), ""))
    if usage.cached_tokens:
        table.append((tr("known from before", "已缓存"), "", str(usage.cached_tokens), ""))
    head, *body = columns(table)
    console = stderr()
    console.print(head, style="bold", markup=False)
    for line in body:
        console.print(line, markup=False)
    total, used, idle, shared, evicted, left_out, back = (int(engine[f"kv_blocks_{n}"]) for n in _KV_COUNTS)
    console.print(
        tr(
            f"KV blocks: {used + idle} of {total} hold something, {shared} shared; "
            f"so far {evicted} evicted, {left_out} left out, {back} brought back",
            f"KV 块：{total} 块中 {used + idle} 块有内容，{shared} 块共享；"
            f"累计淘汰 {evicted}，略去 {left_out}，找回 {back}",
        ),
        markup=False,
    )


def _checked_json(completion: Completion) -> str:
    try:
        return json.dumps(json.loads(completion.text), ensure_ascii=False, indent=2)
    except ValueError as error:
        raise CommandError(
            "answer_cut_off",
            tr(
                f"The JSON was not finished after {completion.usage.completion_tokens} tokens.",
                f"JSON 在 {completion.usage.completion_tokens} 个词元内未能写完。",
            ),
            tr("Allow more with --max-tokens.", "请用 --max-tokens 调大上限。"),
            1,
        ) from error
