"""What a console asks for, in terms of calls: hear a turn, show a call, search, wrap up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine

from bot.assist.accounts import Account
from bot.assist.calls import Call, Calls, Overtaken, Turn
from bot.assist.cards import spoken
from bot.assist.listening import CallState, Listener
from bot.assist.panel import ask, panel
from bot.assist.words import words
from bot.assist.wrap_up import wrap_up
from knowledge.conditions import FactValue
from knowledge.library import Library
from knowledge.reply import Confidence, Reply

if TYPE_CHECKING:
    from rasa.core.agent import Agent

Json = dict[str, Any]
_ATTEMPTS = 20  # turns of one call that come at once are worked out one after the other
_RESULTS = 6  # of a search
_FOUND_AT_LEAST = 0.35  # cosine similarity below which a result has nothing to do with the query


class Console:
    """Calls together with the listener; safe to have in several processes at once."""

    def __init__(self, engine: Engine, library: Library, listener: Listener) -> None:
        self.calls = Calls(engine)
        self._library = library
        self._listener = listener

    async def hear(self, call: Call, turn: Turn, account: Account) -> Json:
        """What a turn led to; the same answer again for a turn that is stored already."""
        if not turn.final:
            self.calls.keep_interim(call.id, turn)
            return self._result(call.state, turn, [], None)
        for _ in range(_ATTEMPTS):
            begun = time.perf_counter()
            stored = self.calls.turn(call.id, turn.id)
            if stored is not None and stored.final:
                return self._result(call.state, stored, self.calls.cards(call.id, turn.id), stored.silence)
            heard = await self._listener.hear(call.id, turn.id, turn.role, turn.text, call.state)
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

    def search(self, query: str, language: str) -> list[Json]:
        """Answers and articles for a query, best first, each ready to be said."""
        composer, content = self._library.composer(language), self._library.content
        results: list[Json] = []
        for found in self._library.search.search(query, top=4 * _RESULTS):
            if found.score < _FOUND_AT_LEAST or len(results) == _RESULTS:
                break
            confidence = Confidence.of(found.score)
            reply: Reply | None = None
            if found.id in content.articles:
                title = content.articles[found.id].title.get(language)
                reply = composer.article(content.articles[found.id], confidence=confidence)
            elif found.id in content.answers and content.answers[found.id].type == "answer":
                title = content.answers[found.id].title.get(language)
                reply = composer.answer(content.answers[found.id], confidence=confidence)
            if reply is not None and all(result["id"] != found.id for result in results):
                say = spoken(reply, words(language))
                results.append({"id": found.id, "title": title, "say": say, "reply": reply.to_json()})
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


def parser(agent: Agent) -> Callable[[str, Mapping[str, Any]], Any]:
    """Rasa's reading of a text in a conversation with these slots, without a conversation being kept."""
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import SlotSet
    from rasa.shared.core.trackers import DialogueStateTracker

    async def parse(text: str, slots: Mapping[str, Any]) -> Mapping[str, Any]:
        known = [SlotSet(name, slots[name]) for name in ("topic", "requested_slot") if slots.get(name) is not None]
        tracker = DialogueStateTracker.from_events("assist", known, slots=agent.domain.slots)
        found: Mapping[str, Any] = await agent.processor.parse_message(UserMessage(text), tracker)
        return found

    return parse
