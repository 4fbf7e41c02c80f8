"""Everything a Chinese message says about persons and laws, as facts; the passes in their order."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Doc

from bot.language.conclusions import attribute
from bot.language.corrections import adopt_numbers, take_back
from bot.language.facts import Fact, Value
from bot.language.places import read_places
from bot.language.text import Text
from bot.language.zh.ages import read_ages, read_births, read_comparisons, read_grades, read_school_grades
from bot.language.zh.laws import read_laws
from bot.language.zh.numerals import read_numbers
from bot.language.zh.persons import find_persons
from bot.language.zh.stance import as_meant

_DIRECT = (
    "household",
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


def read_facts(text: Text) -> list[Fact]:
    """The facts of a message in the order of the text; of contradicting ones only the last valid."""
    numbers = read_numbers(text)
    persons = find_persons(text, numbers)
    laws = list(read_laws(text, numbers))
    grades = [*read_grades(text, numbers), *adopt_numbers(text, numbers, persons)]
    births = list(read_births(text, numbers))
    ages = [*read_ages(text, numbers), *adopt_numbers(text, numbers, persons)]
    take_back(text, ages)
    told = [
        *laws,
        *grades,
        *births,
        *ages,
        *read_comparisons(text, numbers, persons, ages),
        *read_school_grades(text),
        *_statements(text),
        *read_places(text, persons),
    ]
    facts = sorted((fact for fact in told if not fact.rejected), key=lambda fact: (fact.start, fact.end))
    meant = [outcome for fact in facts for outcome in as_meant(text, fact, facts)]
    return attribute(text, numbers, persons, meant)


def yes_or_no(doc: Doc) -> Iterator[tuple[bool, int, int]]:
    """A yes or a no that opens or closes a message as a statement of its own (没有，我家条件还行), with its characters."""
    text = Text(doc)
    for word in dict.fromkeys((0, len(text) - 1)):
        piece = text.at[word]
        if piece is None or not ("affirmation" in piece.readings or "negation" in piece.readings):
            continue
        behind = piece.end
        while text.reads(behind, "filler"):
            behind = text.after(behind)
        if text.begins_part(piece.start) and text.is_boundary(behind):
            yield "affirmation" in piece.readings, text.starts[piece.start], text.ends[piece.end - 1]
            return


def _statements(text: Text) -> Iterator[Fact]:
    """Facts told by spans of the ruler."""
    for label in _DIRECT:
        for piece, name in text.having(label):
            if text.word(piece.end) == "岁":
                continue  # 大三岁 is no third year of university
            yield Fact(label, _TRUTH.get(name, name), piece.start, piece.end)
    for piece, kind in text.having("weak_kind"):
        place = text.before(piece.start)
        word = text.before(place)
        while text.reads(word, "preposition", "filler") and text.same_part(word, piece.start):
            word = text.before(word)
        if text.reads(place, "place") and text.reads(word, "origin", "hukou"):
            yield Fact("household", kind, piece.start, piece.end, weak=True)  # 户口在湖南农村
    for piece, name in text.having("disability_level"):
        yield Fact("disability_level", int(name.rstrip("~")), piece.start, piece.end, hedged=True, weak=True)
    for piece, _ in text.having("disability"):
        yield Fact("disabled", True, piece.start, piece.end)
