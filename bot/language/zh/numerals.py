"""Numbers in a Chinese text: digits, 六十三, 两百零二, and years read digit by digit (九八, 一九六零)."""

from __future__ import annotations

import re

from bot.language.numerals import Number
from bot.language.text import Text

_DIGITS = re.compile(r"\d+(\.\d+)?")
_VALUES = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")}
_VALUES.update({"〇": 0, "两": 2, "俩": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "廿": 20, "卅": 30, "百": 100})
_AND = "有"
_HALF = "半"


def read_numbers(text: Text) -> list[Number]:
    """All numbers from left to right that are no part of a known phrase (三年级, 一下)."""
    numbers, word = [], 0
    while word < len(text):
        if not _is_free(text, word):
            behind = text.after(word)
            word = behind - 1 if _is_free(text, behind - 1) else behind
            continue
        number = _digits(text, word) or _script(text, word)
        if number is None:
            word += 1
            continue
        if text.word(number.end) == _HALF:
            number.end, number.value = number.end + 1, number.value + 0.5
        numbers.append(number)
        word = number.end
    return numbers


def _is_free(text: Text, word: int) -> bool:
    """Whether a character belongs to no phrase, or is known as a numeral alone."""
    piece = text.at[word]
    if piece is None or "numeral" in piece.readings:
        return True
    return text.word(word) in _VALUES and word == piece.end - 1 and text.word(piece.end) == "岁"  # 比我大三岁


def value_of(numeral: str) -> int:
    """The value of a numeral without spaces: place value where 十 or 百 stands in it, else digit by digit.

    >>> value_of("六十三"), value_of("九八"), value_of("一百零二")
    (63, 98, 102)
    """
    digits = [_VALUES[character] for character in numeral]
    if len(digits) > 1 and max(digits) < 10:
        return int("".join(map(str, digits)))
    total, pending = 0, 0
    for digit in digits:
        if digit >= 10:
            total, pending = total + max(pending, 1) * digit, 0
        else:
            pending = digit
    return total + pending


def _digits(text: Text, word: int) -> Number | None:
    if not _DIGITS.fullmatch(text.words[word]):
        return None
    return Number(word, word + 1, float(text.words[word]))


def _is_numeral(text: Text, word: int) -> bool:
    return text.word(word) in _VALUES and _is_free(text, word)


def _is_and(text: Text, start: int, word: int) -> bool:
    """六十有三."""
    return text.word(word) == _AND and word > start and text.word(word - 1) == "十" and _is_numeral(text, word + 1)


def _script(text: Text, word: int) -> Number | None:
    end = word
    while end < len(text) and (_is_numeral(text, end) or _is_and(text, word, end)):
        end += 1
    numeral = "".join(text.words[word:end]).replace(_AND, "")
    return Number(word, end, float(value_of(numeral))) if numeral else None
