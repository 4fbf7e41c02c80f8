"""Who is to be insured: the one asked for, else the first who is described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.language.facts import Fact
from bot.language.persons import CHILDREN, PARENTS, SELF, Persons

_PERSONAL = frozenset({"age", "birth_year", "disability_level", "employment", "preschool", "student"})


def find_insured(persons: Persons, facts: Sequence[Fact]) -> str | None:
    """The key of the insured person; None where nobody was named, or only the parents of an unnamed child."""
    if persons.asked_for:
        return persons.asked_for[-1]
    chosen = [named for named in persons.named if not named.rejected]
    others = [named.key for named in chosen if named.key != SELF and not named.aside]
    described = Counter(persons.at[fact.start] for fact in facts if fact.entity not in ("article", "law", "number"))
    if (
        others
        and described[None]
        and set(others) <= PARENTS
        and any(fact.entity in ("preschool", "student") for fact in facts)
    ):
        return None
    if not others and any(persons.at[fact.start] is None for fact in facts if fact.entity in _PERSONAL):
        return None
    if set(others) <= PARENTS:
        others = [named.key for named in chosen if named.aside and named.key in CHILDREN] or others
    children = [key for key in others if key in CHILDREN]
    if children and any(key in PARENTS for key in others):
        return children[0]
    told = [key for key in others if described[key]]
    speaker = [named.key for named in chosen if named.key == SELF]
    if speaker and ((described[SELF] and not told) or others == ["parents"]):
        return SELF
    beside = [named.key for named in chosen if named.aside and named.key in CHILDREN and described[named.key]]
    return next(iter([*told, *beside, *others, *speaker]), None)
