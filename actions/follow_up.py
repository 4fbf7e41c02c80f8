"""Answers what comes after an answer without naming its subject: "why?", "which law says so?", "on paper?"."""

from __future__ import annotations

from actions.inform import ActionInform
from actions.lists import paper_asked_about
from actions.speaker import Said, Speaker
from actions.turn import Turn

# Below this similarity "and once more for me" is no question about the last answer but asks for it again.
_ABOUT_ANSWER = 0.6


class ActionFollowUp(Speaker):
    """Says the answer's own words on what is asked next."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_follow_up"

    def say(self, turn: Turn) -> Said:
        """One reply about the last answer; a question back where there is none; none where a checklist begins."""
        paper = paper_asked_about(turn, self.library)
        if paper is not None:
            return Said((paper,), {"clarified": 0})
        found = self.library.continuation(turn.text, turn.slots.get("answer"), in_list=turn.active_form)
        if found is None:
            return Said((self.library.composer(turn.language).simple("clarify", "out_of_scope", "follow_up_unknown"),))
        if found.similarity < _ABOUT_ANSWER and turn.mentioned("insured") is not None and not turn.active_form:
            return ActionInform(self.library).say(turn)
        return self.go_on(turn, found)
