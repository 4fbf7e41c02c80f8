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
from bot.components.intent_model import IntentModel, ngram_weight
from bot.encoder.__main__ import main as make_encoder
from bot.encoder.data import load_examples
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


def test_words_weigh_more_the_more_examples_there_are() -> None:
    assert ngram_weight(5 * 64, 64) == ngram_weight(10 * 64, 64) == 0.4
    assert 0.4 < ngram_weight(100 * 77, 77) < 0.75
    assert ngram_weight(400 * 29, 29) == ngram_weight(12_000, 29) == 0.75


def test_a_model_answers_the_same_after_it_was_stored(train: list[Row], tmp_path: Path) -> None:
    texts = [row.text for row in train]
    vectors = FakeEncoder().encode(texts)
    model = IntentModel.fit(texts, vectors, [row.label for row in train])
    model.save(tmp_path / "intents.npz")
    assert IntentModel.load(tmp_path / "intents.npz").rank(texts[0], vectors[0]) == model.rank(texts[0], vectors[0])


def test_an_encoder_for_other_questions_never_replaces_the_shipped_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_encoder(["--examples", "train.jsonl"])
    assert "--output" in capsys.readouterr().err


def test_labels_of_other_bots_may_have_any_name(tmp_path: Path) -> None:
    rows = [{"text": text, "label": label} for text, label in (("a b", "x.y"), ("c d", "x.z"), ("e f", "oos"))]
    examples = load_examples(write(tmp_path / "train.jsonl", *rows)).examples
    assert len({example.group for example in examples}) == 3
    assert [example.pairable for example in examples if example.text == "e f"] == [False]
    assert all(example.pairable for example in examples if example.text != "e f")


def test_a_broken_file_of_other_questions_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = write(tmp_path / "train.jsonl", {"text": "a"})
    assert make_encoder(["--examples", str(broken), "--output", str(tmp_path / "out"), "--dry-run"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
