"""The routes of agent assist: log-in, calls, cards, search, and the supervisor's page.

People come with a session cookie and, where they change something, the session's token in a header; telephone systems
come with a key. Who may do what stands at each route.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial, wraps
from typing import Any

from limits import parse_many
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.assist.accounts import ABSOLUTE, Account, Accounts, LockedOut, Role, Session, WrongPassword
from bot.assist.calls import MARKS, Call, Calls, Turn
from bot.assist.console import Console
from bot.assist.listening import Listener
from bot.assist.report import of_surfaces, report
from bot.assist.tables import open_database
from bot.channels import built
from bot.channels.errors import Refused, language_of
from bot.channels.gateway import Gateway
from bot.channels.headers import fresh_json
from bot.channels.redaction import leave_out, redact
from bot.channels.requests import Fields, bearer, query_of, wrong
from bot.runtime.front_door import LIMIT, legible
from knowledge.models import LANGUAGES

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]
_LOG_INS = tuple(parse_many("60/minute"))  # attempts of one address: a call centre may share it
_WRAP_UP_LIMIT = 8000  # characters
_LOOK_AGAIN = 0.1  # seconds between two looks for events; other workers write them, too
_SAY_SOMETHING = 10.0  # seconds after which an idle stream says that it lives, and the session is looked at again
_TURN_ID = r"[A-Za-z0-9._:-]{1,64}"
_HERE = ("localhost", "127.0.0.1", "[::1]")
_CHANGING = ("POST", "DELETE")
_DAY = 24 * 60 * 60


def blueprint(gateway: Gateway) -> Blueprint:
    """The routes below ``/assist``."""
    engine = open_database(gateway.settings.database)
    library = gateway.assistant.library
    accounts = Accounts(engine)
    calls = Calls(engine, keep_days=gateway.settings.keep_days)
    console = Console(calls, library, Listener(library, gateway.assistant.read))
    guard = Guard(gateway, accounts)
    routes = Blueprint("assist", url_prefix="/assist")

    # Pages: the same for everybody; what they show comes from the routes below -------------------------

    for path in ("/", "/supervisor"):

        @routes.get(path, name=f"page{path.replace('/', '_')}", strict_slashes=False)
        async def page(request: Request) -> HTTPResponse:
            return await built.send(request, gateway.settings.web, "assist.html")

    # Log-in -------------------------------------------------------------------------------------------

    @routes.get("/login")
    async def log_in_page(request: Request) -> HTTPResponse:
        return await built.send(request, gateway.settings.web, "assist.html")

    @routes.post("/login")
    async def log_in(request: Request) -> HTTPResponse:
        gateway.limits.take("assist", gateway.address(request), _LOG_INS)
        fields = Fields(request, example='{"name": "…", "password": "…"}')
        name, password = fields.text("name"), fields.text("password")
        cookie = guard.cookie(request)
        try:
            # Hashing takes long by design; others are answered meanwhile.
            secret, session = await asyncio.to_thread(accounts.log_in, name, password)
        except LockedOut as error:
            raise Refused(429, "assist_locked", retry_after=error.seconds, seconds=error.seconds) from error
        except WrongPassword as error:
            raise Refused(401, "assist_login") from error
        answer = fresh_json(_about(session))
        _set_cookie(answer, cookie, secret, seconds=ABSOLUTE, secure=guard.is_safe(request))
        return answer

    @routes.post("/logout")
    @guard.allow("agent", "supervisor")
    async def log_out(request: Request, session: Session) -> HTTPResponse:
        cookie = guard.cookie(request)
        accounts.log_out(request.cookies.get(cookie, ""))
        accounts.record(session.account.name, "logged out")
        answer = fresh_json({"logged_out": True})
        _set_cookie(answer, cookie, "", seconds=0, secure=guard.is_safe(request))
        return answer

    @routes.get("/session")
    async def who_am_i(request: Request) -> HTTPResponse:
        session = guard.session(request)
        return fresh_json({"session": _about(session) if session else None})

    # Calls --------------------------------------------------------------------------------------------

    @routes.get("/calls")
    @guard.allow("agent", "supervisor")
    async def running(_request: Request, session: Session) -> HTTPResponse:
        return fresh_json({"calls": calls.running(session.account)})

    @routes.post("/calls")
    @guard.allow("agent", "supervisor", "telephone")
    async def open_call(request: Request, session: Session) -> HTTPResponse:
        fields = Fields(request, example='{"language": "en"}')
        language = fields.one_of_or_none("language", LANGUAGES, "expect_language") or "en"
        account = session.account
        agent = None if account.role == "telephone" else account.name
        call = calls.open(language, source=account.name, agent=agent)
        accounts.record(account.name, "call opened", call)
        return fresh_json({"call": call})

    @routes.get("/calls/<name:str>")
    @guard.allow("agent", "supervisor")
    async def show_call(_request: Request, session: Session, name: str) -> HTTPResponse:
        return fresh_json(console.whole(_call(calls, name, session.account)))

    @routes.post("/calls/<name:str>/take")
    @guard.allow("agent", "supervisor")
    async def take_call(_request: Request, session: Session, name: str) -> HTTPResponse:
        call = _call(calls, name, session.account)
        if not calls.take(call.id, session.account.name):
            raise Refused(409, "assist_taken")
        accounts.record(session.account.name, "call taken", call.id)
        return fresh_json({"call": call.id})

    @routes.post("/calls/<name:str>/turns")
    @guard.allow("agent", "supervisor", "telephone")
    async def hear(request: Request, session: Session, name: str) -> HTTPResponse:
        call = _call(calls, name, session.account)
        fields = Fields(request, example='{"turn": "t1", "role": "customer", "text": "…", "final": true}')
        turn, words = _turn(request, fields, call)
        if call.ended is not None and calls.turn(call.id, turn.id) is None:
            raise Refused(409, "assist_ended")
        return fresh_json(await console.hear(call, turn, words, session.account))

    @routes.get("/calls/<name:str>/events")
    @guard.allow("agent", "supervisor")
    async def follow(request: Request, session: Session, name: str) -> None:
        call = _call(calls, name, session.account)
        seen = request.headers.get("last-event-id") or request.args.get("after") or "0"
        if not (seen.isascii() and seen.isdecimal() and len(seen) < 16):
            raise wrong(request, "Last-Event-ID", "expect_after")
        await _stream(request, calls, call, int(seen), still=partial(guard.session, request))

    @routes.post("/calls/<name:str>/facts")
    @guard.allow("agent", "supervisor")
    async def set_fact(request: Request, session: Session, name: str) -> HTTPResponse:
        call = _call(calls, name, session.account)
        fields = Fields(request, example='{"fact": "age", "value": 63}')
        fact, value = fields.text("fact"), fields.value("value")
        if not console.accepts(fact, value):
            raise Refused(400, "assist_no_fact")
        return fresh_json(console.set_fact(call, fact, value, session.account))

    @routes.get("/calls/<name:str>/wrap-up")
    @guard.allow("agent", "supervisor")
    async def draft(_request: Request, session: Session, name: str) -> HTTPResponse:
        return fresh_json({"text": console.draft(_call(calls, name, session.account))})

    @routes.post("/calls/<name:str>/wrap-up")
    @guard.allow("agent", "supervisor")
    async def wrap_up(request: Request, session: Session, name: str) -> HTTPResponse:
        call = _call(calls, name, session.account)
        fields = Fields(request, example='{"text": "…"}')
        lines = fields.text("text", "expect_text")[:_WRAP_UP_LIMIT].splitlines()
        text = "\n".join(redact(legible(line), call.language) for line in lines)
        calls.end(call.id, text)
        accounts.record(session.account.name, "call ended", call.id)
        return fresh_json({"text": text, "ended": True})

    # Cards and knowledge ------------------------------------------------------------------------------

    @routes.post("/cards/<card:str>/feedback")
    @guard.allow("agent", "supervisor")
    async def mark(request: Request, session: Session, card: str) -> HTTPResponse:
        fields = Fields(request, example='{"kind": "useful", "value": true}')
        kind = fields.one_of("kind", MARKS, "expect_mark")
        value = fields.value("value")
        if value is not None and not isinstance(value, bool):
            raise wrong(request, "value", "expect_mark_value")
        call = calls.card_call(card)
        if call is None or calls.get(call, session.account) is None:
            raise Refused(404, "assist_no_card")
        calls.mark(card, session.account.name, kind, value)
        return fresh_json({"stored": True})

    @routes.get("/search")
    @guard.allow("agent", "supervisor")
    async def search(request: Request, session: Session) -> HTTPResponse:  # noqa: ARG001
        query = query_of(request)
        return fresh_json({"query": query, "results": console.search(query, language_of(request))})

    @routes.get("/report")
    @guard.allow("supervisor")
    async def show_report(request: Request, session: Session) -> HTTPResponse:
        days = request.args.get("days", "7")
        if not (days.isascii() and days.isdecimal() and 0 < int(days[:4]) <= 366):
            raise wrong(request, "days", "expect_days")
        accounts.record(session.account.name, "report read")
        since = time.time() - int(days) * _DAY
        found = {**report(engine, since=since), "surfaces": of_surfaces(gateway.store, since=since)}
        content = library.content
        titles = {**{answer.id: answer.title for answer in content.answers.values()}, **content.topic_titles}
        for named, key in ((found["topics"], "topic"), (found["surfaces"]["votes"], "answer")):
            for row in named:
                title = titles.get(row[key])
                row["title"] = title.get(language_of(request)) if title else row[key]
        return fresh_json(found)

    return routes


class Guard:
    """Lets in who may come in: the one place where roles are looked at."""

    def __init__(self, gateway: Gateway, accounts: Accounts) -> None:
        self._gateway = gateway
        self._accounts = accounts

    def allow(self, *roles: Role) -> Callable[[Handler], Handler]:
        """Makes a handler one for these roles; it is given the session of whoever asks.

        The handler raises ``Refused`` with 401 for nobody, 403 for others and for a change without the token.
        """

        def decorate(handler: Handler) -> Handler:
            @wraps(handler)
            async def guarded(request: Request, **parts: str) -> HTTPResponse | None:
                session = self._by_key(request) or self.session(request)
                if session is None:
                    self._gateway.limit_request(request)
                    raise Refused(401, "assist_logged_out")
                if session.account.role not in roles:
                    raise Refused(403, "assist_forbidden")
                by_cookie = session.account.role != "telephone"
                token = request.headers.get("x-csrf-token")
                if by_cookie and request.method in _CHANGING and not self._accounts.is_fresh(session, token):
                    raise Refused(403, "assist_csrf")
                return await handler(request, session=session, **parts)

            return guarded

        return decorate

    def session(self, request: Request) -> Session | None:
        """The session of a request's cookie."""
        secret = request.cookies.get(self._name(request))
        return self._accounts.session(secret) if secret else None

    def cookie(self, request: Request) -> str:
        """The name of the session's cookie.

        Raises:
            Refused: a password would travel in the open.
        """
        host = request.headers.get("host", "")
        if not self.is_safe(request) and host.rsplit(":", 1)[0] not in _HERE and host not in _HERE:
            raise Refused(403, "assist_https")
        return self._name(request)

    def is_safe(self, request: Request) -> bool:
        """Whether the browser speaks https to us, or to the proxy before us."""
        return request.scheme == "https" or self._gateway.settings.public_address.startswith("https:")

    def _name(self, request: Request) -> str:
        return "__Host-yibao-assist" if self.is_safe(request) else "yibao-assist"

    def _by_key(self, request: Request) -> Session | None:
        key = bearer(request)
        account = self._accounts.by_key(key) if key else None
        return Session(account, "") if account else None


def _set_cookie(answer: HTTPResponse, name: str, secret: str, *, seconds: int, secure: bool) -> None:
    """Have the browser keep the session's secret so long, where no script reads it and no other site sends it."""
    answer.cookies[name] = secret
    answer.cookies[name].update({"httponly": True, "samesite": "Strict", "path": "/", "max-age": seconds})
    if secure:
        answer.cookies[name]["secure"] = True


def _call(calls: Calls, name: str, account: Account) -> Call:
    call = calls.get(name, account)
    if call is None:
        raise Refused(404, "assist_no_call")
    return call


def _turn(request: Request, fields: Fields, call: Call) -> tuple[Turn, str]:
    """The turn as it is stored, and its words as they are understood: both without personal numbers."""
    turn = fields.matching("turn", _TURN_ID, "expect_turn_id")
    role = fields.one_of("role", ("customer", "agent"), "expect_role")
    text = legible(fields.text("text"))
    if not 0 < len(text) <= LIMIT:
        raise wrong(request, "text", "expect_turn_text", limit=LIMIT)
    final = fields.value("final") if "final" in fields else True
    if not isinstance(final, bool):
        raise wrong(request, "final", "expect_flag")
    try:
        said = fields.text_or_none("time", "expect_time")
        moment = datetime.fromisoformat(said.replace("Z", "+00:00")).timestamp() if said else time.time()
    except (ValueError, OverflowError) as error:
        raise wrong(request, "time", "expect_time") from error
    stored = Turn(turn, role, redact(text, call.language), final, moment)  # type: ignore[arg-type]
    return stored, leave_out(text)


async def _stream(
    request: Request, calls: Calls, call: Call, seen: int, *, still: Callable[[], Session | None]
) -> None:
    """Server-sent events until the call has ended, the session has, or the reader is gone."""
    stream = await request.respond(
        content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await stream.send("retry: 1000\n\n")
    quiet = 0.0
    while True:
        for number, kind, body in calls.events(call.id, seen):
            seen, quiet = number, 0.0
            data = json.dumps(body, ensure_ascii=False)
            await stream.send(f"id: {number}\nevent: {kind}\ndata: {data}\n\n")
            if kind == "ended":
                await stream.eof()
                return
        if quiet >= _SAY_SOMETHING:
            if still() is None:
                await stream.eof()
                return
            await stream.send(": still here\n\n")
            quiet = 0.0
        await asyncio.sleep(_LOOK_AGAIN)
        quiet += _LOOK_AGAIN


def _about(session: Session) -> dict[str, Any]:
    return {"name": session.account.name, "role": session.account.role, "csrf": session.csrf}
