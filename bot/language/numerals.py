"""Numbers in a text: digits, words, ordinals, halves, and the numerals of pinyin and of the Chinese script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.language.text import Text

_DIGITS = re.compile(r"-?\d+(\.\d+)?|\d{1,3}(,\d{3})+")
_AFTER_PINYIN = ("age_unit", "grade", "school_grade", "unit")


@dataclass(eq=False)
class Number:
    """A number said at words ``start`` to ``end`` (exclusive); ``meaning`` is set by the pass that understands it."""

    start: int
    end: int
    value: float
    ordinal: bool = False
    meaning: str | None = None

    @property
    def whole(self) -> int:
        """The value without its fraction: four and a half years are four years."""
        return int(self.value)


def read_numbers(text: Text) -> list[Number]:
    """All numbers from left to right."""
    numbers, word = [], 0
    while word < len(text):
        number = _digits(text, word) or _words(text, word) or _script(text, word)
        if number is None:
            word += 1
            continue
        if text.reading(number.end, "half"):
            number.end, number.value = text.after(number.end), number.value + 0.5
        numbers.append(number)
        word = number.end
    return numbers


def _digits(text: Text, word: int) -> Number | None:
    if not _DIGITS.fullmatch(text.words[word]):
        ordinal = text.reading(word, "ordinal")
        return Number(word, text.after(word), float(ordinal), ordinal=True) if ordinal else None
    value = float(text.words[word].replace(",", ""))
    if text.reading(word + 1, "ordinal_mark"):
        return Number(word, word + 2, value, ordinal=True)
    return Number(word, word + 1, value)


def _words(text: Text, word: int) -> Number | None:
    """ "sixty", "sixty-three", "a hundred and two", "fifty-eighth"."""
    value = text.reading(word, "number")
    if value is None:
        return None
    number = Number(word, text.after(word), float(value))
    while True:
        following = number.end + (text.words[number.end : number.end + 1] in (["-"], ["and"]))
        size = 100 if number.value >= 100 else 10
        more, ordinal = text.reading(following, "number"), text.reading(following, "ordinal")
        added = float(more or ordinal or 0)
        if more == "100" and number.value < 10 and following == number.end:
            number.value, number.end = number.value * 100, text.after(following)
        elif number.value >= 20 and number.value % size == 0 and 0 < added < size and _joins(text, number.end, size):
            number.value, number.end = number.value + added, text.after(following)
            if ordinal and not more:
                number.ordinal = True
                return number
        else:
            return number


def _joins(text: Text, word: int, size: int) -> bool:
    """Only hundreds take an "and": "a hundred and two", but "at sixty and three ..."."""
    return text.words[word] != "and" or size == 100


def _script(text: Text, word: int) -> Number | None:
    """Place value: ten and hundred multiply what stands before them ("五十八", "wu shi ba sui")."""
    for label in ("numeral", "pinyin"):
        digits = list(_run(text, word, label))
        behind = word + len(digits)
        if not digits or (label == "pinyin" and not any(text.reading(behind, unit) for unit in _AFTER_PINYIN)):
            continue
        total, pending = 0, 0
        for digit in digits:
            if digit >= 10:
                total, pending = total + max(pending, 1) * digit, 0
            else:
                pending = digit
        return Number(word, behind, float(total + pending))
    return None


def _run(text: Text, word: int, label: str) -> Iterator[int]:
    while (digit := text.reading(word, label)) is not None:
        yield int(digit)
        word += 1
