"""Children of migrant workers, and grown-up migrant workers, from what is said of work, places and hukou."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.facts import Fact
from bot.language.persons import CHILDREN, FAMILY, PARENTS, SELF, Persons
from bot.language.text import Text

CHILD = "migrant_workers_child"
_ADULT = 18
_CLAIMS = ("migrant_worker", "migrant_child")


def settle_migrants(text: Text, facts: Sequence[Fact], persons: Persons) -> Iterator[Fact]:
    """All facts, with what was said of migrant workers turned into facts of the insured child or of the worker."""
    child = _Child(facts, persons)
    claims = [fact for fact in facts if fact.entity in _CLAIMS]
    yield from (fact for fact in facts if fact.entity not in _CLAIMS)
    for claim in claims:
        subject = persons.subject[claim.start]
        if (
            subject == "parents"
            and not child.is_child
            and persons.insured in (None, "parents")
            and "parents" not in persons.asked_for
        ):
            yield replace(claim, entity=CHILD, person=None)
        elif claim.value is False or claim.entity == "migrant_child":
            yield replace(claim, entity=CHILD, person=child.key)
        elif child.is_child and (subject is None or subject != child.key or child.is_minor):
            yield replace(claim, entity=CHILD, value=True, person=child.key)
        elif not child.is_child or not child.is_minor:
            yield replace(claim, entity="location", value="elsewhere", weak=True)
    if child.is_child and not claims:
        yield from _inferred(text, facts, persons, child)


def _inferred(text: Text, facts: Sequence[Fact], persons: Persons, child: _Child) -> Iterator[Fact]:
    """Parents who work in one place while the hukou, not an urban one, is in another."""
    if any(fact.entity == "household" and fact.value == "urban" for fact in facts):
        return
    moved = next((fact for fact in facts if fact.entity == "location" and fact.value == "elsewhere"), None)
    rooted = any(
        text.reading(piece.start - 1, "det") for piece, kind in text.having("weak_kind") if kind == "agricultural"
    )
    for piece, _ in [piece for label in ("work", "work_sign", "for_work") for piece in text.having(label)]:
        subject = persons.subject[piece.start]
        away = (subject == "parents" or (rooted and subject in (FAMILY, SELF))) and _has_place(text, piece.start)
        if (moved and subject in (None, FAMILY, SELF, "husband", "wife", *PARENTS)) or away:
            yield Fact(CHILD, True, piece.start, piece.end, child.key)
            return


def _has_place(text: Text, word: int) -> bool:
    return any(text.same_part(place.start, word) and place.start > word for place, _ in text.having("place"))


class _Child:
    """Whether the insured person is a child, and under which key its facts stand."""

    def __init__(self, facts: Sequence[Fact], persons: Persons) -> None:
        self.key = persons.insured
        own = [fact for fact in facts if fact.person in (None, self.key)]
        ages = [int(fact.value) for fact in own if fact.entity == "age"]
        taught = any(fact.entity in ("preschool", "student") for fact in own)
        self.is_minor = bool(ages) and ages[-1] < _ADULT
        young = self.is_minor or (taught and not ages)
        self.is_child = young or (self.key in CHILDREN and not ages)
        if self.key is None or self.key == SELF:
            self.is_child = young
