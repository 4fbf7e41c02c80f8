"""The index is complete, is stored in one step, and is never served when it does not fit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from knowledge.content import Content
from knowledge.errors import IndexUnusable
from knowledge.index import Index, expected_manifest, load_index, open_index, save_index
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
