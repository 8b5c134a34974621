"""The output layer in 4 bits: what it loses, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType
from parity_harness import error

from jianwei.model.configuration import decoder_config
from jianwei.model.decoder import Batch, Decoder, Head
from jianwei.model.runtime import Runtime
from jianwei.model.weights import INT4, WeightFile


@pytest.fixture(scope="module", params=["tied", "untied"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WeightFile:
    folder: Path = tmp_path_factory.mktemp("tiny")
    return WeightFile(tiny_qwen3vl.write(tiny_qwen3vl.MODELS[request.param], folder, GgmlType.F32)[0])


def logits(file: WeightFile, head: Head) -> np.ndarray:
    config = decoder_config(file)
    decoder = Decoder(file, config, Runtime(2, "f32"), "f32", 4 << 20, head=head)
    ids = np.random.default_rng(1).integers(0, config.vocab, 30)
    batch = Batch(
        embeddings=decoder.embed(ids),
        positions=np.tile(np.arange(30), (3, 1)),
        deepstack=None,
        past_lens=[0],
        new_lens=[30],
        tables=[[0]],
        logit_rows=list(range(30)),
    )
    return decoder.step(batch).copy()


def test_rounding_to_four_bits_loses_under_a_tenth(file: WeightFile) -> None:
    name = "token_embd.weight"
    stored, rounded = file.floats(name), file.matrix(name + INT4)
    assert rounded.bits == 4
    lost = error(rounded.dequantize(), stored)
    assert 0.02 < lost < 0.095
    step = np.repeat(np.abs(rounded.scales), 32, axis=1)
    assert (np.abs(rounded.dequantize() - stored) <= 1.3 * step).all()


def test_only_the_output_layer_is_rounded(file: WeightFile) -> None:
    exact, coarse = logits(file, "file"), logits(file, "int4")
    assert 0.01 < error(coarse, exact) < 0.12
