"""The chat of visitors: a conversation begins with consent, and everything in it can be taken along or deleted."""

from __future__ import annotations

import json

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import texts
from bot.channels.errors import Refused, language_of
from bot.channels.gateway import REASONS, VERDICTS, Gateway
from bot.channels.headers import fresh_json
from bot.channels.redaction import redact
from bot.channels.requests import Fields, wrong
from bot.channels.store import Feedback, Message, iso
from bot.channels.tokens import LIFETIME
from bot.runtime.front_door import LIMIT, legible
from knowledge.models import LANGUAGES

_CHANNEL = "chat"


def blueprint(gateway: Gateway) -> Blueprint:
    """The routes below ``/chat``."""
    routes = Blueprint("chat", url_prefix="/chat")
    store, conversations = gateway.store, gateway.conversations

    @routes.post("/session")
    async def begin(request: Request) -> HTTPResponse:
        gateway.limit_session(request)
        fields = Fields(request, example=texts.say("expect_session", language_of(request)))
        if fields.value("consent") is not True:
            raise Refused(400, "consent")
        version = fields.matching("consent_version", r"[0-9.]{1,8}", "expect_version")
        language = fields.one_of_or_none("language", LANGUAGES, "expect_language")
        conversation = gateway.tokens.new_conversation()
        store.begin(conversation, channel=_CHANNEL, language=language, consent_version=version)
        token = gateway.tokens.seal(conversation)
        return fresh_json({"token": token, "expires_in": LIFETIME, "history": []})

    @routes.post("/messages")
    async def hear(request: Request) -> HTTPResponse:
        conversation, token = gateway.whose(request)
        gateway.limit_message(request, conversation.id)
        fields = Fields(request, example='{"id": "…", "text": "…"}')
        message_id = fields.uuid("id")
        language = texts.language_or(language_of(request), conversation.language)
        if "payload" in fields:
            turn = conversations.press(
                conversation.id, message_id, fields.text("payload"), channel=_CHANNEL, language=language
            )
        else:
            turn = conversations.say(
                conversation.id, message_id, fields.text("text"), channel=_CHANNEL, language=language
            )
        message, replies = await turn
        return fresh_json(
            {"token": token, "message": message.to_json(), "replies": [reply.to_json() for reply in replies]}
        )

    @routes.get("/history")
    async def history(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        conversation, token = gateway.whose(request)
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 10):
            raise wrong(request, "after", "expect_after")
        messages = store.history(conversation.id, after=int(after))
        return fresh_json({"token": token, "messages": [message.to_json() for message in messages]})

    @routes.get("/export")
    async def export(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        conversation, _ = gateway.whose(request)
        kind = request.args.get("format", "json")
        if kind not in ("json", "text"):
            raise wrong(request, "format", "expect_format")
        messages = store.history(conversation.id)
        if kind == "text":
            language = texts.language_or(language_of(request), conversation.language)
            return _download(_as_text(messages, language), "yibao.txt", "text/plain; charset=utf-8")
        everything = {
            "begun": iso(conversation.begun),
            "language": conversation.language,
            "consent_version": conversation.consent_version,
            "messages": [message.to_json() for message in messages],
            "feedback": store.feedback(conversation.id),
        }
        return _download(json.dumps(everything, ensure_ascii=False, indent=2), "yibao.json", "application/json")

    @routes.delete("/")
    async def delete(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        conversation, _ = gateway.whose(request)
        await conversations.delete(conversation.id)
        return fresh_json({"deleted": True})

    @routes.post("/feedback")
    async def rate(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        conversation, token = gateway.whose(request)
        fields = Fields(request, example='{"message": "…", "verdict": "up"}')
        message = store.message(conversation.id, fields.text("message"))
        if message is None or message.reply is None:
            raise Refused(404, "unknown_message")
        comment = fields.text_or_none("comment", "expect_comment")
        store.rate(
            Feedback(
                channel=_CHANNEL,
                conversation=conversation.id,
                message=message.id,
                answer=message.reply.get("topic"),
                verdict=fields.one_of("verdict", VERDICTS, "expect_verdict"),
                reason=fields.one_of_or_none("reason", REASONS, "expect_reason"),
                comment=None if comment is None else redact(legible(comment))[:LIMIT],
                knowledge_revision=message.reply.get("knowledge_revision"),
            )
        )
        return fresh_json({"token": token, "stored": True})

    return routes


def _download(body: str, name: str, kind: str) -> HTTPResponse:
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return response.raw(body.encode(), content_type=kind, headers=headers)


def _as_text(messages: list[Message], language: str) -> str:
    def sender(message: Message) -> str:
        return texts.say(f"sender_{message.sender}", language)

    return "\n\n".join(f"{iso(one.time)}  {sender(one)}\n{one.text}" for one in messages) + "\n"
