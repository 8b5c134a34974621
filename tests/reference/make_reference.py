"""Makes what the parity tests compare with: everything computed by ``transformers``' Qwen3-VL in float32.

    python tests/reference/make_reference.py [--check]

Needs ``transformers`` (5.x), ``torch`` (the CPU build is enough), ``gguf``, ``jinja2`` and Pillow.
``--check`` computes everything anew and compares with what is there instead of writing it.

``parity/rope.npz``: positions, cosines, sines and a resampled position table, as ``tests/model/test_rope.py``
reads them. ``parity/tied.npz`` and ``parity/untied.npz``: for each conversation of ``parity_cases.py`` (of those
in ``PRUNED`` without the patches and tokens that pruning leaves out, all others at the positions they have with them)

    <case>/ids        [T]            token ids of the prompt, placeholders widened
    <case>/positions  [3, T]         M-RoPE positions
    <case>/grids      [pictures, 3]  patch grids, a video as its pairs of frames
    <case>/visual     [tokens, 1 + DeepStack layers, hidden]   what the vision tower gives, in turn
    <case>/logits     [T, vocab]     of every position of the prompt
    <case>/greedy     [64]           tokens of the greedy answer, end tokens ignored
    <case>/gap        smallest lead of a chosen token over the second best

Floats are rounded to 16 significant bits (1e-5 of a value), which halves the files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers
from jinja2.sandbox import ImmutableSandboxedEnvironment
from PIL import Image
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen3_vl.configuration_qwen3_vl import Qwen3VLTextConfig, Qwen3VLVisionConfig
from transformers.models.qwen3_vl.modeling_qwen3_vl import (
    Qwen3VLTextRotaryEmbedding,
    Qwen3VLVisionRotaryEmbedding,
)
from transformers.vision_utils import get_vision_interpolation_indices_and_weights, get_vision_position_ids

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import tiny_qwen3vl  # noqa: E402
from parity_cases import (  # noqa: E402
    CASES,
    GENERATED,
    MAX_TOKENS,
    MIN_TOKENS,
    PRUNED,
    Clip,
    Page,
    Picture,
    Turn,
)

Arrays = dict[str, npt.NDArray[Any]]
TARGET = HERE / "parity"

SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""``PRETOKENIZE_REGEX`` of ``transformers/models/qwen2/tokenization_qwen2.py``."""

ROPE_GRIDS = ((2, 2), (4, 6), (14, 4), (12, 12), (30, 26))
"""Patch grids, rows x columns, whose positions are kept."""
TOLERANCE = 2e-5
"""Of a whole array (norms), between two machines; the rounding of what is stored is half of it."""


def rounded(values: torch.Tensor | npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Float32 values rounded to 16 significant bits."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)).view(np.float32)


def text_tokenizer() -> Tokenizer:
    """The tiny vocabulary as ``transformers`` would load it: control tokens found in text."""
    keys = tiny_qwen3vl.tokenizer_keys()
    plain = {t: i for i, t in enumerate(keys["tokenizer.ggml.tokens"]) if t not in tiny_qwen3vl.CONTROL}
    tokenizer = Tokenizer(
        BPE(vocab=plain, merges=[tuple(m.split(" ")) for m in keys["tokenizer.ggml.merges"]])
    )
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in tiny_qwen3vl.CONTROL])
    return tokenizer


class Inputs:
    """A conversation as the model takes it: ids, patches and grids, by the reference's own processors."""

    def __init__(self, turns: tuple[Turn, ...], tokenizer: Tokenizer, template: Any) -> None:
        self._processor = Qwen2VLImageProcessorPil(
            size={"shortest_edge": MIN_TOKENS * 1024, "longest_edge": MAX_TOKENS * 1024},
            patch_size=16,
            temporal_patch_size=2,
            merge_size=2,
            image_mean=[0.5, 0.5, 0.5],
            image_std=[0.5, 0.5, 0.5],
        )
        self.pictures: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]] = []
        self.clips: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]] = []
        self.kept: list[list[int]] = []
        text = template.render(messages=[self._message(*turn) for turn in turns], add_generation_prompt=True)
        for _, grid in self.pictures:
            text = text.replace("<|image_pad|>", "<|placeholder|>" * self._tokens(grid), 1)
        text = text.replace("<|placeholder|>", "<|image_pad|>")
        clips = [part for _, parts in turns for part in parts if isinstance(part, Clip)]
        for clip, (_, grid) in zip(clips, self.clips, strict=True):
            shown = "".join(
                f"<{(clip.times[i] + clip.times[i + 1]) / 2:.1f} seconds><|vision_start|>"
                + "<|placeholder|>" * (self._tokens(grid) // int(grid[0]))
                + "<|vision_end|>"
                for i in range(0, len(clip.times), 2)
            )
            text = text.replace("<|vision_start|><|video_pad|><|vision_end|>", shown, 1)
        text = text.replace("<|placeholder|>", "<|video_pad|>")
        self.ids = torch.tensor([tokenizer.encode(text, add_special_tokens=False).ids])

    def _message(self, role: str, parts: tuple[Any, ...]) -> dict[str, Any]:
        content: list[dict[str, Any]] = []
        for part in parts:
            if isinstance(part, Picture):
                self.pictures.append(self._patches(part))
                groups = self._tokens(self.pictures[-1][1])
                self.kept.append(list(part.kept) if isinstance(part, Page) else list(range(groups)))
                content.append({"type": "image"})
            elif isinstance(part, Clip):
                self.clips.append(self._pairs(part))
                content.append({"type": "video"})
            else:
                content.append({"type": "text", "text": part})
        return {"role": role, "content": content}

    def _patches(self, picture: Picture) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        found = self._processor(images=[Image.fromarray(picture.pixels())], return_tensors="np")
        return found["pixel_values"], found["image_grid_thw"][0]

    def _pairs(self, clip: Clip) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Patches of pairs of frames: a still picture has the same frame twice, a pair has two."""
        stills = [self._patches(frame) for frame in clip.frames]
        parts = [values.reshape(len(values), 3, 2, -1) for values, _ in stills]
        pairs = [
            np.stack([parts[i][:, :, 0], parts[i + 1][:, :, 1]], axis=2) for i in range(0, len(parts), 2)
        ]
        _, rows, cols = stills[0][1]
        return np.concatenate(pairs).reshape(-1, stills[0][0].shape[1]), np.array([len(pairs), rows, cols])

    @staticmethod
    def _tokens(grid: npt.NDArray[np.int64]) -> int:
        return int(grid.prod()) // 4

    def model_inputs(self, config: Qwen3VLConfig) -> dict[str, torch.Tensor]:
        """Keyword arguments of the model."""
        kinds = (self.ids == config.image_token_id).int() + 2 * (self.ids == config.video_token_id).int()
        inputs = {"input_ids": self.ids, "mm_token_type_ids": kinds}
        for name, grid_name, found in (
            ("pixel_values", "image_grid_thw", self.pictures),
            ("pixel_values_videos", "video_grid_thw", self.clips),
        ):
            if found:
                inputs[name] = torch.from_numpy(np.concatenate([patches for patches, _ in found]))
                inputs[grid_name] = torch.from_numpy(np.stack([grid for _, grid in found]))
        return inputs


def load(model: tiny_qwen3vl.Tiny) -> Qwen3VLForConditionalGeneration:
    """The tiny model in ``transformers``."""
    config = Qwen3VLConfig(**model.config)
    config._attn_implementation = "eager"
    loaded = Qwen3VLForConditionalGeneration(config).eval()
    weights = {name: torch.from_numpy(values) for name, values in tiny_qwen3vl.state(model).items()}
    if model.tied:
        weights["lm_head.weight"] = weights["model.language_model.embed_tokens.weight"]
    loaded.load_state_dict(weights, strict=True)
    return loaded


@torch.no_grad()
def run_case(model: Qwen3VLForConditionalGeneration, inputs: Inputs) -> Arrays:
    """Everything that is kept of one conversation."""
    given = inputs.model_inputs(model.config)
    positions, _ = model.model.get_rope_index(
        given["input_ids"],
        mm_token_type_ids=given["mm_token_type_ids"],
        image_grid_thw=given.get("image_grid_thw"),
        video_grid_thw=given.get("video_grid_thw"),
    )
    arrays: Arrays = {
        "ids": inputs.ids[0].numpy().astype(np.int32),
        "positions": positions[:, 0].numpy().astype(np.int32),
    }
    grids: list[list[int]] = []
    visual: list[torch.Tensor] = []
    for patches, grid in (*inputs.pictures, *inputs.clips):
        grids += [[1, int(grid[1]), int(grid[2])]] * int(grid[0])
        out = model.model.visual(torch.from_numpy(patches), grid_thw=torch.from_numpy(grid[None]))
        visual.append(torch.stack([out.pooler_output, *out.deepstack_features], dim=1))
    if visual:
        arrays["grids"] = np.array(grids, np.int32)
        arrays["visual"] = rounded(torch.cat(visual))
    arrays["logits"] = rounded(model(**given).logits[0])

    model.model.rope_deltas = None
    out = model.generate(
        **given,
        max_new_tokens=GENERATED,
        do_sample=False,
        eos_token_id=None,
        output_logits=True,
        return_dict_in_generate=True,
    )
    arrays["greedy"] = out.sequences[0, inputs.ids.shape[1] :].numpy().astype(np.int32)
    best = torch.cat(out.logits).topk(2, dim=-1).values
    arrays["gap"] = np.float32((best[:, 0] - best[:, 1]).min())
    return arrays


@torch.no_grad()
def run_pruned(model: Qwen3VLForConditionalGeneration, inputs: Inputs) -> Arrays:
    """As :func:`run_case`, on the kept patches and tokens alone; the model's parts are called one by one."""
    given = inputs.model_inputs(model.config)
    positions, _ = model.model.get_rope_index(
        given["input_ids"],
        mm_token_type_ids=given["mm_token_type_ids"],
        image_grid_thw=given["image_grid_thw"],
    )
    stays = inputs.ids[0] != model.config.image_token_id
    visual: list[torch.Tensor] = []
    at = 0
    for (patches, grid), kept in zip(inputs.pictures, inputs.kept, strict=True):
        thw = torch.from_numpy(grid[None])
        chosen = (torch.tensor(kept)[:, None] * 4 + torch.arange(4)).ravel()
        indices, weights = get_vision_interpolation_indices_and_weights(
            thw, model.model.visual.num_grid_per_side, "bilinear", True, 2
        )
        out = model.model.visual(
            torch.from_numpy(patches)[chosen],
            grid_thw=thw,
            interp_indices=indices[chosen],
            interp_weights=weights[chosen],
            position_ids=get_vision_position_ids(thw, 2)[chosen],
            cu_seqlens=torch.tensor([0, len(chosen)], dtype=torch.int32),
        )
        visual.append(torch.stack([out.pooler_output, *out.deepstack_features], dim=1))
        places = torch.nonzero(inputs.ids[0] == model.config.image_token_id)[:, 0]
        stays[places[at + torch.tensor(kept)]] = True
        at += len(patches) // 4
    ids, positions = inputs.ids[:, stays], positions[:, :, stays]
    features = torch.cat(visual)
    arrays: Arrays = {
        "ids": ids[0].numpy().astype(np.int32),
        "positions": positions[:, 0].numpy().astype(np.int32),
        "grids": np.array([grid for _, grid in inputs.pictures], np.int32),
        "visual": rounded(features),
    }
    following = int(positions.max()) + 1
    answer: list[int] = []
    gaps: list[torch.Tensor] = []
    while len(answer) < GENERATED:
        logits = _logits(model, ids, positions, features)
        if not answer:
            arrays["logits"] = rounded(logits)
        best = logits[-1].topk(2)
        gaps.append(best.values[0] - best.values[1])
        answer.append(int(best.indices[0]))
        ids = torch.cat([ids, best.indices[None, :1]], dim=1)
        positions = torch.cat([positions, torch.full((3, 1, 1), following)], dim=2)
        following += 1
    arrays["greedy"] = np.array(answer, np.int32)
    arrays["gap"] = np.float32(min(gaps))
    return arrays


def _logits(
    model: Qwen3VLForConditionalGeneration, ids: torch.Tensor, positions: torch.Tensor, features: torch.Tensor
) -> torch.Tensor:
    """Logits of every position, from the decoder's own forward."""
    places = ids == model.config.image_token_id
    embeddings = model.model.language_model.embed_tokens(ids)
    embeddings[places] = features[:, 0]
    out = model.model.language_model(
        inputs_embeds=embeddings,
        position_ids=positions,
        visual_pos_masks=places,
        deepstack_visual_embeds=list(features[:, 1:].unbind(1)),
        use_cache=False,
    )
    return model.lm_head(out.last_hidden_state)[0]


def parity(model: tiny_qwen3vl.Tiny) -> Arrays:
    """All conversations with one model."""
    tokenizer = text_tokenizer()
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    source = (HERE / "templates" / "qwen3-vl-instruct.jinja").read_text(encoding="utf-8")
    template = environment.from_string(source)
    loaded = load(model)
    arrays: Arrays = {}
    for case, turns in {**CASES, **PRUNED}.items():
        run = run_pruned if case in PRUNED else run_case
        found = run(loaded, Inputs(turns, tokenizer, template))
        logits, greedy = found["logits"], found["greedy"]
        print(
            f"{model.name:7} {case:12} {len(found['ids']):4} tokens, logits {logits.std():.2f}, "
            f"gap {found['gap']:.3f}, {len(set(greedy.tolist()))} different tokens"
        )
        arrays.update({f"{case}/{name}": values for name, values in found.items()})
    return arrays


@torch.no_grad()
def rope() -> Arrays:
    """Positions and their cosines and sines, with the true shapes and the tiny ones'."""
    arrays: Arrays = {}
    for head_dim, sections, theta in ((128, (24, 20, 20), 5e6), (64, (12, 10, 10), 1e4)):
        config = Qwen3VLTextConfig(
            head_dim=head_dim,
            rope_parameters={"rope_type": "default", "rope_theta": theta, "mrope_section": list(sections)},
        )
        positions = torch.tensor([[0, 7, 300, 2048, 7], [0, 7, 312, 2050, 9000], [0, 7, 301, 2061, 123]])
        cos, sin = Qwen3VLTextRotaryEmbedding(config)(torch.zeros(1), positions[:, None])
        arrays[f"text_{head_dim}/positions"] = positions.numpy()
        arrays[f"text_{head_dim}/cos_sin"] = torch.stack([cos[0], sin[0]]).numpy()
    rotary = Qwen3VLVisionRotaryEmbedding(Qwen3VLVisionConfig(hidden_size=128, num_heads=2))
    table = position_table()
    for rows, cols in ROPE_GRIDS:
        grid = torch.tensor([[1, rows, cols]])
        positions = get_vision_position_ids(grid, 2)
        indices, weights = get_vision_interpolation_indices_and_weights(grid, 12, "bilinear", True, 2)
        name = f"grid_{rows}x{cols}"
        arrays[f"{name}/positions"] = positions.numpy().astype(np.int16)
        arrays[f"{name}/embedding"] = (table[indices] * weights[:, :, None]).sum(1).numpy()
        if rows * cols <= 56:
            arrays[f"{name}/cos_sin"] = torch.stack(rotary(torch.zeros(1), positions)).numpy()
    return arrays


def position_table() -> torch.Tensor:
    """A position table ``[12 * 12, 4]`` to resample, the same as in ``tests/model/test_rope.py``."""
    return torch.arange(12 * 12 * 4, dtype=torch.float32).reshape(-1, 4).square() % 997 / 500 - 1


def differences(known: Arrays, made: Arrays) -> Iterator[str]:
    """What is not as it was, in words."""
    for name in sorted(known.keys() | made.keys()):
        if name not in known or name not in made or known[name].shape != made[name].shape:
            yield f"{name}: here and there are not the same"
        elif known[name].dtype.kind != "f":
            if not np.array_equal(known[name], made[name]):
                yield f"{name}: other numbers"
        elif not name.endswith("/gap"):
            error = np.linalg.norm(known[name] - made[name]) / np.linalg.norm(known[name])
            if error > TOLERANCE:
                yield f"{name}: relative difference {error:.1e}"


def main() -> None:
    """Computes, then writes or compares."""
    parser = argparse.ArgumentParser(description="References of the parity tests, by transformers.")
    parser.add_argument("--check", action="store_true", help="compare with what is there")
    options = parser.parse_args()
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    TARGET.mkdir(exist_ok=True)
    failed = False
    made = {"rope": rope(), **{name: parity(model) for name, model in tiny_qwen3vl.MODELS.items()}}
    for name, arrays in made.items():
        path = TARGET / f"{name}.npz"
        if not options.check:
            np.savez_compressed(path, **arrays)
            print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size} bytes")
            continue
        with np.load(path) as known:
            found = list(differences(dict(known), arrays))
        print(f"{path.name}: {'as it was' if not found else '; '.join(found)}")
        failed = failed or bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
