"""What an answer needs of the loaded model (``pipeline.VisionModel``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jianwei.config import Settings
from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarState
from jianwei.engine.sequence import EngineResult
from jianwei.evidence.attention import Heads
from jianwei.evidence.enhance import Mended, Mode
from jianwei.evidence.ocr import OcrLine
from jianwei.evidence.scripts import Script
from jianwei.model.chat_template import Segment
from jianwei.model.preprocess import PreprocessConfig
from jianwei.model.tokenizer import Tokenizer
from jianwei.types import Grammar, Image, ModelCard, Priority, SamplingParams


class Parts(Protocol):
    """A loaded model, piece by piece."""

    settings: Settings
    card: ModelCard
    heads: Heads
    preprocess: PreprocessConfig
    tokenizer: Tokenizer
    engine: Engine

    def read(self, image: Image) -> list[OcrLine]:
        """The lines that OCR reads in a picture."""
        ...

    def read_script(self, image: Image, script: Script) -> list[OcrLine] | None:
        """The lines with those of a script that needs a recognizer of its own; None: that is not installed."""
        ...

    def mended(self, image: Image, mode: Mode) -> Mended:
        """A picture with what is broken in it mended."""
        ...

    def compile_grammar(self, grammar: Grammar) -> GrammarState:
        """A grammar ready for the engine."""
        ...

    def run(
        self,
        request_id: str,
        segments: list[Segment],
        sampling: SamplingParams,
        grammar: Grammar | None = None,
    ) -> EngineResult:
        """Run a prompt beside that of a request, with attention, and wait; it is cancelled with the request."""
        ...

    def later(self, job: Callable[[], None], priority: Priority = "interactive") -> bool:
        """Do something beside the engine's thread; False: it cannot be done any more."""
        ...

    def forget(self, request_id: str) -> None:
        """An answer has ended."""
        ...
