"""The simple API for programs: one question in, the replies out.

The server names the conversation: every answer carries a token, which the client sends along with the next question.
"""

from __future__ import annotations

import uuid

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import language_of
from bot.channels.gateway import Gateway
from bot.channels.headers import fresh_json
from bot.channels.requests import Fields

_CHANNEL = "api"


def blueprint(gateway: Gateway) -> Blueprint:
    """``POST /messages`` with ``{"text": "…"}``; ``{"conversation": token}`` continues a conversation."""
    routes = Blueprint("api")

    @routes.post("/messages")
    async def hear(request: Request) -> HTTPResponse:
        fields = Fields(request, example='{"text": "…"}')
        text, token = fields.text("text"), fields.value("conversation")
        if token is not None:
            conversation, fresh = gateway.resume(token)
            name = conversation.id
        else:
            gateway.limit_session(request)
            name = gateway.tokens.new_conversation()
            gateway.store.begin(name, channel=_CHANNEL, language=None, consent_version=None)
            fresh = gateway.tokens.seal(name)
        gateway.limit_message(request, name)
        _, replies = await gateway.conversations.say(
            name, str(uuid.uuid4()), text, channel=_CHANNEL, language=language_of(request)
        )
        return fresh_json({"conversation": fresh, "replies": [reply.reply for reply in replies]})

    return routes
