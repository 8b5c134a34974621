"""OpenVINO's PagedAttention: the only place that knows its inputs.

It is an internal operation of OpenVINO (``src/core/include/openvino/op/paged_attention.hpp``), reached through
``openvino.op._PagedAttentionExtension``, and its inputs change between minor versions; hence the pinned version
in pyproject.toml and ``tests/model/test_paged_attention.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import op as internal
from openvino import opset13 as op

from jianwei.config import KV_BLOCK_TOKENS
from jianwei.model.ops import Node, parameter

_PagedAttentionExtension: Any = getattr(internal, "_PagedAttentionExtension")  # noqa: B009  # no public name exists

OPENVINO_SERIES = "2026.4."
"""The versions whose PagedAttention takes exactly the inputs below."""


class BatchInputs(NamedTuple):
    """Graph inputs, shared by all layers, that say which tokens belong to which sequence.

    ``past_lens`` ``[sequences]``: tokens already in the cache; ``subsequence_begins`` ``[sequences + 1]``: where
    each sequence's new tokens begin among the batch's; ``block_indices``: the block tables one after another;
    ``block_indices_begins`` ``[sequences + 1]``: where each table begins; ``max_context_len``: scalar.
    """

    past_lens: Node
    subsequence_begins: Node
    block_indices: Node
    block_indices_begins: Node
    max_context_len: Node


def batch_inputs() -> BatchInputs:
    """New graph inputs under the names of :class:`BatchInputs`."""
    return BatchInputs(
        past_lens=parameter("past_lens", [-1], np.int32),
        subsequence_begins=parameter("subsequence_begins", [-1], np.int32),
        block_indices=parameter("block_indices", [-1], np.int32),
        block_indices_begins=parameter("block_indices_begins", [-1], np.int32),
        max_context_len=parameter("max_context_len", [], np.int32),
    )


def cache_inputs(layer: int) -> tuple[Node, Node]:
    """New graph inputs ``key_cache.N`` and ``value_cache.N``; type and shape are settled at compilation."""
    names = f"key_cache.{layer}", f"value_cache.{layer}"
    nodes = tuple(op.parameter([-1, -1, -1, -1], ov.Type.dynamic, name=name) for name in names)
    for name, node in zip(names, nodes, strict=True):
        node.output(0).get_tensor().set_names({name})
    return nodes[0], nodes[1]


def paged_attention(
    query: Node,
    key: Node,
    value: Node,
    caches: tuple[Node, Node],
    batch: BatchInputs,
    kv_heads: int,
    head_dim: int,
) -> Node:
    """Causal attention of new tokens over their sequences' blocks; writes their keys and values into the blocks.

    ``query`` ``[T, heads * head_dim]``, ``key`` and ``value`` ``[T, kv_heads * head_dim]`` ->
    ``[T, heads * head_dim]``.
    """

    def empty(dtype: Any, *shape: int) -> Node:
        return op.constant(np.zeros(shape or (0,), dtype))

    scale = op.constant(np.float32(head_dim**-0.5))
    zero = op.constant(np.int32(0))
    inputs = [
        query,
        key,
        value,
        *caches,
        batch.past_lens,
        batch.subsequence_begins,
        batch.block_indices,
        batch.block_indices_begins,
        scale,
        zero,  # sliding window: off
        empty(np.float32),  # ALiBi slopes
        batch.max_context_len,
        empty(np.int32),  # rows whose attention scores are wanted
        empty(np.int32),  # rotated block indices
        empty(np.int32),  # rotation deltas
        empty(np.float32),  # rotation table
        empty(np.float32),  # XAttention threshold
        zero,  # XAttention block size
        zero,  # XAttention stride
        empty(np.float32, 0, 0, 0, 0),  # attention sinks
        zero,  # adaptive R-KV: start size
        empty(np.int32),  # adaptive R-KV: evictable sizes
        empty(np.int32),  # adaptive R-KV: diversity block set
        empty(np.int32),  # adaptive R-KV: begins of the sets
        empty(np.int32),  # token types
        empty(np.uint8),  # Q-Q bias
        empty(np.int32),  # Q-Q bias begins
    ]
    node = _PagedAttentionExtension([x if isinstance(x, ov.Output) else x.output(0) for x in inputs])
    info = node.get_rt_info()
    for prefix in ("k", "v"):
        info[f"num_{prefix}_heads"] = kv_heads
        info[f"{prefix}_head_size"] = head_dim
    return node.output(0)


_SCALE_BYTES = 8
"""Before a quantized block's keys, for every channel: a float scale, and after all of them a float zero point each."""


def stored_keys(cache: ov.Tensor, table: list[int], length: int) -> npt.NDArray[np.float32]:
    """Read keys back from a ``key_cache`` in any of its precisions.

    Args:
        cache: of one layer, ``[blocks, kv_heads, rows, head_dim]``.
        table: the sequence's blocks.
        length: how many of its tokens are in them.

    Returns:
        ``[length, kv_heads, head_dim]``, as attention sees them: after rotation, with the loss of the precision.

    Raises:
        ValueError: the plugin lays out its cache in another way here.
    """
    chosen = np.array(table[: -(-length // KV_BLOCK_TOKENS)], np.int64)
    n_blocks, kv_heads, rows, head_dim = cache.shape
    element: Any = cache.element_type
    bits = int(element.bitwidth)
    scale_rows = _SCALE_BYTES * 8 // bits
    if element in (ov.Type.u8, ov.Type.u4) and rows == KV_BLOCK_TOKENS + scale_rows:
        # Two values of 4 bits stand in a byte, the first one in its upper half.
        blocks = cache.data.reshape(n_blocks, kv_heads, rows, head_dim * bits // 8)[chosen]
        head = np.ascontiguousarray(blocks[:, :, :scale_rows]).reshape(len(blocks), kv_heads, -1)
        scales, zeros = np.split(head.view(np.float32)[:, :, None], 2, axis=-1)
        values = blocks[:, :, scale_rows:]
        if bits == 4:
            values = np.stack([values >> 4, values & 15], axis=-1).reshape(*values.shape[:-1], head_dim)
        keys = (values.astype(np.float32) - zeros) * scales
    elif element == ov.Type.bf16 and rows == KV_BLOCK_TOKENS:
        # NumPy has no bf16: OpenVINO hands its bits out as another type of 16 bits.
        blocks = np.ascontiguousarray(cache.data[chosen])
        keys = (blocks.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    elif element == ov.Type.f32 and rows == KV_BLOCK_TOKENS:
        keys = cache.data[chosen]
    else:
        raise ValueError(f"a key cache of {element} with blocks of {rows} rows")
    return keys.transpose(0, 2, 1, 3).reshape(-1, kv_heads, head_dim)[:length]
