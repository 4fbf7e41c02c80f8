"""Asks for one fact that would change the checklist; the first time together with the list as it stands."""

from __future__ import annotations

from actions.lists import current_list, list_reply, noted, person_label
from actions.remember import SELF, left_open
from actions.speaker import Said, Speaker, buttons
from actions.turn import FORM, Turn
from knowledge.compose import Composer
from knowledge.library import Library
from knowledge.models import Fact
from knowledge.reply import Suggestion

_LEAVING = frozenset({"emergency", "human", "smalltalk.thanks", "smalltalk.goodbye"})


class ActionAskFact(Speaker):
    """The form's question for one fact."""

    def __init__(self, library: Library, fact: str) -> None:
        super().__init__(library)
        self._fact = fact

    def name(self) -> str:
        """The name in the domain."""
        return f"action_ask_{FORM}_{self._fact}"

    def say(self, turn: Turn) -> Said:
        """The question, in other words after an answer that could not be understood."""
        result = current_list(turn, self.library)
        if result is None or self._takes_leave(turn):
            return Said()
        composer = self.library.composer(turn.language)
        fact = self.library.content.facts[self._fact]
        suggestions = self._choices(fact, composer)
        question = self._question(fact, turn, composer)
        asked = [*(turn.slots.get("asked") or ()), self._fact]
        memory = {"asked": list(dict.fromkeys(asked))}
        if not turn.slots.get("list_shown"):
            reply, seen = list_reply(
                turn, self.library, result, question=question, asks=self._fact, suggestions=suggestions
            )
            return Said((reply,), {**memory, **seen})
        lead = composer.phrase("skipped") if left_open(turn) else noted(turn, self.library, composer)
        text = composer.marks.sentences([lead, question])
        person = person_label(composer, turn.person)
        return Said((composer.question(result, self._fact, text, person=person, suggestions=suggestions),), memory)

    def _takes_leave(self, turn: Turn) -> bool:
        """Whether the message was answered and asks for nothing more: thanks, a wish for a person, an emergency."""
        if turn.first_in_turn or not (turn.slots.get("list_shown") or turn.intent == "emergency"):
            return False
        said = self.library.answer(turn.text, turn.intent)[0].id if turn.intent == "smalltalk" else turn.intent
        return said in _LEAVING

    def _question(self, fact: Fact, turn: Turn, composer: Composer) -> str:
        you = turn.person == SELF
        if turn.slots.get("misunderstood"):
            words = fact.reask_you if you else fact.reask
        else:
            words = fact.question_you if you else fact.question
        person = person_label(composer, turn.person)
        question = words.get(composer.language).format(person=person)
        question = question[0].upper() + question[1:]
        if not fact.sensitive:
            return composer.phrase("ask_plain", question=question)
        return composer.phrase("ask_reason", question=question, reason=fact.reason.get(composer.language))

    def _choices(self, fact: Fact, composer: Composer) -> tuple[Suggestion, ...]:
        if fact.type == "boolean":
            own = buttons(composer, "yes", "no")
        else:
            titles = [choice.title.get(composer.language) for choice in fact.choices]
            own = tuple(Suggestion(title, title) for title in titles)
        return (*own, *buttons(composer, "skip"))
