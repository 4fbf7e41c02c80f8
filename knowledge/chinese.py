"""Chinese as it is typed: which language a message is in, and the form in which it is read.

The form is simplified, without slips of the input method, and in one language where a few words of another are
mixed in. English without Chinese characters is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.models import Language

WORDS_PATH = Path(__file__).parent / "chinese.yml"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇"
_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[a-z][a-z']*|\d+")
_ASKS = re.compile("吗|呢|多少|几[月天年点号时]|几个月|怎么|咋|哪|什么时候|能不能|要不要|可不可以|行不行|要多久")
_GAP = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_PIECE = 3  # characters from which on average the spaces of a text divide statements
_LETTER = 0.25  # what a word outside the frame weighs beside one of the frame


@dataclass(frozen=True)
class _Words:
    """The lists of ``chinese.yml``, ready for use."""

    frame: frozenset[str]
    frame_characters: frozenset[str]
    either: frozenset[str]
    slips: re.Pattern[str]
    right: Mapping[str, str]
    to_chinese: Mapping[str, str]
    to_english: Mapping[str, str]
    dialects: Mapping[int, str]
    foreign: re.Pattern[str]
    terms: re.Pattern[str]

    def mended(self, match: re.Match[str]) -> str:
        return self.right[match.group()]


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw: Any = yaml.load(WORDS_PATH.read_text(encoding="utf-8"), yaml.CSafeLoader)
    slips = {slip: right for right, listed in raw["slips"].items() for slip in listed}
    to_chinese: dict[str, str] = {}
    for chinese, listed in raw["terms"].items():
        for word in listed:
            to_chinese.setdefault(word.lower(), chinese)
    to_english = {chinese: listed[0] for chinese, listed in raw["terms"].items()}
    return _Words(
        frozenset(raw["frame"]["en"].split()),
        frozenset(raw["frame"]["zh"]),
        frozenset(raw["either"]),
        re.compile("|".join(sorted(slips, key=len, reverse=True))),
        {slip.partition("(")[0]: right for slip, right in slips.items()},
        to_chinese,
        to_english,
        str.maketrans(raw["dialects"]),
        re.compile(rf"(?<![a-z])(?:{_any_of(to_chinese)})(?![a-z])", re.IGNORECASE),
        re.compile(_any_of(to_english)),
    )


def _any_of(words: Mapping[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def has_chinese(text: str) -> bool:
    """Whether any Chinese character stands in the text."""
    return _HAN.search(text) is not None


def language_of(text: str) -> Language | None:
    """The language of a message, that of its frame where two are mixed; None where it has no words of either.

    >>> language_of("我的ID card丢了"), language_of("what is 灵活就业?"), language_of("4")
    ('zh', 'en', None)
    """
    lists = _words()
    characters = _HAN.findall(text)
    words = [word for word in _WORD.findall(text.lower()) if not word.isdigit()]
    if not characters:
        return "en" if any(word not in lists.either for word in words) else None
    english = sum(1.0 if word in lists.frame else _LETTER for word in words)
    chinese = sum(1.0 if one in lists.frame_characters else _LETTER for one in characters)
    return "zh" if chinese >= english else "en"


def word_count(text: str) -> int:
    """How many words a message has; two Chinese characters count as one.

    >>> word_count("how do i pay"), word_count("怎么缴费")
    (4, 2)
    """
    characters = len(_HAN.findall(text))
    return len(_HAN.sub(" ", text).split()) + (characters + 1) // 2 if characters else len(text.split())


@lru_cache(maxsize=1024)
def is_question(text: str) -> bool:
    """Whether a message asks: it ends in a question mark, or has a Chinese question word, with or without a mark.

    >>> is_question("居民医保几月份交"), is_question("is it free?"), is_question("四岁 上幼儿园")
    (True, True, False)
    """
    return text.rstrip().endswith(("?", "？")) or _ASKS.search(text) is not None


def settle(text: str) -> str:
    """The form in which a message is read; text without Chinese characters comes back as it is.

    >>> settle("醫宝 丢了"), settle("how do i get a 居住证")
    ('医保丢了', 'how do i get a residence permit')
    """
    if not has_chinese(text):
        return text
    lists = _words()
    text = lists.slips.sub(lists.mended, _without_gaps(simplify(text)).translate(lists.dialects))
    if language_of(text) == "zh":
        return lists.foreign.sub(lambda match: lists.to_chinese[match.group().lower()], text)
    glossed = lists.terms.sub(lambda match: f" {lists.to_english[match.group()]} ", text)
    return re.sub(r"\s+([?.!,;:]|$)", r"\1", " ".join(glossed.split()))


def _without_gaps(text: str) -> str:
    """Without the spaces of voice input (我 的 医保); between longer pieces a space is meant as a comma."""
    pieces = _GAP.split(text)
    longer = sum(map(len, pieces)) >= _PIECE * len(pieces)
    return (", " if longer else "").join(pieces)


def simplify(text: str) -> str:
    """Traditional characters as simplified ones; the converter is loaded when the first of them comes."""
    if all(_is_simplified(character) for character in _HAN.findall(text)):
        return text
    converted: str = _converter().convert(text)
    return converted


def _is_simplified(character: str) -> bool:
    """Whether a character stands in GB 2312, the set of simplified characters; the others are worth a look."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character == "〇"
    return True


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
