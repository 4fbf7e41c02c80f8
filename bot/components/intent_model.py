"""Intent = linear head x nearest stored question.

The class comes from two regularised linear models, over the sentence vector and over character and word n-grams;
the right to answer from the similarity to the nearest training example of that class. Stored as plain arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from knowledge.decision import Scored
from knowledge.encoder import Vectors

Floats = npt.NDArray[np.float32]
# Chosen on the dev split of tests/eval; see `yibao evaluate`.
_DENSE_C, _NGRAM_C = 1.0, 0.3  # inverse regularisation
_DENSE_SHARPNESS, _NGRAM_SHARPNESS = 4.0, 4.0  # margins to logits
_NGRAM_WEIGHT = 0.75  # share of the n-gram model in the class probability


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier as two arrays: weights (features, labels) and bias (labels,)."""

    weights: Floats
    bias: Floats

    @classmethod
    def fit(cls, features: Any, owners: npt.NDArray[np.int32], strength: float) -> LinearHead:
        """Train one-against-rest margins; two labels get two columns like any other number."""
        model = LinearSVC(C=strength, random_state=42)
        model.fit(features, owners)
        weights, bias = model.coef_, model.intercept_
        if len(weights) == 1:
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        return cls(np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32))

    def log_probabilities(self, features: Any, sharpness: float) -> Floats:
        """Log-probabilities of shape (n, labels) for dense or sparse features of shape (n, features)."""
        logits = sharpness * (np.asarray(features @ self.weights) + self.bias)
        logits -= logits.max(axis=1, keepdims=True)
        normalised: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return normalised


class NgramFeatures:
    """Character and word n-grams weighted by TF-IDF; robust to typos and to rare terms."""

    def __init__(self, characters: TfidfVectorizer, words: TfidfVectorizer) -> None:
        self._parts = (characters, words)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> NgramFeatures:
        """Learn the vocabulary."""
        parts = cls._make()
        for part in parts:
            part.fit(_plain(texts))
        return cls(*parts)

    def transform(self, texts: Sequence[str]) -> Any:
        """A sparse matrix of shape (n, features)."""
        return hstack([part.transform(_plain(texts)) for part in self._parts]).tocsr()

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything needed to make it again."""
        stored: dict[str, npt.NDArray[Any]] = {}
        for number, part in enumerate(self._parts):
            terms = sorted(part.vocabulary_, key=part.vocabulary_.get)
            stored[f"terms{number}"], stored[f"idf{number}"] = np.array(terms), part.idf_
        return stored

    @classmethod
    def from_arrays(cls, stored: Any) -> NgramFeatures:
        """The inverse of ``arrays``."""
        parts = cls._make()
        for number, part in enumerate(parts):
            part.vocabulary_ = {term: row for row, term in enumerate(stored[f"terms{number}"].tolist())}
            part.fixed_vocabulary_ = True
            part.idf_ = stored[f"idf{number}"]
        return cls(*parts)

    @staticmethod
    def _make() -> tuple[TfidfVectorizer, TfidfVectorizer]:
        shared = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
        return (
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared),
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", **shared),
        )


@dataclass(frozen=True)
class IntentModel:
    """The trained component; ``examples`` are the stored questions' vectors, ``owners`` their label rows."""

    labels: tuple[str, ...]
    dense: LinearHead
    ngrams: NgramFeatures
    ngram_head: LinearHead
    examples: Vectors
    owners: npt.NDArray[np.int32]

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> IntentModel:
        """Train on texts, their vectors (n, 384) and their labels; deterministic."""
        names = tuple(sorted(set(labels)))
        rows = {name: row for row, name in enumerate(names)}
        owners = np.array([rows[label] for label in labels], dtype=np.int32)
        order = np.argsort(owners, kind="stable")
        ngrams = NgramFeatures.fit(texts)
        return cls(
            names,
            LinearHead.fit(vectors, owners, _DENSE_C),
            ngrams,
            LinearHead.fit(ngrams.transform(texts), owners, _NGRAM_C),
            np.ascontiguousarray(vectors[order], dtype=np.float32),
            owners[order],
        )

    def score(self, texts: Sequence[str], vectors: Vectors) -> tuple[Floats, Floats]:
        """Class probabilities and similarities to the nearest example, both of shape (n, labels)."""
        dense = self.dense.log_probabilities(vectors, _DENSE_SHARPNESS)
        ngrams = self.ngram_head.log_probabilities(self.ngrams.transform(texts), _NGRAM_SHARPNESS)
        mixed = np.exp((1 - _NGRAM_WEIGHT) * dense + _NGRAM_WEIGHT * ngrams)
        probabilities: Floats = mixed / mixed.sum(axis=1, keepdims=True)
        starts = np.searchsorted(self.owners, np.arange(len(self.labels)))
        nearest: Floats = np.maximum.reduceat(vectors @ self.examples.T, starts, axis=1)
        return probabilities, nearest

    def rank(self, text: str, vector: Vectors) -> list[Scored]:
        """Labels by score (probability x similarity of the nearest example), best first."""
        probabilities, nearest = self.score([text], vector.reshape(1, -1))
        scores = probabilities[0] * np.clip(nearest[0], 0.0, 1.0)
        return [Scored(self.labels[row], float(scores[row])) for row in np.argsort(-scores)]

    def save(self, path: Path) -> None:
        """Write one npz file of plain arrays."""
        np.savez_compressed(
            path,
            labels=np.array(self.labels),
            dense_weights=self.dense.weights,
            dense_bias=self.dense.bias,
            ngram_weights=self.ngram_head.weights.astype(np.float16),
            ngram_bias=self.ngram_head.bias,
            examples=self.examples.astype(np.float16),
            owners=self.owners,
            **self.ngrams.arrays(),
        )

    @classmethod
    def load(cls, path: Path) -> IntentModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                tuple(stored["labels"].tolist()),
                LinearHead(stored["dense_weights"], stored["dense_bias"]),
                NgramFeatures.from_arrays(stored),
                LinearHead(stored["ngram_weights"].astype(np.float32), stored["ngram_bias"]),
                stored["examples"].astype(np.float32),
                stored["owners"],
            )


def _plain(texts: Sequence[str]) -> list[str]:
    return [text.lower() for text in texts]
