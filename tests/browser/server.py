"""The real server, in a process of its own that a test may kill and start again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from bot.runtime import paths

WIDGETS = paths.ROOT / "bot" / "web" / "dist" / "widgets"
_START = 90  # seconds; a busy machine loads the model slowly
_GENEROUS = "100000/minute"


class Server:
    """``yibao serve`` on a free port, with the trained model and conversations of its own."""

    def __init__(self, build: Path, host_site: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"http://localhost:{self.port}"
        self.database = f"sqlite:///{build / 'gateway.db'}"
        self._log = build / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        for made in paths.BUILD.iterdir():
            if made.suffix not in (".db", ".db-shm", ".db-wal") and made.name != "secret":
                (build / made.name).symlink_to(made)
        self._environment = {
            **os.environ,
            "YIBAO_BUILD": str(build),
            "YIBAO_DATABASE": self.database,
            "YIBAO_ORIGINS": host_site,
            **{f"YIBAO_LIMIT_{what}": _GENEROUS for what in ("SESSIONS", "MESSAGES", "ADDRESS", "REQUESTS")},
        }

    def start(self) -> None:
        """Start, and wait until it is ready to answer."""
        command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=paths.ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        give_up = time.monotonic() + _START
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"The server did not start:\n{self._log.read_text()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as a crash would, without a chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False


class HostSite:
    """Another site, of another origin, with whatever page a test puts there."""

    def __init__(self) -> None:
        self.page = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                self.send_response(200 if self.path == "/" else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body if self.path == "/" else b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
