"""VisionModel: everything between a question about a picture and its answer, in one process.

    pictures -> OCR evidence, patches -> prompt segments -> engine -> tokens -> text -> chunks

Loads a model and composes the layers below; ``answering`` is the way of one answer.
"""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jianwei.answering.answer import Answer, OnEvent
from jianwei.answering.prepare import prepare
from jianwei.answering.proof import Looked
from jianwei.answering.recall import earlier_pictures
from jianwei.answering.recipe import RecipeAnswer
from jianwei.config import Settings
from jianwei.engine.class_pool import ClassPool
from jianwei.engine.engine import Engine
from jianwei.engine.grammar import GrammarCompiler, GrammarState
from jianwei.engine.kv_files import KvFiles
from jianwei.engine.picture_files import PictureFiles
from jianwei.engine.sequence import EngineRequest, EngineResult
from jianwei.errors import EngineError, JianweiError
from jianwei.evidence.attention import all_heads, read_heads
from jianwei.evidence.enhance import Mended, Mode
from jianwei.evidence.enhance import enhance as mend
from jianwei.evidence.fractions import with_fractions
from jianwei.evidence.lookalikes import told_apart
from jianwei.evidence.ocr import OcrLine, OcrReader
from jianwei.evidence.regions import parse_regions
from jianwei.evidence.scale import parse_scale
from jianwei.evidence.scripts import Script, covered, merged, recognizer
from jianwei.hub import ModelPaths, resolve
from jianwei.machine import keep_large_blocks_apart
from jianwei.media.sources import load_pictures
from jianwei.model.activations import choose_activations
from jianwei.model.chat_template import Segment
from jianwei.model.configuration import check_pair, decoder_config, vision_config
from jianwei.model.decoder import Decoder
from jianwei.model.preprocess import PreprocessConfig
from jianwei.model.runtime import Runtime
from jianwei.model.tokenizer import Tokenizer
from jianwei.model.vision import VisionTower
from jianwei.model.weight_cache import WeightCache
from jianwei.model.weights import WeightFile
from jianwei.recipes.library import find_recipe
from jianwei.recipes.recipe import in_language
from jianwei.types import (
    AnswerFormat,
    ChatRequest,
    Chunk,
    Completion,
    Detail,
    Enhance,
    Grammar,
    Image,
    ImagePart,
    Message,
    ModelCard,
    Priority,
    Prune,
    Region,
    SamplingParams,
    Scale,
    TextPart,
)

if TYPE_CHECKING:
    from jianwei.media.sources import Source

_KNOWN_MENDED = 8
"""Mended pictures that are remembered: whole pictures, so only for the next questions about them."""

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
        keep_large_blocks_apart()
        settings = settings or Settings()
        paths = resolve(model or settings.model, settings)
        cache = WeightCache(settings.weight_cache_dir, settings.weight_cache << 20)
        language, vision = WeightFile(paths.language, cache), WeightFile(paths.vision, cache)
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
        # Alone: whatever ran beside it would be measured too.
        activations = (
            choose_activations(vision, tower_shape, runtime, settings.tower_choices)
            if settings.tower == "auto"
            else settings.tower
        )
        with ThreadPoolExecutor(thread_name_prefix="jianwei-load") as pool:
            tokenizer = pool.submit(Tokenizer.from_gguf, language.metadata, language.name)
            tower = pool.submit(VisionTower, vision, tower_shape, runtime, activations)
            self.decoder = Decoder(
                language,
                decoder_shape,
                runtime,
                settings.kv_precision,
                kv_bytes,
                self.heads.layers,
                settings.head,
            )
            self.tokenizer, self.tower = tokenizer.result(), tower.result()
        self.engine = Engine(
            self.decoder,
            self.tower,
            self.tokenizer.eos_ids,
            max_running=settings.max_running,
            prefill_chunk=settings.prefill_chunk,
            picture_bytes=settings.picture_budget << 20,
            picture_files=_picture_files(settings, self.tower),
            drafts=settings.drafts,
            visual_keep=settings.visual_keep / 100,
            kv_files=_kv_files(settings, self.decoder, self.tower),
        )
        self._grammars: GrammarCompiler | None = None
        self._grammars_lock = threading.Lock()
        self._ocr = OcrReader(threads=runtime.threads)
        self._ocr_threads = runtime.threads
        self._script_readers: dict[Script, OcrReader] = {}
        self._readings: OrderedDict[str, list[OcrLine]] = OrderedDict()
        self._readings_lock = threading.Lock()
        self._mended: OrderedDict[tuple[str, Mode], Mended] = OrderedDict()
        self._mended_lock = threading.Lock()
        self._answers: dict[str, Answer | RecipeAnswer] = {}
        self._prepare_pool = ClassPool(3, "jianwei-prepare", kept=1)
        self._evidence_pool = ClassPool(3, "jianwei-evidence", kept=1)

    def ask(
        self,
        images: Source | Sequence[Source],
        question: str = "",
        *,
        sampling: SamplingParams | None = None,
        grammar: Grammar | None = None,
        region: str | Sequence[Region] = (),
        boxes: bool = False,
        heatmap: bool | Literal["png"] = False,
        format: AnswerFormat | None = None,  # noqa: A002 - the option's name everywhere
        detail: Detail | int | None = None,
        ocr: Literal["auto", "off", "on"] = "auto",
        enhance: Enhance = "off",
        scale: str | Scale | None = None,
        priority: Priority = "interactive",
        prune: Prune | None = None,
        recipe: str | None = None,
        pages: str = "",
    ) -> Completion:
        """Ask one question about one or several pictures and wait for the whole answer.

        Args:
            images: path, bytes, ``PIL.Image``, RGB array or :class:`Image`, or a list of these. A PDF or a video
                gives a picture for each page or key frame.
            question: in plain words; with a recipe it may be left out.
            sampling: how to choose words; greedy by default.
            grammar: the form the answer must have, such as ``types.JSON_ANSWER``.
            region: the parts that the question is about: "x1,y1,x2,y2" as ``evidence.regions`` reads it, or
                :class:`Region` values.
            boxes: say where that is of which the answer speaks (``Completion.evidence.boxes``).
            heatmap: say where the model looked (``Completion.evidence.heatmap``); "png" draws it over the pictures too.
            format: the form of a written answer.
            detail: how finely to look; a number is the budget of a picture in visual tokens.
            ocr: give the model the lines that OCR reads.
            enhance: mend bad photos first (``Completion.evidence.enhance``); ``auto`` only where that helps.
            scale: what tells how long a pixel is, as ``evidence.scale`` reads it: lengths are measured
                (``Completion.evidence.measures``), and told at the end of the answer.
            priority: ``batch`` makes way for questions that somebody waits for.
            prune: what of pictures is left out that repeats its neighbours; None: as set.
            pages: of every PDF and video, which pages or key frames, such as "1-3,7"; empty for all.
            recipe: name of a recipe by which to look, check and report (``Completion.recipe``): "invoice",
                "inspect", ... or a file of one's own; the answer is a report in Markdown.

        Raises:
            JianweiError: what went wrong, in words for people.
        """
        sources: list[Any] = list(images) if isinstance(images, (list, tuple)) else [images]
        pictures = load_pictures([(source, None) for source in sources], self.settings, pages)
        parts = [ImagePart(picture) for picture in pictures]
        if recipe is not None and not question.strip():
            question = in_language(find_recipe(recipe).question, self.settings.message_language)
        request = ChatRequest(
            id=uuid.uuid4().hex,
            messages=(Message("user", (*parts, TextPart(question))),),
            sampling=sampling or SamplingParams(),
            grammar=grammar,
            ocr=ocr,
            regions=parse_regions(region, pictures) if isinstance(region, str) else tuple(region),
            boxes=boxes,
            heatmap=heatmap,
            format=format,
            detail=None if isinstance(detail, int) else detail,
            max_visual_tokens=detail if isinstance(detail, int) else None,
            enhance=enhance,
            scale=parse_scale(scale) if isinstance(scale, str) else scale,
            priority=priority,
            prune=prune,
            recipe=recipe,
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
        kind = Answer if request.recipe is None else RecipeAnswer
        self._begin(kind(self, request, on_event), request)

    def _begin(self, answer: Answer | RecipeAnswer, request: ChatRequest) -> None:
        self._answers[request.id] = answer
        self._prepare_pool.submit(answer.prepare, request.priority)

    def cancel(self, request_id: str) -> None:
        """End an answer within one step; it ends with finish reason ``cancelled``. Unknown ids are ignored."""
        answer = self._answers.get(request_id)
        if answer is not None:
            answer.cancelled = True
            self.engine.cancel(request_id)
            self.engine.cancel(_beside(request_id))

    def stats(self) -> dict[str, float]:
        """Gauges and totals of the engine, by name."""
        return self.engine.stats()

    def close(self) -> None:
        """Stop; answers under way end as cancelled."""
        self._prepare_pool.close(drop=True)
        self._evidence_pool.close(drop=False)  # it may wait for the engine, so before that
        self.engine.close()

    def read(self, image: Image) -> list[OcrLine]:
        """The lines that OCR reads in the picture; remembered by the picture's digest."""
        with self._readings_lock:
            known = self._readings.get(image.digest)
            if known is None:
                known = told_apart(with_fractions(self._ocr.read(image), image, self._ocr.recognize))
                self._readings[image.digest] = known
            self._readings.move_to_end(image.digest)
            if len(self._readings) > _KNOWN_READINGS:
                self._readings.popitem(last=False)
            return known

    def read_script(self, image: Image, script: Script) -> list[OcrLine] | None:
        """The lines with those of a script that needs a recognizer of its own; None: that is not installed."""
        if covered(script):
            return self.read(image)
        path = recognizer(script, self.settings.ocr_dir)
        if path is None:
            return None
        lines = self.read(image)
        with self._readings_lock:
            reader = self._script_readers.setdefault(script, OcrReader(self._ocr_threads, path))
        return merged(lines, reader.read(image), script)

    def mended(self, image: Image, mode: Mode) -> Mended:
        """A picture with what is broken in it mended; the last ones are remembered."""
        with self._mended_lock:
            known = self._mended.get((image.digest, mode))
            if known is None:
                known = mend(image, mode, self.read, self._ocr.turned)
                self._mended[image.digest, mode] = known
            self._mended.move_to_end((image.digest, mode))
            if len(self._mended) > _KNOWN_MENDED:
                self._mended.popitem(last=False)
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
        answer = Answer(self, replace(request, heatmap=True), events.put)
        self._begin(answer, request)
        while True:
            event = events.get()
            if isinstance(event, JianweiError):
                raise event
            if event.completion is not None:
                return event.completion, answer.looked()

    def weigh(self, request: ChatRequest, answer: str) -> tuple[float, ...]:
        """How likely the model would have given this answer: the natural logarithm for each of its tokens.

        Raises:
            JianweiError: what went wrong.
        """
        said = tuple(self.tokenizer.encode(answer))
        if not said:
            return ()
        ends: queue.SimpleQueue[EngineResult | JianweiError] = queue.SimpleQueue()
        segments = prepare(self, request).segments
        sampling = SamplingParams(max_tokens=len(said))
        self.engine.submit(
            EngineRequest(request.id, segments, sampling, None, lambda _: False, ends.put, said=said)
        )
        end = ends.get()
        if isinstance(end, JianweiError):
            raise end
        return end.said_logprobs

    def run(
        self,
        request_id: str,
        segments: list[Segment],
        sampling: SamplingParams,
        grammar: Grammar | None = None,
    ) -> EngineResult:
        """Give the engine a prompt beside that of an answer, and wait. Not for the engine's thread.

        It is cancelled with the answer ``request_id``.

        Raises:
            JianweiError: what went wrong.
        """
        ends: queue.SimpleQueue[EngineResult | JianweiError] = queue.SimpleQueue()
        compiled = self.compile_grammar(grammar) if grammar else None
        answer = self._answers.get(request_id)
        self.engine.submit(
            EngineRequest(
                _beside(request_id),
                segments,
                sampling,
                compiled,
                lambda _: False,
                ends.put,
                attention=True,
                priority=answer.priority if answer else "interactive",
                may_leave_out=frozenset(
                    range(earlier_pictures(segments, self.tokenizer.special["<|im_start|>"]))
                ),
            )
        )
        answer = self._answers.get(request_id)
        if answer is None or answer.cancelled:
            self.engine.cancel(_beside(request_id))
        end = ends.get()
        if isinstance(end, JianweiError):
            raise end
        return end

    def later(self, job: Callable[[], None], priority: Priority = "interactive") -> bool:
        """Do something that the engine's thread should not wait for; False: the model is being closed."""
        try:
            self._evidence_pool.submit(job, priority)
        except RuntimeError:
            return False
        return True

    def forget(self, request_id: str) -> None:
        """Drop the record of an answer that has ended."""
        self._answers.pop(request_id, None)


def _picture_files(settings: Settings, tower: VisionTower) -> PictureFiles | None:
    """Where embeddings are kept on disk, unless that is switched off."""
    if not settings.picture_disk:
        return None
    return PictureFiles(settings.picture_disk_dir, settings.picture_disk << 20, tower.identity)


def _kv_files(settings: Settings, decoder: Decoder, tower: VisionTower) -> KvFiles | None:
    """Where KV blocks are kept on disk, unless that is switched off."""
    if not settings.kv_disk:
        return None
    return KvFiles(settings.kv_disk_dir, settings.kv_disk << 20, f"{decoder.identity};{tower.identity}")


def _beside(request_id: str) -> str:
    """Id in the engine of what is asked for an answer beside it; one thing at a time."""
    return f"{request_id}/beside"


def _card(paths: ModelPaths, language: WeightFile, vision: WeightFile) -> ModelCard:
    """What the catalogue and the files say about this model."""
    written = _read_card(paths.language.with_name("card.json"))
    entry = paths.entry
    name = entry.name if entry else paths.language.stem
    return ModelCard(
        name=name,
        title=str(written.get("title") or language.metadata.get("general.name") or name),
        parameters=language.parameters + vision.parameters,
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
