"""``POST /api/v1/chat``: ask about pictures with a plain form; follow-ups name the conversation.

The way of a question: the form is read and checked, new pictures are decoded, question and pictures are kept,
and the engine gets the whole conversation as messages. The answer is kept before anyone is told that it is
finished.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jianwei import __version__
from jianwei.config import MAX_PRUNE
from jianwei.errors import InputError, JianweiError, Language, Phrase
from jianwei.evidence.regions import parse_regions
from jianwei.evidence.scale import parse_scale
from jianwei.evidence.showing import MAX_TOKENS, MIN_TOKENS, parse_detail
from jianwei.media.image import display_name
from jianwei.media.pages import MAX_PAGES_SPEC
from jianwei.model.prune import parse_prune
from jianwei.recipes.library import all_recipes, find_recipe
from jianwei.recipes.recipe import in_language
from jianwei.server.answers import Answer, End, new_request_id
from jianwei.server.context import Context, completion_or_gone, context_of
from jianwei.server.forms import Form, FormLimits, Upload, read_form
from jianwei.server.pictures import Pictures
from jianwei.server.problems import bad_value, error_body, error_response, language_of, validation_problem
from jianwei.server.sse import HEARTBEAT, HEARTBEAT_SECONDS, EventStream, event
from jianwei.server.store import NewPicture, Turn
from jianwei.types import (
    JSON_ANSWER,
    AnswerFormat,
    ChatRequest,
    Completion,
    Detail,
    Enhance,
    Grammar,
    Image,
    ImagePart,
    Message,
    Part,
    Priority,
    SamplingParams,
    TextPart,
)

router = APIRouter(prefix="/api/v1", tags=["Jianwei"])

MAX_REGION = 10_000
"""Characters of regions: eight polygons of many corners."""

MAX_SCALE = 200
"""Characters of a scale."""

MAX_SCHEMA = 100_000
"""Characters of a JSON schema."""

ANSWER_IN = {"zh": "请用中文回答。", "en": "Answer in English."}
"""What a model is told that could answer in another language than was asked for."""


class ChatForm(BaseModel):
    """The fields of text that ``POST /api/v1/chat`` takes beside ``image``."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    query: str = Field("", description="the question, in plain words; with recipe it may be left out")
    recipe: str | None = Field(
        None,
        max_length=40,
        description="look, check and report by a recipe (GET /api/v1/recipes lists them): keys data and recipe",
    )
    image_url: str | None = Field(None, description="address of a picture, where the server allows it")
    conversation_id: str | None = Field(None, max_length=64, description="ask on in this conversation")
    json_answer: bool = Field(
        False, alias="json", description="answer as JSON with the keys objects, texts, spatial_relations"
    )
    schema_text: str | None = Field(
        None, alias="schema", max_length=MAX_SCHEMA, description="answer by this JSON schema"
    )
    stream: bool = Field(False, description="answer as server-sent events: start, delta, done or error")
    max_tokens: int = Field(1024, ge=1, description="at most so many tokens of answer")
    temperature: float = Field(
        0.0, ge=0, le=2, allow_inf_nan=False, description="0: always the likeliest word"
    )
    language: Literal["auto", "zh", "en"] = Field("auto", description="language of the answer and of errors")
    max_visual_tokens: int | None = Field(
        None,
        ge=MIN_TOKENS,
        le=MAX_TOKENS,
        description="tokens one picture may take (32x32 pixels each); more shows finer detail",
    )
    ocr: Literal["auto", "on", "off"] = Field("auto", description="give the model the lines that OCR reads")
    region: str | None = Field(
        None,
        max_length=MAX_REGION,
        description="what the question is about: x1,y1,x2,y2 in pixels or all within 0..1, or six and more numbers "
        "for a polygon; several joined by ;  and 2: before one means the conversation's second picture",
    )
    pages: str | None = Field(
        None,
        max_length=MAX_PAGES_SPEC,
        description="of a PDF or video sent as image: which pages or key frames, such as 1-3,7; all by default",
    )
    boxes: bool = Field(False, description="say where that is of which the answer speaks: key boxes")
    heatmap: bool | Literal["png"] = Field(
        False, description="say where the model looked: key heatmap; png also draws it over the pictures"
    )
    format: AnswerFormat | None = Field(None, description="form of a written answer")
    enhance: Enhance = Field(
        "off", description="mend bad photos first; auto only where that helps: key enhance"
    )
    scale: str | None = Field(
        None,
        max_length=MAX_SCALE,
        description="what tells how long a pixel is, to measure in cm: a4 (a sheet in the picture), dpi:300, "
        'mm_per_px:0.2 or ref:"label"=8.6x5.4 cm (a thing in the picture): key measures',
    )
    priority: Priority = Field(
        "interactive", description="batch makes way for questions that somebody waits for"
    )
    detail: str | None = Field(
        None,
        max_length=10,
        description="how finely pictures are looked at: low, auto (by the picture and the question, with a second look "
        "at a part where that helps), high, or a number of visual tokens "
        f"(as max_visual_tokens, {MIN_TOKENS} to {MAX_TOKENS})",
    )

    prune: str | None = Field(
        None,
        max_length=10,
        description="leave out parts of pictures that repeat their neighbours: exact (equal to the last bit), off, a "
        f"number up to {MAX_PRUNE} (also what differs by so much of 255), auto (exact in drawn pages and screens, off "
        "in photos); left out: as the server is set. usage.pruned_tokens says how many visual tokens that saved",
    )

    @property
    def named_detail(self) -> Detail | None:
        """``detail`` where it is a word."""
        return parse_detail(self.detail)[0] if self.detail is not None else None

    @property
    def visual_tokens(self) -> int | None:
        """The budget of a picture, by either of its names."""
        asked = parse_detail(self.detail)[1] if self.detail is not None else None
        return self.max_visual_tokens if asked is None else asked


def _text_fields() -> list[str]:
    return [field.alias or name for name, field in ChatForm.model_fields.items()]


def _documentation() -> dict[str, Any]:
    """The form in OpenAPI's words: it is read by hand (see ``forms``), so FastAPI cannot know it."""
    schema = ChatForm.model_json_schema(by_alias=True)
    image = {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "description": "picture files; the field may be repeated. A PDF or a video becomes a picture for each page",
    }
    body = {"type": "object", "properties": {"image": image, **schema["properties"]}, "required": []}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": body}}}}


def read_options(texts: Mapping[str, str]) -> ChatForm:
    """Check the fields of a form; a field left empty counts as left out.

    Raises:
        InputError: ``bad_value``, ``unknown_field`` or ``empty_query``.
    """
    try:
        options = ChatForm.model_validate({name: text for name, text in texts.items() if text != ""})
    except ValidationError as problem:
        raise validation_problem(problem.errors()[0]) from problem
    if options.recipe is not None:
        _check_recipe(options)
    elif not options.query.strip():
        raise InputError("empty_query")
    if options.format is not None and (options.json_answer or options.schema_text is not None):
        reason = Phrase("it cannot go with json or schema", "不能与 json 或 schema 同用")
        raise bad_value("format", options.format, reason)
    if options.detail is not None:
        parse_detail(options.detail)
    return options


def _check_recipe(options: ChatForm) -> None:
    """A recipe must be there, and has a form and places of its own.

    Raises:
        InputError: ``unknown_recipe``, ``bad_recipe`` or ``bad_value``.
    """
    find_recipe(options.recipe or "")
    beside = {
        "schema": options.schema_text is not None,
        "heatmap": options.heatmap,
        "format": options.format not in (None, "report", "markdown"),
    }
    for name, given in beside.items():
        if given:
            reason = Phrase("it cannot go with recipe", "不能与 recipe 同用")
            raise bad_value(name, getattr(options, name, "…"), reason)


def grammar_of(options: ChatForm) -> Grammar | None:
    """The form that the answer must have; raises ``InputError("bad_schema")``."""
    if options.schema_text is None:
        return JSON_ANSWER if options.json_answer else None
    try:
        schema = json.loads(options.schema_text)
    except (ValueError, RecursionError) as cause:
        raise InputError("bad_schema", reason=Phrase("it is not valid JSON", "不是有效的 JSON")) from cause
    if not isinstance(schema, dict):
        raise InputError("bad_schema", reason=Phrase("it is not an object", "不是 JSON 对象"))
    return Grammar("json_schema", options.schema_text)


async def history(turns: Sequence[Turn], pictures: Pictures) -> tuple[list[Message], list[Image]]:
    """A conversation so far as messages, and pictures of failed questions that belong before the next one.

    A question without an answer is left out: the model would take it for one it had ignored.
    """
    messages: list[Message] = []
    pending: list[Image] = []
    for turn in turns:
        pending += [await pictures.stored(picture) for picture in turn.pictures]
        if turn.state in {"done", "cancelled"} and turn.answer:
            messages += [_user(pending, turn.query), Message("assistant", (TextPart(turn.answer),))]
            pending = []
    return messages, pending


def _user(images: Sequence[Image], query: str) -> Message:
    parts: list[Part] = [ImagePart(image) for image in images]
    return Message("user", (*parts, TextPart(query)))


class Asked:
    """A question that has been kept and handed to the engine."""

    def __init__(self, turn: Turn, answer: Answer, structured: bool) -> None:
        self.turn = turn
        self.answer = answer
        self.structured = structured

    @property
    def place(self) -> dict[str, Any]:
        """Where it is kept."""
        return {"conversation_id": self.turn.conversation, "turn_id": self.turn.id}

    def body(self, completion: Completion) -> dict[str, Any]:
        """The response to a finished answer."""
        body = completion.to_dict() | self.place
        if self.structured and completion.recipe is None:
            # A cancelled answer is not whole JSON: `data` is null then.
            try:
                body["data"] = json.loads(completion.text)
            except ValueError:
                body["data"] = None
        return body


async def ask(context: Context, form: Form, options: ChatForm) -> Asked:
    """Decode what is new, keep the question, and start the answer."""
    grammar = grammar_of(options)
    scale = parse_scale(options.scale) if options.scale is not None else None
    prune = parse_prune(options.prune) if options.prune is not None else None
    card = context.card
    if options.max_tokens > card.context_length:
        limit = card.context_length
        raise bad_value("max_tokens", options.max_tokens, Phrase(f"at most {limit}", f"不能大于 {limit}"))
    conversation = options.conversation_id
    if conversation is not None:
        await context.turns.take(conversation)
    try:
        turns = await asyncio.to_thread(context.store.turns, conversation) if conversation else []
        if options.image_url:
            data, name = await context.fetch(options.image_url)
            form.files.append(Upload.of(data, display_name(name)))
        if not form.files and not any(turn.pictures for turn in turns):
            raise InputError("no_picture")
        form.files = await context.pictures.expand(form.files, options.pages, context.settings.max_pictures)
        images: list[Image] = []
        records: list[NewPicture] = []
        for upload in form.files:
            image, record = await context.pictures.decode(upload)
            images.append(image)
            records.append(record)
        messages, pending = await history(turns, context.pictures)
        messages.append(_user([*pending, *images], options.query))
        pictures = [image for message in messages for image in message.images]
        regions = parse_regions(options.region, pictures) if options.region is not None else ()
        if options.language != "auto" and not card.builtin:
            # The built-in model answers in the question's language and was never told anything else.
            messages.insert(0, Message("system", (TextPart(ANSWER_IN[options.language]),)))
        context.answers.check_room(options.priority)
        kept = options.model_dump(
            mode="json", by_alias=True, exclude={"query", "conversation_id"}, exclude_defaults=True
        )
        turn = await asyncio.to_thread(context.store.begin_turn, conversation, options.query, records, kept)
        request = ChatRequest(
            id=new_request_id(),
            messages=tuple(messages),
            sampling=SamplingParams(max_tokens=options.max_tokens, temperature=options.temperature),
            grammar=grammar,
            ocr=options.ocr,
            max_visual_tokens=options.visual_tokens,
            regions=regions,
            boxes=options.boxes,
            heatmap=options.heatmap,
            format=options.format,
            detail=options.named_detail,
            enhance=options.enhance,
            scale=scale,
            priority=options.priority,
            prune=prune,
            recipe=options.recipe,
        )
        return Asked(turn, await _start(context, request, turn), grammar is not None)
    except BaseException:
        if conversation is not None:
            context.turns.give_back(conversation)
        raise


async def _start(context: Context, request: ChatRequest, turn: Turn) -> Answer:
    async def keep(answer: Answer, end: End) -> None:
        try:
            if isinstance(end, Completion):
                state = "cancelled" if end.finish_reason == "cancelled" else "done"
                details = end.to_dict()
                del details["answer"]
                for grid in details.get("heatmap", {}).get("maps", ()):
                    grid.pop("png", None)  # it can be drawn again from what is kept
                await asyncio.to_thread(context.store.finish_turn, turn.id, state, end.text, details)
            else:
                await asyncio.to_thread(context.store.finish_turn, turn.id, "failed", answer.text, None, end)
        finally:
            context.turns.give_back(turn.conversation)

    try:
        answer = context.answers.start(request, keep)
    except JianweiError as error:
        # The last place went to another request since it was looked for.
        await asyncio.to_thread(context.store.finish_turn, turn.id, "failed", "", None, error)
        raise
    context.turns.answered_by(turn.conversation, answer)
    return answer


async def events(asked: Asked, model: str, language: Language) -> AsyncIterator[bytes]:
    """An answer as server-sent events: ``start``, ``delta`` for each piece, then ``done`` or ``error``."""
    try:
        yield event({**asked.place, "model": model}, "start")
        async for piece in asked.answer.pieces(HEARTBEAT_SECONDS):
            yield event({"text": piece}, "delta") if piece else HEARTBEAT
        try:
            yield event(asked.body(await asked.answer.completion()), "done")
        except JianweiError as error:
            yield event(error_body(error, language) | asked.place, "error")
    finally:
        # Whoever listened has gone, or everything is said already.
        asked.answer.cancel()


@router.post("/chat", summary="Ask about pictures", openapi_extra=_documentation())
async def chat(request: Request) -> Response:
    """Ask about pictures.

    The answer is `{"answer", "conversation_id", "turn_id", "model", "finish_reason", "usage", "timings"}`;
    with `json` or `schema` also `data`, the answer as JSON values; one that was cut off at `max_tokens` is closed
    as its schema wants, and has `truncated`. `boxes`, `heatmap`, `region` and `detail` add the keys `boxes`,
    `heatmap`, `relations`, `links` and `steps`; `enhance` adds `enhance`, and `scale` adds `measures` and `scale` (null
    where the picture tells no scale); `recipe` adds `data` and `recipe` (who says each value, and what was checked),
    and the answer is a report in Markdown. A follow-up names `conversation_id` and needs no picture again. With
    `stream` the answer comes as server-sent events: `start`, `delta` (`{"text"}`), and `done` (as above) or
    `error`.
    """
    context = context_of(request)
    context.answers.check_room()
    limits = FormLimits(
        text_fields=_text_fields(),
        file_field="image",
        max_files=context.settings.max_pictures,
        max_file_bytes=context.settings.max_upload << 20,
    )
    with await read_form(request, limits) as form:
        if form.texts.get("language") in ANSWER_IN:
            request.state.language = form.texts["language"]
        options = read_options(form.texts)
        language = language_of(request)
        if options.recipe is not None and not options.query.strip():
            # Kept with the conversation, where it says what was asked.
            query = in_language(find_recipe(options.recipe).question, language)
            options = options.model_copy(update={"query": query})
        asked = await ask(context, form, options)
    if options.stream:
        return EventStream(events(asked, context.card.name, language))
    try:
        return JSONResponse(asked.body(await completion_or_gone(request, asked.answer)))
    except JianweiError as error:
        return error_response(error, language, extra=asked.place)


@router.get("/recipes", summary="Recipes for everyday jobs")
async def recipes() -> Response:
    """The recipes that `recipe` may name: `{"recipes": [{"name", "title", "description", "question", "own"}]}`.

    `title`, `description` and `question` (what to ask) have the keys `zh` and `en`; `own` says that it is a file in
    the user's config folder. Files there that cannot be used are told under `problems`.
    """
    found, wrong = await asyncio.to_thread(all_recipes)
    problems = [{"code": error.code, "zh": error.text("zh"), "en": error.text("en")} for error in wrong]
    return JSONResponse({"recipes": [recipe.to_dict() for recipe in found], "problems": problems})


@router.get("/model", summary="Which model answers, and the limits of a request")
async def model(request: Request) -> Response:
    """Which model answers, the limits of a request, and `features`: the fields that a question may have."""
    context = context_of(request)
    settings = context.settings
    limits = {
        "max_upload_mb": settings.max_upload,
        "max_megapixels": settings.max_pixels,
        "max_pictures": settings.max_pictures,
        "max_request_mb": settings.max_request,
    }
    body = dataclasses.asdict(context.card) | {
        "version": __version__, "limits": limits, "urls_allowed": settings.allow_url, "features": _text_fields(),
    }  # fmt: skip
    return JSONResponse(body)
