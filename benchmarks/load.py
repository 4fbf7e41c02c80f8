"""Clients that talk to a server at once, and the times they saw."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import aiohttp

from benchmarks.servers import Failed, Server

QUESTIONS = Path(__file__).resolve().parents[1] / "tests" / "eval" / "test.jsonl"
TURNS_A_CONVERSATION = 3


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


def questions() -> list[str]:
    """Questions that no training file holds, in a fixed random order."""
    texts = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    random.Random(7).shuffle(texts)
    return texts


def talk(server: Server, texts: Sequence[str], *, clients: int, turns: int) -> Load:
    """Let so many clients hold conversations of three questions each until so many turns are done."""
    return asyncio.run(_talk(server, texts, clients, turns))


async def _talk(server: Server, texts: Sequence[str], clients: int, turns: int) -> Load:
    following, times, failed, left = cycle(texts), [], 0, turns

    async def client(session: aiohttp.ClientSession) -> None:
        nonlocal failed, left
        while left > 0:
            conversation = None
            for _ in range(TURNS_A_CONVERSATION):
                left -= 1
                begun = time.perf_counter()
                try:
                    conversation = await server.ask(session, next(following), conversation)
                except (Failed, aiohttp.ClientError, asyncio.TimeoutError):
                    failed += 1
                times.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients)) as session:
        await asyncio.gather(*(client(session) for _ in range(clients)))
    cuts = quantiles(times, n=100)
    return Load(clients, len(times), failed, len(times) / (time.perf_counter() - begun), cuts[49], cuts[94], cuts[98])
