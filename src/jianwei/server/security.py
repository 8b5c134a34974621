"""Who may ask: host names, origins, the API key; and what a browser may do with our answers.

A page on the internet must not reach a server on someone's own machine. Three things see to that: only known
host names are answered for (DNS rebinding gives an attacker's *name* a local address), an ``Origin`` must be
our own, and no cross-origin header is ever sent. Where others can reach the port, an API key is asked for as
well.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jianwei.config import Settings
from jianwei.errors import Language, RequestError
from jianwei.server.problems import accepted_language, error_response

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

OPEN_PATHS = ("/", "/healthz", "/docs", "/openapi.json", "/favicon.ico")
"""Reached without a key: the page and the documentation hold nothing of anybody's; the page asks for the key
itself."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), interest-cohort=()",
}


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach a server that listens on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_of(authority: str) -> str | None:
    """The host in ``name:port`` or ``[::1]:port``, lower case; None if it is malformed."""
    try:
        parts = urlsplit(f"//{authority}")
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return None
    if host is None or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return host.rstrip(".")


def may_listen(settings: Settings) -> None:
    """Refuse to listen beyond loopback without a key; raises ``RequestError("insecure_host")``."""
    if not is_loopback(settings.host) and not settings.api_key and not settings.insecure:
        raise RequestError("insecure_host", host=settings.host)


class Gate:
    """ASGI middleware that turns away requests for other hosts, from other origins, or without the key."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._key = settings.api_key.encode() if settings.api_key else None
        self._names = (
            LOOPBACK_NAMES | {name.lower() for name in settings.allow_host} | {settings.host.lower()}
        )
        # Listening on every address, the server cannot know by which one it is reached. Addresses are safe:
        # rebinding needs a name. The machine's own name is known to its owner's network only.
        self._any_address = not is_loopback(settings.host)
        if self._any_address:
            self._names |= {socket.gethostname().lower()}
        self._language: Language = settings.message_language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then let it in; put the security headers on every response."""
        if scope["type"] != "http":
            # No websockets here; lifespan events pass.
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(("/api/", "/v1/")):
                    headers.setdefault("Cache-Control", "no-store")
                message["headers"] = headers.raw
            await send(message)

        headers = Headers(scope=scope)
        problem = self._problem(scope["path"], headers)
        if problem is None:
            await self._app(scope, receive, send_with_headers)
            return
        language = accepted_language(headers.get("accept-language"), self._language)
        response = error_response(problem, language, openai=scope["path"].startswith("/v1/"))
        await response(scope, receive, send_with_headers)

    def _problem(self, path: str, headers: Headers) -> RequestError | None:
        authority = headers.get("host", "")
        if not self._answers_for(authority):
            return RequestError("forbidden_host")
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin, authority):
            return RequestError("forbidden_host")
        if self._key is not None and path not in OPEN_PATHS and not path.startswith("/static/"):
            scheme, _, key = headers.get("authorization", "").partition(" ")
            given = key.strip().encode("latin-1", "replace")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given, self._key):
                return RequestError("unauthorized")
        return None

    def _answers_for(self, authority: str) -> bool:
        host = host_of(authority)
        return host is not None and (host in self._names or (self._any_address and is_address(host)))

    def _is_own_origin(self, origin: str, authority: str) -> bool:
        try:
            parts = urlsplit(origin)
            default = {"http": 80, "https": 443}.get(parts.scheme)
            ours = urlsplit(f"//{authority}")
            return default is not None and (parts.hostname, parts.port or default) == (
                ours.hostname,
                ours.port or default,
            )
        except ValueError:
            return False
