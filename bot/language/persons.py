"""Who is spoken of at each word, and who is to be insured.

A fact belongs to the nearest person named before it; a pronoun goes back to the last person it fits. The speaker and
the family are left again at the end of their statement when somebody else is being described.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.language.numerals import Number
from bot.language.text import Piece, Text

SELF = "self"
FAMILY = "family"  # "we", "our household": holds for the insured person too
_FEMALE = frozenset(
    [
        "daughter",
        "mother",
        "mother_in_law",
        "daughter_in_law",
        "sister_in_law",
        "grandmother",
        "granddaughter",
        "wife",
        "sister",
        "aunt",
        "niece",
        "woman",
        "girl",
    ]
)
_MALE = frozenset(
    [
        "son",
        "father",
        "father_in_law",
        "son_in_law",
        "brother_in_law",
        "grandfather",
        "grandson",
        "husband",
        "brother",
        "uncle",
        "nephew",
        "man",
        "boy",
    ]
)
_SEVERAL = frozenset({"parents", "parents_in_law", "grandparents", SELF})
YOUNG = frozenset(["son", "daughter", "child", "baby", "grandson", "granddaughter", "grandchild", "nephew", "niece"])
CHILDREN = YOUNG | {"brother", "sister", "cousin"}  # who may be a child where nothing else is said
MINORS = frozenset({"boy", "girl", "child", "baby"})
PARENTS = frozenset({"parents", "mother", "father"})
# Keys that a noun brings in when it points back to nobody.
_NEW = {"boy": "child", "girl": "child", "one": "someone", "man": "someone", "woman": "someone"}
_ADULT = 18
_PERSONAL = ("person", "generic", "pronoun", "speaker")
_TELLING = [
    "minimum_living_guarantee",
    "low_income",
    "preschool",
    "student",
    "employment",
    "location",
    "disability",
    "disability_level",
    "grade",
    "kind",
    "hukou",
    "migrant_worker",
    "migrant_child",
    "work",
    "workplace",
    "job",
    "infant",
    "born",
    "decade",
    "live",
]


@dataclass(frozen=True)
class Named:
    """Somebody named or pointed to at words ``start`` to ``end``; ``aside`` where only beside another ("with my son")."""

    key: str
    start: int
    end: int
    aside: bool = False
    rejected: bool = False
    noun: bool = True


@dataclass
class Persons:
    """``at[i]`` is whom word ``i`` tells about, None where nobody has been named; ``subject`` keeps FAMILY apart."""

    at: list[str | None]
    subject: list[str | None]
    named: list[Named] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)  # "for my mum", "to enrol my son"
    insured: str | None = None
    members: frozenset[str] = frozenset()  # who is joined with the speaker: "my husband and i"


def find_persons(text: Text, numbers: Sequence[Number]) -> Persons:
    """Follow the persons through the text."""
    return _Walk(text, numbers).run()


class _Walk:
    def __init__(self, text: Text, numbers: Sequence[Number]) -> None:
        self.text = text
        self.numbers = {number.start: number for number in numbers}
        self.numbered = {word for number in numbers for word in range(number.start, number.end)}
        self.unnamed = False  # whether "he" or "she" was said of nobody named
        self.named: list[Named] = []
        self.current: str | None = None
        self.resting: str | None = None  # who is spoken of again when the speaker or the family has had their say
        self.passing = False
        self.speaking: str | None = None  # the current person, or the speaker until the sentence ends
        self.members: set[str] = set()

    def run(self) -> Persons:
        text = self.text
        at: list[str | None] = [None] * len(text)
        subject: list[str | None] = [None] * len(text)
        for word in range(len(text)):
            self._end_of_statement(word)
            piece = text.at[word]
            if piece and piece.start == word:
                self._meet(piece)
            at[word] = self.current
            subject[word] = self.speaking
        for named in self.named:
            for word in self._described_before(named):
                at[word] = subject[word] = named.key
        asked_for = [named.key for named in self.named if not named.rejected and self._is_asked_for(named)]
        return Persons(at, subject, self.named, asked_for, members=frozenset(self.members))

    def _end_of_statement(self, word: int) -> None:
        if not word or not (self.passing or self.speaking == FAMILY):
            return
        new_sentence = self.text.sentence[word] != self.text.sentence[word - 1]
        if self.passing and (new_sentence or (self.text.begins_part(word) and self.resting is not None)):
            self.current, self.passing = self.resting, False
        if new_sentence:
            self.speaking = self.current

    def _meet(self, piece: Piece) -> None:
        readings = piece.readings
        if "aside" in readings:
            return
        if "person" in readings:
            self._meet_noun(piece, readings["person"])
        elif "generic" in readings:
            self._meet_generic(piece, readings["generic"])
        elif "speaker" in readings:
            self._meet_speaker(piece, readings["speaker"])
        elif "pronoun" in readings:
            self._meet_pronoun(piece, readings["pronoun"])

    # --- nouns ---

    def _meet_noun(self, piece: Piece, key: str) -> None:
        text = self.text
        head = self._before_determiner(piece.start)
        if self._is_speakers_role(piece, head):
            return
        if self._owns_next_person(piece) or self._reports(piece):
            self._note(key, piece, aside=True)
            return
        if self._joined_with_speaker(piece, head):
            self._note(key, piece, aside=True)
            self.members.add(key)
            self._pass_to(FAMILY)
            return
        owner = text.reading(piece.start - 1, "pronoun")
        if text.reading(head, "whom") is None and self._is_parent_of_current(piece, key, owned=bool(owner)):
            self._note(key, piece, aside=True)
            self._pass_to(key)
            return
        beside = text.reading(head, "secondary") is not None and text.reading(head, "whom") is None
        aside = (self.current not in (None, SELF) and (beside or bool(owner))) or (bool(owner) and self.unnamed)
        self._note(key, piece, aside=aside or (beside and self.current == SELF))
        if not self.named[-1].rejected and (not beside or self.current is None):
            self._turn_to(key)

    def _meet_generic(self, piece: Piece, kind: str) -> None:
        text, key = self.text, self._antecedent(kind, before=piece.start)
        head = self._before_determiner(piece.start)
        if (key is not None and self._owns_next_person(piece)) or self._is_speakers_role(piece, head):
            return
        if (
            key is None
            and self.speaking == SELF
            and kind in ("man", "woman", "someone", "one")
            and not text.reading(head, "whom")
        ):
            return  # "I'm forty, a housewife"
        if key is None:
            self._meet_noun(piece, _NEW.get(kind, kind))
            return
        if self.text.reading(head, "secondary") is None or self.text.reading(head, "whom"):
            self._note(key, piece, noun=False)
            self._turn_to(key)

    def _meet_pronoun(self, piece: Piece, kind: str) -> None:
        if kind == "who":
            if self.named:
                self._turn_to(self.named[-1].key)
            return
        key = self._antecedent(kind, before=piece.start)
        if key is None:
            self.unnamed = True
            if self.current is not None and not _fits(kind, self.current):
                self._turn_to(None)
            return
        if any(label in _PERSONAL[:2] for label in self.text.readings(piece.end)):
            return  # "her parents": the noun decides
        self._note(key, piece, noun=False)
        self._turn_to(key)

    # --- the speaker ---

    def _meet_speaker(self, piece: Piece, kind: str) -> None:
        text = self.text
        if kind in ("i", "me") and self._joined_with_person(piece):
            self._pass_to(FAMILY)
        elif kind == "me":
            if self._stands_out(piece):
                self._note(SELF, piece)
                self._turn_to(SELF)
        elif any(label in _PERSONAL[:2] for label in self.text.readings(self._past_description(piece.end))):
            return  # "my mother", "my 66-year-old mother"
        elif kind == "i" and piece.start and text.reads_any(piece.start - 1, _PERSONAL[:2]):
            return  # "the child I foster is 10"
        elif kind in ("my", "our") and self._names_by_age(piece):
            return
        elif self._tells_something(piece):
            if kind in ("i", "my"):
                self._note(SELF, piece)
                self._pass_to(SELF)
            else:
                self._pass_to(FAMILY)
        elif kind == "i" and text.reading(piece.end, "be") and self.current is None:
            self._note(SELF, piece)

    def _names_by_age(self, piece: Piece) -> bool:
        """ "our 3-year-old"."""
        number = self.numbers.get(piece.end)
        past = self._past_description(piece.end)
        if number is None or past == number.end or not self.text.reads_any(past - 1, ("age_unit", "unit")):
            return False
        self._note("child" if number.value < _ADULT else "someone", Piece(piece.start, past, {}), noun=True)
        self._turn_to(self.named[-1].key)
        return True

    def _is_parent_of_current(self, piece: Piece, key: str, *, owned: bool) -> bool:
        """The parents of the person spoken of have their say and leave again; so has whoever is "his" or "hers"."""
        if owned and (self.current is not None or self.unnamed):
            return key not in YOUNG
        if key == "parents":
            return self.current is not None
        mine = self.text.reading(piece.start - 1, "speaker") in ("my", "our")
        return key in PARENTS and self.current in CHILDREN and not mine

    def _tells_something(self, piece: Piece) -> bool:
        """Whether a fact follows in the statement, before another person."""
        text = self.text
        word = piece.end
        while word < len(text) and text.same_part(word, piece.start):
            readings = self.text.readings(word)
            if any(label in readings for label in ("person", "generic")) or "aside" in readings:
                return False
            if readings.get("pronoun") and text.reading(word - 1, "secondary") is None:
                return False
            if word in self.numbered or any(label in _TELLING for label in readings):
                return True
            word = text.after(word)
        return text.reading(piece.end, "be") is not None and text.is_boundary(piece.end + 1)

    def _stands_out(self, piece: Piece) -> bool:
        """ "me" as the one spoken of: alone, or behind "for", "is", "enrol"."""
        text, before = self.text, self.text.before(piece.start)
        alone = text.begins_part(piece.start) or text.words[piece.start - 1] in ("just", "only", "about")
        led = any(label in self.text.readings(before) for label in ("whom", "be")) if before >= 0 else False
        return led or (alone and (text.is_boundary(piece.end) or piece.end in self.numbered or self._told(piece.end)))

    # --- helpers ---

    def _told(self, word: int) -> bool:
        return any(label in _TELLING for label in self.text.readings(word))

    def _note(self, key: str, piece: Piece, *, aside: bool = False, noun: bool = True) -> None:
        rejected = self._is_rejected(piece)
        self.named.append(Named(key, piece.start, piece.end, aside, rejected, noun))

    def _is_rejected(self, piece: Piece) -> bool:
        """ "not for my father", "not me"."""
        text = self.text
        word = self._before_determiner(piece.start)
        if text.reading(word, "whom"):
            word = text.before(word)
        return (
            word >= 0
            and text.words[word] == "not"
            and text.same_part(word, piece.start)
            and not self._verb_before(word)
        )

    def _verb_before(self, word: int) -> bool:
        """ "is not my father's" says something of him; "not my father" sets him aside."""
        before = self.text.before(word)
        return before >= 0 and self.text.reading(before, "be") is not None and not self._is_it(before)

    def _is_it(self, word: int) -> bool:
        before = self.text.before(word)
        return before < 0 or self.text.words[before] in ("it", "this", "that")

    def _turn_to(self, key: str | None) -> None:
        self.current = self.speaking = key
        self.passing = False

    def _pass_to(self, key: str) -> None:
        if not self.passing:
            rests = self.current != FAMILY and (self.current != SELF or key not in (SELF, FAMILY))
            self.resting = self.current if rests else None
        self.current = self.speaking = key
        self.passing = key == FAMILY or self.resting is not None

    def _before_determiner(self, word: int) -> int:
        """The word that governs a noun: in front of "my", "the", "her 66-year-old"."""
        text, word = self.text, self.text.before(word)
        while word >= 0 and not text.is_boundary(word) and (self._described(word) or self._is_determiner(word)):
            word = text.before(word)
        return word

    def _is_determiner(self, word: int) -> bool:
        return "det" in self.text.readings(word) or self.text.reading(word, "speaker") in ("my", "our")

    def _described(self, word: int) -> bool:
        """Whether a word can stand between a determiner and its noun."""
        readings = self.text.readings(word)
        return (
            word in self.numbered
            or self.text.words[word]
            in (
                "-",
                "old",
                "elderly",
                "dear",
                "elder",
                "younger",
                "older",
                "own",
                "little",
                "young",
                "big",
                "adopted",
                "only",
                "late",
            )
            or any(
                label in readings
                for label in ("age_unit", "unit", "ordinal", "low_income", "disability_level", "grade", "kind")
            )
            or readings.get("disability") in ("disabled", "condition")
            or readings.get("employment") in ("retired", "unemployed", "flexible", "self_employed")
        )

    def _past_description(self, word: int) -> int:
        while word < len(self.text) and self._described(word):
            word = self.text.after(word)
        return word

    def _described_before(self, named: Named) -> Iterator[int]:
        """The words between a determiner and the noun, or from the beginning of the statement: "66-year-old mother"."""
        if not named.noun:
            return
        text, word = self.text, self.text.before(named.start)
        found: list[int] = []
        while word >= 0 and not text.is_boundary(word) and self._described(word):
            found.extend(range(word, text.after(word)))
            word = text.before(word)
        if word < 0 or text.is_boundary(word) or not text.reads_any(word, _PERSONAL[:3]):
            yield from found  # but not the number in "mother 58 father 62"

    def _is_speakers_role(self, piece: Piece, head: int) -> bool:
        """ "I'm the mother", "as a mother", "father of two": the speaker, not another person."""
        text = self.text
        before = text.before(head) if head >= 0 else -1
        if head >= 0 and text.words[head] == "as":
            return True
        if head >= 0 and text.reading(head, "be") and text.reading(before, "speaker") == "i" and head < piece.start - 1:
            return True
        return (
            piece.end + 1 < len(text)
            and text.words[piece.end] == "of"
            and piece.end + 1 in self.numbered
            and (piece.readings.get("person") in PARENTS)
        )

    def _owns_next_person(self, piece: Piece) -> bool:
        """ "my friend's mother": the next noun is meant."""
        text = self.text
        if piece.end + 1 >= len(text) or text.words[piece.end] not in ("'s", "'", "s"):
            return False
        return text.reads_any(self._past_description(piece.end + 1), _PERSONAL[:2])

    def _reports(self, piece: Piece) -> bool:
        """ "my wife says he is ...": she only tells it."""
        return self.text.reading(piece.end, "report") is not None

    def _joined_with_speaker(self, piece: Piece, head: int) -> bool:
        """ "my husband and i", "me and my wife"."""
        text = self.text
        follows = text.reading(piece.end, "joint") == "and" and text.reading(piece.end + 1, "speaker") in ("i", "me")
        leads = (
            head > 0
            and text.reading(head, "joint") == "and"
            and text.reading(text.before(head), "speaker") in ("i", "me")
        )
        return follows or leads

    def _joined_with_person(self, piece: Piece) -> bool:
        text, before = self.text, self.text.before(piece.start)
        if before > 0 and text.reading(before, "joint") == "and" and text.reading(text.before(before), "person"):
            return True
        word = piece.end + 1
        while word < len(text) and self._is_determiner(word):
            word += 1
        return text.reading(piece.end, "joint") == "and" and text.reading(word, "person") is not None

    def _antecedent(self, kind: str, *, before: int) -> str | None:
        """The last person that a pronoun or a noun such as "the boy" fits; those in the foreground first."""
        earlier = [named for named in reversed(self.named) if named.start < before and not named.rejected]
        if any(named.key == _NEW.get(kind, kind) for named in earlier):
            return _NEW.get(kind, kind)
        for aside in (False, True):
            for fits in (_fits_exactly, _fits):
                for named in earlier:
                    if named.aside == aside and fits(kind, named.key):
                        return named.key
        return None

    def _is_asked_for(self, named: Named) -> bool:
        """ "for my mum", "to enrol my son", "she wants to join", "the one enrolling is me"."""
        text = self.text
        head = self._before_determiner(named.start)
        if head >= 0 and text.reading(head, "whom"):
            return True
        ahead = named.end
        for _ in range(7):
            if ahead >= len(text) or not text.same_part(ahead, named.start) or text.reads_any(ahead, _PERSONAL):
                return False
            if text.reading(ahead, "whom") == "enrol":
                return named.key != SELF or text.words[named.start] != "i"
            ahead = text.after(ahead)
        return False


def _gender(kind: str) -> str:
    return "f" if kind in _FEMALE or kind == "f" else "m" if kind in _MALE or kind == "m" else "any"


def _fits_exactly(kind: str, key: str) -> bool:
    if key in _SEVERAL or (kind in MINORS and key not in CHILDREN):
        return False
    return _gender(kind) == "any" or _gender(kind) == _gender(key)


def _fits(kind: str, key: str) -> bool:
    if key in _SEVERAL:
        return kind == "any" and key != SELF
    if kind in MINORS and key not in CHILDREN:
        return False
    return "any" in (_gender(kind), _gender(key)) or _gender(kind) == _gender(key)
