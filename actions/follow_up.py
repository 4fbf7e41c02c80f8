"""Answers what comes after an answer without naming its subject: "why?", "which law says so?", "on paper?"."""

from __future__ import annotations

from actions.context import in_context
from actions.inform import ActionInform
from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn
from knowledge.reply import Confidence


class ActionFollowUp(Speaker):
    """Says the answer's own words on what is asked next."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_follow_up"

    def say(self, turn: Turn) -> Said:
        """One reply about the last answer; a question back where there is none; none where a checklist begins."""
        composer = self.library.composer()
        answer = self.library.content.answers.get(turn.slots.get("answer") or "")
        aspect = self.library.search.follow_up(turn.text)
        if answer is None or aspect is None:
            return Said((composer.simple("clarify", "out_of_scope", "follow_up_unknown"),))
        meant = in_context(turn, self.library)
        if meant is not None and meant[1] > aspect.similarity and meant[0].id != answer.id:
            return self.give(turn, meant[0], confidence=Confidence.of(meant[1]))
        if not self.library.is_near(aspect) and turn.mentioned("insured") is not None and not turn.active_form:
            return ActionInform(self.library).say(turn)  # "and once more for me"
        return Said((composer.follow_up(answer, aspect.id, confidence=confidence_of(turn)),), {"clarified": 0})
