"""Mixed traffic for an hour against a ``yibao serve`` of its own, with a worker killed now and then.

    .venv/bin/python -m benchmarks.soak
    .venv/bin/python -m benchmarks.soak --minutes 5 --workers 2 --clients 6

Clients talk as the chat widget does: questions of tests/eval, persons who want a checklist, things out of scope,
searches, pages, votes, and now and then a deletion. At the end of a conversation its history must be what was
acknowledged, in that order, each message once and its answer before the next message. A message whose connection broke
is sent again with the same id, as the widget does. The oldest worker is never killed: its memory tells whether the
server grows. Ends with 1 if anything failed. The report goes to benchmarks/results/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import random
import signal
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, quantiles
from typing import Any

import aiohttp

from benchmarks.servers import ROOT, YibaoServer

REPORT = ROOT / "benchmarks" / "results" / "soak.md"
EVAL = ROOT / "tests" / "eval"
_OTHER = ("hello", "thank you", "what is the weather", "restart", "is that for children, too?", "which law says so?")
_SEARCHES = ("late", "elderly parents", "医保", "card", "how much")
_AGAIN = 100  # attempts with one message
_PAUSE = 0.1  # seconds between two of them
_SAMPLE = 2.0  # seconds between two looks at the memory
_GROWTH = 0.05  # of the oldest worker's memory over the second half of the run: more is not flat


@dataclass
class Seen:
    """What the clients saw."""

    times: list[float] = field(default_factory=list)  # milliseconds of a turn
    failures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    conversations: int = 0
    deleted: int = 0
    sent_again: int = 0
    other_requests: int = 0
    killed: int = 0
    memory: list[tuple[float, float, float]] = field(default_factory=list)  # seconds, oldest worker's MB, all MB


class Client:
    """One visitor after another."""

    def __init__(self, session: aiohttp.ClientSession, address: str, seen: Seen, chance: random.Random) -> None:
        self._session, self._address, self._seen, self._chance = session, address, seen, chance
        self._questions = [json.loads(line)["text"] for line in (EVAL / "test.jsonl").read_text().splitlines()]
        self._persons = [json.loads(line)["text"] for line in (EVAL / "people.jsonl").read_text().splitlines()]

    async def converse(self) -> None:
        """One conversation, and whether the server remembers it as it was."""
        begun = await self._ask("POST", "/chat/session", body={"consent": True, "consent_version": "1"})
        token, acknowledged = begun["token"], []
        texts = self._chance.choices((*self._questions, *_OTHER * 10), k=self._chance.randint(1, 6))
        if self._chance.random() < 0.3:
            texts.insert(0, self._chance.choice(self._persons))
        for text in texts:
            message = str(uuid.uuid4())
            started = time.perf_counter()
            answer = await self._ask("POST", "/chat/messages", token, {"id": message, "text": text})
            self._seen.times.append((time.perf_counter() - started) * 1000)
            acknowledged.append(message)
            token, replies = answer["token"], [reply["reply"] for reply in answer["replies"]]
            self._seen.outcomes[replies[0]["type"]] += 1
            if any(reply["type"] == "error" for reply in replies):
                self._seen.failures["a turn was answered with an error"] += 1
            if self._chance.random() < 0.1:
                vote = {"message": answer["replies"][0]["id"], "verdict": "up"}
                await self._ask("POST", "/chat/feedback", token, vote)
        history = (await self._ask("GET", "/chat/history", token))["messages"]
        self._compare(acknowledged, history)
        await self._ask("GET", f"/help/suggest?q={self._chance.choice(_SEARCHES)}")
        self._seen.conversations += 1
        if self._chance.random() < 0.2:
            await self._ask("DELETE", "/chat/", token)
            self._seen.deleted += 1

    def _compare(self, acknowledged: list[str], history: list[dict[str, Any]]) -> None:
        said = [message["id"] for message in history if message["from"] == "person"]
        senders = [message["from"] for message in history]
        if set(acknowledged) - set(said):
            self._seen.failures["an acknowledged turn was lost"] += 1
        elif said != acknowledged or [message["seq"] for message in history] != sorted(
            {message["seq"] for message in history}
        ):
            self._seen.failures["messages were out of order"] += 1
        elif any(pair == ("person", "person") for pair in itertools.pairwise(senders)):
            self._seen.failures["a message was not answered before the next"] += 1

    async def _ask(self, method: str, path: str, token: str = "", body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._seen.other_requests += not path.endswith("/messages")
        for _ in range(_AGAIN):
            try:
                async with self._session.request(method, self._address + path, json=body, headers=headers) as answer:
                    found: dict[str, Any] = await answer.json(content_type=None)
                    if answer.status == 401 and method == "DELETE":  # the broken-off one had deleted it
                        return {}
                    if answer.status != 200:
                        raise Failed(f"{method} {path.partition('?')[0]} was refused: {answer.status}")
                    return found
            except (aiohttp.ClientError, asyncio.TimeoutError):
                self._seen.sent_again += 1
                await asyncio.sleep(_PAUSE)
        raise Failed(f"{method} {path.partition('?')[0]} could not be sent")


class Failed(Exception):
    """A request was not served."""


async def soak(server: YibaoServer, *, minutes: float, clients: int, kill_every: float, seen: Seen) -> None:
    """Let the clients talk for so many minutes."""
    end = time.monotonic() + minutes * 60

    async def talk(number: int) -> None:
        client = Client(session, server.address, seen, random.Random(number))
        while time.monotonic() < end:
            try:
                await client.converse()
            except Failed as failed:
                seen.failures[str(failed)] += 1
            except Exception as error:
                seen.failures[f"{type(error).__name__} in the client"] += 1

    async def kill() -> None:
        while kill_every:
            await asyncio.sleep(kill_every)
            workers = workers_of(server)
            if len(workers) > 1 and end - time.monotonic() > 1:
                os.kill(workers[-1], signal.SIGKILL)
                seen.killed += 1

    async def watch() -> None:
        begun = time.monotonic()
        while True:
            await asyncio.sleep(_SAMPLE)
            everyone = [server.processes[0].pid, *workers_of(server)]
            oldest = everyone[1] if len(everyone) > 1 else everyone[0]
            try:
                row = (time.monotonic() - begun, resident(oldest), sum(map(resident, everyone)))
            except OSError:  # one of them was being killed
                continue
            seen.memory.append(row)

    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(force_close=True)  # a new connection each time: another worker each time
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        others = [asyncio.ensure_future(each) for each in (kill(), watch())]
        await asyncio.gather(*map(talk, range(clients)))
        for each in others:
            each.cancel()


def workers_of(server: YibaoServer) -> list[int]:
    """The processes of the workers, the oldest first."""
    pid = server.processes[0].pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sorted(map(int, found), key=_begun)


def _begun(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return sys.maxsize


def resident(pid: int) -> float:
    """Megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def report(seen: Seen, *, minutes: float, workers: int, clients: int) -> tuple[str, bool]:
    """The report as Markdown, and whether all was well."""
    cuts = quantiles(seen.times, n=100)
    half = [row for row in seen.memory if row[0] >= minutes * 30]
    line = linear_regression([row[0] for row in half], [row[1] for row in half])
    grown = line.slope * minutes * 30
    failed = sum(seen.failures.values())
    flat = grown <= _GROWTH * half[0][1]
    rows = [
        ("run", f"{minutes:g} minutes, {workers} workers, {clients} clients, {os.cpu_count()} cores"),
        ("turns", f"{len(seen.times):,} ({len(seen.times) / minutes / 60:.0f} a second), {failed} failed"),
        ("p50, p95, p99 of a turn", ", ".join(f"{cuts[at]:.0f} ms" for at in (49, 94, 98))),
        ("conversations", f"{seen.conversations:,} compared with their history, {seen.deleted} deleted"),
        ("other requests", f"{seen.other_requests:,}"),
        ("workers killed with SIGKILL", f"{seen.killed}; {seen.sent_again} requests sent again"),
        ("acknowledged turns lost", str(seen.failures["an acknowledged turn was lost"])),
        ("conversations out of order", str(seen.failures["messages were out of order"])),
        ("memory of the oldest worker", f"{half[0][1]:.0f} MB at half time, {half[-1][1]:.0f} MB at the end"),
        ("slope in the second half", f"{line.slope * 3600:+.1f} MB an hour ({'flat' if flat else 'GROWS'})"),
        ("memory of all processes", f"{seen.memory[-1][2]:.0f} MB (shared pages counted in each)"),
        ("first replies", ", ".join(f"{kind} {count:,}" for kind, count in seen.outcomes.most_common())),
    ]
    table = "\n".join(f"| {what} | {value} |" for what, value in rows)
    failures = "".join(f"- {what}: {count}\n" for what, count in seen.failures.items() if count)
    heading = f"# Soak\n\nMade by `python -m benchmarks.soak`, Python {platform.python_version()}.\n"
    return f"{heading}\n| what | figure |\n|---|---|\n{table}\n" + (f"\nFailures:\n\n{failures}" if failures else ""), (
        not failed and flat
    )


def main() -> None:
    """Run, print and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--kill-every", type=float, default=45.0, help="seconds; 0 kills nobody")
    parser.add_argument("--output", type=Path, default=REPORT)
    options = parser.parse_args()
    server, seen = YibaoServer(workers=options.workers), Seen()
    try:
        asyncio.run(server.first_answer())
        asyncio.run(
            soak(server, minutes=options.minutes, clients=options.clients, kill_every=options.kill_every, seen=seen)
        )
    finally:
        server.stop()
    text, well = report(seen, minutes=options.minutes, workers=options.workers, clients=options.clients)
    print(text)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
