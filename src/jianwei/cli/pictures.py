"""Pictures as a person names them: files, ``-`` for standard input, http(s) addresses where allowed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from jianwei import __version__
from jianwei.cli.output import CommandError
from jianwei.cli.text import tr
from jianwei.config import Settings
from jianwei.errors import InputError, Phrase
from jianwei.types import Image

FETCH_SECONDS = 30.0
MAX_REDIRECTS = 5


def read_pictures(names: Sequence[str], settings: Settings, pages: str | None = None) -> list[Image]:
    """Decode the pictures that ``names`` name, in order; a PDF or a video gives one for each page or key frame.

    Args:
        names: files, ``-``, addresses.
        settings: the limits.
        pages: which pages of every PDF and video, such as ``1-3,7``; None for all.

    Raises:
        InputError: as ``media.sources.load_pictures``; ``too_many_pictures``, ``urls_not_allowed``
            or ``url_failed``.
        CommandError: standard input is named twice.
    """
    if len(names) > settings.max_pictures:
        raise InputError("too_many_pictures", got=len(names), limit=settings.max_pictures)
    if list(names).count("-") > 1:
        raise CommandError(
            "usage",
            tr("Standard input (-) holds one picture only.", "标准输入（-）只能提供一张图片。"),
            tr("Name the others as files.", "其余图片请用文件名指定。"),
        )
    # Loaded here: decoders take a while, and a wrong command should not wait for them.
    from jianwei.media.sources import load_pictures

    return load_pictures([_source(name, settings) for name in names], settings, pages or "")


def _source(name: str, settings: Settings) -> tuple[bytes | str, str | None]:
    """What a name stands for, and what messages call it; raises as ``read_pictures``."""
    limit = settings.max_upload << 20
    if name == "-":
        # One byte more than allowed is enough to refuse the rest.
        return sys.stdin.buffer.read(limit + 1), "stdin"
    if name.lower().startswith(("http://", "https://")):
        if not settings.allow_url:
            raise InputError("urls_not_allowed")
        return _fetch(name, limit), unquote(urlsplit(name).path.rsplit("/", 1)[-1])
    return name, None


def _fetch(url: str, limit: int) -> bytes:
    """The bytes at ``url``, through the proxy of the environment if it names one.

    Any address may be named, those of this network too: who types here can reach them anyway. (The server has
    its own, stricter way.)
    """
    import httpx

    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                timeout=FETCH_SECONDS,
                headers={
                    "Accept": "image/*, application/pdf, video/*",
                    "User-Agent": f"jianwei/{__version__}",
                },
            ) as client,
            client.stream("GET", url) as answer,
        ):
            if not answer.is_success:
                status = answer.status_code
                raise InputError(
                    "url_failed", reason=Phrase(f"the answer is HTTP {status}", f"返回 HTTP {status}")
                )
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > limit:
                    size = f"{limit >> 20} MB"
                    raise InputError("url_failed", reason=Phrase(f"it is larger than {size}", f"超过 {size}"))
            return bytes(data)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise InputError("url_failed", reason=Phrase("it cannot be reached", "无法连接")) from error
