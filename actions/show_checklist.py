"""Gives the checklist when there is nothing more to ask, or when it is asked for."""

from __future__ import annotations

from actions.lists import current_list, list_reply
from actions.speaker import Said, Speaker
from actions.turn import Turn

_DEFAULT = "enrolment"


class ActionChecklist(Speaker):
    """Says the list for this person."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_checklist"

    def say(self, turn: Turn) -> Said:
        """One reply; none where the form ended without a list (an answer has been given already)."""
        result = current_list(turn, self.library)
        if turn.intent == "show_list":
            result = result or self.library.checklist(_DEFAULT, turn.facts)
        elif result is None or not turn.slots.get("list_due"):
            return Said()
        reply, memory = list_reply(turn, self.library, result)
        checklist = result.checklist
        subject = {"checklist": checklist.id, "topic": checklist.topic, "answer": checklist.topic}
        return Said((reply,), {**memory, **subject, "list_due": False, "misunderstood": 0})
