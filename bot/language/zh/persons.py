"""Who is spoken of at each character of a Chinese text.

A fact belongs to the person named last. The speaker, the family (我们家) and the parents of a child have their say and
leave again when their statement ends; whoever stands before 的 in 我朋友的妈妈, or reports, is only mentioned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.language.numerals import Number
from bot.language.persons import FAMILY, PARENTS, SELF, Named, Persons, may_be_child
from bot.language.text import Piece, Text

_WITHIN_REQUEST = 8  # pieces between a person and 参保
_OF = "的"
_FOR = frozenset("给帮替")
_PLURAL = "们"
_ASKERS = frozenset({"friend", "neighbour", "colleague"})  # for whom one asks about somebody of theirs
_DOING = frozenset("办交缴买弄参上问")  # 不是给我自己办
_ARRANGING = frozenset("办补参上")
_INSURANCES = frozenset({"医保", "社保"})
_MYSELF = ("我自己", "我本人", "俺自己", "本人")
_CHILDREN = ("child", "baby")
_SIBLINGS = ("elder_child", "younger_child")
_TELLING = ("telling", "disability", "hukou", "minimum_living_guarantee", "age_unit")
_CONNECTED = ("joint", "secondary")


def find_persons(text: Text, numbers: Sequence[Number]) -> Persons:
    """Follow the persons through the text."""
    return _Walk(text, numbers).run()


class _Walk:
    """One pass from left to right; ``current`` is whom the next fact is about."""

    def __init__(self, text: Text, numbers: Sequence[Number]) -> None:
        self.text = text
        self.kin = text.tables["kin"]
        self.numbers = {number.start: number for number in numbers}
        self.named: list[Named] = []
        self.members: set[str] = set()
        self.current: str | None = None
        self.passing = False
        self.resting: str | None = None

    def run(self) -> Persons:
        """The persons of the whole text."""
        text = self.text
        at: list[str | None] = [None] * len(text)
        for word in range(len(text)):
            if self.passing and word and text.begins_part(word):
                self.current, self.passing = self.resting, False
            piece = text.at[word]
            if piece and piece.start == word:
                self._meet(piece)
            at[word] = self.current
        for named in self.named:
            for word in self._described_before(named):
                at[word] = named.key
        asked_for = [
            named.key
            for named in self.named
            if not (named.rejected or (named.aside and named.key in self.members)) and self._is_asked_for(named)
        ]
        return Persons(at, list(at), self.named, asked_for, frozenset(self.members))

    def _meet(self, piece: Piece) -> None:
        readings = piece.readings
        if "person" in readings:
            self._meet_noun(piece, readings["person"])
        elif "generic" in readings:
            self._meet_noun(piece, self._elder(piece.start) or readings["generic"])
        elif "sibling" in readings and any(one.key in (*_CHILDREN, *_SIBLINGS) for one in self.named):
            self._meet_noun(piece, readings["sibling"])
        elif "pronoun" in readings:
            self._meet_pronoun(piece, readings["pronoun"])
        elif "speaker" in readings:
            self._meet_speaker(piece, readings["speaker"])

    def _turn_to(self, key: str | None) -> None:
        self.current, self.passing = key, False

    def _pass_to(self, key: str) -> None:
        """Turn to somebody who leaves again at the end of the statement, if there is somebody to go back to."""
        if not self.passing:
            self.resting = self.current
        self.current, self.passing = key, self.resting not in (None, SELF, FAMILY) or key not in (SELF, FAMILY)

    def _note(self, key: str, piece: Piece, *, aside: bool = False, noun: bool = True) -> Named:
        self.named.append(Named(key, piece.start, piece.end, aside, self._is_rejected(piece), noun))
        return self.named[-1]

    # --- nouns ---

    def _meet_noun(self, piece: Piece, key: str) -> None:
        text = self.text
        if self._owns_next_noun(piece.end) or self._reports(piece, key):
            told = text.after(piece.end)
            if not (text.reads(told, "pronoun") and text.word(told + 1) == _PLURAL):  # 我儿子说他们 ...
                self._note(key, piece, aside=True)
            return
        if key in _CHILDREN:
            key = self._child_named() or key
        if self._is_joined_with_speaker(piece):
            self._note(key, piece, aside=True)
            self.members.add(key)
            self._pass_to(FAMILY)
            return
        asked_for = self._is_led(piece.start, "whom")
        mine = text.reads(piece.start - 1, "speaker") and text.reading(piece.start - 1, "speaker") == "i"
        if not asked_for and self._is_parent_of_current(key, mine=mine):
            self._note(key, piece, aside=True)
            self._pass_to(key)
            return
        if key in PARENTS and self.current is None and not asked_for and self._tells_of_pupil(piece.start):
            self._note(key, piece, aside=True)
            self._pass_to(key)
            return
        if key in PARENTS and self.current is None and not asked_for and text.reads(piece.start - 1, "pronoun"):
            self._note(key, piece, aside=True)  # 她爸妈: of somebody spoken of before
            self._pass_to(key)
            return
        beside = self.current is not None and not asked_for and self._is_led(piece.start, *_CONNECTED)
        named = self._note(key, piece, aside=beside)
        if named.rejected:
            self._pass_to(key)
        elif not beside:
            self._turn_to(key)

    def _reports(self, piece: Piece | Named, key: str) -> bool:
        """我妈说, 帮朋友问, but not 给我妈问."""
        return self.text.reads(piece.end, "report") and (key in _ASKERS or not self._is_led(piece.start, "whom"))

    def _child_named(self) -> str | None:
        """孩子 goes back to a son or a daughter named before."""
        return next(
            (one.key for one in reversed(self.named) if one.key in self.kin["young"] and not one.rejected), None
        )

    def _elder(self, before: int) -> str | None:
        """老人 goes back to a mother or a grandfather named before."""
        earlier = [one.key for one in reversed(self.named) if one.start < before and not one.aside]
        return next((key for key in earlier if key in self.kin["grown_up"]), None)

    def _is_parent_of_current(self, key: str, *, mine: bool) -> bool:
        current = self.resting if self.passing else self.current  # 她妈是农民工她爸也是
        if current is None or current in (SELF, FAMILY) or key == current:
            return False
        return (
            (key in PARENTS or key in ("husband", "wife"))
            and may_be_child(self.text, current)
            and not (mine and key in PARENTS and key != "parents")
        )

    def _tells_of_pupil(self, end: int) -> bool:
        """高三，17，爸妈农民工: whose parents they are goes without a name."""
        text = self.text
        return any(text.reads(word, "student", "preschool", "infant") for word in range(end))

    def _is_joined_with_speaker(self, piece: Piece) -> bool:
        """我和我老公, 老公跟我."""
        text = self.text
        follows = text.reading(piece.end, "joint") == "and" and text.reading(piece.end + 1, "speaker") == "i"
        word = text.before(piece.start)
        while text.reads(word, "pronoun") or (
            text.reading(word, "speaker") == "i" and text.reads(text.before(word), "joint")
        ):
            word = text.before(word)
        leads = text.reading(word, "joint") == "and" and text.reading(text.before(word), "speaker") == "i"
        return (follows and not text.reads(piece.end + 2, "person")) or leads

    def _owns_next_noun(self, word: int) -> bool:
        """我朋友的妈妈, 邻居家孩子."""
        text = self.text
        if text.word(word) == "家":
            word += 1
        return text.reads(word + (text.word(word) == _OF), "person")

    # --- pronouns, the speaker and the family ---

    def _meet_pronoun(self, piece: Piece, kind: str) -> None:
        text = self.text
        if text.reads(piece.end, "person") or text.reads(piece.end + 1, "person"):
            return
        if text.word(piece.end) == _PLURAL and not any(one.key in PARENTS for one in self.named):
            return  # 我儿子说他们不是农民工
        gender = self.kin["female" if kind == "f" else "male"]
        other = self.kin["male" if kind == "f" else "female"]
        earlier = [one for one in reversed(self.named) if one.key != SELF and one.key not in other]
        earlier.sort(key=lambda one: (one.rejected, one.aside, one.key not in gender))
        if earlier:
            if earlier[0].aside and self._is_led(piece.start, "whom"):
                self._note(earlier[0].key, piece, noun=False)  # 我妈说…，给她参保
            self._turn_to(earlier[0].key)

    def _meet_speaker(self, piece: Piece, kind: str) -> None:
        text = self.text
        behind = piece.end + (text.word(piece.end) == _OF)
        if text.reads(behind, "person") or text.reads(behind, "generic"):
            return  # 我妈, 我的女儿
        if text.word(piece.start) == "自" and (
            text.reads(piece.start - 1, "pronoun", "person") or self.current not in (None, SELF, FAMILY)
        ):
            return  # 她自己; 小姨50 自己摆摊
        if text.reading(piece.end, "joint") == "and" and text.reads(piece.end + 1, "noun", "speaker"):
            return  # 我和老公: the noun tells
        if self._is_led(piece.start, "whom") and kind == "i" and text.word(piece.start) != "咱":
            self._note(SELF, piece)
            self._turn_to(SELF)
        elif kind == "family":
            if self._tells_more(piece):
                self._pass_to(FAMILY)
        elif self._is_said_to_enrol(piece) or self._is_own_matter(piece) or self._is_enrolling(piece):
            self._note(SELF, piece)
            self._turn_to(SELF)
        elif self._tells_more(piece) or self._is_rejected(piece) or self._enrols(piece):
            rejected = self._note(SELF, piece).rejected
            stays = self.current is None or self._is_emphatic(piece)
            self._turn_to(SELF) if stays and not rejected else self._pass_to(SELF)

    def _tells_more(self, piece: Piece) -> bool:
        """Whether the statement goes on to tell something of them, before it names another person."""
        text, word = self.text, piece.end
        while word < len(text) and text.same_part(word, piece.start):
            if text.reads(word, "noun", "pronoun", "aside", "speaker", "unknown"):
                return False
            if word in self.numbers or text.reads(word, *_TELLING):
                return True
            word = text.after(word)
        return False

    def _is_emphatic(self, piece: Piece | Named) -> bool:
        """我哥一级残疾，我自己没有: from here on it is about the speaker."""
        return "".join(self.text.words[piece.start : piece.end]) in _MYSELF

    def _is_asked_later(self, named: Named) -> bool:
        """我自己没工作，我要参保."""
        text = self.text
        later = [piece for piece, name in text.having("speaker") if name == "i" and piece.start > named.start]
        return self._is_emphatic(named) and any(
            text.reading(word, "whom") == "enrol" and text.same_part(word, piece.start)
            for piece in later
            for word in (piece.end, text.after(piece.end))
        )

    def _enrols(self, piece: Piece) -> bool:
        """我要参保, 我自己参保."""
        return self.text.word(piece.start + 1) in ("自", "本") and self.text.reads(piece.end, "whom")

    def _is_enrolling(self, named: Piece | Named) -> bool:
        """是我自己参保."""
        text = self.text
        before = text.before(named.start)
        return text.reads(named.end, "whom") and (text.reads(before, "be") or text.word(before) in ("只", "就"))

    # --- words around a noun ---

    def _is_led(self, start: int, *labels: str) -> bool:
        """Whether 给, 和 … stands in front of a noun and what describes it: 给我63岁的老母亲."""
        text, word = self.text, self.text.before(start)
        while word >= 0 and not text.is_boundary(word):
            if text.reads(word, *labels):
                return True
            if "whom" in labels and text.reads(word, "aside") and text.word(word) in _FOR:
                return True  # 给我 before 妈
            if not (self._is_descriptive(word) or text.reads(word, "speaker", "pronoun")):
                return False
            word = text.before(word)
        return False

    def _is_descriptive(self, word: int) -> bool:
        text = self.text
        return (
            text.word(word) in (_OF, "个", "位", "这", "那", "一")
            or any(number.start <= word < number.end for number in self.numbers.values())
            or text.reads(word, "fact", "age_unit", "age_after", "infant", "age_mark", "preschool", "student")
        )

    def _described_before(self, named: Named) -> Iterator[int]:
        """上幼儿园的女儿, 63岁老母亲, but not 妈63爸65."""
        text, word = self.text, named.start - 1
        if not named.noun or word < 0:
            return
        if text.word(word) != _OF and not text.reads(word, "age_unit", "disability", "employment"):
            return
        found: list[int] = []
        while word >= 0 and not text.is_boundary(word) and not text.reads(word, "somebody", "whom"):
            found.append(word)
            word -= 1
        if not text.reads(word, "noun"):
            yield from found

    # --- the one asked for ---

    def _is_rejected(self, piece: Piece) -> bool:
        """不是我女儿，是我儿子."""
        text, word = self.text, self.text.before(piece.start)
        while text.reads(word, "speaker", "whom"):
            word = text.before(word)
        return (
            text.reads(word, "negation")
            and text.word(word + 1) == "是"
            and text.same_part(word, piece.start)
            and (text.is_boundary(piece.end) or text.reads(piece.end, "be") or text.word(piece.end) in _DOING)
        )

    def _is_said_to_enrol(self, piece: Piece | Named) -> bool:
        """要参保的是我爸, 参保的是我自己, 断的是我的."""
        text, before = self.text, self.text.before(piece.start)
        told = False
        while text.reads(before, "speaker", "be", "filler") or text.word(before) == _OF:
            told = told or text.reads(before, "be")
            before = text.before(before)
        said = text.reading(before, "whom") == "enrol" or (told and text.reads(before, "lapsed"))
        return said and text.is_boundary(piece.end + (text.word(piece.end) == _OF))

    def _is_own_matter(self, piece: Piece | Named) -> bool:
        """只办我自己的, 办我妈的医保, but not 带我妈的身份证."""
        text, before = self.text, self.text.before(piece.start)
        while text.reads(before, "speaker"):
            before = text.before(before)
        behind = piece.end + 1
        closes = text.is_boundary(behind) or "".join(text.words[behind : behind + 2]) in _INSURANCES
        return text.word(before) in _ARRANGING and text.word(piece.end) == _OF and closes

    def _is_asked_for(self, named: Named) -> bool:
        """给我妈, 女儿要参保, 参保的是我爸, but not 帮朋友问."""
        text, word = self.text, named.end
        if self._owns_next_noun(named.end) or self._reports(named, named.key):
            return False
        if self._is_led(named.start, "whom"):
            return True
        if self._is_said_to_enrol(named) or self._is_own_matter(named):
            return True
        if named.key == SELF and self._is_asked_later(named):
            return True
        for _ in range(_WITHIN_REQUEST):
            if word >= len(text) or not text.same_part(word, named.start) or text.reads(word, "somebody"):
                return False
            if text.reading(word, "whom") == "enrol":
                return named.key != SELF or self._is_enrolling(named)
            word = text.after(word)
        return False
