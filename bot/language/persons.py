"""Who is spoken of at each word.

A fact belongs to the nearest person named before it; a pronoun goes back to the last person it fits. The speaker, the
family ("we"), and somebody's parents have their say and leave again when their statement ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.language.numerals import Number
from bot.language.text import Piece, Text

SELF = "self"
FAMILY = "family"  # "we", "our household": holds for the insured person too
PARENTS = frozenset({"parents", "mother", "father"})
ADULT = 18
_APPOSED = ("man", "woman", "someone", "one")  # "I'm forty, a housewife" names nobody new
_WITHIN_REQUEST = 7  # pieces between a person and "wants to enrol"


@dataclass(frozen=True)
class Named:
    """Somebody named or pointed to at words ``start`` to ``end``.

    ``aside`` where only beside another ("with my son"), ``rejected`` where set aside ("not my father").
    """

    key: str
    start: int
    end: int
    aside: bool = False
    rejected: bool = False
    noun: bool = True


@dataclass
class Persons:
    """``at[i]`` is whom word ``i`` tells about, None where nobody has been named.

    ``subject[i]`` is the same, but stays with the speaker or the family to the end of the sentence.
    """

    at: list[str | None]
    subject: list[str | None]
    named: list[Named] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)  # "for my mum", "to enrol my son"
    members: frozenset[str] = frozenset()  # who is joined with the speaker: "my husband and i"
    insured: str | None = None


def find_persons(text: Text, numbers: Sequence[Number]) -> Persons:
    """Follow the persons through the text."""
    return _Walk(text, numbers).run()


def may_be_child(text: Text, key: str | None) -> bool:
    """Whether a person is a child where nothing else is said: "my nephew", "my sister"."""
    return key in text.tables["kin"]["young"] or key in text.tables["kin"]["perhaps_young"]


class _Walk:
    """One pass from left to right; ``current`` is whom the next fact is about."""

    def __init__(self, text: Text, numbers: Sequence[Number]) -> None:
        self.text = text
        self.kin = text.tables["kin"]
        self.numbers = {number.start: number for number in numbers}
        self.numbered = {word for number in numbers for word in range(number.start, number.end)}
        self.named: list[Named] = []
        self.members: set[str] = set()
        self.unnamed: set[str] = set()  # pronouns said of somebody whom nobody has named
        self.current: str | None = None
        self.speaking: str | None = None  # as ``current``, but the speaker stays until the sentence ends
        self.passing = False  # whether ``current`` leaves again for ``resting``
        self.resting: str | None = None

    def run(self) -> Persons:
        """The persons of the whole text."""
        text = self.text
        at: list[str | None] = [None] * len(text)
        subject: list[str | None] = [None] * len(text)
        for word in range(len(text)):
            self._leave(word)
            piece = text.at[word]
            if piece and piece.start == word and "aside" not in piece.readings:
                self._meet(piece)
            at[word], subject[word] = self.current, self.speaking
        for named in self.named:
            for word in (*self._described_before(named), *self._in_brackets_behind(named)):
                at[word] = subject[word] = named.key
        for general, special in self._told_apart().items():
            at = [special if key == general else key for key in at]
            subject = [special if key == general else key for key in subject]
            self.named = [replace(named, key=special) if named.key == general else named for named in self.named]
        asked_for = [named.key for named in self.named if not named.rejected and self._is_asked_for(named)]
        return Persons(at, subject, self.named, asked_for, frozenset(self.members))

    # --- turning to somebody ---

    def _meet(self, piece: Piece) -> None:
        readings = piece.readings
        if "person" in readings:
            self._meet_noun(piece, readings["person"])
        elif "generic" in readings:
            self._meet_generic(piece, readings["generic"])
        elif "speaker" in readings:
            self._meet_speaker(piece, readings["speaker"])
        elif "pronoun" in readings:
            self._meet_pronoun(piece, readings["pronoun"])

    def _turn_to(self, key: str | None) -> None:
        self.current = self.speaking = key
        self.passing = False

    def _pass_to(self, key: str) -> None:
        """Turn to somebody who leaves again at the end of the statement."""
        if not self.passing:
            rests = self.current != FAMILY and (self.current != SELF or key not in (SELF, FAMILY))
            self.resting = self.current if rests else None
        self.current = self.speaking = key
        self.passing = key != SELF or self.resting is not None

    def _leave(self, word: int) -> None:
        if not word or not (self.passing or self.speaking == FAMILY):
            return
        new_sentence = not self.text.same_sentence(word, word - 1)
        if self.passing and (new_sentence or (self.text.begins_part(word) and self.resting is not None)):
            self.current, self.passing = self.resting, False
        if new_sentence:
            self.speaking = self.current

    def _note(self, key: str, piece: Piece, *, aside: bool = False, noun: bool = True) -> Named:
        self.named.append(Named(key, piece.start, piece.end, aside, self._is_rejected(piece), noun))
        return self.named[-1]

    # --- nouns ---

    def _meet_noun(self, piece: Piece, key: str) -> None:
        text, head = self.text, self._head(piece.start)
        if self._is_speakers_role(piece, head):
            return
        if self._owns_next_noun(piece.end) or text.reads(piece.end, "report"):
            self._note(key, piece, aside=True)  # "my friend's mother", "my wife says he is ..."
            return
        if self._is_joined_with_speaker(piece, head):
            self._note(key, piece, aside=True)
            self.members.add(key)
            self._pass_to(FAMILY)
            return
        asked_for = text.reads(head, "whom")
        owned = text.reads(piece.start - 1, "pronoun")
        if not asked_for and self._is_parent_of_current(piece, key, owned=owned):
            self._note(key, piece, aside=True)
            self._pass_to(key)
            return
        if text.word(head) == "because" and self.current is not None:
            self._pass_to(key)  # "not poor because my brother earns well"
            return
        last = self.named[-1] if self.named else None
        if last and last.key == "parents" and last.end == head and text.word(head) == ",":
            self._note(key, piece, aside=True)  # "his parents, my brother and his wife, ..."
            return
        beside = text.reads(head, "secondary") and not asked_for
        aside = (self.current is not None and beside) or (
            owned and (self.current not in (None, SELF) or bool(self.unnamed))
        )
        named = self._note(key, piece, aside=aside)
        opens = self.current is None and not any(self._tells(word) for word in range(piece.start))
        if named.rejected:
            self._pass_to(key)
        elif not beside or opens:
            self._turn_to(key)

    def _told_apart(self) -> dict[str, str]:
        """Whom a general noun turns out to be: "a boy of five, my nephew", "a girl of 11 ... she is my granddaughter"."""
        found: dict[str, str] = {}
        general = [named for named in self.named if named.key in ("child", "someone") and named.noun]
        for named in self.named:
            if named.key == SELF and self.text.word(named.start - 1) == "(" and self.text.is_boundary(named.end):
                found.update({one.key: SELF for one in general if named.start - one.end <= 1})  # "a man (me)"
            mine = self.text.reading(named.start - 1, "speaker") in ("my", "our")
            earlier = [one for one in general if one.start < named.start and self._fits_noun(one, named.key)]
            if not (mine and named.noun and earlier) or named.rejected or named.key in ("child", "someone", "baby"):
                continue
            head = self.text.before(named.start - 1)
            told = self.text.reads(head, "be") and self.text.reads(self.text.before(head), "pronoun")
            apposed = self.text.word(head) in (",", "-", "–", "(")
            if told or (apposed and self._nobody_between(earlier[-1].end, named.start - 1)):
                found[earlier[-1].key] = named.key
        return found

    def _fits_noun(self, general: Named, key: str) -> bool:
        kind = self.text.reading(general.start, "generic")
        young = general.key != "child" or may_be_child(self.text, key)
        genders = {self._gender(kind or ""), self._gender(key)}
        return kind is not None and young and (len(genders) == 1 or "any" in genders)

    def _nobody_between(self, start: int, end: int) -> bool:
        return not any(self.text.reads(word, "somebody") for word in range(start, end))

    def _meet_generic(self, piece: Piece, kind: str) -> None:
        """ "the boy", "a woman": back to somebody named before, or somebody new."""
        text = self.text
        alone = text.begins_part(piece.start) and text.is_boundary(piece.end)
        if text.reads(piece.end, "person") or (len(text.word(piece.start)) == 1 and not alone):
            return  # "kid brother"; "f" for female, but not "i m"
        head, key = self._head(piece.start), self._sibling(piece) or self._antecedent(kind, piece.start)
        owner = text.reading(piece.start - 1, "pronoun")
        if key is not None and owner and self._antecedent(owner, piece.start) == key:
            key = None  # "my sister ..., her kid"
        if self._is_speakers_role(piece, head) or (key is not None and self._owns_next_noun(piece.end)):
            return
        if key is None and (self.speaking != SELF or kind not in _APPOSED or text.reads(head, "whom")):
            self._meet_noun(piece, self.kin["noun_for"].get(kind, kind))
        elif key is not None and (not text.reads(head, "secondary") or text.reads(head, "whom")):
            self._note(key, piece, noun=False)
            self._turn_to(key)

    def _sibling(self, piece: Piece) -> str | None:
        """The child whom "the eldest" picks out, where the eldest or the youngest was spoken of."""
        key = {"oldest": "elder_child", "youngest": "younger_child"}.get(piece.readings.get("selection", ""))
        return key if any(named.key in ("elder_child", "younger_child") for named in self.named) else None

    def _is_parent_of_current(self, piece: Piece, key: str, *, owned: bool) -> bool:
        """The parents of the person spoken of, and whoever is "his" or "hers", but not their children."""
        if owned and (self.current is not None or bool(self.unnamed)):
            return key not in self.kin["young"]
        if key == "parents":
            return self.current is not None
        mine = self.text.reading(piece.start - 1, "speaker") in ("my", "our")
        return key in PARENTS and may_be_child(self.text, self.current) and not mine

    def _is_speakers_role(self, piece: Piece, head: int) -> bool:
        """ "I'm the mother", "as a mother", "father of two": the speaker, not another person."""
        text = self.text
        if text.word(head) == "as":
            return True
        if text.reads(head, "be") and text.reading(text.before(head), "speaker") == "i" and head < piece.start - 1:
            return True
        of_number = text.word(piece.end) == "of" and piece.end + 1 in self.numbered
        return of_number and piece.readings.get("person") in PARENTS

    def _owns_next_noun(self, word: int) -> bool:
        """ "my friend's mother", "my brother's adopted girl"."""
        return self.text.word(word) in ("'s", "'", "s") and self.text.reads(self._past_description(word + 1), "noun")

    def _is_joined_with_speaker(self, piece: Piece, head: int) -> bool:
        """ "my husband and i", "me and my wife"."""
        text = self.text
        follows = text.reading(piece.end, "joint") == "and" and text.reading(piece.end + 1, "speaker") in ("i", "me")
        leads = text.reading(head, "joint") == "and" and text.reading(text.before(head), "speaker") in ("i", "me")
        return follows or leads

    # --- pronouns ---

    def _meet_pronoun(self, piece: Piece, kind: str) -> None:
        if kind == "who":
            if self.named:
                self._turn_to(self.named[-1].key)
            return
        key = self._antecedent(kind, piece.start)
        if key is not None and self.text.word(piece.start) == "they" and self._only_reports(key):
            return  # "my sister says they get dibao"
        if key is not None and kind in self.unnamed and all(named.aside for named in self.named if named.key == key):
            key = None
        if key is None:
            self.unnamed.add(kind)
            if self.current is not None and not self._fits(kind, self.current):
                self._turn_to(None)
        elif not self.text.reads(piece.end, "noun"):  # in "her parents" the noun decides
            self._note(key, piece, noun=False)
            rejected = any(named.rejected for named in self.named if named.key == key)
            self._pass_to(key) if rejected else self._turn_to(key)

    def _only_reports(self, key: str) -> bool:
        return all(self.text.reads(named.end, "report") for named in self.named if named.key == key)

    def _antecedent(self, kind: str, before: int) -> str | None:
        """The last person that a pronoun or a noun such as "the boy" fits; those in the foreground first."""
        earlier = [named for named in reversed(self.named) if named.start < before]
        earlier.sort(key=lambda named: (named.rejected, named.aside))
        new = self.kin["noun_for"].get(kind, kind)
        if any(named.key == new for named in earlier):
            return str(new)
        for group in ([named for named in earlier if not named.aside], earlier):
            keys = [named.key for named in group if self._fits(kind, named.key)]
            same = [key for key in keys if self._gender(kind) in ("any", self._gender(key))]
            if keys:
                return (same or keys)[0]
        return None

    def _fits(self, kind: str, key: str) -> bool:
        if key == SELF or (kind in ("boy", "girl", "child", "baby") and not may_be_child(self.text, key)):
            return False
        if key in self.kin["members"]:
            return kind == "any"
        return "any" in (self._gender(kind), self._gender(key)) or self._gender(kind) == self._gender(key)

    def _gender(self, kind: str) -> str:
        return (
            "f"
            if kind == "f" or kind in self.kin["female"]
            else "m"
            if kind == "m" or kind in self.kin["male"]
            else "any"
        )

    # --- the speaker and the family ---

    def _meet_speaker(self, piece: Piece, kind: str) -> None:
        text = self.text
        if kind in ("i", "me") and self._is_joined_with_noun(piece):
            self._pass_to(FAMILY)
        elif kind == "me":
            if self._stands_out(piece):
                rejected = self._note(SELF, piece).rejected
                self._pass_to(SELF) if rejected else self._turn_to(SELF)
        elif text.reads(self._past_description(piece.end), "noun") or (
            kind == "i" and text.reads(piece.start - 1, "noun")
        ):
            return  # "my 66-year-old mother"; "the child i foster is 10"
        elif kind in ("my", "our") and self._names_by_age(piece):
            return
        elif kind == "my" and text.reading(piece.end, "whom") == "enrol":  # "my own enrolment"
            self._note(SELF, piece)
            self._turn_to(SELF)
        elif self._tells_more(piece):
            if kind in ("i", "my"):
                self._note(SELF, piece)
            enrols = text.reads(piece.end, "be") and text.reading(piece.end + 1, "whom") == "enrol"
            self._turn_to(SELF) if kind == "i" and enrols else self._pass_to(SELF if kind in ("i", "my") else FAMILY)
        elif kind == "i" and text.reads(piece.end, "be") and self.current is None:
            self._note(SELF, piece)

    def _is_joined_with_noun(self, piece: Piece) -> bool:
        text, before = self.text, self.text.before(piece.start)
        if text.reading(before, "joint") == "and" and text.reads(text.before(before), "person"):
            return True
        word = piece.end + 1
        while self._is_determiner(word):
            word += 1
        return text.reading(piece.end, "joint") == "and" and text.reads(word, "person")

    def _stands_out(self, piece: Piece) -> bool:
        """ "me" as the one spoken of: alone, or behind "for", "is", "enrol"."""
        text = self.text
        if text.reads(text.before(piece.start), "whom", "be") or text.word(piece.start - 1) == "its":
            return True
        if text.word(piece.start - 1) == "for" and "same" in text.words[max(0, piece.start - 4) : piece.start]:
            return True  # "the same list for me"
        alone = text.begins_part(piece.start) or text.word(piece.start - 1) in ("just", "only", "about")
        return alone and (text.is_boundary(piece.end) or self._tells(piece.end))

    def _names_by_age(self, piece: Piece) -> bool:
        """ "our 3-year-old"."""
        number, past = self.numbers.get(piece.end), self._past_description(piece.end)
        if number is None or past == number.end or not self.text.reads(past - 1, "age_unit", "unit"):
            return False
        key = "child" if number.value < ADULT else "someone"
        self._note(key, Piece(piece.start, past, {}))
        self._turn_to(key)
        return True

    def _tells_more(self, piece: Piece) -> bool:
        """Whether the speaker's statement goes on to tell something of them, before it names another person."""
        text, word = self.text, piece.end
        while word < len(text) and text.same_part(word, piece.start):
            if text.reads(word, "unknown"):
                return False  # "i honestly don't know whether ...": nothing of the speaker
            if text.reads(word, "noun", "aside") or (
                text.reads(word, "pronoun") and not text.reads(word - 1, "secondary")
            ):
                return False
            ends = (
                text.reads(word - 1, "be")
                and text.reads(word, "negation", "whom")
                and text.is_boundary(text.after(word))
            )
            if self._tells(word) or ends:  # "i'm not", "i'm enrolling"
                return True
            word = text.after(word)
        return text.reads(piece.end, "be") and text.is_boundary(piece.end + 1)

    def _tells(self, word: int) -> bool:
        return word in self.numbered or self.text.reads(word, "telling")

    # --- words around a noun ---

    def _head(self, word: int) -> int:
        """The word that governs a noun: in front of "my", "the", "her 66-year-old", "my wife's"."""
        text, word = self.text, self.text.before(word)
        while word >= 0 and not text.is_boundary(word):
            if text.word(word) in ("'s", "'") and text.reads(word - 1, "noun"):
                word = text.before(text.before(word))
            elif self._is_descriptive(word) or self._is_determiner(word):
                word = text.before(word)
            else:
                break
        return word

    def _is_determiner(self, word: int) -> bool:
        return self.text.reads(word, "det") or self.text.reading(word, "speaker") in ("my", "our")

    def _is_descriptive(self, word: int) -> bool:
        """Whether a word can stand between a determiner and its noun."""
        readings = self.text.readings(word)
        return (
            word in self.numbered
            or self.text.word(word) == "-"
            or self.text.reads(word, "describing")
            or readings.get("disability") in ("disabled", "condition")
            or readings.get("employment") in ("retired", "unemployed", "flexible", "self_employed")
        )

    def _past_description(self, word: int) -> int:
        while word < len(self.text) and self._is_descriptive(word):
            word = self.text.after(word)
        return word

    def _described_before(self, named: Named) -> Iterator[int]:
        """The words between a determiner and its noun: "my 66-year-old mother", but not in "mother 58 father 62"."""
        if not named.noun:
            return
        text, word = self.text, self.text.before(named.start)
        found: list[int] = []
        while word >= 0 and not text.is_boundary(word) and self._is_descriptive(word):
            found.extend(range(word, text.after(word)))
            word = text.before(word)
        if text.is_boundary(word) or not text.reads(word, "noun", "pronoun") or text.reads(word, "det"):
            yield from found

    def _in_brackets_behind(self, named: Named) -> Iterator[int]:
        """ "our son (3)"."""
        text = self.text
        if not named.noun or text.word(named.end) != "(":
            return
        closing = next((word for word in range(named.end, len(text)) if text.word(word) == ")"), named.end)
        if not any(text.reads(word, "somebody") for word in range(named.end + 1, closing)):
            yield from range(named.end + 1, closing)

    # --- the one asked for ---

    def _is_rejected(self, piece: Piece) -> bool:
        """ "not for my father", "it's not me", but not "she is not my father's ..."."""
        text, word = self.text, self._head(piece.start)
        if text.reads(word, "whom"):
            word = text.before(word)
        before = text.before(word)
        of_it = not text.reads(before, "be") or text.word(text.before(before)) in ("it", "this", "that", "")
        return text.word(word) == "not" and text.same_part(word, piece.start) and of_it

    def _is_asked_for(self, named: Named) -> bool:
        """ "for my mum", "to enrol my son", "she wants to join", "the one enrolling is me"."""
        text, word = self.text, named.end
        if self._owns_next_noun(named.end):
            return False
        if text.reads(self._head(named.start), "whom"):
            return True
        pointed = text.reads(named.start - 1, "be") or text.word(named.start - 1) == "its"
        if named.key == SELF and text.word(named.start) == "me" and text.reading(named.end, "pronoun") == "who":
            return pointed  # "it's me who missed the payment"
        for _ in range(_WITHIN_REQUEST):
            if word >= len(text) or not text.same_part(word, named.start) or text.reads(word, "somebody"):
                return False
            insured_already = text.reads(text.before(word), "be", "filler") and text.word(text.before(word)) != "be"
            if text.reading(word, "whom") == "enrol" and not (insured_already and text.word(word).endswith("ed")):
                enrols = text.reads(named.end, "be") and text.is_boundary(text.after(word))
                return named.key != SELF or text.word(named.start) != "i" or enrols
            word = text.after(word)
        return False
