"""Answers a topic: retrieves the answer that fits the question, for the person it is about."""

from __future__ import annotations

from actions.lists import start_list
from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn

# The share of the emergency intent from which 120 is named before anything else.
EMERGENCY_AT_LEAST = 0.2


class ActionAnswer(Speaker):
    """Says the answer; where it is a checklist, leaves the floor to the form."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer"

    def say(self, turn: Turn) -> Said:
        """One reply, or none where a checklist begins."""
        topic = turn.intent
        question = "" if turn.is_button else turn.text
        answer, similarity = self.library.answer(question, topic)
        follow_up = self.library.follow_up(question, turn.slots.get("answer"))
        if follow_up is not None and follow_up[2] > similarity:
            reply = self.library.composer(turn.language).follow_up(
                follow_up[0], follow_up[1], confidence=confidence_of(turn)
            )
            return Said((reply,), {"clarified": 0})
        memory = {"topic": topic, "answer": answer.id, "clarified": 0, "offered": None}
        if answer.checklist:
            return Said(remember={**memory, **start_list(answer.checklist)})
        reply = self.library.composer(turn.language).answer(
            answer,
            facts=turn.facts,
            confidence=confidence_of(turn),
            emergency=turn.ranking.get("emergency", 0.0) >= EMERGENCY_AT_LEAST,
        )
        if reply.type in ("smalltalk", "refusal", "handoff"):
            memory = {"clarified": 0}  # the subject of the conversation stays what it was
        if not turn.active_form:
            memory["list_due"] = False
        return Said((reply,), memory)
