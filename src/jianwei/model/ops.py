"""Building blocks of the OpenVINO graphs: norms, rotary embedding, linear layers over compressed weights.

Every function takes and gives graph nodes; nothing is computed here. Shapes are in comments, ``T`` is the
number of tokens (or patches), dynamic in every graph.

The patterns are the ones that OpenVINO's CPU plugin recognizes and fuses (RMS norm, compressed fully connected
layers), so their spelling matters: see ``src/common/transformations`` in the openvino repository
(``rms_fusion.cpp``, ``convert_fc_to_compressed.cpp``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as op

from jianwei.model.matrix import Matrix

Node = Any
"""An OpenVINO graph node or output; its Python stubs are not precise enough to name it."""


def integers(*values: int) -> Node:
    """A constant int64 vector, as shapes and axes want it."""
    return op.constant(np.array(values, dtype=np.int64))


def parameter(name: str, shape: Sequence[int], dtype: Any) -> Node:
    """A named input of the graph; -1 in ``shape`` is a dynamic dimension."""
    node = op.parameter(list(shape), dtype, name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def graph(outputs: Sequence[Node], inputs: Sequence[Node]) -> ov.Model:
    """A graph that computes ``outputs`` from ``inputs``."""
    model: Any = ov.Model  # its stubs do not know the class's own constructor
    return model([op.result(y) for y in outputs], list(inputs))


def reshape(x: Node, *shape: int) -> Node:
    """``x`` in another shape; one -1 is inferred."""
    return op.reshape(x, integers(*shape), False)


def rms_norm(x: Node, weight: npt.NDArray[np.float32], eps: float) -> Node:
    """Root-mean-square norm over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467)."""
    mean_square = op.reduce_mean(op.power(x, op.constant(np.float32(2))), integers(-1), True)
    scale = op.divide(op.constant(np.float32(1)), op.sqrt(op.add(mean_square, op.constant(np.float32(eps)))))
    return op.multiply(op.multiply(x, scale), op.constant(weight))


def layer_norm(x: Node, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32], eps: float) -> Node:
    """Layer norm over the last axis."""
    return op.add(
        op.multiply(op.mvn(x, integers(-1), True, eps, "inside_sqrt"), op.constant(weight)), op.constant(bias)
    )


def rotate(x: Node, cos: Node, sin: Node) -> Node:
    """Rotary position embedding in the half-split form (``rotate_half`` in ``transformers``).

    ``x`` ``[..., head_dim]``; ``cos`` and ``sin`` broadcast against it.
    """
    first, second = op.split(x, op.constant(np.int64(-1)), 2).outputs()
    turned = op.concat([op.negative(second), first], -1)
    return op.add(op.multiply(x, cos), op.multiply(turned, sin))


def products(x: Node, matrices: Sequence[Matrix]) -> list[Node]:
    """``x`` ``[T, cols]`` times each matrix: ``[T, rows]`` each. Those with offsets share one extension of ``x``.

    One product for all and its result cut apart would be slower: cutting copies.
    """
    extended: Node | None = None
    results: list[Node] = []
    for matrix in matrices:
        if matrix.n_sums and extended is None:
            extended = _with_sums(x, matrix)
        results.append(op.matmul(extended if matrix.n_sums else x, _decompressed(matrix), False, True))
    return results


def linear(x: Node, matrix: Matrix, bias: npt.NDArray[np.float32] | None = None) -> Node:
    """``x W^T + b``: ``[T, cols]`` -> ``[T, rows]``."""
    (y,) = products(x, [matrix])
    return y if bias is None else op.add(y, op.constant(bias))


def _with_sums(x: Node, matrix: Matrix) -> Node:
    """``x`` ``[T, cols]`` with its sums over groups of columns behind it, twice: ``[T, cols + 2 * n_sums]``.

    They meet the columns that hold a matrix's offsets (``weights`` says why).
    """
    groups = matrix.cols // matrix.group
    sums = op.reduce_sum(reshape(x, -1, groups, matrix.group), integers(-1), False)
    if groups < matrix.n_sums:
        sums = op.pad(sums, integers(0, 0), integers(0, matrix.n_sums - groups), "constant")
    return op.concat([x, sums, sums], -1)


def _decompressed(matrix: Matrix) -> Node:
    """The constant subgraph of a matrix ``[rows, cols + 2 * n_sums]`` in f32; the plugin keeps it compressed."""
    if matrix.scales is None:
        values = _shared(matrix.values)
        return values if matrix.bits == 32 else op.convert(values, "f32")
    rows, cols = matrix.rows, matrix.cols + 2 * matrix.n_sums
    grouped = matrix.group != matrix.cols
    shape = [rows, cols // matrix.group, matrix.group] if grouped else [rows, cols]
    if matrix.bits == 4:
        values = op.constant(ov.Tensor(matrix.values, ov.Shape(shape), ov.Type.i4))
    else:
        values = _shared(matrix.values.reshape(shape))
    scales = _shared(matrix.scales.reshape([*shape[:-1], 1]))
    weight = op.multiply(op.convert(values, "f32"), scales)
    return reshape(weight, rows, cols) if grouped else weight


def _shared(array: npt.NDArray[Any]) -> Node:
    """A constant over the array's own memory: the array must live until the compiled model has packed it."""
    return op.constant(ov.Tensor(array, shared_memory=True))
