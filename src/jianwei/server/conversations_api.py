"""Kept conversations: list and search, read, rename, delete, stop the answer, and their pictures."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jianwei.errors import Language, RequestError
from jianwei.server.context import context_of
from jianwei.server.problems import language_of
from jianwei.server.store import Summary, Turn

router = APIRouter(prefix="/api/v1", tags=["Conversations"])

ConversationId = Annotated[str, Path(max_length=64)]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]

PICTURE_HEADERS = {
    # Somebody's file: shown, never run, and kept by the browser since a digest's bytes cannot change.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=31536000, immutable",
}


class Title(BaseModel):
    """What may be changed about a conversation."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=200)


def summary_json(summary: Summary) -> dict[str, Any]:
    """A conversation as a list shows it."""
    return dataclasses.asdict(summary)


def turn_json(turn: Turn, language: Language) -> dict[str, Any]:
    """A turn with everything about it; its error in ``language``."""
    error = turn.error
    return {
        "id": turn.id,
        "query": turn.query,
        "pictures": [dataclasses.asdict(picture) for picture in turn.pictures],
        "options": turn.options,
        "state": turn.state,
        "answer": turn.answer,
        **turn.details,
        "error": error
        and {"code": error["code"], "message": error["message"][language], "fix": error["fix"][language]},
        "created": turn.created,
    }


@router.get("/conversations", summary="List or search conversations, newest first")
async def conversations(
    request: Request,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """List or search conversations, newest first."""
    found = await asyncio.to_thread(context_of(request).store.summaries, search, limit, offset)
    return JSONResponse({"conversations": [summary_json(summary) for summary in found]})


@router.get("/conversations/{conversation_id}", summary="A conversation with all its turns")
async def conversation(request: Request, conversation_id: ConversationId) -> Response:
    """A conversation with all its turns."""
    store = context_of(request).store
    summary = await asyncio.to_thread(store.summary, conversation_id)
    turns = await asyncio.to_thread(store.turns, conversation_id)
    language = language_of(request)
    return JSONResponse(summary_json(summary) | {"turns": [turn_json(turn, language) for turn in turns]})


@router.patch("/conversations/{conversation_id}", summary="Rename a conversation")
async def rename(request: Request, conversation_id: ConversationId, change: Title) -> Response:
    """Rename a conversation."""
    summary = await asyncio.to_thread(context_of(request).store.rename, conversation_id, change.title)
    return JSONResponse(summary_json(summary))


@router.delete("/conversations/{conversation_id}", status_code=204, summary="Delete a conversation")
async def delete(request: Request, conversation_id: ConversationId) -> Response:
    """Delete a conversation and its pictures; an answer in progress is stopped."""
    context = context_of(request)
    await context.turns.stop(conversation_id)
    await asyncio.to_thread(context.store.delete, conversation_id)
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/stop", summary="Stop the answer in progress")
async def stop(request: Request, conversation_id: ConversationId) -> Response:
    """Stop the answer in progress; what there is of it is kept."""
    context = context_of(request)
    await asyncio.to_thread(context.store.summary, conversation_id)
    return JSONResponse({"stopped": await context.turns.stop(conversation_id)})


@router.get("/conversations/{conversation_id}/pictures/{digest}", summary="A picture file as it was sent")
async def picture(request: Request, conversation_id: ConversationId, digest: Digest) -> Response:
    """A picture file as it was sent."""
    store = context_of(request).store
    found = await asyncio.to_thread(store.picture, conversation_id, digest)
    data = await asyncio.to_thread(store.read_picture, digest)
    return Response(data, media_type=found.media_type, headers=PICTURE_HEADERS)


@router.get("/turns/{turn_id}/enhanced/{picture}", summary="A picture as it was mended for an answer")
async def enhanced(
    request: Request,
    turn_id: Annotated[int, Path(ge=0, lt=2**63)],
    picture: Annotated[int, Path(ge=0, lt=10_000)],
) -> Response:
    """A picture (counted from 0 in its conversation) as `enhance` mended it, as JPEG; 404 if it was not mended."""
    context = context_of(request)
    turns = await asyncio.to_thread(context.store.turns_until, turn_id)
    pictures = [found for turn in turns for found in turn.pictures]
    told = next((one for one in turns[-1].details.get("enhance", ()) if one["picture"] == picture), None)
    if told is None or not told["did"] or picture >= len(pictures):
        raise RequestError("not_found")
    data = await context.pictures.mended(pictures[picture], told)
    return Response(data, media_type="image/jpeg", headers=PICTURE_HEADERS)


@router.get(
    "/conversations/{conversation_id}/pictures/{digest}/preview", summary="A picture as a JPEG, upright"
)
async def preview(
    request: Request,
    conversation_id: ConversationId,
    digest: Digest,
    side: Annotated[int, Query(ge=16, le=4096)] = 1600,
) -> Response:
    """A picture as a JPEG that any browser shows: upright, its longer side at most `side` pixels."""
    context = context_of(request)
    found = await asyncio.to_thread(context.store.picture, conversation_id, digest)
    data = await context.pictures.preview(found, side)
    return Response(data, media_type="image/jpeg", headers=PICTURE_HEADERS)
