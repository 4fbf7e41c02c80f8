"""What unit tests have instead of the real encoder and the real time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from knowledge.encoder import DIMENSION, Vectors


class FakeEncoder:
    """Bag of words in 384 dimensions: words become random but fixed directions, so shared words mean similarity."""

    fingerprint = "fake"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([_vector(text) for text in texts]) if texts else np.empty((0, DIMENSION), np.float32)


class Clock:
    """Seconds since 1970 that pass only where a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _vector(text: str) -> Vectors:
    words = re.findall(r"\w+", text.lower()) or ["nothing"]
    total = sum(_direction(word) for word in words)
    vector = np.asarray(total, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def _direction(word: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
