"""Intent = linear head x nearest stored question.

The class comes from two regularised linear models, over the sentence vector and over character and word n-grams;
the right to answer from the similarity to the nearest training example of that class. Stored as plain arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.components.examples import Examples
from bot.components.ngrams import NgramFeatures
from knowledge.chinese import language_of
from knowledge.decision import Scored
from knowledge.encoder import Vectors

Floats = npt.NDArray[np.float32]
# Chosen on the dev split of tests/eval; see `yibao evaluate`.
_DENSE_C, _NGRAM_C = 1.0, 0.3  # inverse regularisation
_DENSE_SHARPNESS, _NGRAM_SHARPNESS = 4.0, 4.0  # margins to logits
# Share of the n-gram model in the class probability, by examples a label. What tells two intents apart by spelling
# must have been seen: with ten examples meaning counts for more, with hundreds words do (benchmarks/intents.py on
# public sets of 10 to 20 examples a label, `yibao evaluate` on our own with more than 400).
_FEW, _MANY = 10, 400
_NGRAM_WEIGHTS = (0.4, 0.75)  # at few examples a label and at many; in between by the logarithm


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier as two arrays: weights (features, labels), of float32 or float16, and bias (labels,)."""

    weights: npt.NDArray[np.floating[Any]]
    bias: Floats

    @classmethod
    def fit(cls, features: Any, owners: npt.NDArray[np.int32], strength: float) -> LinearHead:
        """Train one-against-rest margins; two labels get two columns like any other number."""
        from sklearn.svm import LinearSVC

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


def ngram_weight(examples: int, labels: int) -> float:
    """The share of the n-gram model, from 0 to 1, for so many examples of so many labels."""
    return float(np.interp(np.log(examples / labels), np.log((_FEW, _MANY)), _NGRAM_WEIGHTS))


@dataclass(frozen=True)
class IntentModel:
    """The trained component: one classifier for all languages, and by language the stored questions.

    A message is compared with the questions of its own language: half the work, and nothing is lost by it.
    """

    labels: tuple[str, ...]
    ngram_weight: float
    dense: LinearHead
    ngrams: NgramFeatures
    ngram_head: LinearHead
    examples: Mapping[str, Examples]

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> IntentModel:
        """Train on texts, their vectors (n, 384) and their labels; deterministic."""
        names = tuple(sorted(set(labels)))
        rows = {name: row for row, name in enumerate(names)}
        owners = np.array([rows[label] for label in labels], dtype=np.int32)
        order = np.argsort(owners, kind="stable")
        languages = np.array([_language(text) for text in texts])[order]
        halves, sorted_owners = vectors[order].astype(np.float16), owners[order]
        ngrams, features = NgramFeatures.fit(texts)
        with ThreadPoolExecutor() as pool:  # liblinear lets other threads run
            of_meaning = pool.submit(LinearHead.fit, vectors, owners, _DENSE_C)
            head = LinearHead.fit(features, owners, _NGRAM_C)
        return cls(
            names,
            ngram_weight(len(texts), len(names)),
            of_meaning.result(),
            ngrams,
            LinearHead(head.weights.astype(np.float16), head.bias),
            {
                str(one): Examples(halves[languages == one], sorted_owners[languages == one], len(names))
                for one in np.unique(languages)
            },
        )

    def score(self, texts: Sequence[str], vectors: Vectors) -> tuple[Floats, Floats]:
        """Class probabilities and similarities to the nearest example, both of shape (n, labels)."""
        dense = self.dense.log_probabilities(vectors, _DENSE_SHARPNESS)
        ngrams = self.ngram_head.log_probabilities(self.ngrams.transform(texts), _NGRAM_SHARPNESS)
        mixed = np.exp((1 - self.ngram_weight) * dense + self.ngram_weight * ngrams)
        probabilities: Floats = mixed / mixed.sum(axis=1, keepdims=True)
        nearest = [self._examples(text).similarities(vectors[row : row + 1]) for row, text in enumerate(texts)]
        return probabilities, np.concatenate(nearest)

    def _examples(self, text: str) -> Examples:
        """The stored questions of a text's language; where there are none, those of another."""
        return self.examples.get(_language(text)) or next(iter(self.examples.values()))

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
            ngram_weight=np.float64(self.ngram_weight),
            dense_weights=self.dense.weights,
            dense_bias=self.dense.bias,
            ngram_weights=self.ngram_head.weights,
            ngram_bias=self.ngram_head.bias,
            languages=np.array(list(self.examples)),
            **{f"examples_{one}": stored.codes() for one, stored in self.examples.items()},
            **{f"owners_{one}": stored.owners for one, stored in self.examples.items()},
            **self.ngrams.arrays(),
        )

    @classmethod
    def load(cls, path: Path) -> IntentModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            labels = tuple(stored["labels"].tolist())
            return cls(
                labels,
                float(stored["ngram_weight"]),
                LinearHead(stored["dense_weights"], stored["dense_bias"]),
                NgramFeatures.from_arrays(stored),
                LinearHead(stored["ngram_weights"], stored["ngram_bias"]),
                {
                    one: Examples(stored[f"examples_{one}"], stored[f"owners_{one}"], len(labels))
                    for one in stored["languages"].tolist()
                },
            )


def _language(text: str) -> str:
    return language_of(text) or "en"
