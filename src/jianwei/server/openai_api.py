"""``/v1/chat/completions`` and ``/v1/models``: the OpenAI chat API, so that existing programs work unchanged.

Every request brings its whole conversation; nothing of it is kept. Pictures, PDF files and videos come as data:
URLs (``openai_messages``), or from addresses where the server allows that. Errors have OpenAI's form with our code.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jianwei.errors import InputError, JianweiError, Language, Phrase, RequestError
from jianwei.recipes.library import find_recipe
from jianwei.server.answers import Answer, new_request_id
from jianwei.server.context import completion_or_gone, context_of
from jianwei.server.openai_messages import messages_of, visual_tokens
from jianwei.server.openai_types import ChatBody
from jianwei.server.problems import MAX_QUOTED, bad_value, error_body, language_of, validation_problem
from jianwei.server.sse import HEARTBEAT, HEARTBEAT_SECONDS, EventStream, event
from jianwei.types import ChatRequest, Completion, ModelCard

router = APIRouter(prefix="/v1", tags=["OpenAI"])

FINISH = {"stop": "stop", "length": "length", "cancelled": "stop"}


async def read_body(request: Request) -> ChatBody:
    """The request's body, checked; raises ``InputError`` or ``RequestError``."""
    # Parsed beside the event loop: pictures make it large.
    raw = await request.body()
    try:
        body = await run_in_threadpool(ChatBody.model_validate_json, raw)
    except ValidationError as problem:
        raise validation_problem(problem.errors()[0], ", ".join(ChatBody.model_fields)) from problem
    body.check_supported()
    return body


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _check_recipe(body: ChatBody) -> None:
    """A recipe must be there, and has a form of its own."""
    if body.recipe is None:
        return
    find_recipe(body.recipe)
    if body.response_format is not None and body.response_format.grammar() is not None:
        reason = Phrase("it cannot go with recipe", "不能与 recipe 同用")
        raise bad_value("response_format", body.response_format.type, reason)


def usage_json(completion: Completion) -> dict[str, Any]:
    """Tokens in OpenAI's words; ``image_tokens`` are those of the prompt that stand for pictures.

    ``pruned_image_tokens`` (ours) were left out of the prompt. Predictions are guesses of several tokens a step;
    rejected ones are no part of ``completion_tokens``. ``forced_tokens`` (ours): a grammar left no choice.
    """
    usage = completion.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "image_tokens": usage.visual_tokens,
            "pruned_image_tokens": usage.pruned_tokens,
        },
        "completion_tokens_details": {
            "accepted_prediction_tokens": usage.accepted_tokens,
            "rejected_prediction_tokens": usage.drafted_tokens - usage.accepted_tokens,
            "forced_tokens": usage.forced_tokens,
        },
    }


async def chunks(
    answer: Answer, head: dict[str, Any], language: Language, include_usage: bool
) -> AsyncIterator[bytes]:
    """An answer as ``chat.completion.chunk`` events, ended by ``[DONE]``."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event(head | {"choices": [choice]} | ({"usage": None} if include_usage else {}))

    try:
        yield chunk({"role": "assistant", "content": ""})
        async for piece in answer.pieces(HEARTBEAT_SECONDS):
            yield chunk({"content": piece}) if piece else HEARTBEAT
        try:
            completion = await answer.completion()
            yield chunk({}, FINISH[completion.finish_reason])
            if include_usage:
                timings = vars(completion.timings)
                yield event(head | {"choices": [], "usage": usage_json(completion), "timings": timings})
        except JianweiError as error:
            yield event(error_body(error, language, openai=True))
        yield event("[DONE]")
    finally:
        answer.cancel()


@router.post(
    "/chat/completions",
    summary="Chat, as in the OpenAI API",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChatBody"}}},
        }
    },
)
async def chat_completions(request: Request) -> Response:
    """Chat, as in the OpenAI API.

    Text and pictures (`image_url` with data: URLs), PDF files and videos (`image_url`, `file` or `video_url`: their
    pages or key frames become pictures; `pages`, ours, chooses among them), streaming, `response_format`
    (`json_object`, `json_schema`), sampling and penalties. Left out, the temperature is 0.
    `recipe` (ours) reads and checks by a recipe; the answer is its report, beside it stand `data` and `recipe`.
    `usage.prompt_tokens_details.cached_tokens` tells what did not have to be computed again; `timings` (ours)
    the seconds of each step.
    """
    context = context_of(request)
    context.answers.check_room()
    if not _is_json(request):
        raise InputError(
            "bad_request", reason=Phrase("the body must be application/json", "正文须为 application/json")
        )
    body = await read_body(request)
    card = context.card
    if body.model is not None and body.model != card.name:
        raise RequestError("unknown_model", name=body.model[:MAX_QUOTED])
    _check_recipe(body)
    chat = ChatRequest(
        id=new_request_id(),
        messages=await messages_of(context, body, language_of(request)),
        sampling=body.sampling(),
        grammar=body.response_format.grammar() if body.response_format else None,
        max_visual_tokens=visual_tokens(body),
        priority=body.priority,
        recipe=body.recipe,
    )
    answer = context.answers.start(chat)
    head: dict[str, Any] = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": card.name,
    }
    if body.stream:
        include_usage = body.stream_options is not None and body.stream_options.include_usage
        head["object"] = "chat.completion.chunk"
        return EventStream(chunks(answer, head, language_of(request), include_usage))
    completion = await completion_or_gone(request, answer)
    message = {"role": "assistant", "content": completion.text, "refusal": None}
    finish = FINISH[completion.finish_reason]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    ours: dict[str, Any] = {"usage": usage_json(completion), "timings": vars(completion.timings)}
    if completion.recipe is not None:
        ours |= {"data": completion.recipe.data, "recipe": completion.recipe.to_dict()}
    return JSONResponse(head | {"choices": [choice]} | ours)


def _model_json(card: ModelCard) -> dict[str, Any]:
    return {
        "id": card.name,
        "object": "model",
        "created": 0,
        "owned_by": "jianwei",
        "title": card.title,
        "parameters": card.parameters,
        "context_length": card.context_length,
    }


@router.get("/models", summary="The model that answers")
async def models(request: Request) -> Response:
    """The model that answers, as a list of one."""
    return JSONResponse({"object": "list", "data": [_model_json(context_of(request).card)]})


@router.get("/models/{name:path}", summary="One model")
async def one_model(request: Request, name: str) -> Response:
    """One model by its name."""
    card = context_of(request).card
    if name != card.name:
        raise RequestError("unknown_model", name=name[:MAX_QUOTED])
    return JSONResponse(_model_json(card))
