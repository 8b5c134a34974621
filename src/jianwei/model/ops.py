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

from jianwei.model.weights import Matrix

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


def group_sums(x: Node, cols: int, group: int) -> Node:
    """Sums of ``x`` ``[T, cols]`` over groups of columns: ``[T, cols / group]``."""
    return op.reduce_sum(reshape(x, -1, cols // group, group), integers(-1), False)


class Linear:
    """``y = x W^T + b`` over one compressed matrix; ``x`` ``[T, cols]`` -> ``[T, rows]``.

    A matrix whose groups have their own minimum (Q4_K) is ``W = q * scale + offset`` with the offset constant in
    each group of columns, so ``x W^T = x (q * scale)^T + sums(x) offset^T``: the second product is 1/32 of the
    first, is exact, and spares the zero points that would put the first onto a slow path.
    """

    def __init__(self, matrix: Matrix, bias: npt.NDArray[np.float32] | None = None) -> None:
        self.matrix = matrix
        self.bias = bias

    def __call__(self, x: Node, sums: Node | None = None) -> Node:
        """Apply to ``x``; ``sums`` (see :func:`group_sums`) may be shared by layers that read the same ``x``."""
        matrix = self.matrix
        y = op.matmul(x, _decompressed(matrix), False, True)
        if matrix.offsets is not None:
            if sums is None:
                sums = group_sums(x, matrix.cols, matrix.group)
            offsets = op.convert(op.constant(ov.Tensor(matrix.offsets)), "f32")
            y = op.add(y, op.matmul(sums, offsets, False, True))
        return y if self.bias is None else op.add(y, op.constant(self.bias))


def _decompressed(matrix: Matrix) -> Node:
    """The constant subgraph of a matrix ``[rows, cols]`` in f32; the plugin keeps it compressed."""
    rows, cols, group = matrix.rows, matrix.cols, matrix.group
    if matrix.scales is None:
        return op.convert(op.constant(ov.Tensor(matrix.values)), "f32")
    grouped = group != cols
    shape = [rows, cols // group, group] if grouped else [rows, cols]
    if matrix.bits == 4:
        values = op.constant(ov.Tensor(matrix.values, ov.Shape(shape), ov.Type.i4))
    else:
        values = op.constant(ov.Tensor(matrix.values.reshape(shape)))
    scales = op.constant(ov.Tensor(matrix.scales.reshape([rows, cols // group, 1] if grouped else [rows, 1])))
    weight = op.multiply(op.convert(values, "f16"), scales)
    if grouped:
        weight = reshape(weight, rows, cols)
    return op.convert(weight, "f32")
