"""The two assistants as servers to be measured: how each is started, asked and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.machine import family, resident, worked

ROOT = Path(__file__).resolve().parents[1]
FIRST_QUESTION = "When do I have to pay?"
PATIENCE = 300  # seconds for a server to give its first answer
_LIMITS = ("YIBAO_LIMIT_SESSIONS", "YIBAO_LIMIT_ADDRESS", "YIBAO_LIMIT_REQUESTS", "YIBAO_LIMIT_MESSAGES")


class Failed(Exception):
    """A turn without an answer."""


class Server(ABC):
    """Processes that answer together; ``started`` is when the first of them was."""

    def __init__(self, command: Sequence[str], project: Path, environment: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start(command, project, environment)

    def start(self, command: Sequence[str], project: Path, environment: dict[str, str]) -> None:
        """One process of the server."""
        silent = subprocess.DEVNULL
        self.processes.append(subprocess.Popen(command, cwd=project, env=environment, stdout=silent, stderr=silent))

    @abstractmethod
    async def ask(self, session: aiohttp.ClientSession, text: str, conversation: str | None) -> str:
        """One turn; the name under which the conversation goes on.

        Raises:
            Failed: the answer is empty or an error.
            aiohttp.ClientError: there is none.
        """

    def memory(self, kind: str = "Rss") -> int:
        """Megabytes of all processes."""
        return sum(resident(pid, kind) for pid in self._family())

    def cpu(self) -> float:
        """Milliseconds that all processes have worked."""
        return sum(map(worked, self._family()))

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes:
            process.terminate()  # SIGINT is ignored by what was started in the background
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def first_answer(self) -> float:
        """Seconds from the start to the first answer."""
        async with aiohttp.ClientSession() as session:
            while time.perf_counter() - self.started < PATIENCE:
                try:
                    await self.ask(session, FIRST_QUESTION, None)
                except (Failed, aiohttp.ClientError):
                    await asyncio.sleep(0.02)
                else:
                    return time.perf_counter() - self.started
                if any(process.poll() is not None for process in self.processes):
                    break
        raise SystemExit(f"{type(self).__name__} gave no answer. Start it by hand to see why: {self.processes[0].args}")

    def _family(self) -> list[int]:
        return [pid for process in self.processes for pid in family(process.pid)]


class YibaoServer(Server):
    """``yibao serve`` on a free port, with conversations of its own."""

    def __init__(self, *, project: Path = ROOT, python: str = sys.executable, workers: int = 1) -> None:
        self._folder = tempfile.TemporaryDirectory()
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        command = [python, "-c", "from bot.cli import main; main()", "serve", "--port", str(port)]
        command += ["--workers", str(workers)] if workers > 1 else []
        environment = {
            **os.environ,
            **dict.fromkeys(_LIMITS, "1000000/minute"),  # all clients have one address
            "YIBAO_CONVERSATIONS": str(Path(self._folder.name) / "conversations.db"),
            "YIBAO_DATABASE": f"sqlite:///{self._folder.name}/gateway.db",
        }
        super().__init__(command, project, environment)

    async def ask(self, session: aiohttp.ClientSession, text: str, conversation: str | None) -> str:
        """One turn over ``POST /messages``."""
        body = {"text": text} if conversation is None else {"text": text, "conversation": conversation}
        answer = await _post(session, f"{self.address}/messages", body)
        if not answer["replies"] or any(reply["type"] == "error" for reply in answer["replies"]):
            raise Failed
        return str(answer["conversation"])

    def stop(self) -> None:
        """End it, and forget its conversations."""
        super().stop()
        self._folder.cleanup()


class StockServer(Server):
    """``rasa run`` and Rasa's action server with yibao's actions.

    ``python`` is that of stock Rasa in its ``project``, ``actions_python`` that of yibao in its ``actions_project``.
    """

    def __init__(self, *, project: Path, python: str, actions_project: Path, actions_python: str) -> None:
        port, action_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, **quiet_rasa(), "ACTION_PORT": str(action_port)}
        rasa = [python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)]
        super().__init__(rasa, project, environment)
        environment = {**environment, "PYTHONPATH": str(actions_project), "SANIC_HOST": "127.0.0.1"}
        actions = [actions_python, str(ROOT / "benchmarks" / "action_server.py"), "--port", str(action_port)]
        self.start(actions, actions_project, environment)

    async def ask(self, session: aiohttp.ClientSession, text: str, conversation: str | None) -> str:
        """One turn over the REST channel."""
        conversation = conversation or uuid.uuid4().hex
        answer = await _post(
            session, f"{self.address}/webhooks/rest/webhook", {"sender": conversation, "message": text}
        )
        if not answer or any(message["custom"]["type"] == "error" for message in answer):
            raise Failed
        return conversation


def quiet_rasa() -> dict[str, str]:
    """Settings without which Rasa reports to its makers and warns of old packages."""
    return {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def free_port() -> int:
    """A port that nothing listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _post(session: aiohttp.ClientSession, address: str, body: dict[str, str]) -> Any:
    async with session.post(address, json=body) as answer:
        answer.raise_for_status()
        return await answer.json()
