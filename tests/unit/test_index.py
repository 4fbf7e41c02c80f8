"""The index is complete, is stored in one step, and is never served when it does not fit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import faiss
import numpy as np
import pytest

from knowledge.content import Content
from knowledge.encoder import DIMENSION
from knowledge.errors import IndexUnusable
from knowledge.index import (
    SHAPES,
    Entry,
    Index,
    expected_manifest,
    indexed_revision,
    load_index,
    new_vectors,
    open_index,
    save_index,
    shape_for,
)
from tests.fakes import FakeEncoder

ENCODER = FakeEncoder()


@pytest.fixture
def stored(index: Index, tmp_path: Path) -> Path:
    path = tmp_path / "knowledge.index"
    save_index(index, path)
    return path


def test_every_question_passage_and_article_is_indexed(content: Content, index: Index) -> None:
    targets = {(entry.kind, entry.target) for entry in index.entries}
    assert {("passage", passage) for passage in content.passages} <= targets
    assert {("law", article) for article in content.articles} <= targets
    with_questions = {answer.id for answer in content.answers.values() if answer.questions.get("en")}
    assert {("question", answer) for answer in with_questions} <= targets


def test_what_is_stored_comes_back(content: Content, index: Index, stored: Path) -> None:
    loaded = load_index(stored, expected_manifest(content, ENCODER))
    vector = ENCODER.encode(["when do i have to pay"])[0]
    assert loaded.search(vector, limit=5) == index.search(vector, limit=5)


@pytest.fixture(scope="module")
def many() -> Index:
    dice = np.random.default_rng(7)
    subjects = dice.standard_normal((100, DIMENSION), dtype=np.float32)
    vectors = subjects[dice.integers(100, size=20_000)] + 0.7 * dice.standard_normal((20_000, DIMENSION), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = new_vectors(vectors, len(vectors))
    kept.add(vectors)
    return Index([Entry("passage", str(row), "", "en") for row in range(20_000)], kept, {"format": 1})


def test_a_large_index_takes_a_fraction_of_the_memory_and_finds_nearly_all(many: Index) -> None:
    vectors = faiss.rand((200, DIMENSION), 7) - 0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    everything = many.among(np.arange(20_000))
    found = 0
    for vector in vectors:
        nearest = {hit.entry for hit in many.search(vector, limit=10, among=everything)}
        found += len(nearest & {hit.entry for hit in many.search(vector, limit=10)})
    assert found >= 0.95 * 10 * len(vectors)
    assert faiss.serialize_index(many._faiss).nbytes < 20_000 * DIMENSION * 4 / 3
    assert np.linalg.norm(many.vectors(np.array([7, 19_999])), axis=1) == pytest.approx(1, abs=0.1)


def test_a_large_index_comes_back_as_it_was(many: Index, tmp_path: Path) -> None:
    save_index(many, tmp_path / "large.index")
    loaded = load_index(tmp_path / "large.index", {"format": 1})
    vector = np.eye(1, DIMENSION, dtype=np.float32)[0]
    assert loaded.search(vector, limit=10) == many.search(vector, limit=10)


def test_among_chosen_rows_of_a_large_index_all_are_compared(many: Index) -> None:
    chosen = many.among(np.array([3, 7_000, 19_999]))
    vector = np.eye(1, DIMENSION, dtype=np.float32)[0]
    assert {hit.entry.target for hit in many.search(vector, limit=5, among=chosen)} == {"3", "7000", "19999"}


def test_vectors_that_lie_side_by_side_are_shared_and_others_copied(index: Index) -> None:
    for rows in (np.arange(3, 9), np.array([5]), np.array([3, 5, 6]), np.array([6, 5])):
        assert (index.shared_vectors(rows) == index.vectors(rows)).all()
    shared = index.shared_vectors(np.arange(3, 9))
    assert np.shares_memory(shared, index.shared_vectors(np.arange(4, 6)))
    assert not shared.flags.writeable


def test_the_index_type_follows_from_the_number_of_entries() -> None:
    assert [shape_for(entries).factory for entries in (0, 19_999, 20_000, 1_000_000)] == [
        "Flat",
        "Flat",
        "IVF256,SQ8",
        SHAPES[-1].factory,
    ]


def test_nothing_is_left_beside_it(stored: Path) -> None:
    assert [path.name for path in stored.parent.iterdir()] == ["knowledge.index"]


@pytest.mark.parametrize("key", ["knowledge_revision", "encoder", "format"])
def test_a_foreign_or_stale_index_is_refused(content: Content, stored: Path, key: str) -> None:
    expected = {**expected_manifest(content, ENCODER), key: "another"}
    with pytest.raises(IndexUnusable, match=key):
        load_index(stored, expected)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_index_is_refused(content: Content, stored: Path, share: float) -> None:
    whole = stored.read_bytes()
    stored.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(IndexUnusable, match="damaged"):
        load_index(stored, expected_manifest(content, ENCODER))


def test_a_flipped_byte_is_noticed(content: Content, stored: Path) -> None:
    damaged = bytearray(stored.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    stored.write_bytes(bytes(damaged))
    with pytest.raises(IndexUnusable, match="damaged"):
        load_index(stored, expected_manifest(content, ENCODER))


def test_entries_and_vectors_must_agree(content: Content, stored: Path) -> None:
    with zipfile.ZipFile(stored) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["entries.json"] = json.dumps(json.loads(parts["entries.json"])[:-1]).encode()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(IndexUnusable, match="vectors for"):
        load_index(stored, expected_manifest(content, ENCODER))


def test_the_revision_of_an_index_is_read_from_it_and_is_none_where_it_cannot_be(
    content: Content, stored: Path, tmp_path: Path
) -> None:
    assert indexed_revision(stored) == content.revision
    assert indexed_revision(tmp_path / "nothing") is None
    stored.write_bytes(stored.read_bytes()[:100])
    assert indexed_revision(stored) is None


def test_an_unusable_index_is_rebuilt_with_a_message(content: Content, stored: Path) -> None:
    stored.write_bytes(b"not an index")
    said: list[str] = []
    rebuilt = open_index(stored, content, ENCODER, report=said.append)
    assert "damaged" in said[0]
    assert len(rebuilt.entries) == len(load_index(stored, expected_manifest(content, ENCODER)).entries)


def test_a_full_disk_does_not_stop_the_answers(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("knowledge.index.zipfile.ZipFile.writestr", full)
    said: list[str] = []
    index = open_index(tmp_path / "knowledge.index", content, ENCODER, report=said.append)
    assert index.entries
    assert "No space left" in said[-1]
    assert list(tmp_path.iterdir()) == []
