"""Numbers in Chinese that are an age, a year of birth or a grade of disability; all others must not become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.persons import SELF, Persons
from bot.language.text import Text
from bot.language.zh.numerals import value_of

_OLDEST = 120
_CLOSING = frozenset("了托啦咯喽嘞哟呀")  # behind an age: 七十啦, 四十托
_NUMERALS = "一二三四五六七八九"
_SCHOOL_YEAR = re.compile(rf"(?P<school>[初高])?(?P<year>[{_NUMERALS}1-9])(?(school)|年级)")
_APART = 60  # years between two people of whom one is compared with the other
_HIGHEST_GRADE = 4
_HIGHEST_CERTIFIED = 2  # up to this grade a certificate is wanted
_OR = frozenset({"还是", "或", "或者", "或是", "要么"})
_NEAR = 10  # characters between a grade and the word that says what it grades
_YEARS = range(1900, 2100)
_THIS_CENTURY = 30  # 29年的 is 2029, 30年的 is 1930
_NO_GRADE = frozenset({"医", "甲", "乙", "建", "公", "运", "保", "教", "市", "行", "学"})  # behind 级: 三级医院


def read_grades(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """二级残疾, 残疾证是2级, 残疾: 2; alone 二级 is a grade of disability, too. 三级还是四级 is one of the two."""
    facts = list(_grades(text, numbers))
    for former, later in zip(facts, facts[1:], strict=False):
        between = "".join(text.words[former.end : later.start])
        if between in _OR:
            former.hedged = later.hedged = True
            if (int(former.value) > _HIGHEST_CERTIFIED) != (int(later.value) > _HIGHEST_CERTIFIED):
                former.rejected = later.rejected = True
    return iter(facts)


def _grades(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    graded = [piece for piece, _ in text.having("disability")]
    for number in numbers:
        if number.meaning is not None or number.value != number.whole or not 1 <= number.value <= _HIGHEST_GRADE:
            continue
        near = [piece for piece in graded if max(number.start - piece.end, piece.start - number.end) <= _NEAR]
        is_level = text.word(number.end) == "级" and text.word(number.end + 1) not in _NO_GRADE
        plain = near and any(number.start - piece.end in (0, 1) for piece in near) and text.is_boundary(number.end)
        if is_level or plain:
            number.meaning = "disability"
            yield Fact("disability_level", number.whole, number.start, number.end + is_level)


def read_school_grades(text: Text) -> Iterator[Fact]:
    """小学五年级, 初二, 高一: the year of school, counted on from primary school."""
    for piece, _ in text.having("student"):
        found = _SCHOOL_YEAR.search("".join(text.words[piece.start : piece.end]))
        if found is not None:
            year = value_of(found["year"]) if found["year"] in _NUMERALS else int(found["year"])
            year += {"初": 6, "高": 9}.get(found["school"] or "", 0)
            yield Fact("school_grade", year, piece.start, piece.end)


def read_births(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """九八年的, 1960年3月5日出生, 生于62年, 生日1958-03-04: ``birth_year``, and ``birth_date`` where the month is said."""
    for place, number in enumerate(numbers):
        if number.meaning is not None or number.value != number.whole:
            continue
        dashed = _is_dashed(text, numbers[place : place + 3])
        if not (text.word(number.end) == "年" or dashed or _behind_born(text, number)):
            continue
        rest = [one for one in numbers[place + 1 : place + 3] if one.start - number.start <= 6]
        month = rest[0] if rest and (dashed or text.word(rest[0].end) == "月") else None
        day = rest[1] if month and len(rest) > 1 and (dashed or text.word(rest[1].end) in ("日", "号")) else None
        last = day or month or number
        end = last.end if dashed or text.word(last.end) not in ("年", "月", "日", "号") else last.end + 1
        end += text.word(end) == "份"
        if not (_behind_born(text, number) or _says_born(text, end, number)):
            continue
        year = number.whole if number.value in _YEARS else _full_year(number)
        if year is None:
            continue
        for one in (number, month, day):
            if one is not None:
                one.meaning = "birth"
        yield Fact("birth_year", year, number.start, end)
        if month is not None and 1 <= month.whole <= 12:
            of_day = f"-{day.whole:02d}" if day is not None and 1 <= day.whole <= 31 else ""
            yield Fact("birth_date", f"{year}-{month.whole:02d}{of_day}", number.start, end)


def _full_year(number: Number) -> int | None:
    if not 0 <= number.value <= 99 or number.end - number.start > 2:
        return None
    return number.whole + (2000 if number.value < _THIS_CENTURY else 1900)


def _is_dashed(text: Text, numbers: Sequence[Number]) -> bool:
    """1958-03-04, 1958.3."""
    if len(numbers) < 2 or numbers[0].value not in _YEARS:
        return False
    return all(
        text.word(former.end) in ("-", ".", "/") and later.start == former.end + 1
        for former, later in zip(numbers, numbers[1:], strict=False)
    )


def _behind_born(text: Text, number: Number) -> bool:
    word = text.before(number.start)
    while text.reads(word, "be", "filler") or text.word(word) in (":", "在"):
        word = text.before(word)
    return text.reads(word, "born")


def _says_born(text: Text, end: int, number: Number) -> bool:
    """Behind the date: 出生, 生, or 的 that no noun follows (2019年的医保)."""
    if text.reads(end, "born"):
        return True
    written = number.value in _YEARS or number.value > 12 or text.word(number.start) == "零"
    if not written or text.word(end) not in ("的", "人"):
        return False
    return (
        text.is_boundary(end + 1)
        or text.reads(end + 1, "fact", "filler", "break", "somebody")
        or text.word(end) == "人"
    )


def read_ages(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Every age; the numbers understood as ages get their meaning."""
    for piece, age in text.having("infant"):
        yield Fact("age", int(age), piece.start, piece.end)
    for number in numbers:
        if number.meaning is None and not _is_compared(text, number):
            yield from _age(text, number)


def read_comparisons(text: Text, numbers: Sequence[Number], persons: Persons, ages: Sequence[Fact]) -> Iterator[Fact]:
    """我先生比我大三岁: the age of whoever is compared with somebody whose age is told."""
    for number in numbers:
        sign = {"大": 1, "小": -1}.get(text.word(number.start - 1), 0)
        than = next((word for word in range(number.start - 2, -1, -1) if text.word(word) == "比"), None)
        if not sign or than is None or not text.same_part(than, number.start) or not 0 < number.value <= _APART:
            continue
        number.meaning = "comparison"
        compared = persons.at[than - 1] if than else None
        named = next((one.key for one in persons.named if than < one.start < number.start), None)
        other = named or SELF
        known = [int(age.value) for age in ages if (age.person or persons.at[age.start]) == other and not age.rejected]
        if known and compared != other:
            yield Fact("age", known[-1] + sign * number.whole, number.start, number.end + 1, person=compared)


def _is_compared(text: Text, number: Number) -> bool:
    """大三岁 behind 比."""
    words = text.words[max(0, number.start - _NEAR) : number.start]
    return bool(words) and words[-1] in ("大", "小") and "比" in words


def _age(text: Text, number: Number) -> Iterator[Fact]:
    marks, word = _marks_before(text, number)
    behind, vague = number.end, False
    while text.reads(behind, "age_after"):
        vague, behind = True, text.after(behind)
    unit = text.reading(behind, "age_unit")
    months = "".join(text.words[number.end : number.end + 2])
    certain, end = unit is not None, behind
    if unit is not None:
        end = text.after(behind)
        vague = vague or text.word(end - 1) == "多"
        if text.reads(end, "age_after"):
            vague, end = True, text.after(end)
    elif months == "个月" and _tells_of_infant(text):
        unit, certain, end = "month", True, number.end + 2
    if not certain and not _sounds_like_age(text, number, marks, word, end):
        return
    years = unit != "month"
    value = number.whole if years else number.whole // 12
    if not 0 <= value <= _OLDEST:
        return
    number.meaning = "age"
    if text.reads(word, "negation") and text.word(word) in ("不", "没") and not marks:
        yield Fact("age", value, number.start, end, rejected=True)
    elif marks & {"below", "next"}:
        bound = "below" in marks
        yield Fact("age", max(value - years, 0), number.start, end, hedged=bound, weak=True)
    else:
        vague = vague or bool(marks & {"about", "above"})
        denied = text.reads(word, "negation") and text.word(word) in ("不是", "没有")
        yield Fact("age", value, number.start, end, hedged=vague, rejected=denied)


def _marks_before(text: Text, number: Number) -> tuple[set[str], int]:
    """The ids of the marks in front of a number (快, 不到, 今年), and the word before them."""
    marks: set[str] = set()
    word = text.before(number.start)
    while word >= 0:
        if mark := text.reading(word, "age_mark"):
            marks.add(mark)
        elif not text.reads(word, "be", "filler", "hedge") or text.reads(word, "negation"):
            break
        word = text.before(word)
    return marks, word


def _sounds_like_age(text: Text, number: Number, marks: set[str], word: int, end: int) -> bool:
    """Whether a number without 岁 is an age: 我妈63, 今年六十三, or one of a row of facts."""
    if (
        number.value < 1
        or number.value > _OLDEST
        or text.reads(number.end, "counted")
        or text.word(number.end) in ("月", "日")
    ):
        return False
    if text.reads(word, "condition") and text.word(end) == "呢":
        return True  # 要是61呢
    if text.word(number.start - 1) in ("第", "-", "/", ".", "到", "号", "室"):
        return False
    closed = (
        text.is_boundary(end)
        or text.word(end) in _CLOSING
        or text.reads(end, "filler", "fact", "break", "disability", "somebody", "whom", "hukou", "preposition", "live")
    )
    if not closed:
        return False
    if text.reads(word, "noun", "pronoun", "speaker", "employment") or (
        marks & {"exact", "next", "below"} and not text.is_boundary(word)
    ):
        return True
    if marks and text.is_boundary(word):
        return bool(marks & {"exact", "below", "next"}) and text.words[number.start - 1] not in ("刚", "过", "都")
    ends = text.is_boundary(end) or (text.word(end) in _CLOSING and text.is_boundary(end + 1))
    alone = text.is_boundary(word) and (ends or text.reads(end, "fact"))
    return alone and _has_context(text, number)


def _has_context(text: Text, number: Number) -> bool:
    """Whether the message tells anything of a person besides this number, said in the same sentence."""
    return any(
        text.reads(piece.start, "fact", "noun", "whom") and text.same_sentence(piece.start, number.start)
        for piece in text.pieces
    ) and not text.having("correction")


def _tells_of_infant(text: Text) -> bool:
    young = (*text.tables["kin"]["young"], "baby")
    return bool(text.having("infant")) or any(name in young for _, name in text.having("person"))
