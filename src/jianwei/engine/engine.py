"""The engine: one thread that owns the model and takes requests through a queue.

It knows tokens, embeddings, positions and blocks; nothing of text, files or HTTP. One turn of its loop:

1. take what came in: new requests, cancellations, pictures that the vision tower has finished;
2. admit sequences, send their unknown pictures to the tower (beside the decoder, in a thread of its own);
3. plan a step, run it, sample, hand the tokens out: of a sequence with guesses (``draft``) as many as were right and
   one more, and those that its grammar leaves no choice about, for which no step is run.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.batching import gather
from jianwei.engine.block_store import BlockStore
from jianwei.engine.choosing import Chooser
from jianwei.engine.kv_cache import BlockPool
from jianwei.engine.kv_files import KvFiles
from jianwei.engine.picture_files import PictureFiles
from jianwei.engine.picture_source import Delivery, PictureSource, TowerLike
from jianwei.engine.sampler import TokenMask
from jianwei.engine.scheduler import Scheduler, Work
from jianwei.engine.sequence import AttentionRows, EngineRequest, EngineResult, Sequence
from jianwei.engine.visual_blocks import block_attention, whole_blocks
from jianwei.errors import EngineError, InputError, JianweiError
from jianwei.model.configuration import DecoderConfig
from jianwei.model.decoder import Batch
from jianwei.types import FinishReason

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


_REST_AFTER = 1.0
"""Seconds without a step after which the decoder gives memory back: the next question may come at once."""


_LEAVE_AFTER = 60.0
"""Further seconds after which the KV blocks that are on disk give their memory back: reading them takes a moment."""

_IDLE_TOKENS = 8192
"""Tokens, and half of the budget at most, whose blocks are kept idle where that takes further memory."""

_LOOKS = 8
"""Rows of an answer that tell what it looked at, the first ones."""

_STUCK_SECONDS = 0.02
"""Pause where a prompt could go on but has no room: it comes with the end of another one, or with a picture."""


class BlocksLike(Protocol):
    """What the engine needs of the KV blocks' memory (``model.kv_memory.KvMemory``)."""

    n_blocks: int

    def read(self, block: int) -> Bytes:
        """What a block holds, a copy."""
        ...

    def write(self, block: int, held: Bytes) -> None:
        """Put back what :meth:`read` gave, into any block."""
        ...

    def give_back(self, blocks: Iterable[int]) -> None:
        """Let the system have the memory of these blocks, whose content is lost."""
        ...


class DecoderLike(Protocol):
    """What the engine needs of a language model (``model.decoder.Decoder``)."""

    config: DecoderConfig

    @property
    def kv(self) -> BlocksLike:
        """Memory of the KV blocks."""
        ...

    def embed(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Input embeddings of tokens."""
        ...

    def step(self, batch: Batch) -> Floats:
        """Logits of the rows asked."""
        ...

    def sharpen(self, logits: Floats, row: int, allowed: TokenMask | None = None) -> None:
        """Make the likeliest tokens' logits of a row of the last step exact, in place."""
        ...

    def rest(self) -> None:
        """Give back memory that only steps need."""
        ...

    def queries(self) -> Floats:
        """Queries of the last step's logit rows: ``[layers, rows, heads, head_dim]``."""
        ...

    def keys(self, table: list[int], length: int) -> Floats:
        """Keys of a sequence: ``[layers, length, kv_heads, head_dim]``."""
        ...


@dataclass
class Counters:
    """Totals since the start, for ``/metrics`` and benchmarks; seconds and tokens."""

    steps: int = 0
    step_seconds: float = 0.0
    infer_seconds: float = 0.0
    decode_steps: int = 0
    decode_seconds: float = 0.0
    decode_infer_seconds: float = 0.0
    vision_runs: int = 0
    vision_seconds: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    pruned_tokens: int = 0
    generated_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    forced_tokens: int = 0
    failures: int = 0


class Engine:
    """Runs requests on one decoder and one vision tower."""

    def __init__(
        self,
        decoder: DecoderLike,
        tower: TowerLike,
        eos_ids: frozenset[int],
        *,
        max_running: int = 8,
        prefill_chunk: int = 512,
        picture_bytes: int = 256 << 20,
        picture_files: PictureFiles | None = None,
        drafts: bool = False,
        visual_keep: float = 1.0,
        kv_files: KvFiles | None = None,
    ) -> None:
        """Start the thread.

        Args:
            decoder: the language model.
            tower: the vision tower.
            eos_ids: tokens that end an answer.
            max_running: sequences computed together.
            prefill_chunk: tokens of a prompt in one step.
            picture_bytes: budget for embeddings of known pictures.
            picture_files: embeddings on disk; None: only in memory.
            drafts: get several tokens from one step where that can be: guesses, and tokens that a grammar forces.
            visual_keep: share of earlier turns' visual blocks that stay, of those that questions have looked at,
                also where the budget has room for all.
            kv_files: KV blocks on disk; None: only in memory.
        """
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.decoder = decoder
        self.counters = Counters()
        n_blocks = decoder.kv.n_blocks
        self.pool = BlockPool(n_blocks, min(n_blocks // 2, _IDLE_TOKENS // KV_BLOCK_TOKENS))
        self.pictures = PictureSource(
            tower, picture_bytes, picture_files, lambda found: self._inbox.put(lambda: self._delivered(found))
        )
        self.store = BlockStore(self.pool, decoder.kv, kv_files)
        self.scheduler = Scheduler(
            self.pool, max_running, prefill_chunk, drafts, visual_keep, decoder.kv.write
        )
        self._chooser = Chooser(self.scheduler, eos_ids, self._limits, decoder.sharpen)
        self._closed = False
        self._stepped = False
        self._stuck = False
        self._begun = 0.0
        self._thread = threading.Thread(target=self._run, name="jianwei-engine", daemon=True)
        self._thread.start()

    @property
    def capacity(self) -> int:
        """Tokens that one sequence may have: the model's context, or what the KV budget holds."""
        return min(self._limits)

    @property
    def _limits(self) -> tuple[int, int]:
        return self.decoder.config.context_length, self.pool.n_blocks * KV_BLOCK_TOKENS

    def submit(self, request: EngineRequest) -> None:
        """Queue a request; raises ``InputError("context_too_long")`` if it can never fit. Any thread."""
        sequence = Sequence(request, self.decoder.config.vocab)
        context, kv_tokens = self._limits
        spare = KV_BLOCK_TOKENS * sum(map(len, sequence.spare_blocks()))
        if sequence.prompt_tokens + 1 > context or sequence.prompt_tokens - spare + 1 > kv_tokens:
            raise InputError("context_too_long", got=sequence.prompt_tokens + 1, limit=self.capacity)
        self.store.find(sequence)
        self._inbox.put(lambda: self._add(sequence))

    def cancel(self, request_id: str) -> None:
        """End a request within one step; unknown ids are ignored. Any thread."""
        self._inbox.put(lambda: self._cancel(request_id))

    def close(self) -> None:
        """Stop the thread; what is still running ends as cancelled."""
        self._inbox.put(self._stop)
        self._thread.join()
        self.store.close()
        self.pictures.close()

    def stats(self) -> dict[str, float]:
        """Gauges and totals, by name."""
        scheduler, counters = self.scheduler, self.counters
        return {
            "running": len(scheduler.running),
            "waiting": len(scheduler.waiting),
            "kv_blocks_total": self.pool.n_blocks,
            "kv_blocks_used": self.pool.used,
            "kv_blocks_idle": self.pool.idle,
            "kv_blocks_shared": self.pool.shared,
            "kv_blocks_evicted_total": self.pool.evicted_total,
            "kv_blocks_brought_back_total": self.pool.brought_back_total,
            "kv_blocks_left_out_total": scheduler.left_out_total,
            "preempted_total": scheduler.preempted_total,
            **self.pictures.stats(),
            **self.store.stats(),
            **{f"{name}_total": value for name, value in vars(counters).items()},
        }

    # The engine's thread from here on.

    def _run(self) -> None:
        while True:
            self._take_inbox()
            if self._closed:
                return
            self._begun = time.perf_counter()
            try:
                self.scheduler.admit()
                self._send_pictures()
                work = self.scheduler.plan()
            except Exception:  # whoever waits must hear of it, and the next question find an engine
                log.exception("planning a step failed")
                for sequence in (*self.scheduler.running, *self.scheduler.waiting):
                    self._fail(sequence, EngineError("engine_failed"))
                continue
            self._stuck = not work
            if work:
                self._stepped = True
                self._step(work)
            del work  # or the pictures of the last answer would live until the next question

    def _take_inbox(self) -> None:
        """Do what came in; where there is nothing to compute, or no room for it, wait."""
        idle = not any(self._can_go_on(s) for s in self.scheduler.running) and not self._may_admit()
        if idle:
            self._wait()()
        elif self._stuck:
            with contextlib.suppress(queue.Empty):
                self._inbox.get(timeout=_STUCK_SECONDS)()
        while not self._inbox.empty():
            self._inbox.get()()

    def _wait(self) -> Callable[[], None]:
        """The next thing that comes in; the decoder rests where it takes long."""
        try:
            return self._inbox.get(timeout=_REST_AFTER)
        except queue.Empty:
            if self._stepped:
                self._stepped = False
                self.decoder.rest()
                self.decoder.kv.give_back(self.pool.free)
            while self.store.keep_next():
                with contextlib.suppress(queue.Empty):
                    return self._inbox.get(block=False)
            with contextlib.suppress(queue.Empty):
                return self._inbox.get(timeout=_LEAVE_AFTER)
            self.store.let_go()
            self.decoder.kv.give_back(self.pool.free)
            return self._inbox.get()

    def _can_go_on(self, sequence: Sequence) -> bool:
        end = sequence.computed + min(sequence.remaining, self.scheduler.prefill_chunk)
        return not sequence.missing_pictures(end)

    def _may_admit(self) -> bool:
        return bool(self.scheduler.waiting) and not self.scheduler.running

    def _add(self, sequence: Sequence) -> None:
        self.scheduler.add(sequence)

    def _cancel(self, request_id: str) -> None:
        sequence = self.scheduler.find(request_id)
        if sequence is not None:
            self._finish(sequence, "cancelled")

    def _stop(self) -> None:
        self._closed = True
        while self.store.keep_next():
            pass
        for sequence in (*self.scheduler.running, *self.scheduler.waiting):
            self._finish(sequence, "cancelled")

    def _send_pictures(self) -> None:
        """Look up the pictures that running prompts need next, and have the unknown ones brought."""
        for sequence in self.scheduler.running:
            for picture in sequence.missing_pictures(len(sequence.ids)):
                known = self.pictures.get(picture.digest)
                if known is not None:
                    sequence.visual[picture.digest] = known
                else:
                    self.pictures.want(picture, sequence.priority)
                    sequence.awaited.add(picture.digest)

    def _delivered(self, found: Delivery) -> None:
        self.pictures.arrived(found)
        waiters = [s for s in self.scheduler.running if found.digest in s.awaited]
        if found.tokens is None:
            for sequence in waiters:
                self._fail(sequence, EngineError("engine_failed"))
            return
        if found.tower_seconds is not None:
            self.counters.vision_runs += 1
            self.counters.vision_seconds += found.tower_seconds
        for sequence in waiters:
            sequence.awaited.discard(found.digest)
            sequence.visual[found.digest] = found.tokens
            if found.tower_seconds is not None:
                sequence.clock.vision += found.tower_seconds
                sequence.vision_runs += 1

    def _leave(self, sequence: Sequence) -> None:
        """Take a sequence out, and the pictures that only it waited for."""
        self.scheduler.remove(sequence)
        for digest in sequence.awaited:
            if not any(digest in s.awaited for s in (*self.scheduler.running, *self.scheduler.waiting)):
                self.pictures.unwant(digest)

    def _step(self, work: list[Work]) -> None:
        """Compute, sample, hand out."""
        start, generated = time.perf_counter(), self.counters.generated_tokens
        only_decode = all(w.sequence.decoding for w in work)
        tokens = sum(w.n_rows for w in work)
        ready = [w for w in work if w.is_ready]
        try:
            batch = gather(work, self.decoder.embed, self.decoder.config)
            infer_start = time.perf_counter()
            logits = self.decoder.step(batch)
            infer_seconds = time.perf_counter() - infer_start
        except Exception:
            log.exception("a step failed")
            for item in work:
                self._fail(item.sequence, EngineError("engine_failed"))
            return
        if not any(w.sequence.decoding for w in work):
            self.store.learn(tokens, infer_seconds)
        attentive = any(w.sequence.request.attention or self._is_watched(w.sequence) for w in ready)
        queries = self.decoder.queries() if attentive else None
        for item in work:
            self.scheduler.computed(item.sequence, item.n_tokens)
        row = 0
        for item in ready:
            rows = slice(row, row + 1 + len(item.draft))
            row = rows.stop
            if queries is not None and len(queries) and self._is_watched(item.sequence):
                item.sequence.look.append(queries[:, rows.start].copy())
            wanted = queries if item.sequence.request.attention else None
            try:
                self._advance(item, logits, rows, None if wanted is None else wanted[:, rows])
            except JianweiError as error:  # a grammar that cannot be followed any further
                self._fail(item.sequence, error)
            except Exception:
                log.exception("sampling failed")
                self._fail(item.sequence, EngineError("engine_failed"))
        end = time.perf_counter()
        self._count(only_decode, end - start, infer_seconds)
        if only_decode:
            made = self.counters.generated_tokens - generated
            self.scheduler.learn(work, made, end - self._begun, end - start)

    def _is_watched(self, sequence: Sequence) -> bool:
        """Whether it shall be noted what these rows look at: in conversations that may come to exceed the budget."""
        if not sequence.spans or len(sequence.look) >= _LOOKS:
            return False
        return self.scheduler.visual_keep < 1 or sequence.kept_tokens > self._limits[1] // 8

    def _advance(self, work: Work, logits: Floats, rows: slice, queries: Floats | None) -> None:
        """Choose the next tokens of a sequence, and end it where it ends.

        One is chosen after its last token, and one more after each guess that is what would have been chosen.

        Args:
            work: what was computed; the sequence holds it by now, without the guesses.
            logits: ``[rows, vocab]`` of the step.
            rows: those after the sequence's last token and after each guess.
            queries: ``[layers, 1 + guesses, heads, head_dim]`` of these rows where its attention is asked for.
        """
        sequence = work.sequence
        if not sequence.clock.first_token:
            sequence.clock.first_token = time.perf_counter()
            sequence.visual.clear()
        before = len(sequence.ids)
        accepted, reason = self._chooser.choose(sequence, work.draft, logits[rows], queries, rows.start)
        self.counters.generated_tokens += len(sequence.ids) - before
        if work.draft:
            sequence.learn(accepted)
        if reason is not None:
            self._finish(sequence, reason)

    def _finish(self, sequence: Sequence, reason: FinishReason) -> None:
        try:
            cancelled = reason == "cancelled"
            attention = None if cancelled else self._attention(sequence)
            closing = () if cancelled else _closing(sequence)
        except JianweiError as error:
            self._fail(sequence, error)
            return
        if not cancelled:
            self._note_looks(sequence)
            self.store.remember(sequence)
        self._leave(sequence)
        self.counters.prompt_tokens += sequence.prompt_tokens
        self.counters.cached_tokens += sequence.cached_tokens
        self.counters.pruned_tokens += sequence.pruned_tokens
        self.counters.drafted_tokens += sequence.drafted_tokens
        self.counters.accepted_tokens += sequence.accepted_tokens
        self.counters.forced_tokens += sequence.forced_tokens
        self._end(sequence, sequence.result(reason, attention, closing))

    def _attention(self, sequence: Sequence) -> AttentionRows | None:
        """What the heat map needs; read while the sequence still owns its blocks."""
        if not sequence.queries or not sequence.generated or not sequence.table:
            return None
        queries = np.stack(sequence.queries[: sequence.generated])
        known = min(sequence.computed, len(sequence.ids) - 1)  # the last token is there if it was guessed
        return AttentionRows(queries, self._keys(sequence, known))

    def _keys(self, sequence: Sequence, length: int) -> Floats:
        """Keys of a sequence's first tokens, NaN for those left out."""
        gone = KV_BLOCK_TOKENS * len(sequence.holes)
        keys = self.decoder.keys(sequence.table, length - gone)
        if not gone:
            return keys
        there = np.ones(length, bool)
        for block in sequence.holes:
            there[block * KV_BLOCK_TOKENS : (block + 1) * KV_BLOCK_TOKENS] = False
        whole = np.full((keys.shape[0], length, *keys.shape[2:]), np.nan, np.float32)
        whole[:, there] = keys
        return whole

    def _note_looks(self, sequence: Sequence) -> None:
        """Note which visual blocks the answer looked at."""
        if not sequence.look or sequence.computed < sequence.prompt_tokens:
            return
        keys = self._keys(sequence, sequence.prompt_tokens)
        received = block_attention(np.stack(sequence.look), keys)
        names = sequence.update_keys()
        for span in sequence.spans:
            blocks = [block for block in whole_blocks(span) if block not in sequence.skip]
            self.scheduler.scores.add([names[b] for b in blocks], [received[b] for b in blocks])

    def _fail(self, sequence: Sequence, error: JianweiError) -> None:
        self.counters.failures += 1
        self._leave(sequence)
        self._end(sequence, error)

    def _end(self, sequence: Sequence, outcome: EngineResult | JianweiError) -> None:
        try:
            sequence.request.on_end(outcome)
        except Exception:
            log.exception("the caller's on_end failed")

    def _count(self, only_decode: bool, seconds: float, infer_seconds: float) -> None:
        counters = self.counters
        counters.steps += 1
        counters.step_seconds += seconds
        counters.infer_seconds += infer_seconds
        if only_decode:
            counters.decode_steps += 1
            counters.decode_seconds += seconds
            counters.decode_infer_seconds += infer_seconds


def _closing(sequence: Sequence) -> tuple[int, ...]:
    """The shortest end that an unfinished answer's grammar allows."""
    grammar = sequence.request.grammar
    return tuple(grammar.closing()) if grammar and not grammar.is_complete else ()
