"""Facts that stand in the words themselves: one span, or two that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.facts import Fact, Value
from bot.language.text import Piece, Text

_DIRECT = (
    "minimum_living_guarantee",
    "low_income",
    "preschool",
    "student",
    "employment",
    "location",
    "migrant_worker",
    "migrant_child",
)
_TRUTH: dict[str, Value] = {"yes": True, "no": False}
_LITTLE = ("be", "det", "filler", "preposition", "origin", "hukou", "other_place", "negation", "kind")
_HUKOU_NEAR = 5  # words between "village" and "hukou"


def read_statements(text: Text, compositions: Sequence[Sequence[str | int]]) -> Iterator[Fact]:
    """Facts told by spans of the ruler, in no order."""
    for label in _DIRECT:
        for piece, name in text.having(label):
            yield Fact(label, _TRUTH.get(name, name), piece.start, piece.end)
    for piece, _ in text.having("grown_up"):
        yield Fact("preschool", False, piece.start, piece.end)
        yield Fact("migrant_child", False, piece.start, piece.end)
    yield from _composed(text, compositions)
    yield from _jobs(text)
    yield from _household(text)
    yield from _locals(text)
    yield from _disability(text)


def _composed(text: Text, compositions: Sequence[Sequence[str | int]]) -> Iterator[Fact]:
    for first, second, distance, entity, value, *between in compositions:
        for piece, _ in text.having(str(first)):
            other = _next(text, piece, str(second), int(distance))
            if other is not None and _has_between(text, piece, other, between):
                yield Fact(str(entity), value, piece.start, other.end)


def _has_between(text: Text, piece: Piece, other: Piece, labels: Sequence[str | int]) -> bool:
    return all(any(text.reads_any(word, (str(label),)) for word in range(piece.end, other.start)) for label in labels)


def _next(text: Text, piece: Piece, label: str, distance: int) -> Piece | None:
    """The first piece of a label behind another, in its statement, before anybody else is named."""
    word = piece.end
    while word < len(text) and word - piece.end <= distance and text.same_part(word, piece.end - 1):
        readings = text.readings(word)
        if label in readings:
            return text.at[word]
        if "generic" in readings or (
            "person" in readings and text.words[text.after(word) : text.after(word) + 1] != ["'s"]
        ):
            return None
        word = text.after(word)
    return None


def _jobs(text: Text) -> Iterator[Fact]:
    """ "job", "works": tell something only where they are denied."""
    for label in ("job", "work", "worked"):
        for piece, _ in text.having(label):
            if not text.reads_any(piece.end, ("preposition", "secondary", "as_a", "other_place")):
                yield Fact("employment", "employee", piece.start, piece.end, weak=True, if_denied=True)


def _locals(text: Text) -> Iterator[Fact]:
    for piece, name in text.having("weak_local"):
        opens = text.begins_part(piece.start) or text.reads_any(piece.start - 1, ("be", "negation", "filler"))
        alone = opens and text.is_boundary(piece.end)
        if alone or text.reads_any(piece.end, ("kind",)) or _hukou_beside(text, piece) is not None:
            yield Fact("location", name, piece.start, piece.end)


def _household(text: Text) -> Iterator[Fact]:
    for piece, kind in text.having("kind"):
        yield Fact("household", kind, piece.start, piece.end)
    for piece, kind in text.having("weak_kind"):
        hukou = _hukou_beside(text, piece)
        if hukou is not None and "place" not in text.readings(piece.start - 1):
            yield Fact("household", kind, min(piece.start, hukou.start), max(piece.end, hukou.end))


def _hukou_beside(text: Text, piece: Piece) -> Piece | None:
    """The word hukou with nothing between it and the kind but little words: "hukou is in the village"."""
    for hukou, _ in text.having("hukou"):
        start, end = min(piece.end, hukou.end), max(piece.start, hukou.start)
        little = all(text.reads_any(word, _LITTLE) or text.is_boundary(word) for word in range(start, end))
        if little and end - start <= _HUKOU_NEAR and text.sentence[piece.start] == text.sentence[hukou.start]:
            return hukou
    return None


def _disability(text: Text) -> Iterator[Fact]:
    for piece, name in text.having("disability_level"):
        yield Fact("disability_level", int(name.rstrip("~")), piece.start, piece.end, hedged="~" in name, weak=True)
    for piece, _ in text.having("paper"):
        if any(
            other.end <= piece.start and text.sentence[other.start] == text.sentence[piece.start]
            for other, _ in text.having("disability")
        ):
            yield Fact("disabled", True, piece.start, piece.end, if_denied=True)
    for piece, name in text.having("disability"):
        yield Fact("disabled", True, piece.start, piece.end, weak=name == "condition")
