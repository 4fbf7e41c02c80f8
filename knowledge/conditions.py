"""Conditions over profile facts, in three-valued logic.

A condition is data (see ``knowledge/checklists``): a mapping of facts that must all hold, ``{any: [...]}``,
``{not: {...}}`` or the word ``maybe`` for what no fact can decide.

    >>> condition = parse_condition({"low_income": True, "age": {"at_least": 60}})
    >>> condition.evaluate(Profile({"age": 59}))
    <Truth.NO: 'no'>
    >>> condition.evaluate(Profile({"age": 60}))
    <Truth.UNKNOWN: 'unknown'>
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

FactValue = bool | int | str
AGE_LIMIT = 120  # years; nobody older has been recorded alive, so a larger number is a slip


class Truth(Enum):
    """Kleene's three values."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool) -> Truth:
        """The truth of something that is known."""
        return cls.YES if value else cls.NO


@dataclass(frozen=True)
class Profile:
    """What is known of the insured person: facts by id, and the bounds of an age not told exactly.

    ``age_bounds`` are whole years, both ends included; an exact age is in ``facts``.
    """

    facts: Mapping[str, FactValue] = field(default_factory=dict)
    age_bounds: tuple[int, int] = (0, AGE_LIMIT)

    def get(self, fact: str) -> FactValue | None:
        """The value of a fact, None while it is unknown."""
        return self.facts.get(fact)

    @property
    def age_range(self) -> tuple[int, int]:
        """Lowest and highest possible age in years."""
        age = self.facts.get("age")
        return (int(age), int(age)) if age is not None else self.age_bounds


class Condition(Protocol):
    """Something that holds, does not hold, or cannot be told yet."""

    def evaluate(self, profile: Profile) -> Truth:
        """The truth of the condition for this profile."""

    def facts(self) -> frozenset[str]:
        """Every fact that the condition looks at."""


@dataclass(frozen=True)
class Always:
    """Holds for everyone."""

    def evaluate(self, profile: Profile) -> Truth:  # noqa: ARG002
        """Always YES."""
        return Truth.YES

    def facts(self) -> frozenset[str]:
        """No fact."""
        return frozenset()


@dataclass(frozen=True)
class Maybe:
    """Depends on something that is no profile fact."""

    def evaluate(self, profile: Profile) -> Truth:  # noqa: ARG002
        """Always UNKNOWN."""
        return Truth.UNKNOWN

    def facts(self) -> frozenset[str]:
        """No fact."""
        return frozenset()


@dataclass(frozen=True)
class FactIn:
    """A fact has one of the given values."""

    fact: str
    values: tuple[FactValue, ...]

    def evaluate(self, profile: Profile) -> Truth:
        """UNKNOWN while the fact is unknown."""
        value = profile.get(self.fact)
        return Truth.UNKNOWN if value is None else Truth.of(value in self.values)

    def facts(self) -> frozenset[str]:
        """The one fact."""
        return frozenset({self.fact})


@dataclass(frozen=True)
class AgeWithin:
    """The age in years lies between two bounds, both included ("60 and above" includes 60)."""

    low: int
    high: int

    def evaluate(self, profile: Profile) -> Truth:
        """Decided as soon as the possible ages all lie inside or all outside."""
        youngest, oldest = profile.age_range
        if self.low <= youngest and oldest <= self.high:
            return Truth.YES
        if oldest < self.low or youngest > self.high:
            return Truth.NO
        return Truth.UNKNOWN

    def facts(self) -> frozenset[str]:
        """The age."""
        return frozenset({"age"})


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, profile: Profile) -> Truth:
        """NO as soon as one part is NO."""
        truths = [part.evaluate(profile) for part in self.parts]
        if Truth.NO in truths:
            return Truth.NO
        return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES

    def facts(self) -> frozenset[str]:
        """The facts of all parts."""
        return frozenset().union(*(part.facts() for part in self.parts))


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Condition

    def evaluate(self, profile: Profile) -> Truth:
        """UNKNOWN stays UNKNOWN."""
        truth = self.part.evaluate(profile)
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(truth, Truth.UNKNOWN)

    def facts(self) -> frozenset[str]:
        """The facts of the part."""
        return self.part.facts()


def any_of(parts: tuple[Condition, ...]) -> Condition:
    """At least one part holds (De Morgan over All and Not)."""
    return Not(All(tuple(Not(part) for part in parts)))


def parse_condition(raw: Any) -> Condition:
    """Build a condition from content.

    Raises:
        ValueError: the data is no condition; the text says why.
    """
    if raw is None:
        return Always()
    if raw == "maybe":
        return Maybe()
    if not isinstance(raw, Mapping) or not raw:
        raise ValueError(f"a condition is a mapping of facts or the word maybe, not {raw!r}")
    parts = tuple(_parse_part(key, value) for key, value in raw.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _parse_part(key: str, value: Any) -> Condition:
    if key == "any":
        return any_of(tuple(parse_condition(part) for part in value))
    if key == "not":
        return Not(parse_condition(value))
    if isinstance(value, Mapping):
        unknown = set(value) - {"at_least", "at_most", "below"}
        if key != "age" or unknown:
            raise ValueError(f"{key} takes a value or a list; only age takes at_least, at_most, below")
        high = value["below"] - 1 if "below" in value else value.get("at_most", AGE_LIMIT)
        return AgeWithin(int(value.get("at_least", 0)), int(high))
    if key == "age":
        return AgeWithin(int(value), int(value))
    values = tuple(value) if isinstance(value, list) else (value,)
    return FactIn(str(key), values)
