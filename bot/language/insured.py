"""Who is to be insured: the one asked for, else the one who is described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.language.facts import Fact
from bot.language.persons import ADULT, PARENTS, SELF, Persons, may_be_child
from bot.language.text import Text

_CORE = frozenset({"age", "birth_year", "disability_level", "preschool", "student"})
_PERSONAL = _CORE | {"employment"}


def _one_of(text: Text, persons: Persons, facts: Sequence[Fact]) -> str | None:
    """Whom of several asked for the facts are told: "enrolling my parents: dad first, he's 69"."""
    members = text.tables["kin"]["members"].get(persons.asked_for[-1], ())
    told = {persons.at[fact.start] for fact in facts if fact.entity in _CORE}
    named = [one.key for one in persons.named if one.key in members and one.key in told and not one.rejected]
    return named[0] if len(set(named)) == 1 else None


def find_insured(text: Text, persons: Persons, facts: Sequence[Fact]) -> str | None:
    """The key of the insured person; None where nobody was named, or only the relatives of somebody unnamed."""
    if persons.asked_for:
        return _one_of(text, persons, facts) or persons.asked_for[-1]
    chosen = [named for named in persons.named if not named.rejected]
    others = [named.key for named in chosen if named.key != SELF and not named.aside]
    speaker = [named.key for named in chosen if named.key == SELF]
    described = Counter(persons.at[fact.start] for fact in facts)
    core = {persons.at[fact.start] for fact in facts if fact.entity in _CORE}
    at_school = any(fact.entity in ("preschool", "student") for fact in facts)
    if others and described[None] and set(others) <= PARENTS and at_school:
        return None
    if not (others or speaker) and any(persons.at[fact.start] is None for fact in facts if fact.entity in _PERSONAL):
        return None
    if set(others) <= PARENTS:
        others = [
            named.key
            for named in chosen
            if named.aside
            and may_be_child(text, named.key)
            and not (text.reads(named.end, "report") or named.key in persons.members)
        ] or others
    young = text.tables["kin"]["young"]
    children = [key for key in others if key in young or (may_be_child(text, key) and described[key])]
    if children and any(key in PARENTS for key in others):
        return children[0]
    beside = [named.key for named in chosen if named.aside and named.key in young]
    told = [key for key in (*others, *beside) if key in core] or [key for key in others if described[key]]
    if speaker and ((described[SELF] and not told) or others == ["parents"]):
        return SELF
    found = next(iter([*told, *others, *speaker]), None)
    young_one = any(fact.entity == "age" and int(fact.value) < ADULT and not fact.rejected for fact in facts)
    return None if found == "parents" and young_one else found  # "for a 5 year old, parents migrant workers"
