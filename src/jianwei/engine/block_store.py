"""Which KV blocks go to disk and come from there: those of conversations that may be gone on with.

After an answer its blocks are remembered. They are written when the engine has nothing else to do, when another
conversation is about to take them, and when the engine is closed; a prompt whose beginning is not in the pool finds
it on disk (``kv_files``), where reading is faster than computing it anew. Blocks that nobody has come back to for a
while are there alone, and take no memory.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.engine.kv_cache import BlockPool
from jianwei.engine.kv_files import KvFiles
from jianwei.engine.prefix_cache import reduced
from jianwei.engine.sequence import Sequence

_FEWEST_TOKENS = 32
"""Of a step from which the time of a prompt's token is learned."""

_MEASURED = 0.2
"""Weight of a measured step among those before it."""

_MAPPED_BYTES = 512 << 20
"""Of blocks found for one prompt, at most: more are computed."""


class ReadableBlocks(Protocol):
    """The KV blocks' memory (``model.kv_memory.KvMemory``)."""

    def read(self, block: int) -> npt.NDArray[np.uint8]:
        """What a block holds, a copy."""
        ...


class BlockStore:
    """Sends blocks to disk and looks for them there. The engine's thread owns it; :meth:`find` is for any thread."""

    def __init__(self, pool: BlockPool, blocks: ReadableBlocks, files: KvFiles | None) -> None:
        """Nothing is written until something is remembered.

        Args:
            pool: whose blocks these are.
            blocks: their memory.
            files: None: nothing is kept.
        """
        self.prefill_seconds: float | None = None
        """Of a prompt's token, as measured here."""
        self._pool = pool
        self._blocks = blocks
        self._files = files
        self._unwritten: OrderedDict[bytes, int] = OrderedDict()
        if files is not None:
            pool.on_leaving = self._leaves

    def remember(self, sequence: Sequence) -> None:
        """A conversation has its answer: its blocks are to be kept."""
        if self._files is None or sequence.priority == "batch" or not self._pays(self._files):
            return
        for place, block in enumerate(sequence.table):
            key = self._pool.key_of(block)
            if key is not None:
                self._unwritten[key] = place

    def keep_next(self) -> bool:
        """Have the next block written; False: there is none, or the disk has enough to do."""
        files = self._files
        if files is None or not self._unwritten or not files.has_room():
            return False
        key, place = self._unwritten.popitem(last=False)
        block = self._pool.block_of(key)
        if block is not None and self._pays(files):
            files.put(key, lambda: self._blocks.read(block), place)
        return True

    def let_go(self) -> None:
        """Free the idle blocks that are on disk: nobody has come back to them for a while."""
        files = self._files
        if files is None or not self._pays(files):
            return
        for key in self._pool.idle_keys():
            if files.has(key):
                self._pool.let_go(key)

    def find(self, sequence: Sequence) -> None:
        """Attach what of a prompt's beginning is on disk and not in the pool. Any thread, before it is queued."""
        files = self._files
        if files is None or not self._pays(files):
            return
        found = 0
        # The last token is always computed: its logits are what the answer begins with.
        for place, key in enumerate(sequence.update_keys()[: (len(sequence.ids) - 1) // KV_BLOCK_TOKENS]):
            names = (key, reduced(key)) if sequence.request.may_leave_out else (key,)
            if any(self._pool.block_of(name) is not None for name in names):
                continue
            for name in names:
                held = files.get(name, place)
                if held is not None:
                    sequence.stored[name] = held
                    found += held.nbytes
                    break
            else:
                return
            if found > _MAPPED_BYTES:
                return

    def learn(self, tokens: int, seconds: float) -> None:
        """Note how long a step took that computed nothing but so many tokens of prompts."""
        if tokens >= _FEWEST_TOKENS:
            known, one = self.prefill_seconds, seconds / tokens
            self.prefill_seconds = one if known is None else known + _MEASURED * (one - known)

    def stats(self) -> dict[str, float]:
        """Gauges and totals, by name."""
        return self._files.stats() if self._files else {}

    def close(self) -> None:
        """Wait for what is being written."""
        if self._files is not None:
            self._files.close()

    def _leaves(self, block: int, key: bytes) -> None:
        """An idle block is about to be taken for something else."""
        place = self._unwritten.pop(key, None)
        if place is not None and self._files is not None and self._pays(self._files):
            self._files.put(key, lambda: self._blocks.read(block), place)

    def _pays(self, files: KvFiles) -> bool:
        return files.is_worth_it(self.prefill_seconds)
