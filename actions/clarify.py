"""Asks back once, with up to three topics as buttons; the second time in a row a person is offered."""

from __future__ import annotations

from dataclasses import replace

from actions.context import in_context, likely_topics, of_likely_topics
from actions.speaker import Said, Speaker, buttons
from actions.turn import Turn
from knowledge.reply import Confidence


class ActionClarify(Speaker):
    """Says that it is not sure what is meant, unless the conversation or a stored question tells."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_clarify"

    def say(self, turn: Turn) -> Said:
        """One reply, or none where a checklist begins."""
        composer = self.library.composer()
        follow_up = self.library.follow_up(turn.text, turn.slots.get("answer"), unclear=True)
        meant = in_context(turn, self.library) or of_likely_topics(turn, self.library)
        if follow_up is not None and (meant is None or follow_up[2] > meant[1]):
            return Said((composer.follow_up(follow_up[0], follow_up[1]),), {"clarified": 0})
        if meant is not None:
            return self.give(turn, meant[0], confidence=Confidence.of(meant[1]))
        if turn.slots.get("clarified"):
            return Said((composer.simple("handoff", "human", "clarify_person"),), {"clarified": 0})
        wanted = likely_topics(turn, self.library)
        reply = composer.clarify(wanted, confidence=Confidence.of(turn.score))
        if not reply.suggestions:
            reply = replace(reply, suggestions=buttons(composer, "talk_to_person"))
        return Said((reply,), {"clarified": 1, "offered": wanted})
