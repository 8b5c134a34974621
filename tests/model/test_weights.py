"""Stored blocks become what the graphs compute with, as exactly as the module says."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as GgmlType

from jianwei.errors import ModelFileError
from jianwei.model.matrix import WIDEST_GROUP
from jianwei.model.weights import INT4, WeightFile

ROWS, COLS = 24, 512


def random_blocks(kind: GgmlType, rng: np.random.Generator, rows: int = ROWS, cols: int = COLS) -> np.ndarray:
    """Any valid bytes of a block format, with scales of a sane size."""
    values, n_bytes = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (rows * cols // values, n_bytes), dtype=np.uint8)
    scales = (rng.random((len(blocks), 2)) * 0.01 + 0.001).astype(np.float16)
    places = {GgmlType.Q4_K: (0, 2), GgmlType.Q6_K: (208,), GgmlType.Q4_0: (0,), GgmlType.Q8_0: (0,)}[kind]
    for i, place in enumerate(places):
        blocks[:, place : place + 2] = scales[:, i : i + 1].copy().view(np.uint8)
    return blocks.reshape(rows, -1)


def write(path: Path, tensors: dict[str, tuple[np.ndarray, GgmlType | None]]) -> WeightFile:
    writer = gguf.GGUFWriter(str(path), "qwen3vl")
    for name, (data, kind) in tensors.items():
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return WeightFile(path)


def product_error(got: np.ndarray, stored: np.ndarray) -> float:
    """Relative error of a product with random activations."""
    x = np.random.default_rng(1).standard_normal((64, stored.shape[1]))
    exact = x @ stored.T.astype(np.float64)
    return float(np.linalg.norm(x @ got.T - exact) / np.linalg.norm(exact))


@pytest.mark.parametrize(
    ("kind", "bound"),
    [(GgmlType.Q4_K, 0.006), (GgmlType.Q6_K, 0.015), (GgmlType.Q4_0, 0.0), (GgmlType.Q8_0, 0.0)],
)
def test_quantized_matrix_multiplies_as_the_gguf_library_dequantizes(
    tmp_path: Path, kind: GgmlType, bound: float
) -> None:
    data = random_blocks(kind, np.random.default_rng(0))
    file = write(tmp_path / "m.gguf", {"w": (data, kind)})
    stored = gguf.quants.dequantize(data, kind)
    np.testing.assert_array_equal(file.floats("w"), stored)
    error = product_error(file.matrix("w").dequantize(), stored)
    assert error <= bound + 1e-6


@pytest.mark.parametrize("kind", [GgmlType.Q4_K, GgmlType.Q4_0])
def test_four_bit_weights_stay_four_bit(tmp_path: Path, kind: GgmlType) -> None:
    file = write(tmp_path / "m.gguf", {"w": (random_blocks(kind, np.random.default_rng(0), 64, 2048), kind)})
    matrix = file.matrix("w")
    assert matrix.bits == 4
    assert matrix.scales is not None
    assert (matrix.values.nbytes + matrix.scales.nbytes) * 8 / (64 * 2048) < 5.4  # f32 scales


def test_columns_that_are_no_whole_group_of_sums_are_padded(tmp_path: Path) -> None:
    """Qwen3-VL-4B has 2560 columns: 80 groups, which is two and a half groups of sums."""
    kind = GgmlType.Q4_K
    data = random_blocks(kind, np.random.default_rng(0), 16, 2560)
    matrix = write(tmp_path / "m.gguf", {"w": (data, kind)}).matrix("w")
    assert matrix.n_sums == 96
    assert product_error(matrix.dequantize(), gguf.quants.dequantize(data, kind)) < 0.006


def test_floats_are_kept_exactly_where_arithmetic_is_exact(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((ROWS, COLS)).astype(np.float32)
    file = write(tmp_path / "m.gguf", {"w": (values, None)})
    np.testing.assert_array_equal(file.matrix("w", "f32").dequantize(), values)
    assert file.matrix("w", "f16").values.dtype == np.float16


def test_bfloat16_is_read(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((ROWS, COLS)).astype(np.float32)
    stored = gguf.quants.quantize(values, GgmlType.BF16)
    file = write(tmp_path / "m.gguf", {"w": (stored, GgmlType.BF16)})
    np.testing.assert_array_equal(file.floats("w"), gguf.quants.dequantize(stored, GgmlType.BF16))


def test_chosen_rows_equal_the_whole_table(tmp_path: Path) -> None:
    for kind in (GgmlType.Q6_K, GgmlType.Q4_K, GgmlType.Q8_0):
        file = write(
            tmp_path / f"{kind.name}.gguf", {"w": (random_blocks(kind, np.random.default_rng(2)), kind)}
        )
        indices = np.array([3, 0, 3, 23])
        np.testing.assert_array_equal(file.rows("w", indices), file.floats("w")[indices])


@pytest.mark.parametrize("kind", [GgmlType.Q4_K, GgmlType.Q8_0, None])
def test_a_matrix_is_cut_in_its_own_memory(tmp_path: Path, kind: GgmlType | None) -> None:
    rng = np.random.default_rng(5)
    data = random_blocks(kind, rng) if kind else rng.standard_normal((ROWS, COLS)).astype(np.float16)
    whole = write(tmp_path / "m.gguf", {"w": (data, kind)}).matrix("w")
    parts = whole.cut(3)
    assert [part.rows for part in parts] == [8, 8, 8]
    np.testing.assert_array_equal(np.concatenate([part.dequantize() for part in parts]), whole.dequantize())
    assert all(np.shares_memory(part.values, whole.values) for part in parts)


def test_block_of_zeros_stays_zero(tmp_path: Path) -> None:
    for kind in (GgmlType.Q4_K, GgmlType.Q6_K, GgmlType.Q4_0, GgmlType.Q8_0):
        _, n_bytes = gguf.GGML_QUANT_SIZES[kind]
        values_per_block = gguf.GGML_QUANT_SIZES[kind][0]
        data = np.zeros((4, 512 // values_per_block * n_bytes), np.uint8)
        matrix = write(tmp_path / f"{kind.name}.gguf", {"w": (data, kind)}).matrix("w")
        assert not matrix.dequantize().any()


def test_format_that_nobody_wrote_for_is_refused_by_name(tmp_path: Path) -> None:
    kind = GgmlType.Q5_0
    data = gguf.quants.quantize(np.ones((4, 64), np.float32), kind)
    with pytest.raises(ModelFileError) as caught:
        write(tmp_path / "m.gguf", {"w": (data, kind)}).matrix("w")
    assert caught.value.code == "model_unsupported"
    assert "Q5_0" in caught.value.text("en")


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    # Blocks of Q8_0 with scales of their own share one here: groups of 256 lose a twentieth more than those of 32.
    [(GgmlType.Q6_K, 0.05, 0.095), (GgmlType.Q8_0, 0.03, 0.1)],
)
def test_any_matrix_can_be_had_in_four_bits(
    tmp_path: Path, kind: GgmlType, least: float, most: float
) -> None:
    data = random_blocks(kind, np.random.default_rng(0))
    file = write(tmp_path / "m.gguf", {"w": (data, kind)})
    matrix = file.matrix("w" + INT4)
    assert (matrix.bits, matrix.group) == (4, WIDEST_GROUP)
    assert least < product_error(matrix.dequantize(), file.floats("w")) < most


def test_four_bits_that_the_file_has_are_not_rounded_again(tmp_path: Path) -> None:
    for kind in (GgmlType.Q4_0, GgmlType.Q4_K):
        data = random_blocks(kind, np.random.default_rng(0))
        file = write(tmp_path / f"{kind.name}.gguf", {"w": (data, kind)})
        np.testing.assert_array_equal(file.matrix("w" + INT4).dequantize(), file.matrix("w").dequantize())
