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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load import Load, questions, talk
from benchmarks.servers import YibaoServer


@dataclass(frozen=True)
class Result:
    """One run; memory in megabytes, of all processes of the server together."""

    workers: int
    seconds_to_first_answer: float
    resident_at_start: int
    resident_after: int
    proportional_after: int
    cpu_to_first_answer: float  # milliseconds of the server's processes
    cpu_a_turn: float  # the same
    loads: list[Load]


def measure(*, workers: int, clients: Sequence[int], turns: int) -> Result:
    """Start a server, measure it, and end it."""
    texts = questions()
    server = YibaoServer(workers=workers)
    try:
        start = asyncio.run(server.first_answer())
        before, worked = server.memory(), server.cpu()
        loads = [talk(server, texts, clients=count, turns=turns) for count in clients]
        cpu = (server.cpu() - worked) / sum(each.turns for each in loads)
        return Result(workers, start, before, server.memory(), server.memory("Pss"), worked, cpu, loads)
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
    print(f"processor time: {result.cpu_to_first_answer / 1000:.1f} s to start, {result.cpu_a_turn:.1f} ms a turn")
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
