"""Passage vectors for ``benchmarks.scale``: real ones, as many as there are texts, and more like them, up to a million.

1. Every training example and every indexed text of the project, encoded: about 20,000.
2. Passages put together from two or three of these sentences, half of the time of one subject, encoded: 30,000.
3. The rest lies between and around them: a vector a, one b of its 20 nearest neighbours, and a + t(b - a) + noise with
   t even between 0 and 1. The noise is normal and has the covariance of the differences between real neighbours, so
   that it runs in all directions in which real texts differ, and no more there. It is as large as the neighbourhood
   of a is wide, times one factor for all, which is fitted until a new vector
   is as far from its nearest real one as real passages are from theirs (the median): the new ones neither crowd
   around the real ones, which would make searching easy, nor fill the empty space.

The queries are the questions of ``tests/eval``, which are in none of these.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from benchmarks.examples import read_examples
from knowledge.content import load_content
from knowledge.encoder import DIMENSION, Encoder, Vectors
from knowledge.index import content_entries

ROOT = Path(__file__).resolve().parents[1]
RECOMBINED = 30_000
_SEED = 7
_NEIGHBOURS = 20
_SAMPLE = 2_000  # vectors that the size of the noise is fitted on
_CHUNK = 1_000


@dataclass(frozen=True)
class Fit:
    """How the made vectors resemble the real ones: quartiles of the cosine to the nearest real vector."""

    noise: float
    real: tuple[float, float, float]
    made: tuple[float, float, float]


def encoded(folder: Path) -> tuple[Vectors, Vectors]:
    """Real passage vectors and query vectors, from the folder if they were encoded before, in a fixed random order."""
    encoder = Encoder.load()
    texts = list(dict.fromkeys(_texts()))
    queries = list(dict.fromkeys(_queries()))
    return _encode(encoder, texts, folder, "passages"), _encode(encoder, queries, folder, "queries")


def _texts() -> Iterator[str]:
    by_subject = read_examples(ROOT / "data" / "nlu")
    yield from (entry.text for entry in content_entries(load_content()))
    yield from (text for texts in by_subject.values() for text in texts)
    dice = random.Random(_SEED)
    subjects = sorted(by_subject)
    everything = [text for subject in subjects for text in by_subject[subject]]
    for _ in range(RECOMBINED):
        pool = by_subject[dice.choice(subjects)] if dice.random() < 0.5 else everything
        yield ". ".join(dice.choice(pool) for _ in range(dice.choice((2, 3))))


def _queries() -> Iterator[str]:
    for name in ("dev", "test"):
        for line in (ROOT / "tests" / "eval" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def _encode(encoder: Encoder, texts: list[str], folder: Path, name: str) -> Vectors:
    path = folder / f"{name}-{encoder.fingerprint}-{len(texts)}.npy"
    if path.exists():
        done: Vectors = np.load(path)
        return done
    folder.mkdir(parents=True, exist_ok=True)
    random.Random(_SEED).shuffle(texts)
    parts: list[Vectors] = []
    for start in range(0, len(texts), _CHUNK):  # parts are kept: an interrupted run goes on where it was
        part = folder / f"{path.stem}.{start}.npy"
        if not part.exists():
            aside = part.with_suffix(".partial")
            with aside.open("wb") as file:
                np.save(file, encoder.encode(texts[start : start + _CHUNK]))
            aside.replace(part)
        parts.append(np.load(part))
        print(f"\rencoding {name}: {min(start + _CHUNK, len(texts)):,} of {len(texts):,}", end="", flush=True)
    print()
    vectors: Vectors = np.concatenate(parts)
    np.save(path, vectors)
    for part in folder.glob(f"{path.stem}.*.npy"):
        part.unlink()
    return vectors


def more(real: Vectors, count: int) -> tuple[Vectors, Fit]:
    """The real vectors first, then made ones: ``count`` in all, of shape (count, 384), unit length."""
    dice = np.random.default_rng(_SEED)
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(real)
    _, neighbours = index.search(real, _NEIGHBOURS + 1)
    neighbours = neighbours[:, 1:]  # the first is the vector itself
    differences = real[neighbours[:, 0]] - real
    distances = np.linalg.norm(differences, axis=1, keepdims=True)
    local = distances / distances.mean()
    shape = np.linalg.cholesky(np.cov(differences.T) + 1e-9 * np.eye(DIMENSION)).T.astype(np.float32)

    def make(wanted: int, noise: float) -> Vectors:
        first = dice.integers(len(real), size=wanted)
        second = neighbours[first, dice.integers(_NEIGHBOURS, size=wanted)]
        along = dice.random((wanted, 1), dtype=np.float32)
        made = real[first] + along * (real[second] - real[first])
        made += noise * local[first] * (dice.standard_normal((wanted, DIMENSION), dtype=np.float32) @ shape)
        unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
        return unit

    sample = real[dice.choice(len(real), _SAMPLE, replace=False)]
    target = index.search(sample, 2)[0][:, 1]
    low, high = 0.0, 2.0
    for _ in range(12):
        noise = (low + high) / 2
        nearest = index.search(make(_SAMPLE, noise), 1)[0][:, 0]
        low, high = (noise, high) if np.median(nearest) > np.median(target) else (low, noise)
    vectors = np.empty((count, DIMENSION), dtype=np.float32)
    vectors[: len(real)] = real[:count]
    for start in range(len(real), count, 50_000):
        stop = min(start + 50_000, count)
        vectors[start:stop] = make(stop - start, noise)
    return vectors, Fit(noise, _quartiles(target), _quartiles(nearest))


def _quartiles(values: Vectors) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, (25, 50, 75)).round(3).tolist()
    return low, middle, high
