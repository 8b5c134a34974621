"""The messages of an OpenAI chat request as our values: pictures decoded, PDF files and videos page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from jianwei.errors import InputError, Language, Phrase, RequestError
from jianwei.media.image import display_name
from jianwei.media.pages import no_paged_file
from jianwei.recipes.library import find_recipe
from jianwei.recipes.recipe import in_language
from jianwei.server.context import Context
from jianwei.server.openai_types import (
    ChatBody,
    ChatMessage,
    Content,
    FileContent,
    ImageContent,
    VideoContent,
)
from jianwei.server.problems import MAX_QUOTED, bad_value
from jianwei.types import ImagePart, Message, Part, TextPart

LOW_DETAIL_TOKENS = 256
"""Visual tokens of a picture with ``detail: low``: 512 by 512 pixels, as in OpenAI's description of it."""

Shown = ImageContent | FileContent | VideoContent
"""Parts of which each is a file."""


async def messages_of(context: Context, body: ChatBody, language: Language) -> tuple[Message, ...]:
    """The conversation in our values.

    Raises:
        InputError: a message or a file that cannot be used.
        RequestError: ``unsupported_option``.
    """
    last = body.messages[-1]
    if last.role != "user":
        raise bad_value(
            "messages", last.role, Phrase("the last message must be the user's", "最后一条消息须来自 user")
        )
    n_files = sum(isinstance(part, Shown) for message in body.messages for part in _parts(message))
    reader = _Reader(context, body.pages or "", n_files)
    messages = tuple([await reader.message(message) for message in body.messages])
    if body.pages and not reader.paged:
        raise no_paged_file(body.pages)
    if not messages[-1].text.strip():
        if body.recipe is None:
            raise InputError("empty_query")
        question = in_language(find_recipe(body.recipe).question, language)
        asks = messages[-1]
        messages = (*messages[:-1], replace(asks, parts=(*asks.parts, TextPart(question))))
    return messages


class _Reader:
    """Reads messages in order, and counts pictures: pages may fill up what the other files leave of the limit."""

    def __init__(self, context: Context, pages: str, n_files: int) -> None:
        limit = context.settings.max_pictures
        if n_files > limit:
            raise InputError("too_many_pictures", got=n_files, limit=limit)
        self._context = context
        self._pages = pages
        self._spare = limit - n_files
        self.paged = False

    async def message(self, message: ChatMessage) -> Message:
        """One message, its files decoded."""
        role = "system" if message.role == "developer" else message.role
        parts: list[Part] = []
        for part in _parts(message):
            if not isinstance(part, Shown):
                parts.append(TextPart(part.text))
            elif role != "user":
                reason = Phrase("only the user's messages have pictures", "只有 user 的消息可以包含图片")
                raise bad_value("messages", part.type, reason)
            else:
                parts += await self._file(part)
        if not isinstance(message.content, list):
            parts.append(TextPart(message.content or ""))
        return Message(role, tuple(parts))

    async def _file(self, part: Shown) -> list[ImagePart]:
        data, name = await self._read(part)
        images, paged = await self._context.pictures.decode_all(
            data, display_name(name), self._pages, self._spare + 1
        )
        self.paged |= paged
        self._spare -= len(images) - 1
        return [ImagePart(image) for image in images]

    async def _read(self, part: Shown) -> tuple[bytes, str]:
        """The bytes of a file and a name for it."""
        if isinstance(part, FileContent):
            if part.file.file_data is None:
                reason = Phrase("send the file itself as file_data", "请用 file_data 发送文件本身")
                raise RequestError("unsupported_option", name="file_id", reason=reason)
            data = part.file.file_data
            # Base64 alone, without the head of a data: URL, is taken too.
            url = data if data[:5].lower() == "data:" else f"data:;base64,{data}"
            return decode_data_url(url, "file_data")[0], part.file.filename or "file"
        name, url = (
            ("image_url", part.image_url.url)
            if isinstance(part, ImageContent)
            else ("video_url", part.video_url.url)
        )
        return decode_data_url(url, name) if url[:5].lower() == "data:" else await self._context.fetch(url)


def _parts(message: ChatMessage) -> list[Content]:
    return message.content if isinstance(message.content, list) else []


def decode_data_url(url: str, field: str = "image_url") -> tuple[bytes, str]:
    """The bytes in a data: URL (RFC 2397) and a name for them; raises ``InputError("bad_value")`` about ``field``."""
    name = field.partition("_")[0]
    head, comma, payload = url[5:].partition(",")
    if not comma:
        raise bad_value(field, url[:MAX_QUOTED], Phrase("it is not a data: URL", "不是有效的 data: 网址"))
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(payload), name
    try:
        # Some clients leave the padding out or break lines.
        packed = "".join(payload.split())
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True), name
    except (binascii.Error, ValueError) as cause:
        raise bad_value(field, payload[:20], Phrase("it is not valid base64", "不是有效的 base64")) from cause


def visual_tokens(body: ChatBody) -> int | None:
    """The budget for each picture: a small one if every picture asks for low detail."""
    details = {
        part.image_url.detail
        for message in body.messages
        for part in _parts(message)
        if isinstance(part, ImageContent)
    }
    return LOW_DETAIL_TOKENS if details == {"low"} else None
