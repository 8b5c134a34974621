"""Writes a GGUF file tensor by tensor: never more than one in memory, and no name before the file is whole."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as GgmlType

OnBytes = Callable[[int, int], None]
"""Told how many bytes of tensors are written, and how many there are."""


@dataclass(frozen=True)
class NewTensor:
    """A tensor that is to be written: its shape as numpy sees it (rows first), and its number format."""

    name: str
    shape: tuple[int, ...]
    kind: GgmlType

    @property
    def n_bytes(self) -> int:
        """Bytes in the file."""
        block, block_bytes = gguf.GGML_QUANT_SIZES[self.kind]
        return math.prod(self.shape) // block * block_bytes


def write_gguf(
    path: Path,
    architecture: str,
    add_keys: Callable[[gguf.GGUFWriter], None],
    tensors: Sequence[NewTensor],
    arrays: Iterable[npt.NDArray[np.generic]],
    on_bytes: OnBytes | None = None,
) -> None:
    """Write ``path``, which gets its name when all is in it; whatever goes wrong leaves nothing behind.

    Args:
        path: the file.
        architecture: ``general.architecture``.
        add_keys: adds the rest of the metadata.
        tensors: what the file holds, in order.
        arrays: the values of each as they are stored, in the same order; taken one by one.
        on_bytes: called after each tensor.

    Raises:
        OSError: the file cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    writer = gguf.GGUFWriter(str(unfinished), architecture)
    done, total = 0, sum(tensor.n_bytes for tensor in tensors)
    try:
        add_keys(writer)
        for tensor in tensors:
            # The type of the array counts for nothing beside ``raw_dtype``, but for bytes, whose shape it would change.
            dtype = np.dtype(np.float32)
            writer.add_tensor_info(tensor.name, tensor.shape, dtype, tensor.n_bytes, raw_dtype=tensor.kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor, array in zip(tensors, arrays, strict=True):
            writer.write_tensor_data(array)
            done += tensor.n_bytes
            if on_bytes:
                on_bytes(done, total)
        writer.close()
        unfinished.replace(path)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)
