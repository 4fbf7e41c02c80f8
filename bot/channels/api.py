"""The HTTP channel: one question in, the replies out.

The server names the conversation: the first answer carries a token, which the client sends along from then on.
A token is random, signed, and good for an hour.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.runtime.front_door import admit
from knowledge.library import Library

_LIFETIME = 60 * 60  # seconds, as long as a session of the bot
_BODY_LIMIT = 16 * 1024  # bytes; the longest question allowed is far below
_ALGORITHM = "HS256"


class MessagesInput(InputChannel):
    """``POST /messages`` with ``{"text": "…"}``; ``{"conversation": token}`` continues a conversation."""

    @classmethod
    def name(cls) -> str:
        """The channel's name; also its path."""
        return "messages"

    def __init__(self, library: Library) -> None:
        self._library = library
        self._key = secrets.token_bytes(32)

    def url_prefix(self) -> str:
        """Below the root."""
        return ""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        """The routes of the channel."""
        routes = Blueprint("messages")

        @routes.get("/healthz")
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/messages")
        async def receive(request: Request) -> HTTPResponse:
            if len(request.body) > _BODY_LIMIT:
                return _refuse(413, f"The request is longer than {_BODY_LIMIT} bytes. Send one question.")
            if request.content_type is None or not request.content_type.startswith("application/json"):
                return _refuse(415, 'Send JSON with the header "Content-Type: application/json".')
            try:
                body = request.json
            except Exception:
                body = None
            if not isinstance(body, dict) or not isinstance(body.get("text"), str):
                return _refuse(400, 'Send {"text": "your question"}.')
            token = body.get("conversation")
            conversation = self._open(token) if token is not None else secrets.token_urlsafe(16)
            if conversation is None:
                return _refuse(401, 'This conversation has ended. Leave out "conversation" to begin a new one.')
            replies = await self._ask(conversation, body["text"], on_new_message)
            return response.json({"conversation": self._seal(conversation), "replies": replies})

        return routes

    async def _ask(
        self, conversation: str, text: str, on_new_message: Callable[[UserMessage], Awaitable[None]]
    ) -> list[dict[str, Any]]:
        collected = CollectingOutputChannel()
        admitted = admit(text, topics=self._library.content.topics)
        try:
            await on_new_message(UserMessage(admitted, collected, conversation, input_channel=self.name()))
        except Exception:
            collected.messages.clear()
        replies = [message["custom"] for message in collected.messages if "custom" in message]
        failed = self._library.composer().simple("error", "out_of_scope", "failed")
        return replies or [failed.to_json()]

    def _seal(self, conversation: str) -> str:
        claims = {"sub": conversation, "exp": int(time.time()) + _LIFETIME}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def _open(self, token: object) -> str | None:
        try:
            claims = jwt.decode(str(token), self._key, algorithms=[_ALGORITHM], options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"])


def _refuse(status: int, why: str) -> HTTPResponse:
    return response.json({"error": why}, status=status)
