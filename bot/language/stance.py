"""How a fact is meant: so, denied, over, or left open; and whether it is only a guess."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from bot.language.facts import Fact
from bot.language.text import Piece, Text

_REACH = 8  # words between "not" and what it denies
_JUST_BEFORE, _JUST_BEHIND = 4, 8  # words within which "used to get" and "was stopped" are looked for
_ASKABLE = frozenset({"minimum_living_guarantee", "disabled", "low_income", "location"})
_NEEDING = frozenset(
    {"need", "needs", "bring", "show", "require", "requires", "hand", "get", "submit", "provide", "why", "want"}
)
_PAPERS = frozenset({"certificate", "certificates", "card", "proof"})
_NOT_ONLY = frozenset({"only", "alone", "just"})  # "not low income only, he gets dibao on top"
_WONDERING = frozenset({"could", "can", "would", "will", "may", "might"})
_ASKING_WHAT = frozenset({"what", "whats", "what's", "which", "how", "huh", "why"})
_IT = frozenset({"that", "it", "this"})


class Stance(Enum):
    """What the words around a fact make of it."""

    SO = "so"
    NOT_SO = "not so"
    OVER = "over"  # it was so once
    OPEN = "open"  # asked, guessed at, or not known


def stance_of(text: Text, fact: Fact, facts: Sequence[Fact]) -> Stance:
    """How a fact is meant; ``facts`` are all facts of the message in order."""
    if _is_over(text, fact):
        return Stance.OVER
    if _is_open_before(text, fact, facts) or _is_open_behind(text, fact) or _is_wondered(text, fact):
        return Stance.OPEN
    denied = _is_denied_before(text, fact, facts) or _is_denied_behind(text, fact, facts) or _is_of_neither(text, fact)
    return Stance.NOT_SO if denied else Stance.SO


def is_hedged(text: Text, fact: Fact) -> bool:
    """ "I think ...", "... maybe": in the statement itself, or alone in the one behind it."""
    if any(text.same_part(piece.start, fact.start) for piece, _ in text.having("hedge")):
        return True
    behind = fact.end + (fact.end < len(text) and text.is_boundary(fact.end))
    guessed = text.reads(behind, "hedge") or text.reading(behind, "unknown") == "open"
    return guessed and text.is_boundary(text.after(behind))


# --- denied ---


def _is_denied_before(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """A denial that reaches the fact: not past another fact, another subject, or the end of the statement."""
    word = text.before(fact.end)
    while word >= 0 and fact.start - word <= _REACH:
        inside = word >= fact.start
        negation = text.reading(word, "negation")
        if not text.same_part(word, fact.start):
            return _continues_denied_list(text, fact, word, facts)
        if negation == "no" and _is_answer(text, word, facts):
            return False
        if negation == "not" and text.word(fact.end) in _NOT_ONLY:
            return False
        if negation in ("not", "no") and not text.reads(word, "number", "idiom"):
            return not fact.if_denied or _is_of_somebody(text, word)
        if not inside:
            if _is_subject(text, word):
                return text.word(text.before(text.before(word))) == "nor" or text.word(text.before(word)) == "nor"
            if text.reads(word, "correction") and text.word(fact.start - 1) == "no":
                return True  # "no no dibao"
            if text.reads(word, "break", "correction") or text.reading(word, "joint") == "and":
                return False
            other = _fact_at(facts, word)
            if other is not None and other is not fact:
                return _is_joined(text, other, fact) and _is_denied_before(text, other, facts)
        word = text.before(word)
    return False


def _is_subject(text: Text, word: int) -> bool:
    """Somebody is spoken of anew; "his", "my", "our family" are no subject here."""
    if text.reads(word, "det", "aside") or text.reading(word, "speaker") in ("my", "our", "family"):
        return False
    return text.reads(word, "somebody")


def _is_of_somebody(text: Text, word: int) -> bool:
    """ "she doesn't work", "no job", but not "the app doesn't work"."""
    word = text.before(word)
    while text.reads(word, "be", "have", "filler") or text.word(word) in ("do", "does", "did"):
        word = text.before(word)
    return text.is_boundary(word) or text.reads(word, "somebody", "joint", "break", "fact")


def _is_answer(text: Text, word: int, facts: Sequence[Fact]) -> bool:
    """ "low income yes dibao no disability no": where one fact is answered so, a "no" behind a fact belongs to it."""
    ends = {fact.end for fact in facts if text.same_part(fact.start, word)}
    return word in ends and any(text.reads(end, "affirmation") for end in ends)


def _continues_denied_list(text: Text, fact: Fact, boundary: int, facts: Sequence[Fact]) -> bool:
    """ "no dibao, disability or low income": the comma stands within a list that an "or" closes."""
    little = all(
        text.reads(word, "det", "joint", "secondary", "preposition", "filler")
        for word in range(boundary + 1, fact.start)
    )
    if text.word(boundary) not in (",", "/") or not little:
        return False
    index = facts.index(fact)
    closes = index + 1 < len(facts) and _is_joined(text, fact, facts[index + 1])
    opened = text.reading(text.before(fact.start), "joint") == "or" or text.word(boundary) == "/"
    previous = facts[index - 1] if index else None
    if previous is None or not (closes or opened) or boundary - previous.end > 1:
        return False
    return _is_denied_before(text, previous, facts)


def _is_joined(text: Text, former: Fact, later: Fact) -> bool:
    """ "... or ...", "... nor ...", with nothing of weight between."""
    between = range(former.end, later.start)
    return len(between) <= _JUST_BEFORE and any(
        text.reading(word, "joint") == "or" or text.word(word) == "/" for word in between
    )


def _fact_at(facts: Sequence[Fact], word: int) -> Fact | None:
    return next((fact for fact in facts if fact.start <= word < fact.end), None)


def _is_denied_behind(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "dibao: no", "disability? not at all", "dibao - sorry no", "dibao and disability: neither"."""
    following = next((other.start for other in facts if other.start >= fact.end and other is not fact), len(text))
    asked, word = False, fact.end
    while word < min(following, len(text)) and word - fact.end <= _REACH - 2:
        negation, behind = text.reading(word, "negation"), text.after(word)
        mended = text.reads(word, "correction") and "no" in text.words[word:behind]
        if negation in ("no", "not") or mended:
            contrast = negation == "not" and text.reads(behind, "somebody")  # "i am disabled, not her"
            if text.reads(word, "number") or contrast:
                return False
            subject = word > fact.end and text.reads(behind, "somebody")
            return asked or _is_answer(text, word, facts) or text.is_boundary(behind) or subject
        asked = asked or text.word(word) in ("?", ":", "=")
        if not (text.is_boundary(word) or text.reads(word, "be", "correction", "affirmation")):
            break
        word = behind
    if _is_denied_by_verb(text, fact):
        return True
    return any(_closes_list(text, piece, fact, facts) for piece, _ in text.having("negation"))


def _is_of_neither(text: Text, fact: Fact) -> bool:
    """ "neither of us is a migrant worker"."""
    said = [word for word in range(fact.start) if text.word(word) == "neither" and text.word(word + 1) == "of"]
    return bool(said) and text.same_part(said[-1], fact.start)


def _is_denied_by_verb(text: Text, fact: Fact) -> bool:
    """ "dibao he doesn't get", "a disability she does not have"."""
    word = text.after(fact.end) if text.reads(fact.end, "somebody") else fact.end
    if word == fact.end or text.word(word) not in ("do", "does", "did", "has", "have"):
        return False
    return text.reading(word + 1, "negation") == "not" and text.is_boundary(text.after(word + 1) + 1)


def _closes_list(text: Text, negation: Piece, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "dibao, disability: neither": the word stands alone behind the facts of its sentence."""
    if text.word(negation.start) != "neither" or negation.start < fact.end:
        return False
    alone = text.is_boundary(negation.start - 1) and text.is_boundary(negation.end)
    last = all(other.start < negation.start for other in facts)
    return alone and last and text.same_sentence(negation.start, fact.start)


# --- over ---


def _is_over(text: Text, fact: Fact) -> bool:
    """ "used to get dibao", "dibao was stopped", "dibao: refused"."""
    word = text.before(fact.start)
    while word >= 0 and fact.start - word <= _JUST_BEFORE and text.same_part(word, fact.start):
        if _is_subject(text, word):
            break
        if text.reading(word, "negation") == "ended":
            return fact.entity != "employment" or fact.if_denied  # "former teacher" tells nothing of now
        word = text.before(word)
    word = fact.end
    if text.is_boundary(word) and text.reads(word + 1, "pronoun"):
        word += 2  # "dibao: he used to get it"
    while word < len(text) and word - fact.end <= _JUST_BEHIND:
        if text.reading(word, "negation") == "ended" and not text.reads(word, "quit"):
            return True
        little = text.reads(word, "be", "filler", "correction", "negation", "affirmation") or text.word(word) in _IT
        little = little or (
            text.reads(word, "break") and text.word(text.after(word)) in _IT
        )  # "dibao but it was stopped"
        near = text.same_part(word, fact.end - 1) and word - fact.end <= _JUST_BEFORE
        if not (little or near or text.is_boundary(word)) or text.reads(word, "somebody"):
            return False
        word = text.after(word)
    return False


# --- open ---


def _is_open_before(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """ "not sure whether ...", "applied for dibao", "what is dibao", "need a disability certificate"."""
    word = text.before(fact.start)
    while word >= 0 and text.same_part(word, fact.start):
        if text.reads(word, "unknown"):
            return True
        if fact.entity in _ASKABLE and (text.reading(word, "aside") == "ask" or _is_needed(text, word, fact)):
            return True
        if text.reads(word, "break") or _fact_at(facts, word) not in (None, fact):
            return False
        word = text.before(word)
    return False


def _is_needed(text: Text, word: int, fact: Fact) -> bool:
    paper = text.reading(fact.start, "disability") == "certificate" or text.reads(fact.end, "paper")
    paper = paper or text.word(fact.end - 1) in _PAPERS
    needed = any(one in _NEEDING for one in text.words[word : text.after(word)])
    return paper and needed and fact.start - word <= _JUST_BEFORE + 1


def _is_wondered(text: Text, fact: Fact) -> bool:
    """ "could he lose his job?", "with local hukou or not": nothing is told."""
    if text.words[fact.end : fact.end + 2] == ["or", "not"]:
        return True
    first = next((word for word in range(len(text)) if text.same_sentence(word, fact.start)), 0)
    last = max(word for word in range(len(text)) if text.same_sentence(word, fact.start))
    asked = text.word(first) in _WONDERING and text.word(last) == "?"
    return asked and fact.entity == "employment" and text.reads(first + 1, "somebody")


def _is_echoed(text: Text, fact: Fact) -> bool:
    """ "dibao?? what is that": the word alone, and a question about it."""
    word = fact.end
    while text.word(word) in ("?", "??", "???"):
        word += 1
    return word > fact.end and text.begins_part(fact.start) and text.word(word) in _ASKING_WHAT


def _is_open_behind(text: Text, fact: Fact) -> bool:
    """ "dibao? don't know": said of a yes or no; a value with doubt behind it is a guess."""
    if not isinstance(fact.value, bool):
        return False
    if _is_echoed(text, fact):
        return True
    word = fact.end
    while word < len(text) and word - fact.end < 2 and (text.is_boundary(word) or text.reads(word, "be")):
        word += 1
    while word < len(text) and word - fact.end < _REACH - 3 and not text.is_boundary(word):
        if text.reading(word, "unknown") == "open":
            return True
        if not text.reads(word, "speaker", "aside", "filler", "be", "det"):
            return False
        word = text.after(word)
    return False
