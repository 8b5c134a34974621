"""Counters and histograms for Prometheus: requests by route, answers by end, and the engine's own gauges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jianwei.types import Completion

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
"""Histogram buckets: an answer takes from a tenth of a second (built-in model) to minutes (long, on an old
laptop)."""


class EngineStats(Collector):
    """The engine's flat numbers as ``jianwei_engine_*``, read when somebody looks."""

    def __init__(self, read: Callable[[], dict[str, float]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """One metric for each number; names ending in ``_total`` only grow."""
        for name, value in sorted(self._read().items()):
            title = name.replace("_", " ")
            if name.endswith("_total"):
                yield CounterMetricFamily(f"jianwei_engine_{name}", f"engine: {title}", value=value)
            else:
                yield GaugeMetricFamily(f"jianwei_engine_{name}", f"engine: {title}", value=value)

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before the engine runs; an empty list keeps registration from asking it."""
        return []


class Metrics:
    """All of one server's numbers, in a registry of its own."""

    def __init__(self, stats: Callable[[], dict[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "jianwei_http_requests", "HTTP requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "jianwei_http_seconds", "seconds until the response ended", ["route"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.answers = Counter(
            "jianwei_answers", "answers by how they ended", ["end"], registry=self.registry
        )
        self.first_token = Histogram(
            "jianwei_first_token_seconds",
            "seconds to the first token",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.answer_seconds = Histogram(
            "jianwei_answer_seconds", "seconds for a whole answer", buckets=SECONDS, registry=self.registry
        )
        self.tokens = Counter("jianwei_tokens", "tokens by kind", ["kind"], registry=self.registry)
        self.registry.register(EngineStats(stats))

    def answered(self, completion: Completion) -> None:
        """Count a finished answer."""
        self.answers.labels(completion.finish_reason).inc()
        self.first_token.observe(completion.timings.first_token)
        self.answer_seconds.observe(completion.timings.total)
        for kind in ("prompt", "visual", "pruned", "cached", "completion", "drafted", "accepted", "forced"):
            self.tokens.labels(kind).inc(getattr(completion.usage, f"{kind}_tokens"))

    def failed(self, code: str) -> None:
        """Count an answer that ended with an error."""
        self.answers.labels(code).inc()

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class Meter:
    """ASGI middleware that counts and times requests by their route's template, never by what users wrote."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 499  # what a request counts as that ended without a response: the client went away
        begin = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - begin)
