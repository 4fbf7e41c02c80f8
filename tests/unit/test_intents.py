"""The benchmark on intent sets: what it reads, what it keeps from training, what it calls out of scope."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.intents import (
    TYPICAL,
    DataError,
    Row,
    best_threshold,
    few,
    fold,
    main,
    measure,
    predict,
    read,
    run,
    table,
)
from knowledge.decision import OUT_OF_SCOPE, Scored
from tests.fakes import FakeEncoder

TOPICS = {
    "opening": ("when do you open", "what are your opening hours", "when is the shop open", "opening hours please"),
    "price": ("what does it cost", "how much does it cost", "what is the price", "the price please"),
    "parcel": ("where is my parcel", "my parcel has not come", "track my parcel", "my parcel is late"),
    "address": ("where are you", "what is your address", "the address of the shop", "your address please"),
}


class FakeEncoders:
    """Hands out one encoder, and remembers what each was asked to be trained on."""

    def __init__(self) -> None:
        self.trained_on: list[Sequence[Row]] = []

    def encoder(self, rows: Sequence[Row], what: str, *, share: float = 1.0) -> FakeEncoder:  # noqa: ARG002
        self.trained_on.append(rows)
        return FakeEncoder()


@pytest.fixture
def train() -> list[Row]:
    return [Row(text, label) for label, texts in TOPICS.items() for text in texts]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_oos_is_read_as_out_of_scope(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "a.jsonl", {"text": "Hello  there", "label": "oos"}, {"text": "hi", "label": "greet"}))
    assert [row.label for row in rows] == [OUT_OF_SCOPE, "greet"]


def test_a_broken_line_is_named_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:2: .*label"):
        read(write(tmp_path / "a.jsonl", {"text": "hi", "label": "greet"}, {"text": "hi"}))


def test_a_missing_folder_is_one_line_without_a_stack_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "nothing")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1 and "train.jsonl" in said


def test_shots_are_drawn_from_every_intent_and_the_same_seed_draws_the_same(train: list[Row]) -> None:
    drawn = few(train, 2, seed=3)
    assert sorted(row.label for row in drawn) == sorted([*TOPICS, *TOPICS])
    assert drawn == few(train, 2, seed=3)


def test_intents_left_out_of_a_fold_play_out_of_scope_and_are_not_trained_on(train: list[Row]) -> None:
    kept, held_out = fold(train, seed=1)
    strangers = {row.text for row in held_out if not row.in_scope}
    assert strangers in [set(texts) for texts in TOPICS.values()]
    assert not {row.text for row in kept} & {row.text for row in held_out}
    assert len(kept) + len(held_out) == len(train)


def test_without_anything_out_of_scope_to_learn_from_the_threshold_is_the_typical_one() -> None:
    assert best_threshold([Row("a", "price")], [[Scored("price", 0.9)]]) == TYPICAL


def test_strangers_that_score_high_raise_the_threshold() -> None:
    rows = [Row("a", "price"), Row("b", "price"), Row("c", OUT_OF_SCOPE), Row("d", OUT_OF_SCOPE)]
    near = [[Scored("price", score)] for score in (0.9, 0.8, 0.5, 0.5)]
    far = [[Scored("price", score)] for score in (0.9, 0.8, 0.1, 0.1)]
    assert best_threshold(rows, near) > best_threshold(rows, far)


def test_decisions_follow_the_threshold() -> None:
    rankings = [[Scored("price", score)] for score in (0.9, 0.8, 0.3, 0.2)]
    threshold = 0.5
    assert predict(rankings, threshold) == ["price", "price", OUT_OF_SCOPE, OUT_OF_SCOPE]


def test_a_test_without_anything_out_of_scope_refuses_nothing() -> None:
    figures = measure([Row("a", "price")], [[Scored("price", 0.1), Scored("parcel", 0.05)]], threshold=0.5)
    assert figures.accuracy == 1.0
    assert figures.oos_recall is None


def test_figures_count_refusals() -> None:
    rows = [Row("a", "price"), Row("b", "parcel"), Row("c", OUT_OF_SCOPE), Row("d", OUT_OF_SCOPE)]
    scores = [("price", 0.9), ("parcel", 0.2), ("price", 0.3), ("price", 0.8)]
    figures = measure(rows, [[Scored(*score)] for score in scores], threshold=0.5)
    assert (figures.accuracy, figures.in_scope, figures.closest, figures.oos_recall) == (0.5, 0.5, 1.0, 0.5)


def test_both_classifiers_learn_and_only_training_rows_teach_the_encoder(train: list[Row]) -> None:
    test = [Row("how much is the price", "price"), Row("is my parcel late", "parcel"), Row("xyzzy quux", OUT_OF_SCOPE)]
    encoders = FakeEncoders()
    result = run(train, {"test": test}, encoders, folds=2, seed=1)
    assert all(set(rows) <= set(train) for rows in encoders.trained_on)
    assert [len(rows) < len(train) for rows in encoders.trained_on] == [True, True, False]
    assert {name for _, name in result} == {"yibao", "Rasa LogisticRegressionClassifier"}
    assert result["test", "yibao"].closest == 1.0
    lines = table({"shop": [result, result]}).splitlines()
    assert lines[2].startswith("| shop | test | yibao | ") and "±" in lines[2]
