"""Which tokens of which sequences go into the next step: continuous batching with chunked prefill.

Every step goes on with each sequence that generates, by the tokens it has chosen and guesses of what follows them
(``draft``), and beside that computes a chunk of prompts, beginning with the one that has waited longest for its turn:
so a long document does not freeze the answers that are under way, and a short question does not wait behind a long
one (Orca, OSDI 2022; Sarathi-Serve, OSDI 2024).

Two classes (``types.Priority``). Somebody waits for an *interactive* answer: it is let in first, its prompt is
computed first, and where room lacks, *batch* work makes way and goes on later from the blocks it left. Batch work is
never starved: one place stays its own, and of any ``BATCH_TURN`` chunks one is its.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.draft import NO_GUESS
from jianwei.engine.kv_cache import BlockPool
from jianwei.engine.prefix_cache import reduced
from jianwei.engine.sequence import Sequence
from jianwei.engine.step_costs import GuessAccount, StepCosts
from jianwei.engine.visual_blocks import VisualScores, least_needed
from jianwei.types import Priority

BATCH_TURN = 4
"""Chunks of prompts of which one is for batch work, however many interactive prompts there are."""

BESIDE_ANSWERS = 4
"""Batch prompts are taken in chunks this many times smaller while somebody watches an answer being written."""

_ROOM_FOR_ANSWER = 256
"""Tokens of an answer for which a conversation that exceeds the budget makes room, if it may be so long."""

_MAX_DRAFTED = 32
"""Guessed tokens in one step, of all sequences: beyond so many, a token costs as much as in a prompt."""


@dataclass(frozen=True)
class Work:
    """Compute the next ``n_tokens`` tokens of ``sequence``, and after its last one those of ``draft``."""

    sequence: Sequence
    n_tokens: int
    draft: tuple[int, ...] = ()

    @property
    def n_rows(self) -> int:
        """Tokens in the step."""
        return self.n_tokens + len(self.draft)

    @property
    def is_ready(self) -> bool:
        """Whether the step gives the logits that the sequence's next token is chosen by."""
        return self.n_tokens == self.sequence.remaining


class Scheduler:
    """Holds the sequences that wait and those that run. One thread owns it."""

    def __init__(
        self,
        pool: BlockPool,
        max_running: int,
        prefill_chunk: int,
        drafts: bool = False,
        visual_keep: float = 1.0,
        restore: Callable[[int, npt.NDArray[np.uint8]], None] | None = None,
    ) -> None:
        """``restore`` puts what was stored of a block into another one; the rest as in ``Engine``."""
        self.pool = pool
        self._restore = restore
        self.drafts = drafts
        self.costs = StepCosts()
        self.account = GuessAccount()
        self.max_running = max_running
        self.prefill_chunk = prefill_chunk
        self.running: list[Sequence] = []
        self.preempted_total = 0
        self.left_out_total = 0
        self.scores = VisualScores()
        self.visual_keep = visual_keep
        self._queues: dict[Priority, deque[Sequence]] = {name: deque() for name in get_args(Priority)}
        self._turn = 0
        self._looking = 0.0
        self._batch_waited = 0

    @property
    def waiting(self) -> tuple[Sequence, ...]:
        """Those that are not let in yet, the next one first."""
        return tuple(sequence for queue in self._queues.values() for sequence in queue)

    def add(self, sequence: Sequence) -> None:
        """Put a new sequence at the end of its class's queue."""
        self._queues[sequence.priority].append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Take a sequence out, finished or not; its full blocks stay for others."""
        if sequence in self.running:
            self.running.remove(sequence)
            self._give_back(sequence)
        elif sequence in self._queues[sequence.priority]:
            self._queues[sequence.priority].remove(sequence)

    def find(self, sequence_id: str) -> Sequence | None:
        """The sequence with this id."""
        return next((s for s in (*self.running, *self.waiting) if s.id == sequence_id), None)

    def admit(self) -> None:
        """Let sequences in while there is a place and their prompts' blocks can be had, interactive ones first."""
        while self._admit_next():
            pass

    def _admit_next(self) -> bool:
        queue = next(
            (self._queues[name] for name in self._classes_with_a_place() if self._queues[name]), None
        )
        if queue is None:
            return False
        sequence = queue[0]
        self._leave_out(sequence)
        self._take_known(sequence)
        self._look_ahead(sequence)
        while sequence.missing_blocks > self.pool.available - self._promised() and self.running:
            batch = self._batch()
            if sequence.priority == "batch" or not batch:
                self._give_back(sequence)
                return False
            self._preempt(batch[-1])
        if len(self.running) >= self.max_running:
            self._preempt(self._batch()[-1])
        if not sequence.clock.admitted:
            sequence.clock.admitted = time.perf_counter()
            known = sequence.held + len(sequence.ahead) * KV_BLOCK_TOKENS
            sequence.cached_tokens = min(known, sequence.prompt_tokens)
            self.left_out_total += len(sequence.skip)
        queue.popleft()
        self.running.append(sequence)
        return True

    def _classes_with_a_place(self) -> list[Priority]:
        """Classes of which one more may run, the one that comes first first."""
        batch = len(self._batch())
        kept = 1 if self.max_running > 1 and (batch or self._queues["batch"]) else 0
        classes: list[Priority] = []
        if len(self.running) - batch < self.max_running - kept:
            classes.append("interactive")
        if len(self.running) < self.max_running:
            classes.append("batch")
        return classes

    def _batch(self) -> list[Sequence]:
        return [s for s in self.running if s.priority == "batch"]

    def _promised(self) -> int:
        """Blocks that the prompts of running sequences still need."""
        return sum(s.missing_blocks for s in self.running)

    def plan(self) -> list[Work]:
        """The next step: every decoding sequence, and a chunk of prompts whose pictures are at hand."""
        decoding = [s for s in list(self.running) if s.decoding and self._reserve_decode(s)]
        work = [Work(s, self._next_tokens(s)) for s in decoding if s in self.running]
        watched = any(w.sequence.priority == "interactive" for w in work)
        prompts = self._prompts_in_turn()
        work, drafted = self._with_drafts(work, sum(s.remaining for s in prompts))
        room = self.prefill_chunk - drafted
        room_for_batch = max(KV_BLOCK_TOKENS, room // BESIDE_ANSWERS) if watched else room
        filling: set[bytes] = set()
        for sequence in prompts:
            if sequence not in self.running:
                continue
            is_batch = sequence.priority == "batch"
            n_tokens = self._chunk(sequence, min(room, room_for_batch) if is_batch else room, filling)
            if not n_tokens or not self._reserve_prefill(sequence, n_tokens, others_decode=bool(work)):
                continue
            work.append(Work(sequence, n_tokens))
            filling.update(_block_keys(sequence, n_tokens))
            room -= n_tokens
            self._turn += 1
            sequence.last_turn = self._turn
            if is_batch:
                room_for_batch -= n_tokens
                self._batch_waited = 0
        return [w for w in work if w.sequence in self.running]

    def _next_tokens(self, sequence: Sequence) -> int:
        """Tokens of one sequence in the next step: no more than of a prompt."""
        return min(sequence.remaining, self.prefill_chunk)

    def _with_drafts(self, work: list[Work], prompt_tokens: int) -> tuple[list[Work], int]:
        """Add guesses to sequences that decode, as far as they pay and blocks are free; also how many in all.

        They count as tokens of the step: the chunk of prompts beside them is smaller by so many.
        """
        kept = KV_BLOCK_TOKENS if prompt_tokens else 0
        left = min(_MAX_DRAFTED, self.prefill_chunk - kept) if self.drafts and self.account.pays else 0
        tokens = sum(w.n_tokens for w in work) + min(prompt_tokens, self.prefill_chunk)
        expected, drafted = float(len(work)), 0
        self._looking = 0.0
        with_drafts: list[Work] = []
        for item in work:
            guess = NO_GUESS
            if item.is_ready and left > drafted:
                start = time.perf_counter()
                guess = item.sequence.guess(left - drafted, tokens, expected, self.costs)
                self._looking += time.perf_counter() - start
                if guess.tokens and not self._reserve(item.sequence, item.n_tokens + len(guess.tokens)):
                    guess = NO_GUESS
            with_drafts.append(replace(item, draft=guess.tokens))
            expected += guess.gain
            drafted += len(guess.tokens)
            tokens += len(guess.tokens)
        return with_drafts, drafted

    def learn(self, work: list[Work], made: int, seconds: float, computing: float) -> None:
        """Note what a step cost that computed nothing but tokens of answers.

        Args:
            work: of the step.
            made: tokens that it added to answers.
            seconds: that it took, with planning.
            computing: without.
        """
        self.costs.learn(sum(w.n_rows for w in work), computing)
        if len(work) == 1 and made:
            self.account.note(made, seconds, self._looking, guessed=bool(work[0].draft))

    def _prompts_in_turn(self) -> list[Sequence]:
        """Prompts that could go on: interactive ones first, then the one served least recently.

        Before that, each takes the blocks that others have filled since it was let in.
        """
        ready: list[Sequence] = []
        for s in self.running:
            if s.decoding:
                continue
            s.cached_tokens = min(s.cached_tokens + self._take_known(s), s.prompt_tokens)
            if not s.missing_pictures(s.computed + min(s.remaining, self.prefill_chunk)):
                ready.append(s)
        first: Priority = "interactive"
        if len({s.priority for s in ready}) > 1:
            self._batch_waited += 1
            if self._batch_waited >= BATCH_TURN:
                first = "batch"
        return sorted(ready, key=lambda s: (s.priority != first, s.last_turn))

    def _chunk(self, sequence: Sequence, room: int, filling: set[bytes]) -> int:
        """Tokens of a prompt for this step, at most ``room``; 0: it does better to wait.

        Blocks that this very step fills for another prompt (``filling``) are not computed: the next step finds them.
        """
        run = sequence.run
        n_tokens = min(run, room)
        if n_tokens < min(run, KV_BLOCK_TOKENS, self.prefill_chunk):
            return 0  # what is left of this step is not worth a row of its own
        keys = _block_keys(sequence, n_tokens)
        return 0 if keys and keys[0] in filling else n_tokens

    def _leave_out(self, sequence: Sequence) -> None:
        """Choose the blocks that a prompt does without: where it exceeds the budget, or as ``visual_keep`` says."""
        pictures = sequence.spare_blocks()
        if not pictures:
            return
        keys = sequence.update_keys()
        answer = min(sequence.request.sampling.max_tokens, _ROOM_FOR_ANSWER)
        total = -(-(sequence.prompt_tokens + answer) // KV_BLOCK_TOKENS)
        # What nobody has looked at yet is only left out where there is no room for it.
        seen = sum(self.scores.get(keys[block]) > 0 for blocks in pictures for block in blocks)
        count = max(total - self.pool.n_blocks, int((1 - self.visual_keep) * seen))
        sequence.skip = least_needed(pictures, keys, self.scores, count)

    def _take_known(self, sequence: Sequence) -> int:
        """Extend a sequence at the end of a block by blocks that hold what follows; tokens gained."""
        if sequence.computed % KV_BLOCK_TOKENS:
            return 0
        filled = sequence.held // KV_BLOCK_TOKENS
        self.pool.release(sequence.table[filled:])  # taken for a chunk for which there was no room after all
        del sequence.table[filled:]
        keys, gained = sequence.update_keys(), 0
        # The last token is always computed: its logits are what the answer begins with.
        for block in range(sequence.computed // KV_BLOCK_TOKENS, (len(sequence.ids) - 1) // KV_BLOCK_TOKENS):
            if block in sequence.skip:
                sequence.holes.append(block)
            else:
                known = sequence.ahead.pop(block, None)
                if known is None:
                    known = self._find(sequence, keys[block])
                    gained += known is not None
                if known is None:
                    break
                sequence.table.append(known)
            sequence.computed += KV_BLOCK_TOKENS
        sequence.published = sequence.computed // KV_BLOCK_TOKENS
        return gained * KV_BLOCK_TOKENS

    def _look_ahead(self, sequence: Sequence) -> None:
        """Hold the blocks beyond the next one to compute that are there: only what is missing is computed."""
        keys = sequence.update_keys()
        first = sequence.computed // KV_BLOCK_TOKENS + 1
        for block in range(first, (len(sequence.ids) - 1) // KV_BLOCK_TOKENS):
            if block not in sequence.skip:
                known = self._find(sequence, keys[block])
                if known is not None:
                    sequence.ahead[block] = known

    def _find(self, sequence: Sequence, key: bytes) -> int | None:
        """A block that holds what ``key`` stands for, referenced once more; from disk if it is not in the pool.

        Where blocks are left out, one that was computed with blocks left out will do.
        """
        for name in (key, reduced(key)) if sequence.skip else (key,):
            for block in self.pool.match([name]):
                return block
            held = sequence.stored.pop(name, None)
            block = self.pool.allocate() if held is not None else None
            if held is not None and block is not None and self._restore:
                self._restore(block, held)
                self.pool.publish(block, name)
                return block
        return None

    def _reserve_decode(self, sequence: Sequence) -> bool:
        """Give the sequence a block for its next token, if need be taken from batch work or the youngest."""
        while sequence in self.running and not self._reserve(sequence, self._next_tokens(sequence)):
            self._preempt((self._batch() or self.running)[-1])
        return sequence in self.running

    def _reserve_prefill(self, sequence: Sequence, n_tokens: int, others_decode: bool) -> bool:
        """Give a prompt the blocks for its next chunk.

        Batch work makes way for an interactive prompt. Else it waits for answers under way rather than undo them.
        """
        while not self._reserve(sequence, n_tokens):
            others = [s for s in self.running if s is not sequence]
            batch = [s for s in others if s.priority == "batch"]
            if sequence.priority == "interactive" and batch:
                self._preempt(batch[-1])
            elif others_decode or not others or (sequence.priority == "batch" and not batch):
                return False
            else:
                self._preempt((batch or others)[-1])
        return True

    def _reserve(self, sequence: Sequence, n_tokens: int) -> bool:
        while sequence.blocks_for(n_tokens):
            block = self.pool.allocate()
            if block is None:
                return False
            sequence.table.append(block)
        return True

    def _preempt(self, victim: Sequence) -> None:
        """Send a sequence back to the front of its queue with what it has generated.

        It is computed anew later, as far as its blocks are not still idle in the pool.
        """
        self.running.remove(victim)
        self._give_back(victim)
        self._queues[victim.priority].appendleft(victim)
        self.preempted_total += 1

    def _give_back(self, sequence: Sequence) -> None:
        self.pool.release([*sequence.table, *(sequence.ahead[block] for block in sorted(sequence.ahead))])
        sequence.table, sequence.holes, sequence.ahead = [], [], {}
        sequence.computed = sequence.published = 0

    def computed(self, sequence: Sequence, n_tokens: int) -> None:
        """Note that the next ``n_tokens`` of a sequence are in its blocks, and publish those that they filled."""
        sequence.computed += n_tokens
        full = sequence.computed // KV_BLOCK_TOKENS
        if full > sequence.published:
            keys = sequence.update_keys()
            gone = len(sequence.holes)
            for block in range(sequence.published, full):
                key = reduced(keys[block]) if gone else keys[block]
                self.pool.publish(sequence.table[block - gone], key)
            sequence.published = full


def _block_keys(sequence: Sequence, n_tokens: int) -> list[bytes]:
    """Keys of the blocks that the next ``n_tokens`` tokens fill from their beginning."""
    first = -(-sequence.computed // KV_BLOCK_TOKENS)
    return sequence.update_keys()[first : (sequence.computed + n_tokens) // KV_BLOCK_TOKENS]
