"""``yibao serve``: the assistant over HTTP."""

from __future__ import annotations

import contextlib
import socket

from rich.markup import escape

from bot.commands.console import messages, working
from bot.runtime import paths, workers
from bot.runtime.assistant import Assistant


def serve(*, host: str, port: int, count: int = 1) -> None:
    """Serve until interrupted, with ``count`` processes.

    Raises:
        OSError: the address is taken.
    """
    _probe(host, port)
    with working("Starting …"):
        assistant = Assistant.load(report=lambda line: messages.print(escape(line)), conversations=paths.CONVERSATIONS)
        app = _application(assistant)
    _greet(host, port)
    if count == 1:
        app.run(host=host, port=port, motd=False, access_log=False)
    else:
        workers.run(count, lambda: app.run(sock=workers.bind(host, port), motd=False, access_log=False))


def _probe(host: str, port: int) -> None:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"{host}:{port} cannot be used ({error.strerror}). Choose another with --port.") from error


def _application(assistant: Assistant):  # type: ignore[no-untyped-def]
    from rasa.core.channels.channel import register
    from sanic import Sanic

    from bot.channels.api import MessagesInput

    app = Sanic("yibao", configure_logging=False)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = assistant.agent
    register([MessagesInput(assistant.library)], app, route="/")
    return app


def _greet(host: str, port: int) -> None:
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    messages.print(f"[green]✓[/] yibao answers at [bold]{address}[/]. Try it from another terminal:")
    question = """'{"text": "When do I have to pay?"}'"""
    request = f"curl -s {address}/messages -H 'Content-Type: application/json' -d {question}"
    messages.print(f"  {request}", highlight=False, markup=False, soft_wrap=True)
    messages.print("or talk to it with [bold].venv/bin/yibao chat[/]. Ctrl-C stops the server.")
