"""Jianwei 见微: ask a picture in plain words on an ordinary CPU, and get an answer that can be checked.

from jianwei import VisionModel
print(VisionModel().ask("photo.jpg", "Where is the box torn?").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jianwei.errors import JianweiError
from jianwei.types import Chunk, Completion, Image, Message, SamplingParams

if TYPE_CHECKING:
    from jianwei.pipeline import VisionModel

__version__ = "0.1.0"
__all__ = ["Chunk", "Completion", "Image", "JianweiError", "Message", "SamplingParams", "VisionModel"]


def __getattr__(name: str) -> object:
    """Load the pipeline (and with it OpenVINO) only when someone asks for it."""
    if name == "VisionModel":
        from jianwei.pipeline import VisionModel

        return VisionModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
