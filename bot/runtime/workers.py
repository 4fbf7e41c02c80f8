"""Several processes behind one port: loaded once, forked, and replaced when one of them dies.

Each worker has a socket of its own on the port; the system spreads the connections. What was loaded before the fork
is shared by all, until a worker writes to it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

_BREATH = 1.0  # seconds before a worker that died at once is replaced


def count_together(folder: Path) -> None:
    """Let the processes to come count their figures into one empty folder; before the figures' library is imported."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def bind(host: str, port: int) -> socket.socket:
    """A socket on the port, beside those of the other workers.

    Raises:
        OSError: the address is taken by another program.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def run(count: int, work: Callable[[], None]) -> None:
    """Run ``work`` in so many processes until this one is told to end; then end them, too."""
    started: dict[int, float] = {}

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        while True:
            while len(started) < count:
                started[_fork(work)] = time.monotonic()
            pid, _ = os.wait()
            if time.monotonic() - started.pop(pid, 0.0) < _BREATH:
                time.sleep(_BREATH)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for pid in started:
            os.kill(pid, signal.SIGTERM)
        for pid in started:
            os.waitpid(pid, 0)


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        _be_a_worker(work)
    return pid


def _be_a_worker(work: Callable[[], None]) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)
