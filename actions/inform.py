"""Facts told outside a running checklist: the last list is looked at again, or the last answer given again."""

from __future__ import annotations

from actions.law import ActionLaw
from actions.lists import noted
from actions.speaker import Said, Speaker
from actions.turn import Turn
from knowledge.compose import SURE

OFFERED = ("what_documents", "who_can_pay", "how_to_pay")

_ALL_RIGHT = "smalltalk.ok"


class ActionInform(Speaker):
    """Says what the new facts change."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_inform"

    def say(self, turn: Turn) -> Said:
        """One reply; none where a checklist is begun or taken up again by the form."""
        chosen = self._chosen(turn)
        if chosen is not None:
            return self.give(turn, self.library.content.general(chosen), confidence=SURE)
        if turn.slots.get("topic") == "law_article" and turn.mentioned("number") is not None:
            return ActionLaw(self.library).by_number(turn, int(turn.mentioned("number")), turn.slots.get("law_asked"))
        composer = self.library.composer(turn.language)
        lead = noted(turn, self.library, composer)
        told = bool(lead) or turn.mentioned("person") is not None
        topic = turn.slots.get("topic")
        checklist = self.library.content.checklists.get(turn.slots.get("checklist") or "")
        if told and checklist is not None and checklist.topic == topic:
            return Said(remember={"list_due": True, "list_shown": False, "misunderstood": 0})
        if not told and topic is not None and turn.intent in ("affirm", "deny"):
            return self.give(turn, self.library.content.answers[_ALL_RIGHT], confidence=SURE)
        if topic is None or not told:
            return Said((composer.ask_subject(OFFERED, lead=lead),), {"offered": list(OFFERED), "clarified": 0})
        answer, _ = self.library.answer(turn.text, topic, told=turn.slots.get("told") or ())
        if answer.is_general and not answer.checklist and turn.mentioned("insured") is None:
            answer = self.library.content.answers[turn.slots["answer"]]
        return self.give(turn, answer, confidence=SURE, lead=lead)

    def _chosen(self, turn: Turn) -> str | None:
        """The topic that a bare number picks from those just offered."""
        offered = turn.slots.get("offered") or ()
        number = turn.mentioned("ordinal") or turn.text.strip(" .)")
        place = int(number) if str(number).isdecimal() else 0
        return offered[place - 1] if 0 < place <= len(offered) else None
