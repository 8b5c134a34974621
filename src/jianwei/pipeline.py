"""VisionModel: everything between a question about a picture and its answer, in one process.

    pictures -> OCR evidence, patches -> prompt segments -> engine -> tokens -> text -> chunks

Composes the layers below and adds nothing to them but words: detokenizing, stop strings, evidence.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jianwei.config import Settings
from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarCompiler, GrammarState
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import EngineError, JianweiError
from jianwei.evidence.ocr import OcrReader, format_evidence
from jianwei.hub import ModelPaths, resolve
from jianwei.media.image import load_image
from jianwei.model.chat_template import render
from jianwei.model.configuration import check_pair, decoder_config, vision_config
from jianwei.model.decoder import Decoder
from jianwei.model.preprocess import PreprocessConfig
from jianwei.model.runtime import Runtime
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.vision import VisionTower
from jianwei.model.weights import WeightFile
from jianwei.types import (
    ChatRequest,
    Chunk,
    Completion,
    Grammar,
    Image,
    ImagePart,
    Message,
    ModelCard,
    SamplingParams,
    TextPart,
    Timings,
    Usage,
)

if TYPE_CHECKING:
    from jianwei.media.image import ImageSource

log = logging.getLogger(__name__)

OnEvent = Callable[[Chunk | JianweiError], None]

_KNOWN_READINGS = 256
"""Pictures whose OCR evidence is remembered."""


class VisionModel:
    """A loaded model that answers questions about pictures. Thread-safe."""

    def __init__(self, model: str | None = None, *, settings: Settings | None = None) -> None:
        """Load a model.

        Args:
            model: name in the catalogue, or path of a language GGUF; None: as the settings say.
            settings: None: from the environment and the settings file.

        Raises:
            ModelFileError: the files are not here, damaged, or of another architecture.
        """
        settings = settings or Settings()
        paths = resolve(model or settings.model, settings)
        language, vision = WeightFile(paths.language), WeightFile(paths.vision)
        decoder_shape, tower_shape = decoder_config(language), vision_config(vision)
        check_pair(language, decoder_shape, vision, tower_shape)

        self.settings = settings
        self.card = _card(paths, language, vision)
        self.preprocess = PreprocessConfig.from_gguf(vision.metadata)
        runtime = Runtime(settings.threads, settings.precision)
        kv_bytes = settings.kv_budget << 20
        with ThreadPoolExecutor(thread_name_prefix="jianwei-load") as pool:
            tokenizer = pool.submit(Tokenizer.from_gguf, language.metadata, language.name)
            tower = pool.submit(VisionTower, vision, tower_shape, runtime)
            self.decoder = Decoder(language, decoder_shape, runtime, settings.kv_precision, kv_bytes)
            self.tokenizer, self.tower = tokenizer.result(), tower.result()
        self.engine = Engine(
            self.decoder,
            self.tower,
            self.tokenizer.eos_ids,
            max_running=settings.max_running,
            prefill_chunk=settings.prefill_chunk,
            picture_bytes=settings.picture_budget << 20,
        )
        self._grammars: GrammarCompiler | None = None
        self._grammars_lock = threading.Lock()
        self._ocr = OcrReader(threads=runtime.threads)
        self._readings: OrderedDict[str, str] = OrderedDict()
        self._readings_lock = threading.Lock()
        self._answers: dict[str, _Answer] = {}
        self._prepare_pool = ThreadPoolExecutor(2, thread_name_prefix="jianwei-prepare")

    def ask(
        self,
        images: Image | ImageSource | Sequence[Image | ImageSource],
        question: str,
        *,
        sampling: SamplingParams | None = None,
        grammar: Grammar | None = None,
    ) -> Completion:
        """Ask one question about one or several pictures and wait for the whole answer.

        Args:
            images: path, bytes, ``PIL.Image``, RGB array or :class:`Image`, or a list of these.
            question: in plain words.
            sampling: how to choose words; greedy by default.
            grammar: the form the answer must have, such as ``types.JSON_ANSWER``.

        Raises:
            JianweiError: what went wrong, in words for people.
        """
        sources: list[Any] = list(images) if isinstance(images, (list, tuple)) else [images]
        pictures = [
            source if isinstance(source, Image) else load_image(source, self.settings) for source in sources
        ]
        parts = [ImagePart(picture) for picture in pictures]
        request = ChatRequest(
            id=uuid.uuid4().hex,
            messages=(Message("user", (*parts, TextPart(question))),),
            sampling=sampling or SamplingParams(),
            grammar=grammar,
        )
        completion = None
        for chunk in self.stream(request):
            completion = chunk.completion
        if completion is None:
            raise EngineError("engine_failed")
        return completion

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """Answer as it comes; leaving the loop early cancels the answer.

        Raises:
            JianweiError: what went wrong.
        """
        events: queue.SimpleQueue[Chunk | JianweiError] = queue.SimpleQueue()
        self.submit(request, events.put)
        try:
            while True:
                event = events.get()
                if isinstance(event, JianweiError):
                    raise event
                yield event
                if event.completion is not None:
                    return
        finally:
            self.cancel(request.id)

    def submit(self, request: ChatRequest, on_event: OnEvent) -> None:
        """Begin an answer and return at once.

        ``on_event`` is called from another thread with every chunk; the last event is a chunk with a completion, or
        an error.
        """
        answer = _Answer(self, request, on_event)
        self._answers[request.id] = answer
        self._prepare_pool.submit(answer.prepare)

    def cancel(self, request_id: str) -> None:
        """End an answer within one step; it ends with finish reason ``cancelled``. Unknown ids are ignored."""
        answer = self._answers.get(request_id)
        if answer is not None:
            answer.cancelled = True
            self.engine.cancel(request_id)

    def stats(self) -> dict[str, float]:
        """Gauges and totals of the engine, by name."""
        return self.engine.stats()

    def close(self) -> None:
        """Stop; answers under way end as cancelled."""
        self._prepare_pool.shutdown(wait=True, cancel_futures=True)
        self.engine.close()

    def evidence(self, image: Image) -> str:
        """What OCR reads in the picture, in the form the prompt takes; remembered by the picture's digest."""
        with self._readings_lock:
            known = self._readings.get(image.digest)
            if known is None:
                known = format_evidence(self._ocr.read(image), image)
                self._readings[image.digest] = known
            self._readings.move_to_end(image.digest)
            if len(self._readings) > _KNOWN_READINGS:
                self._readings.popitem(last=False)
            return known

    def compile_grammar(self, grammar: Grammar) -> GrammarState:
        """A grammar ready for the engine; raises ``InputError("bad_schema")``."""
        with self._grammars_lock:
            if self._grammars is None:
                tokenizer = self.tokenizer
                self._grammars = GrammarCompiler(
                    tokenizer.all_token_bytes(), tokenizer.eos_ids, tokenizer.encode
                )
        return self._grammars.compile(grammar)

    def forget(self, request_id: str) -> None:
        """Drop the record of an answer that has ended."""
        self._answers.pop(request_id, None)


class _Answer:
    """One answer on its way: prepares the prompt, then turns tokens into chunks of text."""

    def __init__(self, model: VisionModel, request: ChatRequest, on_event: OnEvent) -> None:
        self.cancelled = False
        self._model = model
        self._request = request
        self._on_event = on_event
        self._decoder = model.tokenizer.stream_decoder()
        self._text = ""
        self._sent = 0
        self._stopped = False
        self._start = time.perf_counter()
        self._ocr_seconds = 0.0
        self._prepared = 0.0
        self._first_token = 0.0

    def prepare(self) -> None:
        """Evidence, patches, tokens, grammar; then hand over to the engine."""
        request = self._request
        try:
            grammar = self._model.compile_grammar(request.grammar) if request.grammar else None
            evidence = self._read_pictures()
            segments = render(
                request.messages,
                self._model.tokenizer,
                self._model.preprocess,
                evidence=evidence,
                max_tokens=self._visual_budget(),
            )
            self._prepared = time.perf_counter()
            self._model.engine.submit(
                EngineRequest(request.id, segments, request.sampling, grammar, self._on_token, self._on_end)
            )
            if self.cancelled:
                self._model.engine.cancel(request.id)
        except JianweiError as error:
            self._finish(error)
        except Exception:
            log.exception("preparing a request failed")
            self._finish(EngineError("engine_failed"))

    def _visual_budget(self) -> int:
        """Visual tokens of one picture: as asked, or as set, and no more than the model was made for."""
        asked = self._request.max_visual_tokens or self._model.settings.visual_tokens
        return min(asked, self._model.preprocess.max_tokens)

    def _read_pictures(self) -> dict[str, str]:
        wanted = self._request.ocr == "on" or (self._request.ocr == "auto" and self._model.card.wants_ocr)
        if not wanted:
            return {}
        start = time.perf_counter()
        images = {image.digest: image for message in self._request.messages for image in message.images}
        evidence = {digest: self._model.evidence(image) for digest, image in images.items()}
        self._ocr_seconds = time.perf_counter() - start
        return evidence

    def _on_token(self, token: int) -> bool:
        """In the engine's thread: decode, look for stop strings, send what is certain. True ends the answer."""
        if not self._first_token:
            self._first_token = time.perf_counter()
        self._text += self._decoder.push(token)
        stop = _find_stop(self._text, self._request.sampling.stop)
        if stop is not None:
            self._text = self._text[:stop]
            self._stopped = True
        certain = len(self._text) if self._stopped else len(self._text) - self._held_back()
        if certain > self._sent:
            self._on_event(Chunk(self._request.id, self._text[self._sent : certain]))
            self._sent = certain
        return self._stopped

    def _held_back(self) -> int:
        """Characters at the end that may turn out to be the beginning of a stop string."""
        longest = 0
        for stop in self._request.sampling.stop:
            for length in range(min(len(stop) - 1, len(self._text)), longest, -1):
                if self._text.endswith(stop[:length]):
                    longest = length
                    break
        return longest

    def _on_end(self, outcome: EngineResult | JianweiError) -> None:
        if isinstance(outcome, JianweiError):
            self._finish(outcome)
            return
        if not self._stopped:
            self._text += self._decoder.flush()
        now = time.perf_counter()
        completion = Completion(
            text=self._text,
            finish_reason=outcome.finish_reason,
            model=self._model.card.name,
            usage=Usage(
                outcome.prompt_tokens, outcome.visual_tokens, outcome.cached_tokens, len(outcome.tokens)
            ),
            timings=Timings(
                prepare=self._prepared - self._start - self._ocr_seconds,
                ocr=self._ocr_seconds,
                queue=outcome.queue,
                vision=outcome.vision,
                prefill=outcome.prefill,
                decode=outcome.decode,
                first_token=(self._first_token or now) - self._start,
                total=now - self._start,
                vision_runs=outcome.vision_runs,
            ),
        )
        self._finish(Chunk(self._request.id, self._text[self._sent :], completion))

    def _finish(self, event: Chunk | JianweiError) -> None:
        self._model.forget(self._request.id)
        self._on_event(event)


def _find_stop(text: str, stops: Sequence[str]) -> int | None:
    """Where the first stop string begins."""
    found = [at for at in (text.find(stop) for stop in stops if stop) if at >= 0]
    return min(found, default=None)


def _card(paths: ModelPaths, language: WeightFile, vision: WeightFile) -> ModelCard:
    """What the catalogue and the files say about this model."""
    written = _read_card(paths.language.with_name("card.json"))
    entry = paths.entry
    name = entry.name if entry else paths.language.stem
    return ModelCard(
        name=name,
        title=str(written.get("title") or language.metadata.get("general.name") or name),
        parameters=_parameters(language) + _parameters(vision),
        context_length=int(language.get("qwen3vl.context_length")),
        builtin=name == "builtin",
        wants_ocr=bool(written.get("wants_ocr", False)),
        languages=tuple(written.get("languages", ("zh", "en"))),
    )


def _read_card(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _parameters(file: WeightFile) -> int:
    total = 0
    for tensor in file.file.tensors.values():
        count = 1
        for length in tensor.shape:
            count *= length
        total += count
    return total
