"""Articles and laws by number and by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.text import Piece, Text

_LONGEST_NAME = 4  # words in front of "law"
_LEADING = ("of", "the", "in", "under")  # "article 39 of the labour contract law"
_NOT_IN_NAME = ("law_stop", "det", "article", "break", "joint", "aside", "whom", "number", "secondary", "be", "time")


def read_laws(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Articles, and laws: those of the knowledge by id, the one just spoken of as ``same``, all others as typed.

    The names of other laws begin with ``other:``.
    """
    for number in numbers:
        if _is_article(text, number, numbers):
            number.meaning = "article"
            yield Fact("article", number.whole, number.start, number.end)
        elif text.reads(number.start - 1, "item") or text.reads(number.end, "item"):
            number.meaning = "item"
    for piece, _ in text.having("law_same"):
        yield Fact("law", "same", piece.start, piece.end)
    for piece, law in text.having("law"):
        yield Fact("law", law, piece.start, piece.end)
    for piece, _ in text.having("law_word"):
        name = _name(text, piece)
        while name and name[0] in _LEADING:
            name = name[1:]
        if len(name) > 1 or name == ["constitution"]:  # "the law" names none
            yield Fact("law", "other:" + " ".join(name), piece.end - len(name), piece.end)


def _is_article(text: Text, number: Number, numbers: Sequence[Number]) -> bool:
    """ "article 58", "58th article", "第58条", "articles 57 and 58"."""
    if number.value < 1 or number.value != number.whole:
        return False
    behind = text.reads(number.end, "article") and (number.ordinal or text.word(number.end) == "条")
    if text.reads(number.start - 1, "article") or behind:
        return True
    former = next((one for one in numbers if one.meaning == "article" and 1 <= number.start - one.end <= 2), None)
    return former is not None and all(
        text.word(word) in (",", "and", "or", "to", "-") for word in range(former.end, number.start)
    )


def _name(text: Text, piece: Piece) -> list[str]:
    """The words of a law's name, read backwards to the first that cannot belong to it."""
    first = piece.start
    while first > 0 and piece.start - first < _LONGEST_NAME:
        if not text.word(first - 1).isalpha() or text.reads(first - 1, *_NOT_IN_NAME):
            break
        first -= 1
    return text.words[first : piece.end]
