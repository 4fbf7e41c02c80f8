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
_HUKOU_NEAR = 5  # words between "village" and "hukou"


def read_statements(text: Text) -> Iterator[Fact]:
    """Facts told by spans of the ruler, in no order."""
    for label in _DIRECT:
        for piece, name in text.having(label):
            yield Fact(label, _TRUTH.get(name, name), piece.start, piece.end)
    for piece, _ in text.having("grown_up"):
        yield Fact("preschool", False, piece.start, piece.end)
        yield Fact("migrant_child", False, piece.start, piece.end)
    yield from _composed(text)
    yield from _jobs(text)
    yield from _occupations(text)
    yield from _household(text)
    yield from _locals(text)
    yield from _disability(text)


def _composed(text: Text) -> Iterator[Fact]:
    for first, second, distance, entity, value, *between in text.tables["compositions"]:
        for piece, _ in text.having(first):
            other = _next(text, piece, second, distance)
            if other is not None and _holds_between(text, piece, other, between):
                yield Fact(entity, value, piece.start, other.end)


def _next(text: Text, piece: Piece, label: str, distance: int) -> Piece | None:
    """The first piece of a label behind another, in its statement, before anybody else is named."""
    word = piece.end
    while word < len(text) and word - piece.end <= distance and text.same_part(word, piece.end - 1):
        if text.reads(word, label):
            return text.at[word]
        owner = text.reads(word, "person") and text.word(text.after(word)) == "'s"
        if text.reads(word, "noun") and not owner:
            return None
        word = text.after(word)
    return None


def _holds_between(text: Text, piece: Piece, other: Piece, labels: Sequence[str]) -> bool:
    return all(any(text.reads(word, label) for word in range(piece.end, other.start)) for label in labels)


def _jobs(text: Text) -> Iterator[Fact]:
    """ "job", "works": tell something only where they are denied."""
    for piece, _ in text.having("job", "work", "worked"):
        dated = text.word(piece.end + 1).isdigit()  # "stopped working in 2023"
        over = text.reading(text.before(piece.start), "negation") == "ended"  # "stopped working at the mill"
        if dated or over or not text.reads(piece.end, "preposition", "secondary", "as_a", "other_place"):
            yield Fact("employment", "employee", piece.start, piece.end, weak=True, if_denied=True)


def _occupations(text: Text) -> Iterator[Fact]:
    """ "is a nurse", "28 and a nurse", but not "a nurse told me"."""
    for piece, _ in text.having("occupation"):
        word = text.before(piece.start)
        if text.reads(word, "det", "filler"):
            word = text.before(word)
        opens = text.is_boundary(word) or text.reads(word, "be", "joint", "filler")
        closes = text.is_boundary(piece.end) or text.reads(
            piece.end, "joint", "preposition", "secondary", "filler", "break"
        )
        if opens and closes:
            yield Fact("employment", "employee", piece.start, piece.end)


def _household(text: Text) -> Iterator[Fact]:
    for piece, kind in text.having("kind"):
        yield Fact("household", kind, piece.start, piece.end)
    for piece, kind in text.having("weak_kind"):
        hukou = _hukou_beside(text, piece)
        if hukou is not None and not text.reads(piece.start - 1, "place"):
            yield Fact("household", kind, min(piece.start, hukou.start), max(piece.end, hukou.end))


def _locals(text: Text) -> Iterator[Fact]:
    """ "hukou is local", "local urban hukou", "not local", but not "the local office"."""
    for piece, name in text.having("weak_local"):
        opens = text.begins_part(piece.start) or text.reads(piece.start - 1, "be", "negation", "filler")
        alone = opens and text.is_boundary(piece.end)
        if alone or text.reads(piece.end, "kind") or _hukou_beside(text, piece) is not None:
            yield Fact("location", name, piece.start, piece.end)


def _hukou_beside(text: Text, piece: Piece) -> Piece | None:
    """The word hukou with nothing but little words between: "hukou is in the village", "hukou? village"."""
    for hukou, _ in text.having("hukou"):
        start, end = min(piece.end, hukou.end), max(piece.start, hukou.start)
        little = all(text.reads(word, "beside_hukou") or text.is_boundary(word) for word in range(start, end))
        answered = end - start == 1 and text.word(start) == "?"
        if little and end - start <= _HUKOU_NEAR and (answered or text.same_sentence(piece.start, hukou.start)):
            return hukou
    return None


def _disability(text: Text) -> Iterator[Fact]:
    for piece, name in text.having("disability_level"):
        vague = name.endswith("~")
        yield Fact("disability_level", int(name.rstrip("~")), piece.start, piece.end, hedged=vague, weak=True)
    for piece, _ in text.having("paper"):
        if _is_of_disability(text, piece):
            yield Fact("disabled", True, piece.start, piece.end, if_denied=True)
    for piece, name in text.having("disability"):
        yield Fact("disabled", True, piece.start, piece.end, weak=name == "condition")


def _is_of_disability(text: Text, paper: Piece) -> bool:
    """Whether "no certificate" means that of a disability: nothing else that is certified stands nearer before it."""
    certified = text.having("disability", "low_income", "minimum_living_guarantee")
    earlier = [piece for piece, _ in certified if piece.end <= paper.start]
    return bool(earlier) and "disability" in max(earlier, key=lambda piece: piece.start).readings
