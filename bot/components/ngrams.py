"""Character and word n-grams weighted by TF-IDF, as scikit-learn's TfidfVectorizer counts them, without it at run time.

A vocabulary of 60,000 terms costs 9 MB and a library of 40 MB as a dictionary of scikit-learn's; here it is a sorted
array of bytes, looked up by bisection, of 1.5 MB.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_CHARACTERS = (2, 5)  # shortest and longest run of characters within a word and the spaces around it
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Rows:
    """Sparse rows, one a text: the columns that are not nought, and their values; multiplies like a matrix."""

    columns: tuple[npt.NDArray[np.int64], ...]
    values: tuple[Floats, ...]

    def __matmul__(self, weights: npt.NDArray[np.floating[Any]]) -> Floats:
        """The product with weights of shape (columns, n), which may be float16: only the rows needed are widened."""
        rows = zip(self.columns, self.values, strict=True)
        return np.stack([values @ weights[columns].astype(np.float32) for columns, values in rows])


@dataclass(frozen=True)
class _Terms:
    """One kind of n-gram: its terms in UTF-8, sorted, and their inverse document frequencies."""

    split: Callable[[str], Iterator[str]]
    terms: npt.NDArray[np.bytes_]
    idf: Floats

    def transform(self, text: str) -> tuple[npt.NDArray[np.int64], Floats]:
        """The terms of a text that are known, in their order, and their weights, of length one."""
        counted = Counter(self.split(text))
        width = self.terms.dtype.itemsize
        asked = {encoded: count for term, count in counted.items() if len(encoded := term.encode()) <= width}
        if not asked or not len(self.terms):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        wanted = np.array(list(asked), dtype=self.terms.dtype)
        places = np.minimum(np.searchsorted(self.terms, wanted), len(self.terms) - 1)
        known = self.terms[places] == wanted
        order = np.argsort(places[known])
        places = places[known][order]
        counts = np.fromiter(asked.values(), np.float32, len(asked))[known][order]
        values = (np.log(counts) + 1) * self.idf[places]  # sublinear term frequency
        length = np.sqrt((values**2).sum())
        return places, (values / length if length else values).astype(np.float32)


class NgramFeatures:
    """Runs of characters and words, one after the other; robust to typos and to rare terms."""

    def __init__(self, parts: Sequence[tuple[npt.NDArray[np.bytes_], Floats]]) -> None:
        self._parts = tuple(
            _Terms(split, terms, idf) for split, (terms, idf) in zip((_characters, _words), parts, strict=True)
        )

    @classmethod
    def fit(cls, texts: Sequence[str]) -> tuple[NgramFeatures, Any]:
        """Learn the vocabulary; also returns the texts' features as a sparse matrix, to train on."""
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer

        shared = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
        vectorizers = (
            TfidfVectorizer(analyzer="char_wb", ngram_range=_CHARACTERS, **shared),
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=_WORD.pattern, **shared),
        )
        features = [vectorizer.fit_transform(list(map(_plain, texts))) for vectorizer in vectorizers]
        parts = []
        for vectorizer in vectorizers:
            terms = [term.encode() for term in sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.get)]
            parts.append((np.array(terms, dtype=np.bytes_), vectorizer.idf_.astype(np.float32)))
        return cls(parts), hstack(features).tocsr()

    def transform(self, texts: Sequence[str]) -> Rows:
        """The features of texts."""
        columns, values = [], []
        for text in map(_plain, texts):
            start, places, weights = 0, [], []
            for part in self._parts:
                found, weight = part.transform(text)
                places.append(found + start)
                weights.append(weight)
                start += len(part.terms)
            columns.append(np.concatenate(places))
            values.append(np.concatenate(weights))
        return Rows(tuple(columns), tuple(values))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything needed to make it again."""
        stored: dict[str, npt.NDArray[Any]] = {}
        for number, part in enumerate(self._parts):
            stored[f"terms{number}"], stored[f"idf{number}"] = part.terms, part.idf
        return stored

    @classmethod
    def from_arrays(cls, stored: Any) -> NgramFeatures:
        """The inverse of ``arrays``."""
        return cls([(stored[f"terms{number}"], stored[f"idf{number}"]) for number in range(2)])


def _plain(text: str) -> str:
    return text.lower()


def _characters(text: str) -> Iterator[str]:
    """Runs of characters as the analyser "char_wb" has them: within words, padded with a space on either side."""
    shortest, longest = _CHARACTERS
    for word in text.split():
        padded = f" {word} "
        for length in range(shortest, longest + 1):
            if length >= len(padded):  # a short word counts once
                yield padded
                break
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]


def _words(text: str) -> Iterator[str]:
    """Words and pairs of words."""
    words = _WORD.findall(text)
    yield from words
    yield from map(" ".join, pairwise(words))
