"""Articles and laws by number and by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact
from bot.language.numerals import Number
from bot.language.text import Piece, Text

_LONGEST_NAME = 4  # words in front of "law"


def read_laws(text: Text, numbers: Sequence[Number]) -> Iterator[Fact]:
    """Articles, and laws: those of the knowledge by id, all others as ``other:`` with the name as typed."""
    for number in numbers:
        if _is_article(text, number, numbers):
            number.meaning = "article"
            yield Fact("article", number.whole, number.start, number.end)
        elif text.reads_any(number.start - 1, ("item",)) or text.reads_any(number.end, ("item",)):
            number.meaning = "item"
    for piece, law in text.having("law"):
        yield Fact("law", law, piece.start, piece.end)
    for piece, _ in text.having("law_word"):
        name = _name_before(text, piece)
        if name:
            yield Fact("law", "other:" + " ".join(name), piece.end - len(name), piece.end)


def _is_article(text: Text, number: Number, numbers: Sequence[Number]) -> bool:
    if number.value < 1 or number.value != number.whole:
        return False
    before, behind = text.reading(number.start - 1, "article"), text.reading(number.end, "article")
    if before or (behind and (number.ordinal or text.words[number.end] == "条")):
        return True
    former = next(
        (other for other in numbers if other.meaning == "article" and 1 <= number.start - other.end <= 2), None
    )
    return former is not None and all(
        text.words[word] in (",", "and", "or", "to", "-", "&") for word in range(former.end, number.start)
    )


def _name_before(text: Text, piece: Piece) -> list[str]:
    """The words of a law's name, read backwards to the first that cannot belong to it."""
    first = word = piece.start
    while word > 0 and piece.start - word < _LONGEST_NAME:
        word -= 1
        if not text.words[word].isalpha() or text.reads_any(
            word, ("law_stop", "article", "break", "joint", "aside", "whom", "number")
        ):
            break
        first = word
    name = text.words[first : piece.end]
    return name if len(name) > 1 or name == ["constitution"] else []
