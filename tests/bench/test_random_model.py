from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as GgmlType

from jianwei.bench.random_model import (
    QWEN3_VL_2B,
    RandomShape,
    random_pair,
    random_tensor,
    synthetic_vocabulary,
    use_more_bits,
)
from jianwei.hub import ModelPaths
from jianwei.model.configuration import check_pair, decoder_config, vision_config
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.weights import WeightFile

TINY = RandomShape(
    hidden=256,
    layers=4,
    heads=2,
    kv_heads=1,
    head_dim=128,
    feed_forward=512,
    vocab=1280,
    words=1200,
    context_length=4096,
    vision_hidden=64,
    vision_layers=4,
    vision_heads=2,
    vision_feed_forward=128,
    positions=16,
    deepstack=(0, 1, 2),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> ModelPaths:
    return random_pair(tmp_path_factory.mktemp("tiny"), TINY)


def test_the_pair_opens_as_a_model_of_its_shape(pair: ModelPaths) -> None:
    language, vision = WeightFile(pair.language), WeightFile(pair.vision)
    decoder, tower = decoder_config(language), vision_config(vision)
    check_pair(language, decoder, vision, tower)
    assert (decoder.layers, decoder.hidden, decoder.vocab) == (4, 256, 1280)
    assert (tower.layers, tower.deepstack, tower.table_side) == (4, (0, 1, 2), 4)


def test_storage_types_are_those_of_q4_k_m(pair: ModelPaths) -> None:
    kinds = {tensor.name: tensor.tensor_type for tensor in gguf.GGUFReader(pair.language).tensors}
    assert kinds["token_embd.weight"] == GgmlType.Q6_K
    assert kinds["output_norm.weight"] == GgmlType.F32
    for layer in range(TINY.layers):
        better = GgmlType.Q6_K if use_more_bits(layer, TINY.layers) else GgmlType.Q4_K
        assert kinds[f"blk.{layer}.attn_v.weight"] == kinds[f"blk.{layer}.ffn_down.weight"] == better
        assert kinds[f"blk.{layer}.attn_q.weight"] == GgmlType.Q4_K
        assert kinds[f"blk.{layer}.attn_norm.weight"] == GgmlType.F32


def test_the_layers_of_qwen3_vl_2b_with_six_bits_are_those_of_the_official_file() -> None:
    layers = [i for i in range(QWEN3_VL_2B.layers) if use_more_bits(i, QWEN3_VL_2B.layers)]
    assert layers == [0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27]


@pytest.mark.parametrize("kind", [GgmlType.Q4_K, GgmlType.Q6_K, GgmlType.Q8_0])
def test_random_blocks_dequantize_to_weights_of_a_sane_size(kind: GgmlType) -> None:
    shape = (256, 1024)
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    stored = random_tensor("x", shape, kind).reshape(shape[0], shape[1] // block * block_bytes)
    values = gguf.quants.dequantize(stored, kind)
    assert values.shape == shape
    assert np.isfinite(values).all()
    assert abs(values.mean()) < 1e-3
    assert values.std() == pytest.approx(0.02, rel=0.1)
    assert np.abs(values).max() < 0.12


def test_norms_are_ones_and_biases_zeros() -> None:
    assert (random_tensor("blk.0.attn_norm.weight", (8,), GgmlType.F32) == 1).all()
    assert (random_tensor("v.post_ln.bias", (8,), GgmlType.F32) == 0).all()


def test_same_seed_same_bytes(pair: ModelPaths, tmp_path: Path) -> None:
    again, other = random_pair(tmp_path, TINY), random_pair(tmp_path, TINY, seed=1)
    assert again.language.read_bytes() == pair.language.read_bytes()
    assert again.vision.read_bytes() == pair.vision.read_bytes()
    assert other.language.read_bytes() != pair.language.read_bytes()


def test_files_that_are_there_are_not_written_again(tmp_path: Path) -> None:
    pair = random_pair(tmp_path, TINY)
    before = pair.language.stat().st_mtime_ns
    written: list[str] = []
    random_pair(tmp_path, TINY, on_progress=lambda name, *_: written.append(name))
    assert not written
    assert pair.language.stat().st_mtime_ns == before


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(name: str, done: int, total: int) -> None:
        assert 0 < done <= total
        raise Interrupted

    with pytest.raises(Interrupted):
        random_pair(tmp_path, TINY, on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    last: dict[str, tuple[int, int]] = {}
    random_pair(tmp_path, TINY, on_progress=lambda name, done, total: last.update({name: (done, total)}))
    assert len(last) == 2
    assert all(done == total for done, total in last.values())


def test_vocabulary_is_distinct_and_every_merge_joins_tokens_before_it() -> None:
    tokens, merges = synthetic_vocabulary(70_000)
    assert len(tokens) == len(set(tokens)) == 70_000
    assert len(merges) == 70_000 - 256
    place = {token: i for i, token in enumerate(tokens)}
    for merged, merge in zip(tokens[256:], merges, strict=True):
        left, right = merge.split(" ")
        assert left + right == merged
        assert max(place[left], place[right]) < place[merged]


def test_the_tokenizer_reads_the_vocabulary(pair: ModelPaths) -> None:
    tokenizer = Tokenizer.from_gguf(WeightFile(pair.language).metadata, "random")
    text = "What is 这里? 🍓\n"
    assert b"".join(tokenizer.token_bytes(i) for i in tokenizer.encode(text)).decode() == text
    assert tokenizer.special["<|im_start|>"] == TINY.words + 1
    assert tokenizer.eos_ids == frozenset({TINY.words, TINY.words + 2}) or TINY.words + 2 in tokenizer.eos_ids


def test_sizes_that_fill_no_whole_blocks_stay_f16_and_the_head_may_be_its_own(tmp_path: Path) -> None:
    """As in Qwen3-VL-8B: heads of 72 in the tower, a feed-forward length that is no multiple of 32, no tied head."""
    shape = replace(TINY, vision_hidden=144, vision_feed_forward=152, tied=False)
    pair = random_pair(tmp_path, shape)
    language, vision = WeightFile(pair.language), WeightFile(pair.vision)
    decoder, tower = decoder_config(language), vision_config(vision)
    check_pair(language, decoder, vision, tower)
    kinds = {tensor.name: tensor.tensor_type for tensor in gguf.GGUFReader(pair.vision).tensors}
    assert kinds["v.blk.0.ffn_down.weight"] == kinds["v.blk.0.attn_out.weight"] == GgmlType.F16
    assert kinds["v.deepstack.0.fc1.weight"] == GgmlType.Q8_0
    kinds = {tensor.name: tensor.tensor_type for tensor in gguf.GGUFReader(pair.language).tensors}
    assert kinds["output.weight"] == GgmlType.Q6_K
