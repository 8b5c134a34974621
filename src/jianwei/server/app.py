"""The HTTP application: the APIs, the page and their guards, put together; and ``run``, which serves it.

A request passes, from outside in: numbers (``Meter``), who may ask (``Gate``), how much (``BodyLimit``), then
a route.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jianwei import __version__
from jianwei.config import Settings
from jianwei.errors import EngineError
from jianwei.server import conversations_api, native_api, openai_api, pages_api
from jianwei.server.answers import Answers
from jianwei.server.assets import Assets
from jianwei.server.context import Context
from jianwei.server.fetch import PictureFetcher
from jianwei.server.limits import BodyLimit
from jianwei.server.listening import Serving, listen
from jianwei.server.metrics import Meter, Metrics
from jianwei.server.openai_types import ChatBody
from jianwei.server.pictures import Pictures
from jianwei.server.problems import Unforeseen, error_response, install, language_of
from jianwei.server.security import Gate, may_listen
from jianwei.server.service import ChatService, Decoder
from jianwei.server.store import Store

STATIC = Path(__file__).with_name("static")

ENGINE_FACTORY = "jianwei.pipeline:VisionModel"
"""What the engine process makes; a name, so that this process need not import it."""

CLOSE_SECONDS = 3.0
"""How long answers that were cut off by the end of the server have to be kept."""


def create_app(service: ChatService, settings: Settings, store: Store, decode_pool: Decoder) -> FastAPI:
    """The whole application around an engine. It closes neither of what it is given.

    Args:
        service: answers (``engine.worker.EngineProcess``).
        settings: limits, host, key.
        store: conversations.
        decode_pool: decodes picture files (``media.sandbox.DecodePool``).
    """
    metrics = Metrics(service.stats)
    answers = Answers(service, settings.max_running + settings.max_queue, settings.max_running, metrics)
    context = Context(
        service=service,
        settings=settings,
        store=store,
        pictures=Pictures(decode_pool, store),
        fetcher=PictureFetcher(settings.max_upload << 20),
        answers=answers,
        metrics=metrics,
        decoder=decode_pool,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        yield
        await answers.close(CLOSE_SECONDS)

    # The library's own documentation pages load scripts from elsewhere; ours is in static/.
    app = FastAPI(title="Jianwei 见微", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.context = context
    app.state.language = settings.message_language
    install(app)
    # Added from the inside out.
    app.add_middleware(Unforeseen, language=settings.message_language)
    app.add_middleware(BodyLimit, max_bytes=settings.max_request << 20)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Meter, metrics=metrics)
    app.include_router(native_api.router)
    app.include_router(pages_api.router)
    app.include_router(conversations_api.router)
    app.include_router(openai_api.router)
    _add_pages(app, context)
    _describe(app)
    return app


def _add_pages(app: FastAPI, context: Context) -> None:
    assets = Assets(STATIC)

    @app.get("/healthz", tags=["Server"], summary="Whether questions are answered")
    async def healthz(request: Request) -> Response:
        """200 when questions are answered; 503 with `engine_loading` while the model is being loaded."""
        if context.service.state == "ready":
            return JSONResponse({"status": "ok", "model": context.card.name, "version": __version__})
        problem = context.service.error or EngineError("engine_loading")
        return error_response(problem, language_of(request))

    @app.get("/metrics", tags=["Server"], summary="Numbers for Prometheus")
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        text = await asyncio.to_thread(context.metrics.text)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return assets.response(request, "index.html")

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return assets.response(request, "docs.html")

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon(request: Request) -> Response:
        return assets.response(request, "icon.svg")

    app.mount("/static", assets, name="static")


def _describe(app: FastAPI) -> None:
    """Complete the generated description with the body that ``openai_api`` reads by hand."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            body = ChatBody.model_json_schema(ref_template="#/components/schemas/{model}")
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            components.update(body.pop("$defs", {}))
            components["ChatBody"] = body
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM (``jianwei serve``).

    The port is open at once; questions are answered when the model is loaded. At the end, answers in progress
    get a few seconds, then what there is of them is kept.

    Raises:
        JianweiError: the address cannot be used, conversations cannot be opened, or the model cannot be
            loaded.
    """
    from jianwei.engine.worker import EngineProcess
    from jianwei.media.sandbox import DecodePool

    may_listen(settings)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with contextlib.ExitStack() as open_things:
        listener = open_things.enter_context(listen(settings.host, settings.port))
        store = open_things.enter_context(contextlib.closing(Store(settings.home)))
        pool = open_things.enter_context(contextlib.closing(DecodePool(settings)))
        engine = EngineProcess(ENGINE_FACTORY, kwargs={"settings": settings})
        open_things.callback(engine.close)
        engine.start()
        Serving(create_app(engine, settings, store, pool), engine, settings, listener).run()
