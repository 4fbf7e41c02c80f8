"""Whether a person lives where the hukou is: two places set against each other, or one said to be elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.language.facts import Fact
from bot.language.persons import FAMILY, Persons
from bot.language.text import Text

_NEAR = 6  # words between "hukou" or "live" and the place
_HOME, _NOW = "home", "now"
_UNNAMED = frozenset({"other", "back", "here", "same"})  # ids of other_place
_ALL_OF_US = frozenset({"people", "both", "all", "family", "couple"})


@dataclass(frozen=True)
class _Spot:
    """A place said to be where the hukou is (_HOME), or where somebody lives or works (_NOW)."""

    role: str
    place: str
    start: int
    end: int
    subject: str | None


def read_places(text: Text, persons: Persons) -> Iterator[Fact]:
    """The fact ``location``."""
    spots = [*_known_places(text, persons), *_unknown_places(text, persons)]
    for spot in spots:
        if spot.place == "other" or (spot.place == "back" and spot.role == _HOME):
            yield _fact(spot, "elsewhere")
        elif spot.place == "same" or (spot.place == "here" and spot.role == _HOME):
            yield _fact(spot, "local")
    for home in spots:
        for now in spots:
            if home.role == _HOME and now.role == _NOW and _are_comparable(home, now):
                near = now.place == home.place or (now.place == "back" and now.start > home.start)
                later = max(home, now, key=lambda spot: spot.start)
                value = "local" if near else "elsewhere"
                yield Fact("location", value, later.start, later.end, _common_subject(home, now))


def _fact(spot: _Spot, value: str) -> Fact:
    return Fact("location", value, spot.start, spot.end, spot.subject, weak=True)


def _are_comparable(home: _Spot, now: _Spot) -> bool:
    """Whether both are named, and said of the same person or one of them of the family."""
    if home.place in _UNNAMED or now.place in ("other", "same"):
        return False
    return home.subject == now.subject or not {None, FAMILY}.isdisjoint({home.subject, now.subject})


def _common_subject(home: _Spot, now: _Spot) -> str | None:
    return next((spot.subject for spot in (home, now) if spot.subject not in (None, FAMILY)), home.subject)


def _known_places(text: Text, persons: Persons) -> Iterator[_Spot]:
    for label in ("place", "other_place", "weak_kind"):
        for piece, name in text.having(label):
            if label == "weak_kind" and text.word(piece.start - 1) not in ("the", "a", "in", "this"):
                continue
            role = _role(text, piece.start, piece.end, named=label == "place") or (_NOW if name == "here" else None)
            if role is not None:
                place = f"some {name}" if label == "weak_kind" else name
                yield _Spot(role, place, piece.start, piece.end, persons.subject[piece.start])


def _unknown_places(text: Text, persons: Persons) -> Iterator[_Spot]:
    """ "hukou in Smallville": a word that we do not know where a place must stand."""
    for piece, _ in text.having("live", "hukou"):
        name = text.word(piece.end + 1)
        if text.word(piece.end) in ("in", "at", "from") and not text.readings(piece.end + 1) and len(name) > 2:
            role = _HOME if "hukou" in piece.readings else _NOW
            if name.isalpha():
                yield _Spot(role, name, piece.end + 1, piece.end + 2, persons.subject[piece.start])


def _role(text: Text, start: int, end: int, *, named: bool) -> str | None:
    """What a place is to the person: read from the nearest word that can say so."""
    if text.reads(end, "hukou") or (text.reads(end + 1, "hukou") and not text.is_boundary(end)):
        return _HOME
    if named and text.reads(end, "workplace", "work"):
        return _NOW
    word = text.before(start)
    while word >= 0 and start - word <= _NEAR and (text.same_part(word, start) or text.word(word) in (":", "=")):
        if text.reads(word, "place"):
            break
        if text.reads(word, "hukou", "kind"):
            return _HOME
        if text.reads(word, "origin") and not text.reads(word, "move"):
            return _HOME if text.word(word) != "from" or _tells_origin(text, word) else None
        if text.reads(word, "live", "work", "migrant_worker"):
            return _NOW
        word = text.before(word)
    in_it = named and text.reads(start - 1, "preposition")
    return _NOW if in_it or (not named and text.reads(end, "live")) else None


def _tells_origin(text: Text, word: int) -> bool:
    """ "we are from Henan", "migrant workers from Henan", but not "the card from Henan"."""
    before = text.before(word)
    return text.is_boundary(before) or text.word(before) in _ALL_OF_US or text.reads(before, "from_there")
