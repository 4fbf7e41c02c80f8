"""Measures a running ``yibao serve``: start to first answer, turns at several numbers of clients, resident memory.

    .venv/bin/python -m benchmarks.turns
    .venv/bin/python -m benchmarks.turns --workers 2 --turns 2000 --clients 1 8 32 --output build/turns.json

Each client holds a conversation of three questions from tests/eval and then begins another; it sends a question when
the last one is answered. The client shares the machine's cores with the server, as in every figure of the README.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "eval" / "test.jsonl"
TURNS_A_CONVERSATION = 3
_LIMITS = ("YIBAO_LIMIT_SESSIONS", "YIBAO_LIMIT_ADDRESS", "YIBAO_LIMIT_REQUESTS", "YIBAO_LIMIT_MESSAGES")
PATIENCE = 120  # seconds for the server to start


@dataclass(frozen=True)
class Load:
    """What one number of clients saw; times in milliseconds."""

    clients: int
    turns: int
    failed: int
    turns_per_second: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Result:
    """One run; memory in megabytes, of all processes of the server together."""

    workers: int
    seconds_to_first_answer: float
    resident_at_start: int
    resident_after: int
    proportional_after: int
    cpu_a_turn: float  # milliseconds of the server's processes
    loads: list[Load]


class Server:
    """``yibao serve`` on a free port, with conversations of its own."""

    def __init__(self, workers: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--port", str(port)]
        command += ["--workers", str(workers)] if workers > 1 else []
        environment = {
            **os.environ,
            **dict.fromkeys(_LIMITS, "1000000/minute"),  # all clients have one address
            "YIBAO_CONVERSATIONS": str(Path(self._folder.name) / "conversations.db"),
            "YIBAO_DATABASE": f"sqlite:///{self._folder.name}/gateway.db",
        }
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def memory(self, kind: str) -> int:
        """Megabytes of the server and its workers: ``Rss`` counts shared pages each time, ``Pss`` once."""
        return sum(_memory(process, kind) for process in _family(self.process.pid)) // 1024

    def cpu(self) -> float:
        """Milliseconds that the server and its workers have worked."""
        return sum(map(_cpu, _family(self.process.pid)))

    def stop(self) -> None:
        """End the server."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._folder.cleanup()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from _family(int(child))


def _memory(pid: int, kind: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


async def ask(session: aiohttp.ClientSession, address: str, text: str, token: str | None) -> dict[str, Any]:
    """One turn over HTTP."""
    body = {"text": text} if token is None else {"text": text, "conversation": token}
    async with session.post(f"{address}/messages", json=body) as answer:
        answer.raise_for_status()
        reply: dict[str, Any] = await answer.json()
        return reply


async def first_answer(server: Server) -> float:
    """Seconds from the start of the process to its first answer."""
    async with aiohttp.ClientSession() as session:
        while time.perf_counter() - server.started < PATIENCE:
            try:
                await ask(session, server.address, "When do I have to pay?", None)
            except (aiohttp.ClientConnectionError, aiohttp.ClientResponseError):
                await asyncio.sleep(0.02)
            else:
                return time.perf_counter() - server.started
    raise SystemExit(f"The server gave no answer within {PATIENCE} s. Run `yibao serve` to see why.")


async def load(address: str, questions: Sequence[str], *, clients: int, turns: int) -> Load:
    """Let so many clients talk until so many turns are done."""
    texts, times, failed, left = cycle(questions), [], 0, turns

    async def client(session: aiohttp.ClientSession) -> None:
        nonlocal failed, left
        while left > 0:
            token = None
            for _ in range(TURNS_A_CONVERSATION):
                left -= 1
                begun = time.perf_counter()
                try:
                    answer = await ask(session, address, next(texts), token)
                    token = answer["conversation"]
                    failed += any(reply["type"] == "error" for reply in answer["replies"])
                except (aiohttp.ClientError, asyncio.TimeoutError):
                    failed += 1
                times.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients)) as session:
        await asyncio.gather(*(client(session) for _ in range(clients)))
    cuts = quantiles(times, n=100)
    return Load(clients, len(times), failed, len(times) / (time.perf_counter() - begun), cuts[49], cuts[94], cuts[98])


def measure(*, workers: int, clients: Sequence[int], turns: int) -> Result:
    """Start a server, measure it, and end it."""
    questions = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    random.Random(7).shuffle(questions)
    server = Server(workers)
    try:
        start = asyncio.run(first_answer(server))
        before, worked = server.memory("Rss"), server.cpu()
        loads = [asyncio.run(load(server.address, questions, clients=count, turns=turns)) for count in clients]
        cpu = (server.cpu() - worked) / sum(each.turns for each in loads)
        return Result(workers, start, before, server.memory("Rss"), server.memory("Pss"), cpu, loads)
    finally:
        server.stop()


def main() -> None:
    """Measure and print a table; ``--output`` writes it as JSON, too."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--turns", type=int, default=600, help="turns for each number of clients")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    result = measure(workers=options.workers, clients=options.clients, turns=options.turns)
    print(f"start to first answer {result.seconds_to_first_answer:.1f} s")
    print(f"resident {result.resident_at_start} MB at start, {result.resident_after} MB after the load")
    print(f"proportional {result.proportional_after} MB (pages shared by the workers counted once)")
    print(f"{result.cpu_a_turn:.1f} ms of processor time a turn")
    for each in result.loads:
        print(
            f"{each.clients:3} clients: {each.turns_per_second:6.1f} turns/s, p50 {each.p50:6.1f} ms, "
            f"p95 {each.p95:6.1f} ms, p99 {each.p99:6.1f} ms, {each.failed} of {each.turns} failed"
        )
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
