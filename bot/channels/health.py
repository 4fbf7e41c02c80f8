"""For those who run the server: does it live, and can it answer?"""

from __future__ import annotations

import asyncio

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.gateway import Gateway
from bot.channels.headers import fresh_json


def blueprint(gateway: Gateway) -> Blueprint:
    """``/healthz`` and ``/readyz``."""
    routes = Blueprint("health")

    async def lives(_request: Request) -> HTTPResponse:
        return fresh_json({"status": "ok"})

    async def can_answer(_request: Request) -> HTTPResponse:
        checks = {
            "assistant": gateway.assistant.is_ready(),
            "knowledge": bool(gateway.assistant.library.content.answers),
            "store": await asyncio.to_thread(gateway.store.is_usable),
        }
        if gateway.redis is not None:
            checks["redis"] = await asyncio.to_thread(gateway.redis.is_usable)
        ready = all(checks.values())
        body = {"status": "ready" if ready else "not ready", "checks": checks}
        return fresh_json(body, status=200 if ready else 503)

    routes.add_route(lives, "/healthz", methods=["GET", "HEAD"])
    routes.add_route(can_answer, "/readyz", methods=["GET", "HEAD"])
    return routes
