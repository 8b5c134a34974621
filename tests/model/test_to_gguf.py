"""What ``training/to_gguf.py`` writes is what llama.cpp's converter would write."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType

import to_gguf
from jianwei.model.gguf_metadata import GgufFile, read_gguf
from jianwei.model.weights import WeightFile

OFFICIAL: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parents[1] / "reference" / "official" / "official_heads.py")
)
LANGUAGE, VISION = "Qwen3VL-2B-Instruct-Q8_0.gguf", "mmproj-Qwen3VL-2B-Instruct-F16.gguf"
OPTIONAL = ("general.sampling.", "general.basename", "general.finetune", "tokenizer.ggml.bos_token_id")
"""Keys that tell nothing about how to compute."""


def kinds_of_tensors(file: GgufFile) -> set[tuple[str, int, str]]:
    """Name without its layer's number, number of axes, and number format of every tensor."""
    return {
        (re.sub(r"\.\d+\.(?!weight|bias)", ".N.", name), len(info.shape), info.ggml_type.name)
        for name, info in file.tensors.items()
    }


def keys(file: GgufFile) -> set[str]:
    return {key for key in file.metadata if not key.startswith(OPTIONAL)}


@pytest.mark.parametrize(("name", "kind", "which"), [(LANGUAGE, GgmlType.Q8_0, 0), (VISION, GgmlType.F16, 1)])
def test_keys_names_and_formats_are_those_of_an_official_file(
    tmp_path: Path, name: str, kind: GgmlType, which: int
) -> None:
    official = read_gguf(OFFICIAL["write_sparse"](name, tmp_path))
    ours = read_gguf(tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path, kind)[which])
    assert kinds_of_tensors(ours) == kinds_of_tensors(official)
    assert keys(ours) ^ keys(official) <= {"tokenizer.ggml.add_eos_token"}


@pytest.mark.parametrize("kind", to_gguf.FILE_TYPES)
def test_weights_come_back_from_every_number_format(tmp_path: Path, kind: GgmlType) -> None:
    """The tiny weights are such that no format rounds them."""
    model = tiny_qwen3vl.MODELS["untied"]
    language, vision = map(WeightFile, tiny_qwen3vl.write(model, tmp_path, kind))
    state = tiny_qwen3vl.state(model)
    for file, name, source in (
        (language, "output.weight", "lm_head.weight"),
        (language, "blk.2.attn_k.weight", "model.language_model.layers.2.self_attn.k_proj.weight"),
        (language, "blk.0.attn_q_norm.weight", "model.language_model.layers.0.self_attn.q_norm.weight"),
        (vision, "v.blk.1.ffn_down.weight", "model.visual.blocks.1.mlp.linear_fc2.weight"),
        (vision, "v.deepstack.2.fc1.weight", "model.visual.deepstack_merger_list.2.linear_fc1.weight"),
        (vision, "mm.2.bias", "model.visual.merger.linear_fc2.bias"),
    ):
        np.testing.assert_array_equal(file.floats(name), state[source])
    kernel = state["model.visual.patch_embed.proj.weight"]
    for part, frame in (("", 0), (".1", 1)):
        np.testing.assert_array_equal(vision.floats(f"v.patch_embd.weight{part}"), kernel[:, :, frame])


def test_a_tied_head_is_written_once(tmp_path: Path) -> None:
    model = tiny_qwen3vl.MODELS["tied"]
    state = tiny_qwen3vl.state(model)
    state["lm_head.weight"] = state["model.language_model.embed_tokens.weight"]
    language, vision = tmp_path / "l.gguf", tmp_path / "v.gguf"
    to_gguf.write_gguf_pair(
        state, model.config, tiny_qwen3vl.tokenizer_keys(), language, vision, extras=to_gguf.Extras("tied")
    )
    assert "output.weight" not in read_gguf(language).tensors


def test_sizes_of_pictures_and_general_keys_are_written(tmp_path: Path) -> None:
    model = tiny_qwen3vl.MODELS["tied"]
    language, vision = tmp_path / "l.gguf", tmp_path / "v.gguf"
    extras = to_gguf.Extras(
        "named", general={"license": "apache-2.0"}, max_pixels=4096, sampling={"temp": 0.5, "top_k": 20}
    )
    to_gguf.write_gguf_pair(
        tiny_qwen3vl.state(model),
        model.config,
        tiny_qwen3vl.tokenizer_keys(),
        language,
        vision,
        extras=extras,
    )
    told = read_gguf(language).metadata
    assert (told["general.name"], told["general.license"]) == ("named", "apache-2.0")
    assert (told["general.sampling.temp"], told["general.sampling.top_k"]) == (0.5, 20)
    assert read_gguf(vision).metadata["clip.vision.image_max_pixels"] == 4096
    assert "clip.vision.image_min_pixels" not in read_gguf(vision).metadata


def test_strange_tensors_and_vocabularies_are_refused(tmp_path: Path) -> None:
    model = tiny_qwen3vl.MODELS["tied"]
    state, vocabulary = tiny_qwen3vl.state(model), tiny_qwen3vl.tokenizer_keys()
    paths, extras = (tmp_path / "l.gguf", tmp_path / "v.gguf"), to_gguf.Extras("strange")
    strange = {**state, "model.audio.weight": np.zeros((2, 2), np.float32)}
    with pytest.raises(ValueError, match=re.escape("model.audio.weight")):
        to_gguf.write_gguf_pair(strange, model.config, vocabulary, *paths, extras=extras)
    short = {**vocabulary, "tokenizer.ggml.tokens": vocabulary["tokenizer.ggml.tokens"][:-1]}
    with pytest.raises(ValueError, match="vocabulary"):
        to_gguf.write_gguf_pair(state, model.config, short, *paths, extras=extras)
    assert not any(path.exists() for path in paths)


def test_a_files_type_says_what_prevails_in_it(tmp_path: Path) -> None:
    language, _ = tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path, GgmlType.Q8_0)
    assert read_gguf(language).metadata["general.file_type"] == gguf.LlamaFileType.MOSTLY_Q8_0
