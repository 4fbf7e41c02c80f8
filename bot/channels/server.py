"""The gateway: everything that is served over HTTP, put together."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterator
from functools import partial
from string import printable
from urllib.parse import quote

from sanic import Blueprint, Sanic
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from bot.assist import routes as assist
from bot.channels import api, built, chat, errors, headers, health, help, metrics, pages
from bot.channels.conversations import Answering
from bot.channels.errors import BODY_LIMIT
from bot.channels.gateway import Gateway
from bot.channels.requests import StrictRequest
from bot.channels.settings import Settings

logger = logging.getLogger(__name__)
_REQUEST_TIMEOUT = 10  # seconds for a request to arrive
_RESPONSE_TIMEOUT = 30  # seconds between two parts of an answer: a stream of events must say something more often
_KEEP_ALIVE = 15  # seconds
_DUMPS = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
_SWEEP = 60 * 60  # seconds between two looks for conversations to delete


class Connection(HttpProtocol):
    """A connection whose request must arrive in time as a whole: a byte now and then does not hold it open.

    An address that a program has not quoted (``?q=医保``) is quoted here; Sanic would break off.
    """

    def data_received(self, data: bytes) -> None:
        """Time counts from the first byte of a request, not from its latest."""
        http = getattr(self, "_http", None)  # there is none before the first byte
        begun = self._time if http is not None and http.stage in (Stage.REQUEST, Stage.HANDLER) else None
        super().data_received(data)
        if begun is not None:
            self._time = begun
        if http is None or http.stage in (Stage.IDLE, Stage.REQUEST):
            line, end, _ = self.recv_buffer.partition(b"\r\n")
            if end and not line.isascii():
                self.recv_buffer[: len(line)] = quote(bytes(line), safe=printable).encode()


def application(assistant: Answering, settings: Settings | None = None, *, name: str = "yibao") -> Sanic:
    """The assistant as a web application; serve it with the protocol ``Connection``.

    Raises:
        SettingError: a setting cannot be used.
    """
    gateway = Gateway.open(assistant, settings or Settings.read())
    app = Sanic(name, configure_logging=False, dumps=_DUMPS, request_class=StrictRequest)
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT
    app.config.REQUEST_TIMEOUT = _REQUEST_TIMEOUT
    app.config.RESPONSE_TIMEOUT = _RESPONSE_TIMEOUT
    app.config.KEEP_ALIVE_TIMEOUT = _KEEP_ALIVE
    app.config.AUTO_EXTEND = False
    app.ctx.gateway = gateway
    errors.install(app)
    headers.install(app, gateway.settings)
    for routes in _blueprints(gateway):
        app.blueprint(routes)
    _delete_old_conversations(app, gateway)
    return app


def _blueprints(gateway: Gateway) -> Iterator[Blueprint]:
    yield chat.blueprint(gateway)
    yield help.blueprint(gateway)
    yield api.blueprint(gateway)
    yield assist.blueprint(gateway)
    yield health.blueprint(gateway)
    yield metrics.blueprint(gateway.metrics, gateway.settings.monitors)
    yield pages.blueprint(gateway)
    yield built.blueprint(gateway)


def _delete_old_conversations(app: Sanic, gateway: Gateway) -> None:
    async def sweep() -> None:
        while True:
            try:
                await gateway.conversations.forget_old(gateway.settings.keep_days)
            except Exception as error:  # the next sweep may succeed
                logger.error("old conversations could not be deleted: %s", type(error).__name__)
            await asyncio.sleep(_SWEEP)

    async def begin(app: Sanic, _loop: object) -> None:
        app.ctx.sweep = asyncio.ensure_future(sweep())

    async def end(app: Sanic, _loop: object) -> None:
        app.ctx.sweep.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await app.ctx.sweep

    app.register_listener(begin, "after_server_start")
    app.register_listener(end, "before_server_stop")
