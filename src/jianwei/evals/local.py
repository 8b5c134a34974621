"""Answers of a model in this process."""

from __future__ import annotations

import uuid
from typing import Literal

from jianwei.config import Settings
from jianwei.errors import JianweiError, Phrase
from jianwei.evals.asking import AnswerFailed
from jianwei.machine import anonymous_memory
from jianwei.pipeline import VisionModel
from jianwei.types import ChatRequest, Grammar, Image, ImagePart, Message, SamplingParams, TextPart


class LocalModel:
    """An ``Answerer`` by the pipeline that ``jianwei ask`` uses too."""

    def __init__(self, settings: Settings, *, ocr: bool = True) -> None:
        """Load the model that the settings name.

        Args:
            settings: of the model.
            ocr: give it OCR evidence where it wants that; False: never.

        Raises:
            JianweiError: the model cannot be loaded.
        """
        # No picture of an earlier run may be known: answers are timed.
        self._model = VisionModel(settings=settings.model_copy(update={"picture_disk": 0, "kv_disk": 0}))
        self._ocr: Literal["auto", "off"] = "auto" if ocr else "off"

    @property
    def name(self) -> str:
        """As in the catalogue, or of the file."""
        return self._model.card.name

    @property
    def knows_forms(self) -> bool:
        """The built-in model was trained on scenes."""
        return self._model.card.builtin

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        """See ``Answerer``."""
        request = ChatRequest(
            id=uuid.uuid4().hex,
            messages=(Message("user", (ImagePart(image), TextPart(question))),),
            sampling=SamplingParams(max_tokens=max_tokens),
            grammar=None if schema is None else Grammar("json_schema", schema),
            ocr=self._ocr,
        )
        try:
            return "".join(chunk.text for chunk in self._model.stream(request))
        except JianweiError as error:
            raise AnswerFailed(Phrase(error.text("en"), error.text("zh"))) from error

    def memory(self) -> int | None:
        """Of this process."""
        return anonymous_memory()

    def close(self) -> None:
        """Stop the engine."""
        self._model.close()
