"""The measures, by their standard names: pure functions over plain sequences.

``expected`` and ``predicted`` are aligned topic ids. A prediction is a topic for a message that was answered,
``out_of_scope`` for one that was refused, and ``CLARIFIED`` for one that was asked back about (never right).
All shares are from 0 to 1. Empty input raises ValueError where no value would be honest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from knowledge.decision import OUT_OF_SCOPE

CLARIFIED = "clarified"


@dataclass(frozen=True)
class Bin:
    """The predictions of one interval of confidence: how many, how sure on average, how often right."""

    count: int
    confidence: float
    accuracy: float


def share(outcomes: Iterable[bool]) -> float:
    """The share that is true.

    Example:
        >>> share([True, False, False, True])
        0.5
    """
    values = list(outcomes)
    if not values:
        raise ValueError("a share of nothing")
    return sum(values) / len(values)


def accuracy(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of messages with the right prediction."""
    if not expected:
        raise ValueError("accuracy of nothing")
    return float(accuracy_score(expected, predicted))


def topic_accuracy(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of in-scope messages answered with the right topic; refused and clarified are not right."""
    return share(want == got for want, got in _in_scope(expected, predicted))


def macro_f1(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """The unweighted mean over the expected topics of F1, the harmonic mean of precision and recall."""
    labels = sorted(set(expected))
    if not labels:
        raise ValueError("F1 of nothing")
    return float(f1_score(expected, predicted, labels=labels, average="macro", zero_division=0))


def out_of_scope_recall(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of out-of-scope messages that were refused."""
    return share(got == OUT_OF_SCOPE for want, got in _pairs(expected, predicted) if want == OUT_OF_SCOPE)


def wrongly_refused(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of in-scope messages that were refused."""
    return share(got == OUT_OF_SCOPE for _, got in _in_scope(expected, predicted))


def clarified_share(predicted: Sequence[str]) -> float:
    """The share of messages that were asked back about."""
    return share(got == CLARIFIED for got in predicted)


def recall_at_k(ranks: Sequence[int | None], k: int) -> float:
    """The share of queries with a right result among the first ``k``.

    ``ranks`` holds for each query the place of its first right result, from 1; None where there is none.
    """
    return share(rank is not None and rank <= k for rank in ranks)


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """The mean over queries of 1 / rank of the first right result, 0 where there is none."""
    if not ranks:
        raise ValueError("a mean of nothing")
    return sum(1 / rank for rank in ranks if rank is not None) / len(ranks)


def calibration_bins(confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> list[Bin]:
    """Predictions by confidence, in equal intervals (lower, upper] of [0, 1]; an empty one has count 0."""
    scores, hits = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    if len(scores) != len(hits):
        raise ValueError(f"{len(scores)} confidences for {len(hits)} outcomes")
    places = np.clip(np.ceil(scores * bins).astype(int) - 1, 0, bins - 1)
    members = [places == place for place in range(bins)]
    return [
        Bin(int(chosen.sum()), float(scores[chosen].mean()), float(hits[chosen].mean()))
        if chosen.any()
        else Bin(0, 0.0, 0.0)
        for chosen in members
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """The mean distance of confidence and accuracy, weighted by bin (Guo et al. 2017, arXiv:1706.04599)."""
    if not confidences:
        raise ValueError("calibration of nothing")
    found = calibration_bins(confidences, right, bins=bins)
    return sum(entry.count * abs(entry.accuracy - entry.confidence) for entry in found) / len(confidences)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The probability that a positive scores higher than a negative (area under the ROC curve).

    Raises:
        ValueError: there are no positives, or no negatives.
    """
    if len(set(positive)) < 2:
        raise ValueError("AUROC needs positives and negatives")
    return float(roc_auc_score(positive, scores))


def wilson_interval(value: float, count: int, *, z: float = 1.96) -> tuple[float, float]:
    """The 95 % confidence interval of a share measured on ``count`` messages (Wilson 1927)."""
    if count < 1:
        raise ValueError("an interval of nothing")
    centre = value + z * z / (2 * count)
    spread = z * math.sqrt(value * (1 - value) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)


def _in_scope(expected: Sequence[str], predicted: Sequence[str]) -> list[tuple[str, str]]:
    return [pair for pair in _pairs(expected, predicted) if pair[0] != OUT_OF_SCOPE]


def _pairs(expected: Sequence[str], predicted: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(expected, predicted, strict=True))
