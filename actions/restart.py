"""Forgets the conversation; takes the place of Rasa's own restart, which says nothing."""

from __future__ import annotations

from rasa_sdk.events import Restarted

from actions.speaker import Said, Speaker
from actions.turn import Turn


class ActionRestart(Speaker):
    """Forgets every fact and says so."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_restart"

    def say(self, turn: Turn) -> Said:
        """One reply and a restart of the conversation."""
        reply = self.library.composer(turn.language).simple("smalltalk", "smalltalk", "restarted")
        return Said((reply,), events=(Restarted(),))
