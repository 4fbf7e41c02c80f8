"""A message as the passes see it: words, the spans the ruler found, and where statements begin and end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span, Token

from bot.language.pipeline import TABLES
from knowledge.chinese import has_chinese, language_of

_SENTENCE_END = frozenset({".", "!", "?", ";", "…", "。", "？", "！", "；"})
_PART_END = frozenset({",", ":", "(", ")", "[", "]", "–", "—", "=", "，", "、", "：", '"', "“", "”"})
_COMMA = "，"
_NOTHING: Mapping[str, str] = {}
_NO_LABELS: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Piece:
    """A span the ruler found: words ``start`` to ``end`` (exclusive), and what it can be read as (label to id)."""

    start: int
    end: int
    readings: Mapping[str, str]


class Text:
    """Words (lower case, corrected spelling), pieces, and statements.

    ``sentence[i]`` and ``part[i]`` number the sentence and the statement (between commas, "but", ...) of word ``i``.
    A boundary counts as the last word of what it ends. Words outside the text are empty and read as nothing.
    """

    def __init__(self, doc: Doc) -> None:
        tokens = [token for token in doc if not token.is_space or "\n" in token.text]
        self.tables = doc.vocab.lookups.get_table(TABLES)
        self._groups = {name: frozenset(labels) for name, labels in self.tables["groups"].items()}
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        place: dict[int, int] = {}
        is_chinese = language_of(doc.text) == "zh"
        for token in tokens:
            if is_chinese and self.words and _ends_statement(doc, token):
                self._add(_COMMA, self.ends[-1], self.ends[-1])
            place[token.i] = len(self.words)
            self._add(token.norm_.lower(), token.idx, token.idx + len(token.text))
        self.pieces = [_piece(span, place) for span in doc.ents if span.start in place]
        self.pieces = [self._as_clitic(piece) for piece in self.pieces]
        self.at: list[Piece | None] = [None] * len(self.words)
        self._having: dict[str, list[tuple[Piece, str]]] = {}
        for piece in self.pieces:
            self.at[piece.start : piece.end] = [piece] * (piece.end - piece.start)
            for label, name in piece.readings.items():
                self._having.setdefault(label, []).append((piece, name))
        spaced = [start > end for start, end in zip(self.starts, [0, *self.ends], strict=False)]
        self.sentence, self.part = self._statements(spaced)

    def __len__(self) -> int:
        return len(self.words)

    def word(self, number: int) -> str:
        """The word at a place."""
        return self.words[number] if 0 <= number < len(self.words) else ""

    def readings(self, word: int) -> Mapping[str, str]:
        """Label to id: all readings of the piece at a word."""
        piece = self.at[word] if 0 <= word < len(self.words) else None
        return piece.readings if piece else _NOTHING

    def reading(self, word: int, label: str) -> str | None:
        """The id under which a word is read as ``label``."""
        return self.readings(word).get(label)

    def reads(self, word: int, *names: str) -> bool:
        """Whether a word is read as one of the labels, or of the groups of labels."""
        readings = self.readings(word)
        return bool(readings) and any(
            name in readings or not self._groups.get(name, _NO_LABELS).isdisjoint(readings) for name in names
        )

    def having(self, *labels: str) -> Sequence[tuple[Piece, str]]:
        """Every piece read as one of the labels, with its id."""
        return [pair for label in labels for pair in self._having.get(label, ())]

    def after(self, word: int) -> int:
        """The word behind the piece at ``word``, or behind the word itself."""
        piece = self.at[word]
        return piece.end if piece else word + 1

    def before(self, word: int) -> int:
        """The first word of the piece in front of ``word``; -1 at the beginning."""
        if word <= 0:
            return -1
        piece = self.at[word - 1]
        return piece.start if piece else word - 1

    def is_boundary(self, word: int) -> bool:
        """Whether a statement ends at this word; outside the text, always."""
        return not 0 <= word < len(self.words) or self._stops[word]

    def begins_part(self, word: int) -> bool:
        """Whether a statement begins with this word."""
        return word == 0 or self.part[word - 1] != self.part[word] or self._stops[word - 1]

    def same_part(self, one: int, other: int) -> bool:
        """Whether two words stand in one statement."""
        return self.part[one] == self.part[other]

    def same_sentence(self, one: int, other: int) -> bool:
        """Whether two words stand in one sentence."""
        return self.sentence[one] == self.sentence[other]

    def _as_clitic(self, piece: Piece) -> Piece:
        """The "m" of "im" and "i'm" is no man."""
        joined = piece.end - piece.start == 1 and piece.start and self.starts[piece.start] == self.ends[piece.start - 1]
        if not (joined and "be" in piece.readings and self.words[piece.start - 1].isalpha()):
            return piece
        return replace(piece, readings={"be": piece.readings["be"]})

    def _add(self, word: str, start: int, end: int) -> None:
        self.words.append(word)
        self.starts.append(start)
        self.ends.append(end)

    def _statements(self, spaced: list[bool]) -> tuple[list[int], list[int]]:
        sentence, part, sentences, parts = 0, 0, [], []
        self._stops = [False] * len(self.words)
        for number, word in enumerate(self.words):
            piece = self.at[number]
            if piece and "break" in piece.readings and number == piece.start:
                part += 1
            sentences.append(sentence)
            parts.append(part)
            if piece and piece.end - piece.start > 1:
                continue
            ends_sentence = word in _SENTENCE_END or "\n" in word or word.startswith("..")
            divides = not piece and (
                word == "/"
                or (word == "-" and (spaced[number] or "-" in (self.word(number - 1), self.word(number + 1))))
            )
            if ends_sentence or word in _PART_END or divides:
                self._stops[number] = True
                part += 1
                sentence += ends_sentence
        return sentences, parts


def _piece(span: Span, place: Mapping[int, int]) -> Piece:
    readings = dict(reading.split("=", 1) for reading in span.ent_id_.split())
    return Piece(place[span.start], place[span.end - 1] + 1, readings)


def _ends_statement(doc: Doc, token: Token) -> bool:
    """Whether the space before a word stands for a comma, as people type Chinese: 我舅舅五十 参保带什么."""
    before = doc[token.i - 1]
    if not (before.whitespace_ or before.is_space) or token.ent_iob_ == "I":
        return False
    return has_chinese(before.text if not before.is_space else doc[max(token.i - 2, 0)].text) or has_chinese(token.text)
