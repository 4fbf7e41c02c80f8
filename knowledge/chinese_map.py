"""Chinese questions in the English encoder's space: a linear map from character n-grams, learnt from question pairs.

Two files beside the encoder: ``chinese-vectors.npy``, one int8 row of 384 for each n-gram (memory-mapped), and
``chinese.npz`` with the n-grams' keys, their weights and the intercept. ``bot/encoder/chinese.py`` learns them.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from knowledge.chinese import HAN, settle
from knowledge.errors import EncoderError

Floats = npt.NDArray[np.float32]
VECTORS_FILE, TABLE_FILE = "chinese-vectors.npy", "chinese.npz"
LONGEST = 3  # characters of an n-gram
_PIECES = re.compile(rf"[{HAN}]+|[a-z]+|\d+")
_EDGE = "\u2402"


def features(text: str) -> dict[str, float]:
    """The n-grams of a text with their weights before TF-IDF: 1 + log of the count.

    A run of Chinese characters gives its 1-, 2- and 3-grams, those at its ends marked; a word or a number itself.

    >>> sorted(features("医保2"))[:3]
    ['2', '保', '保\u2402']
    """
    counts: Counter[str] = Counter()
    for piece in _PIECES.findall(settle(text).lower()):
        if piece.isascii():
            counts[piece] += 1
            continue
        counts.update(piece)
        run = f"{_EDGE}{piece}{_EDGE}"
        for length in range(2, LONGEST + 1):
            counts.update(run[start : start + length] for start in range(len(run) - length + 1))
    return {ngram: 1.0 + float(np.log(count)) for ngram, count in counts.items()}


def key_of(ngram: str) -> int:
    """The number under which an n-gram is stored, 32 bits."""
    return zlib.crc32(ngram.encode())


@dataclass(frozen=True)
class ChineseMap:
    """The learnt map.

    ``keys`` (n,) uint32 ascending; ``weights`` (n,) float32, inverse document frequencies; ``scales`` (n,) float32,
    the unit of an int8 row; ``vectors`` (n, 384) int8; ``intercept`` (384,) float32.
    """

    keys: npt.NDArray[np.uint32]
    weights: Floats
    scales: Floats
    vectors: npt.NDArray[np.int8]
    intercept: Floats

    @classmethod
    def of(cls, weights: Mapping[str, float], vectors: Floats, intercept: Floats) -> ChineseMap:
        """A map from n-grams with weights, in the order of the rows of ``vectors`` (n, 384), rounded to int8."""
        keys = np.array([key_of(ngram) for ngram in weights], dtype=np.uint32)
        keys, order = np.unique(keys, return_index=True)
        rows = vectors[order]
        scales = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
        values = np.array(list(weights.values()), dtype=np.float32)[order]
        rounded = np.round(rows / scales[:, None]).astype(np.int8)
        return cls(keys, values, scales.astype(np.float32), rounded, intercept.astype(np.float32))

    @classmethod
    def load(cls, folder: Path) -> ChineseMap:
        """Read the map; its vectors stay on the disk until they are asked for.

        Raises:
            EncoderError: a file is missing or damaged.
        """
        try:
            vectors = np.load(folder / VECTORS_FILE, mmap_mode="r", allow_pickle=False)
            with np.load(folder / TABLE_FILE, allow_pickle=False) as table:
                return cls(table["keys"], table["weights"], table["scales"], vectors, table["intercept"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            what = f"{folder / TABLE_FILE}: the map of Chinese cannot be read ({error})."
            raise EncoderError(f"{what} Restore the folder from git, or run `make chinese-map`.") from error

    def save(self, folder: Path) -> None:
        """Write both files."""
        np.save(folder / VECTORS_FILE, self.vectors)
        table: dict[str, Any] = {"keys": self.keys, "weights": self.weights, "scales": self.scales}
        np.savez_compressed(folder / TABLE_FILE, **table, intercept=self.intercept)

    def vector(self, text: str) -> Floats:
        """The vector of a Chinese text, shape (384,), unit length."""
        found = features(text)
        keys = np.array([key_of(ngram) for ngram in found], dtype=np.uint32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        rows = places[known]
        weights = np.array(list(found.values()), dtype=np.float32)[known] * self.weights[rows]
        weights /= max(float(np.linalg.norm(weights)), 1e-9)
        mapped = (weights * self.scales[rows]) @ self.vectors[rows].astype(np.float32) + self.intercept
        unit: Floats = mapped / max(float(np.linalg.norm(mapped)), 1e-9)
        return unit.astype(np.float32)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of shape (len(texts), 384), float32, unit length."""
        return np.stack([self.vector(text) for text in texts])
