"""N-grams and nearest examples without scikit-learn are what scikit-learn and numpy compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.examples import Examples
from bot.components.intent_model import IntentModel
from bot.components.ngrams import NgramFeatures

TEXTS = [
    "How do I pay?",
    "how do i pay online",
    "Where can I pay, and how?",
    "when do i have to pay   the premium",
    "The premium for my son: where?",
    "医保怎么交 online",
    "医保怎么交",
    "a b a b a",
]


@pytest.fixture(scope="module")
def ours() -> NgramFeatures:
    return NgramFeatures.fit(TEXTS)[0]


@pytest.fixture(scope="module")
def theirs() -> list[TfidfVectorizer]:
    shared = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
    made = [
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared),
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", **shared),
    ]
    return [vectorizer.fit(TEXTS) for vectorizer in made]


@given(
    text=st.one_of(
        st.sampled_from(TEXTS), st.text(alphabet="how doipayw 医保怎?\t,b", max_size=40), st.text(max_size=20)
    )
)
def test_features_are_those_of_scikit_learn(ours: NgramFeatures, theirs: list[TfidfVectorizer], text: str) -> None:
    if "\x00" in text:  # never in a message: the front door takes control characters out
        return
    expected = hstack([vectorizer.transform([text.lower()]) for vectorizer in theirs]).toarray()[0]
    weights = np.eye(len(expected), dtype=np.float32)
    np.testing.assert_allclose((ours.transform([text]) @ weights)[0], expected, atol=1e-6)


def test_similarities_are_those_of_the_stored_vectors() -> None:
    random = np.random.default_rng(3)
    owners = np.array([0, 0, 0, 1, 2, 2], dtype=np.int32)
    vectors = random.standard_normal((6, 384)).astype(np.float16)
    queries = random.standard_normal((4, 384)).astype(np.float32)
    products = queries @ vectors.astype(np.float32).T
    expected = np.stack([products[:, owners == label].max(axis=1) for label in range(3)], axis=1)
    examples = Examples(vectors, owners, 3)
    for query, nearest in zip(queries, expected, strict=True):
        np.testing.assert_allclose(examples.similarities(query, [2, 0]), nearest[[2, 0]], rtol=1e-5, atol=1e-4)
    assert (examples.codes() == vectors).all()


def test_a_stored_model_answers_as_the_trained_one(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    vectors = random.standard_normal((len(TEXTS), 384)).astype(np.float32)
    model = IntentModel.fit(TEXTS, vectors, ["pay", "online", "where", "when", "where", "zh", "zh", "pay"])
    model.save(tmp_path / "intents.npz")
    loaded = IntentModel.load(tmp_path / "intents.npz")
    assert loaded.rank("how to pay online", vectors[0]) == model.rank("how to pay online", vectors[0])
    assert model.rank(TEXTS[3], vectors[3])[0].label == "when"
