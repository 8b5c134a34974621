"""Files made exactly as the official ones are open the first time: true heads and sizes, weights left out."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jianwei.errors import ModelFileError
from jianwei.model.configuration import check_pair, decoder_config, vision_config
from jianwei.model.gguf_metadata import GgufFile
from jianwei.model.preprocess import PreprocessConfig
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.weights import WeightFile

REFERENCE = Path(__file__).parents[1] / "reference"
HEADS: dict[str, Any] = runpy.run_path(str(REFERENCE / "official" / "official_heads.py"))
VOCABULARY: dict[str, Any] = runpy.run_path(str(REFERENCE / "tokens" / "qwen_vocabulary.py"))["metadata"]()
LANGUAGE = [name for name in HEADS["names"]() if not name.startswith("mmproj")]
VISION = [name for name in HEADS["names"]() if name.startswith("mmproj")]
# Bytes of the files in Qwen/Qwen3-VL-2B-Instruct-GGUF; ours carry a few keys more (general.sampling.*).
OFFICIAL_SIZES = {
    "Qwen3VL-2B-Instruct-Q4_K_M.gguf": 1_107_409_952,
    "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf": 445_053_216,
    "mmproj-Qwen3VL-2B-Instruct-F16.gguf": 819_394_848,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("official")
    for name in (*LANGUAGE, *VISION):
        HEADS["write_sparse"](name, folder)
    return folder


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, WeightFile]:
    return {name: WeightFile(folder / name) for name in (*LANGUAGE, *VISION)}


def formats(file: GgufFile) -> dict[str, Counter[str]]:
    """Tensor name without its layer to how often it has which number format."""
    found: dict[str, Counter[str]] = {}
    for name, info in file.tensors.items():
        found.setdefault(re.sub(r"\.\d+\.", ".N.", name), Counter())[info.ggml_type.name] += 1
    return found


def test_every_kind_of_file_that_must_open_is_here() -> None:
    kinds = {re.sub(r".*-(?=[A-Z0-9_]+\.gguf)|\.gguf", "", name) for name in LANGUAGE}
    assert kinds == {"Q4_K_M", "Q4_0", "Q8_0", "F16", "BF16"}
    assert {re.sub(r".*-(?=[A-Z0-9_]+\.gguf)|\.gguf", "", name) for name in VISION} == {"Q8_0", "F16", "BF16"}


@pytest.mark.parametrize("name", OFFICIAL_SIZES)
def test_sizes_are_those_of_the_official_files_but_for_a_few_metadata_keys(name: str, folder: Path) -> None:
    assert 0 <= (folder / name).stat().st_size - OFFICIAL_SIZES[name] <= 128


@pytest.mark.parametrize("name", LANGUAGE)
def test_language_files_open_with_their_vocabulary_and_shape(name: str, files: dict[str, WeightFile]) -> None:
    file = files[name]
    assert {key: file.metadata[key] for key in VOCABULARY} == VOCABULARY
    tokenizer = Tokenizer.from_gguf(file.metadata, file.name)
    assert tokenizer.decode(tokenizer.encode("你好")) == "你好"
    config = decoder_config(file)
    assert (config.layers, config.hidden, config.heads, config.kv_heads) == (28, 2048, 16, 8)
    assert (config.head_dim, config.feed_forward, config.vocab) == (128, 6144, 151936)
    assert (config.rope_theta, config.rope_sections, config.deepstack_layers) == (5e6, (24, 20, 20), 3)
    assert config.eps == pytest.approx(1e-6)
    assert "output.weight" not in file.file.tensors, "the head is tied to the embedding"


@pytest.mark.parametrize("name", VISION)
def test_vision_files_open_and_belong_to_every_language_file(name: str, files: dict[str, WeightFile]) -> None:
    vision = files[name]
    config = vision_config(vision)
    assert (config.layers, config.hidden, config.heads, config.feed_forward) == (24, 1024, 16, 4096)
    assert (config.patch, config.merge, config.out_hidden, config.table_side) == (16, 2, 2048, 48)
    assert config.deepstack == (5, 11, 17)
    assert PreprocessConfig.from_gguf(vision.metadata) == PreprocessConfig()
    for other in LANGUAGE:
        check_pair(files[other], decoder_config(files[other]), vision, config)


def test_q4_k_m_has_its_mixture_of_formats(files: dict[str, WeightFile]) -> None:
    found = formats(files["Qwen3VL-2B-Instruct-Q4_K_M.gguf"].file)
    assert found["token_embd.weight"] == {"Q6_K": 1}
    assert found["blk.N.attn_v.weight"] == found["blk.N.ffn_down.weight"] == {"Q6_K": 14, "Q4_K": 14}
    for name in ("attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up"):
        assert found[f"blk.N.{name}.weight"] == {"Q4_K": 28}
    assert {kind for name in found if "norm" in name for kind in found[name]} == {"F32"}


@pytest.mark.parametrize("kind", ["Q8_0", "F16", "BF16"])
def test_vision_files_keep_patch_kernel_biases_and_norms_apart(
    kind: str, files: dict[str, WeightFile]
) -> None:
    found = formats(files[f"mmproj-Qwen3VL-2B-Instruct-{kind}.gguf"].file)
    # Rows of a patch's kernel are 16 values: too short for a block of Q8_0.
    assert (
        found["v.patch_embd.weight"]
        == found["v.patch_embd.weight.1"]
        == {"F16" if kind == "F16" else "F32": 1}
    )
    assert found["v.position_embd.weight"] == {"F32": 1}
    assert found["v.blk.N.attn_qkv.weight"] == {kind: 24}
    assert found["v.deepstack.N.fc1.weight"] == {kind: 3}
    assert {k for name in found if name.endswith("bias") or ".ln" in name for k in found[name]} == {"F32"}


@pytest.mark.parametrize("missing", [1, 4096, 500_000_000])
def test_a_download_cut_short_is_noticed_before_any_work(missing: int, tmp_path: Path) -> None:
    path: Path = HEADS["write_sparse"]("Qwen3VL-2B-Instruct-Q4_K_M.gguf", tmp_path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - missing)
    with pytest.raises(ModelFileError) as caught:
        WeightFile(path)
    assert caught.value.code == "model_truncated"
