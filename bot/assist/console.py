"""What a console asks for, in terms of calls: hear a turn, show a call, search, wrap up."""

from __future__ import annotations

import time
from typing import Any

from bot.assist.accounts import Account
from bot.assist.calls import Call, Calls, Overtaken, Turn
from bot.assist.cards import spoken
from bot.assist.listening import CallState, Listener
from bot.assist.panel import ask, panel
from bot.assist.words import words
from bot.assist.wrap_up import wrap_up
from bot.channels.suggestions import Suggestions
from knowledge.conditions import FactValue
from knowledge.library import Library
from knowledge.models import Language

Json = dict[str, Any]
_ATTEMPTS = 20  # turns of one call that come at once are worked out one after the other


class Console:
    """Calls together with the listener; safe to have in several processes at once."""

    def __init__(self, calls: Calls, library: Library, listener: Listener) -> None:
        self.calls = calls
        self._library = library
        self._listener = listener
        self._suggestions = Suggestions(library)

    async def hear(self, call: Call, turn: Turn, words: str, account: Account) -> Json:
        """What a turn led to; the same answer again for a turn that is stored already.

        ``words`` are what is understood of it: its text without the personal numbers and what stands in their place.
        """
        if not turn.final:
            self.calls.keep_interim(call.id, turn)
            return self._result(call.state, turn, [], None)
        for _ in range(_ATTEMPTS):
            begun = time.perf_counter()
            stored = self.calls.turn(call.id, turn.id)
            if stored is not None and stored.final:
                return self._result(call.state, stored, self.calls.cards(call.id, turn.id), stored.silence)
            heard = await self._listener.hear(call.id, turn.id, turn.role, words, call.state)
            result = self._result(heard.state, turn, [card.to_json() for card in heard.cards], heard.silence)
            taken = (time.perf_counter() - begun) * 1000 if turn.role == "customer" else None
            try:
                self.calls.keep(call, turn, heard, result, milliseconds=taken)
            except Overtaken:
                call = self.calls.get(call.id, account) or call
                continue
            return result
        raise Overtaken

    def set_fact(self, call: Call, fact: str, value: FactValue | None, account: Account) -> Json:
        """The panel after a fact was set or cleared by hand."""
        for _ in range(_ATTEMPTS):
            try:
                return self.calls.set_fact(call, fact, value, self._panel)
            except Overtaken:
                call = self.calls.get(call.id, account) or call
        raise Overtaken

    def accepts(self, fact: object, value: object) -> bool:
        """Whether there is such a fact, and it can have this value or be cleared."""
        definition = self._library.content.facts.get(fact) if isinstance(fact, str) else None
        return definition is not None and (value is None or definition.accepts(value))  # type: ignore[arg-type]

    def whole(self, call: Call) -> Json:
        """Everything of a call, for a console that opens or reloads it."""
        # The number is read first: an event between the two readings then comes twice, and never not at all.
        last = self.calls.last_event(call.id)
        turns = [{**turn.to_json(), "none": self._none(call.state, turn.silence)} for turn in self.calls.turns(call.id)]
        return {
            "call": call.id,
            "language": call.language,
            "opened": call.opened,
            "ended": call.ended,
            "wrap_up": call.wrap_up,
            "last_event": last,
            "turns": turns,
            "cards": self.calls.cards(call.id),
            "marks": self.calls.marks(call.id),
            **self._panel(call.state),
        }

    def draft(self, call: Call) -> str:
        """The wrap-up as saved, or its draft."""
        if call.wrap_up is not None:
            return call.wrap_up
        calls = self.calls
        return wrap_up(call, calls.turns(call.id), calls.cards(call.id), calls.marks(call.id), self._library)

    def search(self, query: str, language: Language) -> list[Json]:
        """What the help box finds, each result ready to be said."""
        results = []
        for found in self._suggestions.find(query, language):
            reply = self._suggestions.reply(found.id, language)
            if reply is not None:
                say = spoken(reply, words(language))
                results.append({"id": found.id, "title": found.question, "say": say, "reply": reply.to_json()})
        return results

    def _result(self, state: CallState, turn: Turn, cards: list[Json], silence: str | None) -> Json:
        none = self._none(state, silence)
        return {"turn": {**turn.to_json(), "none": none}, "cards": cards, "none": none, **self._panel(state)}

    def _none(self, state: CallState, silence: str | None) -> Json | None:
        return {"why": silence, "text": words(state.language).say("none", silence)} if silence else None

    def _panel(self, state: CallState) -> Json:
        topic = state.slots.get("topic")
        title = self._library.content.topic_titles.get(topic) if topic else None
        return {
            "topic": {"id": topic, "title": title.get(state.language)} if title else None,
            "checklist": panel(state, self._library),
            "ask": ask(state, self._library),
        }
