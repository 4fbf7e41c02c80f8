"""The evaluation questions: enough, varied, well formed, and none of them learnt by heart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bot.encoder.data import load
from bot.evaluation.questions import SPLITS, STYLES, Question, QuestionsError, read_split
from bot.runtime import paths
from knowledge.content import Content

CLOSE = 0.8  # Jaccard index of the sets of words from which a message counts as copied
SHORT = 4  # words; below it two people write the same by chance, so that only an exact copy counts

_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile(r"['’]")


@pytest.fixture(scope="module")
def splits(content: Content) -> dict[str, tuple[Question, ...]]:
    return {split: read_split(split, topics=content.topics) for split in SPLITS}


@pytest.fixture(scope="module")
def questions(splits: dict[str, tuple[Question, ...]]) -> list[Question]:
    return [question for split in splits.values() for question in split]


def words(text: str) -> tuple[str, ...]:
    """A text without case, punctuation and apostrophes."""
    return tuple(_WORD.findall(_APOSTROPHE.sub("", text.lower())))


def training_texts(content: Content) -> list[str]:
    """Everything that the intent component, the encoder or the index has learnt."""
    learnt = load(paths.ROOT)
    follow_ups = (text for entry in content.follow_ups.values() for text in _all(entry.questions.by_language))
    return [*(example.text for example in learnt.examples), *learnt.ambiguous, *follow_ups]


def _all(by_language) -> Iterator[str]:
    for texts in by_language.values():
        yield from texts


def close_pairs(messages: list[str], others: list[str]) -> list[tuple[str, str, float]]:
    """The pairs that are too alike, with their Jaccard index."""
    vectorizer = CountVectorizer(analyzer=lambda text: set(words(text)), dtype=np.int32)
    theirs = vectorizer.fit_transform(others)
    # Words of a message that no other text has count for its size all the same.
    sizes = np.array([len(set(words(text))) for text in messages])
    shared = (vectorizer.transform(messages) @ theirs.T).tocoo()
    alike = shared.data / (sizes[shared.row] + np.asarray(theirs.sum(axis=1)).ravel()[shared.col] - shared.data)
    near = alike >= CLOSE
    return [
        (messages[row], others[column], float(index))
        for row, column, index in zip(shared.row[near], shared.col[near], alike[near], strict=True)
        if len(words(messages[row])) >= SHORT or words(messages[row]) == words(others[column])
    ]


def test_there_are_at_least_500_messages(questions: list[Question]) -> None:
    assert len(questions) >= 500


def test_ids_are_unique_over_both_splits(questions: list[Question]) -> None:
    assert len({question.id for question in questions}) == len(questions)


def test_no_message_stands_in_both_splits(splits: dict[str, tuple[Question, ...]]) -> None:
    dev, test = ([question.text for question in splits[split]] for split in ("dev", "test"))
    assert close_pairs(test, dev) == []
    assert len({words(text) for text in dev + test}) == len(dev + test)


@pytest.mark.parametrize("split", SPLITS)
def test_every_topic_and_every_style_is_in_each_split(
    split: str, splits: dict[str, tuple[Question, ...]], content: Content
) -> None:
    assert {question.topic for question in splits[split]} == set(content.topics)
    assert {question.style for question in splits[split]} == set(STYLES)


def test_no_message_is_close_to_a_training_example(questions: list[Question], content: Content) -> None:
    """Where this fails, delete or reword the training example, never the message."""
    found = close_pairs([question.text for question in questions], training_texts(content))
    report = "\n".join(f"{index:.2f}  {message!r} is too close to {other!r}" for message, other, index in found)
    assert not found, f"change these training examples or question variants:\n{report}"


def test_close_pairs_are_found() -> None:
    learnt = ["How do I pay online?", "article 58", "when may my grandmother pay"]
    assert close_pairs(["HOW DO I PAY, ONLINE"], learnt) == [("HOW DO I PAY, ONLINE", learnt[0], 1.0)]
    assert close_pairs(["online how do i pay now"], learnt) == [
        ("online how do i pay now", learnt[0], pytest.approx(5 / 6))
    ]
    assert [pair[1] for pair in close_pairs(["Article 58!"], learnt)] == ["article 58"]
    assert close_pairs(["58 article", "when may my uncle and aunt pay"], learnt) == []


# Reading ------------------------------------------------------------------------------------------------

GOOD = '{"id": "d1", "text": "hello", "topic": "smalltalk", "style": "plain"}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ('["d2"]', "not an object with the fields id, text, topic, style"),
        ('{"id": "d2", "text": "hello", "topic": "smalltalk"}', "not an object with the fields"),
        (GOOD.replace('"hello"', '" "').replace("d1", "d2"), '"text" is not a text'),
        (GOOD.replace('"hello"', "7").replace("d1", "d2"), '"text" is not a text'),
        (GOOD.replace("smalltalk", "weather").replace("d1", "d2"), 'unknown topic "weather"'),
        (GOOD.replace("plain", "sung").replace("d1", "d2"), 'unknown style "sung"'),
        (GOOD, 'id "d1" is used twice'),
    ],
)
def test_a_broken_line_is_named_with_file_line_and_mend(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "dev.jsonl").write_text(f"{GOOD}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionsError) as error:
        read_split("dev", topics=["smalltalk"], folder=tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/dev.jsonl:3: ")
    assert said in str(error.value)


def test_all_broken_lines_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text("{\n[\n", encoding="utf-8")
    with pytest.raises(QuestionsError) as error:
        read_split("dev", topics=["smalltalk"], folder=tmp_path)
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["1", "2"]


def test_a_missing_or_empty_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="cannot be read"):
        read_split("dev", topics=["smalltalk"], folder=tmp_path)
    (tmp_path / "dev.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(QuestionsError, match="no questions"):
        read_split("dev", topics=["smalltalk"], folder=tmp_path)
