"""From what was said to what holds: denials, guesses, slips, and whose fact it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.corrections import is_denied, replaced_persons
from bot.language.facts import Fact
from bot.language.insured import find_insured
from bot.language.migrants import settle_migrants
from bot.language.numerals import Number
from bot.language.persons import FAMILY, PARENTS, SELF, Persons, may_be_child
from bot.language.stance import Stance, is_hedged, stance_of
from bot.language.text import Text

_OF_HOUSEHOLD = frozenset({"household", "location", "low_income", "minimum_living_guarantee"})
_ENDING = frozenset({"minimum_living_guarantee", "low_income", "student", "preschool"})  # "used to" makes them false
_UNDISPUTED = frozenset({"age", "school_grade", "birth_year", "birth_date", "article", "law"})
_WORKING_AGE = 16
_MARRYING_AGE = 15
_WRITING_AGE = 6
_OLDEST_CHILD = 17
_IT = frozenset({"it", "that", "this"})
_ONE = frozenset({"one", "please", "grade", "level", "option", "choice"})
_AND_TOO = frozenset({"and", "too", "also"})
_HAVE_ANY = frozenset({"have", "any", "one", "got"})
_OPPOSITE = {"urban": "agricultural", "agricultural": "urban", "local": "elsewhere", "elsewhere": "local"}


def conclude(text: Text, numbers: Sequence[Number], persons: Persons, facts: list[Fact]) -> list[Fact]:
    """Persons and facts in the order of the text, each fact once for each person."""
    facts = sorted((fact for fact in facts if not fact.rejected), key=lambda fact: (fact.start, fact.end))
    facts = [fact for fact in facts if not (fact.if_denied and any(_holds(other, fact) for other in facts))]
    meant = [outcome for fact in facts for outcome in _as_meant(text, fact, facts)]
    meant += _of_others(text, facts, persons)
    return attribute(text, numbers, persons, meant)


def attribute(text: Text, numbers: Sequence[Number], persons: Persons, meant: Sequence[Fact]) -> list[Fact]:
    """Whose the facts are that hold, whatever the language: each once for each person, with the persons themselves."""
    persons.insured = find_insured(text, persons, meant)
    told = [replace(fact, person=owner) for fact in meant for owner in _owners(text, fact, persons)]
    told = _sensible(text, _about_children(text, told, persons))
    told = _once(list(settle_migrants(text, told, persons)))
    told += _free_number(text, numbers)
    told += _ordinal(text, numbers)
    told += [Fact("unknown", True, piece.start, piece.end) for piece, name in text.having("unknown") if name == "open"]
    told += _named(persons)
    return sorted(_mended(told, replaced_persons(text, persons)), key=lambda fact: fact.start)


def _holds(one: Fact, other: Fact) -> bool:
    return one is not other and one.start <= other.start and other.end <= one.end


# --- what is meant ---


def _as_meant(text: Text, fact: Fact, facts: Sequence[Fact]) -> Iterator[Fact]:
    if fact.entity in _UNDISPUTED:
        yield replace(fact, hedged=fact.hedged or (fact.entity == "age" and is_hedged(text, fact)))
        return
    stance = stance_of(text, fact, facts)
    if stance is Stance.SO and not fact.if_denied:
        meant = replace(fact, hedged=fact.hedged or is_hedged(text, fact))
        yield meant
        if fact.entity == "student" and fact.value:
            yield replace(meant, entity="preschool", value=False)
    elif stance is Stance.NOT_SO or (stance is Stance.OVER and fact.if_denied):
        yield from _denied(text, fact)
    elif stance is Stance.OVER and fact.entity in _ENDING:
        yield replace(fact, value=False)


def _denied(text: Text, fact: Fact) -> Iterator[Fact]:
    """What holds when a fact is denied; nothing where the denial leaves it open."""
    around = text.words[max(0, fact.start - 4) : fact.end + 4]
    if fact.entity == "student" and fact.value:
        behind = [word for word in range(fact.start, len(text)) if text.same_sentence(word, fact.start)]
        too_small = any(text.word(word) == "yet" for word in behind)
        yield replace(fact, entity="preschool" if too_small else "student", value=too_small)
    elif fact.entity == "preschool" and fact.value:
        if any(word in around for word in ("more", "anymore", "longer")):
            yield replace(fact, value=False)
        elif any(word in around for word in ("yet", "until", "till", "before")):
            yield fact
    elif fact.entity == "disabled":
        if not fact.weak:
            yield replace(fact, entity="disability_level", value=0)
    elif fact.entity in ("migrant_child", "migrant_worker") or fact.value is True:
        yield replace(fact, value=False)
    elif fact.if_denied or (fact.value == "employee" and text.reads(fact.start, "have", "job", "work")):
        yield replace(fact, value="unemployed", weak=True)
    elif fact.entity in ("household", "location"):
        yield replace(fact, value=_OPPOSITE[str(fact.value)])


# --- what is said of others by contrast ---


def _of_others(text: Text, facts: Sequence[Fact], persons: Persons) -> Iterator[Fact]:
    """ "nobody is on dibao except my brother", "i am disabled, not her", "my mum is disabled and i'm not"."""
    for piece, name in text.having("exception", "negation"):
        earlier = [fact for fact in facts if fact.end <= piece.start and text.same_sentence(fact.start, piece.start)]
        named = next((named for named in persons.named if 0 <= named.start - piece.end <= 1), None)
        if earlier and named and name in ("but", "not") and text.is_boundary(named.end):
            for fact in earlier:
                contrary = replace(fact, person=named.key)
                if fact.value is True:
                    yield from [contrary] if name == "but" else _denied(text, contrary)
        elif name in ("not", "no"):
            end = next((word for word in range(piece.end, len(text)) if text.word(word) not in _HAVE_ANY), len(text))
            if text.is_boundary(end):
                yield from _ellipsis(text, piece.start, piece.end, facts, persons)


def _ellipsis(text: Text, start: int, end: int, facts: Sequence[Fact], persons: Persons) -> Iterator[Fact]:
    """ "... and i'm not", "her kid has none": the last fact of its kind, denied of somebody else."""
    if not (text.reads(text.before(start), "be", "have") or text.word(start - 1) in ("do", "does")):
        return
    former = [fact for fact in facts if fact.end <= start and (fact.value is True or fact.entity == "disability_level")]
    if former and persons.at[former[-1].start] != persons.at[start]:
        entity = "disabled" if former[-1].entity == "disability_level" else former[-1].entity
        fact = Fact(entity, True, start, end, person=persons.at[start])
        yield from _denied(text, fact)


# --- whose it is ---


def _owners(text: Text, fact: Fact, persons: Persons) -> list[str | None]:
    if fact.entity in ("article", "law"):
        return [None]
    person = fact.person if fact.person is not None else persons.at[fact.start]
    family_fact = fact.entity in _OF_HOUSEHOLD
    if family_fact and _are_parents_of_insured(text, person, fact, persons):
        return [None]
    if person == FAMILY and not persons.named:
        return [None]
    if person == FAMILY:
        for_all = family_fact or fact.entity.startswith("migrant") or fact.value in (0, False)
        return [None] if for_all else [SELF, *sorted(persons.members)]
    if persons.insured in text.tables["kin"]["members"].get(person, ()):
        return [persons.insured]  # "both grandparents are over eighty; it's for grandfather"
    return [person]


def _are_parents_of_insured(text: Text, person: str | None, fact: Fact, persons: Persons) -> bool:
    """Whether a family fact was said of the parents of the insured child, who lives with them as far as we know."""
    named = [one for one in persons.named if one.key == person]
    if person == persons.insured or not named:
        return False
    left_behind = any(one.key.startswith("grand") for one in persons.named)
    if fact.entity == "location" and (left_behind or fact.weak):
        return False
    of_child = person in ("husband", "wife") or (person in PARENTS and all(one.aside for one in named))
    return person == "parents" or (of_child and persons.insured in text.tables["kin"]["young"])


def _about_children(text: Text, facts: list[Fact], persons: Persons) -> list[Fact]:
    """School facts said in a statement about a grown-up belong to the child of the message."""
    child = next((one.key for one in persons.named if may_be_child(text, one.key) and not one.rejected), None)
    return [
        replace(fact, person=child)
        if child and fact.entity in ("preschool", "student") and fact.person and not may_be_child(text, fact.person)
        else fact
        for fact in facts
    ]


def _sensible(text: Text, facts: list[Fact]) -> list[Fact]:
    """Without mothers of five, and without the work of small children: that is their parents'."""
    small = {fact.person for fact in facts if fact.entity == "preschool" and fact.value}
    small |= {fact.person for fact in facts if fact.entity == "age" and int(fact.value) < _WORKING_AGE}
    odd = _at_odds(facts)
    grown_up = text.tables["kin"]["grown_up"]
    youngest = {SELF: _WRITING_AGE, **dict.fromkeys(grown_up, _MARRYING_AGE)}
    return [
        fact
        for fact in facts
        if not (fact.entity == "age" and fact.person in odd)
        and not (fact.entity == "employment" and fact.person in small)
        and not (fact.entity == "age" and int(fact.value) < youngest.get(str(fact.person), 0))
    ]


def _at_odds(facts: Sequence[Fact]) -> set[str | None]:
    """Who was called a child and a grown-up in one breath: "she is 4 and 70", "he is 4 and retired"."""
    mended = {fact.person for fact in facts if fact.entity == "age" and fact.mends}
    ages = [
        (fact.person, int(fact.value))
        for fact in facts
        if fact.entity == "age" and not fact.weak and (fact.mends or fact.person not in mended)
    ]
    young = {person for person, age in ages if age <= _OLDEST_CHILD}
    old = {person for person, age in ages if age > _OLDEST_CHILD}
    old |= {fact.person for fact in facts if fact.entity == "employment" and fact.value == "retired"}
    return young & old


def _once(facts: list[Fact]) -> list[Fact]:
    """The last of several values; a weak one only where no other is known."""
    kept: dict[tuple[str, str | None], Fact] = {}
    for fact in facts:
        key = (f"{fact.entity} {fact.start}" if fact.entity in ("article", "law") else fact.entity, fact.person)
        former = kept.get(key)
        if former is None or former.weak or not fact.weak:
            kept[key] = fact
    graded = {person for entity, person in kept if entity == "disability_level"}
    return [fact for fact in kept.values() if not (fact.entity == "disabled" and fact.person in graded)]


# --- persons and bare numbers ---


def _named(persons: Persons) -> Iterator[Fact]:
    for named in persons.named:
        if named.noun and not named.rejected:
            yield Fact("person", named.key, named.start, named.end, named.key)
    if persons.insured:
        last = next(named for named in reversed(persons.named) if named.key == persons.insured)
        yield Fact("insured", persons.insured, last.start, last.end, persons.insured)


def _free_number(text: Text, numbers: Sequence[Number]) -> list[Fact]:
    """The last number that stands for itself: an answer such as "63", "it's 63 i think"."""
    counted = {word for number in numbers for word in range(number.start, number.end)}
    free = [number for number in numbers if number.meaning is None and not number.ordinal]
    free = [number for number in free if not is_denied(text, number.start) and _stands_alone(text, number, counted)]
    return [Fact("number", number.whole, number.start, number.end) for number in free[-1:]]


def _ordinal(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """ "the second", "the first one": one of several that were offered."""
    for number in numbers:
        little = [word for word in range(len(text)) if not number.start <= word < number.end]
        if number.ordinal and all(text.reads(word, "around_answer", "det") or text.word(word) in _AND_TOO or text.is_boundary(word) or
                                  text.word(word) in _ONE for word in little):  # fmt: skip
            yield Fact("ordinal", number.whole, number.start, number.end)


def _stands_alone(text: Text, number: Number, counted: set[int]) -> bool:
    part = [word for word in range(len(text)) if text.same_part(word, number.start) and word not in counted]
    return all(
        text.is_boundary(word)
        or text.word(word) in _IT
        or text.word(word) in _AND_TOO
        or (text.reads(word, "around_answer") and text.word(word) not in ("at", "of"))
        for word in part
    )


def _mended(facts: list[Fact], replaced: dict[str, str]) -> list[Fact]:
    """With the person who was meant in place of the one named by mistake."""
    kept = [fact for fact in facts if not (fact.entity == "person" and fact.value in replaced)]
    return [
        replace(
            fact,
            person=replaced.get(str(fact.person), fact.person),
            value=replaced.get(str(fact.value), fact.value) if fact.entity == "insured" else fact.value,
        )
        for fact in kept
    ]
