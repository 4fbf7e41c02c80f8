"""Ends a running checklist, or says that there is none."""

from __future__ import annotations

from actions.speaker import Said, Speaker
from actions.turn import Turn


class ActionStop(Speaker):
    """Confirms the stop; the facts told so far stay until the conversation ends."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_stop"

    def say(self, turn: Turn) -> Said:
        """One reply."""
        phrase = "stopped" if turn.active_form else "nothing_to_stop"
        reply = self.library.composer(turn.language).simple("smalltalk", "smalltalk", phrase)
        return Said((reply,), {"requested_slot": None, "list_due": False, "misunderstood": 0, "clarified": 0})
