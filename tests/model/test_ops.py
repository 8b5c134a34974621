"""Products over compressed weights: right, and independent of the arrays once the plugin has packed them."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from jianwei.model.matrix import GROUP, Matrix
from jianwei.model.ops import linear, parameter, products
from jianwei.model.runtime import Runtime, infer

ROWS, COLS = 192, 1088


def four_bits(rng: np.random.Generator, n_sums: int = 0) -> Matrix:
    width = COLS + 2 * n_sums
    values = rng.integers(0, 256, (ROWS, width // 2), dtype=np.uint8)
    return Matrix(ROWS, COLS, 4, GROUP, values, scales(rng, width // GROUP), n_sums)


def eight_bits(rng: np.random.Generator, group: int) -> Matrix:
    values = rng.integers(-127, 128, (ROWS, COLS)).astype(np.int8)
    return Matrix(ROWS, COLS, 8, group, values, scales(rng, COLS // group))


def floats(rng: np.random.Generator, bits: int) -> Matrix:
    values = rng.standard_normal((ROWS, COLS)).astype(np.float16 if bits == 16 else np.float32)
    return Matrix(ROWS, COLS, bits, COLS, values)


def scales(rng: np.random.Generator, per_row: int) -> np.ndarray:
    return (rng.random((ROWS, per_row)) * 0.01 + 0.001).astype(np.float32)


LAYOUTS = {
    "i4": four_bits,
    "i4 with offsets": lambda rng: four_bits(rng, 64),
    "i8 in groups": lambda rng: eight_bits(rng, GROUP),
    "i8 a row": lambda rng: eight_bits(rng, COLS),
    "f16": lambda rng: floats(rng, 16),
    "f32": lambda rng: floats(rng, 32),
}


class Product:
    """``linear`` alone, compiled."""

    def __init__(self, matrix: Matrix, precision: Any) -> None:
        x = parameter("x", [-1, COLS], np.float32)
        model = ov.Model([op.result(linear(x, matrix))], [x])
        runtime = Runtime(1, precision)
        self.request = runtime.compile(model).create_infer_request()
        self.still_reads = bool(runtime.still_read({"": matrix}))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        infer(self.request, {"x": x})
        return self.request.get_output_tensor(0).data.copy()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("precision", ["f32", "auto"])
def test_product_equals_the_dequantized_matrix_and_needs_its_arrays_no_more(
    layout: str, precision: str
) -> None:
    rng = np.random.default_rng(3)
    matrix = LAYOUTS[layout](rng)
    expected = matrix.dequantize()
    product = Product(matrix, precision)
    product(np.zeros((1, COLS), np.float32))  # the warm-up, as the models do it
    if not product.still_reads:
        matrix.values.fill(0x55)
        if matrix.scales is not None:
            matrix.scales.fill(7)
    for n_tokens in (1, 2, 3, 5, 8, 17, 31, 64, 300):
        x = rng.standard_normal((n_tokens, COLS)).astype(np.float32)
        exact = x @ expected.T
        error = np.linalg.norm(product(x) - exact) / np.linalg.norm(exact)
        # Activations are rounded to 8 bits in groups of 32 where weights are compressed.
        assert error < 0.02


def test_matrices_of_any_layout_read_the_same_input() -> None:
    rng = np.random.default_rng(0)
    parts = [four_bits(rng, 64), eight_bits(rng, GROUP), four_bits(rng, 64), floats(rng, 32)]
    x = parameter("x", [-1, COLS], np.float32)
    outputs = products(x, parts)
    model = ov.Model([op.result(y) for y in outputs], [x])
    request = Runtime(1, "f32").compile(model).create_infer_request()
    data = rng.standard_normal((5, COLS)).astype(np.float32)
    infer(request, {"x": data})
    for i, part in enumerate(parts):
        exact = data @ part.dequantize().T
        got = request.get_output_tensor(i).data
        assert np.linalg.norm(got - exact) / np.linalg.norm(exact) < 0.02
