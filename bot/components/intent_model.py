"""Intent = linear head x nearest stored question.

The class comes from regularised linear models, over the sentence vector and over character and word n-grams, and,
where examples have finer labels (the answer within the topic), one over those; the right to answer from the similarity
to the nearest training example of that class. Stored as plain arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
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
# Share of the finer labels' model; a quarter of the stored questions held out find their topic in 90.9 % of the cases
# with it, in 85.1 % without.
_FINER_WEIGHT = 0.4
_FINER_FLOOR = 1e-4
_LEFT_TO_OTHERS = 0.02  # probability of all labels together that are not compared with their examples
_SURELY = 4.0  # how much more probable than all others a label is whose example a text is
_SAME = 0.985  # similarity from which a text is a stored one, but for little words; it has that one's label
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


def _likely(probabilities: Floats) -> npt.NDArray[np.intp]:
    """The most probable labels, as many as leave little to the others."""
    order = np.argsort(-probabilities)
    return order[: int(np.searchsorted(np.cumsum(probabilities[order]), 1 - _LEFT_TO_OTHERS)) + 1]


@dataclass(frozen=True)
class FinerHead:
    """A linear model of finer labels, and the label that each belongs to (row of the label, shape (finer,)).

    Its weights are rounded to what is stored, float16, and held as float32: to widen them takes longer than to use.
    """

    head: LinearHead
    belongs: npt.NDArray[np.int32]

    @cached_property
    def _having(self) -> npt.NDArray[np.int32]:
        """The labels that have finer ones."""
        return np.unique(self.belongs)

    @classmethod
    def fit(cls, vectors: Vectors, finer: Sequence[str], owners: npt.NDArray[np.int32]) -> FinerHead:
        """Train on the vectors (n, 384) of texts with a finer label; ``owners`` are the rows of their labels."""
        names = sorted(set(finer))
        rows = {name: row for row, name in enumerate(names)}
        fine = np.array([rows[name] for name in finer], dtype=np.int32)
        belongs = np.zeros(len(names), dtype=np.int32)
        belongs[fine] = owners
        head = LinearHead.fit(vectors, fine, _DENSE_C)
        return cls(LinearHead(head.weights.astype(np.float16).astype(np.float32), head.bias), belongs)

    def share_out(self, probabilities: Floats, vectors: Vectors) -> Floats:
        """The probabilities (n, labels), with those of the labels that have finer ones shared out anew among them."""
        fine = np.exp(self.head.log_probabilities(vectors, _DENSE_SHARPNESS))
        summed = np.stack([np.bincount(self.belongs, row, probabilities.shape[1]) for row in fine])
        having = self._having
        before = probabilities[:, having]
        after = before ** (1 - _FINER_WEIGHT) * (summed[:, having] + _FINER_FLOOR) ** _FINER_WEIGHT
        shared = probabilities.copy()
        shared[:, having] = after * (before.sum(axis=1, keepdims=True) / after.sum(axis=1, keepdims=True))
        return shared


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
    finer: FinerHead | None = None

    @classmethod
    def fit(
        cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str], finer: Sequence[str] = ()
    ) -> IntentModel:
        """Train on texts, their vectors (n, 384) and their labels; deterministic.

        ``finer`` has a finer label for each text, empty where it has none.
        """
        names = tuple(sorted(set(labels)))
        rows = {name: row for row, name in enumerate(names)}
        owners = np.array([rows[label] for label in labels], dtype=np.int32)
        order = np.argsort(owners, kind="stable")
        languages = np.array([_language(text) for text in texts])[order]
        halves, sorted_owners = vectors[order].astype(np.float16), owners[order]
        named = np.array([bool(name) for name in finer])
        fine = None
        with ThreadPoolExecutor() as pool:  # liblinear lets other threads run
            of_meaning = pool.submit(LinearHead.fit, vectors, owners, _DENSE_C)
            if named.any():
                fine = pool.submit(FinerHead.fit, vectors[named], [name for name in finer if name], owners[named])
            ngrams, features = NgramFeatures.fit(texts)
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
            fine.result() if fine else None,
        )

    def score(self, texts: Sequence[str], vectors: Vectors) -> tuple[Floats, Floats]:
        """Class probabilities and similarities to the nearest example, both of shape (n, labels).

        Labels that are too improbable to be meant are compared with no example: their similarity is 0.
        """
        dense = self.dense.log_probabilities(vectors, _DENSE_SHARPNESS)
        ngrams = self.ngram_head.log_probabilities(self.ngrams.transform(texts), _NGRAM_SHARPNESS)
        mixed = np.exp((1 - self.ngram_weight) * dense + self.ngram_weight * ngrams)
        mixed /= mixed.sum(axis=1, keepdims=True)
        if self.finer is not None:
            mixed = self.finer.share_out(mixed, vectors)
        nearest = np.zeros_like(mixed)
        for row, text in enumerate(texts):
            likely = _likely(mixed[row])
            nearest[row, likely] = self._examples(text).similarities(vectors[row], likely)
        stored = (nearest >= _SAME) & (nearest == nearest.max(axis=1, keepdims=True))
        mixed = np.where(stored, np.maximum(mixed, mixed.sum(axis=1, keepdims=True) * _SURELY), mixed)
        probabilities: Floats = mixed / mixed.sum(axis=1, keepdims=True)
        return probabilities, nearest

    def _examples(self, text: str) -> Examples:
        """The stored questions of a text's language; where there are none, those of another."""
        return self.examples.get(_language(text)) or next(iter(self.examples.values()))

    def rank(self, text: str, vector: Vectors) -> list[Scored]:
        """Labels by score (probability x similarity of the nearest example), best first."""
        probabilities, nearest = self.score([text], vector.reshape(1, -1))
        scores = probabilities[0] * np.minimum(np.maximum(nearest[0], 0.0), 1.0)
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
            **({} if self.finer is None else self._finer_arrays(self.finer)),
        )

    @staticmethod
    def _finer_arrays(finer: FinerHead) -> dict[str, npt.NDArray[Any]]:
        weights = finer.head.weights.astype(np.float16)
        return {"finer_weights": weights, "finer_bias": finer.head.bias, "finer_belongs": finer.belongs}

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
                FinerHead(
                    LinearHead(stored["finer_weights"].astype(np.float32), stored["finer_bias"]),
                    stored["finer_belongs"],
                )
                if "finer_belongs" in stored
                else None,
            )


def _language(text: str) -> str:
    return language_of(text) or "en"
