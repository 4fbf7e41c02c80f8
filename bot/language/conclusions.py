"""From what was said to what holds: denials, guesses, slips, and whose fact it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.corrections import is_denied, replaced_persons
from bot.language.facts import Fact
from bot.language.insured import find_insured
from bot.language.migrants import settle_migrants
from bot.language.numerals import Number
from bot.language.persons import CHILDREN, FAMILY, SELF, Persons
from bot.language.stance import is_hedged, stance_of
from bot.language.text import Text

_HOUSEHOLD = frozenset({"household", "location", "low_income", "minimum_living_guarantee"})
_AT_SCHOOL = frozenset({"preschool", "student"})
_OF_NOBODY = frozenset({"article", "law", "number"})
_AROUND_ANSWER = (
    "be",
    "hedge",
    "filler",
    "correction",
    "negation",
    "pronoun",
    "speaker",
    "aside",
    "age_mark",
    "unit",
    "affirmation",
    "break",
    "generic",
    "person",
)
_WORKING_AGE = 16
_MARRYING_AGE = 15
_SPEAKING_AGE = 6
_PARENTED = frozenset(
    [
        "mother",
        "father",
        "parents",
        "parent",
        "grandmother",
        "grandfather",
        "grandparents",
        "wife",
        "husband",
        "mother_in_law",
        "father_in_law",
        "uncle",
        "aunt",
        "colleague",
    ]
)
_OPPOSITE = {"urban": "agricultural", "agricultural": "urban", "local": "elsewhere", "elsewhere": "local"}


def conclude(text: Text, numbers: Sequence[Number], persons: Persons, facts: list[Fact]) -> list[Fact]:
    """Persons and facts in the order of the text, each fact once for each person."""
    facts = sorted((fact for fact in facts if not fact.rejected), key=lambda fact: (fact.start, fact.end))
    facts = [fact for fact in facts if not (fact.if_denied and any(_holds(other, fact) for other in facts))]
    meant = [outcome for fact in facts for outcome in _as_meant(text, fact, facts)]
    meant += [fact for denied in facts for fact in _excepted(text, denied, persons)]
    persons.insured = find_insured(persons, meant)
    told = [replace(fact, person=owner) for fact in meant for owner in _owners(fact, persons)]
    told = [fact for fact in told if _is_plausible(fact)]
    told = _without_working_children(_about_children(told, persons))
    told = _once(list(settle_migrants(text, told, persons)))
    told += _free_numbers(text, numbers)
    told += [
        Fact("person", named.key, named.start, named.end, named.key)
        for named in persons.named
        if named.noun and not named.rejected
    ]
    if persons.insured:
        spot = next(named for named in reversed(persons.named) if named.key == persons.insured)
        told.append(Fact("insured", persons.insured, spot.start, spot.end, persons.insured))
    told = _mended(told, replaced_persons(text, persons))
    return sorted(told, key=lambda fact: fact.start)


def _holds(one: Fact, other: Fact) -> bool:
    return one is not other and one.start <= other.start and other.end <= one.end


def _as_meant(text: Text, fact: Fact, facts: Sequence[Fact]) -> Iterator[Fact]:
    if fact.entity in ("age", "birth_year", "birth_date", "article", "law"):
        yield replace(fact, hedged=fact.hedged or (fact.entity == "age" and is_hedged(text, fact)))
        return
    stance = stance_of(text, fact, facts)
    if stance == "so" and not fact.if_denied:
        yield from _affirmed(fact, hedged=fact.hedged or is_hedged(text, fact))
    elif stance == "not so":
        yield from _denied(text, fact)
    elif stance == "over" and fact.if_denied:
        yield replace(fact, value="unemployed")
    elif stance == "over" and fact.entity in ("minimum_living_guarantee", "low_income", "student", "preschool"):
        yield replace(fact, value=False)


def _excepted(text: Text, fact: Fact, persons: Persons) -> Iterator[Fact]:
    """Of whom it holds in "nobody is on dibao except my brother", and of whom not in "i am disabled, not her"."""
    if fact.value is not True:
        return
    for label in ("exception", "negation"):
        for piece, name in text.having(label):
            if (
                fact.end > piece.start
                or text.sentence[piece.start] != text.sentence[fact.start]
                or name not in ("but", "not")
            ):
                continue
            named = next((named for named in persons.named if 0 <= named.start - piece.end <= 1), None)
            if named is None or not text.is_boundary(named.end):
                continue
            contrary = replace(fact, person=named.key)
            yield from [contrary] if label == "exception" else _denied(text, contrary)


def _affirmed(fact: Fact, *, hedged: bool) -> Iterator[Fact]:
    yield replace(fact, hedged=hedged)
    if fact.entity == "student" and fact.value:
        yield replace(fact, entity="preschool", value=False, hedged=hedged)


def _denied(text: Text, fact: Fact) -> Iterator[Fact]:
    """What holds when a fact is denied; nothing where the denial leaves it open."""
    if fact.entity == "student" and fact.value:
        still_small = any(
            text.words[word] == "yet"
            for word in range(fact.start, len(text))
            if text.sentence[word] == text.sentence[fact.start]
        )
        yield replace(fact, entity="preschool" if still_small else "student", value=still_small)
    elif fact.entity == "preschool" and fact.value:
        around = text.words[max(0, fact.start - 4) : fact.end + 4]
        if any(word in around for word in ("more", "anymore", "longer")):
            yield replace(fact, value=False)
        elif any(word in around for word in ("yet", "until", "till", "before")):
            yield fact
    elif fact.entity in ("migrant_child", "migrant_worker"):
        yield replace(fact, value=False)
    elif fact.value is True:
        entity = "disability_level" if fact.entity == "disabled" else fact.entity
        if not (fact.entity == "disabled" and fact.weak):
            yield replace(fact, entity=entity, value=0 if fact.entity == "disabled" else False, weak=False)
    elif fact.if_denied or (fact.value == "employee" and text.reads_any(fact.start, ("have", "job", "work"))):
        yield replace(fact, value="unemployed", weak=True)
    elif fact.entity in ("household", "location"):
        yield replace(fact, value=_OPPOSITE[str(fact.value)])


def _owners(fact: Fact, persons: Persons) -> list[str | None]:
    if fact.entity in _OF_NOBODY:
        return [None]
    person = fact.person if fact.person is not None else persons.at[fact.start]
    if person == "parents" != persons.insured:
        return [None] if fact.entity in _HOUSEHOLD - {"location"} else [person]
    if person != FAMILY:
        return [person]
    if fact.entity in _HOUSEHOLD or fact.entity.startswith("migrant") or fact.value in (0, False):
        return [None]
    return [SELF, *sorted(persons.members)]


def _about_children(facts: list[Fact], persons: Persons) -> list[Fact]:
    """School facts said in a statement about a grown-up belong to the child of the message."""
    child = next((named.key for named in persons.named if named.key in CHILDREN and not named.rejected), None)
    if child is None:
        return facts
    return [
        replace(fact, person=child) if fact.entity in _AT_SCHOOL and fact.person not in (None, *CHILDREN) else fact
        for fact in facts
    ]


def _is_plausible(fact: Fact) -> bool:
    """No mother is five years old: such a number counts something else."""
    if fact.entity != "age" or fact.person is None or fact.person in CHILDREN:
        return True
    return int(fact.value) >= (
        _MARRYING_AGE if fact.person in _PARENTED else _SPEAKING_AGE if fact.person == SELF else 0
    )


def _without_working_children(facts: list[Fact]) -> list[Fact]:
    """Work said in the same breath as a small child is that of the parents."""
    small = {fact.person for fact in facts if fact.entity == "preschool" and fact.value}
    small |= {fact.person for fact in facts if fact.entity == "age" and int(fact.value) < _WORKING_AGE}
    return [fact for fact in facts if fact.entity != "employment" or fact.person not in small]


def _once(facts: list[Fact]) -> list[Fact]:
    """The last of several values; a weak one only where no other is known."""
    kept: dict[tuple[str, str | None], Fact] = {}
    for fact in facts:
        key = (fact.entity, fact.person)
        if fact.entity in ("article", "law"):
            key = (f"{fact.entity} {fact.start}", None)
        former = kept.get(key)
        if former is None or former.weak or not fact.weak:
            kept[key] = fact
    graded = {person for entity, person in kept if entity == "disability_level"}
    return [fact for fact in kept.values() if not (fact.entity == "disabled" and fact.person in graded)]


def _free_numbers(text: Text, numbers: Sequence[Number]) -> list[Fact]:
    """The last number that stands for itself: an answer such as "63", "it's 63 i think"."""
    free = [
        number for number in numbers if number.meaning is None and not number.ordinal and _stands_alone(text, number)
    ]
    return [Fact("number", number.whole, number.start, number.end) for number in free[-1:]]


def _stands_alone(text: Text, number: Number) -> bool:
    if is_denied(text, number.start):
        return False
    part = [word for word in range(len(text)) if text.part[word] == text.part[number.start]]
    others = [word for word in part if not number.start <= word < number.end and not text.is_boundary(word)]
    return all(text.reads_any(word, _AROUND_ANSWER) and text.words[word] not in ("at", "of") for word in others)


def _mended(facts: list[Fact], replaced: dict[str, str]) -> list[Fact]:
    if not replaced:
        return facts
    return [
        replace(
            fact,
            person=replaced.get(str(fact.person), fact.person),
            value=replaced.get(str(fact.value), fact.value) if fact.entity in ("person", "insured") else fact.value,
        )
        for fact in facts
        if not (fact.entity == "person" and fact.value in replaced)
    ]
