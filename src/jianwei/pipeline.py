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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from jianwei.config import Settings
from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarCompiler, GrammarState
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import EngineError, InputError, JianweiError, Phrase
from jianwei.evidence.attention import all_heads, attention_weights, read_heads
from jianwei.evidence.heat import GENERIC_QUESTION, LITTLE, heat_map, heat_note, spread
from jianwei.evidence.ocr import OcrLine, OcrReader, Telling, tell_evidence
from jianwei.evidence.prompt import Places, Reading, find_places, read_view
from jianwei.evidence.regions import clip, find_red_box, language_of, speaks_of_red_box
from jianwei.evidence.showing import Showing, show
from jianwei.evidence.views import View
from jianwei.hub import ModelPaths, resolve
from jianwei.media.image import load_image
from jianwei.model.chat_template import Segment, render
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
    Evidence,
    Grammar,
    HeatMap,
    Image,
    ImagePart,
    Message,
    ModelCard,
    Region,
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

    def __init__(
        self,
        model: str | None = None,
        *,
        settings: Settings | None = None,
        heads: Literal["all"] | None = None,
    ) -> None:
        """Load a model.

        Args:
            model: name in the catalogue, or path of a language GGUF; None: as the settings say.
            settings: None: from the environment and the settings file.
            heads: whose attention is gathered; None: those that ``jianwei calibrate`` has found.

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
        shape = decoder_shape.layers, decoder_shape.heads
        self.heads = all_heads(*shape) if heads == "all" else read_heads(paths.language, *shape)
        self.language_file = paths.language
        with ThreadPoolExecutor(thread_name_prefix="jianwei-load") as pool:
            tokenizer = pool.submit(Tokenizer.from_gguf, language.metadata, language.name)
            tower = pool.submit(VisionTower, vision, tower_shape, runtime)
            self.decoder = Decoder(
                language, decoder_shape, runtime, settings.kv_precision, kv_bytes, self.heads.layers
            )
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
        self._readings: OrderedDict[str, list[OcrLine]] = OrderedDict()
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
        **options: Any,
    ) -> Completion:
        """Ask one question about one or several pictures and wait for the whole answer.

        Args:
            images: path, bytes, ``PIL.Image``, RGB array or :class:`Image`, or a list of these.
            question: in plain words.
            sampling: how to choose words; greedy by default.
            grammar: the form the answer must have, such as ``types.JSON_ANSWER``.
            **options: further fields of ``types.ChatRequest``: ``regions``, ``boxes``, ``heatmap``, ``format``,
                ``detail``, ``ocr``, ``max_visual_tokens``.

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
            **options,
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
        self._begin(_Answer(self, request, on_event), request.id)

    def _begin(self, answer: _Answer, request_id: str) -> None:
        self._answers[request_id] = answer
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

    def read(self, image: Image) -> list[OcrLine]:
        """The lines that OCR reads in the picture; remembered by the picture's digest."""
        with self._readings_lock:
            known = self._readings.get(image.digest)
            if known is None:
                known = self._ocr.read(image)
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

    def look(self, request: ChatRequest) -> tuple[Completion, Looked | None]:
        """An answer with the attention of every chosen head apart, for calibration and evaluation.

        Raises:
            JianweiError: what went wrong.
        """
        events: queue.SimpleQueue[Chunk | JianweiError] = queue.SimpleQueue()
        answer = _Answer(self, replace(request, heatmap=True), events.put)
        self._begin(answer, request.id)
        while True:
            event = events.get()
            if isinstance(event, JianweiError):
                raise event
            if event.completion is not None:
                return event.completion, answer.looked

    def run(
        self, segments: list[Segment], sampling: SamplingParams, grammar: Grammar | None = None
    ) -> EngineResult:
        """Give the engine a prompt of its own beside an answer's, and wait. Not for the engine's thread.

        Raises:
            JianweiError: what went wrong.
        """
        ends: queue.SimpleQueue[EngineResult | JianweiError] = queue.SimpleQueue()
        compiled = self.compile_grammar(grammar) if grammar else None
        self.engine.submit(
            EngineRequest(
                uuid.uuid4().hex, segments, sampling, compiled, lambda _: False, ends.put, attention=True
            )
        )
        end = ends.get()
        if isinstance(end, JianweiError):
            raise end
        return end

    def later(self, job: Callable[[], None]) -> None:
        """Do something that the engine's thread should not wait for."""
        self._prepare_pool.submit(job)

    def forget(self, request_id: str) -> None:
        """Drop the record of an answer that has ended."""
        self._answers.pop(request_id, None)


@dataclass(frozen=True)
class Prepared:
    """A request as the engine gets it.

    Attributes:
        showing: which views of which pictures the model sees.
        told: what is told it of the lines in them, in order.
        readings: all lines that were read, also those that are not told.
        segments: the prompt.
    """

    showing: Showing
    told: tuple[tuple[View, Telling], ...]
    readings: tuple[Reading, ...]
    segments: list[Segment]


@dataclass(frozen=True, eq=False)
class Looked:
    """Where the chosen heads looked while an answer was written.

    Attributes:
        weights: ``[heads, answer, tokens]``, each row adding up to 1.
        places: which of the prompt's tokens stand for what.
        pieces: the text of each token of the answer.
        originals: the pictures of the conversation.
    """

    weights: npt.NDArray[np.float32]
    places: Places
    pieces: list[str]
    originals: tuple[Image, ...]


class _Answer:
    """One answer on its way: prepares the prompt, turns tokens into chunks of text, gathers what backs them."""

    def __init__(self, model: VisionModel, request: ChatRequest, on_event: OnEvent) -> None:
        self.cancelled = False
        self._model = model
        self._request = request
        self._on_event = on_event
        self._decoder = model.tokenizer.stream_decoder()
        self.looked: Looked | None = None
        self._prepared: Prepared | None = None
        self._text = ""
        self._pieces: list[str] = []
        self._sent = 0
        self._stopped = False
        self._start = time.perf_counter()
        self._ocr_seconds = 0.0
        self._prepared_at = 0.0
        self._first_token = 0.0

    def prepare(self) -> None:
        """Evidence, patches, tokens, grammar; then hand over to the engine."""
        request = self._request
        try:
            grammar = self._model.compile_grammar(request.grammar) if request.grammar else None
            self._prepared = self._prepare()
            self._prepared_at = time.perf_counter()
            self._model.engine.submit(
                EngineRequest(
                    request.id,
                    self._prepared.segments,
                    request.sampling,
                    grammar,
                    self._on_token,
                    self._on_end,
                    attention=request.heatmap,
                )
            )
            if self.cancelled:
                self._model.engine.cancel(request.id)
        except JianweiError as error:
            self._finish(error)
        except Exception:
            log.exception("preparing a request failed")
            self._finish(EngineError("engine_failed"))

    def _prepare(self) -> Prepared:
        model, request = self._model, self._request
        showing = show(
            request.messages,
            self._regions(),
            side=model.preprocess.token_side,
            whole_too=not model.card.builtin,
        )
        told, readings = self._read(showing)
        return Prepared(showing, told, readings, self._render(showing.messages, told))

    def _render(self, messages: Sequence[Message], told: Sequence[tuple[View, Telling]]) -> list[Segment]:
        return render(
            messages,
            self._model.tokenizer,
            self._model.preprocess,
            evidence={view.image.digest: telling.text for view, telling in told},
            max_tokens=self._visual_budget(),
        )

    def _regions(self) -> tuple[Region, ...]:
        """The regions asked for, or the red box that the question speaks of; inside their pictures.

        Raises:
            InputError: ``bad_value`` for a region outside its picture, or of a picture that is not there.
        """
        images = [image for message in self._request.messages for image in message.images]
        regions = self._request.regions
        if not regions:
            message = self._request.messages[-1]
            if not speaks_of_red_box(message.text):
                return ()
            found = (find_red_box(image, picture) for picture, image in enumerate(images))
            return tuple(region for region in found if region is not None)
        for region in regions:
            if not 0 <= region.picture < len(images):
                count = len(images)
                reason = Phrase(f"there are {count} pictures", f"共有 {count} 张图片")
                raise InputError("bad_value", name="region", got=region.picture + 1, reason=reason)
        return tuple(clip(region, images[region.picture]) for region in regions)

    def _visual_budget(self) -> int:
        """Visual tokens of one picture: as asked, or as set, and no more than the model was made for."""
        asked = self._request.max_visual_tokens or self._model.settings.visual_tokens
        return min(asked, self._model.preprocess.max_tokens)

    def _read(self, showing: Showing) -> tuple[tuple[tuple[View, Telling], ...], tuple[Reading, ...]]:
        """Lines in what is shown: as they are told to the model, and where in the originals they are."""
        ocr = self._request.ocr
        tell = ocr == "on" or (ocr == "auto" and self._model.card.wants_ocr)
        if not tell and (ocr == "off" or not self._request.boxes):
            return (), ()
        start = time.perf_counter()
        told: list[tuple[View, Telling]] = []
        readings: list[Reading] = []
        views = showing.regions or [view for view in showing.views if view is not None]
        for view in views:
            lines = self._model.read(view.image)
            readings += read_view(view, lines)
            if tell:
                told.append((view, tell_evidence(lines, view.image)))
        self._ocr_seconds = time.perf_counter() - start
        return tuple(told), tuple(readings)

    def _on_token(self, token: int) -> bool:
        """In the engine's thread: decode, look for stop strings, send what is certain. True ends the answer."""
        if not self._first_token:
            self._first_token = time.perf_counter()
        piece = self._decoder.push(token)
        self._text += piece
        self._pieces.append(piece)
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
        """In the engine's thread; what takes longer goes to a thread of its own."""
        if isinstance(outcome, JianweiError):
            self._finish(outcome)
        elif self._asks_for_evidence and outcome.finish_reason != "cancelled":
            self._model.later(lambda: self._complete(outcome))
        else:
            self._complete(outcome)

    @property
    def _asks_for_evidence(self) -> bool:
        return self._request.heatmap or self._request.boxes

    def _complete(self, outcome: EngineResult) -> None:
        """Gather what backs the answer, and send the end."""
        try:
            event: Chunk | JianweiError = self._last_chunk(outcome)
        except JianweiError as error:
            event = error
        except Exception:
            log.exception("completing an answer failed")
            event = EngineError("engine_failed")
        self._finish(event)

    def _last_chunk(self, outcome: EngineResult) -> Chunk:
        closing = ""
        if not self._stopped:
            self._text += self._decoder.flush()
            closing = self._model.tokenizer.decode(list(outcome.closing))
            self._text += closing
        now = time.perf_counter()
        completion = Completion(
            text=self._text,
            finish_reason=outcome.finish_reason,
            model=self._model.card.name,
            usage=Usage(
                outcome.prompt_tokens, outcome.visual_tokens, outcome.cached_tokens, len(outcome.tokens)
            ),
            timings=Timings(
                prepare=self._prepared_at - self._start - self._ocr_seconds,
                ocr=self._ocr_seconds,
                queue=outcome.queue,
                vision=outcome.vision,
                prefill=outcome.prefill,
                decode=outcome.decode,
                first_token=(self._first_token or now) - self._start,
                total=now - self._start,
                vision_runs=outcome.vision_runs,
            ),
            evidence=self._evidence(outcome),
            truncated=bool(closing),
        )
        return Chunk(self._request.id, self._text[self._sent :], completion)

    def _evidence(self, outcome: EngineResult) -> Evidence:
        prepared = self._prepared
        if prepared is None or outcome.finish_reason == "cancelled":
            return Evidence()
        return Evidence(heatmap=self._heat_map(prepared, outcome) if self._request.heatmap else None)

    def _heat_map(self, prepared: Prepared, outcome: EngineResult) -> HeatMap | None:
        looked = self.look(prepared, outcome)
        if looked is None:
            return None
        weights, places = looked.weights.mean(0), looked.places
        heat = spread(weights, places, prepared.showing.originals)
        if heat.picture_share > LITTLE:
            heat = spread(weights, places, prepared.showing.originals, self._generic(prepared, places))
        note = heat_note(heat, self._model.heads, language_of(self._request.messages[-1].text))
        return heat_map(heat, looked.pieces, note)

    def look(self, prepared: Prepared, outcome: EngineResult) -> Looked | None:
        """The attention of the chosen heads, where the engine has gathered any."""
        rows, model = outcome.attention, self._model
        if rows is None:
            return None
        places = find_places(prepared.segments, model.tokenizer, prepared.showing.views, prepared.told)
        weights = attention_weights(
            rows.queries, rows.keys, model.heads.layers, model.heads.chosen, places.n_tokens
        )
        self.looked = Looked(weights, places, self._shown_pieces(), prepared.showing.originals)
        return self.looked

    def _generic(self, prepared: Prepared, places: Places) -> npt.NDArray[np.float32] | None:
        """Attention of the row that begins the answer to a question for nothing in particular.

        Its prompt begins as the answer's own, so that only the question itself is computed.
        """
        *before, last = prepared.showing.messages
        question = GENERIC_QUESTION[language_of(last.text)]
        parts = [part for part in last.parts if not isinstance(part, TextPart)]
        messages = (*before, Message("user", (*parts, TextPart(question))))
        outcome = self._model.run(self._render(messages, prepared.told), SamplingParams(max_tokens=1))
        if outcome.attention is None:
            return None
        model = self._model
        weights = attention_weights(
            outcome.attention.queries,
            outcome.attention.keys,
            model.heads.layers,
            model.heads.chosen,
            outcome.prompt_tokens,
        )
        # Pictures come before the question: their tokens stand at the same places in both prompts.
        generic = np.zeros(places.n_tokens, np.float32)
        shared = min(places.n_tokens, outcome.prompt_tokens)
        generic[:shared] = weights[:, 0, :shared].mean(0)
        return generic

    def _shown_pieces(self) -> list[str]:
        """The answer cut into its tokens' texts; what came after a stop string is no part of it.

        What was added to it at its end comes last, and is no token's.
        """
        pieces: list[str] = []
        left = len(self._text)
        for piece in self._pieces:
            pieces.append(piece[:left])
            left -= len(pieces[-1])
        return [*pieces, self._text[-left:]] if left else pieces

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
