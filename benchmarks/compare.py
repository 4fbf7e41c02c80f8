"""Measures stock Rasa and yibao beside each other, in one run.

    .venv/bin/python -m benchmarks.compare
    .venv/bin/python -m benchmarks.compare --examples 100 --rounds 5

Both get an environment of their own from their lock files, a project with the same training examples
(``benchmarks.projects``), and the same questions over HTTP. Each number of clients is measured with one side and then
with the other, so that what else the machine does meets both; medians over the rounds are reported. What is
installed or trained is kept in build/bench and used again as long as nothing it was made from changes; ``--fresh``
makes all of it anew.

``--examples`` limits the examples of an intent, on both sides: DIET takes its 100 epochs over all of them for hours on
two cores, yibao a minute. Stock's epochs, pipeline and policies stay those that Rasa comes with.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import projects
from benchmarks.load import Load, questions, talk
from benchmarks.machine import Machine, megabytes
from benchmarks.servers import Server, StockServer, YibaoServer, quiet_rasa
from benchmarks.tables import RESULTS, publish

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"
YIBAO, STOCK = FOLDER / "yibao", FOLDER / "stock"
SENTENCES = ROOT / ".venv-stock-sentences"
STOCK_ENVIRONMENT = ROOT / ".venv-stock-rasa"
STOCK_PYTHON = STOCK_ENVIRONMENT / "bin" / "python"
CLIENTS = (1, 8, 32)
_NOT_WARM = 20  # turns before the first measurement of a server


@dataclass(frozen=True)
class Training:
    """Training from nothing: seconds that it took, and that processors worked."""

    seconds: float
    processor_seconds: float


@dataclass(frozen=True)
class Round:
    """One side in one round; seconds and megabytes."""

    first_answer_seconds: float
    processor_seconds_to_first_answer: float
    resident_mb: int
    processor_ms_a_turn: float
    loads: list[Load]


class Side:
    """One of the two: how it is installed, trained and served."""

    def __init__(
        self,
        name: str,
        *,
        python: Path,
        environment: Path,
        project: Path,
        make: Callable[[], None],
        install: Sequence[str],
        train: Sequence[str],
        serve: Callable[[], Server],
    ) -> None:
        self.name, self.python, self.environment, self.project = name, python, environment, project
        self.make, self.install, self.serve = make, install, serve
        self._train = train

    def trained(self, *, inputs: str) -> Training:
        """The project trained from nothing, or what was measured when it was."""
        record = self.project.with_suffix(".training.json")
        if record.exists() and (kept := json.loads(record.read_text()))["inputs"] == inputs:
            return Training(**kept["training"])
        record.unlink(missing_ok=True)
        _say(f"training {self.name} …")
        self.make()
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        _run(self._train, cwd=self.project, log=FOLDER / f"{self.name}-training.log")
        seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        training = Training(round(seconds, 1), round(worked, 1))
        record.write_text(json.dumps({"inputs": inputs, "training": asdict(training)}))
        _say(f"trained {self.name} in {seconds:.0f} s")
        return training


def sides(examples: int) -> tuple[Side, Side]:
    """Stock and yibao."""
    python = YIBAO / ".venv" / "bin" / "python"

    def make_yibao() -> None:
        projects.make_yibao(YIBAO, examples)

    def make_stock() -> None:
        projects.make_stock(STOCK, examples)

    stock = Side(
        "stock",
        python=STOCK_PYTHON,
        environment=STOCK_ENVIRONMENT,
        project=STOCK,
        make=make_stock,
        install=_make(STOCK_ENVIRONMENT),
        train=[str(STOCK_PYTHON), "-m", "rasa", "train", "--fixed-model-name", "stock"],
        serve=lambda: StockServer(
            project=STOCK, python=str(STOCK_PYTHON), actions_project=YIBAO, actions_python=str(python)
        ),
    )
    yibao = Side(
        "yibao",
        python=python,
        environment=YIBAO / ".venv",
        project=YIBAO,
        make=make_yibao,
        install=[sys.executable, str(YIBAO / "bot" / "runtime" / "bootstrap.py")],
        train=[str(python), "-c", "from bot.cli import main; main()", "train", "--force"],
        serve=lambda: YibaoServer(project=YIBAO, python=str(python)),
    )
    return stock, yibao


def measure_round(pair: Sequence[Side], *, turns: int) -> list[Round]:
    """Start both, let both be asked in turn, end both."""
    texts, servers, starts = questions(), [], []
    try:
        for side in pair:
            server = side.serve()
            servers.append(server)
            first = asyncio.run(server.first_answer())
            starts.append((first, server.cpu() / 1000))
            _say(f"  {side.name}: first answer after {first:.1f} s")
            talk(server, texts, clients=1, turns=_NOT_WARM)
        worked = [server.cpu() for server in servers]
        loads: list[list[Load]] = [[] for _ in servers]
        for clients in CLIENTS:
            for side, server, seen in zip(pair, servers, loads, strict=True):
                seen.append(talk(server, texts, clients=clients, turns=turns))
                _say(
                    f"  {side.name}: {clients} clients, {seen[-1].turns_per_second:.1f} turns/s, "
                    f"p95 {seen[-1].p95:.0f} ms"
                )
        return [
            Round(
                round(first, 2),
                round(work, 2),
                server.memory(),
                round((server.cpu() - before) / sum(each.turns for each in seen), 2),
                seen,
            )
            for (first, work), server, before, seen in zip(starts, servers, worked, loads, strict=True)
        ]
    finally:
        for server in servers:
            server.stop()


def summary(side: Side, training: Training, rounds: Sequence[Round], *, of: Path) -> dict[str, Any]:
    """All figures of one side, medians over the rounds."""

    def middle(read: Callable[[Round], float]) -> float:
        return round(median(map(read, rounds)), 2)

    loads = []
    for number, clients in enumerate(CLIENTS):
        seen = [each.loads[number] for each in rounds]
        figures = {
            name: round(median(getattr(load, name) for load in seen), 1)
            for name in ("turns_per_second", "p50", "p95", "p99")
        }
        loads.append({"clients": clients, **figures, "failed": sum(load.failed for load in seen)})
    return {
        "installed_mb": round(megabytes(side.environment)),
        "training_seconds": training.seconds,
        "training_processor_seconds": training.processor_seconds,
        "first_answer_seconds": middle(lambda each: each.first_answer_seconds),
        "first_answer_processor_seconds": middle(lambda each: each.processor_seconds_to_first_answer),
        "resident_mb": middle(lambda each: each.resident_mb),
        "processor_ms_a_turn": middle(lambda each: each.processor_ms_a_turn),
        "disk_mb": round(megabytes(of), 1),
        "loads": loads,
    }


def main() -> None:
    """Set up, train, measure; results, plots and README's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=20, help="training examples an intent, 0 for all (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--turns", type=int, default=240, help="for each number of clients (%(default)s)")
    parser.add_argument("--no-sentences", action="store_true", help="without the 7 GB of the second environment")
    parser.add_argument("--fresh", action="store_true", help="install and train anew")
    options = parser.parse_args()
    if options.fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
        for environment in (STOCK_ENVIRONMENT, SENTENCES):
            shutil.rmtree(environment, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    pair = sides(options.examples)
    inputs = f"{_fingerprint()} {options.examples}"
    for side in pair:
        if not side.project.exists():
            side.make()
        _say(f"installing {side.name} …")
        _run(side.install, cwd=ROOT, log=FOLDER / f"{side.name}-install.log")
    # The short one first: what is wrong shows early.
    trainings = {side.name: side.trained(inputs=inputs) for side in reversed(pair)}
    if not options.no_sentences:
        _say("installing stock with sentence-transformers, for its size …")
        _run(_make(SENTENCES), cwd=ROOT, log=FOLDER / "sentences-install.log")
    rounds = []
    for number in range(options.rounds):
        _say(f"round {number + 1} of {options.rounds}")
        rounds.append(measure_round(pair, turns=options.turns))
    result: dict[str, Any] = {
        "machine": asdict(Machine.here()),
        "stock_with_sentence_transformers_mb": round(megabytes(SENTENCES)) if SENTENCES.exists() else None,
        "examples_an_intent": options.examples,
        "rounds": options.rounds,
        "turns": options.turns,
    }
    for number, side in enumerate(pair):
        built = STOCK / "models" if side.name == "stock" else YIBAO / "build"
        result[side.name] = summary(side, trainings[side.name], [each[number] for each in rounds], of=built)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "stock.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    publish()
    _say(f"results in {RESULTS.relative_to(ROOT)}")


def _fingerprint() -> str:
    """Changes with anything that is trained or trains."""
    digest = hashlib.sha256()
    for folder in ("bot", "knowledge", "actions", "data"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yml", ".onnx") and "node_modules" not in path.parts:
                digest.update(path.read_bytes())
    for path in (projects.STOCK / "config.yml", ROOT / "benchmarks" / "projects.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _make(environment: Path) -> list[str]:
    return ["make", "--no-print-directory", "-C", str(ROOT), f"{environment.name}/installed"]


def _run(command: Sequence[str], *, cwd: Path, log: Path) -> None:
    with log.open("wb") as file:
        ran = subprocess.run(
            command, cwd=cwd, stdout=file, stderr=file, env={**os.environ, **quiet_rasa()}, check=False
        )
    if ran.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed; all of it: {log.relative_to(ROOT)}.")


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
