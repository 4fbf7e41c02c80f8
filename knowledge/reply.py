"""Reply: the one contract between the assistant and every channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from knowledge.checklist import Needed

ReplyType = Literal["answer", "checklist", "question", "clarify", "refusal", "smalltalk", "handoff", "error"]
Level = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Citation:
    """Where a statement comes from: a passage of a source page, or an article of a law.

    ``valid_from`` is an ISO day for a law, None for a source page.
    """

    id: str
    kind: Literal["source", "law"]
    title: str
    article: str | None
    quote: str
    valid_from: str | None


@dataclass(frozen=True)
class ReplyBlock:
    """A part of the answer; ``text`` for paragraph and notice, ``items`` for steps and documents."""

    kind: Literal["paragraph", "steps", "documents", "notice"]
    text: str = ""
    items: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReplyItem:
    """One paper of a checklist for this person."""

    id: str
    text: str
    needed: Needed
    why: str
    citations: tuple[str, ...]


@dataclass(frozen=True)
class ReplyChecklist:
    """The checklist for one person; ``missing`` are the facts that could still change it."""

    id: str
    person: str
    items: tuple[ReplyItem, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A button: ``payload`` is sent back as the user's next message."""

    title: str
    payload: str


@dataclass(frozen=True)
class Confidence:
    """How sure the assistant is that this is the answer to the question; ``score`` from 0 to 1."""

    score: float
    level: Level

    @classmethod
    def of(cls, score: float, *, high: float = 0.75, medium: float = 0.5) -> Confidence:
        """A score with its level in words."""
        score = round(min(max(score, 0.0), 1.0), 4)
        return cls(score, "high" if score >= high else "medium" if score >= medium else "low")


@dataclass(frozen=True)
class Reply:
    """What the assistant says in one message; ``text`` stands alone, the rest is for richer channels."""

    type: ReplyType
    topic: str
    language: str
    text: str
    blocks: tuple[ReplyBlock, ...] = ()
    citations: tuple[Citation, ...] = ()
    confidence: Confidence = field(default_factory=lambda: Confidence.of(1.0))
    checklist: ReplyChecklist | None = None
    asks: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    knowledge_revision: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with every field of the contract."""
        listed = self.checklist
        return {
            **vars(self),
            "blocks": _plain(self.blocks),
            "citations": _plain(self.citations),
            "confidence": {**vars(self.confidence)},
            "checklist": {**vars(listed), "items": _plain(listed.items)} if listed else None,
            "suggestions": _plain(self.suggestions),
        }


def _plain(parts: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    """What ``dataclasses.asdict`` gives for parts without parts of their own, in a tenth of the time."""
    return tuple({**vars(part)} for part in parts)
