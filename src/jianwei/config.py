"""Settings and limits, each documented once.

Order of authority: command-line flags > ``JIANWEI_*`` environment variables > the settings file
(``jianwei.toml`` in the working folder, else ``config.toml`` in the user's config folder) > defaults here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

KV_BLOCK_TOKENS = 32
"""Tokens in one KV block: fixed by OpenVINO's PagedAttention on the CPU."""

MIN_PICTURE_SIDE = 4
"""Pixels; smaller pictures hold nothing that could be asked about."""

MAX_PRUNE = 32
"""Levels of 255 that may count as no difference; print that is fainter than that is taken for ground."""

MAX_ASPECT_RATIO = 200
"""Long side over short side, as in the reference image processor (``smart_resize`` in
``transformers/models/qwen2_vl/image_processing_qwen2_vl.py``)."""


def default_home() -> Path:
    """Where models and conversations live: ``JIANWEI_HOME`` or the user's data folder."""
    return Path(os.environ.get("JIANWEI_HOME") or platformdirs.user_data_dir("jianwei", appauthor=False))


class Settings(BaseSettings):
    """All settings of one process; sizes in MB are 2**20 bytes."""

    model_config = SettingsConfigDict(env_prefix="JIANWEI_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=default_home, description="models, conversations, caches")
    language: Literal["auto", "zh", "en"] = Field(
        default="auto", description="language of messages; auto: from the locale"
    )

    model: str = Field(default="builtin", description="name in the catalogue, or the path of a language GGUF")
    mmproj: Path | None = Field(default=None, description="vision GGUF when `model` is a path")
    threads: int = Field(
        default=0, ge=0, description="CPU threads of the engine; 0: all physical cores allowed"
    )
    precision: Literal["auto", "bf16", "f32"] = Field(
        default="auto", description="arithmetic; auto: bf16 where the CPU has it"
    )
    tower: Literal["auto", "int8", "float"] = Field(
        default="auto",
        description="inputs of the vision tower's products: 8 bits, floats, or what is faster here (tried once)",
    )
    kv_precision: Literal["u8", "u4", "bf16", "f32"] = Field(
        default="u8",
        description="KV cache values; u4: half the memory, some loss; bf16 where arithmetic is bf16, else f32 for it",
    )
    head: Literal["auto", "file", "int4"] = Field(
        default="auto",
        description="the output layer: as the file has it; in 4 bits, its likeliest tokens once more as the file has "
        "them (less memory, faster); auto: in 4 bits where it is large",
    )
    visual_tokens: int = Field(
        default=1024,
        ge=4,
        description="budget of one picture in visual tokens (32x32 pixels each); a request may say its own",
    )
    prune: Literal["auto", "off", "exact"] | Annotated[int, Field(ge=0, le=MAX_PRUNE)] = Field(
        default="auto",
        description="parts of pictures that repeat their neighbours are left out: exact (equal to the last bit), off, "
        "a number (also what differs by so much of 255), auto (exact in drawn pages and screens, off in photos)",
    )
    kv_budget: int = Field(default=512, ge=16, description="MB for KV blocks")
    visual_keep: int = Field(
        default=100,
        ge=25,
        le=100,
        description="percent of earlier turns' picture blocks that a long conversation goes on with; below 100 it is "
        "faster and takes less memory, and may overlook what no question has been about",
    )
    picture_budget: int = Field(
        default=32, ge=0, description="MB in memory for embeddings of pictures already seen"
    )
    picture_disk: int = Field(
        default=2048,
        ge=0,
        description="MB on disk for the same: conversations go on after a restart without looking again; 0: off",
    )
    kv_disk: int = Field(
        default=1024,
        ge=0,
        description="MB on disk for KV blocks of idle conversations, where reading them is faster than computing them "
        "anew: they go on at once, also after a restart; 0: off",
    )
    weight_cache: int = Field(
        default=8192,
        ge=0,
        description="MB on disk for weights in the form that is computed with: later starts take half the time; 0: off",
    )
    prefill_chunk: int = Field(
        default=512, ge=32, description="tokens of a prompt per step, so that others get their turn"
    )
    drafts: bool = Field(
        default=True,
        description="several tokens from one step: right guesses from the prompt, and tokens that a schema forces",
    )
    max_running: int = Field(default=8, ge=1, description="answers generated together")
    max_queue: int = Field(default=64, ge=1, description="requests waiting; more get the error `busy`")

    host: str = Field(
        default="127.0.0.1", description="address to listen on; any other than loopback wants an API key"
    )
    port: int = Field(default=5000, ge=0, le=65535, description="port to listen on")
    api_key: str | None = Field(default=None, description="clients send it as Authorization: Bearer KEY")
    insecure: bool = Field(default=False, description="listen beyond loopback without an API key")
    allow_host: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="further host names this server answers for; in a variable: with commas between",
    )
    allow_url: bool = Field(default=False, description="fetch pictures from http(s) addresses")

    max_upload: int = Field(default=50, ge=1, description="MB of one picture file")
    max_pixels: int = Field(default=100, ge=1, description="megapixels of one picture")
    max_pictures: int = Field(default=16, ge=1, description="pictures in one request")
    max_request: int = Field(default=200, ge=1, description="MB of one request in all")

    hf_endpoint: str = Field(
        default_factory=lambda: os.environ.get("HF_ENDPOINT") or "https://huggingface.co",
        description="Hugging Face mirror",
    )
    modelscope_endpoint: str = Field(default="https://modelscope.cn", description="ModelScope address")

    @field_validator("allow_host", mode="before")
    @classmethod
    def _names_between_commas(cls, value: object) -> object:
        """A variable holds one string; flags and the settings file give lists."""
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @property
    def message_language(self) -> Literal["zh", "en"]:
        """The language of messages to the person at this machine; ``auto`` is the locale's."""
        if self.language != "auto":
            return self.language
        spoken = next(
            (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
        )
        return "zh" if spoken.lower().startswith("zh") else "en"

    @property
    def weight_cache_dir(self) -> Path:
        """Folder of unpacked weights; may be deleted at any time."""
        return self.home / "cache" / "weights"

    @property
    def picture_disk_dir(self) -> Path:
        """Folder of pictures' embeddings; may be deleted at any time."""
        return self.home / "cache" / "pictures"

    @property
    def kv_disk_dir(self) -> Path:
        """Folder of KV blocks; may be deleted at any time."""
        return self.home / "cache" / "kv"

    @property
    def tower_choices(self) -> Path:
        """File of what was found out about the vision tower's speed here; may be deleted at any time."""
        return self.home / "cache" / "tower.json"

    @property
    def models_dir(self) -> Path:
        """Folder of fetched models."""
        return self.home / "models"

    @property
    def ocr_dir(self) -> Path:
        """Folder of recognizers for further scripts."""
        return self.models_dir / "ocr"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then file (see the module docstring)."""
        local = Path("jianwei.toml")
        user = Path(platformdirs.user_config_dir("jianwei", appauthor=False)) / "config.toml"
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, local if local.exists() else user),
        )
