"""Slips that people mend themselves: "59, no wait, 60", "4 not 5", "my daughter, sorry, my son"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import SELF, Named, Persons
from bot.language.text import Text

_SAID = frozenset({"said", "wrote", "typed", "put", "entered"})
_NEAR = 9  # words between a slip and its correction
_FAR = 27  # words between two persons, the second said instead of the first
_ENTITIES = {"age": "age", "disability": "disability_level", "article": "article", "birth": "birth_year"}


def adopt_numbers(text: Text, numbers: Sequence[Number], persons: Persons) -> Iterator[Fact]:
    """A bare number beside one that is understood, with a correction between them, means the same."""
    for former, later in zip(numbers, numbers[1:], strict=False):
        if later.start - former.end > _NEAR or not _mends(text, former.end, later.start):
            continue
        known, bare = (former, later) if former.meaning else (later, former)
        if known.meaning not in _ENTITIES or bare.meaning is not None or bare.ordinal != known.ordinal:
            continue
        if text.reads(bare.end, "counted"):
            continue
        bare.meaning = known.meaning
        denied = bare is later and is_denied(text, bare.start)
        entity, person = _ENTITIES[known.meaning], persons.at[bare.start]
        yield Fact(entity, bare.whole, bare.start, bare.end, person, rejected=denied, mends=bare is later)


def take_back(text: Text, ages: Sequence[Fact]) -> None:
    """Of two ages with a correction between them, the first was a slip: "16, no, 61"."""
    for former, later in zip(ages, ages[1:], strict=False):
        near = 0 < later.start - former.end <= _NEAR
        if near and not later.rejected and not is_denied(text, later.start) and _mends(text, former.end, later.start):
            former.rejected = later.mends = True


def is_denied(text: Text, word: int) -> bool:
    """Whether "not" stands directly before a word."""
    before = text.before(word)
    return text.reading(before, "negation") == "not" and text.same_part(before, word)


def replaced_persons(text: Text, persons: Persons) -> dict[str, str]:
    """Persons who were named by mistake, with whom was meant."""
    nouns = [named for named in persons.named if named.noun]
    return {
        former.key: later.key
        for former, later in zip(nouns, nouns[1:], strict=False)
        if former.key != later.key
        and later.start - former.end <= _FAR
        and (_is_said_instead(text, later) or (_was_only_said(text, former) and text.having("break")))
    }


def _mends(text: Text, start: int, end: int) -> bool:
    """Whether the words in front of ``end`` take back what stands before ``start``."""
    word = text.before(end)
    while word >= start:
        if text.reads(word, "correction") or text.reading(word, "negation") in ("no", "not"):
            return True
        if not (text.is_boundary(word) or text.reads(word, "before_correction")):
            return False
        word = text.before(word)
    return False


def _was_only_said(text: Text, named: Named) -> bool:
    """ "i said son but it's my nephew"."""
    word = text.before(named.start)
    while text.reads(word, "det"):
        word = text.before(word)
    return text.word(text.after(word) - 1) in _SAID and text.reading(word, "aside") == "talk"


def _is_said_instead(text: Text, named: Named) -> bool:
    """ "... sorry, i meant my son": the correction leads up to the person with nothing but little words between."""
    word = text.before(named.start)
    while text.reads(word, "det", "whom", "be", "filler", "speaker") or text.word(word) in (",", "it", "-", ":"):
        word = text.before(word)
    return text.reads(word, "correction") and (named.key != SELF or text.word(named.start) != "i")
