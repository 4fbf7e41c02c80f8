"""Dates of birth, in any of the ways people write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.text import Text

_LONGEST_GAP = 9  # words between "born" and the date
_LONGEST_DATE = 8  # words of a date
_YEARS = range(1900, 2100)
_PACKED = range(19000101, 21000000)  # 19610304
_THIS_CENTURY = 30  # '29 is 2029, '30 is 1930: nobody older than 96 writes two digits


@dataclass(frozen=True)
class _Date:
    year: int
    month: int = 0
    day: int = 0


def read_births(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """The fact ``birth_year``, and ``birth_date`` (``1961-03`` or ``1961-03-04``) where the month is said."""
    for piece, _ in text.having("born"):
        if any(number.ordinal and number.end == piece.start for number in numbers):
            continue  # "her 60th birthday"
        behind = [number for number in numbers if _follows(text, piece.end, number)]
        yield from _birth(text, piece.start, behind) or _birth(text, piece.start, _led_to(text, numbers, piece.start))
    for number in numbers:
        if number.meaning is None and _is_year(number) and _is_beside_person(text, number):
            yield from _birth(text, number.start, [number])
    for day, year in zip(numbers, numbers[1:], strict=False):
        if day.meaning is None and _is_year(year) and _is_written_alone(text, day, year):
            yield from _birth(text, day.start, [day, year])


def _follows(text: Text, start: int, number: Number) -> bool:
    """Whether a number belongs to the date behind "born": not far off, and nobody else named before it."""
    if number.meaning is not None or not 0 <= number.start - start <= _LONGEST_GAP:
        return False
    far = number.start > start and text.sentence[number.start - 1] - text.sentence[start] > 2  # dots within 1961.3.4
    return not far and not any(text.reads(word, "person", "age_unit", "grade") for word in range(start, number.start))


def _led_to(text: Text, numbers: Sequence[Number], start: int) -> list[Number]:
    """The date in front of "1961-born", "4.3.1961 is my birthday"."""
    years = [number for number in numbers if _is_year(number) and 0 <= start - number.end <= 3]
    if not years or not all(
        text.word(word) == "-" or text.reads(word, "be", "det") for word in range(years[-1].end, start)
    ):
        return []
    return [number for number in numbers if 0 <= years[-1].start - number.start <= 4 and number.meaning is None]


def _birth(text: Text, start: int, numbers: Sequence[Number]) -> list[Fact]:
    near = [number for number in numbers if number.start - numbers[0].start < _LONGEST_DATE][:3]
    used, date = _date(text, start, near)
    if date is None:
        return []
    for number in used:
        number.meaning = "birth"
    first, end = min(start, used[0].start), max(number.end for number in used)
    facts = [Fact("birth_year", date.year, first, end)]
    if 1 <= date.month <= 12:
        day = f"-{date.day:02d}" if 1 <= date.day <= 31 else ""
        facts.append(Fact("birth_date", f"{date.year}-{date.month:02d}{day}", first, end))
    return facts


def _date(text: Text, start: int, numbers: Sequence[Number]) -> tuple[Sequence[Number], _Date | None]:
    """The numbers that make up the date, and the date; None where they spell none."""
    packed = next((number for number in numbers if number.whole in _PACKED), None)
    if packed:
        return [packed], _Date(packed.whole // 10000, packed.whole // 100 % 100, packed.whole % 100)
    year = next((number for number in numbers if _is_year(number)), None) or _short_year(text, start, numbers)
    if year is None:
        return [], None
    month = _month_name(text, start, year.end + 3)
    whole = _touch(numbers) or (numbers[0] is year and text.reads(numbers[-1].start - 1, "month"))
    used = numbers if whole else numbers[: numbers.index(year) + 1]
    rest = [number.whole for number in used if number is not year]
    if month is None and rest:
        # Year first: the month follows. Else the day comes first, unless it can only be the month.
        month = rest[0] if used[0] is year or len(rest) == 1 or rest[1] > 12 else rest[1]
        rest.remove(month)
    full = year.whole if _is_year(year) else year.whole + (2000 if year.whole < _THIS_CENTURY else 1900)
    return used, _Date(full, month or 0, rest[0] if rest and month else 0)


def _month_name(text: Text, start: int, end: int) -> int | None:
    return next((int(name) for piece, name in text.having("month") if start <= piece.start <= end), None)


def _short_year(text: Text, start: int, numbers: Sequence[Number]) -> Number | None:
    """ "born 98", "born in march '61": two digits directly behind "born" or a month, or the last of a written date."""
    if not numbers or numbers[-1].ordinal or not 0 <= numbers[-1].value <= 99:
        return None
    last = numbers[-1]
    before = last.start - 1 - (text.word(last.start - 1) in ("'", "in"))
    beside = text.reads(before, "month") or (text.reads(before, "born") and not text.reads(start, "birthday"))
    return last if beside or (len(numbers) == 3 and _touch(numbers)) else None


def _touch(numbers: Sequence[Number]) -> bool:
    """1961-03-04, 4/3/1961, 4.3."""
    return len(numbers) > 1 and all(
        later.start - former.end <= 1 for former, later in zip(numbers, numbers[1:], strict=False)
    )


def _is_year(number: Number) -> bool:
    return not number.ordinal and number.value in _YEARS


def _is_written_alone(text: Text, day: Number, year: Number) -> bool:
    """ "22 November 1966", "sorry, 22 november 1966": a date, and nothing else."""
    named = any(day.end <= piece.start and piece.end <= year.start for piece, _ in text.having("month"))
    little = (
        text.is_boundary(word) or text.reads(word, "correction", "filler", "be", "det") for word in range(day.start)
    )
    return named and year.end - day.start <= 5 and all(little) and text.is_boundary(year.end)


def _is_beside_person(text: Text, number: Number) -> bool:
    """ "my mother (1958)", "my mother, 1958, retired"."""
    word = number.start - 1
    while text.word(word) in (",", "(", "'", ":"):
        word -= 1
    return text.reads(word, "person") and (text.is_boundary(number.end) or text.reads(number.end, "closing"))
