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


def read_pictures(names: Sequence[str], settings: Settings) -> list[Image]:
    """Decode the pictures that ``names`` name, in order.

    Raises:
        InputError: as ``media.image.load_image``; ``too_many_pictures``, ``urls_not_allowed``
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
    return [read_picture(name, settings) for name in names]


def read_picture(name: str, settings: Settings) -> Image:
    """Decode one picture; raises as ``read_pictures``."""
    from jianwei.media.image import load_image

    limit = settings.max_upload << 20
    if name == "-":
        # One byte more than allowed is enough to refuse the rest.
        return load_image(sys.stdin.buffer.read(limit + 1), settings, name="stdin")
    if name.lower().startswith(("http://", "https://")):
        if not settings.allow_url:
            raise InputError("urls_not_allowed")
        return load_image(_fetch(name, limit), settings, name=unquote(urlsplit(name).path.rsplit("/", 1)[-1]))
    return load_image(name, settings)


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
                headers={"Accept": "image/*", "User-Agent": f"jianwei/{__version__}"},
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
