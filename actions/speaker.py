"""The base of all actions that speak: reads the turn, sends replies, and never leaves a person without a word."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.context import BESIDE
from actions.lists import start_list
from actions.turn import Turn
from knowledge.compose import Composer
from knowledge.library import Continuation, Library
from knowledge.models import Answer
from knowledge.reply import Confidence, Reply, Suggestion

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What an action says and remembers."""

    replies: tuple[Reply, ...] = ()
    remember: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()


class Speaker(Action, ABC):  # type: ignore[misc]
    """An action with a library; subclasses say what there is to say."""

    def __init__(self, library: Library) -> None:
        self.library = library

    @abstractmethod
    def say(self, turn: Turn) -> Said:
        """The replies to this turn."""

    def give(
        self, turn: Turn, answer: Answer, *, confidence: Confidence, lead: str = "", emergency: bool = False
    ) -> Said:
        """The answer for the person spoken of, and what to remember of it; a checklist is left to the form."""
        memory: dict[str, Any] = {"topic": answer.topic, "answer": answer.id, "clarified": 0, "offered": None}
        if answer.checklist:
            return Said(remember={**memory, **start_list(answer.checklist)})
        reply = self.library.composer(turn.language).answer(
            answer, facts=turn.facts, confidence=confidence, emergency=emergency, lead=lead
        )
        if answer.topic in BESIDE:
            memory = {"clarified": 0}  # the subject of the conversation stays what it was
        if not turn.active_form:
            memory["list_due"] = False
        return Said((reply,), memory)

    def go_on(self, turn: Turn, continuation: Continuation) -> Said:
        """The next word on the last answer, or another answer of its topic; for the papers, the list."""
        confidence = Confidence.of(continuation.similarity)
        general = self.library.content.general(continuation.answer.topic)
        if continuation.aspect == "papers" and general.checklist:
            return self.give(turn, general, confidence=confidence)
        if continuation.aspect is None:
            return self.give(turn, continuation.answer, confidence=confidence)
        reply = self.library.composer(turn.language).follow_up(
            continuation.answer, continuation.aspect, confidence=confidence
        )
        return Said((reply,), {"clarified": 0})

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by Rasa; an error of any kind becomes a sentence that a person can act on."""
        turn = Turn.read(tracker)
        try:
            said = self.say(turn)
        except ActionExecutionRejection:
            raise
        except Exception:
            logger.exception("%s failed", self.name())
            said = Said((self.library.composer(turn.language).simple("error", "out_of_scope", "failed"),))
        for reply in said.replies:
            dispatcher.utter_message(json_message=reply.to_json())
        return [*said.events, *(SlotSet(name, value) for name, value in said.remember.items())]


def confidence_of(turn: Turn) -> Confidence:
    """How sure the intent is; a button is certain."""
    return Confidence.of(1.0 if turn.is_button else turn.score)


def buttons(composer: Composer, *phrases: str) -> tuple[Suggestion, ...]:
    """Buttons that send their own words."""
    return tuple(Suggestion(composer.phrase(phrase), composer.phrase(phrase)) for phrase in phrases)
