"""Numbers that are an age; all other numbers must not become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.text import Text

_OLDEST = 120
_SHORT = 5  # words of an answer that is only a number
_PUNCTUATION = frozenset({"(", ",", ":", "-", "="})
_OTHER_TIME = frozenset({"until", "till", "when", "before", "once"})
_ADULTS = ("man", "woman")
_TITLES = frozenset({"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss"})


@dataclass
class _Around:
    """What stands around a number: marks in front of it, its unit, and marks behind."""

    marks: set[str] = field(default_factory=set)  # ids of age_mark
    be: bool = False
    have: bool = False
    negated: bool = False
    stop: int = -1  # the first word in front that is no mark; -1 for none
    unit: str | None = None
    certain: bool = False  # "years old": an age whatever else stands around it
    after: set[str] = field(default_factory=set)  # ids of age_after
    end: int = 0  # behind the unit
    end_after: int = 0  # behind the marks


def read_ages(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Every age; the numbers understood as ages get their meaning."""
    for piece, age in text.having("infant"):
        if not any(number.end in (piece.start, piece.start - 1) for number in numbers):
            yield Fact("age", int(age), piece.start, piece.end)
    yield from _decades(text)
    for number in numbers:
        if number.meaning is None:
            yield from _birthday(text, number) if number.ordinal else _age(text, number, numbers)


def select_age(text: Text, facts: Sequence[Fact]) -> list[Fact]:
    """Of the ages of several people, the one that "the eldest" or "the younger one", said last, picks out."""
    ages = [fact for fact in facts if fact.entity == "age" and not fact.rejected]
    picks = [name for _, name in text.having("selection")]
    listed = all(later.start - former.end <= 2 for former, later in zip(ages, ages[1:], strict=False))
    if len(ages) < 2 or not picks or not (listed or len(picks) > 1):
        return list(facts)
    chosen = (max if picks[-1] == "oldest" else min)(ages, key=lambda fact: int(fact.value))
    return [fact for fact in facts if fact.entity != "age" or fact is chosen]


def _decades(text: Text) -> Iterator[Fact]:
    """ "in her seventies", "mid-forties", but not "since the nineties"."""
    for piece, decade in text.having("decade"):
        word = piece.start - 1 - (text.word(piece.start - 1) == "-")
        part = int(text.reading(word, "decade_part") or 0)
        if part:
            word = text.before(word)
        led = text.is_boundary(word) or text.reads(word, "pronoun", "speaker", "be", "filler")
        dated = any(text.reads(back, "born") for back in range(word - 3, word))
        if (part or led or text.word(word) in ("in", "a")) and not dated:
            yield Fact("age", int(decade) + part, piece.start, piece.end, hedged=bool(part), weak=bool(part))


def _birthday(text: Text, number: Number) -> Iterator[Fact]:
    """ "had her 60th birthday", "celebrates his 60th next week"."""
    part = [word for word in range(len(text)) if text.same_part(word, number.start)]
    said = {name for word in part if (name := text.reading(word, "birthday"))}
    if not said & {"birthday", "coming"} or not 1 <= number.value <= _OLDEST:
        return
    number.meaning = "age"
    ahead = "done" not in said and any(
        text.reads(word, "age_after") or text.word(word) in ("is", "'s", "comes", "will") for word in part
    )
    ahead = ahead and not any(text.word(word) == "today" for word in part)
    yield Fact("age", number.whole - ahead, number.start, number.end, weak=ahead)


def _age(text: Text, number: Number, numbers: Sequence[Number]) -> Iterator[Fact]:
    around = _look_around(text, number)
    if not (around.certain or _sounds_like_age(text, number, around, numbers)):
        return
    years = around.unit in (None, "year")
    value = number.whole if years else number.whole // 12 if around.unit == "month" else 0
    if number.value < 0 or value > _OLDEST:
        return
    number.meaning = "age"
    _swallow_rest(text, number, around.end_after, numbers)
    yet = around.negated and "yet" in around.after
    today = text.word(around.end_after) in ("today", "now")  # "turns 60 today"
    coming = {"below"} if today else {"below", "next"}
    below = yet or bool(around.marks & coming) or ("next" in around.after and "exact" not in around.marks)
    if around.negated and not yet and "below" not in around.marks:
        yield Fact("age", value, number.start, around.end_after, rejected=True)
    elif below:
        not_reached = value - 1 if years and value == number.value else value
        bound = yet or "below" in around.marks
        yield Fact("age", max(not_reached, 0), number.start, around.end_after, hedged=bound, weak=True)
    else:
        vague = bool((around.marks | around.after) & {"above", "about"}) or _is_range(text, around.end, numbers)
        at_least = "above" in around.marks | around.after
        yield Fact("age", value, number.start, around.end_after, hedged=vague, weak=vague and not at_least)


def _look_around(text: Text, number: Number) -> _Around:
    around, word = _Around(), number.start - 1
    while word >= 0:
        readings = text.readings(word)
        if text.word(word) in _PUNCTUATION:
            led = text.reads(word - 1, "somebody") or text.reading(word - 1, "age_mark") == "exact"
            if around.marks or around.be or not led:
                break
        elif "age_mark" in readings:
            around.marks.add(readings["age_mark"])
        elif readings.get("negation") == "not":
            around.negated = True
        elif "be" in readings:
            around.be = True
        elif "have" in readings and text.word(word) in ("has", "have", "had"):
            around.have = True
        elif "filler" not in readings and "hedge" not in readings:
            break
        word = text.before(word)
    around.stop = word
    behind = number.end + (text.word(number.end) == "-")
    if unit := text.reading(behind, "age_unit"):
        around.unit, around.certain = unit, True
    elif (unit := text.reading(behind, "unit")) and not text.reads(behind, "counted"):
        around.unit = unit
    around.end = around.end_after = text.after(behind) if around.unit else number.end
    while mark := text.reading(around.end_after, "age_after"):
        around.after.add(mark)
        around.end_after = text.after(around.end_after)
    return around


def _sounds_like_age(text: Text, number: Number, around: _Around, numbers: Sequence[Number]) -> bool:
    """Whether a number without "years old" is an age, by what stands around it."""
    stop, of_person = around.stop, text.reads(around.stop, "somebody")
    if "exact" in around.marks and around.be:
        return True  # "my age is 60 year since January"
    if _counts_something(text, number, around):
        return False
    settled = text.words[around.end_after : around.end_after + 2] == ["it", "is"]  # "so 61 it is"
    unit_closes = settled or (around.unit is not None and text.word(around.end_after).isdigit())
    closed = text.is_boundary(around.end_after) or text.reads(around.end_after, "closing") or unit_closes
    if "exact" in around.marks and not text.begins_part(number.start):
        return closed or of_person
    if (text.word(text.before(stop)) in _OTHER_TIME and not _is_supposed(text, number)) or (
        number.value == 1 and not (around.unit or of_person)
    ):
        return False
    if around.be:
        return of_person or text.is_boundary(stop) or text.reads(stop, "joint") or _is_of_somebody(text, stop)
    if around.marks or around.have:
        opens = of_person or text.is_boundary(stop) or text.reads(stop, "joint", "break", "fact")
        opens = opens or _is_of_somebody(text, stop)
        return closed and opens and (bool(around.marks) or around.unit == "year")
    if of_person:
        parent = text.reading(stop, "person") in ("mother", "father", "parents", "parent")
        return not parent if text.word(number.start - 1) == "of" else closed  # "a man of 27", but "father of two"
    return closed and _stands_free(text, number, around, numbers)


def _is_supposed(text: Text, number: Number) -> bool:
    """ "and next year when he is 60?": asked for as if it were so."""
    return text.word(len(text) - 1) == "?" and text.word(number.start - 1) in ("is", "'s", "turns", "becomes")


def _counts_something(text: Text, number: Number, around: _Around) -> bool:
    """ "2 photos", "for 15 years", "item 5", "we are six"."""
    stop = around.stop
    if text.reads(number.end, "counted") or text.reads(stop, "counter", "item", "grade", "article", "born"):
        return True
    if text.word(number.start - 1) == "at" or (around.unit == "week" and not _tells_of_infant(text)):
        return True
    both = "both" in text.words[max(stop, 0) : number.start]
    return around.be and text.reading(stop, "speaker") == "we" and not around.unit and not both


def _stands_free(text: Text, number: Number, around: _Around, numbers: Sequence[Number]) -> bool:
    """ "rural hukou, 66, retired": a statement of its own, or one in a row of facts."""
    stop = around.stop
    if around.unit == "month" and not _tells_of_infant(text):
        return number.start == 0 and around.end_after == len(text)
    if any(0 < other.start - number.end <= 2 and text.reads(other.end, "counted") for other in numbers):
        return False  # "30, 40 percent"
    people = text.reads(around.end_after, "noun") and text.reading(around.end_after, "generic") not in _ADULTS
    if people and around.end_after == number.end:
        return False  # "three children"
    joined = text.reads(stop, "joint") and (
        text.reads(text.before(stop), "fact") or any(other.end == stop and other.meaning == "age" for other in numbers)
    )
    opens = text.is_boundary(stop) or text.reads(stop, "break", "correction", "fact") or joined
    return opens and _has_context(text)


def _is_of_somebody(text: Text, word: int) -> bool:
    """Whether what is 36 belongs to a person: "my uncle in town", "our little bean"."""
    unknown = text.readings(word) == {} and text.word(word).isalpha()
    if unknown and (text.word(word - 1) in _TITLES or (text.word(word - 1) == "." and text.word(word - 2) in _TITLES)):
        return True  # "Mr. Zhao is 60"
    if unknown and any(text.reading(word - back, "speaker") in ("my", "our") for back in (1, 2)):
        return True
    while word > 0 and not text.is_boundary(word):
        before = text.before(word)
        if text.reads(before, "noun") and text.reads(word, "secondary", "preposition"):
            return True
        word = before
    return False


def _tells_of_infant(text: Text) -> bool:
    young = (*text.tables["kin"]["young"], "boy", "girl")
    return bool(text.having("infant")) or any(name in young for _, name in text.having("generic", "person"))


def _has_context(text: Text) -> bool:
    """Whether the message tells anything besides numbers."""
    if len(text) > _SHORT and text.having("speaker", "pronoun"):
        return True
    return any(text.reads(word, "context") or text.reading(word, "speaker") == "me" for word in range(len(text)))


def _is_range(text: Text, end: int, numbers: Sequence[Number]) -> bool:
    """ "60 or 61", "60-65": the second number is understood with the first."""
    second = next((number for number in numbers if number.start == end + 1), None)
    if text.word(end) not in ("or", "-", "to", "/") or second is None or not 0 < second.value <= _OLDEST:
        return False
    second.meaning = "age"
    return True


def _swallow_rest(text: Text, number: Number, end: int, numbers: Sequence[Number]) -> None:
    """The months in "59 years and 11 months" are no age of their own."""
    for rest in numbers:
        unit = text.reading(rest.end, "unit") or text.reading(rest.end, "age_unit")
        near = 0 <= rest.start - end <= 2 and text.same_sentence(rest.start, number.start)
        if near and rest.meaning is None and unit in ("month", "week"):
            rest.meaning = "age"
