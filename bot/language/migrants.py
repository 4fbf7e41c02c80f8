"""Children of migrant workers, and grown-up migrant workers, from what is said of work, places and hukou."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.facts import Fact
from bot.language.persons import FAMILY, PARENTS, SELF, Persons, may_be_child
from bot.language.text import Text

_CHILD = "migrant_workers_child"
_ADULT = 18
_CLAIMS = ("migrant_worker", "migrant_child")
_PARENTAL = frozenset({None, FAMILY, SELF, "husband", "wife", *PARENTS})


def settle_migrants(text: Text, facts: Sequence[Fact], persons: Persons) -> Iterator[Fact]:
    """All facts, with what was said of migrant workers turned into facts of the insured child or of the worker."""
    key = persons.insured
    is_child, is_minor = _childhood(text, facts, key)
    of_parents = {named.key for named in persons.named} == {"parents"} and not persons.asked_for and not is_child
    grown_up = any(fact.entity == "age" and int(fact.value) >= _ADULT for fact in facts if fact.person in (None, key))
    of_parents = of_parents and not grown_up
    claims = [fact for fact in facts if fact.entity in _CLAIMS]
    yield from (fact for fact in facts if fact.entity not in _CLAIMS)
    for claim in claims:
        subject, holds = persons.subject[claim.start], claim.value is not False
        if of_parents and subject in (None, "parents"):
            yield replace(claim, entity=_CHILD, value=holds, person=None)
        elif not holds or claim.entity == "migrant_child":
            yield replace(claim, entity=_CHILD, value=holds, person=key)
        elif is_child and (subject is None or subject != key or is_minor):
            yield replace(claim, entity=_CHILD, value=True, person=key)
            if claim.value == "moved" and subject != "parents":
                yield replace(claim, entity="location", value="elsewhere", person=key, weak=True)
        elif not is_minor:
            yield replace(claim, entity="location", value="elsewhere", weak=True)
            yield replace(claim, entity="migrant_worker", value=True, person=subject)  # whose child is known to others
    if is_child and not claims:
        yield from _inferred(text, facts, persons)


def _childhood(text: Text, facts: Sequence[Fact], key: str | None) -> tuple[bool, bool]:
    """Whether the insured person is a child, and whether that was said by an age."""
    own = [fact for fact in facts if fact.person in (None, key)]
    ages = [int(fact.value) for fact in own if fact.entity == "age"]
    if ages:
        return ages[-1] < _ADULT, ages[-1] < _ADULT
    at_school = any(fact.entity in ("preschool", "student") for fact in own)
    return at_school or may_be_child(text, key), False


def _inferred(text: Text, facts: Sequence[Fact], persons: Persons) -> Iterator[Fact]:
    """Parents who work in one place while the hukou, not an urban one, is in another."""
    if any(fact.entity == "household" and fact.value == "urban" for fact in facts):
        return
    moved = any(fact.entity == "location" and fact.value == "elsewhere" for fact in facts)
    village = [piece for piece, kind in text.having("weak_kind") if kind == "agricultural"]
    left_there = any(text.reads(piece.start - 1, "det") for piece in village)  # "stays in the village while we work in"
    for piece, _ in text.having("work", "work_sign", "for_work"):
        subject = persons.subject[piece.start]
        away = subject == "parents" or (left_there and subject in (FAMILY, SELF))
        if (moved and subject in _PARENTAL) or (away and _names_place(text, piece.start)):
            yield Fact(_CHILD, True, piece.start, piece.end, persons.insured)
            return


def _names_place(text: Text, word: int) -> bool:
    places = [piece for piece, name in text.having("place", "other_place") if name not in ("here", "same", "back")]
    return any(text.same_part(piece.start, word) and piece.start > word for piece in places)
