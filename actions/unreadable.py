"""Answers a message that nothing can be read from: blank, too long, only signs, a command."""

from __future__ import annotations

from actions.speaker import Said, Speaker
from actions.turn import Turn

_OTHER_SCRIPT = "other_script"


class ActionUnreadable(Speaker):
    """Says what was wrong with the message and how to ask."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_unreadable"

    def say(self, turn: Turn) -> Said:
        """One reply; the reason is the name of a phrase, the numbers in it come along."""
        values = dict(turn.mentioned("reason") or {"phrase": "no_words"})
        phrase = values.pop("phrase")
        composer = self.library.composer(turn.language)
        if phrase == _OTHER_SCRIPT:
            return Said((composer.in_every_language("clarify", "out_of_scope", phrase),))
        return Said((composer.simple("clarify", "out_of_scope", phrase, **values),))
