"""Slips that people mend themselves: "59, no wait, 60", "4 not 5", "my daughter, sorry, my son"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import SELF, Named, Persons
from bot.language.text import Text

_NEAR = 9  # words between a slip and its correction
_ENTITIES = {"age": "age", "disability": "disability_level", "article": "article", "birth": "birth_year"}


def adopt_numbers(text: Text, numbers: Sequence[Number], persons: Persons) -> Iterator[Fact]:
    """A bare number beside one that is understood, with a correction between them, means the same."""
    for former, later in zip(numbers, numbers[1:], strict=False):
        if later.start - former.end > _NEAR or not mends(text, former.end, later.start):
            continue
        known, bare = (former, later) if former.meaning else (later, former)
        if known.meaning not in _ENTITIES or bare.meaning is not None or bare.ordinal != known.ordinal:
            continue
        if text.reads_any(bare.end, ("counted",)):
            continue
        bare.meaning = known.meaning
        denied = bare is later and is_denied(text, bare.start)
        yield Fact(_ENTITIES[known.meaning], bare.whole, bare.start, bare.end, persons.at[bare.start], rejected=denied)


def mends(text: Text, start: int, end: int) -> bool:
    """Whether the words in front of ``end`` take back what stands before ``start``."""
    word = text.before(end)
    while word >= start:
        if "correction" in text.readings(word) or text.reading(word, "negation") in ("no", "not"):
            return True
        if not (
            text.is_boundary(word)
            or text.reads_any(word, ("be", "filler", "pronoun", "age_mark", "det", "paper", "report", "hedge"))
        ):
            return False
        word = text.before(word)
    return False


def is_denied(text: Text, word: int) -> bool:
    """Whether "not" stands directly before a word."""
    before = text.before(word)
    return before >= 0 and text.reading(before, "negation") == "not" and text.same_part(before, word)


def replaced_persons(text: Text, persons: Persons) -> dict[str, str]:
    """Persons who were named by mistake, with whom was meant."""
    replaced = {}
    nouns = [named for named in persons.named if named.noun]
    for former, later in zip(nouns, nouns[1:], strict=False):
        if former.key == later.key or later.start - former.end > 3 * _NEAR:
            continue
        if _is_said_instead(text, later):
            replaced[former.key] = later.key
    return replaced


def _is_said_instead(text: Text, named: Named) -> bool:
    """ "... sorry, i meant my son": the correction leads up to the person with nothing but little words between."""
    word = text.before(named.start)
    while word >= 0 and (
        text.reads_any(word, ("det", "whom", "be", "filler", "speaker"))
        or text.words[word] in (",", "it", "'s", "for", "-", ":")
    ):
        word = text.before(word)
    if word < 0 or text.reading(word, "correction") is None:
        return False
    return named.key != SELF or text.words[named.start] != "i"
