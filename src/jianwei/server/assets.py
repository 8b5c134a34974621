"""Files of the page, from memory: small, asked for all at once, and the first thing that anybody waits for."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# The system's own table may say otherwise, and browsers run modules of this type only.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/webp", ".webp")


@dataclass(frozen=True)
class _Asset:
    """One file as it was read: ``stamp`` tells whether it has changed since."""

    stamp: tuple[int, int]
    media_type: str
    etag: str
    plain: bytes
    packed: bytes | None


class Assets:
    """An ASGI application that serves the files of a folder; only those that are there when it is made.

    Browsers ask about each file every time (a cheap 304), so that an update shows at once; a file that has been
    changed is read again. Text goes compressed to who takes it.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
        }
        self._known: dict[str, _Asset] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the path below the one that this is mounted at; 404 and 405 as exceptions of starlette."""
        request = Request(scope, receive)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405)
        await self.response(request, scope["path"].removeprefix(scope["root_path"]).lstrip("/"))(
            scope, receive, send
        )

    def response(self, request: Request, name: str) -> Response:
        """One file by its path below the folder; raises 404."""
        asset = self._asset(name)
        packed = asset.packed is not None and _takes_gzip(request.headers)
        etag = f'"{asset.etag}{"-gzip" if packed else ""}"'
        headers = {"Cache-Control": "no-cache", "ETag": etag, "Vary": "Accept-Encoding"}
        known = {
            tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")
        }
        if etag in known:
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = asset.packed if packed else asset.plain
        return Response(body, headers=headers, media_type=asset.media_type)

    def _asset(self, name: str) -> _Asset:
        path = self._files.get(name)
        if path is None:
            raise HTTPException(404)
        try:
            status = path.stat()
            stamp = status.st_mtime_ns, status.st_size
            known = self._known.get(name)
            if known is None or known.stamp != stamp:
                known = self._known[name] = _read(path, stamp)
        except OSError as cause:
            raise HTTPException(404) from cause
        return known


def _read(path: Path, stamp: tuple[int, int]) -> _Asset:
    data = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = media_type.startswith("text/") or media_type == "image/svg+xml"
    # mtime=0: the same bytes each time.
    packed = gzip.compress(data, mtime=0) if text else None
    return _Asset(stamp, media_type, hashlib.sha256(data).hexdigest()[:32], data, packed)


def _takes_gzip(headers: Headers) -> bool:
    """Whether ``Accept-Encoding`` names gzip without refusing it (RFC 9110, section 12.5.3)."""
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
