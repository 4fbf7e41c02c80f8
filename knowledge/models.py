"""The things content consists of, as typed and frozen values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal

from knowledge.conditions import Condition, FactValue

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
BlockKind = Literal["paragraph", "steps", "documents", "notice"]
AnswerType = Literal["answer", "checklist", "refusal", "smalltalk", "handoff"]
Confidence = Literal["high", "medium"]


@dataclass(frozen=True)
class Text:
    """A text in the languages it has been written in."""

    by_language: Mapping[str, str]

    def get(self, language: str) -> str:
        """The text in this language, or in English where that is still missing."""
        return self.by_language.get(language) or self.by_language.get("en", "")

    def __bool__(self) -> bool:
        return any(self.by_language.values())


@dataclass(frozen=True)
class TextList:
    """Several texts, per language in the same order."""

    by_language: Mapping[str, tuple[str, ...]]

    def get(self, language: str) -> tuple[str, ...]:
        """The texts in this language, or in English where they are still missing."""
        return self.by_language.get(language) or self.by_language.get("en", ())

    @property
    def every(self) -> tuple[str, ...]:
        """The texts in all languages."""
        return tuple(chain.from_iterable(self.by_language.values()))


@dataclass(frozen=True)
class References:
    """What supports a statement: passage ids (``000#p7``) and law ids (``sil:58``)."""

    sources: tuple[str, ...] = ()
    law: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.law)


@dataclass(frozen=True)
class Passage:
    """One paragraph of a source page, verbatim, with the reading a user may be shown.

    ``reading`` corrects translation damage and outdated or wrong statements; it is the verbatim text where
    the page is faithful. Only the reading is searched and shown.
    """

    id: str
    page: str
    page_title: str
    verbatim: str
    reading: Text
    verdict: str


@dataclass(frozen=True)
class Article:
    """One article of a law, or one section of a policy document."""

    id: str
    law: str
    number: str
    law_title: Text
    kind: Literal["law", "regulation", "policy", "court"]
    title: Text
    summary: Text
    valid_from: date
    valid_to: date | None
    valid_to_note: Text
    supersedes: tuple[str, ...]
    practice: Text
    practice_law: tuple[str, ...]
    wording_sources: tuple[str, ...]
    correction: Text
    quote_zh: str
    questions: TextList

    def in_force(self, on: date) -> bool:
        """Whether the article is the one to cite on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Law:
    """A law with the names people call it by."""

    id: str
    title: Text
    kind: Literal["law", "regulation", "policy", "court"]
    aliases: tuple[str, ...]
    last_article: int | None
    articles: tuple[Article, ...]


@dataclass(frozen=True)
class Statement:
    """A text with what supports it; ``topic`` where it belongs to another than the answer that it stands in."""

    text: Text
    references: References
    topic: str | None = None


@dataclass(frozen=True)
class Block:
    """A part of an answer: for some people only (``when``), on some days only (``valid_from``/``valid_to``)."""

    kind: BlockKind
    text: Text
    items: TextList
    when: Condition
    valid_from: date | None
    valid_to: date | None
    references: References


@dataclass(frozen=True)
class Change:
    """What has changed since the source page was written."""

    on: str
    statement: Statement


@dataclass(frozen=True)
class Answer:
    """One answer; the first of a topic is the general one and has the topic's id."""

    id: str
    topic: str
    type: AnswerType
    title: Text
    confidence: Confidence
    questions: TextList
    short: Statement
    blocks: tuple[Block, ...]
    changed: tuple[Change, ...]
    follow_ups: Mapping[str, Statement]
    related: tuple[str, ...]
    checklist: str | None

    @property
    def is_general(self) -> bool:
        """Whether this is the topic's general answer."""
        return self.id == self.topic


@dataclass(frozen=True)
class Item:
    """One paper of a checklist, and for whom it is needed."""

    id: str
    text: Text
    when: Condition
    if_applicable: Text
    why: Text
    why_not: Text
    references: References
    called: TextList  # what people call it in a question about it


@dataclass(frozen=True)
class ItemQuestion:
    """The words that ask whether or why one paper of a list is needed, and those that ask something else of it."""

    asks: TextList
    other: TextList

    def is_asked(self, message: str, names: Iterable[str]) -> bool:
        """Whether a message, in small letters, asks so; the names of papers ("hukou book copy") ask nothing."""
        asked = message
        for name in sorted(names, key=len, reverse=True):
            asked = asked.replace(name, " ")
        return any(is_named(word, message) for word in self.asks.every) and not any(
            is_named(word, asked) for word in self.other.every
        )


def is_named(name: str, message: str) -> bool:
    """Whether a name stands in a message: Chinese anywhere, English as a word of its own, also in the plural."""
    return name in message if not name.isascii() else re.search(rf"\b{re.escape(name)}s?\b", message) is not None


@dataclass(frozen=True)
class Instead:
    """A case in which the list does not apply as it stands; where it ``ends``, nothing more is asked."""

    when: Condition
    statement: Statement
    ends: bool


@dataclass(frozen=True)
class Checklist:
    """The papers of one procedure."""

    id: str
    topic: str
    title: Text
    caution: Statement
    instead: tuple[Instead, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Choice:
    """One button of a question about a fact; ``words`` are other words for it in an answer to that question."""

    value: FactValue
    title: Text
    words: TextList

    def is_meant(self, message: str) -> bool:
        """Whether a short answer names this choice in one of its words."""
        said = set(message.lower().replace(",", " ").replace(".", " ").split())
        english = any(said >= set(word.lower().split()) for word in self.words.by_language.get("en", ()))
        chinese = self.words.by_language.get("zh", ())
        return english or any(re.search(f"(?<![非不没]){re.escape(word)}", message) for word in chinese)


@dataclass(frozen=True)
class Fact:
    """A profile fact: its values, and the words to ask for it and to say it back."""

    id: str
    type: Literal["choice", "number", "boolean"]
    values: tuple[FactValue, ...]
    minimum: int
    maximum: int
    label: Text
    question: Text
    question_you: Text
    reask: Text
    reask_you: Text
    reason: Text
    sensitive: bool
    choices: tuple[Choice, ...]
    summary: Mapping[str, Mapping[FactValue, str] | str]

    def accepts(self, value: FactValue) -> bool:
        """Whether the value is a possible one."""
        if self.type == "number":
            return isinstance(value, int) and not isinstance(value, bool) and self.minimum <= value <= self.maximum
        return value in (self.values if self.type == "choice" else (True, False))


@dataclass(frozen=True)
class Derivation:
    """A fact that follows from others (a pupil is no pre-schooler); where ``usual``, unless the contrary is told."""

    when: Condition
    facts: Mapping[str, FactValue]
    age_bounds: tuple[int, int] | None
    usual: bool = False


@dataclass(frozen=True)
class FollowUp:
    """A kind of next question ("why?"), the words for it, and the reply where the answer has none of its own."""

    id: str
    questions: TextList
    fallback: Statement
