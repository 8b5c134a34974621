"""Which tokens of which sequences go into the next step: continuous batching with chunked prefill.

Every step decodes one token of each sequence that generates, and beside that computes a chunk of one prompt, the
one that has waited longest for its turn: so a long document does not freeze the answers that are under way, and a
short question does not wait behind a long one (Orca, OSDI 2022; Sarathi-Serve, OSDI 2024).
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.kv_cache import BlockPool
from jianwei.engine.sequence import Sequence


@dataclass(frozen=True)
class Work:
    """Compute the next ``n_tokens`` tokens of ``sequence``."""

    sequence: Sequence
    n_tokens: int


class Scheduler:
    """Holds the sequences that wait and those that run. One thread owns it."""

    def __init__(self, pool: BlockPool, max_running: int, prefill_chunk: int) -> None:
        self.pool = pool
        self.max_running = max_running
        self.prefill_chunk = prefill_chunk
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.preempted_total = 0
        self._turns: deque[str] = deque()

    def add(self, sequence: Sequence) -> None:
        """Put a new sequence at the end of the queue."""
        self.waiting.append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Take a sequence out, finished or not; its full blocks stay for others."""
        if sequence in self.running:
            self.running.remove(sequence)
            self._give_back(sequence)
        elif sequence in self.waiting:
            self.waiting.remove(sequence)

    def find(self, sequence_id: str) -> Sequence | None:
        """The sequence with this id."""
        return next((s for s in (*self.running, *self.waiting) if s.id == sequence_id), None)

    def admit(self) -> None:
        """Let sequences in while there is a place and their prompts' blocks can be had."""
        while self.waiting and len(self.running) < self.max_running:
            sequence = self.waiting[0]
            keys = sequence.update_keys()
            # The last token is always computed: its logits are what the answer begins with.
            sequence.table = self.pool.match(keys[: (len(sequence.ids) - 1) // KV_BLOCK_TOKENS])
            sequence.computed = len(sequence.table) * KV_BLOCK_TOKENS
            sequence.published = len(sequence.table)
            if sequence.blocks_for(sequence.remaining) > self.pool.available and self.running:
                self._give_back(sequence)
                return
            if not sequence.clock.admitted:
                sequence.clock.admitted = time.perf_counter()
                sequence.cached_tokens = min(sequence.computed, sequence.prompt_tokens)
            self.running.append(self.waiting.popleft())

    def plan(self) -> list[Work]:
        """The next step: every decoding sequence, and a chunk of one prompt whose pictures are at hand."""
        work = [Work(s, 1) for s in list(self.running) if s.decoding and self._reserve_decode(s)]
        work = [w for w in work if w.sequence in self.running]
        chunk = self._next_prefill()
        if chunk is not None:
            n_tokens = min(chunk.remaining, self.prefill_chunk)
            if self._reserve_prefill(chunk, n_tokens, others_decode=bool(work)):
                work.append(Work(chunk, n_tokens))
        return work

    def _next_prefill(self) -> Sequence | None:
        """The prompt served least recently among those that could go on."""
        ready = {
            s.id: s
            for s in self.running
            if not s.decoding and not s.missing_pictures(s.computed + min(s.remaining, self.prefill_chunk))
        }
        if not ready:
            return None
        self._turns = deque(i for i in self._turns if any(s.id == i for s in self.running))
        fresh = [i for i in ready if i not in self._turns]
        chosen = fresh[0] if fresh else next(i for i in self._turns if i in ready)
        if chosen in self._turns:
            self._turns.remove(chosen)
        self._turns.append(chosen)
        return ready[chosen]

    def _reserve_decode(self, sequence: Sequence) -> bool:
        """Give the sequence a block for its next token, if need be taken from the youngest sequence."""
        while sequence in self.running and not self._reserve(sequence, 1):
            self._preempt(self.running[-1])
        return sequence in self.running

    def _reserve_prefill(self, sequence: Sequence, n_tokens: int, others_decode: bool) -> bool:
        """Give a prompt the blocks for its next chunk; it waits for answers under way rather than undo them."""
        while not self._reserve(sequence, n_tokens):
            others = [s for s in self.running if s is not sequence]
            if others_decode or not others:
                return False
            self._preempt(others[-1])
        return True

    def _reserve(self, sequence: Sequence, n_tokens: int) -> bool:
        while sequence.blocks_for(n_tokens):
            block = self.pool.allocate()
            if block is None:
                return False
            sequence.table.append(block)
        return True

    def _preempt(self, victim: Sequence) -> None:
        """Send a sequence back to the front of the queue with what it has generated.

        It is computed anew later, as far as its blocks are not still idle in the pool.
        """
        self.running.remove(victim)
        self._give_back(victim)
        self.waiting.appendleft(victim)
        self.preempted_total += 1

    def _give_back(self, sequence: Sequence) -> None:
        self.pool.release(sequence.table)
        sequence.table = []
        sequence.computed = sequence.published = 0

    def computed(self, work: Work) -> None:
        """Note that the work is done, and publish the blocks that it filled."""
        sequence = work.sequence
        sequence.computed += work.n_tokens
        full = sequence.computed // KV_BLOCK_TOKENS
        if full > sequence.published:
            keys = sequence.update_keys()
            for block in range(sequence.published, full):
                self.pool.publish(sequence.table[block], keys[block])
            sequence.published = full
