"""Real servers for tests: PostgreSQL, Redis and ``yibao serve``, on free ports, with all they write in one folder."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0  # seconds; machines that test do many things at once
NOBODY = "nobody"  # PostgreSQL does not run as root
_LIMITS = ("YIBAO_LIMIT_SESSIONS", "YIBAO_LIMIT_MESSAGES", "YIBAO_LIMIT_ADDRESS", "YIBAO_LIMIT_REQUESTS")
GENEROUS = dict.fromkeys(_LIMITS, "1000000/minute")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE:.0f} s"
        time.sleep(0.1)


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def folder_of_nobody() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yibao-servers-"))
    if os.geteuid() == 0:
        shutil.chown(folder, NOBODY)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def as_nobody(*command: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    user = {"user": NOBODY} if os.geteuid() == 0 else {}
    return subprocess.Popen(
        list(map(str, command)), cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user
    )


def program(name: str, package: str) -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(shutil.which(name) or "")]
    if not installed[-1].is_file():
        pytest.fail(f"{name} is not installed. Install it: apt-get install {package}")
    return installed[-1]


@dataclass
class Postgres:
    """A server of its own, which can be stopped and started again."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"postgresql://yibao@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        initdb = program("initdb", "postgresql")
        made = as_nobody(initdb, "--no-sync", "-A", "trust", "-U", "yibao", "-D", self.folder / "pg", cwd=self.folder)
        assert made.wait(PATIENCE) == 0

    def start(self) -> None:
        options = ("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder), "-F")
        postgres = program("postgres", "postgresql")
        self._process = as_nobody(postgres, "-D", self.folder / "pg", *options, cwd=self.folder)
        wait_until(self.answers, "PostgreSQL")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)  # at once, as a machine that is restarted
        self._process.wait(PATIENCE)

    def answers(self) -> bool:
        with contextlib.suppress(Exception):
            return self.rows("SELECT 1") == [(1,)]
        return False

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        import psycopg2

        with contextlib.closing(psycopg2.connect(self.address)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@dataclass
class Redis:
    """A server of its own, which can be stopped and started again."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self._process = as_nobody(program("redis-server", "redis-server"), *options, cwd=self.folder)
        wait_until(lambda: accepts(self.port), "Redis")

    def length(self, key: str) -> int:
        """How many there are in a sorted set."""
        import redis

        with redis.Redis.from_url(self.address) as connection:
            return int(connection.zcard(key))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)


@dataclass
class Yibao:
    """``yibao serve`` with the trained bot, and a folder of its own for all it writes."""

    state: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        return self.state / "server.log"

    def start(self) -> None:
        command = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
        command += ["--port", str(self.port), "--workers", str(self.workers)]
        environment = {**os.environ, "YIBAO_STATE": str(self.state), **GENEROUS, **self.settings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Until it is ready to answer."""
        wait_until(lambda: self.status("/readyz") == 200 or self.process.poll() is not None, "yibao serve")
        assert self.process.poll() is None, self.log.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(PATIENCE)

    @contextlib.contextmanager
    def running(self) -> Iterator[Yibao]:
        self.start()
        try:
            self.wait()
            yield self
        finally:
            self.stop()

    def workers_alive(self) -> set[int]:
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def status(self, path: str) -> int:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", path)[0]
        return 0

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
