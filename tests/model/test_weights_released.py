"""Weights that are given back after loading are never read again.

The graphs compute on arrays that are shared with numpy until the plugin has packed them. Here every array that was
given back is overwritten instead: whatever still reads it gives itself away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from gguf import GGMLQuantizationType as GgmlType
from parity_cases import CASES
from parity_harness import FloatActivations, Loaded, error, load, prompt_logits

from jianwei.model.matrix import Matrix
from jianwei.model.runtime import Runtime
from jianwei.model.weights import WeightFile

NEAR = 5e-2
"""Far more than any rounding, far less than a wrong weight."""


def overwrite(loaded: Loaded, handed_out: list[dict[str, Matrix]]) -> int:
    """Overwrite the arrays that neither decoder nor tower holds; how many there were."""
    held = {id(matrix) for matrix in (*loaded.decoder._still_read, *loaded.tower._still_read)}
    released = [m for matrices in handed_out for m in matrices.values() if id(m) not in held]
    for matrix in released:
        for array in (matrix.values, matrix.scales):
            if array is not None:
                array.view(np.uint8)[...] = 0x41
    return len(released)


@pytest.mark.parametrize("runtime", [Runtime, FloatActivations])
@pytest.mark.parametrize("kind", [GgmlType.F16, GgmlType.Q8_0])
@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_weights_given_back_are_never_read_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: GgmlType,
    precision: Literal["f32", "bf16"],
    runtime: type[Runtime],
) -> None:
    handed_out: list[dict[str, Matrix]] = []
    make = WeightFile.matrices

    def remember(self: WeightFile, *args: Any, **options: Any) -> dict[str, Matrix]:
        handed_out.append(make(self, *args, **options))
        return handed_out[-1]

    monkeypatch.setattr(WeightFile, "matrices", remember)
    loaded = load("tied", tmp_path, kind, precision=precision, kv_precision="u8", runtime=runtime)
    n_released = overwrite(loaded, handed_out)
    everything = sum(map(len, handed_out))
    settings = runtime(0, precision)
    packed_once = settings.precision == "bf16" and settings._has_bf16
    integers = kind == GgmlType.Q8_0 and settings.quantizes_activations
    assert n_released == (everything if packed_once or integers else 0)
    expected = loaded.of("text_only", "logits")
    for length in (1, 2, 3, 5, 8, 17, 33, 64):
        assert error(prompt_logits("text_only", loaded, length), expected[:length]) < NEAR, length
    for case in CASES:
        assert error(prompt_logits(case, loaded), loaded.of(case, "logits")) < NEAR, case


def test_steps_and_pictures_are_the_same_after_memory_was_given_back(tmp_path: Path) -> None:
    loaded = load("tied", tmp_path, GgmlType.Q8_0, precision="f32", kv_precision="f32")
    for case in CASES:
        before = prompt_logits(case, loaded)
        loaded.decoder.rest()
        np.testing.assert_array_equal(prompt_logits(case, loaded), before)
