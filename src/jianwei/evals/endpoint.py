"""Answers of a server that speaks the OpenAI chat API, ours or any other.

Follows https://platform.openai.com/docs/api-reference/chat: pictures go as ``data:`` URLs (PNG, so that not a
pixel changes), a form as ``response_format``.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import httpx
import psutil

from jianwei.errors import EngineError, InputError, Phrase
from jianwei.evals.asking import AnswerFailed
from jianwei.machine import anonymous_memory
from jianwei.media.data_url import png_url
from jianwei.types import Image

CONNECTION_ERRORS = 3
"""So many in a row mean that the server is gone."""

CONNECT_SECONDS = 10.0
_HOPELESS = {401, 403, 404}
"""Statuses that every further question would get too: wrong key, wrong address, unknown model."""
_SHOWN_CHARACTERS = 200


class Endpoint:
    """An ``Answerer`` by HTTP."""

    def __init__(
        self, url: str, *, model: str | None = None, api_key: str | None = None, timeout: float = 120.0
    ) -> None:
        """Find out which model answers there.

        Args:
            url: base address, with or without ``/v1``.
            model: the name to ask for; None: the first one that the server lists.
            api_key: sent as ``Authorization: Bearer``.
            timeout: seconds that one answer may take.

        Raises:
            InputError: the address is none.
            EngineError: ``endpoint_unreachable``.
        """
        self.url = _base(url)
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        try:
            # A proxy from the environment would not find this machine.
            self._client = httpx.Client(
                headers=headers,
                timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
                trust_env=not _is_loopback(self.url.host),
            )
        except (ValueError, ImportError) as error:
            raise self._unreachable(
                Phrase("the proxy or the key cannot be used", "代理或密钥无法使用")
            ) from error
        self._errors = 0
        self._formless = False
        self._known: tuple[str, str] = ("", "")
        listed = self._listed()
        self._name = model or (listed[0] if listed else "default")

    @property
    def name(self) -> str:
        """The name that is asked for."""
        return self._name

    @property
    def knows_forms(self) -> bool:
        """Our built-in model was trained on scenes."""
        return self._name == "builtin"

    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        """See ``Answerer``."""
        parts = [
            {"type": "image_url", "image_url": {"url": self._data_url(image)}},
            {"type": "text", "text": question},
        ]
        body: dict[str, Any] = {
            "model": self._name,
            "messages": [{"role": "user", "content": parts}],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        if schema is not None and not self._formless:
            named = {"name": "answer", "schema": json.loads(schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        reply = self._post(body)
        if reply.status_code in (400, 422, 501) and "response_format" in body:
            # Not every server can bind an answer to a form; the model may still give it.
            self._formless = True
            del body["response_format"]
            reply = self._post(body)
        if reply.status_code in _HOPELESS:
            raise self._unreachable(_status_reason(reply))
        if reply.status_code != 200:
            raise AnswerFailed(_status_reason(reply))
        return _content(reply)

    def memory(self) -> int | None:
        """Of the process that listens at the address and all its children, if it is on this machine."""
        if not _is_loopback(self.url.host):
            return None
        port = self.url.port or (443 if self.url.scheme == "https" else 80)
        try:
            listening = {
                link.pid
                for link in psutil.net_connections("tcp")
                if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port
            }
            (pid,) = listening
            if pid is None:
                return None
            family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        except (psutil.Error, OSError, ValueError):
            return None
        parts = [anonymous_memory(member) for member in family]
        return sum(part for part in parts if part is not None) if parts[0] is not None else None

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _listed(self) -> list[str]:
        """The models that the server lists; none where it has no such list."""
        try:
            reply = self._client.get(f"{self.url}/models", timeout=CONNECT_SECONDS)
        except (httpx.HTTPError, UnicodeError) as error:
            raise self._unreachable(_error_reason(error)) from error
        if reply.status_code in (401, 403):
            raise self._unreachable(_status_reason(reply))
        try:
            return [str(entry["id"]) for entry in reply.json()["data"]]
        except (ValueError, KeyError, TypeError):
            return []

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            reply = self._client.post(f"{self.url}/chat/completions", json=body)
        except httpx.HTTPError as error:
            self._errors += 1
            reason = _error_reason(error)
            if self._errors >= CONNECTION_ERRORS:
                raise self._unreachable(reason) from error
            raise AnswerFailed(reason) from error
        self._errors = 0
        return reply

    def _data_url(self, image: Image) -> str:
        """The picture as a PNG; the last one is remembered, for it is asked about several times."""
        if self._known[0] != image.digest:
            self._known = (image.digest, png_url(image.pixels))
        return self._known[1]

    def _unreachable(self, reason: Phrase) -> EngineError:
        return EngineError("endpoint_unreachable", url=str(self.url), reason=reason)


def _base(address: str) -> httpx.URL:
    """The address up to and with its version, as the chat API's paths follow it."""
    try:
        url = httpx.URL(address.strip().rstrip("/").removesuffix("/chat/completions"))
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        reason = Phrase("it must begin with http:// or https://", "应以 http:// 或 https:// 开头")
        raise InputError("bad_value", name="--endpoint", got=address, reason=reason)
    return url.copy_with(path="/v1") if url.path in ("", "/") else url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _content(reply: httpx.Response) -> str:
    """The words of a chat completion."""
    try:
        content = reply.json()["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        reason = Phrase("what came is no chat completion", "返回内容不是 chat completion")
        raise AnswerFailed(reason) from error
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _status_reason(reply: httpx.Response) -> Phrase:
    """HTTP status and what the server says about it, on one line."""
    words: Any = reply.text
    try:
        words = reply.json()["error"]
        words = words["message"] if isinstance(words, dict) else words
    except (ValueError, KeyError, TypeError):
        pass
    said = " ".join(str(words).split())[:_SHOWN_CHARACTERS].rstrip(".。")
    text = f"HTTP {reply.status_code}" + (f": {said}" if said else "")
    return Phrase(text, text)


def _error_reason(error: Exception) -> Phrase:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return Phrase("no connection", "无法连接")
    if isinstance(error, httpx.TimeoutException):
        return Phrase("no answer in time", "未在限时内回答")
    return Phrase("the connection broke off", "连接中断")
