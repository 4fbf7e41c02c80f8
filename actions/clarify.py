"""Asks back once, with up to three topics as buttons; the second time in a row a person is offered."""

from __future__ import annotations

from dataclasses import replace

from actions.speaker import Said, Speaker, buttons
from actions.turn import Turn
from knowledge.reply import Confidence


class ActionClarify(Speaker):
    """Says that it is not sure what is meant."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_clarify"

    def say(self, turn: Turn) -> Said:
        """One reply."""
        composer = self.library.composer(turn.language)
        follow_up = self.library.follow_up(turn.text, turn.slots.get("answer"))
        if follow_up is not None:
            return Said((composer.follow_up(follow_up[0], follow_up[1]),), {"clarified": 0})
        if turn.slots.get("clarified"):
            return Said((composer.simple("handoff", "human", "clarify_person"),), {"clarified": 0})
        wanted = [label for label in turn.ranking if label in self.library.content.topics and label != "out_of_scope"]
        reply = composer.clarify(wanted, confidence=Confidence.of(turn.score))
        if not reply.suggestions:
            reply = replace(reply, suggestions=buttons(composer, "talk_to_person"))
        return Said((reply,), {"clarified": 1, "offered": wanted[:3]})
