"""A model that loads nothing and answers as a function says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jianwei.pipeline import VisionModel
from jianwei.types import Completion, Image

Reply = Callable[[Image, str, dict[str, Any]], Completion]
"""What it says to a picture, a question, and the options that it is asked with."""


class AskedModel(VisionModel):
    """Stands in where a model is asked one question at a time about one picture."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def ask(self, images: Any, question: str = "", **options: Any) -> Completion:
        return self._reply(images, question, options)
