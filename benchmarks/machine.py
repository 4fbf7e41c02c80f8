"""What is asked of the operating system: processes, their memory and work, and the machine itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """Where and when was measured; ``load`` is the number of processes that wanted to run in the last 5 minutes."""

    processor: str
    cores: int
    date: str
    load: float

    @classmethod
    def here(cls) -> Machine:
        """This machine, today."""
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
        return cls(model, os.cpu_count() or 1, date.today().isoformat(), round(os.getloadavg()[1], 1))


def family(pid: int) -> Iterator[int]:
    """A process and all that come from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def resident(pid: int, kind: str = "Rss") -> int:
    """Megabytes in memory: ``Rss`` counts shared pages fully, ``Pss`` the share of each process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) // 1024


def worked(pid: int) -> float:
    """Milliseconds of processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def megabytes(folder: Path) -> float:
    """What a folder takes on disk; a file with several names counts once."""
    seen, total = set(), 0
    for path in folder.rglob("*"):
        status = path.lstat()
        if status.st_ino not in seen:
            seen.add(status.st_ino)
            total += status.st_blocks * 512
    return total / 1e6
