"""Numbers that are an age or a date of birth; all other numbers must not become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import MINORS, YOUNG
from bot.language.text import Piece, Text

_OLDEST = 120
_PERSONS = ("person", "generic", "pronoun", "speaker")
_CLOSING = [
    "joint",
    "break",
    "secondary",
    "person",
    "generic",
    "pronoun",
    "speaker",
    "preposition",
    "live",
    "work",
    "run",
    "origin",
    "age_after",
    "correction",
    "negation",
    "hedge",
    "have",
    "be",
    "whom",
    "move",
    "aside",
    "born",
    "secondary",
    "filler",
]
# What may stand on either side of an age that is only a number: another fact.
_FACTS = [
    "household",
    "kind",
    "hukou",
    "minimum_living_guarantee",
    "low_income",
    "preschool",
    "student",
    "employment",
    "location",
    "disability",
    "disability_level",
    "migrant_worker",
    "migrant_child",
]


_OTHER_TIME = frozenset({"until", "till", "when", "before", "once"})
_TOLD = ("person", "generic", "whom", "infant", "grade", "place", "origin", "live", "work")


@dataclass
class _Around:
    """What stands directly before a number: marks by label, and the word that ends them."""

    marks: set[str] = field(default_factory=set)
    be: bool = False
    have: bool = False
    negated: bool = False
    stop: int = -1  # the first word of what the marks belong to; -1 for nothing
    touching: bool = True  # nothing but brackets and commas between that and the number


def read_ages(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Every age and year of birth; understood numbers get their meaning."""
    yield from _births(text, numbers)
    for piece, age in text.having("infant"):
        if not any(number.end in (piece.start, piece.start - 1) for number in numbers):
            yield Fact("age", int(age), piece.start, piece.end)
    yield from _decades(text)
    for number in numbers:
        if number.meaning is None:
            yield from _age(text, number, numbers)


def select_age(text: Text, facts: Sequence[Fact]) -> list[Fact]:
    """Of the ages of several people in one list, the one that "the eldest" or "the younger one" picks out."""
    ages = [fact for fact in facts if fact.entity == "age" and not fact.rejected]
    picks = {name for _, name in text.having("selection")}
    if (
        len(ages) < 2
        or len(picks) != 1
        or any(later.start - former.end > 2 for former, later in zip(ages, ages[1:], strict=False))
    ):
        return list(facts)
    chosen = (max if picks == {"oldest"} else min)(ages, key=lambda fact: int(fact.value))
    return [fact for fact in facts if fact.entity != "age" or fact is chosen]


# --- dates of birth ---


def _births(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    for piece, _ in text.having("born"):
        behind = [number for number in numbers if number.meaning is None and _soon_after(text, piece, number)]
        ahead = [number for number in numbers if _year(number, 4) and _leads_to(text, number, piece)]
        yield from _birth(text, piece, behind) or _birth(text, piece, ahead)
    for number in numbers:
        if number.meaning is None and _year(number, 4) and number.start and _is_beside_person(text, number):
            yield from _birth(text, Piece(number.start, number.end, {}), [number])


def _leads_to(text: Text, number: Number, piece: Piece) -> bool:
    """ "1961-born", "1990 is my birth year"."""
    between = range(number.end, piece.start)
    return 0 <= len(between) <= 3 and all(
        text.words[word] == "-" or text.reads_any(word, ("be", "det")) for word in between
    )


def _soon_after(text: Text, piece: Piece, number: Number) -> bool:
    """Within one date: no more than a few words, and no other person, between "born" and the number."""
    between = range(piece.end, number.start)
    if number.start < piece.end or len(between) > 9 or text.sentence[number.start - 1] - text.sentence[piece.start] > 2:
        return False
    return not any(text.reads_any(word, ("person", "age_unit", "grade")) for word in between)


def _birth(text: Text, piece: Piece, numbers: Sequence[Number]) -> list[Fact]:
    """The date that the numbers and the name of a month spell, in any order."""
    date = [number for number in numbers if "counted" not in text.readings(number.end)][:3]
    date = list(takewhile(lambda number: number.start - (date[0].start if date else 0) < 8, date))
    packed = next((number for number in date if 19000101 <= number.value <= 20991231), None)
    year = next((number for number in date if _year(number, 4)), None)
    if packed:
        moment, date = (packed.whole // 10000, packed.whole // 100 % 100, packed.whole % 100), [packed]
    elif year or (date and _year(date[-1], 2)):
        year = year or date[-1]
        whole = _written_out(text, date) or (date[0] is year and text.reading(date[-1].start - 1, "month"))
        date = date[: 3 if whole else date.index(year) + 1]
        rest = [number.whole for number in date if number is not year]
        month = next(
            (int(name) for found, name in text.having("month") if piece.end <= found.start <= year.end + 3), None
        )
        if month is None and len(rest) >= 1:
            # Year first: month follows; else the day comes first, unless it can only be the month.
            month = rest[0] if date[0] is year or (len(rest) == 1) or rest[1] > 12 else rest[1]
            rest.remove(month)
        moment = (_full_year(year), month or 0, rest[0] if rest and month else 0)
    else:
        return []
    for number in date:
        number.meaning = "birth"
    end = max(date[-1].end, piece.end)
    facts = [Fact("birth_year", moment[0], min(piece.start, date[0].start), end)]
    if 1 <= moment[1] <= 12:
        day = f"-{moment[2]:02d}" if 1 <= moment[2] <= 31 else ""
        facts.append(Fact("birth_date", f"{moment[0]}-{moment[1]:02d}{day}", facts[0].start, end))
    return facts


def _written_out(text: Text, date: Sequence[Number]) -> bool:
    """Whether the numbers touch: 1961-03-04, 4/3/1961."""
    return len(date) > 1 and all(later.start - former.end <= 1 for former, later in zip(date, date[1:], strict=False))


def _year(number: Number, digits: int) -> bool:
    if number.ordinal or number.value != number.whole:
        return False
    return 1900 <= number.value <= 2099 if digits == 4 else 0 <= number.value <= 99


def _full_year(number: Number) -> int:
    if number.value >= 100:
        return number.whole
    return number.whole + (2000 if number.whole < 30 else 1900)


def _is_beside_person(text: Text, number: Number) -> bool:
    word = number.start - 1
    while word > 0 and text.words[word] in (",", "(", "'", ":"):
        word -= 1
    return "person" in text.readings(word) and (text.is_boundary(number.end) or _closes(text, number.end))


# --- ages ---


def _decades(text: Text) -> Iterator[Fact]:
    for piece, decade in text.having("decade"):
        word, part = piece.start - 1, 0
        if word >= 0 and text.words[word] == "-":
            word -= 1
        if text.reading(word, "decade_part"):
            part = int(text.reading(word, "decade_part") or 0)
            word = text.before(word)
        led = word < 0 or text.is_boundary(word) or text.reads_any(word, ("pronoun", "speaker", "be", "filler"))
        dated = any("born" in text.readings(back) for back in range(max(0, word - 3), word))
        if (part or led or text.words[word] in ("in", "a")) and not dated:
            yield Fact("age", int(decade) + part, piece.start, piece.end, hedged=bool(part), weak=bool(part))


def _age(text: Text, number: Number, numbers: Sequence[Number]) -> Iterator[Fact]:
    around = _look_back(text, number)
    unit, end, certain = _unit(text, number)
    after, end_after = _after(text, end)
    if not (certain or _sounds_like_age(text, number, around, unit, end, end_after, numbers)):
        return
    value = number.whole if unit in (None, "year") else number.whole // 12 if unit == "month" else 0
    if not 0 <= value <= _OLDEST or number.value < 0:
        return
    number.meaning = "age"
    _swallow_rest(text, number, end_after, numbers)
    yet = around.negated and "yet" in after
    if around.negated and not yet and "below" not in around.marks:
        yield Fact("age", value, number.start, end_after, rejected=True)
    elif yet or around.marks & {"below", "next"} or ("next" in after and "exact" not in around.marks):
        below = value - 1 if value == number.value and unit in (None, "year") else value
        open_below = "below" in around.marks or yet
        yield Fact("age", max(below, 0), number.start, end_after, hedged=open_below, weak=True)
    elif around.marks & {"above", "about"} or after & {"above", "about"} or _is_range(text, end, numbers):
        yield Fact("age", value, number.start, end_after, hedged=True, weak="above" not in around.marks | after)
    else:
        yield Fact("age", value, number.start, end_after)


def _look_back(text: Text, number: Number) -> _Around:
    around, word = _Around(), number.start - 1
    while word >= 0:
        readings = text.readings(word)
        if text.words[word] in ("(", ",", ":", "-", "="):
            led = text.reads_any(word - 1, _PERSONS) or text.reading(word - 1, "age_mark") == "exact"
            if around.marks or around.be or not led:
                break
        elif "age_mark" in readings:
            around.marks.add(readings["age_mark"])
        elif "negation" in readings and readings["negation"] != "ended":
            around.negated = True
        elif "be" in readings and not around.be and text.words[word] not in ("says", "said"):
            around.be = True
        elif "have" in readings and text.words[word] in ("has", "have", "had"):
            around.have = True
        elif "filler" not in readings and "hedge" not in readings:
            break
        around.touching = around.touching and text.words[word] in ("(", ",", ":", "-", "=")
        word = text.before(word)
    around.stop = word
    return around


def _unit(text: Text, number: Number) -> tuple[str | None, int, bool]:
    """The unit behind a number, where it ends, and whether it leaves no doubt that this is an age."""
    word = number.end + (text.words[number.end : number.end + 1] == ["-"])
    certain = text.reading(word, "age_unit")
    if certain and not number.ordinal:
        return certain, text.after(word), True
    possible = text.reading(word, "unit")
    if possible and not number.ordinal and text.reading(word, "counted") is None:
        return possible, text.after(word), False
    return None, number.end, False


def _after(text: Text, word: int) -> tuple[set[str], int]:
    marks: set[str] = set()
    while (mark := text.reading(word, "age_after")) is not None:
        marks.add(mark)
        word = text.after(word)
    return marks, word


def _sounds_like_age(
    text: Text, number: Number, around: _Around, unit: str | None, end: int, end_after: int, numbers: Sequence[Number]
) -> bool:
    """Whether a number without "years old" is an age by what surrounds it."""
    if number.ordinal:
        return _is_birthday(text, number)
    stop = around.stop
    before = text.readings(stop)
    if text.reading(end if unit is None else number.end, "counted") or "counter" in before:
        return False
    if unit == "week" and not _tells_of_infant(text):
        return False
    if (
        text.words[number.start - 1] == "at"
        or "item" in before
        or "grade" in before
        or "article" in before
        or "born" in before
    ):
        return False
    of_person = text.reads_any(stop, _PERSONS)
    closed = text.is_boundary(end_after) or _closes(text, end_after)
    if "exact" in around.marks and not text.begins_part(number.start):
        return closed or of_person
    if stop > 0 and text.words[text.before(stop)] in _OTHER_TIME:
        return False
    if text.words[number.start : number.end] == ["one"] and not (unit or of_person):
        return False
    if around.be and before.get("speaker") == "we" and not unit and "both" not in text.words[stop : number.start]:
        return False  # "we are six"
    if around.be:
        return of_person or stop < 0 or text.is_boundary(stop) or "joint" in before or _is_pet_name(text, stop)
    if around.marks or around.have:
        starts = (
            stop < 0 or text.is_boundary(stop) or "joint" in before or "break" in before or text.reads_any(stop, _FACTS)
        )
        return closed and (of_person or starts) and (bool(around.marks) or unit == "year")
    if of_person:
        if stop >= 0 and text.words[number.start - 1] == "of":
            return before.get("person") not in ("mother", "father", "parents", "parent")
        return closed
    if unit == "month" and not _tells_of_infant(text):
        return False
    if any(0 < other.start - number.end <= 2 and text.reading(other.end, "counted") for other in numbers):
        return False
    listed = "joint" in before and any(other.end == stop and other.meaning == "age" for other in numbers)
    listed = listed or ("joint" in before and text.reads_any(text.before(stop), _FACTS))
    opens = stop < 0 or text.is_boundary(stop) or "break" in before or "correction" in before or listed
    counts_people = text.reads_any(end_after, ("person", "generic")) and text.reading(end_after, "generic") not in (
        "man",
        "woman",
    )
    alone = opens and closed and not counts_people
    told = text.reads_any(stop, _FACTS) and closed
    return (alone or told) and _has_context(text)


def _is_pet_name(text: Text, word: int) -> bool:
    """ "our little bean is 20 months": a word we do not know, that belongs to the speaker."""
    return (
        text.at[word] is None
        and text.words[word].isalpha()
        and any(text.reading(word - back, "speaker") in ("my", "our") for back in (1, 2))
    )


def _tells_of_infant(text: Text) -> bool:
    return any(
        "infant" in piece.readings or piece.readings.get("generic") in MINORS or piece.readings.get("person") in YOUNG
        for piece in text.pieces
    )


def _is_birthday(text: Text, number: Number) -> bool:
    return text.reading(number.end, "birthday") is not None


def _closes(text: Text, word: int) -> bool:
    """Whether the word behind a number begins something else, so that the number counts nothing."""
    readings = text.readings(word)
    return (
        text.reads_any(word, _CLOSING)
        or text.reads_any(word, _FACTS)
        or ("whom" in readings or "unit" in readings or "counter" in readings)
    )


def _has_context(text: Text) -> bool:
    """Whether the message tells anything besides numbers."""
    return any(label in piece.readings for piece in text.pieces for label in (*_FACTS, *_TOLD)) or any(
        piece.readings.get("speaker") == "me" for piece in text.pieces
    )


def _is_range(text: Text, end: int, numbers: Sequence[Number]) -> bool:
    """ "60 or 61", "60-65": the second number is understood with the first."""
    if end >= len(text) or text.words[end] not in ("or", "-", "to", "/"):
        return False
    second = next((number for number in numbers if number.start == end + 1), None)
    if second is None or not 0 < second.value <= _OLDEST:
        return False
    second.meaning = "age"
    return True


def _swallow_rest(text: Text, number: Number, end: int, numbers: Sequence[Number]) -> None:
    """The months in "59 years and 11 months" are no age of their own."""
    for rest in numbers:
        unit = text.reading(rest.end, "unit") or text.reading(rest.end, "age_unit")
        near = 0 <= rest.start - end <= 2 and text.sentence[rest.start] == text.sentence[number.start]
        if near and rest.meaning is None and unit in ("month", "week"):
            rest.meaning = "age"
