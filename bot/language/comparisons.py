"""Ages told by comparison: "he is two years older than my mum, who is 58"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import FAMILY, SELF, Persons
from bot.language.text import Text

_LARGEST = 60  # years between two people of whom one is compared with the other
_OLDER, _YOUNGER = "older", "younger"


def read_comparisons(text: Text, numbers: Sequence[Number], persons: Persons, ages: Sequence[Fact]) -> Iterator[Fact]:
    """The age of whoever is compared with somebody whose age is told; the numbers get a meaning."""
    for number in numbers:
        sign = _comparison(text, number)
        if not sign or not 0 < number.value <= _LARGEST:
            continue
        number.meaning = "comparison"
        compared, end = persons.at[number.start], _end(text, number)
        other = _whom(text, persons, end, compared)
        known = [int(age.value) for age in ages if _owner(persons, age) == other and not age.rejected]
        if known and compared != other:
            yield Fact("age", known[-1] + sign * number.whole, number.start, end, person=compared)


def _owner(persons: Persons, age: Fact) -> str | None:
    return age.person if age.person is not None else persons.at[age.start]


def _comparison(text: Text, number: Number) -> int:
    """1 for "years older", -1 for "years younger", 0 for anything else."""
    word = text.after(number.end) if text.reads(number.end, "unit", "age_unit") else number.end
    word = number.end + 1 if text.words[number.end + 1 : number.end + 2] in ([_OLDER], [_YOUNGER]) else word
    return {_OLDER: 1, _YOUNGER: -1}.get(text.word(word), 0)


def _end(text: Text, number: Number) -> int:
    return next(word for word in range(number.end, len(text)) if text.word(word) in (_OLDER, _YOUNGER)) + 1


def _whom(text: Text, persons: Persons, end: int, compared: str | None) -> str | None:
    """The person behind "than"; where nobody is named there, the last one named before."""
    if text.word(end) == "than":
        for word in range(end + 1, min(end + 5, len(text))):
            named = next((one for one in persons.named if one.start <= word < one.end), None)
            if named is not None:
                return named.key
            if text.reading(word, "speaker") in ("i", "me"):
                return SELF
    earlier = [named.key for named in persons.named if named.start < end and named.key not in (compared, FAMILY)]
    return earlier[-1] if earlier else SELF
