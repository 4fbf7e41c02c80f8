"""The shipped encoder is whole, is what its manifest says, and speaks like the model it was made from."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.encoder import Encoder

ARTEFACT = Path(__file__).parents[2] / "knowledge" / "minilm"


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads((ARTEFACT / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return json.loads((ARTEFACT / "reference.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(ARTEFACT)


def test_served_vectors_agree_with_the_fine_tuned_model(encoder: Encoder, reference: dict[str, Any]) -> None:
    expected = np.array([sentence["vector"] for sentence in reference["sentences"]], dtype=np.float32)
    served = encoder.encode([sentence["text"] for sentence in reference["sentences"]])
    cosines = (expected * served).sum(axis=1)
    worst = reference["sentences"][int(cosines.argmin())]["text"]
    assert cosines.min() >= reference["cosine_floor"], f"{cosines.min():.4f} for {worst!r}"
    assert cosines.mean() >= reference["mean_cosine_floor"]


def test_the_stated_floor_is_worth_stating(reference: dict[str, Any]) -> None:
    assert reference["cosine_floor"] >= 0.9
    assert reference["mean_cosine_floor"] >= 0.95
    assert len(reference["sentences"]) == 30


def test_served_vectors_are_384_floats_of_unit_length(encoder: Encoder) -> None:
    vectors = encoder.encode(["how do i pay", "", "?", "word " * 500])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_a_text_has_the_same_vector_in_any_company() -> None:
    alone = Encoder.load(ARTEFACT).encode(["when do i have to pay"])[0]
    company = Encoder.load(ARTEFACT).encode(
        ["hi", "when do i have to pay", "who settles the hospital bill of my father"]
    )[1]
    assert float(alone @ company) == pytest.approx(1.0, abs=1e-4)


def test_every_file_is_the_one_that_the_manifest_names(manifest: dict[str, Any]) -> None:
    digests = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in ARTEFACT.iterdir()
        if file.name != "manifest.json"
    }
    assert digests == manifest["files"]


def test_the_model_is_small_enough_to_keep_in_the_repository() -> None:
    assert (ARTEFACT / "model.onnx").stat().st_size < 25_000_000


def test_the_manifest_states_how_the_encoder_was_made(manifest: dict[str, Any]) -> None:
    assert manifest["date"]
    assert manifest["data"]["sha256"]
    assert manifest["base"]["weights_sha256"]
    assert manifest["packages"]["torch"]
    assert manifest["settings"]


def test_the_manifest_states_scores_before_and_after(manifest: dict[str, Any]) -> None:
    stages = ["before", "after"] if manifest["fine_tuned"] else ["before"]
    for stage in stages:
        for kind in ("fp32", "int8"):
            scores = manifest["scores"][stage][kind]
            assert set(scores) >= {"knn_accuracy", "linear_accuracy", "oos_auroc", "general_accuracy"}
            assert all(0.0 <= score <= 1.0 for score in scores.values() if score is not None)


def test_fine_tuning_gained_on_the_subject_and_kept_general_ability(manifest: dict[str, Any]) -> None:
    assert manifest["fine_tuned"]
    before, after = (manifest["scores"][stage]["int8"] for stage in ("before", "after"))
    assert after["knn_accuracy"] > before["knn_accuracy"]
    assert after["oos_auroc"] >= before["oos_auroc"]
    assert after["general_accuracy"] >= 0.8 * before["general_accuracy"]  # narrower, but not collapsed
