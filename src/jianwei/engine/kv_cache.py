"""The pool of KV blocks: who owns a block, when it is shared, when it goes.

The pool is one array a layer; a block is the same slot in all of them and holds 32 tokens of one sequence::

    layer 0   | block 0 | block 1 | block 2 | ...      sequence A: table [0, 2, 5]   tokens 0..31 32..63 64..70
    layer 1   | block 0 | block 1 | block 2 | ...      sequence B: table [0, 2, 7]   (shares its first 64 tokens)
      ...

Three rules:

1. *Owned.* A block is referenced by the tables of the sequences that use it. Only a sequence that owns a block
   alone, and has not filled it, writes into it.
2. *Shared.* A full block is published under the key of everything up to its end (``prefix_cache.block_keys``);
   a sequence with the same beginning takes it instead of computing it again. Full blocks never change.
3. *Gone.* A block that no sequence uses is free at once if it was never published; else it stays, idle, and is
   taken for something new when no free block is left, or when there are more idle ones than are worth memory that
   was never touched: least recently used first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable


class BlockPool:
    """Counts references to blocks and remembers what idle ones hold. One thread owns it.

    Attributes:
        shared: blocks that several sequences use.
        evicted_total: idle blocks that were taken for something else.
        brought_back_total: blocks computed again after that.
        on_leaving: called with an idle block and its key before it is taken for something else.
    """

    def __init__(self, n_blocks: int, most_idle: int | None = None) -> None:
        """All blocks are free.

        Args:
            n_blocks: how many there are.
            most_idle: with more idle ones than these, one of them is taken rather than a block that was never
                written: its memory is not resident yet. None: no such limit.
        """
        self.n_blocks = n_blocks
        self.most_idle = n_blocks if most_idle is None else most_idle
        self.evicted_total = 0
        self.brought_back_total = 0
        self.shared = 0
        self.on_leaving: Callable[[int, bytes], None] | None = None
        self._untouched = 0
        self._free: list[int] = []
        self._gone: OrderedDict[bytes, None] = OrderedDict()
        self._references = [0] * n_blocks
        self._idle: OrderedDict[int, None] = OrderedDict()
        self._key_of: dict[int, bytes] = {}
        self._block_of: dict[bytes, int] = {}

    @property
    def available(self) -> int:
        """Blocks that :meth:`allocate` can give now."""
        return len(self._free) + len(self._idle) + self.n_blocks - self._untouched

    @property
    def used(self) -> int:
        """Blocks that sequences reference."""
        return self.n_blocks - self.available

    @property
    def idle(self) -> int:
        """Blocks that nobody references, kept for whoever begins the same way."""
        return len(self._idle)

    def allocate(self) -> int | None:
        """A block for new tokens, referenced once; None when every block is in use."""
        if self._free:
            block = self._free.pop()
        elif self._untouched < self.n_blocks and len(self._idle) <= self.most_idle:
            block = self._untouched
            self._untouched += 1
        elif self._idle:
            block, _ = self._idle.popitem(last=False)
            self._forget(block)
        else:
            return None
        self._references[block] = 1
        return block

    def key_of(self, block: int) -> bytes | None:
        """The key under which a block is published."""
        return self._key_of.get(block)

    def block_of(self, key: bytes) -> int | None:
        """The block that holds what ``key`` stands for. Any thread: it may be gone a moment later."""
        return self._block_of.get(key)

    @property
    def free(self) -> tuple[int, ...]:
        """Blocks that hold nothing any more."""
        return tuple(self._free)

    def idle_keys(self) -> list[bytes]:
        """Keys of the blocks that nobody references, least recently used first."""
        return [self._key_of[block] for block in self._idle]

    def let_go(self, key: bytes) -> None:
        """Free an idle block."""
        block = self._block_of[key]
        del self._idle[block]
        self._forget(block)
        self._free.append(block)

    def match(self, keys: list[bytes]) -> list[int]:
        """The blocks of the longest beginning of ``keys`` that is here, each referenced once more."""
        blocks: list[int] = []
        for key in keys:
            block = self._block_of.get(key)
            if block is None:
                break
            if self._references[block] == 0:
                del self._idle[block]
            self._references[block] += 1
            self.shared += self._references[block] == 2
            blocks.append(block)
        return blocks

    def publish(self, block: int, key: bytes) -> None:
        """Offer a full block under ``key``; nothing happens where another block already has it."""
        if key not in self._block_of and block not in self._key_of:
            self._key_of[block] = key
            self._block_of[key] = block
            if key in self._gone:
                del self._gone[key]
                self.brought_back_total += 1

    def release(self, blocks: list[int]) -> None:
        """Drop one reference to each block; later blocks become the older ones, so that they go first."""
        for block in reversed(blocks):
            self._references[block] -= 1
            self.shared -= self._references[block] == 1
            if self._references[block] > 0:
                continue
            if block in self._key_of:
                self._idle[block] = None
            else:
                self._free.append(block)

    def _forget(self, block: int) -> None:
        """What the block held is gone; for a while its key is remembered, to count what is computed again."""
        key = self._key_of.pop(block)
        if self.on_leaving:
            self.on_leaving(block, key)
        del self._block_of[key]
        self.evicted_total += 1
        self._gone[key] = None
        if len(self._gone) > 4 * self.n_blocks:
            self._gone.popitem(last=False)
