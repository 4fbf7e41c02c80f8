"""Measures the knowledge index from a thousand to a million passages, beside exact search on the same vectors.

    .venv/bin/python -m benchmarks.scale
    .venv/bin/python -m benchmarks.scale --sizes 1000 50000

Of each size: the index type that ``knowledge.index.SHAPES`` gives it, the time to build it, its size, a query's median
and 95th percentile on one thread with exact search in turn, and recall@10 against exact search. Where the vectors
come from: ``benchmarks.passages``. Needs 6 GB of memory; vectors and indexes once made are kept in build/scale.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import faiss
import numpy as np

from benchmarks.machine import Machine
from benchmarks.passages import ROOT, Fit, encoded, more
from benchmarks.tables import RESULTS, publish
from knowledge.encoder import DIMENSION, Vectors
from knowledge.index import Shape, new_vectors, shape_for

KEPT = ROOT / "build" / "scale"
SIZES = (1_000, 10_000, 20_000, 50_000, 100_000, 500_000, 1_000_000)
_QUERIES = 300
_BEST = 10
_CHUNK = 50_000


@dataclass(frozen=True)
class Size:
    """One size; times of queries in milliseconds, sizes in megabytes."""

    passages: int
    shape: str
    probes: int
    build_seconds: float
    index_mb: float
    p50: float
    p95: float
    exact_mb: float
    exact_p50: float
    exact_p95: float
    recall: float


def measure(vectors: Vectors, queries: Vectors) -> Size:
    """Build both indexes and ask them in turn."""
    shape = shape_for(len(vectors))
    index, built = _built(vectors, shape)
    faiss.omp_set_num_threads(1)
    exact = faiss.IndexFlatIP(DIMENSION)
    exact.add(vectors)
    times, exact_times, found = [], [], 0
    for query in queries[:, None, :]:
        begun = time.perf_counter()
        _, rows = index.search(query, _BEST)
        between = time.perf_counter()
        _, right = exact.search(query, _BEST)
        exact_times.append((time.perf_counter() - between) * 1000)
        times.append((between - begun) * 1000)
        found += len(set(rows[0].tolist()) & set(right[0].tolist()))
    p50, p95 = np.percentile(times, (50, 95))
    exact_p50, exact_p95 = np.percentile(exact_times, (50, 95))
    return Size(
        passages=len(vectors),
        shape=shape.factory,
        probes=shape.probes,
        build_seconds=round(built, 2),
        index_mb=round(faiss.serialize_index(index).nbytes / 1e6, 1),
        p50=round(float(p50), 3),
        p95=round(float(p95), 3),
        exact_mb=round(len(vectors) * DIMENSION * 4 / 1e6, 1),
        exact_p50=round(float(exact_p50), 3),
        exact_p95=round(float(exact_p95), 3),
        recall=round(found / (_BEST * len(queries)), 4),
    )


def _built(vectors: Vectors, shape: Shape) -> tuple[faiss.Index, float]:
    """The index and the seconds that it took to build; kept, since the largest takes minutes."""
    path = KEPT / f"{len(vectors)}-{shape.factory}.faiss"
    record = path.with_suffix(".seconds")
    if record.exists():
        index = faiss.read_index(str(path))
        if shape.probes:
            index.nprobe = shape.probes
        return index, float(record.read_text())
    begun = time.perf_counter()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index = new_vectors(vectors, len(vectors))
    for start in range(0, len(vectors), _CHUNK):
        index.add(vectors[start : start + _CHUNK])
        print(f"\r{len(vectors):9,}: {start:,} added, {time.perf_counter() - begun:.0f} s", end="", flush=True)
    seconds = time.perf_counter() - begun
    faiss.write_index(index, str(path))
    record.write_text(str(seconds))
    return index, seconds


def main() -> None:
    """Measure all sizes; results, plot and README's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--output", type=Path, default=RESULTS / "scale.json")
    options = parser.parse_args()
    passages, queries = encoded(KEPT)
    largest = max(options.sizes)
    vectors, fit = more(passages, largest) if largest > len(passages) else (passages, None)
    sizes = []
    for count in sorted(options.sizes):
        # Of the real passages a part; of the made ones the first, so that every size has as many real ones as it can.
        size = measure(vectors[:count], queries[:_QUERIES])
        sizes.append(size)
        print(
            f"\r{size.passages:9,}: {size.shape}, built in {size.build_seconds:.1f} s, {size.index_mb:,.0f} MB, p95 "
            f"{size.p95:.2f} ms, exact {size.exact_p95:.2f} ms, recall@{_BEST} {size.recall:.3f}",
            flush=True,
        )
    result = {
        "machine": asdict(Machine.here()),
        "real_passages": len(passages),
        "fit": asdict(fit) if isinstance(fit, Fit) else None,
        "sizes": [asdict(size) for size in sizes],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.output.parent == RESULTS:
        publish()


if __name__ == "__main__":
    main()
