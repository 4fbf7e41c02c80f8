"""Facts told outside a running checklist: the last list is looked at again, or the last answer given again."""

from __future__ import annotations

from actions.lists import noted, start_list
from actions.speaker import Said, Speaker
from actions.turn import Turn

_OFFERED = ("what_documents", "who_can_pay", "how_to_pay")


class ActionInform(Speaker):
    """Says what the new facts change."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_inform"

    def say(self, turn: Turn) -> Said:
        """One reply; none where a checklist is begun or taken up again by the form."""
        chosen = self._chosen(turn)
        if chosen is not None:
            return self._choose(turn, chosen)
        composer = self.library.composer(turn.language)
        lead = noted(turn, self.library, composer)
        told = bool(lead) or turn.mentioned("person") is not None
        topic = turn.slots.get("topic")
        checklist = self.library.content.checklists.get(turn.slots.get("checklist") or "")
        if told and checklist is not None and checklist.topic == topic:
            return Said(remember={"list_due": True, "list_shown": False, "misunderstood": 0})
        if topic is None or not told:
            return Said((composer.ask_subject(_OFFERED, lead=lead),), {"offered": list(_OFFERED), "clarified": 0})
        answer, _ = self.library.answer(turn.text, topic)
        if answer.is_general:
            answer = self.library.content.answers[turn.slots["answer"]]
        return Said((composer.answer(answer, facts=turn.facts, lead=lead),), {"answer": answer.id, "clarified": 0})

    def _chosen(self, turn: Turn) -> str | None:
        """The topic that a bare number picks from those just offered."""
        offered = turn.slots.get("offered") or ()
        number = turn.text.strip(" .)")
        return offered[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(offered) else None

    def _choose(self, turn: Turn, topic: str) -> Said:
        answer = self.library.content.general(topic)
        memory = {"topic": topic, "answer": topic, "clarified": 0, "offered": None}
        if answer.checklist:
            return Said(remember={**memory, **start_list(answer.checklist)})
        return Said((self.library.composer(turn.language).answer(answer),), memory)
