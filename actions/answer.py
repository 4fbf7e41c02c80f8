"""Answers a topic: retrieves the answer that fits the question, for the person it is about."""

from __future__ import annotations

from actions.context import BESIDE, goes_on, stays
from actions.lists import paper_asked_about
from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn
from knowledge.decision import OUT_OF_SCOPE
from knowledge.library import STORED, Library

# The share of the emergency intent from which 120 is named before anything else.
EMERGENCY_AT_LEAST = 0.2


# The share of what is out of scope below which no particular refusal is given.
_SURELY_STRANGE = 0.33
# How few words go on from the papers for one thing to those for another.
_GOING_ON, _FEW = ("and ", "then ", "那", "还有", "另外"), 10


class ActionAnswer(Speaker):
    """Says the answer; where it is a checklist, leaves the floor to the form."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer"

    def say(self, turn: Turn) -> Said:
        """One reply, or none where a checklist begins."""
        question = "" if turn.is_button else turn.text
        paper = paper_asked_about(turn, self.library) if turn.intent not in BESIDE else None
        if paper is not None:
            return Said((paper,), {"clarified": 0, "list_due": turn.active_form})
        answer, similarity = self.library.answer(question, turn.intent, told=turn.slots.get("told") or ())
        if turn.intent == OUT_OF_SCOPE and turn.score_of(OUT_OF_SCOPE) < _SURELY_STRANGE:
            answer = self.library.content.general(OUT_OF_SCOPE)  # no guess at what was wanted, least of all at fraud
        if _asks_for_next_list(turn, self.library, similarity):
            answer = self.library.content.general(turn.intent)
        confidence = confidence_of(turn)
        follow_up = self.library.follow_up(question, turn.slots.get("answer"))
        about_papers = follow_up is not None and follow_up[1] == "papers" and answer.checklist is not None
        if follow_up is not None and not about_papers and follow_up[2] > similarity:
            reply = self.library.composer(turn.language).follow_up(follow_up[0], follow_up[1], confidence=confidence)
            return Said((reply,), {"clarified": 0})
        staying = stays(turn, self.library) if question and turn.intent not in BESIDE else None
        if staying is not None:
            return self.go_on(turn, staying)
        if turn.intent == OUT_OF_SCOPE and question:
            following = goes_on(turn, self.library)
            if following is not None and following.similarity > similarity:
                return self.go_on(turn, following)
        emergency = turn.ranking.get("emergency", 0.0) >= EMERGENCY_AT_LEAST
        return self.give(turn, answer, confidence=confidence, emergency=emergency)


def _asks_for_next_list(turn: Turn, library: Library, similarity: float) -> bool:
    """Whether a few words go on from one list to another: "and for the card?", unless they are a stored question."""
    last, meant = (library.content.answers.get(name or "") for name in (turn.slots.get("topic"), turn.intent))
    lists = last is not None and meant is not None and last.checklist and meant.checklist
    goes_on = turn.text.lower().startswith(_GOING_ON) and turn.words <= _FEW
    return bool(lists) and last != meant and goes_on and similarity < STORED
