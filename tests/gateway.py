"""A gateway really served over HTTP, for tests: in a thread of this process, with any assistant behind it."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt
from limits import parse_many
from sanic import Sanic

from bot.channels.conversations import Answering
from bot.channels.server import Connection, application
from bot.channels.settings import Rates, Settings
from knowledge.library import Library

_numbers = itertools.count(1)
Sanic.test_mode = True  # several applications in one process
GENEROUS = Rates(*[tuple(parse_many("100000/minute"))] * 4)


def settings(folder: Path, **changes: Any) -> Settings:
    """Settings with a database and a key in this folder, and limits that nobody reaches."""
    usual = Settings(
        database=f"sqlite:///{folder / 'gateway.db'}", secret_file=folder / "secret", rates=GENEROUS, web=folder / "web"
    )
    return replace(usual, **changes)


class PromptAssistant:
    """Answers every message with when to pay, notes what it has heard, and fails when it is told to."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.heard: list[tuple[str, str]] = []
        self.forgotten: list[str] = []
        self.seconds = 0.0
        self.broken = False
        self.at_work = 0
        self.most_at_work = 0

    def is_ready(self) -> bool:
        return True

    async def handle(self, conversation: str, text: str, *, language: str | None = None) -> Sequence[Mapping[str, Any]]:  # noqa: ARG002
        self.heard.append((conversation, text))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await asyncio.sleep(self.seconds)
            if self.broken:
                raise RuntimeError(text)
            topic = "out_of_scope" if "weather" in text else "payment_time"
            return [self.library.composer().answer(self.library.content.answers[topic]).to_json()]
        finally:
            self.at_work -= 1

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    async def read(self, text: str, slots: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        return {"text": text, "intent": {"name": "payment_time", "confidence": 0.9}, "entities": []}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Visitor:
    """A browser or a program; keeps the token that it was given last."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            answer = Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()
        if answer.headers.get("content-type") == "application/json" and method != "GET":
            self.token = answer.json.get("token", self.token) if isinstance(answer.json, dict) else self.token
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def agree(self, language: str | None = None) -> Visitor:
        """Begin a conversation."""
        began = self.post("/chat/session", {"consent": True, "consent_version": "1", "language": language})
        assert began.status == 200, began.text
        return self

    def say(self, text: str, *, id: str | None = None) -> Answer:
        return self.post("/chat/messages", {"id": id or str(uuid.uuid4()), "text": text})

    def raw(self, data: bytes, *, seconds: float = 5) -> bytes:
        """What comes back when these bytes are sent; all of it, or what came within so many seconds."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(data)
            try:
                while chunk := connection.recv(65536):
                    received += chunk
                    head, end, rest = received.partition(b"\r\n\r\n")
                    if end and (b"content-length: %d\r\n" % len(rest)) in head.lower() + b"\r\n":
                        break
            except (TimeoutError, ConnectionError):
                pass
        return received


@contextmanager
def serving(assistant: Answering, settings: Settings) -> Iterator[Visitor]:
    """Serve until the block ends; gives a visitor."""
    app = application(assistant, settings, name=f"test-{next(_numbers)}")
    with serve_app(app) as port:
        yield Visitor(port)


@contextmanager
def serve_app(app: Sanic) -> Iterator[int]:
    """Serve an application in a thread; gives the port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def run() -> None:
        server = await app.create_server(sock=listening, protocol=Connection, return_asyncio_server=True)
        assert server is not None
        await server.startup()
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        ready.set()
        await stop.wait()
        await server.before_stop()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        listening.close()


def stored(folder: Path) -> bytes:
    """Everything that the database has on disk."""
    return b"".join(path.read_bytes() for path in folder.glob("gateway.db*"))


def token_signed(key: bytes, **claims: object) -> str:
    """A token of this form, signed with this key."""
    usual = {"sub": "x", "exp": int(time.time()) + 60, "begun": int(time.time()), "aud": "chat"}
    return jwt.encode({**usual, **claims}, key, algorithm="HS256")


# What is no HTTP, or could be read in two ways.
UNREADABLE = [
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
    b"A" * 20_000 + b"\r\n\r\n",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /messages HTTP/1.1\r\nHost: a\r\nExpect: beer\r\nContent-Length: 2\r\n\r\n{}",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


def withstand(one: Visitor, key: bytes, *, canary: str) -> None:
    """A thousand hostile requests of all kinds, while an honest visitor is answered.

    The server must allow a conversation 30 messages a minute and an address any number.
    """
    dice = random.Random(7)
    flooded, honest = Visitor(one.port).agree(), Visitor(one.port).agree()
    kinds = itertools.cycle(
        [
            lambda: one.post("/messages", b"a" * 200_000).status,
            lambda: one.post("/messages", b'{"text": "hi"}', Content_Type="text/plain").status,
            lambda: one.post("/chat/session", {"consent": True}, Origin="https://evil.example").status,
            lambda: one.get("/chat/history", Authorization=f"Bearer {token_signed(b'0' * 32)}").status,
            lambda: one.get("/chat/history", Authorization=f"Bearer {token_signed(key, exp=1)}").status,
            lambda: Visitor(one.port, token=flooded.token).say("hi").status,
            lambda: one.post("/messages", b'{"text": ' + b"[" * dice.randint(1, 9000)).status,
            lambda: one.post("/chat/messages", {"id": canary, "text": "hi"}, Authorization="Bearer x").status,
            lambda: int((one.raw(dice.choice(UNREADABLE)) or b"x 400").split()[1]),
            lambda: int((one.raw(dice.randbytes(300) + b"\r\n\r\n", seconds=1) or b"x 400").split()[1]),
        ]
    )

    def attack(hostile: Callable[[], int]) -> int:
        try:
            return hostile()
        except ConnectionError:  # refused while it was still sending, and the answer lost with the connection
            return 413

    with ThreadPoolExecutor(16) as pool:
        attacks = [pool.submit(attack, hostile) for hostile in itertools.islice(kinds, 1000)]
        answers = [honest.say(f"when do i have to pay for {n} people").status for n in range(20)]
        statuses = [attack.result() for attack in attacks]

    assert answers == [200] * 20
    assert {status for status in statuses if not 400 <= status < 500} <= {200}
    assert statuses.count(200) <= 30, "only the first messages of the flooded conversation are answered"
    assert statuses.count(429) >= 60
    assert one.get("/readyz").status == 200
    assert honest.say("when do i have to pay").json["replies"][0]["reply"]["topic"] == "payment_time"
