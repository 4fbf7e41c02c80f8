"""Decides, within a running checklist, whether the message answered the question, and what to ask next."""

from __future__ import annotations

from rasa_sdk.interfaces import ActionExecutionRejection

from actions.lists import current_list
from actions.remember import answer_to, left_open
from actions.speaker import Said, Speaker
from actions.turn import FORM, Turn
from knowledge.checklist import next_question

# Intents that answer a question of the checklist; everything else is a digression, after which it asks again.
_ANSWERING = frozenset({"inform", "affirm", "deny", "skip", "show_list", "unclear", "unreadable"})
# A fact said in at most so many words is an answer, whatever intent the words resemble.
_SHORT = 8


class ValidateChecklistForm(Speaker):
    """Rasa's validation hook of the form."""

    def name(self) -> str:
        """The name in the domain."""
        return f"validate_{FORM}"

    def say(self, turn: Turn) -> Said:
        """No reply; the next fact to ask for, or the end of the form.

        Raises:
            ActionExecutionRejection: the message is about something else; rules answer it, then the form resumes.
        """
        result = current_list(turn, self.library)
        if result is None or not turn.slots.get("list_due"):
            return Said(remember={"requested_slot": None})
        asked = list(turn.slots.get("asked") or ())
        requested = turn.slots.get("requested_slot")
        misunderstood = int(turn.slots.get("misunderstood") or 0)
        if turn.first_in_turn and not requested and self._asks_besides(turn):
            raise ActionExecutionRejection(FORM, "the message names somebody else and is about something else")
        if turn.first_in_turn and requested:
            answered = requested in turn.facts
            skipped = not answered and left_open(turn)
            if not skipped and self._digresses(turn, requested):
                raise ActionExecutionRejection(FORM, "the message is about something else")
            if turn.intent == "show_list":
                return Said(remember={"requested_slot": None, "misunderstood": 0})
            if requested in result.missing and not answered and not skipped and misunderstood == 0:
                return Said(remember={"requested_slot": requested, "misunderstood": 1})
            misunderstood = 0
        elif requested and requested in result.missing:
            # Back from a digression: the same question again.
            return Said(remember={"requested_slot": requested, "misunderstood": misunderstood})
        following = next_question(result, asked=asked)
        return Said(remember={"requested_slot": following, "misunderstood": misunderstood})

    def _asks_besides(self, turn: Turn) -> bool:
        """Whether words that turn to another person ask for no list: "my mother cannot breathe"."""
        lists = {checklist.topic for checklist in self.library.content.checklists.values()}
        return not turn.slots.get("told") and turn.intent not in _ANSWERING | lists

    def _digresses(self, turn: Turn, requested: str) -> bool:
        if turn.intent in _ANSWERING:
            return False
        if turn.mentioned("number") is not None and self.library.content.facts[requested].type == "number":
            return False  # "200 years": an answer, if no possible one
        said_now = any(mention.entity in (requested, "birth_year", "birth_date") for mention in turn.mentions)
        answered = said_now or answer_to(turn, self.library.content.facts) is not None
        return not (answered and requested in turn.facts and turn.words <= _SHORT)
