"""The help box: answers while typing, without a conversation and without Rasa."""

from __future__ import annotations

from dataclasses import asdict

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import Refused, language_of
from bot.channels.gateway import REASONS, VERDICTS, Gateway
from bot.channels.headers import fresh_json
from bot.channels.redaction import redact
from bot.channels.requests import QUERY_LIMIT, Fields, query_of
from bot.channels.store import Feedback
from bot.channels.suggestions import Suggestions
from bot.runtime.front_door import legible

_CHANNEL = "help"


def blueprint(gateway: Gateway) -> Blueprint:
    """The routes below ``/help``."""
    routes = Blueprint("help", url_prefix="/help")
    suggestions = Suggestions(gateway.assistant.library)

    @routes.get("/suggest")
    async def suggest(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        query = query_of(request)
        results = suggestions.find(query, language_of(request))
        return fresh_json({"query": query, "results": [asdict(result) for result in results]})

    @routes.get("/answer/<thing:str>")
    async def answer(request: Request, thing: str) -> HTTPResponse:
        gateway.limit_request(request)
        reply = suggestions.reply(thing, language_of(request))
        if reply is None:
            raise Refused(404, "unknown_answer")
        return fresh_json({"reply": reply.to_json(), "url": suggestions.url(thing)})

    @routes.post("/feedback")
    async def rate(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        fields = Fields(request, example='{"answer": "payment_time", "query": "…", "verdict": "up"}')
        thing = fields.text("answer")
        reply = suggestions.reply(thing, "en")
        if reply is None:
            raise Refused(404, "unknown_answer")
        query = redact(legible(fields.text_or_none("query", "expect_text") or ""))[:QUERY_LIMIT]
        verdict = fields.one_of("verdict", VERDICTS, "expect_verdict")
        gateway.store.rate(
            Feedback(
                channel=_CHANNEL,
                answer=thing,
                query=query,
                verdict=verdict,
                reason=fields.one_of_or_none("reason", REASONS, "expect_reason"),
                knowledge_revision=reply.knowledge_revision,
            )
        )
        if verdict == "down" and query:
            gateway.store.leave_unanswered(query, _CHANNEL)
        return fresh_json({"stored": True})

    return routes
