"""How a fact is meant: denied, over, left open, guessed, or only asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.language.facts import Fact
from bot.language.text import Piece, Text

Stance = Literal["so", "not so", "over", "open"]
_REACH = 8  # words between "not" and what it denies
_SUBJECTS = ("person", "generic", "pronoun", "speaker")
_ASKABLE = frozenset({"minimum_living_guarantee", "disabled", "low_income", "location"})
_NEEDING = frozenset({"need", "needs", "bring", "show", "require", "requires", "hand", "get", "submit", "provide"})


def stance_of(text: Text, fact: Fact, facts: Sequence[Fact]) -> Stance:
    """What the words around a fact make of it; ``facts`` are all facts of the message in order."""
    if _is_over(text, fact):
        return "over"
    if _is_open(text, fact, facts):
        return "open"
    if _is_denied_before(text, fact, facts) or _is_denied_after(text, fact, facts):
        return "not so"
    return "so"


def is_hedged(text: Text, fact: Fact) -> bool:
    """ "I think ...", "... maybe": in the statement itself, or alone in the one before or behind."""
    if any(text.same_part(piece.start, fact.start) for piece, _ in text.having("hedge")):
        return True
    behind = fact.end
    if behind < len(text) and text.is_boundary(behind):
        behind += 1
    readings = text.readings(behind)
    return ("hedge" in readings or readings.get("unknown") == "open") and text.is_boundary(text.after(behind))


def _is_denied_before(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    word = text.before(fact.end)
    while word >= 0 and fact.start - word <= _REACH:
        if word >= fact.start and "negation" not in text.readings(word):
            word = text.before(word)
            continue
        if not text.same_part(word, fact.start):
            return _continues_denied_list(text, fact, word, facts)
        readings = text.readings(word)
        negation = readings.get("negation")
        if negation in ("not", "no") and "number" not in readings and "idiom" not in readings:
            return not fact.if_denied or _of_somebody(text, word)
        if "break" in readings or "correction" in readings or _is_subject(text, word):
            return False
        if readings.get("joint") == "and":
            return False
        other = _fact_at(facts, word)
        if other is not None and other is not fact:
            return _is_joined(text, other, fact) and _is_denied_before(text, other, facts)
        word = text.before(word)
    return False


def _of_somebody(text: Text, word: int) -> bool:
    """ "she doesn't work", "no job", but not "the app doesn't work"."""
    word = text.before(word)
    while word >= 0 and (text.reads_any(word, ("be", "have", "filler")) or text.words[word] in ("do", "does", "did")):
        word = text.before(word)
    return word < 0 or text.is_boundary(word) or text.reads_any(word, (*_SUBJECTS, "joint", "break"))


def _is_subject(text: Text, word: int) -> bool:
    """Somebody is spoken of anew; "his", "my" before a noun are no subject."""
    readings = text.readings(word)
    if "det" in readings or "aside" in readings or readings.get("speaker") in ("my", "our", "family"):
        return False
    return text.reads_any(word, _SUBJECTS)


def _continues_denied_list(text: Text, fact: Fact, boundary: int, facts: Sequence[Fact]) -> bool:
    """ "no dibao, disability or low income": the comma stands within a list that an "or" closes."""
    if text.words[boundary] not in (",", "/") or not _only_little_words(text, boundary + 1, fact.start):
        return False
    index = facts.index(fact)
    closes = index + 1 < len(facts) and _is_joined(text, fact, facts[index + 1])
    opened = text.reading(text.before(fact.start), "joint") == "or" or text.words[boundary] == "/"
    previous = facts[index - 1] if index else None
    if previous is None or not (closes or opened) or boundary - previous.end > 1:
        return False
    return _is_denied_before(text, previous, facts)


def _is_joined(text: Text, former: Fact, later: Fact) -> bool:
    """ "... or ...", "... nor ...", with nothing of weight between."""
    between = range(former.end, later.start)
    joined = any(text.reading(word, "joint") == "or" or text.words[word] == "/" for word in between)
    return joined and len(between) <= 4


def _only_little_words(text: Text, start: int, end: int) -> bool:
    return all(
        text.reads_any(word, ("det", "joint", "secondary", "preposition", "filler")) for word in range(start, end)
    )


def _fact_at(facts: Sequence[Fact], word: int) -> Fact | None:
    return next((fact for fact in facts if fact.start <= word < fact.end), None)


def _is_denied_after(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "dibao: no", "disability? not at all", "dibao - sorry no", "dibao and disability: neither"."""
    following = next((other.start for other in facts if other.start >= fact.end and other is not fact), len(text))
    asked = False
    word = fact.end
    while word < min(following, len(text)) and word - fact.end <= 6:
        negation = text.reading(word, "negation")
        behind = text.after(word)
        if negation in ("no", "not") or "no" in text.words[word:behind]:
            if "number" in text.readings(word) or (negation == "not" and text.reads_any(behind, _SUBJECTS)):
                return False
            return asked or text.is_boundary(behind) or (word > fact.end and text.reads_any(behind, _SUBJECTS))
        asked = asked or text.words[word] in ("?", ":", "=")
        if not (text.is_boundary(word) or text.reads_any(word, ("be", "correction", "affirmation"))):
            break
        word = behind
    return any(_closes_list(text, piece, fact, facts) for piece, _ in text.having("negation"))


def _closes_list(text: Text, negation: Piece, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "dibao, disability: neither": the word stands alone behind the facts of its sentence."""
    if text.words[negation.start] != "neither" or negation.start < fact.end:
        return False
    if text.sentence[negation.start] != text.sentence[fact.start] or not text.is_boundary(negation.start - 1):
        return False
    return text.is_boundary(negation.end) and not any(
        fact.end < other.start and other.start > negation.start for other in facts
    )


def _is_over(text: Text, fact: Fact) -> bool:
    """ "used to get dibao", "dibao was stopped", "dibao: refused"."""
    word = text.before(fact.start)
    while word >= 0 and fact.start - word <= 4 and text.same_part(word, fact.start) and not _is_subject(text, word):
        if text.reading(word, "negation") == "ended":
            return fact.entity != "employment"
        word = text.before(word)
    word = fact.end
    while word < len(text) and word - fact.end <= 8:
        if text.reading(word, "negation") == "ended" and "quit" not in text.readings(word):
            return True
        little = text.reads_any(word, ("be", "filler", "correction", "negation", "affirmation")) or text.words[
            word
        ] in ("that", "it", "this")
        if not (little or text.is_boundary(word) or (text.same_part(word, fact.end - 1) and word - fact.end <= 4)):
            return False
        if text.reads_any(word, _SUBJECTS):
            return False
        word = text.after(word)
    return False


def _is_open(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "not sure whether ...", "applied for dibao", "dibao? don't know", "what is dibao"."""
    word = text.before(fact.start)
    while word >= 0 and text.same_part(word, fact.start):
        readings = text.readings(word)
        if "unknown" in readings:
            return True
        if fact.entity in _ASKABLE and (readings.get("aside") == "ask" or _is_needed(text, word, fact)):
            return True
        if "break" in readings or (_fact_at(facts, word) or fact) is not fact:
            break
        word = text.before(word)
    if not isinstance(fact.value, bool):
        return False
    word = fact.end
    while word < len(text) and (text.is_boundary(word) or text.reads_any(word, ("be",))) and word - fact.end < 2:
        word += 1
    while word < len(text) and word - fact.end < 5 and not text.is_boundary(word):
        if text.reading(word, "unknown") == "open":
            return True
        if text.reads_any(word, ("speaker", "aside", "filler", "be", "det")):
            word = text.after(word)
        else:
            return False
    return False


def _is_needed(text: Text, word: int, fact: Fact) -> bool:
    """ "do I need a disability certificate": a paper is asked for, not a fact told."""
    return (
        text.words[word] in _NEEDING
        and fact.start - word <= 3
        and "certificate" in text.readings(fact.start).get("disability", "")
    )
