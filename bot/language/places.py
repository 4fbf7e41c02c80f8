"""Whether a person lives where the hukou is, and who went away for work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.language.facts import Fact
from bot.language.persons import FAMILY, Persons
from bot.language.text import Text

_NEAR = 6  # words between "hukou" or "live" and the place
_HOME, _NOW = "home", "now"


@dataclass(frozen=True)
class _At:
    role: str  # _HOME: where the hukou is; _NOW: where somebody lives or works
    place: str
    start: int
    end: int
    subject: str | None


def read_places(text: Text, persons: Persons) -> Iterator[Fact]:
    """The fact ``location`` from two places set against each other, or from one far from the other."""
    spots = list(_spots(text, persons))
    homes = [spot for spot in spots if spot.role == _HOME]
    here = [spot for spot in spots if spot.role == _NOW]
    for spot in spots:
        if (spot.place in ("other", "back") and spot.role == _HOME) or spot.place == "other":
            yield _fact(spot, "elsewhere")
        elif spot.place == "same":
            yield _fact(spot, "local")
    for home in homes:
        if home.place == "here":
            yield _fact(home, "local")
        for now in here:
            if (
                now.place in ("other", "same")
                or home.place in ("other", "back", "here", "same")
                or not _may_be_one(home, now)
            ):
                continue
            near = now.place == home.place or (now.place == "back" and now.start > home.start)
            later = max(home, now, key=lambda spot: spot.start)
            yield Fact("location", "local" if near else "elsewhere", later.start, later.end, _person(home, now))


def _fact(spot: _At, value: str) -> Fact:
    return Fact("location", value, spot.start, spot.end, spot.subject)


def _may_be_one(home: _At, now: _At) -> bool:
    """Whether both are said of the same person, or one of them of the family."""
    return home.subject == now.subject or None in (home.subject, now.subject) or FAMILY in (home.subject, now.subject)


def _person(home: _At, now: _At) -> str | None:
    return next((spot.subject for spot in (home, now) if spot.subject not in (None, FAMILY)), home.subject)


def _spots(text: Text, persons: Persons) -> Iterator[_At]:
    for label in ("place", "other_place", "weak_kind"):
        for piece, name in text.having(label):
            if label == "weak_kind" and text.words[piece.start - 1] not in ("the", "a", "in", "this"):
                continue
            role = _role(text, piece.start, piece.end, named=label == "place")
            if role is None and name == "here":
                role = _NOW
            if role is not None:
                place = name if label != "weak_kind" else f"some {name}"
                yield _At(role, place, piece.start, piece.end, persons.subject[piece.start])
    for piece, _ in [*text.having("live"), *text.having("hukou")]:
        word = piece.end
        if (
            text.words[word : word + 1] in (["in"], ["at"], ["from"])
            and word + 1 < len(text)
            and _is_unknown_name(text, word + 1)
        ):
            role = _HOME if "hukou" in piece.readings else _NOW
            yield _At(role, text.words[word + 1], word + 1, word + 2, persons.subject[piece.start])


def _tells_origin(text: Text, word: int) -> bool:
    """ "we are from Henan", "migrant workers from Henan", but not "the card from Henan"."""
    before = text.before(word)
    if before < 0 or text.is_boundary(before) or text.words[before] in ("people", "both", "all", "family", "couple"):
        return True
    return text.reads_any(
        before,
        (
            "be",
            "person",
            "generic",
            "pronoun",
            "speaker",
            "kind",
            "hukou",
            "migrant_worker",
            "move",
            "for_work",
            "filler",
        ),
    )


def _is_unknown_name(text: Text, word: int) -> bool:
    return text.at[word] is None and text.words[word].isalpha() and len(text.words[word]) > 2


def _role(text: Text, start: int, end: int, *, named: bool) -> str | None:
    """What a place is to the person: read from the nearest word that can say so."""
    if text.reading(end, "hukou") or (text.reading(end + 1, "hukou") and not text.is_boundary(end)):
        return _HOME
    if named and text.reads_any(end, ("workplace", "work")):
        return _NOW
    word = text.before(start)
    while word >= 0 and start - word <= _NEAR and (text.same_part(word, start) or text.words[word] in (":", "=")):
        readings = text.readings(word)
        if "place" in readings:
            break
        if "hukou" in readings or "kind" in readings:
            return _HOME
        if "origin" in readings and "move" not in readings:
            return _HOME if text.words[word] != "from" or _tells_origin(text, word) else None
        if "live" in readings or "work" in readings or "migrant_worker" in readings:
            return _NOW
        word = text.before(word)
    word = text.after(end - 1)
    if named and text.reading(start - 1, "preposition"):
        return _NOW
    if not named and text.reading(end, "live"):
        return _NOW
    return None
