"""Fills the profile slots from what was said, and keeps the persons of a conversation apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from actions.speaker import Said, Speaker
from actions.turn import FACTS, Mention, Turn
from knowledge.checklist import consistent
from knowledge.conditions import FactValue
from knowledge.models import Derivation, Fact

SELF = "self"
# "her father is on dibao" holds for the child, who belongs to the family.
_OF_FAMILY = frozenset({"household", "minimum_living_guarantee", "low_income"})
_CHILDREN = frozenset(
    {"son", "daughter", "child", "elder_child", "younger_child", "baby", "grandson", "granddaughter", "grandchild"}
    | {"nephew", "niece"}
)
_ANY_CHILD = frozenset({"child", "baby"})
# Intents that are about nobody: "can I speak to somebody from your office".
_OF_NOBODY = frozenset({"human", "out_of_scope", "smalltalk"})
_OF_LIST = frozenset({"show_list", "stop"})  # "no more questions, just the list"
_PARENTS = frozenset({"parents", "mother", "father"})
_MIGRANT_CHILD = "migrant_workers_child"
_AGES = frozenset({"age", "birth_year", "birth_date"})
_SCHOOL = frozenset({"student", "preschool", "school_grade"})
_FIRST_GRADE_AGE = 7  # six or seven
_HIGHEST_GRADE = 4  # of disability
_ADULT = 18  # years
_BARE = 4  # words; "that is none of your business" resembles a no, and is none
_SHORT = 8  # words; a longer message is no bare answer


class ActionRemember(Speaker):
    """Runs after every message, before anything else; says nothing.

    A fact goes to the person it was said of. A second person starts a profile of their own; what was known of the
    first is put aside and comes back when they are spoken of again.
    """

    def name(self) -> str:
        """Rasa's hook for slots with custom mappings."""
        return "action_validate_slot_mappings"

    def say(self, turn: Turn) -> Said:
        """No reply, only slots."""
        memory: dict[str, Any] = {"language": turn.language} if turn.slots.get("language") != turn.language else {}
        if turn.is_button:
            return Said(remember={**memory, "told": []})
        person = insured_person(turn) or turn.person
        facts = dict(turn.facts)
        if person != turn.person:
            turned, facts = self._turn_to(str(person), turn)
            memory.update(turned)
        fresh = self._said(turn, person)
        content = self.library.content
        facts = without_contradiction(facts, fresh, content.derivations)
        facts = {**content.known_of.get(str(person), {}), **facts}
        told = sorted(fact for fact in fresh if fact in facts)
        if told != (turn.slots.get("told") or []):
            memory["told"] = told
        memory.update({fact: facts.get(fact) for fact in FACTS if facts.get(fact) != turn.facts.get(fact)})
        return Said(remember=memory)

    def _turn_to(self, person: str, turn: Turn) -> tuple[dict[str, Any], dict[str, FactValue]]:
        """From now on the facts are another person's; in "sorry, I meant my son" the same facts, of my son."""
        facts = dict(turn.facts)
        if turn.person is None or is_correction(turn):
            unsaid = self.library.content.known_of.get(str(turn.person), {})
            return {"person": person}, {
                fact: value for fact, value in facts.items() if fact not in unsaid or unsaid[fact] != value
            }
        people = {**(turn.slots.get("people") or {}), turn.person: facts}
        anew = {"list_shown": False, "asked": [], "misunderstood": 0, "requested_slot": None}
        return {"person": person, "people": people, **anew}, dict(people.get(person, {}))

    def _said(self, turn: Turn, person: str | None) -> dict[str, FactValue]:
        definitions = self.library.content.facts
        said: dict[str, FactValue] = {}
        for fact, value in facts_said(turn, person, self.library.clock()):
            if definitions[fact].accepts(value):
                said[fact] = value
        for name, value in filter(None, (answer_to(turn, definitions), mended_age(turn))):
            if name not in said and definitions[name].accepts(value):
                said[name] = value
                break
        return said


def without_contradiction(
    known: Mapping[str, FactValue], fresh: Mapping[str, FactValue], derivations: Collection[Derivation]
) -> dict[str, FactValue]:
    """The facts after a message: what is new overrules what it contradicts, and news at odds with itself is dropped.

    "4 years old and retired" says nothing that could be used; "retired" after "4 years old" corrects the age.
    """
    if not consistent(fresh, derivations):
        return dict(known)
    facts = {**known, **fresh}
    for fact in known:
        if fact not in fresh and not consistent({fact: known[fact], **fresh}, derivations):
            del facts[fact]
    return facts


def is_correction(turn: Turn) -> bool:
    """Whether the message says that somebody else was meant."""
    return bool(turn.mentioned("correction"))


def insured_person(turn: Turn) -> str | None:
    """Whom the message is about, None where it names nobody but, say, the parents of the one spoken of."""
    insured = turn.mentioned("insured")
    if insured is not None and turn.person in _CHILDREN and _is_of_child(turn, str(insured)):
        return turn.person
    if insured is not None and turn.person is not None and turn.intent in _OF_NOBODY and not _told(turn):
        return turn.person
    if insured is not None:
        return str(insured)
    named = turn.mentioned("person") is not None
    return SELF if named and turn.person is None else None


def _is_of_child(turn: Turn, named: str) -> bool:
    """Whether a message still tells of the child spoken of: "the kid is healthy", "her parents are no migrants"."""
    if named in _ANY_CHILD:
        return True
    told = _told(turn)
    of_child = all(mention.person != named for mention in told) or turn.mentioned(_MIGRANT_CHILD) is not None
    return named in _PARENTS and bool(told) and of_child


def _told(turn: Turn) -> list[Mention]:
    return [mention for mention in turn.mentions if mention.entity in FACTS]


def facts_said(turn: Turn, person: str | None, today: date) -> Iterator[tuple[str, FactValue]]:
    """The facts said about the insured person; what was said of somebody else is left out."""
    nobody_else = turn.mentioned("insured") is None
    grown = any(
        mention.entity == "age" and mention.person in (None, person) and int(mention.value) >= _ADULT
        for mention in turn.mentions
    )
    asked = (turn.slots.get("requested_slot") == _MIGRANT_CHILD or person in _CHILDREN) and not grown
    grade = grade_answered(turn)
    if grade is not None:
        yield "disability_level", grade
    for mention in turn.mentions:
        if mention.entity == "migrant_worker" and asked:
            yield _MIGRANT_CHILD, True  # "we came here from Henan to work in a factory"
            continue
        of_family = nobody_else and mention.entity in _OF_FAMILY and mention.person in _PARENTS
        same_child = mention.person in _ANY_CHILD and person in _CHILDREN
        if mention.person not in (None, person) and not of_family and not same_child:
            continue
        if grade is not None and mention.entity in _SCHOOL:
            continue
        if mention.entity in ("birth_year", "birth_date"):
            yield "age", age_of(str(mention.value), today)
        elif mention.entity == "school_grade":
            if "age" not in turn.facts and not any(other.entity in _AGES for other in turn.mentions):
                yield "age", _FIRST_GRADE_AGE + int(mention.value) - 1
        elif mention.entity in FACTS:
            yield mention.entity, mention.value


def grade_answered(turn: Turn) -> int | None:
    """The grade in "4th grade", which is one of a certificate where that was asked for, and else one of a school."""
    grade = int(turn.mentioned("school_grade") or 0)
    asked = turn.active_form and turn.slots.get("requested_slot") == "disability_level"
    return grade if asked and turn.words <= _SHORT and 1 <= grade <= _HIGHEST_GRADE else None


def mended_age(turn: Turn) -> tuple[str, FactValue] | None:
    """The age in "I wrote 61, it should be 51", said after the age was known."""
    number = turn.mentioned("number")
    known = number is not None and is_correction(turn) and "age" in turn.facts
    return ("age", int(number)) if known else None


def left_open(turn: Turn) -> bool:
    """Whether the message leaves the fact asked for open: "skip", "no idea", "that neither" after one of these."""
    if not turn.active_form:
        return False
    if turn.intent == "skip" or turn.mentioned("unknown") is not None:
        return True
    words = turn.text.lower().split()
    asked = [fact for fact in turn.slots.get("asked") or () if fact != turn.slots.get("requested_slot")]
    return "neither" in words and len(words) <= _BARE and bool(asked) and asked[-1] not in turn.facts


def _in_order(fact: Fact, place: int) -> tuple[str, FactValue] | None:
    """The choice that "the second" picks; of grades, the one of that number."""
    if fact.id == "disability_level":
        return fact.id, place
    return (fact.id, fact.choices[place - 1].value) if 0 < place <= len(fact.choices) else None


def age_of(born: str, today: date) -> int:
    """Full years on a day, from "1966" or "1966-12-20"; a year alone counts as if the birthday had passed."""
    year, *rest = map(int, born.split("-"))
    passed = not rest or (today.month, today.day) >= tuple(rest)
    return today.year - year - (not passed)


def _late_answer(turn: Turn, definitions: Mapping[str, Fact]) -> tuple[str, FactValue] | None:
    """The choice named in a few words after the list, for what was asked last and left open: "my mom says city"."""
    asked = [fact for fact in turn.slots.get("asked") or () if fact in definitions]
    if not turn.slots.get("list_shown") or not asked or asked[-1] in turn.facts or turn.words > _BARE:
        return None
    fact = definitions[asked[-1]]
    chosen = [choice.value for choice in fact.choices if choice.is_meant(turn.text)] if fact.type == "choice" else []
    return (fact.id, chosen[0]) if len(chosen) == 1 else None


def answer_to(turn: Turn, definitions: Mapping[str, Fact]) -> tuple[str, FactValue] | None:
    """The fact that a bare yes, no, number or word answers in a running checklist."""
    name = str(turn.slots.get("requested_slot"))
    if not turn.active_form or name not in definitions:
        return _late_answer(turn, definitions)
    fact = definitions[name]
    number = turn.mentioned("number")
    if fact.type == "number" and number is not None:
        return name, int(number)
    ordinal = turn.mentioned("ordinal")
    if ordinal is not None:
        return _in_order(fact, int(ordinal))
    if left_open(turn):
        return None
    chosen = [choice.value for choice in fact.choices if choice.is_meant(turn.text)] if fact.type == "choice" else []
    if len(chosen) == 1 and turn.words <= _SHORT:
        return name, chosen[0]
    answer = turn.mentioned("yes_or_no") if turn.intent not in _OF_LIST else None
    states = any(mention.entity in FACTS and mention.entity != name for mention in turn.mentions)
    if answer is None and turn.intent in ("affirm", "deny") and turn.words <= _BARE and not states:
        answer = turn.intent == "affirm"
    if answer is None:
        return None
    if fact.type == "boolean":
        return name, bool(answer)
    return (name, 0) if name == "disability_level" and not answer else None
