"""Answers a topic: retrieves the answer that fits the question, for the person it is about."""

from __future__ import annotations

from actions.context import BESIDE, goes_on, stays
from actions.lists import paper_asked_about
from actions.speaker import Said, Speaker, confidence_of
from actions.turn import Turn
from knowledge.decision import OUT_OF_SCOPE
from knowledge.library import STORED, Library
from knowledge.models import Answer

# The share of the emergency intent from which 120 is named before anything else.
EMERGENCY_AT_LEAST = 0.2


# The share of what is out of scope below which no particular refusal is given.
_SURELY_STRANGE = 0.33
# How much nearer a question for papers comes to the stored ones for a list that say what the list is for.
_SAYS_NOT_WHAT_FOR = 0.15
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
        following = self.library.follow_up(question, turn.slots.get("answer"))
        if following is not None and _comes_next(turn, following, answer, similarity, self.library):
            last, aspect, _ = following
            reply = self.library.composer(turn.language).follow_up(last, aspect, confidence=confidence)
            return Said((reply,), {"clarified": 0})
        staying = stays(turn, self.library) if question and turn.intent not in BESIDE else None
        if staying is not None:
            return self.go_on(turn, staying)
        if turn.intent == OUT_OF_SCOPE and question:
            going_on = goes_on(turn, self.library)
            if going_on is not None and going_on.similarity > similarity:
                return self.go_on(turn, going_on)
        emergency = turn.ranking.get("emergency", 0.0) >= EMERGENCY_AT_LEAST
        return self.give(turn, answer, confidence=confidence, emergency=emergency)


def _comes_next(
    turn: Turn, following: tuple[Answer, str, float], answer: Answer, similarity: float, library: Library
) -> bool:
    """Whether a question is about the last answer rather than about the answer that it resembles by itself.

    Who asks for papers without saying what for means those of the last answer, if it has any of its own.
    """
    last, aspect, nearness = following
    if aspect == "papers" and answer.checklist:
        own = library.content.next_words(last, aspect) is not None
        return own and not turn.active_form and nearness > similarity - _SAYS_NOT_WHAT_FOR
    return nearness > similarity


def _asks_for_next_list(turn: Turn, library: Library, similarity: float) -> bool:
    """Whether a few words go on from one list to another: "and for the card?", unless they are a stored question."""
    last, meant = (library.content.answers.get(name or "") for name in (turn.slots.get("topic"), turn.intent))
    lists = last is not None and meant is not None and last.checklist and meant.checklist
    goes_on = turn.text.lower().startswith(_GOING_ON) and turn.words <= _FEW
    return bool(lists) and last != meant and goes_on and similarity < STORED
