"""Finding answers, passages and articles for a question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.chinese import settle
from knowledge.content import Content
from knowledge.encoder import TextEncoder
from knowledge.index import Entry, Index, Kind, Rows

_NEIGHBOURS = 200  # entries looked at; an answer has at most some 30 variants, so its best one is among them


@dataclass(frozen=True)
class Found:
    """A thing found: an answer, a passage or an article, with the text that led to it."""

    kind: Kind
    id: str
    score: float
    excerpt: str


class Search:
    """Search over one index; the score of a thing is that of its best text."""

    def __init__(self, content: Content, index: Index, encoder: TextEncoder) -> None:
        self._content = content
        self._index = index
        self._encoder = encoder
        self._rows_of_topic = {
            topic: index.rows(lambda entry, topic=topic: self._topic(entry) == topic)  # type: ignore[misc]
            for topic in content.topics
        }
        self._rows_of_follow_ups = index.rows(lambda entry: entry.kind == "follow_up")
        self._rows_of_things = index.rows(lambda entry: entry.kind != "follow_up")
        self._rows_of_law = index.rows(lambda entry: entry.kind in ("law", "law_question"))

    def search(self, text: str, *, top: int = 5) -> list[Found]:
        """The ``top`` best things of any kind, best first; scores are cosine similarities."""
        return self._best(text, self._rows_of_things)[:top]

    def answer(self, text: str, topic: str) -> tuple[Found, Found]:
        """The topic's answer that fits best, and its general answer (which may be the same)."""
        found = self._best(text, self._rows_of_topic[topic])
        general = next((thing for thing in found if thing.id == topic), Found("question", topic, 0.0, ""))
        return (found[0] if found else general), general

    def follow_up(self, text: str) -> Found | None:
        """The kind of follow-up question ("why?", "which law says so?") that the text comes nearest to."""
        return next(iter(self._best(text, self._rows_of_follow_ups)), None)

    def article(self, text: str) -> Found | None:
        """The article whose content fits best."""
        return next(iter(self._best(text, self._rows_of_law)), None)

    def _topic(self, entry: Entry) -> str | None:
        return self._content.answers[entry.target].topic if entry.kind == "question" else None

    def _best(self, text: str, rows: Rows) -> list[Found]:
        vector = self._encoder.encode([normalise(text)])[0]
        best: dict[str, Found] = {}
        for hit in self._index.search(vector, limit=_NEIGHBOURS, rows=rows):
            entry = hit.entry
            if entry.target not in best:
                best[entry.target] = Found(entry.kind, entry.target, hit.score, entry.text)
        return list(best.values())


_SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """The form in which a question meets the encoder: single spaces; Chinese simplified and without slips."""
    return settle(_SPACES.sub(" ", text).strip())
