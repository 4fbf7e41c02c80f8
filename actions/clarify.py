"""Asks back once, with up to three topics as buttons; the second time in a row a person is offered."""

from __future__ import annotations

from dataclasses import replace

from actions.context import goes_on, is_vague, likely_topics, of_likely_topics
from actions.inform import OFFERED
from actions.lists import paper_asked_about
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
        composer = self.library.composer(turn.language)
        paper = paper_asked_about(turn, self.library)
        if paper is not None:
            return Said((paper,), {"clarified": 0})
        if not is_vague(turn):
            following = goes_on(turn, self.library)
            if following is not None:
                return self.go_on(turn, following)
            meant = of_likely_topics(turn, self.library)
            if meant is not None:
                return self.give(turn, meant[0], confidence=Confidence.of(meant[1]))
        if turn.slots.get("clarified"):
            return Said((composer.simple("handoff", "human", "clarify_person"),), {"clarified": 0})
        if is_vague(turn):
            return Said((composer.ask_subject(OFFERED),), {"clarified": 1, "offered": list(OFFERED)})
        wanted = likely_topics(turn, self.library)
        reply = composer.clarify(wanted, confidence=Confidence.of(turn.score))
        if not reply.suggestions:
            reply = replace(reply, suggestions=buttons(composer, "talk_to_person"))
        return Said((reply,), {"clarified": 1, "offered": wanted})
