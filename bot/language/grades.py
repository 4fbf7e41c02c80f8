"""Grades: a school grade and a grade of disability look alike and must not be taken for one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import Persons
from bot.language.text import Piece, Text

_SCHOOL_YEARS = 12
_SHORT_SCHOOL = 3  # years of middle school and of high school
_MIDDLE = frozenset({"middle", "junior", "chu"})
_UNIVERSITY = frozenset({"university", "college", "uni", "degree", "phd"})
_HIGHEST = 4  # grades of disability
_HIGHEST_CERTIFIED = 2  # up to this grade a certificate is wanted
_LONGEST_OR = 5  # words of "or was it maybe"
_LINKING = frozenset({":", "=", "-", "is", "of", "no", "number", "'s", "(", "says", "was", "the"})
_ASKING = (":", "=", "?", "-")  # "disability: no"
_NEAR = 8  # words between a grade and the word that says what it grades


def read_grades(text: Text, numbers: Sequence[Number], persons: Persons) -> Iterator[Fact]:
    """Grades of disability, and school grades as being at school at about that age; their numbers get a meaning."""
    facts = list(_grades(text, numbers, persons))
    levels = [fact for fact in facts if fact.entity == "disability_level"]
    for former, later in zip(levels, levels[1:], strict=False):
        between = range(former.end, later.start)
        if len(between) <= _LONGEST_OR and any(text.reading(word, "joint") == "or" for word in between):
            former.hedged = later.hedged = True  # "grade 3 or was it grade 2"
            if (int(former.value) > _HIGHEST_CERTIFIED) != (int(later.value) > _HIGHEST_CERTIFIED):
                former.rejected = later.rejected = True
    return iter(facts)


def _grades(text: Text, numbers: Sequence[Number], persons: Persons) -> Iterator[Fact]:
    for label in ("school_grade", "grade", "disability"):
        for piece, name in text.having(label):
            number = _answer(text, piece, numbers) if label == "disability" else _beside(text, piece, numbers)
            roman = text.reading(piece.end, "roman") if label != "school_grade" else None
            if number is None and (roman is None or not _is_roman(text, piece.end)):
                continue
            value = number.whole if number else int(roman or 0)
            start = min(piece.start, number.start if number else piece.start)
            end = max(piece.end, number.end if number else piece.end + 1)
            ordinal = number is not None and number.ordinal
            if label == "school_grade" or (
                label == "grade" and _is_school(text, name, start, end, value, persons, ordinal=ordinal)
            ):
                _settle(number, "school")
                yield Fact("student", True, start, end)
                yield from _school_grade(text, value, start, end)
            elif 1 <= value <= _HIGHEST and (name != "class" or _is_graded(text, start, end, within=_NEAR)):
                _settle(number, "disability")
                yield from _level(text, value, start, end, numbers)


def _is_roman(text: Text, word: int) -> bool:
    """Grade I of a certificate, and not the speaker: "about disability i can't say"."""
    return text.is_boundary(word + 1) or not text.reads(word, "speaker") or text.reads(word + 1, "disability", "joint")


def _settle(number: Number | None, meaning: str) -> None:
    if number is not None:
        number.meaning = meaning


def _school_grade(text: Text, year: int, start: int, end: int) -> Iterator[Fact]:
    """The year of school, counted on from primary school."""
    around = set(text.words[max(0, start - 3) : end + 3])
    if around & _UNIVERSITY:
        return
    year += 6 if around & _MIDDLE and year <= _SHORT_SCHOOL else 9 if "high" in around and year <= _SHORT_SCHOOL else 0
    if 1 <= year <= _SCHOOL_YEARS:
        yield Fact("school_grade", year, start, end)


def _level(text: Text, value: int, start: int, end: int, numbers: Sequence[Number]) -> Iterator[Fact]:
    other = _choice(text, start, end, numbers)
    # It would mean different papers.
    undecided = other is not None and (value > _HIGHEST_CERTIFIED) != (other > _HIGHEST_CERTIFIED)
    before = text.before(start)
    denied = text.reading(before, "negation") == "not" and text.same_part(before, start)
    yield Fact("disability_level", value, start, end, hedged=other is not None, rejected=undecided or denied)


def _beside(text: Text, piece: Piece, numbers: Sequence[Number]) -> Number | None:
    """The number that belongs to a noun: "grade 2", "grade: 2", "second grade", "the grade on it is 2"."""
    free = [number for number in numbers if number.meaning is None and number.value == number.whole]
    before = next((number for number in free if piece.start - number.end == (text.word(number.end) == "-")), None)
    word = piece.end
    while text.word(word) in _LINKING and word - piece.end < 3:
        word += 1
    after = next((number for number in free if number.start == word), None)
    if before and (before.ordinal or after is None or text.is_boundary(piece.end)):
        return before
    if after and (not after.ordinal or text.word(after.start - 1) in (":", "=", "is")):
        return after
    return before or next((number for number in free if _is_stated_later(text, piece, number)), None)


def _is_stated_later(text: Text, piece: Piece, number: Number) -> bool:
    """ "the grade on her certificate is 2"."""
    near = 0 < number.start - piece.end <= 6 and text.same_part(piece.end - 1, number.start)
    return near and text.reads(number.start - 1, "be") and 1 <= number.value <= _HIGHEST


def _answer(text: Text, piece: Piece, numbers: Sequence[Number]) -> Number | None:
    """ "disability 2", "her disability? i'd say 2", but not "disability 2 years ago"."""
    word = piece.end
    while piece.readings.get("disability") == "certificate" and text.word(word) in _LINKING:
        word += 1  # "the certificate is 3"
    asked = text.word(word) in ("?", ":")
    while asked and word < min(len(text), piece.end + _NEAR):
        if not (
            text.is_boundary(word) or text.reads(word, "before_answer") or text.word(word) in ("would", "'d", "say")
        ):
            break
        word = text.after(word)
    number = next((number for number in numbers if number.start == word and number.meaning is None), None)
    if number is None or not 1 <= number.value <= _HIGHEST or number.value != number.whole:
        return None
    return None if text.reads(number.end, "counted", "unit", "age_unit", "grade") else number


def _is_school(text: Text, name: str, start: int, end: int, value: int, persons: Persons, *, ordinal: bool) -> bool:
    """Whether "grade 3" is a school year: by the words beside it, its height, or whose it is."""
    if text.reads(end, "student") or text.reads(start - 1, "student"):
        return True
    if text.reads(end, "in_school") and not text.reads(end, "preposition"):
        return True  # "grade 2 primary"
    graded_here = any(
        text.reads(word, "disability", "disability_level", "paper") for word in (end, start - 1, start - 2)
    )
    if name == "level" or graded_here:
        return False
    before = text.before(start)
    if text.reads(before, "det"):
        before = text.before(before)
    if value > _HIGHEST or text.reads(before, "in_school"):
        return True
    young = persons.at[start] in text.tables["kin"]["young"]
    if name == "class" and not young:
        return False
    if _is_graded(text, start, end, within=_NEAR if young else len(text), persons=persons if young else None):
        return False
    return young or ordinal or any(named.key in text.tables["kin"]["young"] for named in persons.named)


def _is_graded(text: Text, start: int, end: int, *, within: int, persons: Persons | None = None) -> bool:
    """Whether a disability that is not denied is spoken of within so many words, of the same person if given."""
    for piece, _ in text.having("disability", "disability_level"):
        distance = max(start - piece.end, piece.start - end)
        behind = piece.end + (text.word(piece.end) in _ASKING)
        denied = text.reads(text.before(piece.start), "negation") or text.reading(behind, "negation") == "no"
        same = persons is None or persons.at[piece.start] == persons.at[start]
        if distance <= within and same and not denied:
            return True
    return False


def _choice(text: Text, start: int, end: int, numbers: Sequence[Number]) -> int | None:
    """The other of "grade 1 or 2", "between grade two and three"; it is understood with the first."""
    second = next((number for number in numbers if 0 <= number.start - end - 1 <= 1), None)
    if second is None or not 1 <= second.value <= _HIGHEST:
        return None
    ahead = text.words[max(0, start - 2) : start]
    joints = ("and",) if "between" in ahead else ("or", "-", "/") if "from" in ahead else ("or", "-", "to", "/")
    if text.word(end) not in joints:
        return None
    second.meaning = "disability"
    return second.whole
