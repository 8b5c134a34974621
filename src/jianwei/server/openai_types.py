"""The OpenAI chat request as far as it means something here (platform.openai.com/docs/api-reference/chat).

Fields that only concern OpenAI's own service are accepted and have no effect; fields that ask for something
we do not have are refused when they ask for it; names that exist nowhere are refused as typing errors.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from jianwei.errors import Phrase, RequestError
from jianwei.media.pages import MAX_PAGES_SPEC
from jianwei.types import Grammar, Priority, SamplingParams

MAX_STOPS = 16
NOT_HERE = Phrase("this server does not have it", "此服务没有该功能")


class ImageUrl(BaseModel):
    """A picture: a data: URL, or an address where the server allows it."""

    url: str
    detail: Literal["auto", "low", "high", "original"] = "auto"


class ImageContent(BaseModel):
    """A picture as a part of a message."""

    type: Literal["image_url"]
    image_url: ImageUrl


class FileRef(BaseModel):
    """A PDF, a video or a picture by its content; what was uploaded to OpenAI is not to be had here."""

    file_data: str | None = None
    filename: str | None = None
    file_id: str | None = None


class FileContent(BaseModel):
    """A file as a part of a message."""

    type: Literal["file"]
    file: FileRef


class VideoUrl(BaseModel):
    """A video: a data: URL, or an address where the server allows it."""

    url: str


class VideoContent(BaseModel):
    """A video as a part of a message, as other servers of Qwen3-VL have it."""

    type: Literal["video_url"]
    video_url: VideoUrl


class TextContent(BaseModel):
    """Words as a part of a message."""

    type: Literal["text"]
    text: str


Content = Annotated[TextContent | ImageContent | FileContent | VideoContent, Field(discriminator="type")]


class ChatMessage(BaseModel):
    """One message; ``developer`` is OpenAI's newer name for ``system``."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Content] | None = None


class NamedSchema(BaseModel):
    """A JSON schema for the answer."""

    name: str = "answer"
    description: str | None = None
    # The key `schema` would hide a method of BaseModel.
    json_schema: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class TextFormat(BaseModel):
    """Free text."""

    type: Literal["text"]

    def grammar(self) -> Grammar | None:
        """No form."""
        return None


class JsonObjectFormat(BaseModel):
    """Any JSON object."""

    type: Literal["json_object"]

    def grammar(self) -> Grammar | None:
        """Any object."""
        return Grammar("json_schema", '{"type": "object"}')


class JsonSchemaFormat(BaseModel):
    """JSON by a schema."""

    type: Literal["json_schema"]
    named: NamedSchema = Field(alias="json_schema")

    def grammar(self) -> Grammar | None:
        """The schema, as text."""
        return Grammar("json_schema", json.dumps(self.named.json_schema))


Format = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]


class StreamOptions(BaseModel):
    """What a stream carries beside the answer."""

    include_usage: bool = False


Number = Annotated[float, Field(allow_inf_nan=False)]


class ChatBody(BaseModel):
    """Body of ``POST /v1/chat/completions``.

    ``top_k``, ``min_p`` and ``repetition_penalty`` are additions that other local servers have too; ``recipe`` is one
    of ours: see ``GET /api/v1/recipes``, and ``pages``: of PDF files and videos, which pages or key frames
    (such as 1-3,7; all by default). Of ``service_tier`` only ``flex`` means something: the answer makes way for
    those that somebody waits for.
    """

    model_config = ConfigDict(extra="forbid")

    messages: list[ChatMessage] = Field(min_length=1)
    model: str | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(gt=0, le=1)] | None = None
    top_k: int | None = Field(None, ge=0)
    min_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    repetition_penalty: Annotated[Number, Field(gt=0, le=2)] | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**64)
    stop: str | Annotated[list[str], Field(max_length=MAX_STOPS)] | None = None
    n: int | None = None
    response_format: Format | None = None
    service_tier: str | None = None
    recipe: Annotated[str, Field(max_length=40)] | None = None
    pages: Annotated[str, Field(max_length=MAX_PAGES_SPEC)] | None = None

    # Without effect here.
    user: Any = None
    metadata: Any = None
    store: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None
    prompt_cache_retention: Any = None
    parallel_tool_calls: Any = None
    reasoning_effort: Any = None
    verbosity: Any = None
    prediction: Any = None

    # Refused when they ask for something.
    logprobs: Any = None
    top_logprobs: Any = None
    logit_bias: Any = None
    tools: Any = None
    tool_choice: Any = None
    functions: Any = None
    function_call: Any = None
    audio: Any = None
    modalities: Any = None
    web_search_options: Any = None

    HARMLESS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "logprobs": (),
        "top_logprobs": (),
        "logit_bias": (),
        "tools": (),
        "tool_choice": ("none", "auto"),
        "functions": (),
        "function_call": ("none", "auto"),
        "audio": (),
        "modalities": (["text"],),
        "web_search_options": (),
        "n": (1,),
    }
    """Fields that we do not have, and the values (beside empty ones) that ask for nothing."""

    def check_supported(self) -> None:
        """Raise ``RequestError("unsupported_option")`` for what is asked for and not to be had."""
        for name, harmless in self.HARMLESS.items():
            value = getattr(self, name)
            # `n: 0` is as wrong as `n: 2`.
            if (value or (name == "n" and value == 0)) and value not in harmless:
                reason = NOT_HERE
                if name == "n":
                    reason = Phrase("one answer at a time", "一次只能生成一个回答")
                raise RequestError("unsupported_option", name=name, reason=reason)

    @property
    def priority(self) -> Priority:
        """Whether somebody waits for the answer."""
        return "batch" if self.service_tier == "flex" else "interactive"

    def sampling(self) -> SamplingParams:
        """How tokens are chosen; what is left out is as everywhere in Jianwei (greedy)."""
        given = {
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "min_p": self.min_p,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
            "repetition_penalty": self.repetition_penalty,
            "seed": self.seed,
        }
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return SamplingParams(stop=tuple(text for text in stop if text), **chosen)
