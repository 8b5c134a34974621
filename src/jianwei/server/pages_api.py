"""``POST /api/v1/pages``: the pages of a PDF or the key frames of a video as pictures, before anything is asked.

Nothing is kept: who wants to ask about a page sends it back as a picture, or the file itself with ``pages``.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from jianwei.errors import InputError, JianweiError, Language
from jianwei.media.pages import MAX_PAGES, pages_kind
from jianwei.server.context import Context, context_of
from jianwei.server.forms import FormLimits, read_form
from jianwei.server.problems import error_body, language_of
from jianwei.server.sse import EventStream, event

router = APIRouter(prefix="/api/v1", tags=["Jianwei"])

_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "a PDF or a video"},
        "pages": {"type": "string", "description": "which, such as 1-3,7; all by default"},
    },
    "required": ["file"],
}


async def events(
    context: Context, data: bytes, name: str, spec: str, language: Language
) -> AsyncIterator[bytes]:
    """Pages as server-sent events: ``page`` for each, then ``done`` or ``error``."""
    try:
        count = 0
        async for page in context.pages(data, name, spec, MAX_PAGES):
            count = page.count
            told = {key: value for key, value in vars(page).items() if key != "data"}
            picture = base64.b64encode(page.data).decode()
            yield event({**told, "name": page.name(name), "picture": picture}, "page")
        yield event({"kind": pages_kind(data), "count": count}, "done")
    except JianweiError as error:
        yield event(error_body(error, language), "error")


@router.post(
    "/pages",
    summary="Pages of a PDF or key frames of a video as pictures",
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def pages(request: Request) -> Response:
    """The pages of a PDF or the key frames of a video, 24 at most at a time, as server-sent events.

    `page` for each (`{"number", "count", "seconds", "width", "height", "name", "picture"}`: `picture` is a JPEG in
    base64, `seconds` the time of a frame, null for a page), then `done` (`{"kind", "count"}`) or `error`. Nothing
    is kept.
    """
    context = context_of(request)
    limits = FormLimits(
        text_fields=["pages"], file_field="file", max_files=1,
        max_file_bytes=context.settings.max_upload << 20,
    )  # fmt: skip
    with await read_form(request, limits) as form:
        if not form.files:
            raise InputError("no_picture")
        upload = form.files[0]
        data = await asyncio.to_thread(upload.read)
    return EventStream(events(context, data, upload.name, form.texts.get("pages", ""), language_of(request)))
