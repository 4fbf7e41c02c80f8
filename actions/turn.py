"""One turn as the actions see it: typed, read from Rasa's tracker once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

from knowledge.chinese import word_count
from knowledge.conditions import FactValue

FACTS = (
    "household",
    "age",
    "preschool",
    "student",
    "migrant_workers_child",
    "minimum_living_guarantee",
    "disability_level",
    "low_income",
    "employment",
    "location",
)
FORM = "checklist_form"


@dataclass(frozen=True)
class Mention:
    """Something said about a person or a law; ``person`` is whom it is about, None where nobody was named."""

    entity: str
    value: Any
    person: str | None = None


@dataclass(frozen=True)
class Turn:
    """The latest message and what is remembered of the conversation.

    ``language`` is that of the message, or of the one before where the message has none (a number, a button).
    """

    text: str
    intent: str
    score: float
    ranking: Mapping[str, float]
    mentions: tuple[Mention, ...]
    slots: Mapping[str, Any]
    active_form: bool
    first_in_turn: bool
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    language: str = "en"

    @classmethod
    def read(cls, tracker: Tracker) -> Turn:
        """Read the tracker that Rasa hands to an action."""
        message = tracker.latest_message
        intent, said = message.get("intent") or {}, message.get("metadata") or {}
        return cls(
            text=message.get("text") or "",
            intent=intent.get("name") or "",
            score=float(intent.get("confidence") or 0.0),
            ranking={entry["name"]: float(entry["confidence"]) for entry in message.get("intent_ranking") or ()},
            mentions=tuple(
                Mention(entity["entity"], entity["value"], entity.get("role"))
                for entity in message.get("entities") or ()
            ),
            slots=tracker.slots,
            active_form=(tracker.active_loop or {}).get("name") == FORM,
            first_in_turn=_first_in_turn(tracker.events),
            language=said.get("language") or tracker.slots.get("language") or said.get("usual") or "en",
            facts={fact: tracker.slots[fact] for fact in FACTS if tracker.slots.get(fact) is not None},
        )

    @property
    def words(self) -> int:
        """How many words the message has."""
        return word_count(self.text)

    @property
    def is_button(self) -> bool:
        """Whether the message is the payload of a button and not a person's words."""
        return self.text.startswith("/")

    @property
    def person(self) -> str | None:
        """Whom the facts are about."""
        person: str | None = self.slots.get("person")
        return person

    def score_of(self, label: str) -> float:
        """The score of a label, 0 where it is not among the likely ones."""
        return self.ranking.get(label, 0.0)

    def mentioned(self, entity: str) -> Any:
        """The last value mentioned for an entity, None if there is none."""
        return next((mention.value for mention in reversed(self.mentions) if mention.entity == entity), None)


def _first_in_turn(events: list[dict[str, Any]]) -> bool:
    """Whether no action has run since the message, the form itself apart (Rasa counts its validation as a run)."""
    for event in reversed(events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "action" and event.get("name") != FORM:
            return False
    return True
