"""What the parity tests share: a tiny model loaded by Jianwei, and its cases as the engine takes them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import openvino as ov
import parity_cases
import tiny_qwen3vl
from gguf import GGMLQuantizationType as GgmlType
from parity_cases import CASES, PRUNED, Clip, Picture

from jianwei.engine.engine import Engine
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import JianweiError
from jianwei.model.chat_template import Segment, TextSegment, VisionSegment
from jianwei.model.configuration import DecoderConfig, decoder_config, vision_config
from jianwei.model.decoder import Batch, Decoder, KvPrecision
from jianwei.model.preprocess import PatchedImage, PreprocessConfig, patch_frame_pair, patch_image
from jianwei.model.runtime import Runtime
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.vision import VisionTower
from jianwei.model.weights import WeightFile
from jianwei.types import Image, ImagePart, Message, SamplingParams, TextPart, Video, VideoPart

Floats = npt.NDArray[np.float32]
TURNS = {**CASES, **PRUNED}
REFERENCE = Path(__file__).parent / "parity"
KV_BYTES = 16 << 20
"""A pool of KV blocks in which all cases have room together."""


class FloatActivations(Runtime):
    """As on a CPU without VNNI: activations are not rounded to 8 bits for products with quantized weights."""

    def __init__(self, threads: int = 0, precision: Literal["auto", "bf16", "f32"] = "auto") -> None:
        super().__init__(threads, precision)
        self.quantizes_activations = False

    def compile(
        self, model: ov.Model, properties: dict[str, Any] | None = None, *, layers: int = 24
    ) -> ov.CompiledModel:
        """As the runtime, but for the one property."""
        changed = {**(properties or {}), "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
        return super().compile(model, changed, layers=layers)


def error(ours: Floats, theirs: Floats) -> float:
    """``||ours - theirs|| / ||theirs||`` over everything."""
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def worst_row_error(ours: Floats, theirs: Floats) -> float:
    """The largest relative error of one position's logits."""
    return float((np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1)).max())


@dataclass(frozen=True)
class Loaded:
    """A tiny model in Jianwei, beside what transformers made of it."""

    decoder: Decoder
    tower: VisionTower
    tokenizer: Tokenizer
    preprocess: PreprocessConfig
    reference: dict[str, Any]

    def of(self, case: str, name: str) -> Any:
        """One array of the reference."""
        return self.reference[f"{case}/{name}"]


def load(
    name: str,
    folder: Path,
    kind: GgmlType = GgmlType.F32,
    *,
    precision: Literal["bf16", "f32"] = "f32",
    kv_precision: KvPrecision = "f32",
    runtime: type[Runtime] = Runtime,
) -> Loaded:
    """Write a tiny model in one number format, and load it."""
    language, vision = map(WeightFile, tiny_qwen3vl.write(tiny_qwen3vl.MODELS[name], folder, kind))
    settings = runtime(2, precision)
    with np.load(REFERENCE / f"{name}.npz") as arrays:
        reference = dict(arrays)
    return Loaded(
        decoder=Decoder(language, decoder_config(language), settings, kv_precision, KV_BYTES),
        tower=VisionTower(vision, vision_config(vision), settings),
        tokenizer=Tokenizer.from_gguf(language.metadata),
        preprocess=replace(
            PreprocessConfig.from_gguf(vision.metadata),
            min_tokens=parity_cases.MIN_TOKENS,
            max_tokens=parity_cases.MAX_TOKENS,
        ),
        reference=reference,
    )


def messages(case: str) -> list[Message]:
    """A case as Jianwei's own values."""
    return [Message(role, tuple(map(_part, parts))) for role, parts in TURNS[case]]


def _part(part: parity_cases.Part) -> TextPart | ImagePart | VideoPart:
    if isinstance(part, Picture):
        return ImagePart(Image(part.pixels()))
    if isinstance(part, Clip):
        return VideoPart(Video(tuple(Image(frame.pixels()) for frame in part.frames), part.times))
    return TextPart(part)


def pictures(case: str, config: PreprocessConfig) -> list[PatchedImage]:
    """All pictures and pairs of frames of a case, in turn, as patches."""
    found: list[PatchedImage] = []
    for part in (_part(part) for _, parts in TURNS[case] for part in parts):
        if isinstance(part, ImagePart):
            found.append(patch_image(part.image, config, tolerance=0 if case in PRUNED else None))
        elif isinstance(part, VideoPart):
            frames = part.video.frames
            size = (frames[0].width, frames[0].height)
            found += [
                patch_frame_pair(a, b, config, size) for a, b in zip(frames[::2], frames[1::2], strict=True)
            ]
    return found


def segments(case: str, loaded: Loaded) -> list[Segment]:
    """The prompt from the reference's own token ids, with our patches in the places of the placeholders."""
    return segments_of(loaded.of(case, "ids").tolist(), pictures(case, loaded.preprocess))


def segments_of(ids: list[int], patched: Sequence[PatchedImage]) -> list[Segment]:
    """Token ids with placeholders widened, as segments."""
    placeholders = {tiny_qwen3vl.token_id("<|image_pad|>"), tiny_qwen3vl.token_id("<|video_pad|>")}
    remaining = list(patched)
    found: list[Segment] = []
    text: list[int] = []
    at = 0
    while at < len(ids):
        if ids[at] not in placeholders:
            text.append(ids[at])
            at += 1
            continue
        picture = remaining.pop(0)
        assert set(ids[at : at + picture.n_tokens]) <= placeholders, "fewer places than visual tokens"
        found += [TextSegment(tuple(text)), VisionSegment(picture, picture.n_tokens)]
        text = []
        at += picture.n_tokens
    assert not remaining, "more pictures than places"
    return [*found, TextSegment(tuple(text))]


def prompt_logits(case: str, loaded: Loaded, length: int | None = None) -> Floats:
    """Logits of every position of a prompt (or of its first ones), by decoder and tower alone, in one step."""
    ids = loaded.of(case, "ids").astype(np.int64)
    embeddings = loaded.decoder.embed(ids)
    config = loaded.decoder.config
    deepstack = np.zeros((config.deepstack_layers, len(ids), config.hidden), np.float32)
    visual = [loaded.tower.encode(picture) for picture in pictures(case, loaded.preprocess)]
    if visual:
        placeholders = [tiny_qwen3vl.token_id("<|image_pad|>"), tiny_qwen3vl.token_id("<|video_pad|>")]
        places = np.isin(ids, placeholders)
        embeddings[places] = np.concatenate([tokens.embeddings for tokens in visual])
        deepstack[:, places] = np.concatenate([tokens.deepstack for tokens in visual], axis=1)
    length = length or len(ids)
    logits = loaded.decoder.step(
        Batch(
            embeddings=embeddings[:length],
            positions=loaded.of(case, "positions")[:, :length].astype(np.int64),
            deepstack=deepstack[:, :length],
            past_lens=[0],
            new_lens=[length],
            tables=[list(range(-(-length // 32)))],
            logit_rows=list(range(length)),
        )
    )
    return logits.copy()


class Tap:
    """A decoder that writes down the logits of every position, whatever the engine asked for.

    Attributes:
        steps: tokens of each sequence in each step.
        sequences: for each sequence, known by its first KV block: place -> logits of the token there.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.config: DecoderConfig = decoder.config
        self.kv = decoder.kv
        self.steps: list[list[int]] = []
        self.sequences: dict[int, dict[int, Floats]] = {}

    def embed(self, ids: npt.NDArray[np.int64]) -> Floats:
        """As the decoder."""
        return self._decoder.embed(ids)

    def sharpen(self, logits: Floats, row: int, allowed: npt.NDArray[np.bool_] | None = None) -> None:
        """These logits are exact, and copies."""

    def rest(self) -> None:
        """As the decoder does."""
        self._decoder.rest()

    def step(self, batch: Batch) -> Floats:
        """As the decoder."""
        self.steps.append(list(batch.new_lens))
        everything = self._decoder.step(replace(batch, logit_rows=list(range(len(batch.embeddings)))))
        rows = iter(everything.copy())
        for past, new, table in zip(batch.past_lens, batch.new_lens, batch.tables, strict=True):
            places = self.sequences.setdefault(table[0], {})
            places.update({past + i: next(rows) for i in range(new)})
        return everything[batch.logit_rows]

    def found(self, expected: Floats, start: int = 0) -> float:
        """How near the nearest sequence comes to these logits of places from ``start`` on: worst row's error."""
        places = range(start, len(expected))
        whole = [s for s in self.sequences.values() if all(place in s for place in places)]
        assert whole, "no sequence has logits of all these places"
        return min(worst_row_error(np.stack([s[place] for place in places]), expected[start:]) for s in whole)


class Ask:
    """One request to an engine: waits for its tokens."""

    def __init__(self, engine: Engine, name: str, prompt: list[Segment], max_tokens: int) -> None:
        self.tokens: list[int] = []
        self._outcome: EngineResult | JianweiError | None = None
        self._done = threading.Event()
        engine.submit(
            EngineRequest(
                name,
                prompt,
                SamplingParams(max_tokens=max_tokens),
                None,
                on_token=self._on_token,
                on_end=self._on_end,
            )
        )

    def _on_token(self, token: int) -> bool:
        self.tokens.append(token)
        return False

    def _on_end(self, outcome: EngineResult | JianweiError) -> None:
        self._outcome = outcome
        self._done.set()

    def result(self) -> EngineResult:
        """The end of the request; fails where it went wrong."""
        assert self._done.wait(120), "the engine did not end the request"
        assert isinstance(self._outcome, EngineResult), self._outcome
        return self._outcome
