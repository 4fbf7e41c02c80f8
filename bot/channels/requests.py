"""Reading requests: whose they are, from which site, and what stands in their body."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection
from typing import Any

from httptools import HttpParserInvalidURLError
from sanic.compat import Header
from sanic.exceptions import InvalidUsage
from sanic.request import Request

from bot.channels import texts
from bot.channels.errors import BODY_LIMIT, Refused, language_of
from bot.channels.settings import Settings
from bot.runtime.front_door import legible

QUERY_LIMIT = 200  # characters of a search; longer ones are cut
_NOWHERE = b"/%00"
_LENGTH = re.compile(r"[0-9]{1,9}")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


class StrictRequest(Request):
    """A request as Sanic reads it, without the forms that two servers may read differently.

    What makes no address becomes one where nothing is; Sanic would close the connection without a word, and write
    the address, which may hold a person's words, to the log.
    """

    def __init__(self, url_bytes: bytes, headers: Header, *rest: Any, **more: Any) -> None:
        """Take the first line and the headers.

        Raises:
            InvalidUsage: the length of the body is not clear.
        """
        lengths = headers.getall("content-length", [])
        if len(lengths) > 1 or any(not _LENGTH.fullmatch(length) for length in lengths):
            raise InvalidUsage("length")
        if lengths and "transfer-encoding" in headers:
            raise InvalidUsage("length")
        try:
            super().__init__(url_bytes, headers, *rest, **more)
        except HttpParserInvalidURLError:
            super().__init__(_NOWHERE, headers, *rest, **more)


def origin_of(request: Request, settings: Settings) -> str | None:
    """The foreign site on the allow-list that a browser sends this from; None for our own pages and for programs.

    Raises:
        Refused: the site is not on the list.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return None
    origin = origin.rstrip("/").lower()
    own = settings.public_address.lower()
    if (own and origin == own) or origin.partition("://")[2] == request.headers.get("host", "").lower() != "":
        return None
    if origin not in settings.origins:
        raise Refused(403, "origin")
    return origin


def public_address(request: Request, settings: Settings) -> str:
    """Where this server is reached, for links that must name the host."""
    host = request.headers.get("host", "")
    return settings.public_address or (f"http://{host}" if _HOST.fullmatch(host) else "")


def bearer(request: Request) -> str | None:
    """The token or key that a request bears."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return (token.strip() or None) if kind.lower() == "bearer" else None


def query_of(request: Request) -> str:
    """What is searched for (``?q=…``)."""
    return legible(request.args.get("q", ""))[:QUERY_LIMIT]


def wrong(request: Request, field: str, expected: str, **values: object) -> Refused:
    """The refusal of a field; ``expected`` names the sentence in texts.yml that says what should stand there."""
    return Refused(400, "field", field=field, expected=texts.say(expected, language_of(request), **values))


def body_of(request: Request, *, example: str) -> dict[str, Any]:
    """The JSON object in a request.

    Raises:
        Refused: it is too long, of another type, or not an object.
    """
    if len(request.body) > BODY_LIMIT:
        raise Refused(413, "too_large", limit=BODY_LIMIT)
    kind = (request.content_type or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "content_type")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "not_json", example=example)
    return body


class Fields:
    """The fields of a body, each checked as it is read.

    Every method raises ``Refused`` where the field is not as it should be.
    """

    def __init__(self, request: Request, *, example: str) -> None:
        self._body = body_of(request, example=example)
        self._request = request

    def __contains__(self, field: str) -> bool:
        return self._body.get(field) is not None

    def value(self, field: str) -> Any:
        """Whatever stands there."""
        return self._body.get(field)

    def text(self, field: str, expected: str = "expect_text") -> str:
        """A text."""
        value = self._body.get(field)
        if not isinstance(value, str):
            raise self._wrong(field, expected)
        return value

    def matching(self, field: str, pattern: str, expected: str) -> str:
        """A text of a certain form."""
        value = self.text(field, expected)
        if not re.fullmatch(pattern, value):
            raise self._wrong(field, expected)
        return value

    def uuid(self, field: str) -> str:
        """A UUID, in its usual form; nothing else can hide in it."""
        try:
            return str(uuid.UUID(self.text(field, "expect_uuid")))
        except ValueError as error:
            raise self._wrong(field, "expect_uuid") from error

    def one_of(self, field: str, allowed: Collection[str], expected: str) -> str:
        """One of a few words."""
        value = self._body.get(field)
        if not isinstance(value, str) or value not in allowed:
            raise self._wrong(field, expected, allowed)
        return value

    def one_of_or_none(self, field: str, allowed: Collection[str], expected: str) -> str | None:
        """One of a few words, or nothing."""
        return self.one_of(field, allowed, expected) if field in self else None

    def text_or_none(self, field: str, expected: str) -> str | None:
        """A text, or nothing."""
        return self.text(field, expected) if field in self else None

    def _wrong(self, field: str, expected: str, allowed: Collection[str] = ()) -> Refused:
        return wrong(self._request, field, expected, reasons=", ".join(allowed))
