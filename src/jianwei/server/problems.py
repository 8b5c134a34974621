"""Errors as people and programs meet them over HTTP: a code, a sentence and a way out, in their language.

Two forms: ours, ``{"error": {"code", "message", "fix"}}``, and OpenAI's under ``/v1``, whose ``code`` is ours
too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jianwei.errors import EngineError, InputError, JianweiError, Language, Phrase, RequestError

log = logging.getLogger("jianwei.server")

RETRY_AFTER = {"busy": "5", "engine_loading": "3", "engine_crashed": "3"}
"""Seconds after which asking again makes sense, by error code."""

MAX_QUOTED = 80
"""Characters of a user's value that an error repeats."""


def accepted_language(header: str | None, default: Language) -> Language:
    """The better liked of Chinese and English in an ``Accept-Language`` header (RFC 9110, 12.5.4)."""
    best: tuple[float, Language] = (0.0, default)
    for item in (header or "").split(","):
        tag, _, parameter = item.strip().lower().partition(";")
        language: Language | None = "zh" if tag.startswith("zh") else "en" if tag.startswith("en") else None
        try:
            quality = float(parameter.partition("=")[2]) if parameter.strip().startswith("q=") else 1.0
        except ValueError:
            continue
        if language is not None and quality > best[0]:
            best = (quality, language)
    return best[1]


def language_of(request: Request) -> Language:
    """The language of this request's errors: what the request asked for, else what its client accepts."""
    chosen = getattr(request.state, "language", None)
    return chosen or accepted_language(request.headers.get("accept-language"), request.app.state.language)


def error_body(error: JianweiError, language: Language, *, openai: bool = False) -> dict[str, Any]:
    """The JSON body that tells of ``error``."""
    message, fix = error.text(language), error.fix(language)
    if not openai:
        return {"error": {"code": error.code, "message": message, "fix": fix}}
    kind = (
        "authentication_error"
        if error.status == 401
        else "server_error"
        if error.status >= 500
        else "invalid_request_error"
    )
    param = (
        error.params.get("name")
        if error.code in {"bad_value", "unknown_field", "unsupported_option"}
        else None
    )
    return {"error": {"message": f"{message} {fix}", "type": kind, "param": param, "code": error.code}}


def error_response(
    error: JianweiError, language: Language, *, openai: bool = False, extra: Mapping[str, Any] | None = None
) -> Response:
    """The HTTP response that tells of ``error``; ``extra`` keys stand beside ``error`` in the body."""
    headers = {"Content-Language": language}
    if error.code in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[error.code]
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = error_body(error, language, openai=openai) | dict(extra or {})
    return JSONResponse(body, error.status, headers)


def internal(cause: BaseException) -> JianweiError:
    """An error for what nobody foresaw: the log gets the cause, the person a reference to it."""
    reference = secrets.token_hex(4)
    log.error("internal error %s", reference, exc_info=cause)
    return RequestError("internal_error", reference=reference)


def bad_value(name: str, got: object, reason: Phrase) -> InputError:
    """A value that cannot be; the error repeats at most ``MAX_QUOTED`` characters of it."""
    text = str(got)
    return InputError(
        "bad_value",
        name=name,
        got=text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…",
        reason=reason,
    )


REASONS: dict[str, tuple[str, str]] = {
    "missing": ("it is required", "此项必填"),
    "greater_than_equal": ("at least {ge}", "不能小于 {ge}"),
    "greater_than": ("more than {gt}", "必须大于 {gt}"),
    "less_than_equal": ("at most {le}", "不能大于 {le}"),
    "less_than": ("less than {lt}", "必须小于 {lt}"),
    "finite_number": ("a finite number", "必须是有限的数"),
    "literal_error": ("one of {expected}", "可选 {expected}"),
    "too_long": ("at most {max_length} of them", "最多 {max_length} 项"),
    "too_short": ("at least {min_length} of them", "至少 {min_length} 项"),
    "string_too_long": ("at most {max_length} characters", "最多 {max_length} 个字符"),
    "int_parsing": ("a whole number", "必须是整数"),
    "int_type": ("a whole number", "必须是整数"),
    "int_from_float": ("a whole number", "必须是整数"),
    "float_parsing": ("a number", "必须是数字"),
    "float_type": ("a number", "必须是数字"),
    "bool_parsing": ("true or false", "只能是 true 或 false"),
    "bool_type": ("true or false", "只能是 true 或 false"),
    "string_type": ("a string", "必须是字符串"),
    "list_type": ("a list", "必须是列表"),
    "dict_type": ("an object", "必须是对象"),
    "model_type": ("an object", "必须是对象"),
    "model_attributes_type": ("an object", "必须是对象"),
    "union_tag_not_found": ("its type is missing", "缺少 type"),
    "union_tag_invalid": ("one of {expected_tags}", "可选 {expected_tags}"),
}
"""What pydantic's error types (docs.pydantic.dev, validation errors) mean to a person, English and
Chinese."""


def validation_problem(detail: ErrorDetails, known: str = "") -> JianweiError:
    """One error of pydantic's as one of ours; ``known`` lists the fields that exist."""
    name = ".".join(str(step) for step in detail["loc"]) or "body"
    kind = detail["type"]
    if kind == "extra_forbidden":
        return InputError("unknown_field", name=name[:MAX_QUOTED], known=known or "/docs")
    if kind == "json_invalid":
        return InputError("bad_request", reason=Phrase("the body is not valid JSON", "正文不是有效的 JSON"))
    context = {key: str(value) for key, value in (detail.get("ctx") or {}).items()}
    english, chinese = REASONS.get(kind, ("not of the right form", "格式不正确"))
    got = "" if kind == "missing" else detail["input"]
    return bad_value(name, got, Phrase(english.format_map(context), chinese.format_map(context)))


class Unforeseen:
    """ASGI middleware: what no handler knows becomes ``internal_error``, and the cause goes to the log."""

    def __init__(self, app: ASGIApp, language: Language) -> None:
        self._app = app
        self._language: Language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; if that fails before anything was sent, send the error."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as cause:
            problem = internal(cause)
            if scope["type"] != "http" or started:
                raise
            language = accepted_language(Headers(scope=scope).get("accept-language"), self._language)
            response = error_response(problem, language, openai=scope["path"].startswith("/v1/"))
            await response(scope, receive, send)


def install(app: FastAPI) -> None:
    """Answer every exception of ``app`` in the one form."""

    def respond(request: Request, error: JianweiError) -> Response:
        return error_response(error, language_of(request), openai=request.url.path.startswith("/v1/"))

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, JianweiError)
        return respond(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        detail: ErrorDetails = error.errors()[0]
        # The first step of the place only says whether it stands in the path, the query or the body.
        detail["loc"] = detail["loc"][1:]
        return respond(request, validation_problem(detail))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code)
        if code is not None:
            response = respond(request, RequestError(code))
        else:
            reason = Phrase("it is malformed", "格式有误")
            response = respond(request, InputError("bad_request", reason=reason))
        response.headers.update(error.headers or {})
        return response

    async def gone(request: Request, error: Exception) -> Response:
        # Nobody reads this; it only ends the request without a line in the log.
        return respond(request, EngineError("cancelled"))

    app.add_exception_handler(JianweiError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
