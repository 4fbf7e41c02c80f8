"""Headers that protect whoever reads an answer, and those that let other sites embed the widgets."""

from __future__ import annotations

from typing import Any

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from bot.channels.errors import Refused
from bot.channels.requests import origin_of
from bot.channels.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_PROTECTION = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOR_OTHER_SITES = ("/chat", "/help", "/widgets", "/assets")


def fresh_json(body: dict[str, Any], *, status: int = 200) -> HTTPResponse:
    """An answer that no cache may keep."""
    return response.json(body, status=status, headers={"Cache-Control": "no-store"})


def install(app: Sanic, settings: Settings) -> None:
    """Check where requests come from, and protect every answer of an application."""

    async def check_origin(request: Request) -> HTTPResponse | None:
        foreign = origin_of(request, settings)
        if foreign is not None and not request.path.startswith(_FOR_OTHER_SITES):
            raise Refused(403, "origin")
        if request.method == "OPTIONS" and foreign is not None:
            return response.empty()
        return None

    async def protect(request: Request, answer: BaseHTTPResponse) -> None:
        for name, value in _PROTECTION.items():
            answer.headers.setdefault(name, value)
        if settings.public_address.startswith("https:"):
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        embeddable = request is not None and request.path.startswith(_FOR_OTHER_SITES)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if embeddable else "same-origin")
        if embeddable:
            _allow(request, answer, settings)

    app.register_middleware(check_origin, "request")
    app.register_middleware(protect, "response")


def _allow(request: Request, answer: BaseHTTPResponse, settings: Settings) -> None:
    answer.headers["Vary"] = ", ".join(filter(None, [answer.headers.get("Vary"), "Origin"]))
    try:
        foreign = origin_of(request, settings)
    except Refused:
        return
    if foreign is not None:
        answer.headers["Access-Control-Allow-Origin"] = foreign
        answer.headers["Access-Control-Expose-Headers"] = "Retry-After, Content-Disposition"
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            answer.headers["Access-Control-Max-Age"] = "600"
