"""The memory of the KV blocks: one array a layer for keys and one for values, in which a block is the same slot.

    key_cache.0   | block 0 | block 1 | block 2 | ...     what stands in a block (scales, packing) only attention knows;
    value_cache.0 | block 0 | block 1 | block 2 | ...     here it is bytes, that can be taken out, put back and let go
      ...

Pages become resident as blocks are written, and go when a block is given back.
"""

from __future__ import annotations

import contextlib
import mmap
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

Bytes = npt.NDArray[np.uint8]


class KvMemory:
    """Owns the arrays; hands them to OpenVINO as tensors.

    Attributes:
        n_blocks: how many there are.
        block_bytes: of one block over all arrays.
        tensors: by the graph's input names.
    """

    def __init__(self, ports: Iterable[Any], budget: int) -> None:
        """Reserve as many blocks as the budget holds, at least one; no page is touched yet.

        Args:
            ports: the compiled graph's cache inputs, ``[blocks, ...]``.
            budget: bytes.
        """
        self._lengths: list[int] = []
        kinds: list[tuple[str, Any, list[int]]] = []
        for port in ports:
            shape = [d.get_length() for d in port.partial_shape if d.is_static]
            kinds.append((port.get_any_name(), port.element_type, shape))
            self._lengths.append(int(np.prod(shape)) * port.element_type.bitwidth // 8)
        self.block_bytes = sum(self._lengths)
        self.n_blocks = max(1, budget // self.block_bytes)
        self._maps: list[mmap.mmap | None] = []
        self._arrays: list[Bytes] = []
        self.tensors: dict[str, ov.Tensor] = {}
        for (name, kind, shape), length in zip(kinds, self._lengths, strict=True):
            memory = _reserve(self.n_blocks * length)
            array = (
                np.empty(self.n_blocks * length, np.uint8)
                if memory is None
                else np.frombuffer(memory, np.uint8)
            )
            self._maps.append(memory)
            self._arrays.append(array.reshape(self.n_blocks, length))
            self.tensors[name] = ov.Tensor(array, ov.Shape([self.n_blocks, *shape]), kind)

    def read(self, block: int) -> Bytes:
        """What a block holds: ``[block_bytes]``, a copy."""
        return np.concatenate([array[block] for array in self._arrays])

    def write(self, block: int, held: Bytes) -> None:
        """Put back what :meth:`read` gave, into any block."""
        at = 0
        for array in self._arrays:
            end = at + array.shape[1]
            array[block] = held[at:end]
            at = end

    def give_back(self, blocks: Iterable[int]) -> None:
        """Let the system have the pages of these blocks, whose content is lost; nothing happens where it cannot be."""
        runs = _runs(blocks)
        for memory, length in zip(self._maps, self._lengths, strict=True):
            if memory is None:
                return
            for first, end in runs:
                # Pages that a neighbour shares stay.
                start = -(-first * length // mmap.PAGESIZE) * mmap.PAGESIZE
                stop = end * length // mmap.PAGESIZE * mmap.PAGESIZE
                if stop > start:
                    memory.madvise(mmap.MADV_DONTNEED, start, stop - start)


def _reserve(length: int) -> mmap.mmap | None:
    """Anonymous memory whose pages can be given back one by one; None where the system has no such thing."""
    if sys.platform != "linux":
        return None
    memory = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    # A page of 2 MB would hold many blocks of one layer: the first one written would make them all resident.
    with contextlib.suppress(OSError):  # a kernel without such pages
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return memory


def _runs(blocks: Iterable[int]) -> list[tuple[int, int]]:
    """Blocks that follow each other, as (first, end)."""
    runs: list[tuple[int, int]] = []
    for block in sorted(blocks):
        if runs and runs[-1][1] == block:
            runs[-1] = runs[-1][0], block + 1
        else:
            runs.append((block, block + 1))
    return runs
