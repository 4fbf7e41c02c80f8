"""Answers what comes after an answer without naming its subject: "why?", "which law says so?", "on paper?"."""

from __future__ import annotations

from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn


class ActionFollowUp(Speaker):
    """Says the answer's own words on what is asked next."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_follow_up"

    def say(self, turn: Turn) -> Said:
        """One reply about the last answer; a question back where there is none."""
        composer = self.library.composer(turn.language)
        answer = self.library.content.answers.get(turn.slots.get("answer") or "")
        aspect = self.library.search.follow_up(turn.text)
        if answer is None or aspect is None:
            return Said((composer.simple("clarify", "out_of_scope", "follow_up_unknown"),))
        return Said((composer.follow_up(answer, aspect.id, confidence=confidence_of(turn)),), {"clarified": 0})
