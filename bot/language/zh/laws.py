"""Articles and laws in Chinese: 第五十八条, 58条, 社会保险法第58、59条, 劳动合同法第三十九条."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.text import Piece, Text

_ARTICLE, _ORDINAL = "条", "第"
_ENGLISH = ("article", "art")  # mixed in: 那article 25呢
_LONGEST_NAME = 12  # characters in front of 法
_NOT_IN_NAME = ("aside", "speaker", "shield", "negation", "whom", "be", "preposition", "joint", "question", "filler")
_NEVER_IN_NAME = frozenset("的吗呢什么哪这那《》按照根据依据据看看")
_NO_NAME = ("条", "法律", "法规", "规定")  # 哪条法律规定的
_NO_NUMBER = frozenset("哪某另每任同上下这那")  # 哪一条, 另一条
_SURELY_NUMBERED = 10  # 那63条 is no 那一条
_BESIDE = frozenset({"、", ",", "和", "与", "及", "到", "至", "-", "或"})


def read_laws(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Articles, and laws: those of the knowledge by id, all others as ``other:`` with the name as typed."""
    names = [(piece.start, piece.end) for piece, _ in text.having("law")]
    for piece, law in text.having("law"):
        yield Fact("law", law, piece.start, piece.end)
    for piece, _ in text.having("law_word"):
        name = _name(text, piece)
        if len(name) > len(text.words[piece.start : piece.end]) or len(name) > 1:
            names.append((piece.end - len(name), piece.end))
            if _is_named(text, piece.end) and not "".join(name).startswith(_NO_NAME):
                yield Fact("law", "other:" + "".join(name), piece.end - len(name), piece.end)
    known = {end for _, end in names}
    for number in numbers:
        if number.value >= 1 and number.value == number.whole and _is_article(text, number, numbers, known):
            number.meaning = "article"
            yield Fact("article", number.whole, number.start, number.end)


def _is_article(text: Text, number: Number, numbers: Sequence[Number], laws: set[int]) -> bool:
    """第五十八条; 58条 where it is no count of something; each of 第57、58条."""
    if text.word(number.start - 1) in _ENGLISH:
        return True
    if text.word(number.end) == _ARTICLE:
        if text.word(number.start - 1) in _NO_NUMBER and number.value < _SURELY_NUMBERED:
            return False
        counted = text.word(number.start - 1) in ("有", "几", "共") or text.word(number.end + 1) in (
            "消",
            "短",
        )
        return text.word(number.start - 1) == _ORDINAL or not counted
    follower = next((one for one in numbers if 1 <= one.start - number.end <= 2), None)
    if text.word(number.start - 1) == _ORDINAL or number.start in laws or number.start - 1 in laws:
        joined = follower is not None and all(
            text.word(word) in (*_BESIDE, _ORDINAL) for word in range(number.end, follower.start)
        )
        return joined and follower is not None and text.word(follower.end) == _ARTICLE
    return False


def _is_named(text: Text, end: int) -> bool:
    """Whether an article, a closing mark or the end follows, or a question what the law says: no passing word."""
    return (
        text.is_boundary(end)
        or text.word(end) in (_ORDINAL, "》", "里", "中", "规", "怎", "哪", "的")
        or text.word(end).isdigit()
    )


def _name(text: Text, piece: Piece) -> list[str]:
    """The characters of a law's name, read backwards to the first that cannot belong to it."""
    first = piece.start
    while first > 0 and piece.start - first < _LONGEST_NAME:
        word = first - 1
        if text.is_boundary(word) or text.word(word) in _NEVER_IN_NAME or text.reads(word, *_NOT_IN_NAME):
            break
        first -= 1
    return text.words[first : piece.end]
