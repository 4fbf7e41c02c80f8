"""Grades: a school grade and a grade of disability look alike and must not be taken for one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import YOUNG, Persons
from bot.language.text import Piece, Text

_HIGHEST = 4  # grades of disability
_LINKING = frozenset({":", "=", "-", "is", "of", "no", "no.", "number", "'s", "(", "says", "was", "the"})
_BEFORE_ANSWER = ("hedge", "speaker", "aside", "filler", "be", "report", "paper", "det", "age_mark")
_NEAR = 8  # words between a grade and the word that says what it grades


def read_grades(text: Text, numbers: Sequence[Number], persons: Persons) -> Iterator[Fact]:
    """Grades of disability, and school grades as the fact of being at school; their numbers get a meaning."""
    for label in ("school_grade", "grade", "disability"):
        for piece, name in text.having(label):
            number = _beside(text, piece, numbers, direct=label == "disability")
            roman = text.reading(piece.end, "roman") if label != "school_grade" else None
            if number is None and (roman is None or text.reading(piece.end + 1, "be")):
                continue
            value = number.whole if number else int(roman or 0)
            start = min(piece.start, number.start if number else piece.start)
            end = max(piece.end, number.end if number else piece.end + 1)
            if label == "school_grade" or (
                label == "grade" and _is_school(text, piece, start, end, value, number, persons)
            ):
                _settle(number, "school")
                yield Fact("student", True, start, end)
            elif 1 <= value <= _HIGHEST and (name != "class" or _is_graded(text, start, end, within=_NEAR)):
                _settle(number, "disability")
                other = _choice(text, start, end, numbers)
                undecided = other is not None and (value > 2) != (other > 2)  # different papers
                rejected = undecided or _rejected(text, start)
                yield Fact("disability_level", value, start, end, hedged=other is not None, rejected=rejected)


def _settle(number: Number | None, meaning: str) -> None:
    if number is not None:
        number.meaning = meaning


def _beside(text: Text, piece: Piece, numbers: Sequence[Number], *, direct: bool) -> Number | None:
    """The number that belongs to a noun: "grade 2", "grade: 2", "second grade", "the grade on it is 2"."""
    free = [number for number in numbers if number.meaning is None and number.value == number.whole]
    before = next(
        (number for number in free if number.end in (piece.start, piece.start - 1) and _adjoins(text, number, piece)),
        None,
    )
    word = piece.end
    while word < len(text) and text.words[word] in _LINKING and word - piece.end < 3:
        word += 1
    after = next((number for number in free if number.start == word), None)
    if direct:
        after = after or _answer(text, piece, free)
        return after if after and 1 <= after.value <= _HIGHEST and _is_alone(text, after) else None
    if before and (before.ordinal or after is None or text.is_boundary(piece.end)):
        return before
    if after and (not after.ordinal or text.words[after.start - 1] in (":", "=", "is")):
        return after
    return before or next((number for number in free if _is_stated_later(text, piece, number)), None)


def _answer(text: Text, piece: Piece, numbers: Sequence[Number]) -> Number | None:
    """ "her disability? i'd say 2"."""
    word = piece.end
    if text.words[word : word + 1] not in (["?"], [":"]):
        return None
    while word < len(text) and word - piece.end < _NEAR:
        number = next((number for number in numbers if number.start == word), None)
        if number or not (
            text.is_boundary(word) or text.reads_any(word, _BEFORE_ANSWER) or text.words[word] in ("would", "'d", "say")
        ):
            return number
        word = text.after(word)
    return None


def _adjoins(text: Text, number: Number, piece: Piece) -> bool:
    return number.end == piece.start or text.words[number.end] == "-"


def _is_alone(text: Text, number: Number) -> bool:
    """ "disability 2", but not "disability 2 years ago" or "disability, 2 photos"."""
    return text.is_boundary(number.end) or not text.reads_any(number.end, ("counted", "unit", "age_unit", "grade"))


def _is_stated_later(text: Text, piece: Piece, number: Number) -> bool:
    """ "the grade on her certificate is 2"."""
    if not 0 < number.start - piece.end <= 6 or not text.same_part(piece.end - 1, number.start):
        return False
    return text.reading(number.start - 1, "be") is not None and 1 <= number.value <= _HIGHEST


def _is_school(
    text: Text, piece: Piece, start: int, end: int, value: int, number: Number | None, persons: Persons
) -> bool:
    if piece.readings["grade"] == "level":
        return text.reading(end, "student") is not None or text.reading(start - 1, "student") is not None
    if text.reading(end, "student") or text.reading(start - 1, "student") or text.reading(end, "in_school"):
        return True
    if any(text.reads_any(word, ("disability", "disability_level", "paper")) for word in (end, start - 1, start - 2)):
        return False
    before = text.before(start)
    if text.reading(before, "det"):
        before = text.before(before)
    if value > _HIGHEST or text.reading(before, "in_school"):
        return True
    young = persons.at[start] in YOUNG
    if piece.readings["grade"] == "class" and not young:
        return False
    if _is_graded(text, start, end, within=_NEAR if young else len(text)):
        return False
    return young or (number is not None and number.ordinal) or any(named.key in YOUNG for named in persons.named)


def _is_graded(text: Text, start: int, end: int, *, within: int) -> bool:
    """Whether a disability that is not denied is spoken of within so many words."""
    for label in ("disability", "disability_level"):
        for piece, _ in text.having(label):
            distance = max(start - piece.end, piece.start - end)
            if distance <= within and not text.reading(text.before(piece.start), "negation"):
                return True
    return False


def _choice(text: Text, start: int, end: int, numbers: Sequence[Number]) -> int | None:
    """The other of "grade 1 or 2", "between grade two and three"; it is understood with the first."""
    second = next((number for number in numbers if 0 <= number.start - end - 1 <= 1), None)
    if second is None or not 1 <= second.value <= _HIGHEST:
        return None
    between = "between" in text.words[max(0, start - 2) : start]
    joints = (
        ("and",)
        if between
        else ("or", "-", "/")
        if "from" in text.words[max(0, start - 2) : start]
        else ("or", "-", "to", "/")
    )
    if text.words[end] not in joints:
        return None
    second.meaning = "disability"
    return second.whole


def _rejected(text: Text, start: int) -> bool:
    """ "not grade 3": the words directly before deny it."""
    before = text.before(start)
    return before >= 0 and text.reading(before, "negation") == "not" and text.same_part(before, start)
