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
   taken for something new when no free block is left: least recently used first.
"""

from __future__ import annotations

from collections import OrderedDict


class BlockPool:
    """Counts references to blocks and remembers what idle ones hold. One thread owns it."""

    def __init__(self, n_blocks: int) -> None:
        self.n_blocks = n_blocks
        self.evicted_total = 0
        self._free = list(range(n_blocks - 1, -1, -1))
        self._references = [0] * n_blocks
        self._idle: OrderedDict[int, None] = OrderedDict()
        self._key_of: dict[int, bytes] = {}
        self._block_of: dict[bytes, int] = {}

    @property
    def available(self) -> int:
        """Blocks that :meth:`allocate` can give now."""
        return len(self._free) + len(self._idle)

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
        elif self._idle:
            block, _ = self._idle.popitem(last=False)
            del self._block_of[self._key_of.pop(block)]
            self.evicted_total += 1
        else:
            return None
        self._references[block] = 1
        return block

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
            blocks.append(block)
        return blocks

    def publish(self, block: int, key: bytes) -> None:
        """Offer a full block under ``key``; nothing happens where another block already has it."""
        if key not in self._block_of and block not in self._key_of:
            self._key_of[block] = key
            self._block_of[key] = block

    def release(self, blocks: list[int]) -> None:
        """Drop one reference to each block; later blocks become the older ones, so that they go first."""
        for block in reversed(blocks):
            self._references[block] -= 1
            if self._references[block] > 0:
                continue
            if block in self._key_of:
                self._idle[block] = None
            else:
                self._free.append(block)
