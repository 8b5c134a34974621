"""Plain values that travel through Jianwei: pictures, messages, parameters of an answer, and the answer.

Pure data, no behaviour beyond small derived properties. Identity (ids of conversations, rows) lives in the
store, not here. Everything can be pickled: requests and chunks cross a pipe between two processes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from jianwei.backing import Box as Box
from jianwei.backing import Enhanced as Enhanced
from jianwei.backing import Evidence as Evidence
from jianwei.backing import Finding as Finding
from jianwei.backing import FindingSource as FindingSource
from jianwei.backing import GroundedBox as GroundedBox
from jianwei.backing import HeatGrid as HeatGrid
from jianwei.backing import HeatMap as HeatMap
from jianwei.backing import Measure as Measure
from jianwei.backing import RecipeCheck as RecipeCheck
from jianwei.backing import RecipeReport as RecipeReport
from jianwei.backing import Step as Step
from jianwei.backing import TokenHeat as TokenHeat

Pixels = npt.NDArray[np.uint8]
Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled"]
AnswerFormat = Literal["report", "markdown", "csv", "latex", "html-table"]
Detail = Literal["low", "auto", "high"]
Enhance = Literal["off", "auto", "on"]
Priority = Literal["interactive", "batch"]
"""Somebody waits for the answer, or it may take its time behind those."""
Prune = Literal["auto", "off", "exact"] | int
"""What of a picture is left out that repeats its neighbours; a number: what also counts as equal, of 255."""


@dataclass(frozen=True, eq=False)
class Image:
    """One decoded picture.

    Attributes:
        pixels: RGB, ``[height, width, 3]`` uint8, upright (EXIF orientation applied), alpha over white.
        name: what the user called it (file name), for messages only; never trusted.
    """

    pixels: Pixels
    name: str = "image"

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of size and pixels: equal pictures have equal digests whatever their file was."""
        cached = self.__dict__.get("_digest")
        if cached is None:
            head = f"{self.width}x{self.height};".encode()
            cached = hashlib.sha256(head + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()
            object.__setattr__(self, "_digest", cached)
        return cached

    def called(self, name: str) -> Image:
        """The same picture by another name; its digest is not computed again."""
        if name == self.name:
            return self
        other = Image(self.pixels, name)
        object.__setattr__(other, "_digest", self.__dict__.get("_digest"))
        return other


@dataclass(frozen=True)
class Video:
    """Frames taken from a video.

    Attributes:
        frames: an even or odd number of pictures of equal size; the tower takes them in pairs.
        timestamps: seconds from the start, one a frame.
    """

    frames: tuple[Image, ...]
    timestamps: tuple[float, ...]


@dataclass(frozen=True)
class TextPart:
    """Words of a message. User text: it can never become a special token."""

    text: str


@dataclass(frozen=True)
class ImagePart:
    """A picture in a message."""

    image: Image


@dataclass(frozen=True)
class VideoPart:
    """A video in a message."""

    video: Video


Part = TextPart | ImagePart | VideoPart


@dataclass(frozen=True)
class Message:
    """One turn: who speaks, and its parts in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All words of this message, without its pictures."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures of this message (not video frames), in order."""
        return tuple(part.image for part in self.parts if isinstance(part, ImagePart))


@dataclass(frozen=True)
class Region:
    """A part of a picture that a question is about.

    Attributes:
        points: in pixels of the original; two are the corners of a box, three or more a polygon.
        picture: which picture of the conversation, counted from 0.
    """

    points: tuple[tuple[float, float], ...]
    picture: int = 0

    @property
    def box(self) -> Box:
        """The upright rectangle around it."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Scale:
    """What tells how long a pixel is.

    Attributes:
        kind: an A4 sheet in the picture, dots per inch, mm a pixel, or a thing of known size in the picture.
        value: of ``dpi`` and ``mm_per_px``.
        label: what the thing of known size is called, or what is printed on it.
        size: its two sides in cm, in either order.
    """

    kind: Literal["a4", "dpi", "mm_per_px", "ref"]
    value: float = 0.0
    label: str = ""
    size: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class SamplingParams:
    """How the next token is chosen and when to stop.

    Attributes:
        max_tokens: at most so many new tokens.
        temperature: 0 is greedy.
        top_p, top_k, min_p: keep the smallest set with this probability mass / so many tokens (0: all) / tokens
            at least this likely relative to the best.
        presence_penalty, frequency_penalty: as in the OpenAI API, over generated tokens.
        repetition_penalty: as in ``transformers`` (over prompt and generated tokens); 1 is off.
        seed: equal seeds give equal answers (no tokens are guessed then); None draws one.
        stop: strings that end the answer (not part of it).
    """

    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grammar:
    """What form the answer must have.

    Attributes:
        kind: ``json_schema`` (``text`` is the schema as JSON), or ``regex`` (``text`` is the pattern).
    """

    kind: Literal["json_schema", "regex"]
    text: str


JSON_ANSWER = Grammar(
    "json_schema",
    json.dumps(
        {
            "type": "object",
            "properties": {
                "objects": {"type": "array", "items": {"type": "string"}},
                "texts": {"type": "array", "items": {"type": "string"}},
                "spatial_relations": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["objects", "texts", "spatial_relations"],
            "additionalProperties": False,
        }
    ),
)
"""The form of an answer when JSON is asked for without a schema."""


@dataclass(frozen=True)
class ChatRequest:
    """Everything that one answer needs.

    Attributes:
        id: unique among the requests in flight; names it in chunks and in ``cancel``.
        messages: the conversation so far; the last one is the user's.
        grammar: the form the answer must have, if any.
        ocr: put the lines that OCR reads in the pictures before the question: ``auto`` does as the model's
            description says (the built-in model wants them).
        max_visual_tokens: budget for one picture in visual tokens (32x32 pixels each); None: the model's default.
        regions: the parts of the pictures that the question is about; empty: all.
        boxes: say where in the pictures that is of which the answer speaks.
        heatmap: say where the model looked; ``png`` also draws it over the pictures.
        format: the form of a written answer; None: plain words.
        detail: ``low`` sees pictures small, ``high`` as large as the model can, ``auto`` as the picture and the
            question call for, with a second look at a part where that helps; None: as ``max_visual_tokens`` says.
        enhance: mend bad photos before they are read and looked at: ``auto`` only where that helps.
        scale: what tells how long a pixel is; None: lengths are not measured.
        priority: ``batch`` makes way for answers that somebody waits for.
        prune: leave out what repeats its neighbours: ``exact`` where it is equal to the last bit, a number where it
            differs by no more than that, ``auto`` exactly and in drawn pages and screens only; None: as set.
        recipe: name of the recipe (``recipes.library``) by which to look, check and report; None: none.
    """

    id: str
    messages: tuple[Message, ...]
    sampling: SamplingParams = field(default_factory=SamplingParams)
    grammar: Grammar | None = None
    ocr: Literal["auto", "off", "on"] = "auto"
    max_visual_tokens: int | None = None
    regions: tuple[Region, ...] = ()
    boxes: bool = False
    heatmap: bool | Literal["png"] = False
    format: AnswerFormat | None = None
    detail: Detail | None = None
    enhance: Enhance = "off"
    scale: Scale | None = None
    priority: Priority = "interactive"
    prune: Prune | None = None
    recipe: str | None = None


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer.

    Attributes:
        prompt_tokens: all tokens before the answer, pictures included.
        visual_tokens: those of them that stand for pictures.
        cached_tokens: those of them whose KV blocks were already there.
        completion_tokens: tokens of the answer.
        pruned_tokens: visual tokens that were left out because they only repeat their neighbours; in none of
            the others.
        drafted_tokens: guesses that were tried, to get several tokens from one step.
        accepted_tokens: those of them that were right, and so part of the answer.
        forced_tokens: tokens of the answer that its grammar left no choice about.
    """

    prompt_tokens: int = 0
    visual_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    pruned_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    forced_tokens: int = 0


@dataclass(frozen=True)
class Timings:
    """Seconds of each step of one answer.

    Attributes:
        prepare: resizing, patches, template and tokens.
        ocr: reading the pictures' lines.
        queue: waiting for a place.
        vision: the vision tower (0 if every picture was known).
        prefill: prompt through the decoder up to the first token.
        decode: first token to last.
        first_token: from the request to the first token.
        total: from the request to the end.
        vision_runs: how many pictures went through the tower.
    """

    prepare: float = 0.0
    ocr: float = 0.0
    queue: float = 0.0
    vision: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    first_token: float = 0.0
    total: float = 0.0
    vision_runs: int = 0


@dataclass(frozen=True)
class Completion:
    """A finished answer.

    Attributes:
        text: the whole answer.
        finish_reason: why it ended.
        model: name of the model.
        usage: tokens.
        timings: seconds.
        evidence: what backs it.
        truncated: it was cut off, and closed so that its form is whole (JSON above all).
        repeats: it was ended because it had begun to repeat itself.
        recipe: what came of the recipe that was asked for.
        notes: what a person should know beside it, such as a script that could not be read; part of a written answer.
    """

    text: str
    finish_reason: FinishReason
    model: str
    usage: Usage
    timings: Timings
    evidence: Evidence = field(default_factory=Evidence)
    truncated: bool = False
    repeats: bool = False
    recipe: RecipeReport | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON values; what was not asked for or does not apply is left out."""
        flags = {name: True for name in ("truncated", "repeats") if getattr(self, name)}
        return {
            "answer": self.text,
            "finish_reason": self.finish_reason,
            "model": self.model,
            "usage": vars(self.usage).copy(),
            "timings": {step: round(value, 4) for step, value in vars(self.timings).items()},
            **flags,
            **({"notes": list(self.notes)} if self.notes else {}),
            **({"data": self.recipe.data, "recipe": self.recipe.to_dict()} if self.recipe else {}),
            **self.evidence.to_dict(),
        }


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer, as it comes.

    Attributes:
        request_id: the request it belongs to.
        text: new text; never half a character. May be empty in the last chunk.
        completion: the whole answer, in the last chunk only.
    """

    request_id: str
    text: str
    completion: Completion | None = None


@dataclass(frozen=True)
class ModelCard:
    """Which model answers, in words a page or an API can show.

    Attributes:
        name: as in the catalogue (``builtin``, ``qwen3-vl-2b``).
        title: for people.
        parameters: number of weights.
        context_length: tokens one sequence may have.
        builtin: the small model shipped in the package.
        wants_ocr: whether ``ocr="auto"`` means on.
        languages: what it was trained to answer in.
    """

    name: str
    title: str
    parameters: int
    context_length: int
    builtin: bool
    wants_ocr: bool
    languages: tuple[str, ...] = ("zh", "en")
