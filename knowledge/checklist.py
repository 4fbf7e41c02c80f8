"""Checklists: which papers this person needs, why, and what to ask next.

Conditions are evaluated in three-valued logic over what is known of the person; what is unknown leaves an item
``if_applicable``. Rules and texts stand in ``knowledge/checklists``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.conditions import AGE_LIMIT, FactValue, Profile, Truth
from knowledge.models import Checklist, Derivation, Fact, Instead, Item, ItemQuestion, is_named

Needed = Literal["yes", "no", "if_applicable"]
MAXIMUM_QUESTIONS = 4
_NEEDED: dict[Truth, Needed] = {Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: "if_applicable"}
# Ages at which some rule of the sources changes; enough to try out what an answer would decide.
_SAMPLE_AGES = (3, 6, 12, 17, 30, 59, 60, 75)


@dataclass(frozen=True)
class ItemResult:
    """An item and whether this person needs it."""

    item: Item
    needed: Needed


@dataclass(frozen=True)
class ChecklistResult:
    """The list for one person; ``missing`` are the facts that could still change it, most decisive first."""

    checklist: Checklist
    profile: Profile
    items: tuple[ItemResult, ...]
    instead: tuple[Instead, ...]
    missing: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Whether the list is for this person at all."""
        return not any(case.ends for case in self.instead)


def derive(facts: Mapping[str, FactValue], derivations: Collection[Derivation]) -> Profile:
    """The profile with everything that follows from the given facts; a given fact is never overruled."""
    known = dict(facts)
    bounds = (0, AGE_LIMIT)
    changed = True
    while changed:
        changed = False
        profile = Profile(known, bounds)
        for rule in derivations:
            if rule.when.evaluate(profile) is not Truth.YES:
                continue
            fresh = {fact: value for fact, value in rule.facts.items() if fact not in known}
            narrowed = _narrow(bounds, rule.age_bounds)
            if fresh or narrowed != bounds:
                known.update(fresh)
                bounds, changed = narrowed, True
                break
    return Profile(known, bounds)


def consistent(facts: Mapping[str, FactValue], derivations: Collection[Derivation]) -> bool:
    """Whether no fact contradicts what follows from the others (4 years old, and retired)."""
    profile = derive(facts, derivations)
    low, high = 0, AGE_LIMIT
    for rule in derivations:
        if rule.when.evaluate(profile) is not Truth.YES:
            continue
        if not rule.usual and any(profile.get(fact) != value for fact, value in rule.facts.items()):
            return False
        if rule.age_bounds is not None:
            low, high = max(low, rule.age_bounds[0]), min(high, rule.age_bounds[1])
    youngest, oldest = profile.age_range
    return max(low, youngest) <= min(high, oldest)


def evaluate(
    checklist: Checklist,
    facts: Mapping[str, FactValue],
    *,
    definitions: Mapping[str, Fact],
    derivations: Collection[Derivation],
) -> ChecklistResult:
    """The checklist for a person of whom these facts are known."""
    profile = derive(facts, derivations)
    instead = tuple(case for case in checklist.instead if case.when.evaluate(profile) is Truth.YES)
    void = frozenset(_void(facts, profile, definitions, derivations))
    needed = {item.id: _needed(item, profile, void) for item in checklist.items}
    items = tuple(ItemResult(item, needed[item.id]) for item in checklist.items)
    result = ChecklistResult(checklist, profile, items, instead, ())
    if not result.applies:
        return result
    undecided = [item for item in checklist.items if needed[item.id] == "if_applicable" and item.when.facts()]
    return replace(result, missing=tuple(_missing(undecided, facts, profile, definitions, derivations)))


def _void(
    facts: Mapping[str, FactValue],
    profile: Profile,
    definitions: Mapping[str, Fact],
    derivations: Collection[Derivation],
) -> Iterator[str]:
    """The facts that a person cannot have, given the others: no kind of work at the age of three."""
    open_choices = [one for one in definitions.values() if one.type == "choice" and one.id not in profile.facts]
    for fact in open_choices if facts else ():
        if not any(consistent({**facts, fact.id: value}, derivations) for value in fact.values):
            yield fact.id


def _needed(item: Item, profile: Profile, void: Collection[str]) -> Needed:
    truth = item.when.evaluate(profile)
    open_facts = [fact for fact in item.when.facts() if fact not in profile.facts]
    if truth is Truth.UNKNOWN and open_facts and all(fact in void for fact in open_facts):
        return _NEEDED[Truth.NO]
    return _NEEDED[truth]


def next_question(result: ChecklistResult, *, asked: Collection[str]) -> str | None:
    """The fact to ask for now: the most decisive one not asked yet; None after four questions."""
    if len(asked) >= MAXIMUM_QUESTIONS:
        return None
    return next((fact for fact in result.missing if fact not in asked), None)


def _missing(
    undecided: Sequence[Item],
    facts: Mapping[str, FactValue],
    profile: Profile,
    definitions: Mapping[str, Fact],
    derivations: Collection[Derivation],
) -> Iterator[str]:
    weights: dict[str, float] = {}
    for name, definition in definitions.items():
        if name in profile.facts:
            continue
        named = sum(name in item.when.facts() for item in undecided)
        if not named:
            continue
        samples = [value for value in _samples(definition) if _possible(name, value, profile)]
        profiles = [derive({**facts, name: value}, derivations) for value in samples]
        decided = sum(item.when.evaluate(one) is not Truth.UNKNOWN for one in profiles for item in undecided)
        weights[name] = decided / max(len(samples), 1) + 0.01 * named
    order = list(definitions)
    yield from sorted(weights, key=lambda name: (definitions[name].sensitive, -weights[name], order.index(name)))


def _samples(definition: Fact) -> tuple[FactValue, ...]:
    if definition.id == "age":
        return _SAMPLE_AGES
    if definition.type == "number":
        return tuple(range(definition.minimum, definition.maximum + 1))
    return definition.values if definition.type == "choice" else (True, False)


def _possible(name: str, value: FactValue, profile: Profile) -> bool:
    youngest, oldest = profile.age_range
    return name != "age" or youngest <= int(value) <= oldest


def _narrow(bounds: tuple[int, int], by: tuple[int, int] | None) -> tuple[int, int]:
    if by is None:
        return bounds
    low, high = max(bounds[0], by[0]), min(bounds[1], by[1])
    return (low, high) if low <= high else bounds


def asked_item(result: ChecklistResult, message: str, question: ItemQuestion) -> ItemResult | None:
    """The one item of a list that a message asks about, whether or why it is needed; None where it asks no such thing.

    Of names within one another the longest counts: "low-income certificate", not "certificate".
    """
    said = message.lower()
    if not question.is_asked(said, (name for result_item in result.items for name in result_item.item.called.every)):
        return None
    named = {name: item for item in result.items for name in item.item.called.every if is_named(name, said)}
    longest = [name for name in named if not any(name != other and name in other for other in named)]
    items = {named[name].item.id: named[name] for name in longest}
    return next(iter(items.values())) if len(items) == 1 else None
