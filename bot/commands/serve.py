"""``yibao serve``: the assistant over HTTP."""

from __future__ import annotations

import contextlib
import os
import socket

from rich.markup import escape

from bot.commands.console import messages, working
from bot.runtime import memory, paths, workers
from bot.runtime.assistant import Assistant
from bot.runtime.database import is_postgresql
from knowledge.models import Language


def serve(*, host: str, port: int, count: int = 1, language: Language | None = None) -> None:
    """Serve until interrupted, with ``count`` processes; ``language`` None answers in that of each message.

    Raises:
        OSError: the address is taken, a setting is wrong, or database or Redis do not answer.
    """
    if count > 1:
        workers.count_together(paths.STATE / "metrics")
    with memory.loading():
        from bot.channels.server import Connection, application
        from bot.channels.settings import Settings

        _probe(host, port)
        settings = Settings.read()
        with working("Starting …"):
            database = settings.database if is_postgresql(settings.database) else f"sqlite:///{paths.CONVERSATIONS}"
            assistant = Assistant.load(
                report=lambda line: messages.print(escape(line)), conversations=database, language=language
            )
            app = application(assistant, settings)
    _greet(host, port)
    if count == 1:
        app.run(host=host, port=port, protocol=Connection, motd=False, access_log=False)
        return

    def work() -> None:  # with stores of its own: connections do not outlive a fork
        own = application(assistant, settings, name=f"yibao-{os.getpid()}")
        own.run(sock=workers.bind(host, port), protocol=Connection, motd=False, access_log=False)

    workers.run(count, work)


def _probe(host: str, port: int) -> None:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"{host}:{port} cannot be used ({error.strerror}). Choose another with --port.") from error


def _greet(host: str, port: int) -> None:
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    messages.print(
        f"[green]✓[/] yibao answers at [bold]{address}[/]. Open it in a browser, or try it from another terminal:"
    )
    question = """'{"text": "When do I have to pay?"}'"""
    request = f"curl -s {address}/messages -H 'Content-Type: application/json' -d {question}"
    messages.print(f"  {request}", highlight=False, markup=False, soft_wrap=True)
    messages.print("or talk to it with [bold].venv/bin/yibao chat[/]. Ctrl-C stops the server.")
