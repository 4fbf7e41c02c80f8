"""Scores of an encoder: on held-out questions, and on everyday sentences that it must not forget."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.encoder.data import OUT_OF_SCOPE, Example

Vectors = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
GENERAL_TASK = Path(__file__).parent / "general.jsonl"
HELD_OUT = 0.1
UNSEEN_KINDS = 8  # every eighth kind of out-of-scope question is wholly held out


@dataclass(frozen=True)
class Split:
    """Texts to learn from, texts of their labels to test on, and out-of-scope texts of kinds never learnt."""

    train: tuple[Example, ...]
    test: tuple[Example, ...]
    unseen: tuple[Example, ...]


@dataclass(frozen=True)
class Scores:
    """Results of one encoder, all 0..1, higher is better; None where the data does not allow the measurement.

    Attributes:
        knn_accuracy: held-out questions whose nearest stored question has their intent (recall@1).
        answer_accuracy: held-out variants whose nearest stored variant has their answer or article.
        linear_accuracy: intents found by logistic regression on the vectors.
        oos_auroc: in-scope against out-of-scope held-out texts, by cosine to the nearest in-scope question.
        oos_auroc_unseen: the same with out-of-scope kinds of which nothing was stored or trained on.
        general_accuracy: leave-one-out nearest neighbour on 240 sentences of 20 intents in other domains.
    """

    knn_accuracy: float
    answer_accuracy: float | None
    linear_accuracy: float
    oos_auroc: float | None
    oos_auroc_unseen: float | None
    general_accuracy: float

    def rounded(self) -> dict[str, float | None]:
        """For the manifest: four digits."""
        return {name: None if value is None else round(value, 4) for name, value in asdict(self).items()}


def split(examples: Sequence[Example], *, seed: int) -> Split:
    """Hold out a tenth of every label's texts, and whole kinds of out-of-scope questions."""
    draw = random.Random(seed)
    by_label: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_label[f"{example.label}/{example.specific}"].append(example)
    kinds = sorted(label for label, members in by_label.items() if members[0].group.startswith(f"{OUT_OF_SCOPE}."))
    unseen_kinds = set(kinds[1::UNSEEN_KINDS])
    train: list[Example] = []
    test: list[Example] = []
    unseen: list[Example] = []
    for label, members in sorted(by_label.items()):
        if label in unseen_kinds:
            unseen.extend(members)
            continue
        shuffled = draw.sample(members, len(members))
        held_out = round(len(members) * HELD_OUT)
        test.extend(shuffled[:held_out])
        train.extend(shuffled[held_out:])
    return Split(tuple(train), tuple(test), tuple(unseen))


def evaluate(encode: Encode, questions: Split) -> Scores:
    """All scores of one encoder on one split."""
    train, test, unseen = (
        encode([example.text for example in part]) if part else np.empty((0, 384), np.float32)
        for part in (questions.train, questions.test, questions.unseen)
    )
    return Scores(
        knn_accuracy=_nearest_agrees(_intents(questions.test), test, _intents(questions.train), train),
        answer_accuracy=_answer_accuracy(questions, test, train),
        linear_accuracy=_linear_accuracy(questions, test, train),
        oos_auroc=_oos_auroc(questions, test, train),
        oos_auroc_unseen=_oos_auroc(questions, test, train, unseen=unseen),
        general_accuracy=general_accuracy(encode),
    )


def general_accuracy(encode: Encode, path: Path = GENERAL_TASK) -> float:
    """Share of everyday sentences whose nearest other sentence has the same intent."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    vectors = encode([row["text"] for row in rows])
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -1.0)
    intents = np.array([row["intent"] for row in rows])
    return float((intents[similarity.argmax(axis=1)] == intents).mean())


def _intents(examples: Sequence[Example]) -> npt.NDArray[np.str_]:
    return np.array([example.intent for example in examples])


def _nearest_agrees(
    asked: npt.NDArray[np.str_], asked_vectors: Vectors, stored: npt.NDArray[np.str_], stored_vectors: Vectors
) -> float:
    return float((stored[(asked_vectors @ stored_vectors.T).argmax(axis=1)] == asked).mean())


def _answer_accuracy(questions: Split, test: Vectors, train: Vectors) -> float | None:
    asked = [row for row, example in enumerate(questions.test) if example.specific]
    stored = [row for row, example in enumerate(questions.train) if example.specific]
    if not asked:
        return None
    labels_asked = np.array([questions.test[row].label for row in asked])
    labels_stored = np.array([questions.train[row].label for row in stored])
    return _nearest_agrees(labels_asked, test[asked], labels_stored, train[stored])


def _linear_accuracy(questions: Split, test: Vectors, train: Vectors) -> float:
    head = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    head.fit(train, _intents(questions.train))
    return float((head.predict(test) == _intents(questions.test)).mean())


def _oos_auroc(questions: Split, test: Vectors, train: Vectors, *, unseen: Vectors | None = None) -> float | None:
    stored = train[_intents(questions.train) != OUT_OF_SCOPE]
    in_scope = test[_intents(questions.test) != OUT_OF_SCOPE]
    outside = test[_intents(questions.test) == OUT_OF_SCOPE] if unseen is None else unseen
    if not len(outside) or not len(in_scope):
        return None
    scores = (np.concatenate([in_scope, outside]) @ stored.T).max(axis=1)
    return float(roc_auc_score([1] * len(in_scope) + [0] * len(outside), scores))
