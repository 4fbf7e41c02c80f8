"""Puts each question to the trained bot as the first message of a conversation and notes what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

from bot.evaluation.metrics import CLARIFIED
from bot.evaluation.questions import Question
from bot.runtime.assistant import Assistant
from knowledge.content import Content
from knowledge.decision import OUT_OF_SCOPE, Scored
from knowledge.search import Found

DEPTH = 10  # results of a search that are looked at
_STATEMENTS = frozenset({"answer", "checklist"})  # reply types that must carry citations
# Labels of the intent component that are no topic themselves, and the topic of the reply they lead to.
_LEADS_TO = {"restart": "smalltalk", "stop": "smalltalk", "emergency": OUT_OF_SCOPE}
Json = Mapping[str, Any]
Progress = Callable[[int, int], None]


class Verdict(Enum):
    """What became of a message."""

    ANSWERED = "answered"
    CLARIFIED = CLARIFIED
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Measured:
    """A question and what the bot made of it.

    ``score`` is the confidence of the reply; ``offered`` are the topics on the buttons of a clarification;
    ``ranking`` the intent component's scores, empty where a message never came to it; ``retrieved`` the place
    (from 1) of the first search result that belongs to the expected topic, None if not in the first ten.
    """

    question: Question
    verdict: Verdict
    topic: str
    score: float
    uncited: bool
    offered: tuple[str, ...]
    ranking: tuple[Scored, ...]
    retrieved: int | None
    seconds: float

    @property
    def predicted(self) -> str:
        """The topic answered, ``out_of_scope`` if refused, ``clarified`` or ``failed``."""
        if self.verdict is Verdict.ANSWERED:
            return self.topic
        return OUT_OF_SCOPE if self.verdict is Verdict.REFUSED else self.verdict.value

    @property
    def right(self) -> bool:
        """Whether the message was answered with its topic, or refused where it is out of scope."""
        return self.predicted == self.question.topic

    @property
    def in_scope_score(self) -> float:
        """The best in-scope label's score from 0 to 1: what tells in scope from out of scope."""
        return max((entry.score for entry in self.ranking if topic_of(entry.label) != OUT_OF_SCOPE), default=0.0)


def measure(assistant: Assistant, questions: Sequence[Question], *, progress: Progress | None = None) -> list[Measured]:
    """Ask every question in a conversation of its own."""
    measured = []
    for number, question in enumerate(questions, 1):
        measured.append(_ask(assistant, question))
        if progress:
            progress(number, len(questions))
    return measured


def topic_of(label: str) -> str:
    """The topic of the reply that a label of the intent component leads to."""
    return _LEADS_TO.get(label, label)


def verdict_of(reply: Json) -> Verdict:
    """What a reply makes of the message it answers."""
    if reply["type"] == "error":
        return Verdict.FAILED
    if reply["type"] == "clarify":
        return Verdict.CLARIFIED
    if reply["type"] == "refusal" or reply["topic"] == OUT_OF_SCOPE:
        return Verdict.REFUSED
    return Verdict.ANSWERED


def is_uncited(reply: Json) -> bool:
    """Whether a reply states something without its source."""
    return reply["type"] in _STATEMENTS and not reply["citations"]


def rank_of_topic(found: Sequence[Found], topic: str, content: Content) -> int | None:
    """The place, from 1, of the first result that belongs to a topic; articles belong to ``law_article``."""
    places = (place for place, thing in enumerate(found, 1) if _topic(thing, content) == topic)
    return next(places, None)


def _ask(assistant: Assistant, question: Question) -> Measured:
    conversation = f"evaluation-{question.id}-{uuid4().hex}"
    started = time.perf_counter()
    replies = assistant.answer(conversation, question.text)
    seconds = time.perf_counter() - started
    ranking = _ranking(assistant, conversation)
    first = replies[0]
    return Measured(
        question,
        verdict_of(first),
        first["topic"],
        first["confidence"]["score"],
        any(is_uncited(reply) for reply in replies),
        tuple(button["payload"].removeprefix("/") for button in first["suggestions"]),
        ranking,
        _retrieved(assistant, question),
        seconds,
    )


def _ranking(assistant: Assistant, conversation: str) -> tuple[Scored, ...]:
    """The scores of the last message; from the events, as a restart empties the tracker's latest message."""
    from rasa.shared.core.events import UserUttered

    tracker = assistant.wait(assistant.agent.tracker_store.retrieve_full_tracker(conversation))
    if tracker is None:
        return ()
    said = next((event for event in reversed(tracker.events) if isinstance(event, UserUttered)), None)
    ranking = (said.parse_data or {}).get("intent_ranking") or () if said else ()
    return tuple(Scored(entry["name"], float(entry["confidence"])) for entry in ranking)


def _retrieved(assistant: Assistant, question: Question) -> int | None:
    if not question.in_scope:
        return None
    library = assistant.library
    return rank_of_topic(library.search.search(question.text, top=DEPTH), question.topic, library.content)


def _topic(thing: Found, content: Content) -> str | None:
    if thing.kind == "question":
        return content.answers[thing.id].topic
    return "law_article" if thing.kind in ("law", "law_question") else None
