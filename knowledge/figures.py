"""The figures of a text, comparable between languages: numbers, articles and hotlines, however they are written.

30 days, 30日 and 三十天 are one figure; so are Article 58 and 第五十八条, 1 January 2027 and 2027年1月1日, half and
一半. What is no figure of substance (one person, 一个) is left out, so that a difference is worth looking at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

_UNITS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty"""
_MONTH_NAMES = "january february march april may june july august september october november december"
_WORDS = {word: number for number, word in enumerate(_UNITS.split())}
_WORDS.update({"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90})
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10, "once": 1}
_MONTHS = {month: number for number, month in enumerate(_MONTH_NAMES.split(), 1)}
_ALSO_WORDS = ("march", "may")  # months only beside a day or a year
_NUMERALS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")}
_NUMERALS.update({"〇": 0, "两": 2, "百": 100, "千": 1000, "万": 10000})
_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?")
_ENGLISH = re.compile(r"[a-z]+", re.IGNORECASE)
_DATE = re.compile(rf"(?:\b(\d{{1,2}}) )?\b({'|'.join(_MONTHS)})\b(?: (\d{{4}}))?", re.IGNORECASE)
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万]+")
_SHARE = re.compile(r"([百千万])分之([零〇一二两三四五六七八九十百]+)")  # in percent: 万分之五 is 0.05
_SMALL = 2.0  # up to here a word may stand in for an article or a pronoun: one, both, 一个, 两人
# What makes another word of a numeral: 一定, 统一, 万一, 十分.
_NO_NUMBER = re.compile(r"[统唯万划单同][一]|一[般定样些起直旦律致切并经方旁次下体同边]|十分|千万|百姓|万一|三农|百分")
_SUM = re.compile(r"[三四五六七八九](?=[样种者])")  # 三样中的一样: may answer to a figure, but need not
_ENGLISH_NONE = re.compile(r"\b(?:one's|no one|one of|each one|this one|that one|which one|the one|one day)\b", re.I)


def figures(text: str, language: str) -> Counter[float]:
    """Each figure of the text and how often it stands there.

    >>> figures("within 30 days (Article 58)", "en") == figures("三十日内（第五十八条）", "zh")
    True
    """
    return Counter(_chinese(text) if language == "zh" else _english(text))


def differing(texts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The figures that only the English or only the Chinese text has, smallest first.

    How often a figure is said is a matter of style; numbers up to two are compared only as digits.
    """
    english, chinese = set(figures(texts["en"], "en")), set(figures(texts["zh"], "zh"))
    demanded = set(figures(_SUM.sub("", texts["zh"]), "zh"))
    return _listed(english - chinese), _listed(demanded - english)


def _listed(numbers: set[float]) -> list[str]:
    return [f"{number:g}" if number < 1e6 else f"{number:.0f}" for number in sorted(numbers) if number > _SMALL]


def _english(text: str) -> Iterator[float]:
    rest = _ENGLISH_NONE.sub(" ", text)
    for date in _DATE.finditer(rest):
        if date[1] or date[3] or date[2].lower() not in _ALSO_WORDS:
            yield float(_MONTHS[date[2].lower()])
    yield from _digits(rest)
    words = [word.lower() for word in _ENGLISH.findall(rest.replace("-", " "))]
    place = 0
    while place < len(words):
        value = _WORDS.get(words[place], _ORDINALS.get(words[place]))
        if value is not None:
            after = _WORDS.get(words[place + 1]) if place + 1 < len(words) else None
            if value >= 20 and value % 10 == 0 and after is not None and 0 < after < 10:
                value, place = value + after, place + 1
            yield float(value)
        place += 1


def _chinese(text: str) -> Iterator[float]:
    rest = _NO_NUMBER.sub(" ", text)
    rest = _SHARE.sub(lambda match: f"{_value(match[2]) * 100 / _value(match[1]):g}", rest)
    rest = re.sub(r"(\d+(?:\.\d+)?)万", lambda match: f"{float(match[1]) * 10000:.0f}", rest)
    yield from _digits(rest)
    for numeral in _CHINESE.findall(rest):
        yield float(_value(numeral))


def _digits(text: str) -> Iterator[float]:
    for digits in _DIGITS.findall(text):
        yield float(digits.replace(",", ""))


def _value(numeral: str) -> int:
    values = [_NUMERALS[character] for character in numeral]
    if max(values) < 10 and len(values) > 1:
        return int("".join(map(str, values)))
    total = section = pending = 0
    for value in values:
        if value == 10000:
            total, section, pending = (total + section + pending) * value or value, 0, 0
        elif value >= 10:
            section, pending = section + max(pending, 1) * value, 0
        else:
            pending = value
    return total + section + pending
