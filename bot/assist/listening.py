"""What a turn of a call means: facts, cards for the agent, or the reason why there are none.

The same actions answer as in the chat; only who speaks to whom differs. An agent's question says what the caller's
next words answer; an agent's statement about the caller counts as told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from rasa_sdk import Tracker

from actions.answer import ActionAnswer
from actions.emergency import DEFAULT as EMERGENCY
from actions.emergency import ActionEmergency
from actions.follow_up import ActionFollowUp
from actions.law import ActionLaw
from actions.remember import ActionRemember, facts_said, insured_person, without_contradiction
from actions.show_checklist import ActionChecklist
from actions.speaker import Said
from actions.turn import FACTS, FORM, Turn
from bot.assist.cards import Card, card_id, spoken
from bot.assist.words import Words, sentences, words
from bot.runtime.front_door import admit
from knowledge.conditions import FactValue
from knowledge.decision import OUT_OF_SCOPE, Outcome, Scored, Thresholds, decide, offers
from knowledge.library import Library
from knowledge.models import Checklist
from knowledge.reply import Confidence, Reply

Role = Literal["customer", "agent"]
Parse = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
MAXIMUM_CARDS = 3
OPEN = ("out_of_scope", "unclear")  # silences that leave a question without an answer
_SILENT = frozenset({"smalltalk", "human"})  # topics that a caller who speaks to a person has no use for
_REFERRING = frozenset({"inform", "affirm", "deny", "skip", "unclear", "stop", "restart"})
_SHORT = 8  # words; a longer turn is no bare answer to the agent's question
_BACKCHANNEL = 2  # words; "yes", "mm hm"
_SENTENCES = 4  # of one turn, looked at one by one
_SEVERAL = 3  # words from which a sentence may be a question of its own
_OPPOSITE: Mapping[FactValue, FactValue] = {
    "urban": "agricultural",
    "agricultural": "urban",
    "local": "elsewhere",
    "elsewhere": "local",
    True: False,
    False: True,
}


@dataclass(frozen=True)
class Asked:
    """What an agent's question asks for, and the values that a yes would confirm."""

    fact: str | None = None
    proposed: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """Whose words a fact comes from: a turn of the caller or the agent, or the agent's hand."""

    by: Literal["customer", "agent", "hand"]
    turn: str | None = None


@dataclass(frozen=True)
class CallState:
    """What is known after the turns so far: Rasa's slots, what was asked, and where each fact comes from."""

    language: str = "en"
    slots: Mapping[str, Any] = field(default_factory=dict)
    asked: Asked | None = None
    asked_before: tuple[str, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    last_card: str | None = None  # that new facts would bring up to date
    last_score: float = 1.0

    @property
    def facts(self) -> dict[str, FactValue]:
        """The facts of the person spoken of."""
        return {fact: self.slots[fact] for fact in FACTS if self.slots.get(fact) is not None}

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> CallState:
        """What ``to_json`` wrote."""
        asked = Asked(**plain["asked"]) if plain["asked"] else None
        told = {fact: Told(**source) for fact, source in plain["told"].items()}
        return cls(
            plain["language"],
            plain["slots"],
            asked,
            tuple(plain["asked_before"]),
            told,
            plain["last_card"],
            plain["last_score"],
        )

    def by_hand(self, fact: str, value: FactValue | None) -> CallState:
        """A fact set, or cleared, by the agent; what is said later does not overrule it until it is cleared."""
        told = {name: source for name, source in self.told.items() if name != fact}
        if value is not None:
            told[fact] = Told("hand")
        return replace(self, slots={**self.slots, fact: value}, told=told)


@dataclass(frozen=True)
class Heard:
    """What a turn led to: the state after it, and cards, or why there are none (a name in ``texts``)."""

    state: CallState
    cards: tuple[Card, ...] = ()
    silence: str | None = None


class Listener:
    """Understands turns; holds nothing of a call."""

    def __init__(self, library: Library, parse: Parse, thresholds: Thresholds | None = None) -> None:
        self.library = library
        self._parse = parse
        self._thresholds = thresholds or Thresholds.load()
        self._remember = ActionRemember(library)
        self._answer, self._law = ActionAnswer(library), ActionLaw(library)
        self._follow_up, self._list = ActionFollowUp(library), ActionChecklist(library)
        self._emergency = ActionEmergency(library)

    async def hear(self, call: str, turn: str, role: Role, text: str, state: CallState) -> Heard:
        """What a final turn means; ``text`` is redacted already."""
        if role == "agent":
            return Heard(await self._hear_agent(turn, text, state))
        return await self._hear_caller(call, turn, text, state)

    # The agent ----------------------------------------------------------------------------------------

    async def _hear_agent(self, turn: str, text: str, state: CallState) -> CallState:
        language = words(state.language)
        for sentence in sentences(text):
            read = await self._read(language.turned_round(sentence), state, asked=None)
            if read is None:
                continue
            # Whom the call is about is for the caller to say; an agent's words count where nobody has been named.
            person = state.slots.get("person") or insured_person(read)
            said = dict(facts_said(read, person, self.library.clock()))
            if language.is_question(sentence) or language.is_tag_question(sentence):
                state = self._ask(said, sentence, language, state)
            elif said and language.is_about_the_caller(sentence) and not language.is_conditional(sentence):
                named = replace(state, slots={**state.slots, "person": person})
                state = self._note(named, said, Told("agent", turn))
        return state

    def _ask(self, said: Mapping[str, FactValue], sentence: str, language: Words, state: CallState) -> CallState:
        fact = next(iter(said), None) or language.asked_for(sentence)
        if fact is None:
            return state
        clear = len(said) == 1 and not language.offers_alternatives(sentence)
        proposed = said if clear or language.is_tag_question(sentence) else {}
        before = tuple(dict.fromkeys([*state.asked_before, fact, *said]))
        return replace(state, asked=Asked(fact, dict(proposed)), asked_before=before)

    # The caller ---------------------------------------------------------------------------------------

    async def _hear_caller(self, call: str, turn: str, text: str, state: CallState) -> Heard:
        asked = state.asked
        read = await self._read(text, state, asked=asked)
        if read is None:
            return Heard(state, silence="unreadable")
        before = state
        state, answered = self._take_in(read, state, turn)
        length = len(read.text.split())
        if answered or length > _BACKCHANNEL:
            state = replace(state, asked=None)
        told = {fact for fact, value in state.facts.items() if before.facts.get(fact) != value}
        if answered and length <= _SHORT and not words(state.language).is_question(read.text):
            return self._brought_up_to_date(call, turn, read, before, state)
        found: list[tuple[Said, str]] = []
        for piece in await self._pieces(read, state):
            # Of two questions the second may come back to what the first is about.
            so_far = found[0][0].remember if found else {}
            found += self._suggest(piece, replace(state, slots={**state.slots, **so_far}))
        if not found and told:
            return self._brought_up_to_date(call, turn, read, before, state)
        if not found:
            return Heard(state, silence=self._silence(read))
        return self._shown(call, turn, found, state)

    def _take_in(self, read: Turn, state: CallState, turn: str) -> tuple[CallState, bool]:
        """The state with the facts of the caller's words, and whether they answered the agent's question."""
        remembered = {**state.slots, **self._remember.say(read).remember}
        another = remembered.get("person") != state.slots.get("person") and state.slots.get("person") is not None
        told = {} if another else dict(state.told)
        by_hand = {fact for fact, source in told.items() if source.by == "hand"}
        remembered.update({fact: state.slots.get(fact) for fact in by_hand})
        fresh = replace(state, slots=remembered)
        if another:
            fresh = replace(fresh, asked_before=(), last_card=None)
        for fact, value in fresh.facts.items():
            if another or state.facts.get(fact) != value:
                told[fact] = Told("customer", turn)
        fresh = replace(fresh, told={fact: source for fact, source in told.items() if fact in fresh.facts})
        confirmed = self._confirmed(read, state.asked)
        if confirmed:
            fresh = self._note(fresh, confirmed, Told("customer", turn))
        answered = bool(confirmed) or bool(state.asked and state.asked.fact in (remembered.get("told") or ()))
        return fresh, answered

    def _confirmed(self, read: Turn, asked: Asked | None) -> dict[str, FactValue]:
        """What a yes or a no to the agent's question says."""
        if asked is None or not asked.proposed:
            return {}
        answer = read.mentioned("yes_or_no")
        if answer is None and read.intent in ("affirm", "deny") and len(read.text.split()) <= _SHORT:
            answer = read.intent == "affirm"
        said = {mention.entity for mention in read.mentions}
        open_facts = {fact: value for fact, value in asked.proposed.items() if fact not in said}
        if answer is True:
            return open_facts
        if answer is False and len(asked.proposed) == 1:
            return {fact: _OPPOSITE[value] for fact, value in open_facts.items() if _has_opposite(value)}
        return {}

    def _note(self, state: CallState, fresh: Mapping[str, FactValue], source: Told) -> CallState:
        """The state with facts of somebody's words; those set by hand stay."""
        definitions = self.library.content.facts
        by_hand = {fact for fact, known in state.told.items() if known.by == "hand"}
        allowed = {
            fact: value for fact, value in fresh.items() if fact not in by_hand and definitions[fact].accepts(value)
        }
        facts = without_contradiction(state.facts, allowed, self.library.content.derivations)
        told = {fact: known for fact, known in state.told.items() if fact in facts}
        told.update({fact: source for fact in allowed if fact in facts and state.facts.get(fact) != facts[fact]})
        return replace(state, slots={**state.slots, **{fact: facts.get(fact) for fact in FACTS}}, told=told)

    async def _pieces(self, read: Turn, state: CallState) -> list[Turn]:
        """The turn, or the questions in it where it asks several things or means nothing as a whole."""
        found = [sentence for sentence in sentences(read.text) if len(sentence.split()) >= _SEVERAL]
        if len(found) < 2:
            return [read]
        language = words(state.language)
        questions = [sentence for sentence in found if language.is_question(sentence)]
        clear = decide(_ranking(read), self._thresholds).outcome is Outcome.ANSWER and read.intent not in _REFERRING
        if clear and len(questions) < 2:
            return [read]
        pieces = [await self._read(sentence, state, asked=None) for sentence in (questions or found)[-_SENTENCES:]]
        sure = [
            replace(piece, slots=state.slots, facts=state.facts)
            for piece in pieces
            if piece is not None and decide(_ranking(piece), self._thresholds).outcome is Outcome.ANSWER
        ]
        return sure or [read]

    def _suggest(self, read: Turn, state: CallState) -> list[tuple[Said, str]]:
        """What could be said to one question, best first, each with the reason."""
        read = replace(read, slots=state.slots, facts=state.facts)
        language = words(state.language)
        if read.intent == "emergency":
            said = self._emergency.say(read)
            # To everybody else it is a refusal to talk of insurance first; to an agent it is what to say.
            urgent = tuple(replace(reply, type="answer") for reply in said.replies)
            return [(replace(said, replies=urgent), language.say("why", "emergency"))]
        if read.intent in ("follow_up", "unclear"):
            found = self.library.follow_up(read.text, read.slots.get("answer"))
            if read.intent == "follow_up" or found is not None:
                said = self._follow_up.say(read)
                answered = [(said, language.say("why", "follow_up"))]
                return answered if said.replies and said.replies[0].type == "answer" else []
        if read.intent == "show_list":
            return [(self._list.say(read), language.say("why", "list"))]
        if read.intent in _REFERRING - {"unclear"}:
            return []
        ranking = _ranking(read)
        topics = self.library.content.topics
        offered = [
            entry
            for entry in offers(ranking, self._thresholds, at_most=MAXIMUM_CARDS)
            if entry.label in topics and entry.label not in _SILENT
        ]
        return [self._on_topic(read, entry, offered, language) for entry in offered]

    def _on_topic(self, read: Turn, entry: Scored, offered: Sequence[Scored], language: Words) -> tuple[Said, str]:
        read = replace(read, intent=entry.label, score=entry.score)
        if entry.label == "law_article":
            said = self._law.say(read)
        else:
            said = self._answer.say(read)
            if not said.replies:  # the answer is a checklist, which the chat's form would give
                said = self._whole_list(read, said)
        if entry.label == "law_article" and read.mentioned("article") is not None:
            return said, language.say("why", "article")
        question = self.library.search.nearest_question(read.text, said.remember.get("answer") or entry.label)
        others = [self._title(other.label, language) for other in offered if other.label != entry.label]
        if others:
            return said, language.say("why", "shared", question=question, topics=", ".join(others))
        return said, language.say("why", "question", question=question)

    def _whole_list(self, read: Turn, begun: Said) -> Said:
        slots = {**read.slots, **begun.remember, "told": [], "list_facts": None}
        shown = self._list.say(replace(read, intent="show_list", slots=slots))
        confidence = Confidence.of(read.score)
        replies = tuple(replace(reply, confidence=confidence) for reply in shown.replies)
        return Said(replies, {**begun.remember, **shown.remember})

    def _brought_up_to_date(self, call: str, turn: str, read: Turn, before: CallState, state: CallState) -> Heard:
        """The last answer again where the new facts change it; otherwise nothing is shown."""
        if state.last_card is None or state.slots.get("topic") is None:
            return Heard(state, silence="noted")
        old, new = (self._current(read, one) for one in (before, state))
        if new is None or old is None or _content(old.replies[0]) == _content(new.replies[0]):
            return Heard(state, silence="noted")
        why = words(state.language).say("why", "facts")
        return self._shown(call, turn, [(new, why)], state, replaces=state.last_card)

    def _current(self, read: Turn, state: CallState) -> Said | None:
        """The last answer, composed for the facts of a state."""
        # Nothing is said back: the card stands for itself.
        slots = {**state.slots, "told": [], "list_facts": None}
        turn = replace(read, slots=slots, facts=state.facts, active_form=False)
        if list_of_call(state, self.library) is not None:
            said = self._list.say(replace(turn, intent="show_list"))
        else:
            answer = self.library.content.answers.get(slots.get("answer") or "")
            if answer is None or answer.topic == "law_article":
                return None
            said = Said((self.library.composer(state.language).answer(answer, facts=state.facts),))
        confidence = Confidence.of(state.last_score)
        return replace(said, replies=tuple(_at_most(reply, confidence) for reply in said.replies))

    def _shown(
        self,
        call: str,
        turn: str,
        found: Sequence[tuple[Said, str]],
        state: CallState,
        *,
        replaces: str | None = None,
    ) -> Heard:
        """The cards, at most three, none twice; the first one is what the call is about from now on."""
        cards: dict[str, Card] = {}
        for said, why in found:
            reply = said.replies[0] if said.replies else None
            if reply is None or reply.type not in ("answer", "checklist") or reply.text in cards:
                continue
            if len(cards) < MAXIMUM_CARDS:
                say = spoken(reply, words(state.language))
                answer = said.remember.get("answer") or state.slots.get("answer")
                title = self._title(reply.topic, words(state.language))
                name = card_id(call, turn, len(cards))
                cards[reply.text] = Card(name, turn, title, say, reply, why, answer, None if cards else replaces)
        if not cards:
            return Heard(state, silence="out_of_scope")
        first = next(said for said, _ in found if said.replies and said.replies[0].text in cards)
        shown = tuple(cards.values())
        slots = {**state.slots, **first.remember}
        score = shown[0].reply.confidence.score
        return Heard(replace(state, slots=slots, last_card=shown[0].id, last_score=score), shown)

    # Reading ------------------------------------------------------------------------------------------

    async def _read(self, text: str, state: CallState, *, asked: Asked | None) -> Turn | None:
        """The turn as the actions see it; none where nothing can be read from it."""
        admitted = admit(text.lstrip("/ "), topics=())
        if admitted.startswith("/"):
            return None
        waiting = asked.fact if asked is not None and asked.fact not in asked.proposed else None
        # A question of the agent's makes "yes" an answer, as a running checklist does in the chat.
        slots = {**state.slots, "requested_slot": waiting}
        known = {"topic": slots.get("topic") or ("what_documents" if asked else None), "requested_slot": waiting}
        parsed = await self._parse(admitted, known)
        loop = {"name": FORM} if waiting else {}
        return Turn.read(Tracker("call", slots, dict(parsed), [], False, None, loop, None))

    def _silence(self, read: Turn) -> str:
        label = decide(_ranking(read), self._thresholds).label
        if label in _SILENT:
            return label
        if read.intent in _REFERRING - {"unclear"} or read.intent == "show_list":
            return "smalltalk"
        return "out_of_scope" if label == OUT_OF_SCOPE else "unclear"

    def _title(self, topic: str, language: Words) -> str:
        if topic == OUT_OF_SCOPE:  # of which only danger to life comes as a card
            return self.library.content.answers[EMERGENCY].title.get(language.language)
        return self.library.content.topic_titles[topic].get(language.language)


def _ranking(read: Turn) -> list[Scored]:
    ranking = [Scored(label, score) for label, score in read.ranking.items()]
    return sorted(ranking, key=lambda entry: -entry.score) or [Scored(OUT_OF_SCOPE, 0.0)]


def list_of_call(state: CallState, library: Library) -> Checklist | None:
    """The checklist that the call is about now; none where it has turned to something else."""
    checklist = library.content.checklists.get(state.slots.get("checklist") or "")
    return checklist if checklist is not None and checklist.topic == state.slots.get("topic") else None


def _at_most(reply: Reply, confidence: Confidence) -> Reply:
    return replace(reply, confidence=min(reply.confidence, confidence, key=lambda one: one.score))


def _content(reply: Reply) -> object:
    """What a reply says apart from its first sentence, which repeats what was just told."""
    return [(block.kind, block.text, block.items) for block in reply.blocks[1:]]


def _has_opposite(value: FactValue) -> bool:
    return isinstance(value, (bool, str)) and value in _OPPOSITE
