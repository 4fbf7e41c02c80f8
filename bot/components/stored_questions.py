"""The questions by which the knowledge's answers are found, as examples of their topics."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bot.runtime import paths
from bot.runtime.shared import encoder
from knowledge.content import load_content
from knowledge.encoder import Vectors
from knowledge.index import open_index
from knowledge.search import normalise


@dataclass(frozen=True)
class StoredQuestion:
    """A question of the index; its vector has shape (384,)."""

    text: str
    answer: str
    topic: str
    vector: Vectors


def stored_questions() -> list[StoredQuestion]:
    """All of them, in every language."""
    content = load_content()
    index = open_index(paths.INDEX, content, encoder())
    rows = index.rows(lambda entry: entry.kind == "question")
    entries = [index.entries[row] for row in rows]
    return [
        StoredQuestion(normalise(entry.text), entry.target, content.answers[entry.target].topic, vector)
        for entry, vector in zip(entries, index.vectors(rows), strict=True)
    ]


def questions_fingerprint() -> str:
    """Changes whenever a question is added, reworded or given to another answer."""
    digest = hashlib.sha256()
    for answer in load_content().answers.values():
        for language in ("en", "zh"):
            digest.update(repr((answer.id, answer.topic, answer.questions.get(language))).encode())
    return digest.hexdigest()
