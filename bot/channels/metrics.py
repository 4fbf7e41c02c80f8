"""Figures of the running server for Prometheus: how many turns, how long, how sure, on what.

Nothing of what is said is in them. Several processes count into files of one folder (``PROMETHEUS_MULTIPROC_DIR``,
which ``yibao serve --workers`` sets), and any of them gives the sum.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import Refused
from bot.channels.settings import Network, is_in

_SECONDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.1, 0.25, 0.5, 1.0, 5.0)
_SCORES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """Counts turns; one for each application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ["channel", "outcome", "topic", "language"]
        self._turns = Counter("yibao_turns", "Turns answered.", labels, registry=self._registry)
        self._failed = Counter(
            "yibao_turns_failed", "Turns that ended in an error.", ["channel"], registry=self._registry
        )
        self._seconds = Histogram(
            "yibao_turn_seconds", "Time of a turn.", ["channel"], buckets=_SECONDS, registry=self._registry
        )
        self._confidence = Histogram(
            "yibao_confidence", "Confidence of answers.", ["topic"], buckets=_SCORES, registry=self._registry
        )

    def turn(self, channel: str, seconds: float, replies: Sequence[Mapping[str, Any]]) -> None:
        """Count a turn that took so many seconds; what it was about is told by its first reply."""
        first = replies[0]
        self._turns.labels(channel, first["type"], first["topic"], first["language"]).inc()
        self._seconds.labels(channel).observe(seconds)
        if first["type"] == "error":
            self._failed.labels(channel).inc()
        confidence = first.get("confidence")
        if confidence is not None:
            self._confidence.labels(first["topic"]).observe(confidence["score"])

    def text(self) -> bytes:
        """All figures in Prometheus' text format; of all processes where there are several."""
        if os.environ.get(_SHARED):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry)


def blueprint(metrics: Metrics, monitors: Sequence[Network]) -> Blueprint:
    """``/metrics``, for those who watch the server only; to others there is no such page."""
    routes = Blueprint("metrics")

    async def figures(request: Request) -> HTTPResponse:
        if not is_in(request.ip, monitors):
            raise Refused(404, "not_found")
        return response.raw(metrics.text(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    routes.add_route(figures, "/metrics", methods=["GET"])
    return routes
