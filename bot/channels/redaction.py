"""Personal numbers are taken out of what a person writes before anything reads or stores it.

Taken out are: identity numbers (18 and 15 digits), bank cards, social-security cards and passports, mobile and
landline telephones, e-mail addresses, and any other number of twelve digits or more. For storage a mistyped number is
as personal as a right one, so whatever has the length of an identity number goes; checksums only decide what to call
it, and whether digits written in groups are one number at all.

``\\b`` is no boundary between a Chinese character and a digit (both are letters to ``re``), hence the look-arounds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from stdnum import luhn
from stdnum.cn import ric

from bot.channels import texts

Kind = Literal["id_number", "card_number", "phone_number", "email", "number"]
_CHINESE_DIGITS = {**dict(zip("零一二三四五六七八九", "0123456789", strict=True)), "〇": "0", "幺": "1", "两": "2"}
_FORMAL_DIGITS = dict(zip("零壹贰叁肆伍陆柒捌玖", "0123456789", strict=True))
_CHINESE_DIGITS |= _FORMAL_DIGITS

_S = r"[ \-–—.·_/]?"  # what people put between groups of digits
_NOT_IN_NUMBER = r"(?<![0-9])"
_END = r"(?![0-9])"
_DAY = rf"(?:0{_S}[1-9]|1{_S}[0-2]){_S}(?:0{_S}[1-9]|[12]{_S}[0-9]|3{_S}[01])"


def _digits(count: int) -> str:
    return _S.join(["[0-9]"] * count)


# Begun only where a name begins: from every letter on, a long text without "@" would take half a second.
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_ID_18 = re.compile(
    rf"{_NOT_IN_NUMBER}[1-9]{_S}{_digits(5)}{_S}(?:1{_S}[89]|2{_S}0){_S}{_digits(2)}{_S}{_DAY}{_S}{_digits(3)}{_S}[0-9Xx]{_END}"
)
_ID_15 = re.compile(rf"{_NOT_IN_NUMBER}[1-9]{_S}{_digits(5)}{_S}{_digits(2)}{_S}{_DAY}{_S}{_digits(3)}{_END}")
_CARD = re.compile(rf"{_NOT_IN_NUMBER}[0-9]{{4}}(?:{_S}[0-9]{{4}}){{2,3}}(?:{_S}[0-9]{{1,4}})?{_END}")
_LONG = re.compile(rf"{_NOT_IN_NUMBER}[0-9]{{11,}}[0-9Xx]{_END}")
_MOBILE = re.compile(rf"{_NOT_IN_NUMBER}1{_S}[3-9]{_S}{_digits(9)}{_END}")
_MOBILE_WITH_PREFIX = re.compile(rf"{_NOT_IN_NUMBER}(?:\+|00)?86{_S}1{_S}[3-9]{_S}{_digits(9)}{_END}")
_LANDLINE = re.compile(
    rf"{_NOT_IN_NUMBER}(?:\(?0[1-9][0-9]{{1,2}}\)?|(?:\+|00)86{_S}\(?0?[1-9][0-9]{{1,2}}\)?)[ \-–—]{{0,2}}"
    rf"[1-9][0-9]{{2,3}}{_S}[0-9]{{4}}{_END}"
)
_LOCAL_CALL = re.compile(
    rf"(?:电话|手机|座机|号码|tel(?:ephone)?|phone|call me|number is)[^0-9]{{0,12}}?{_NOT_IN_NUMBER}"
    rf"(?P<number>[2-8][0-9]{{2,3}}{_S}[0-9]{{4}}){_END}",
    re.IGNORECASE,
)
# Social-security cards have one letter and eight digits (A12345678), passports one or two and seven or eight.
_LETTERED = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9]{7,10}(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Finding:
    """A personal number in a text; ``start`` and ``end`` as in a slice."""

    kind: Kind
    start: int
    end: int


def find(text: str) -> list[Finding]:
    """The personal numbers in a text, from left to right, without overlap."""
    plain = text if text.isascii() else "".join(_plain(character) for character in text)
    found: list[Finding] = []
    taken = bytearray(len(text))
    for finding in _candidates(plain):
        if not any(taken[finding.start : finding.end]):
            taken[finding.start : finding.end] = b"1" * (finding.end - finding.start)
            found.append(finding)
    return sorted(found, key=lambda finding: finding.start)


def redact(text: str, language: str = "en") -> str:
    """The text with a placeholder for every personal number.

    >>> redact("我的身份证号是11010119900307889X，电话13812345678", "zh")
    '我的身份证号是[证件号码已隐藏]，电话[电话号码已隐藏]'
    """
    return _replace(text, lambda kind: texts.say(kind, language))


def leave_out(text: str) -> str:
    """The text without its personal numbers, for the assistant: a placeholder's words would be taken for a topic."""
    return " ".join(_replace(text, lambda _kind: " ").split())


def _replace(text: str, placeholder: Callable[[Kind], str]) -> str:
    parts, last = [], 0
    for finding in find(text):
        parts += [text[last : finding.start], placeholder(finding.kind)]
        last = finding.end
    return "".join([*parts, text[last:]])


def _candidates(text: str) -> Iterator[Finding]:
    """In the order in which they are to be believed."""
    for match in _EMAIL.finditer(text):
        yield Finding("email", *match.span())
    for pattern in (_ID_18, _ID_15):
        for match in pattern.finditer(text):
            yield Finding("id_number", *match.span())
    for match in _MOBILE_WITH_PREFIX.finditer(text):
        yield Finding("phone_number", *match.span())
    for match in _CARD.finditer(text):
        groups = re.findall(r"[0-9]+", match[0])
        if not all(_is_year(group) for group in groups):
            yield Finding(_kind_of_long("".join(groups)), *match.span())
    for match in _MOBILE.finditer(text):
        yield Finding("phone_number", *match.span())
    for match in _LANDLINE.finditer(text):
        yield Finding("phone_number", *match.span())
    for match in _LONG.finditer(text):
        yield Finding(_kind_of_long(match[0]), *match.span())
    for match in _LOCAL_CALL.finditer(text):
        yield Finding("phone_number", *match.span("number"))
    for match in _LETTERED.finditer(text):
        yield Finding("card_number", *match.span())


def _kind_of_long(digits: str) -> Kind:
    if len(digits) in (15, 18) or ric.is_valid(digits):
        return "id_number"
    return "card_number" if len(digits) >= 13 and luhn.is_valid(digits) else "number"


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in ("19", "20")


def _plain(character: str) -> str:
    """The ASCII character that stands for this one (full-width, Chinese or any other digits), always one for one."""
    if character in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[character]
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    normalised = unicodedata.normalize("NFKC", character)
    return normalised if len(normalised) == 1 else character
